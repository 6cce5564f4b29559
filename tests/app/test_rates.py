"""Limits hold over threads and processes, and nobody is let through when the counts are not to be had."""

import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from app.config import ROOT
from app.counts import Counts
from app.errors import ConfigurationError, RateExceeded, StepFailed
from app.rates import DOCUMENTS, FAILURES, READS, Rates, line_of

MOST = {DOCUMENTS: 3, READS: 5, FAILURES: 2}


@pytest.fixture
def path(tmp_path: Path) -> Path:
    if time.time() % 60 > 50:  # counting starts at a full minute; a test must not straddle two
        time.sleep(60 - time.time() % 60)
    return tmp_path / "rates.db"


def passed(rates: Rates, limit: str, whose: str, times: int) -> int:
    """How many of so many were let through."""
    through = 0
    for _ in range(times):
        try:
            rates.spend(limit, whose)
            through += 1
        except RateExceeded:
            pass
    return through


def test_so_many_pass_and_the_next_is_told_when_to_come_again(path: Path) -> None:
    exceeded: list[str] = []
    rates = Rates(path, MOST, exceeded.append)

    assert passed(rates, DOCUMENTS, "bank", 3) == 3
    with pytest.raises(RateExceeded) as refusal:
        rates.spend(DOCUMENTS, "bank")

    assert 1 <= refusal.value.retry_after <= 60
    assert exceeded == [DOCUMENTS]
    assert passed(rates, DOCUMENTS, "another bank", 9) == 3
    assert passed(rates, READS, "bank", 9) == 5


def test_after_a_while_it_begins_again(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    rates = Rates(path, MOST)
    now = 6_000_000_000.0
    monkeypatch.setattr(time, "time", lambda: now)
    assert passed(rates, DOCUMENTS, "bank", 9) == 3

    now += 60  # just behind a full window everything of it still counts, and less and less of it later
    assert passed(rates, DOCUMENTS, "bank", 9) == 0
    now += 30
    assert passed(rates, DOCUMENTS, "bank", 9) == 2
    now += 120
    assert passed(rates, DOCUMENTS, "bank", 9) == 3


def test_what_has_ended_is_forgotten(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    rates = Rates(path, MOST)
    now = 6_000_000_000.0
    monkeypatch.setattr(time, "time", lambda: now)
    for number in range(50):
        passed(rates, READS, f"key {number}", 1)

    now += 121
    passed(rates, READS, "key", 1)

    with sqlite3.connect(path) as connection:
        assert connection.execute("SELECT count(*) FROM counts").fetchone() == (1,)


def test_asking_what_is_left_counts_nothing(path: Path) -> None:
    rates = Rates(path, MOST)
    for _ in range(9):
        rates.require_left(FAILURES, "address")

    assert passed(rates, FAILURES, "address", 9) == 2
    with pytest.raises(RateExceeded):
        rates.require_left(FAILURES, "address")


SPENDING = """
import sys
from pathlib import Path
from app.errors import RateExceeded
from app.rates import Rates
rates = Rates(Path(sys.argv[1]), {"documents": 100, "reads": 1, "failures": 1})
through = 0
for _ in range(80):
    try:
        rates.spend("documents", "bank")
        through += 1
    except RateExceeded:
        pass
print(through)
"""


def test_processes_count_together_and_no_two_are_the_last(path: Path) -> None:
    command = [sys.executable, "-c", SPENDING, str(path)]
    running = [subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) for _ in range(3)]

    assert sum(int(process.communicate()[0]) for process in running) == 100


def gone(path: Path) -> None:
    path.unlink()


def garbage(path: Path) -> None:
    path.write_bytes(b"not a database, and long enough to be looked at" * 100)


def emptied(path: Path) -> None:
    path.write_bytes(b"")


def a_folder(path: Path) -> None:
    path.unlink()
    path.mkdir()


@pytest.mark.parametrize("broken", [gone, garbage, emptied, a_folder])
def test_without_counts_nobody_is_let_through(path: Path, broken: Callable[[Path], None]) -> None:
    rates = Rates(path, MOST)
    rates.spend(READS, "key")
    broken(path)

    for ask in (rates.spend, rates.require_left):
        with pytest.raises(StepFailed) as failure:
            ask(READS, "key")
        assert (failure.value.step, failure.value.status) == ("rates", 503)
    assert path.exists() == (broken is not gone)  # none is made meanwhile


def test_counts_that_somebody_holds_for_long_let_nobody_through(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("app.counts.PATIENCE", 0.05)
    rates = Rates(path, MOST)
    holder = sqlite3.connect(path, isolation_level=None)
    holder.execute("BEGIN EXCLUSIVE")

    with pytest.raises(StepFailed):
        rates.spend(READS, "key")

    holder.execute("ROLLBACK")
    holder.close()
    rates.spend(READS, "key")


@pytest.mark.parametrize("broken", [garbage, a_folder])
def test_what_is_no_store_of_counts_stops_the_start(path: Path, broken: Callable[[Path], None]) -> None:
    path.write_bytes(b"")
    broken(path)

    with pytest.raises(ConfigurationError, match="DULY_WORK"):
        Rates(path, MOST)


def test_the_storage_does_what_its_interface_says(path: Path) -> None:
    counts = Counts(path)
    counts.make()

    assert (counts.incr("a", 60), counts.incr("a", 60, 2), counts.get("a"), counts.get("b")) == (1, 3, 3, 0)
    assert 50 < counts.get_expiry("a") - time.time() <= 60
    counts.clear("a")
    assert counts.get("a") == 0
    assert counts.acquire_sliding_window_entry("c", 2, 60, 3) is False
    assert counts.acquire_sliding_window_entry("c", 2, 60, 2) is True
    assert counts.get_sliding_window("c", 60)[2] == 2
    counts.clear_sliding_window("c", 60)
    assert counts.get_sliding_window("c", 60)[2] == 0
    assert counts.acquire_sliding_window_entry("c", 2, 60) is True
    assert (counts.reset(), counts.check()) == (1, True)


def test_a_network_is_one_caller() -> None:
    assert line_of("192.0.2.7") == "192.0.2.7"
    assert line_of("::ffff:192.0.2.7") == "192.0.2.7"
    assert line_of("2001:db8::1") == line_of("2001:db8::ffff") == "2001:db8::/64"
    assert line_of("2001:db8:0:1::1") != line_of("2001:db8::1")
    assert line_of("") == line_of("王小明") == "-"
