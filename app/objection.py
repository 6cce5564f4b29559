"""Which way an objection may go (异议): its states, the legal moves between them, who may make them, and why.

One table, as for letters in delivery.py. Whoever reads an objection or a move (app/facts) takes the words from here,
whoever records one (app/registry) the moves. A grievance (投诉) is an objection to the treatment and not to the debt:
its one ground is `conduct`. It is annotated, verified and answered alike, and holds letters back alike.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

RECEIVED, ANNOTATED, VERIFYING = OPEN = ("received", "annotated", "verifying")
UPHELD, PARTLY_UPHELD, REJECTED = DECIDED = ("upheld", "partly_upheld", "rejected")

STATES = {
    RECEIVED: "已收到",
    ANNOTATED: "已备注",  # 《商业银行信用卡业务监督管理办法》第六十九条第二款
    VERIFYING: "核实中",
    UPHELD: "成立",
    PARTLY_UPHELD: "部分成立",
    REJECTED: "不成立",
}

CHANNELS = {
    "phone": "电话",
    "email": "电子邮件",
    "letter": "书面",
    "counter": "营业网点",
    "regulator": "金融监管部门转来",
    "court": "人民法院或者调解组织转来",
    "other": "其他",
}

GROUNDS = {
    "amount_wrong": "金额有误",
    "already_paid": "已经还款",
    "not_mine": "并非本人债务",
    "fraud": "盗刷、冒用",
    "rate_or_fee": "利率、费用",
    "identity_wrong": "身份信息有误",
    "conduct": "催收行为（投诉）",
    "instalment_wanted": "要求协商分期还款",
    "other": "其他",
}

# Why an objection goes to a state: a code for the log, beside the words that are kept encrypted.
_FOUND = {
    "amount_corrected": "更正金额",
    "payment_found": "查到还款",
    "not_the_debtor": "并非本人债务",
    "fraud_confirmed": "确认盗刷、冒用",
    "charge_waived": "减免息费",
    "identity_corrected": "更正身份信息",
    "conduct_found": "确有不当行为",
    "instalment_agreed": "同意协商分期还款",
    "other": "其他",
}
REASONS: Mapping[str, Mapping[str, str]] = {
    ANNOTATED: {"account_annotated": "账户已备注"},
    VERIFYING: {"records_requested": "调取资料", "inquiry_begun": "开始核实"},
    UPHELD: _FOUND,
    PARTLY_UPHELD: _FOUND,
    REJECTED: {
        "amount_confirmed": "金额无误",
        "payment_not_found": "没有查到还款",
        "debt_confirmed": "确为本人债务",
        "charge_agreed": "息费符合约定",
        "identity_confirmed": "身份信息无误",
        "conduct_not_found": "没有发现不当行为",
        "instalment_declined": "未能协商一致",
        "other": "其他",
    },
}

MOVES: Mapping[str, tuple[str, ...]] = {
    RECEIVED: (ANNOTATED,),
    ANNOTATED: (VERIFYING,),
    VERIFYING: DECIDED,
    **dict.fromkeys(DECIDED, ()),
}

# The role that asks for letters only says that the account bears its mark; what is true, the bank's own people decide.
OFFICERS = ("compliance", "counsel")
MAY: Mapping[str, tuple[str, ...]] = {
    ANNOTATED: ("upstream", *OFFICERS),
    VERIFYING: OFFICERS,
    **dict.fromkeys(DECIDED, OFFICERS),
}

# What came in writing is answered in writing; a regulator or a court will ask to see the answer.
IN_WRITING = ("email", "letter", "regulator", "court")
REPLY = "objection_reply"  # the document type that answers


@dataclass(frozen=True)
class Move:
    """One step of an objection. `text` leads to a person and is kept encrypted; `reply` is the answering document."""

    to: str
    reason: str
    text: str
    reply: str | None = None


def fault(state: str, move: Move) -> tuple[str, str] | None:
    """The field at fault and why, when this move is not one of the table's."""
    if move.to not in MOVES[state]:
        return "to", f"异议{STATES[state]}，不能改为{STATES[move.to]}"
    return None


def reply_is_due(channel: str, to: str) -> bool:
    """Whether the decision must be told in writing. What was objected by word of mouth may be upheld the same way."""
    return channel in IN_WRITING or to in (PARTLY_UPHELD, REJECTED)


def repeats(grounds: Collection[str], new_facts: bool, earlier: Iterable[tuple[str, Collection[str]]]) -> bool:
    """Whether an objection says nothing but what was answered before; `earlier` are states and grounds.

    One that was upheld answers nothing that comes again: then the correction itself is in question.
    """
    answered = (known for state, known in earlier if state in (PARTLY_UPHELD, REJECTED))
    return not new_facts and any(set(grounds) <= set(known) for known in answered)


def reference(objection_id: str) -> str:
    """异议登记编号: what is printed of an id. Its last 48 bits are random; in groups no one takes it for a card."""
    tail = objection_id[-12:].upper()
    return "-".join(tail[start : start + 4] for start in range(0, 12, 4))
