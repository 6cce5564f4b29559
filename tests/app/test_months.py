"""Months as contracts count them, over ends of months and leap days."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.months import after_months, in_month

DAYS = st.dates(date(2020, 1, 1), date(2032, 12, 31))


@pytest.mark.parametrize(
    ("day", "months", "expected"),
    [
        (date(2026, 1, 31), 1, date(2026, 2, 28)),
        (date(2028, 1, 31), 1, date(2028, 2, 29)),
        (date(2028, 2, 29), 12, date(2029, 2, 28)),
        (date(2026, 11, 30), 3, date(2027, 2, 28)),
        (date(2026, 8, 31), -6, date(2026, 2, 28)),
        (date(2026, 1, 15), -1, date(2025, 12, 15)),
    ],
)
def test_the_end_of_a_month_stands_for_the_days_it_does_not_have(day: date, months: int, expected: date) -> None:
    assert after_months(day, months) == expected


@given(DAYS, st.integers(-120, 120))
def test_months_are_added_to_the_same_day_or_the_last_of_the_month(day: date, months: int) -> None:
    after = after_months(day, months)

    assert (after.year * 12 + after.month) - (day.year * 12 + day.month) == months
    assert after.day == day.day or (after + timedelta(days=1)).day == 1


@given(st.integers(2000, 2100), st.integers(1, 12), st.integers(1, 31))
def test_a_day_of_a_month_is_in_it(year: int, month: int, day: int) -> None:
    found = in_month(year, month, day)

    assert (found.year, found.month) == (year, month)
    assert found.day == day or (found + timedelta(days=1)).day == 1
