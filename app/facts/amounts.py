"""Amounts and percentages (金额、百分数): strings on the wire, Decimal inside.

A float has already lost what it was, and a sign, a thousands mark or an exponent would have to be guessed at.
The largest amount is the largest that we prove in capitals: 9,999,999,999.99.
"""

from decimal import Decimal
from typing import Any

from app.facts.fields import Pattern, says


class Number(Pattern):
    """A decimal number as a string; loads as Decimal with the places it was given with."""

    def read(self, value: Any) -> Any:
        return Decimal(super().read(value))

    def _serialize(self, value: Any, *_: Any, **__: Any) -> str | None:
        return None if value is None else f"{value:f}"


class Money(Number):
    """An amount. Its places are those of a currency, which only the fact around it knows."""

    pattern = r"(?:0|[1-9][0-9]{0,9})(?:\.[0-9]{1,4})?"
    default_error_messages = says(
        string="金额应为字符串",
        invalid="金额只能由数字和小数点组成，不带正负号、千位分隔符和指数，且小于一百亿",
    )


class Percent(Number):
    pattern = r"(?:0|[1-9][0-9]{0,2})(?:\.[0-9]{1,6})?"
    default_error_messages = says(string="百分数应为字符串", invalid="百分数只能由数字和小数点组成，且小于一千")


def places(value: Decimal) -> int:
    """The decimal places that a loaded number was given with."""
    exponent = value.as_tuple().exponent
    return -exponent if isinstance(exponent, int) else 0
