"""Agreements (承诺、协议): what is told of one made by word of mouth, of its signing, its moves, and of what was paid.

Promises the form alone. Whether the agreement may move so, whether the default that is told is one by what was agreed,
and whether so much is left to be paid, is for the registry.
"""

from datetime import date
from typing import Any

from marshmallow import ValidationError

from app import schedule
from app.agreement import COPY, MAY, MOVES, PROVEN, REASONS, STATES
from app.facts.amounts import Money
from app.facts.fact import Fact, rule
from app.facts.fields import Choice, Day, Digest, Flag, Identifier, Instant, One, Whole, says
from app.facts.hardship import Recording
from app.facts.moves import DocumentId
from app.facts.numbers import CardNumber
from app.facts.plan import SAMPLE_PLAN, RepaymentPlan
from app.facts.terms import Trigger
from app.facts.text import Words
from app.months import after_months
from app.schedule import plan_of
from app.wording import beijing_day

MOST_YEARS = 5  # 《商业银行信用卡业务监督管理办法》第七十条
MOST_PAGES = 200
_ID = "0197f1d8-2f00-7000-8000-000000000001"

# to -> the reasons that somebody may give for it, whatever the kind of agreement and wherever it comes from
_WHY = {
    to: tuple(dict.fromkeys(why for kind in MOVES.values() for onward in kind.values() for why in onward.get(to, ())))
    for to in MAY
}


class KeptRecording(Recording):
    """口头协议的录音: the file itself stays with the bank."""

    @rule("kept_until_paid_off")
    def it_is_kept_until_paid_off(self, data: dict[str, Any]) -> None:
        if not data["kept_until_paid_off"]:
            law = "《商业银行信用卡业务监督管理办法》第七十条：录音至少保存至欠款结清日"
            raise ValidationError(law, "kept_until_paid_off")


class AgreementTold(Fact):
    """口头达成的个性化分期还款协议."""

    ref = Identifier("上报系统的协议编号，不得重复使用", "AG-2026-000001")
    issuer = Identifier("发卡银行在登记簿中的编号", "demo_bank")
    card_number = CardNumber("卡号", "9998000000000005")
    agreed_at = Instant("达成协议的时间，不晚于当前时间", "2026-11-23T10:00:00+08:00")
    plan = One(RepaymentPlan, "还款计划，首期还款日不早于达成协议之日，最后一期不晚于其后五年")
    default = One(Trigger, "违约的认定")
    recording = One(KeptRecording, "录音")

    @rule("agreed_at", "plan")
    def the_plan_fits_its_day(self, data: dict[str, Any]) -> None:
        try:
            rows = schedule.rows(plan_of(data["plan"]))
        except (KeyError, schedule.ScheduleError):
            return  # the plan's own faults are told
        made_on: date = beijing_day(data["agreed_at"])
        if rows[0].due_on < made_on:
            raise ValidationError({"plan": {"first_due_on": ["早于达成协议之日"]}})
        if rows[-1].due_on > after_months(made_on, 12 * MOST_YEARS):
            law = "最后一期晚于其后五年（《商业银行信用卡业务监督管理办法》第七十条）"
            raise ValidationError({"plan": {"count": [law]}})


class ObjectionId(DocumentId):
    default_error_messages = says(invalid="不是异议 id")


class ExecutedScan(Fact):
    """纸质签署的扫描件: seen and confirmed by a person; the file itself stays with the bank."""

    sha256 = Digest("扫描件的 SHA-256", "ab" * 32)
    pages = Whole(1, MOST_PAGES, "页数，不少于出具的文书，多出的（附件）不超过两页", 3)
    received_by = Identifier("收件人的工号", "E10086")
    received_on = Day("收到之日（北京时间），不早于文书日期，不晚于当日", "2026-11-24")
    confirmed = Flag("已核对各方签字齐全、内容与出具的文书一致，须为 true", example=True)
    amount_disputed = Flag("还款承诺书上是否勾选“有异议”；还款承诺书必填，协议不填", example=False, optional=True)
    objection = ObjectionId("勾选“有异议”的必填：先行登记的该项异议的 id，须为该账户的异议", _ID, optional=True)

    @rule("confirmed")
    def somebody_has_looked(self, data: dict[str, Any]) -> None:
        if not data["confirmed"]:
            raise ValidationError("须核对后确认", "confirmed")


class AgreementMove(Fact):
    """协议进度: to which state, why, and in whose words."""

    to = Choice(MAY, "改为：" + "，".join(f"{to} {STATES[to]}" for to in MAY), "performing")
    reason = Choice(
        dict.fromkeys(why for reasons in _WHY.values() for why in reasons),
        "理由类别。" + "；".join(f"{to}：" + "，".join(f"{why} {REASONS[why]}" for why in _WHY[to]) for to in MAY),
        COPY,
    )
    text = Words(2000, "说明；加密保存", "协议文本已当面交付持卡人。")
    on = Day("发生之日（北京时间），不早于上一步，也不晚于当日；不填的为当日", "2026-11-24", optional=True)
    copy_delivered_on = Day("协议文本交付持卡人之日，不早于签署之日", "2026-11-24", optional=True)
    proof_sha256 = Digest(
        "双方签署的终止协议或者新协议的 SHA-256；双方协商一致终止、另行达成协议的必填，文本留存于发卡银行",
        "ab" * 32,
        optional=True,
    )

    @rule("to", "reason")
    def the_reason_is_one_for_this_move(self, data: dict[str, Any]) -> None:
        if data["reason"] not in _WHY[data["to"]]:
            raise ValidationError({"reason": ["不是此步的理由"]})

    @rule("reason")
    def a_copy_is_delivered_on_a_day(self, data: dict[str, Any]) -> None:
        """合规要求: whoever performs an agreement has it in hand."""
        if data["reason"] == COPY and "copy_delivered_on" in data and data["copy_delivered_on"] is None:
            raise ValidationError({"copy_delivered_on": ["缺少此项"]})
        if data["reason"] != COPY and data.get("copy_delivered_on") is not None:
            raise ValidationError({"copy_delivered_on": ["此步不填此项"]})

    @rule("reason")
    def an_end_by_agreement_is_proven(self, data: dict[str, Any]) -> None:
        """合规要求: one line of text is no agreement, and letters go out again after it."""
        if data["reason"] in PROVEN and "proof_sha256" in data and data["proof_sha256"] is None:
            raise ValidationError({"proof_sha256": ["缺少双方签署的终止协议或者新协议的摘要"]})
        if data["reason"] not in PROVEN and data.get("proof_sha256") is not None:
            raise ValidationError({"proof_sha256": ["此步不填此项"]})


class PaymentTold(Fact):
    """还款."""

    ref = Identifier("上报系统的还款编号，不得重复使用", "PM-2026-000001")
    paid_on = Day("还款日（北京时间），不早于约定之日，不晚于当日", "2026-12-31")
    amount = Money("金额，币种从协议，不超过尚未偿还的金额", "3255.00")


SAMPLE_AGREEMENT_MOVE = {
    "to": "performing",
    "reason": COPY,
    "text": "协议文本已当面交付持卡人。",
    "copy_delivered_on": "2026-11-24",
}
SAMPLE_AGREEMENT: dict[str, Any] = {
    "ref": "AG-2026-000001",
    "issuer": "demo_bank",
    "card_number": "9998000000000005",
    "agreed_at": "2026-11-23T10:00:00+08:00",
    "plan": SAMPLE_PLAN,
    "default": {"missed": 2, "grace_days": 3},
    "recording": {"sha256": "ab" * 32, "kept_until_paid_off": True},
}
