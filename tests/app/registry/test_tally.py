"""Counting: statement cycles over month ends and leap days, letters that count, calls that count."""

import dataclasses
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.registry import tally
from app.registry.known import Event, Known, Letter
from app.wording import beijing_day

DAYS = st.dates(date(2020, 1, 1), date(2032, 12, 31))
BILLING = st.integers(1, 31)


@pytest.mark.parametrize(
    ("on", "billing_day", "expected"),
    [
        (date(2026, 3, 5), 19, date(2026, 2, 19)),
        (date(2026, 3, 19), 19, date(2026, 3, 19)),
        (date(2026, 3, 18), 19, date(2026, 2, 19)),
        (date(2026, 1, 5), 19, date(2025, 12, 19)),
        (date(2028, 2, 29), 31, date(2028, 2, 29)),
        (date(2028, 3, 1), 31, date(2028, 2, 29)),
        (date(2026, 3, 1), 30, date(2026, 2, 28)),
        (date(2026, 4, 30), 31, date(2026, 4, 30)),
    ],
)
def test_a_cycle_begins_on_the_last_billing_day(on: date, billing_day: int, expected: date) -> None:
    assert tally.cycle_start(on, billing_day) == expected


@given(DAYS, BILLING)
def test_a_cycle_holds_its_day_and_is_about_a_month_long(on: date, billing_day: int) -> None:
    start = tally.cycle_start(on, billing_day)

    assert start <= on
    assert (on - start).days <= 31
    assert tally.cycle_start(start, billing_day) == start
    assert start.day == billing_day or (start + timedelta(days=1)).day == 1


@given(DAYS, BILLING)
def test_days_fall_into_one_cycle_after_the_other(on: date, billing_day: int) -> None:
    today, tomorrow = (tally.cycle_start(on + timedelta(days=days), billing_day) for days in (0, 1))

    assert tomorrow in {today, on + timedelta(days=1)}


def letter(on: date, **more: str) -> Letter:
    said = {"type": "dunning_letter", "tier": "L2", "addressee": "one", "contact": "there", "delivery": "", **more}
    return Letter("id", said["type"], said["tier"], on, said["addressee"], said["contact"], True, said["delivery"])


def call(at: datetime, outcome: str = "reached", party: str = "one", contact: str = "there") -> Event:
    return Event("id", "collection", at, beijing_day(at), "call", "cardholder", party, contact, True, outcome)


@given(st.lists(DAYS, max_size=20), DAYS, BILLING)
def test_letters_of_the_cycle_are_those_between_its_first_day_and_today(
    days: list[date], on: date, billing_day: int
) -> None:
    since = tally.cycle_start(on, billing_day)
    known = Known(letters=tuple(letter(day) for day in days))

    found = tally.letters_since(known, ["dunning_letter"], since, on)

    assert sorted(one.on for one in found) == sorted(day for day in days if since <= day <= on)


def test_a_withdrawn_letter_and_one_of_another_type_do_not_count() -> None:
    on = date(2026, 11, 25)
    known = Known(letters=(letter(on, delivery="withdrawn"), letter(on, type="payment_reminder")))

    assert tally.letters_since(known, ["dunning_letter"], on, on) == []


@given(st.lists(DAYS, max_size=20), DAYS, DAYS)
def test_only_what_came_to_the_debtor_in_these_days_was_received(days: list[date], after: date, on: date) -> None:
    noon = [datetime(day.year, day.month, day.day, 4, tzinfo=UTC) for day in days]
    between = sum(after < day <= on for day in days)
    events = tuple(call(at, outcome) for at in noon for outcome in ("reached", "arrived", "unreached", "returned"))
    letters = tuple(letter(day, delivery=state) for day in days for state in ("delivered", "posted", "returned"))

    assert tally.collections_received(Known(events=events), after, on) == 2 * between
    assert tally.collections_received(Known(letters=letters), after, on) == between
    assert tally.collections_received(Known(letters=tuple(letter(day, tier="") for day in days)), after, on) == 0


def test_a_call_belongs_to_its_beijing_day() -> None:
    late, early = datetime(2026, 11, 24, 15, 59, tzinfo=UTC), datetime(2026, 11, 24, 16, 0, tzinfo=UTC)
    known = Known(events=(call(late), call(early)))

    assert [one.at for one in tally.calls_on(known, date(2026, 11, 24))] == [late]
    assert [one.at for one in tally.calls_on(known, date(2026, 11, 25))] == [early]


@given(st.lists(st.tuples(st.sampled_from(["reached", "unreached"]), st.sampled_from("ab"), st.sampled_from("xyz"))))
def test_effective_calls_count_for_a_person_and_attempts_for_a_number(calls: list[tuple[str, str, str]]) -> None:
    at = datetime(2026, 11, 25, 2, tzinfo=UTC)
    events = [call(at, outcome, party, contact) for outcome, party, contact in calls]

    for party in "ab":
        reached = sum(outcome == "reached" and whom == party for outcome, whom, _ in calls)
        assert tally.effective(events, party, "guarantor") == reached
    assert tally.most_attempts(events) == max((sum(one[2] == number for one in calls) for number in "xyz"), default=0)


def test_a_call_to_nobody_by_name_counts_for_whoever_has_that_role() -> None:
    nameless = call(datetime(2026, 11, 25, 2, tzinfo=UTC), party="")

    assert tally.effective([nameless] * 3, "one", "cardholder") == 3
    assert tally.effective([nameless] * 3, "one", "guarantor") == 0


def test_what_came_to_a_third_person_was_not_received() -> None:
    told = call(datetime(2026, 11, 25, 2, tzinfo=UTC))
    day = date(2026, 11, 25)

    assert tally.collections_received(Known(events=(told,)), day - timedelta(days=1), day) == 1
    other = dataclasses.replace(told, role="third_person")
    assert tally.collections_received(Known(events=(other,)), day - timedelta(days=1), day) == 0
