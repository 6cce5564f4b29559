"""Repayment schedules (还款计划): what is due on which day, to the cent; and what a plan costs in a year.

Promises that the principal parts add up to the agreed total, that the balance ends at nothing, and that the last row
takes what rounding left over. Amounts are Decimals with the places of the currency, rates are percent a year.
Refuses, with `ScheduleError` and the row's place, what would need a guess: no rows, a row that pays nothing of the
principal, days that do not rise. How long a plan may be is a question of law and not asked here.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import ROUND_DOWN, ROUND_HALF_UP, Decimal
from math import exp, log1p
from typing import Any

from app.months import after_months
from app.wording import PLACES

EQUAL_INSTALMENTS, EQUAL_PRINCIPAL, CUSTOM = METHODS = ("equal_instalments", "equal_principal", "custom")
DAYS_OF_YEAR = 365
MONTHS_OF_YEAR = 12
_CLOSE = 1e-9  # far below a hundredth of a percent
_BEYOND = 1e9  # a thousand million times a year: no rate that anybody agrees to, and a number that still is one


DUE_ON, PRINCIPAL = "due_on", "principal"  # what of a row may be at fault
NO_ROWS, TOO_EARLY, NOT_RISING, TOO_LITTLE, NOTHING, TOO_MUCH = FAULTS = (
    "the plan has no rows",
    "the first row is due before the plan starts",
    "its day is not after that of the row before",
    "the principal does not add up to the total",
    "nothing of the principal is paid",
    "more is paid than is owed",
)


class ScheduleError(ValueError):
    """The plan cannot be carried out: one of `FAULTS`, in the row of this number from 0, at this of its fields."""

    def __init__(self, reason: str, row: int, field: str) -> None:
        super().__init__(reason)
        self.reason, self.row, self.field = reason, row, field


@dataclass(frozen=True)
class Plan:
    """What was agreed: `total` is owed on `starts_on`, and `annual_percent` 0 is free of interest (免息).

    `free` is what of the total bears no interest whatever the rate: damages, fees, old interest (银发〔2016〕111号).
    A custom plan says in `dues` on which days how much of the total is paid; `count` and `first_due_on` follow.
    """

    method: str
    total: Decimal
    starts_on: date
    count: int
    first_due_on: date
    annual_percent: Decimal
    places: int
    dues: tuple[tuple[date, Decimal], ...] = ()
    free: Decimal = Decimal(0)


@dataclass(frozen=True)
class Row:
    """One instalment: `amount` is its principal (of the total, interest-free or not) and its charge together."""

    number: int
    due_on: date
    amount: Decimal
    principal: Decimal
    charge: Decimal
    balance_after: Decimal


def plan_of(said: Mapping[str, Any]) -> Plan:
    """The plan of a loaded fact: days are dates, amounts Decimals; `rows` are taken of a custom plan only."""
    dues: tuple[tuple[date, Decimal], ...] = tuple((row["due_on"], row["principal"]) for row in said.get("rows") or ())
    return Plan(
        method=said["method"],
        total=said["total"],
        starts_on=said["starts_on"],
        count=said["count"],
        first_due_on=said["first_due_on"],
        annual_percent=said["annual_percent"],
        places=PLACES[said["currency"]],
        dues=dues if said["method"] == CUSTOM else (),
        free=said.get("interest_free") or Decimal(0),
    )


def rows(plan: Plan) -> tuple[Row, ...]:
    """The plan, row by row. P is what bears interest: the total less its interest-free part.

    equal_instalments (等额本息)   amount P·i / (1 − (1 + i)^−n), without interest P / n, due month by month
    equal_principal   (等额本金)   principal P / n, due month by month
    custom            (自定)       days and principal as agreed; what bears interest is paid first

    Quotients are rounded down, and the last row pays what is left. The interest-free part of a monthly plan is paid in
    equal parts beside. The charge of a row is the balance that bears interest before it, times the annual rate, times a
    twelfth for a month; times the days, of 365, in a custom plan and before a first row that is not a month after the
    start. It is rounded half up.
    """
    if plan.starts_on >= plan.first_due_on:
        raise ScheduleError(TOO_EARLY, 0, DUE_ON)
    made = _custom(plan) if plan.method == CUSTOM else _monthly(plan)
    if not made:
        raise ScheduleError(NO_ROWS, 0, PRINCIPAL)
    return tuple(made)


def _monthly(plan: Plan) -> list[Row]:
    if plan.count < 1:
        return []
    bearing = plan.total - plan.free
    part, free = _equal_part(plan, bearing), (plan.free / plan.count).quantize(_unit(plan), ROUND_DOWN)
    made: list[Row] = []
    balance = plan.total
    for index in range(plan.count):
        charge = _charge(plan, bearing, _first_days(plan) if index == 0 else None)
        principal = part - charge if plan.method == EQUAL_INSTALMENTS else part
        last = index == plan.count - 1
        if principal < 0:
            raise ScheduleError(NOTHING, index, PRINCIPAL)
        made.append(
            _row(made, after_months(plan.first_due_on, index), balance if last else principal + free, charge, balance)
        )
        bearing, balance = bearing - principal, made[-1].balance_after
    return made


def _equal_part(plan: Plan, bearing: Decimal) -> Decimal:
    """What each row pays of what bears interest: with its charge, or without."""
    rate = plan.annual_percent / (100 * MONTHS_OF_YEAR)
    part = bearing / plan.count
    if plan.method == EQUAL_INSTALMENTS and rate:
        part = bearing * rate / (1 - (1 + rate) ** -plan.count)
    return part.quantize(_unit(plan), ROUND_DOWN)


def _custom(plan: Plan) -> list[Row]:
    made: list[Row] = []
    balance, before = plan.total, plan.starts_on
    for index, (due_on, principal) in enumerate(plan.dues):
        if due_on <= before:
            raise ScheduleError(NOT_RISING, index, DUE_ON)
        charge = _charge(plan, max(balance - plan.free, Decimal(0)), (due_on - before).days)
        made.append(_row(made, due_on, principal, charge, balance))
        balance, before = made[-1].balance_after, due_on
    if made and balance:
        raise ScheduleError(TOO_LITTLE, len(made) - 1, PRINCIPAL)
    return made


def _first_days(plan: Plan) -> int | None:
    """How many days the first row waits; None when they are a month."""
    if plan.first_due_on == after_months(plan.starts_on, 1) or _end_to_end(plan.starts_on, plan.first_due_on):
        return None
    return (plan.first_due_on - plan.starts_on).days


def _end_to_end(start: date, end: date) -> bool:
    """From the last day of a month to the last day of the next."""
    day = timedelta(days=1)
    return (start + day).day == (end + day).day == 1 and after_months(start + day, 1) == end + day


def _charge(plan: Plan, bearing: Decimal, days: int | None) -> Decimal:
    """Interest on that balance for so many days, or for a month. Multiplied first, so that one half stays one half."""
    if days is None:
        charge = bearing * plan.annual_percent / (100 * MONTHS_OF_YEAR)
    else:
        charge = bearing * plan.annual_percent * days / (100 * DAYS_OF_YEAR)
    return charge.quantize(_unit(plan), ROUND_HALF_UP)


def _row(made: Sequence[Row], due_on: date, principal: Decimal, charge: Decimal, balance: Decimal) -> Row:
    if principal <= 0:
        raise ScheduleError(NOTHING, len(made), PRINCIPAL)
    if principal > balance:
        raise ScheduleError(TOO_MUCH, len(made), PRINCIPAL)
    return Row(len(made) + 1, due_on, principal + charge, principal, charge, balance - principal)


def simple_percent(plan: Plan, made: Sequence[Row]) -> Decimal:
    """The annual rate without compounding (年化利率，单利), in percent with two places.

    All charges over the sum of each balance, the interest-free part included, times the years that it was owed.
    """
    owed = Decimal()
    balance, before = plan.total, Decimal()
    for row, at in zip(made, times(plan, made), strict=True):
        owed += balance * (at - before)
        balance, before = row.balance_after, at
    return (100 * sum((row.charge for row in made), Decimal()) / owed).quantize(Decimal("0.01"), ROUND_HALF_UP)


def internal_percent(plan: Plan, made: Sequence[Row], fees: Iterable[tuple[Decimal, Decimal]] = ()) -> Decimal:
    """The internal rate of return a year, with compounding (内部收益率), in percent with two places.

    The rate r at which the sum of amount / (1 + r)^t over all rows is the total, t in years as for the simple rate.
    `fees` are charged beside the plan: after how many years, and how much. The sum falls as r rises, so r is found by
    halving, up to `_BEYOND`; in floats, for no amount depends on it. 中国人民银行公告〔2021〕第3号 names the method for
    annualised rates (依据待核实: the text was not read).
    """
    paid = [*zip(times(plan, made), (row.amount for row in made), strict=True), *fees]
    each = [(float(at), float(amount)) for at, amount in paid]
    total = float(plan.total)
    found = _sought(lambda rate: sum(amount * exp(-at * log1p(rate)) for at, amount in each) > total)
    return Decimal(100 * found).quantize(Decimal("0.01"), ROUND_HALF_UP)


def _sought(too_low: Callable[[float], bool]) -> float:
    low, high = 0.0, 1.0
    while too_low(high) and high < _BEYOND:
        low, high = high, 2 * high
    while high - low > _CLOSE * max(1.0, high):
        middle = (low + high) / 2
        low, high = (middle, high) if too_low(middle) else (low, middle)
    return low


def times(plan: Plan, made: Sequence[Row]) -> tuple[Decimal, ...]:
    """How many years after the start each row is due: by the same days and months as its charge."""
    if plan.method == CUSTOM:
        return tuple(Decimal((row.due_on - plan.starts_on).days) / DAYS_OF_YEAR for row in made)
    days = _first_days(plan)
    first = Decimal(1) / MONTHS_OF_YEAR if days is None else Decimal(days) / DAYS_OF_YEAR
    return tuple(first + Decimal(index) / MONTHS_OF_YEAR for index in range(len(made)))


def _unit(plan: Plan) -> Decimal:
    return Decimal(1).scaleb(-plan.places)
