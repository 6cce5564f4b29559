"""Rates (利率): the annualised rate is what the law wants seen; a daily rate may be given beside it and must agree."""

from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from marshmallow import ValidationError

from app.facts.amounts import Percent, places
from app.facts.fact import Fact, rule
from app.facts.fields import Whole

BASES = (360, 365, 366)
LEAST_PLACES = 2  # an annual rate in whole per cent may not hide the rest


class Rates(Fact):
    """利率: 年化利率为单利，等于日利率乘以计息天数."""

    class Meta:
        description = (
            "年化利率为单利。给出日利率的，年化利率等于日利率乘以计息天数，"
            "或者为其四舍五入至年化利率位数（至少两位）的值。"
        )

    annual_percent = Percent("年化利率（单利），百分数", "18.25")
    daily_percent = Percent("日利率，百分数", "0.05", optional=True)
    basis_days = Whole(360, 366, "计息天数：360、365 或者 366", 365, enum=[*BASES])

    @rule("basis_days")
    def basis_is_a_year(self, data: dict[str, Any]) -> None:
        if data["basis_days"] not in BASES:
            raise ValidationError("应为 360、365 或 366", "basis_days")

    @rule("annual_percent", "daily_percent", "basis_days")
    def annual_is_daily_times_basis(self, data: dict[str, Any]) -> None:
        """Equal, or equal when rounded to the places in which the annual rate is given, two at least."""
        annual = data["annual_percent"]
        step = Decimal(1).scaleb(-max(places(annual), LEAST_PLACES))
        if (data["daily_percent"] * data["basis_days"]).quantize(step, ROUND_HALF_UP) != annual:
            raise ValidationError("年化利率不等于日利率乘以计息天数", "annual_percent")
