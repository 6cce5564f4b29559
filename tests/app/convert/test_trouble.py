"""LibreOffice frozen, killed, growing, missing; documents that kill it. What the caller sees, and what comes after."""

import os
import signal
import threading
import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from app.convert import Observer, Pool, office, slot
from app.convert.lifetime import AGE, DIED, DOCUMENTS, FAILED, MEMORY, UNWELL, Limits
from app.convert.office import OfficeFailed
from app.convert.quarantine import Quarantine
from app.errors import StepFailed
from tests.app.convert.conftest import SOFFICE, members, rendered, soffice_of, text, wait_for, word, worker_of

pytestmark = pytest.mark.office


@dataclass
class Counting(Observer):
    """All that an observer is told."""

    waits: list[float] = field(default_factory=list)
    starts: list[float] = field(default_factory=list)
    conversions: list[float] = field(default_factory=list)
    restarts: Counter[str] = field(default_factory=Counter)

    def waited(self, seconds: float) -> None:
        self.waits.append(seconds)

    def started(self, seconds: float) -> None:
        self.starts.append(seconds)

    def converted(self, seconds: float) -> None:
        self.conversions.append(seconds)

    def restarted(self, reason: str) -> None:
        self.restarts[reason] += 1


@pytest.fixture
def poisonable(monkeypatch: pytest.MonkeyPatch) -> None:
    """毒 in a document ends LibreOffice, 停 hangs it, 留 stays open."""
    monkeypatch.setattr(office, "WORKER", Path(__file__).with_name("poisoned_worker.py"))


def folder_for(path: Path) -> Path:
    path.mkdir(exist_ok=True)
    return path


def convert(pool: Pool, folder: Path, wording: str = "甲") -> str:
    """The text that comes out."""
    return text(pool.convert(rendered(folder_for(folder), letter=word(wording)), folder).parts[0].file.path)


def refused(pool: Pool, folder: Path, wording: str) -> StepFailed:
    with pytest.raises(StepFailed) as failure:
        convert(pool, folder, wording)
    assert not (folder / "letter.pdf").exists()
    return failure.value


def test_a_frozen_libreoffice_is_killed_at_the_deadline_and_the_next_call_works(
    new_pool: Callable[..., Pool], tmp_path: Path
) -> None:
    pool = new_pool(deadline=6)
    letter = rendered(tmp_path, letter=word("甲"))
    group = worker_of(pool)
    os.kill(soffice_of(pool), signal.SIGSTOP)
    began = time.monotonic()

    with pytest.raises(StepFailed, match="in time") as failure:
        pool.convert(letter, tmp_path)

    assert 6 <= time.monotonic() - began < 9
    assert failure.value.status == 503
    assert not (tmp_path / "letter.pdf").exists()
    wait_for(lambda: not members(group), 2)
    assert pool.convert(letter, tmp_path).parts
    wait_for(pool.ready)


def test_a_libreoffice_killed_at_work_costs_nothing_but_time_another_makes_the_letter(
    new_pool: Callable[..., Pool], tmp_path: Path
) -> None:
    seen = Counting()
    pool = new_pool(observer=seen)
    first = worker_of(pool)
    soffice = soffice_of(pool)
    os.kill(soffice, signal.SIGSTOP)  # holds it in the middle of the work
    began = time.monotonic()
    threading.Timer(0.5, os.kill, [soffice, signal.SIGKILL]).start()

    assert convert(pool, tmp_path) == "甲"
    assert 0.5 < time.monotonic() - began < 10
    assert worker_of(pool) != first
    assert seen.restarts == {FAILED: 1}
    assert list((tmp_path / "office" / "quarantine").iterdir()) == [tmp_path / "office" / "quarantine" / "key"]


