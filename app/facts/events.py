"""Events on an account (账户事件): what other systems tell us, so that the gate knows what happened.

Each kind has its own fields: what it needs must be there, and what it has no use for is refused, so that a slip of the
teller is not taken for knowledge.
"""

from collections.abc import Mapping
from typing import Any

from marshmallow import ValidationError

from app.facts.account import ROLES
from app.facts.fact import Fact, rule
from app.facts.fields import Choice, Day, Digest, Flag, Identifier, Instant, Many
from app.facts.names import Name
from app.facts.numbers import CardNumber
from app.facts.text import Text

CHANNELS = ("letter", "ems", "sms", "email", "call", "visit")
OUTCOMES = ("sent", "arrived", "returned", "unreached", "reached")  # reached: the debtor was spoken to
THIRD_PERSON = "third_person"
AGREEMENT_STATES = ("performing", "defaulted", "ended")
INTERRUPTIONS = ("demand", "promise", "part_payment", "suit", "mediation", "preservation", "set_off")

# kind -> (fields it needs, fields it may have) beyond ref, card_number, kind and at
KINDS: Mapping[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "opened": ((), ()),
    "nothing_new": ((), ()),
    "collection": (
        ("channel", "role", "outcome", "reserved"),
        ("name", "contact", "receipts", "evasion", "compliance_result", "staff_signature"),
    ),
    "payoff": ((), ()),
    "death": ((), ("receipts",)),
    "fraud": ((), ("receipts",)),
    "claim_transfer": ((), ("receipts",)),
    "credit_notice": ((), ("contact", "receipts")),
    "credit_report": ((), ()),
    "agreement": (("agreement",), ("next_due_on",)),
    "interruption": (("means", "receipts"), ()),
    "contact_blocked": (("contact",), ()),
}


class ReceiptEvidence(Fact):
    """送达凭证: what proves it, by its digest; the file itself stays where it is."""

    type = Choice(
        ["recording", "message_record", "mail_receipt", "email_record", "signature", "other"],
        "种类：recording 录音，message_record 信息送达记录，mail_receipt 信函回执，email_record 邮件送达记录，"
        "signature 签字，other 其他",
        "mail_receipt",
    )
    sha256 = Digest("凭证文件的 SHA-256", "0" * 64)
    at = Instant("形成时间", "2026-11-23T10:00:00+08:00")


class AccountEvent(Fact):
    """账户事件."""

    ref = Identifier("上报系统的事件编号，不得重复使用", "EV-2026-000001")
    card_number = CardNumber("卡号", "9998000000000005")
    kind = Choice(
        KINDS,
        "种类：opened 开户，nothing_new 无新情况，collection 催收，payoff 结清，death 持卡人死亡，fraud 盗刷争议，"
        "claim_transfer 债权转让，credit_notice 报送前告知，credit_report 报送不良信息，agreement 分期协议状态，"
        "interruption 时效中断，contact_blocked 联系方式停用",
        "collection",
    )
    at = Instant("发生时间", "2026-11-23T10:00:00+08:00")
    channel = Choice(CHANNELS, "催收方式", "call", optional=True)
    role = Choice([*ROLES, THIRD_PERSON], "被联系人的身份", "cardholder", optional=True)
    name = Name(80, "被联系人的姓名", "赵示范", optional=True)
    contact = Text(200, "联系方式：电话、电子邮箱或者地址", "13800000000", optional=True)
    reserved = Flag("是否为债务人本人预留", example=True, optional=True)
    outcome = Choice(
        OUTCOMES,
        "结果：sent 已发出，arrived 已送达，returned 被退回，unreached 未接通，reached 已与本人通话或者会面",
        "reached",
        optional=True,
    )
    receipts = Many(ReceiptEvidence, 10, "送达凭证", unique="sha256", optional=True)
    evasion = Flag("是否有证据证明故意逃避", example=False, optional=True)
    compliance_result = Identifier("合规检查编号", "QA-000001", optional=True)
    staff_signature = Identifier("银行人员签字编号", "SIG-000001", optional=True)
    agreement = Choice(
        AGREEMENT_STATES, "协议状态：performing 履行中，defaulted 已违约，ended 已终止", "performing", optional=True
    )
    next_due_on = Day("下一期还款日", "2026-12-09", optional=True)
    means = Choice(INTERRUPTIONS, "中断事由", "promise", optional=True)

    @rule("kind")
    def fields_fit_the_kind(self, data: dict[str, Any]) -> None:
        needs, may = KINDS[data["kind"]]
        absent = {name: ["该种事件须填写此项"] for name in needs if data.get(name, "") is None}
        others = {name for _, both in KINDS.items() for part in both for name in part} - {*needs, *may}
        unfit = {name: ["该种事件没有此项"] for name in others if data.get(name) is not None}
        if wrong := absent | unfit:
            raise ValidationError(wrong)


class Events(Fact):
    """一批事件: taken as a whole or not at all."""

    issuer = Identifier("发卡银行在登记簿中的编号", "demo_bank")
    as_of = Instant("截至此时，所列账户的情况已全部上报", "2026-11-23T10:00:00+08:00")
    events = Many(AccountEvent, 500, "事件", unique="ref")

    @rule("as_of", "events")
    def nothing_is_later(self, data: dict[str, Any]) -> None:
        late = {
            index: {"at": ["晚于本批的截至时间"]}
            for index, event in enumerate(data["events"])
            if isinstance(event, Mapping) and event.get("at") and event["at"] > data["as_of"]
        }
        if late:
            raise ValidationError({"events": late})
