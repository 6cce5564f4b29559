"""Debt (欠款明细): what is owed in one currency on one day, and of what it is made up."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from marshmallow import ValidationError

from app.facts.amounts import Money, places
from app.facts.fact import Fact, rule
from app.facts.fields import Choice, Day, Identifier, Many, One, Whole
from app.wording import PLACES

GRACE_DAYS, MOST_GRACE = 3, 90  # as a rule, and at most

COMPONENTS = (
    "principal",
    "interest",
    "penalty_interest",
    "compound_interest",
    "liquidated_damages",
    "fees",
    "unbilled_instalment_principal",
)


class Payment(Fact):
    """还款."""

    paid_on = Day("还款日", "2026-09-12")
    amount = Money("还款金额", "1500.00")


# Charges that may have been booked as fees. Some were abolished, and a rule says from which day on.
CHARGES = ("annual_fee", "cash_fee", "exchange_fee", "instalment_fee", "service_fee", "late_fee", "overlimit_fee")


class Charge(Fact):
    """一笔费用."""

    ref = Identifier("入账编号", "F-000001")
    code = Choice(
        CHARGES,
        "种类：annual_fee 年费，cash_fee 取现手续费，exchange_fee 货币兑换费，instalment_fee 分期手续费，"
        "service_fee 增值服务费，late_fee 滞纳金，overlimit_fee 超限费",
        "annual_fee",
    )
    posted_on = Day("入账日", "2026-09-19")
    amount = Money("金额", "0.00")


class InterestBase(Fact):
    """计息基数."""

    component = Choice(COMPONENTS, "欠款的组成部分", "principal")


class Debt(Fact):
    """欠款明细: the parts must add up to the total we demand, in the places of the currency."""

    class Meta:
        description = (
            "金额的小数位数须与币种一致（如 CNY 两位，JPY 无小数）。各项之和等于合计；最低还款额不大于合计；"
            "账单日早于到期还款日；到期还款日、还款日和费用入账日不晚于欠款计算截止日；还款金额大于零。"
        )

    currency = Choice(PLACES, "币种（ISO 4217）", "CNY")
    principal = Money("本金", "36864.36")
    interest = Money("利息", "1198.09")
    penalty_interest = Money("罚息", "0.00")
    compound_interest = Money("复利", "9.70")
    liquidated_damages = Money("违约金", "184.32")
    fees = Money("费用", "0.00")
    unbilled_instalment_principal = Money("未出账单的分期本金", "0.00")
    total = Money("合计，等于以上各项之和", "38256.47")
    as_of = Day("欠款计算截止日", "2026-11-22")
    billed_on = Day("最早未足额还款账单的账单日", "2026-09-19")
    oldest_unpaid_due_on = Day("最早未足额还款的到期还款日", "2026-10-09")
    grace_days = Whole(0, MOST_GRACE, "宽限期天数", GRACE_DAYS)
    minimum_payment = Money("最低还款额", "3686.44")
    last_payment = One(Payment, "最近一次还款", optional=True)
    charges = Many(Charge, 100, "费用明细，合计等于费用", unique="ref", optional=True)
    interest_on = Many(
        InterestBase, 7, "计收利息的各项基数，不填视为只对本金和分期本金计息", unique="component", optional=True
    )

    @rule("currency")
    def places_are_the_currency_s(self, data: dict[str, Any]) -> None:
        needed = PLACES[data["currency"]]
        message = f"该币种的金额须有 {needed} 位小数" if needed else "该币种的金额没有小数"
        wrong: dict[str, Any] = {
            name: [message]
            for name in (*COMPONENTS, "total", "minimum_payment")
            if name in data and places(data[name]) != needed
        }
        paid = (data.get("last_payment") or {}).get("amount")
        if paid is not None and (places(paid) != needed or not paid):
            wrong["last_payment"] = {"amount": [message if paid else "应大于零"]}
        for index, charge in enumerate(data.get("charges") or ()):
            if "amount" in charge and places(charge["amount"]) != needed:
                wrong.setdefault("charges", {})[index] = {"amount": [message]}
        if wrong:
            raise ValidationError(wrong)

    @rule("charges", "as_of")
    def charged_when_counted(self, data: dict[str, Any]) -> None:
        late = {
            index: {"posted_on": ["入账日晚于欠款计算截止日"]}
            for index, charge in enumerate(data["charges"])
            if charge.get("posted_on") and charge["posted_on"] > data["as_of"]
        }
        if late:
            raise ValidationError({"charges": late})

    @rule("fees", "charges")
    def charges_add_up(self, data: dict[str, Any]) -> None:
        amounts = [charge["amount"] for charge in data["charges"] if isinstance(charge, Mapping) and "amount" in charge]
        if len(amounts) == len(data["charges"]) and sum(amounts, Decimal()) != data["fees"]:
            raise ValidationError("费用明细之和不等于费用", "charges")

    @rule(*COMPONENTS, "total")
    def parts_add_up(self, data: dict[str, Any]) -> None:
        if sum((data[name] for name in COMPONENTS), Decimal()) != data["total"]:
            raise ValidationError("各项之和与合计不一致", "total")

    @rule("minimum_payment", "total")
    def minimum_is_part_of_the_total(self, data: dict[str, Any]) -> None:
        if data["minimum_payment"] > data["total"]:
            raise ValidationError("最低还款额大于合计", "minimum_payment")

    @rule("billed_on", "oldest_unpaid_due_on")
    def billed_before_due(self, data: dict[str, Any]) -> None:
        if data["billed_on"] >= data["oldest_unpaid_due_on"]:
            raise ValidationError("账单日应早于到期还款日", "billed_on")

    @rule("oldest_unpaid_due_on", "as_of")
    def due_when_counted(self, data: dict[str, Any]) -> None:
        if data["oldest_unpaid_due_on"] > data["as_of"]:
            raise ValidationError("到期还款日晚于欠款计算截止日", "oldest_unpaid_due_on")

    @rule("last_payment", "as_of")
    def paid_when_counted(self, data: dict[str, Any]) -> None:
        paid_on = data["last_payment"].get("paid_on")
        if paid_on is not None and paid_on > data["as_of"]:
            raise ValidationError({"last_payment": {"paid_on": ["还款日晚于欠款计算截止日"]}})
