"""Promise (还款承诺): a few payments that one person promises; no agreement, and it binds nobody else."""

from itertools import pairwise
from typing import Any

from marshmallow import ValidationError

from app.facts.amounts import Money, places
from app.facts.fact import Fact, rule
from app.facts.fields import Choice, Day, Many
from app.wording import PLACES

MOST_ROWS = 12


class PromisedPayment(Fact):
    """一笔承诺的还款."""

    due_on = Day("承诺还款日", "2026-12-05")
    amount = Money("金额", "5000.00")


class Promise(Fact):
    """还款承诺: neither day nor amount is left open."""

    class Meta:
        description = "金额的小数位数须与币种一致，且大于零；还款日逐笔递增。"

    currency = Choice(PLACES, "币种（ISO 4217）", "CNY")
    rows = Many(PromisedPayment, MOST_ROWS, "承诺的还款", unique="due_on")

    @rule("currency", "rows")
    def places_are_the_currency_s(self, data: dict[str, Any]) -> None:
        needed = PLACES[data["currency"]]
        message = f"该币种的金额须有 {needed} 位小数" if needed else "该币种的金额没有小数"
        wrong = {
            index: {"amount": [message if row["amount"] else "应大于零"]}
            for index, row in enumerate(data["rows"])
            if "amount" in row and (places(row["amount"]) != needed or not row["amount"])
        }
        if wrong:
            raise ValidationError({"rows": wrong})

    @rule("rows")
    def days_rise(self, data: dict[str, Any]) -> None:
        days = [row.get("due_on") for row in data["rows"]]
        late = {
            index: {"due_on": ["还款日应逐笔递增"]}
            for index, (before, after) in enumerate(pairwise(days), 1)
            if before and after and after <= before
        }
        if late:
            raise ValidationError({"rows": late})
