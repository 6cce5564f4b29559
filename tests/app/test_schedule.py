"""Repayment plans: to the cent, in every row, for any principal, rate, count and day."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import ROUND_DOWN, Decimal
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app import schedule
from app.months import after_months
from app.schedule import CUSTOM, EQUAL_INSTALMENTS, EQUAL_PRINCIPAL, METHODS, Plan, Row, ScheduleError

CENT = Decimal("0.01")
DAYS = st.dates(date(2020, 1, 1), date(2032, 12, 31))


def plan(total: str = "38256.47", count: int = 12, percent: str = "12", method: str = EQUAL_INSTALMENTS) -> Plan:
    return Plan(method, Decimal(total), date(2026, 11, 30), count, date(2026, 12, 31), Decimal(percent), 2)


def drawn_up(*dues: tuple[str, str], percent: str = "0", total: str = "100.00") -> Plan:
    each = tuple((date.fromisoformat(day), Decimal(amount)) for day, amount in dues)
    first = each[0][0] if each else date(2026, 12, 31)
    return replace(plan(total, len(each), percent, CUSTOM), dues=each, first_due_on=first)


PLANS = st.builds(
    lambda method, cents, count, percent, starts_on, ahead, free: Plan(
        method,
        Decimal(cents).scaleb(-2),
        starts_on,
        count,
        starts_on + timedelta(days=ahead),
        percent,
        2,
        free=(Decimal(cents).scaleb(-2) * free / 10).quantize(CENT, ROUND_DOWN),
    ),
    st.sampled_from([EQUAL_INSTALMENTS, EQUAL_PRINCIPAL]),
    st.integers(60_00, 9_999_999_99),
    st.integers(1, 60),
    st.decimals(0, 36, places=4),
    DAYS,
    st.integers(1, 40),
    st.integers(0, 10),
)


def year_of(made: Plan, row: int) -> Decimal:
    """The part of a year that this row's charge is for."""
    return schedule.times(made, schedule.rows(made))[0] if row == 0 else Decimal(1) / 12


@given(PLANS)
def test_every_plan_adds_up_to_the_cent_and_ends_at_nothing(made: Plan) -> None:
    rows = schedule.rows(made)

    assert sum((row.principal for row in rows), Decimal()) == made.total
    assert [row.number for row in rows] == list(range(1, made.count + 1))
    assert [row.due_on for row in rows] == [after_months(made.first_due_on, index) for index in range(made.count)]
    balances = [made.total, *(row.balance_after for row in rows)]
    assert balances[-1] == 0
    free = (made.free / made.count).quantize(CENT, ROUND_DOWN)
    for index, (row, (before, after)) in enumerate(zip(rows, pairwise(balances), strict=True)):
        bearing = before - (made.free - index * free)
        assert row.amount == row.principal + row.charge
        assert row.principal > 0
        assert after == before - row.principal
        assert abs(row.charge - bearing * made.annual_percent * year_of(made, index) / 100) <= CENT / 2
        assert row.amount == row.amount.quantize(CENT)


@given(PLANS)
def test_all_rows_but_the_last_are_equal_and_the_last_takes_what_rounding_left(made: Plan) -> None:
    rows = schedule.rows(made)
    equal = [row.amount if made.method == EQUAL_INSTALMENTS else row.principal for row in rows]

    assert len(set(equal[:-1])) <= 1
    if made.method == EQUAL_PRINCIPAL and made.count > 1:
        parts = (made.total - made.free, made.free)
        assert equal[0] == sum((part / made.count).quantize(CENT, ROUND_DOWN) for part in parts)
        assert equal[0] <= equal[-1] < equal[0] + 2 * made.count * CENT


@given(PLANS)
def test_a_year_costs_the_agreed_rate_on_what_bears_interest_and_compounded_no_less(made: Plan) -> None:
    rows = schedule.rows(made)
    simple, internal = schedule.simple_percent(made, rows), schedule.internal_percent(made, rows)

    # Half a cent in each row, on what is owed for as long.
    at = schedule.times(made, rows)
    owed = sum((row.balance_after for row in rows[:-1]), Decimal()) / 12 + made.total * at[0]
    slack = Decimal("0.01") + 100 * CENT * made.count / owed
    assert simple <= made.annual_percent + slack
    assert made.free or abs(simple - made.annual_percent) <= slack
    # Compounding counts within a year; over less than one, a simple rate is no higher than what compounds to it.
    assert internal >= simple - slack
    assert (not simple and not internal) or made.annual_percent > 0


def test_a_first_row_that_is_not_a_month_away_bears_interest_by_the_day() -> None:
    """1,141.87 for one day would be more than a thousand percent a year."""
    tomorrow = replace(plan("38062.45", count=1, percent="36"), first_due_on=date(2026, 12, 1))
    [row] = schedule.rows(tomorrow)

    assert row.charge == Decimal("37.54")  # 38,062.45 at 36 % for one day of 365
    assert schedule.internal_percent(tomorrow, [row]) == Decimal("43.31")