def test_a_libreoffice_frozen_while_idle_is_found_out_before_it_gets_work(
    new_pool: Callable[..., Pool], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(slot, "soon", lambda: time.monotonic() + 1)
    seen = Counting()
    pool = new_pool(limits=Limits(idle=0), observer=seen)
    os.kill(soffice_of(pool), signal.SIGSTOP)

    assert convert(pool, tmp_path) == "甲"
    assert seen.restarts == {UNWELL: 1}


def test_a_libreoffice_that_cannot_convert_gets_no_work_however_alive_it_is(
    new_pool: Callable[..., Pool], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def unwell(*_: object) -> None:
        raise OfficeFailed("the built-in document did not come out")

    monkeypatch.setattr(slot, "prove", unwell)
    pool = new_pool()

    failure = refused(pool, tmp_path, "甲")

    assert (failure.status, failure.detail) == (
        503,
        "LibreOffice does not start: the built-in document did not come out",
    )
    assert failure.retry_after >= 2
    assert not pool.ready()


def test_a_document_that_ends_libreoffice_is_refused_after_two_while_others_go_on(
    poisonable: None, new_pool: Callable[..., Pool], tmp_path: Path
) -> None:
    seen = Counting()
    pool = new_pool(observer=seen)

    first = refused(pool, tmp_path / "first", "有毒")
    again = refused(pool, tmp_path / "again", "有毒")

    assert (first.status, again.status) == (500, 500)
    assert first.detail.startswith("quarantined: ")
    assert seen.restarts == {FAILED: 2}  # the second time it was given no process
    assert convert(pool, tmp_path / "other") == "甲"
    pool.close()
    assert refused(new_pool(), tmp_path / "after", "有毒").status == 500  # a restart forgets nothing


def test_a_document_that_hangs_libreoffice_is_refused_the_second_time(
    poisonable: None, new_pool: Callable[..., Pool], tmp_path: Path
) -> None:
    pool = new_pool(deadline=2.5)
    wait_for(pool.ready)

    failures = []
    for number in range(3):
        failures.append(refused(pool, tmp_path / f"{number}", "停").status)
        wait_for(pool.ready)

    assert failures == [503, 500, 500]
    assert convert(pool, tmp_path / "other") == "甲"


def test_a_document_that_does_not_close_costs_its_libreoffice_and_no_letter(
    poisonable: None, new_pool: Callable[..., Pool], tmp_path: Path
) -> None:
    pool = new_pool()
    group = worker_of(pool)

    assert convert(pool, tmp_path / "first", "留") == "留"
    wait_for(lambda: not members(group))
    assert convert(pool, tmp_path / "other") == "甲"
    assert worker_of(pool) != group


def test_others_are_served_while_a_document_hangs(
    poisonable: None, new_pool: Callable[..., Pool], tmp_path: Path
) -> None:
    pool = new_pool(deadline=6, slots=2)
    wait_for(lambda: len(pool._offices) == 2)

    with ThreadPoolExecutor(2) as threads:
        hanging = threads.submit(refused, pool, tmp_path / "hanging", "停")
        others = [convert(pool, tmp_path / f"{number}") for number in range(5)]
        assert not hanging.done()

    assert others == ["甲"] * 5
    assert hanging.result().status == 503


@pytest.mark.parametrize(
    ("limits", "reason"),
    [
        (Limits(documents=3), DOCUMENTS),
        (Limits(memory=1), MEMORY),  # any process has grown beyond that
        (Limits(age=0.5), AGE),
    ],
)
def test_a_process_whose_time_has_come_is_replaced_and_no_request_fails_or_waits_for_the_start(
    limits: Limits, reason: str, new_pool: Callable[..., Pool], tmp_path: Path
) -> None:
    seen = Counting()
    pool = new_pool(limits=limits, observer=seen)
    first = worker_of(pool)

    until = time.monotonic() + 60
    made = []
    while seen.restarts[reason] < 2 and time.monotonic() < until:
        made.append(convert(pool, tmp_path / "one"))
        time.sleep(0.1)

    assert set(made) == {"甲"}
    assert set(seen.restarts) == {reason}
    assert seen.restarts[reason] >= 2
    assert first not in [each.pid for each in pool._offices]
    assert max(seen.waits) < min(seen.starts)
    assert len(seen.conversions) == len(made)
    wait_for(lambda: len(pool._offices) <= 2)


def test_many_callers_are_all_served_while_processes_come_and_go(new_pool: Callable[..., Pool], tmp_path: Path) -> None:
    seen = Counting()
    pool = new_pool(slots=2, limits=Limits(documents=5), observer=seen)

    with ThreadPoolExecutor(6) as threads:
        made = list(threads.map(lambda number: convert(pool, tmp_path / f"{number}", f"第{number}号"), range(60)))

    assert made == [f"第{number}号" for number in range(60)]
    assert set(seen.restarts) == {DOCUMENTS}
    wait_for(lambda: len(pool._offices) == 2)


def test_an_observer_that_fails_breaks_nothing(
    new_pool: Callable[..., Pool], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(_: object) -> None:
        raise RuntimeError("no room for more numbers")

    failing = Observer()
    for name in ("waited", "started", "converted", "restarted"):
        monkeypatch.setattr(failing, name, fail)
    pool = new_pool(limits=Limits(documents=1), observer=failing)

    assert [convert(pool, tmp_path / f"{number}") for number in range(3)] == ["甲"] * 3


def test_a_document_that_cannot_be_remembered_gets_no_third_process_either(
    poisonable: None, new_pool: Callable[..., Pool], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Quarantine, "strike", lambda *_: None)
    seen = Counting()
    pool = new_pool(observer=seen)

    failure = refused(pool, tmp_path, "有毒")

    assert failure.status == 503
    assert seen.restarts == {FAILED: 2}


def test_its_processes_are_limited_in_memory_time_and_what_they_write(new_pool: Callable[..., Pool]) -> None:
    said = Path(f"/proc/{soffice_of(new_pool(limits=Limits(address_space=3 << 30)))}/limits").read_text()
    limits = {line[:26].strip(): line[26:].split()[:2] for line in said.splitlines()}

    assert limits["Max address space"] == [str(3 << 30)] * 2
    assert limits["Max core file size"] == ["0", "0"]
    assert limits["Max file size"] == [str(512 << 20)] * 2
    assert limits["Max cpu time"] == ["7200", "7200"]


def test_a_process_that_wants_more_memory_than_it_may_have_does_not_get_it(
    new_pool: Callable[..., Pool], tmp_path: Path
) -> None:
    pool = new_pool(limits=Limits(address_space=200 << 20, start=10))  # it needs three times as much

    failure = refused(pool, tmp_path, "甲")

    assert failure.status == 503


def test_a_line_that_is_full_is_told_to_come_again(new_pool: Callable[..., Pool], tmp_path: Path) -> None:
    pool = new_pool(deadline=8, queue=2)
    frozen = soffice_of(pool)
    os.kill(frozen, signal.SIGSTOP)
    with ThreadPoolExecutor(3) as threads:
        waiting = [threads.submit(convert, pool, tmp_path / f"{number}") for number in range(3)]
        assert pool._opened is not None
        line = pool._opened.line
        wait_for(lambda: len(line._waiting) == 2)
        began = time.monotonic()

        failure = refused(pool, tmp_path / "fourth", "甲")

        assert time.monotonic() - began < 1
        os.kill(frozen, signal.SIGCONT)
        assert [each.result() for each in waiting] == ["甲"] * 3
    assert (failure.status, failure.detail) == (503, "too many wait for a LibreOffice")
    assert failure.retry_after >= 1


def test_who_would_wait_beyond_the_deadline_is_told_at_once(new_pool: Callable[..., Pool], tmp_path: Path) -> None:
    pool = new_pool(deadline=3)
    frozen = soffice_of(pool)
    assert pool._opened is not None
    for _ in range(20):
        pool._opened.line.worked(40)  # conversions take long these days
    os.kill(frozen, signal.SIGSTOP)
    with ThreadPoolExecutor(1) as threads:
        hanging = threads.submit(refused, pool, tmp_path / "hanging", "甲")
        wait_for(lambda: not pool._opened.line._free)  # type: ignore[union-attr]  # asserted above
        began = time.monotonic()

        failure = refused(pool, tmp_path / "second", "甲")

        assert time.monotonic() - began < 1
        hanging.result()
    assert (failure.status, failure.detail) == (503, "the wait for a LibreOffice would be too long")
    assert failure.retry_after >= 30


def test_who_waits_longer_than_the_deadline_for_a_free_process_is_told(
    new_pool: Callable[..., Pool], tmp_path: Path
) -> None:
    pool = new_pool(deadline=1)
    wait_for(pool.ready)
    assert pool._opened is not None
    taken = pool._opened.line.take(time.monotonic() + 5, lambda: None)

    failure = refused(pool, tmp_path, "甲")

    assert (failure.status, failure.detail) == (503, "no LibreOffice became free in time")
    pool._opened.line.put(taken)
    assert convert(pool, tmp_path) == "甲"


def test_a_libreoffice_killed_while_idle_is_replaced_without_anyone_noticing(
    new_pool: Callable[..., Pool], tmp_path: Path
) -> None:
    seen = Counting()
    pool = new_pool(observer=seen)
    group = worker_of(pool)
    os.kill(soffice_of(pool), signal.SIGKILL)
    wait_for(lambda: not members(group), 2)

    assert convert(pool, tmp_path) == "甲"
    assert seen.restarts == {DIED: 1}


def test_without_libreoffice_the_pool_is_not_ready_and_says_so_until_it_is_there(
    new_pool: Callable[..., Pool], tmp_path: Path
) -> None:
    pool = new_pool(soffice=tmp_path / "soffice")
    letter = rendered(tmp_path, letter=word("甲"))

    with pytest.raises(StepFailed) as failure:
        pool.convert(letter, tmp_path)

    assert failure.value.status == 503
    assert failure.value.retry_after >= 2
    began = time.monotonic()
    with suppress(StepFailed):  # nobody waits for what does not start
        pool.convert(letter, tmp_path)
    assert time.monotonic() - began < 1
    assert not pool.ready()
    assert pool.version == ""
    (tmp_path / "soffice").symlink_to(SOFFICE)
    wait_for(pool.ready)
    assert pool.convert(letter, tmp_path).parts


def test_without_the_interpreter_the_call_fails(new_pool: Callable[..., Pool], tmp_path: Path) -> None:
    pool = new_pool(python=tmp_path / "python3")

    with pytest.raises(StepFailed, match="cannot be started"):
        pool.convert(rendered(tmp_path, letter=word("甲")), tmp_path)


def script(path: Path, text: str) -> Path:
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(0o755)
    return path


def test_a_libreoffice_that_never_gets_ready_is_killed_at_the_deadline(
    new_pool: Callable[..., Pool], tmp_path: Path
) -> None:
    pool = new_pool(deadline=1.5, soffice=script(tmp_path / "soffice", f"echo $$ > {tmp_path}/pid; exec sleep 1000"))

    with pytest.raises(StepFailed, match="in time"):
        pool.convert(rendered(tmp_path, letter=word("甲")), tmp_path)

    pool.close()
    sleeping = int((tmp_path / "pid").read_text())
    wait_for(
        lambda: not Path(f"/proc/{sleeping}/cmdline").exists() or not Path(f"/proc/{sleeping}/cmdline").read_bytes()
    )


def test_a_first_start_that_asks_to_be_restarted_is_restarted(new_pool: Callable[..., Pool], tmp_path: Path) -> None:
    once = f"[ -e {tmp_path}/started ] || {{ touch {tmp_path}/started; exit 81; }}"
    pool = new_pool(soffice=script(tmp_path / "soffice", f'{once}\nexec {SOFFICE} "$@"'))

    assert pool.convert(rendered(tmp_path, letter=word("甲")), tmp_path).parts
    assert (tmp_path / "started").exists()


def test_any_other_end_of_the_start_is_a_failure(new_pool: Callable[..., Pool], tmp_path: Path) -> None:
    pool = new_pool(soffice=script(tmp_path / "soffice", "exit 77"))

    with pytest.raises(StepFailed, match="ended with 77 before it was ready"):
        pool.convert(rendered(tmp_path, letter=word("甲")), tmp_path)
