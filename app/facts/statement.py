"""Statement (本期账单): what falls due in one currency, and on which day."""

from typing import Any

from marshmallow import ValidationError

from app.facts.amounts import Money, places
from app.facts.fact import Fact, rule
from app.facts.fields import Choice, Day
from app.wording import PLACES

AMOUNTS = ("statement_balance", "minimum_payment")


class Statement(Fact):
    """本期账单: both amounts are above zero, in the places of the currency, and the minimum is within the balance."""

    currency = Choice(PLACES, "币种（ISO 4217）", "CNY")
    billed_on = Day("账单日", "2026-11-09")
    due_on = Day("到期还款日", "2026-11-29")
    statement_balance = Money("本期应还款额", "12680.35")
    minimum_payment = Money("最低还款额", "1268.04")

    @rule("currency")
    def places_are_the_currency_s(self, data: dict[str, Any]) -> None:
        needed = PLACES[data["currency"]]
        message = f"该币种的金额须有 {needed} 位小数" if needed else "该币种的金额没有小数"
        wrong = {name: [message] for name in AMOUNTS if name in data and places(data[name]) != needed}
        if wrong:
            raise ValidationError(wrong)

    @rule()
    def something_is_due(self, data: dict[str, Any]) -> None:
        nothing = {name: ["应大于零"] for name in AMOUNTS if name in data and not data[name]}
        if nothing:
            raise ValidationError(nothing)

    @rule(*AMOUNTS)
    def minimum_is_part_of_the_balance(self, data: dict[str, Any]) -> None:
        if data["minimum_payment"] > data["statement_balance"]:
            raise ValidationError("最低还款额大于本期应还款额", "minimum_payment")

    @rule("billed_on", "due_on")
    def billed_before_due(self, data: dict[str, Any]) -> None:
        if data["billed_on"] >= data["due_on"]:
            raise ValidationError("账单日应早于到期还款日", "billed_on")