def test_what_bears_no_interest_is_paid_in_equal_parts_beside() -> None:
    made = replace(plan("1300.00", method=EQUAL_PRINCIPAL), free=Decimal("100.00"))
    first, *_, last = schedule.rows(made)

    assert (first.principal, first.charge) == (Decimal("108.33"), Decimal("12.00"))
    assert (last.principal, last.charge, last.balance_after) == (Decimal("108.37"), Decimal("1.00"), Decimal("0.00"))
    nothing = replace(plan("100.00", count=2), free=Decimal("100.00"))
    assert [row.charge for row in schedule.rows(nothing)] == [0, 0]


def test_exactly_half_a_cent_is_rounded_up() -> None:
    [row] = schedule.rows(replace(plan("52254.00", count=1, percent="13"), starts_on=date(2026, 11, 30)))

    assert row.charge == Decimal("566.09")  # 566.085


def test_fees_that_nobody_would_agree_to_are_still_a_number() -> None:
    made = plan("1.00", count=1)
    assert schedule.internal_percent(made, schedule.rows(made), [(Decimal("0.1"), Decimal("9999999999.99"))]) > 10**9


def test_a_plan_that_a_bank_s_calculator_gives() -> None:
    """10,000 at 12 % over a year: 888.49 a month, as any loan table has it (888.487887 rounded down)."""
    first, *_, last = schedule.rows(plan("10000.00"))

    assert (first.amount, first.principal, first.charge) == (Decimal("888.48"), Decimal("788.48"), Decimal("100.00"))
    # Twelve times what was rounded down, 0.0079, and its interest: a tenth more in the last.
    assert (last.amount, last.charge, last.balance_after) == (Decimal("888.58"), Decimal("8.80"), Decimal("0.00"))
    assert schedule.internal_percent(plan("10000.00"), schedule.rows(plan("10000.00"))) == Decimal("12.68")


def test_equal_principal_falls_with_the_balance() -> None:
    rows = schedule.rows(plan("1200.00", method=EQUAL_PRINCIPAL))

    assert [row.charge for row in rows[:3]] == [Decimal("12.00"), Decimal("11.00"), Decimal("10.00")]
    assert {row.principal for row in rows} == {Decimal("100.00")}


def test_the_last_day_of_a_month_stays_the_last() -> None:
    days = [row.due_on for row in schedule.rows(plan(count=4))]

    assert days == [date(2026, 12, 31), date(2027, 1, 31), date(2027, 2, 28), date(2027, 3, 31)]


def test_a_plan_in_yen_has_no_cents() -> None:
    rows = schedule.rows(replace(plan("100000"), places=0))

    assert all(row.amount == row.amount.to_integral_value() for row in rows)
    assert sum(row.principal for row in rows) == 100000


def test_a_plan_drawn_up_by_the_parties_bears_interest_by_the_day() -> None:
    made = drawn_up(("2026-12-15", "40.00"), ("2027-11-30", "60.00"), percent="36.5")
    first, second = schedule.rows(made)

    assert (first.charge, first.balance_after) == (Decimal("1.50"), Decimal("60.00"))  # 15 days on 100.00
    assert (second.charge, second.balance_after) == (Decimal("21.00"), Decimal("0.00"))  # 350 days on 60.00
    assert schedule.simple_percent(made, (first, second)) == Decimal("36.50")
    free = drawn_up(("2027-11-30", "100.00"))
    assert schedule.simple_percent(free, schedule.rows(free)) == 0


@pytest.mark.parametrize(
    ("made", "reason", "row", "field"),
    [
        (plan(count=0), schedule.NO_ROWS, 0, "principal"),
        (drawn_up(), schedule.NO_ROWS, 0, "principal"),
        (plan("0.59", 60, "0"), schedule.NOTHING, 0, "principal"),
        (replace(plan(), first_due_on=date(2026, 11, 30)), schedule.TOO_EARLY, 0, "due_on"),
        (drawn_up(("2026-12-15", "40.00"), ("2026-12-15", "60.00")), schedule.NOT_RISING, 1, "due_on"),
        (drawn_up(("2026-12-15", "40.00"), ("2026-12-14", "60.00")), schedule.NOT_RISING, 1, "due_on"),
        (drawn_up(("2026-12-15", "40.00"), ("2027-12-15", "59.99")), schedule.TOO_LITTLE, 1, "principal"),
        (drawn_up(("2026-12-15", "40.00"), ("2027-12-15", "60.01")), schedule.TOO_MUCH, 1, "principal"),
        (drawn_up(("2026-12-15", "0.00"), ("2027-12-15", "100.00")), schedule.NOTHING, 0, "principal"),
    ],
)
def test_a_plan_that_cannot_be_carried_out_is_refused_with_its_row(
    made: Plan, reason: str, row: int, field: str
) -> None:
    with pytest.raises(ScheduleError) as refusal:
        schedule.rows(made)

    assert (refusal.value.reason, refusal.value.row, refusal.value.field) == (reason, row, field)


def test_what_would_never_pay_off_is_refused() -> None:
    """A year's interest above what a row pays: the instalment formula never lets it, the rounding of tiny sums may."""
    with pytest.raises(ScheduleError):
        schedule.rows(plan("0.60", 60, "36"))


def test_the_methods_are_those_three() -> None:
    assert set(METHODS) == {"equal_instalments", "equal_principal", "custom"}
    assert Row.__match_args__[0] == "number"
