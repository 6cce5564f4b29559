"""Repayment schedules (还款计划): what is due on which day, to the cent; and what a plan costs in a year.

Promises that the principal parts add up to the agreed total, that the balance ends at nothing, and that the last row
takes what rounding left over. Amounts are Decimals with the places of the currency, rates are percent a year.
Refuses, with `ScheduleError` and the row's place, what would need a guess: no rows, a row that pays nothing of the
principal, days that do not rise. How long a plan may be is a question of law and not asked here.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_DOWN, ROUND_HALF_UP, Decimal
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

    A custom plan says in `dues` on which days how much of the principal is paid; `count` and `first_due_on` follow.
    """

    method: str
    total: Decimal
    starts_on: date
    count: int
    first_due_on: date
    annual_percent: Decimal
    places: int
    dues: tuple[tuple[date, Decimal], ...] = ()


@dataclass(frozen=True)
class Row:
    """One instalment: `amount` is its principal and its charge together."""

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
    )


def rows(plan: Plan) -> tuple[Row, ...]:
    """The plan, row by row.

    equal_instalments (等额本息)   amount P·i / (1 − (1 + i)^−n), without interest P / n, due month by month
    equal_principal   (等额本金)   principal P / n, due month by month
    custom            (自定)       days and principal as agreed

    Both quotients are rounded down, and the last row pays what is left. The charge of a row is the balance before it
    times i, a twelfth of the annual rate, for monthly plans; times the annual rate and the days since the row before,
    of 365, for a custom one. It is rounded half up.
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
    rate = _rate(plan) / MONTHS_OF_YEAR
    part = plan.total / plan.count
    if plan.method == EQUAL_INSTALMENTS and rate:
        part = plan.total * rate / (1 - (1 + rate) ** -plan.count)
    part = part.quantize(_unit(plan), ROUND_DOWN)
    made: list[Row] = []
    balance = plan.total
    for index in range(plan.count):
        charge = _rounded(plan, balance * rate)
        principal = part - charge if plan.method == EQUAL_INSTALMENTS else part
        last = index == plan.count - 1
        made.append(_row(made, after_months(plan.first_due_on, index), balance if last else principal, charge, balance))
        balance = made[-1].balance_after
    return made


def _custom(plan: Plan) -> list[Row]:
    made: list[Row] = []
    balance, before = plan.total, plan.starts_on
    for index, (due_on, principal) in enumerate(plan.dues):
        if due_on <= before:
            raise ScheduleError(NOT_RISING, index, DUE_ON)
        charge = _rounded(plan, balance * _rate(plan) * (due_on - before).days / DAYS_OF_YEAR)
        made.append(_row(made, due_on, principal, charge, balance))
        balance, before = made[-1].balance_after, due_on
    if made and balance:
        raise ScheduleError(TOO_LITTLE, len(made) - 1, PRINCIPAL)
    return made


def _row(made: Sequence[Row], due_on: date, principal: Decimal, charge: Decimal, balance: Decimal) -> Row:
    if principal <= 0:
        raise ScheduleError(NOTHING, len(made), PRINCIPAL)
    if principal > balance:
        raise ScheduleError(TOO_MUCH, len(made), PRINCIPAL)
    return Row(len(made) + 1, due_on, principal + charge, principal, charge, balance - principal)


def simple_percent(plan: Plan, made: Sequence[Row]) -> Decimal:
    """The annual rate without compounding (年化利率，单利), in percent with two places.

    All charges over the sum of each balance times the years it was owed: a twelfth for a month, days of 365 otherwise.
    """
    owed = Decimal()
    balance, before = plan.total, Decimal()
    for row, at in zip(made, _years(plan, made), strict=True):
        owed += balance * (at - before)
        balance, before = row.balance_after, at
    return (100 * sum((row.charge for row in made), Decimal()) / owed).quantize(Decimal("0.01"), ROUND_HALF_UP)


def internal_percent(plan: Plan, made: Sequence[Row], fees: Iterable[tuple[int, Decimal]] = ()) -> Decimal:
    """The internal rate of return a year, with compounding (内部收益率), in percent with two places.

    The rate r at which the sum of amount / (1 + r)^t over all rows is the total, t in years as for the simple rate.
    `fees` are charged beside the plan: with which row, from 0, and how much. The sum falls as r rises, so r is found
    by halving, up to `_BEYOND`; in floats, for no amount depends on it. 中国人民银行公告〔2021〕第3号 names the method
    for annualised rates (依据待核实: the text was not read).
    """
    paid = [row.amount for row in made]
    for row, fee in fees:
        paid[row] += fee
    each = [(float(amount), float(at)) for amount, at in zip(paid, _years(plan, made), strict=True)]
    total = float(plan.total)
    found = _sought(lambda rate: sum(amount / (1 + rate) ** at for amount, at in each) > total)
    return Decimal(100 * found).quantize(Decimal("0.01"), ROUND_HALF_UP)


def _sought(too_low: Callable[[float], bool]) -> float:
    low, high = 0.0, 1.0
    while too_low(high) and high < _BEYOND:
        low, high = high, 2 * high
    while high - low > _CLOSE * max(1.0, high):
        middle = (low + high) / 2
        low, high = (middle, high) if too_low(middle) else (low, middle)
    return low


def _years(plan: Plan, made: Sequence[Row]) -> Iterator[Decimal]:
    """How long after the start each row is due."""
    for row in made:
        if plan.method == CUSTOM:
            yield Decimal((row.due_on - plan.starts_on).days) / DAYS_OF_YEAR
        else:
            yield Decimal(row.number) / MONTHS_OF_YEAR


def _rate(plan: Plan) -> Decimal:
    return plan.annual_percent / 100


def _unit(plan: Plan) -> Decimal:
    return Decimal(1).scaleb(-plan.places)


def _rounded(plan: Plan, value: Decimal) -> Decimal:
    return value.quantize(_unit(plan), ROUND_HALF_UP)
