"""Which way a released letter may go (投递): its states, the legal moves between them, and what each move must say.

One table. Whoever reads a move (app/facts) takes the words from here, whoever records one (app/registry) the moves.
"""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import date

NONE = "none"  # before the first move

STATES = {
    "printed": "已打印",
    "posted": "已交寄",
    "delivered": "已签收",
    "returned": "已退回",
    "withdrawn": "已撤回",
}

RETURNED = {
    "moved": "迁移新址不明",
    "unknown": "查无此人",
    "address_incomplete": "地址不详",
    "refused": "拒收",
    "unclaimed": "逾期未领",
    "not_me": "收到的人声明并非本人债务",
    "other": "其他",
}

WITHDRAWN = {
    "payoff": "已结清",
    "death": "持卡人死亡",
    "fraud": "涉嫌冒用",
    "claim_transfer": "债权已转让",
    "agreement": "正在履行分期还款协议",
    "error": "出具有误",
}

# The rules on limitation of actions, article 8, know the addressee, an adult relative of the same household and an
# authorised agent. A colleague is none of them, and handing a debt letter to one would tell a third person of the debt.
SIGNERS = {
    "addressee": "收件人本人",
    "cohabiting_adult_relative": "同住的成年亲属",
    "authorised_agent": "收件人授权的代收人",
}

# From -> to -> the reasons that it may have. A letter that somebody signed for can still come back, but neither
# refused nor unclaimed; what lies with the post can no longer be withdrawn.
MOVES: Mapping[str, Mapping[str, frozenset[str]]] = {
    NONE: {"printed": frozenset(), "posted": frozenset(), "withdrawn": frozenset(WITHDRAWN)},
    "printed": {"posted": frozenset(), "withdrawn": frozenset(WITHDRAWN)},
    "posted": {"delivered": frozenset(), "returned": frozenset(RETURNED)},
    "delivered": {"returned": frozenset(("moved", "unknown", "not_me"))},
    "returned": {},
    "withdrawn": {},
}

# What a move to this state must say; it may say nothing else.
SAYS: Mapping[str, tuple[str, ...]] = {
    "printed": (),
    "posted": ("tracking_number",),
    "delivered": ("signer_role", "receipt_sha256"),
    "returned": ("reason",),
    "withdrawn": ("reason",),
}

UNPOSTED = (NONE, "printed")


@dataclass(frozen=True)
class Move:
    """One step of a letter on a day. Of what it says, only the reason is no secret."""

    to: str
    on: date
    reason: str | None = None
    tracking_number: str | None = None
    signer_role: str | None = None
    receipt_sha256: str | None = None

    @property
    def details(self) -> dict[str, str]:
        """What is kept encrypted: it leads to a person."""
        said = {name: getattr(self, name) for name in DETAILS}
        return {name: value for name, value in said.items() if value is not None}


DETAILS = ("tracking_number", "signer_role", "receipt_sha256")
FIELDS = tuple(field.name for field in fields(Move))


def fault(state: str, move: Move) -> tuple[str, str] | None:
    """The field at fault and why, when this move is not one of the table's."""
    onward = MOVES[state]
    if move.to not in onward:
        now = STATES.get(state, "尚未打印")
        return "to", f"文书{now}，不能改为{STATES[move.to]}"
    if onward[move.to] and move.reason not in onward[move.to]:
        return "reason", f"文书{STATES.get(state, '尚未打印')}，不能以此原因改为{STATES[move.to]}"
    return None
