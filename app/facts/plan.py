"""Plan (还款计划): what was agreed about repayment, and its rows, which are computed here and never taken on trust."""

from dataclasses import asdict
from typing import Any

from marshmallow import ValidationError

from app import schedule
from app.facts.amounts import Money, Percent, places
from app.facts.fact import Fact, rule
from app.facts.fields import Choice, Day, Many, Whole
from app.schedule import CUSTOM, METHODS, Row, ScheduleError, plan_of
from app.wording import PLACES

MOST = 60  # rows: five years of months
_AMOUNTS = ("amount", "principal", "charge", "balance_after")
_SAID = {
    schedule.NO_ROWS: "计划没有还款期次",
    schedule.TOO_EARLY: "首期还款日应晚于计息起始日",
    schedule.NOT_RISING: "还款日应逐期递增，且晚于计息起始日",
    schedule.TOO_LITTLE: "各期欠款之和与总额不一致",
    schedule.NOTHING: "有一期没有偿还欠款",
    schedule.TOO_MUCH: "偿还的金额超过剩余欠款",
}
# What a row that was computed follows from.
_FROM = {schedule.DUE_ON: "first_due_on", schedule.PRINCIPAL: "count"}
SAMPLE_PLAN: dict[str, Any] = {
    "currency": "CNY",
    "total": "38256.47",
    "method": "equal_instalments",
    "starts_on": "2026-11-30",
    "first_due_on": "2026-12-31",
    "count": 12,
    "annual_percent": "12",
}


class Instalment(Fact):
    """一期还款. A plan that is no custom one needs none; sent all the same, every cent must be as computed."""

    due_on = Day("还款日", "2026-12-31")
    amount = Money("还款金额，等于其中欠款与利息之和", "3255.00", optional=True)
    principal = Money("其中欠款", "3188.04")
    charge = Money("其中利息", "66.96", optional=True)
    balance_after = Money("还款后的剩余欠款", "35068.43", optional=True)


class RepaymentPlan(Fact):
    """还款计划."""

    class Meta:
        description = (
            "金额的小数位数须与币种一致。自定计划（custom）须填各期的还款日和其中欠款，首期还款日和期数从之；其他计划的各期由服务计算，"
            "填写的须与计算结果分毫不差。"
        )

    currency = Choice(PLACES, "币种（ISO 4217）", "CNY")
    total = Money("约定偿还的总额，不计息的部分在内", "38256.47")
    interest_free = Money("总额中不计收利息的部分（利息、违约金、费用等），没有的不填", "1198.09", optional=True)
    method = Choice(
        METHODS, "方式：equal_instalments 等额本息，equal_principal 等额本金，custom 自定", "equal_instalments"
    )
    starts_on = Day("计息起始日", "2026-11-30")
    first_due_on = Day("首期还款日", "2026-12-31")
    count = Whole(1, MOST, "期数", 12)
    annual_percent = Percent("年化利率（单利），免息为 0", "0")
    rows = Many(Instalment, MOST, "各期还款", unique="due_on", optional=True)

    @rule("currency")
    def places_are_the_currency_s(self, data: dict[str, Any]) -> None:
        needed = PLACES[data["currency"]]
        message = [f"该币种的金额须有 {needed} 位小数" if needed else "该币种的金额没有小数"]
        wrong: dict[str, Any] = {}
        for name in ("total", "interest_free"):
            if data.get(name) is not None and places(data[name]) != needed:
                wrong[name] = message
        for index, row in enumerate(data.get("rows") or ()):
            faults = {name: message for name in _AMOUNTS if row.get(name) is not None and places(row[name]) != needed}
            if faults:
                wrong.setdefault("rows", {})[index] = faults
        if wrong:
            raise ValidationError(wrong)

    @rule("currency", "total", "method", "starts_on", "first_due_on", "count", "annual_percent")
    def it_can_be_computed_and_says_what_is_computed(self, data: dict[str, Any]) -> None:
        said = data.get("rows") or ()
        if not data["total"]:
            raise ValidationError("应大于零", "total")
        if (data.get("interest_free") or 0) > data["total"]:
            raise ValidationError("大于总额", "interest_free")
        if any("due_on" not in row or "principal" not in row for row in said):
            return  # the row's own fault is told
        if data["method"] == CUSTOM and not said:
            raise ValidationError("自定计划须填写各期", "rows")
        if said and (len(said) != data["count"] or said[0]["due_on"] != data["first_due_on"]):
            name = "count" if len(said) != data["count"] else "first_due_on"
            raise ValidationError("与各期不一致", name)
        try:
            computed = schedule.rows(plan_of(data))
        except ScheduleError as error:
            message = [_SAID[error.reason]]
            at = {"rows": {error.row: {error.field: message}}} if said else {_FROM[error.field]: message}
            raise ValidationError(at) from error
        if wrong := _differing(said, computed):
            raise ValidationError({"rows": wrong})


def _differing(said: Any, computed: tuple[Row, ...]) -> dict[int, Any]:
    faults: dict[int, Any] = {}
    for index, (row, own) in enumerate(zip(said, computed, strict=True)) if said else ():
        expected = asdict(own)
        names = [name for name in ("due_on", *_AMOUNTS) if row.get(name) is not None and row[name] != expected[name]]
        if names:
            faults[index] = {name: ["与计算结果不一致"] for name in names}
    return faults
