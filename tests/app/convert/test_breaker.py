"""When it opens, for how long, and what closes it."""

import time

import pytest

from app.convert.breaker import Breaker


def test_it_opens_after_so_many_failures_in_a_row_and_not_before() -> None:
    breaker = Breaker(failures=3)
    seen = []
    for _ in range(3):
        breaker.failed("no")
        seen.append((breaker.open, breaker.pause() > 0))

    assert seen == [(False, False), (False, False), (True, True)]
    assert breaker.reason == "no"


def test_a_success_in_between_starts_the_count_anew() -> None:
    breaker = Breaker(failures=2)
    breaker.failed("no")
    breaker.succeeded()
    breaker.failed("no")

    assert not breaker.open


def test_each_failure_of_a_probe_doubles_the_pause_up_to_the_longest() -> None:
    breaker = Breaker(failures=1, pause=10, longest=35)
    pauses = []
    for _ in range(4):
        breaker.failed("no")
        pauses.append(breaker.pause())

    assert pauses == pytest.approx([10, 20, 35, 35], abs=0.5)


def test_after_the_pause_one_may_be_tried_while_callers_are_still_told_no() -> None:
    breaker = Breaker(failures=1, pause=0.01)
    breaker.failed("no")
    time.sleep(0.02)
    during = (breaker.open, breaker.pause())
    breaker.succeeded()

    assert during == (True, 0.0)
    assert not breaker.open


def test_callers_are_told_to_come_after_the_pause() -> None:
    breaker = Breaker(failures=1, pause=10)
    breaker.failed("no")

    assert 10 <= breaker.retry_after() <= 13
