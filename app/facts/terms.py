"""Terms (协议条款): what an instalment agreement says beside its plan, who signs it, and how it was explained.

What every such agreement says alike stands in the template and in disclosures.yaml; here is what differs.
"""

from typing import Any

from marshmallow import ValidationError

from app.clauses import COURTS, EXPLAINED, OTHER_FEES, listed
from app.facts.amounts import Money
from app.facts.fact import Fact, rule
from app.facts.fields import Choice, Day, Digest, Email, Flag, Identifier, One, Postcode, Reference, Whole
from app.facts.names import Place
from app.facts.numbers import Phone

MOST_MISSED, MOST_GRACE = 6, 30  # 本行政策


class Signer(Fact):
    """签字人: besides the issuer."""

    party = Reference("当事人编号，须为对本账户承担还款责任的人", "p1")


class Fee(Fact):
    """还款期间的一项费用: charged or not; what is charged has its amount."""

    charged = Flag("是否收取", example=False)
    amount = Money("金额，币种与还款计划相同；不收取的不填", "0.00", optional=True)

    @rule("charged")
    def what_is_charged_has_its_amount(self, data: dict[str, Any]) -> None:
        given = data.get("amount", "")
        if data["charged"] and (given is None or given == 0):
            raise ValidationError("收取的须填写大于零的金额", "amount")
        if not data["charged"] and given not in {None, ""}:
            raise ValidationError("不收取的没有此项", "amount")


class OtherFee(Fee):
    """其他费用."""

    kind = Choice(OTHER_FEES, f"费用名称：{listed(OTHER_FEES)}；不收取的不填", "value_added", optional=True)

    @rule("charged")
    def what_is_charged_has_its_name(self, data: dict[str, Any]) -> None:
        if data["charged"] and data.get("kind", "") is None:
            raise ValidationError("收取的须填写名称", "kind")
        if not data["charged"] and data.get("kind") is not None:
            raise ValidationError("不收取的没有此项", "kind")


class Trigger(Fact):
    """违约的认定: so many instalments not paid in full, each after its days of grace."""

    missed = Whole(1, MOST_MISSED, "未足额偿还的期数", 2)
    grace_days = Whole(0, MOST_GRACE, "每期还款日后的宽限天数", 5)


class Terms(Fact):
    """协议条款."""

    waived = Money("减免金额，没有减免的为 0.00", "0.00")
    annual_fee = One(Fee, "年费，金额为每年")
    other_fees = One(OtherFee, "其他费用，一次收取")
    default = One(Trigger, "违约的认定")
    court = Choice(COURTS, f"约定管辖：{listed(COURTS)}", "cardholder")


class Explanation(Fact):
    """重要条款的说明: a tick is no proof that a heavy term was explained (合同编通则解释第十条)."""

    explained_on = Day("说明之日", "2026-11-22")
    means = Choice(EXPLAINED, f"方式：{listed(EXPLAINED)}", "handwritten")
    officer = Identifier("说明人员工号", "E10010")
    evidence_sha256 = Digest("说明记录（抄写件、签注件、音视频）的 SHA-256", "0" * 64)


class AgreedAddress(Fact):
    """约定的送达地址."""

    class Meta:
        description = "电子邮箱不填的，协议只约定邮寄和电话通知。"

    province = Place(30, "省、自治区、直辖市", "示范省")
    city = Place(30, "市", "示范市")
    district = Place(30, "区、县", "样例区")
    line = Place(120, "街道、门牌", "虚构路7号3幢2单元501室")
    postcode = Postcode("邮政编码", "999000")
    phone = Phone("电话", "13800000000")
    email = Email("电子邮箱", "sample@example.com", optional=True)
