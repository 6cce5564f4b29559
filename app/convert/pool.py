"""A small pool of warm LibreOffice processes (转换).

Promises: every call ends, with PDFs or with `StepFailed`. A caller waits for a free process no longer than the
deadline, and then for its conversion no longer than the deadline again and up to 15 s for its size. A process that
fails in any way is killed with all that belongs to it, and the keeper puts another in its place; while there is time,
the document gets a second attempt, on another process.
Refuses: a docx that reaches outside itself (intake.py); a PDF that is not whole, not of the closed profile, or not
in the pinned fonts (output.py); a document that ended two processes (quarantine.py). Those are our faults, 500. All
else is 503 and may be sent again after `retry_after`: a full line (line.py), no time, no LibreOffice (breaker.py).

PDF bytes differ on every run (dates, identifiers); text and page pictures do not.
"""

import atexit
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from app.artifacts import Converted, Rendered
from app.convert import sweep
from app.convert.breaker import Breaker
from app.convert.checked import Jobs, checked
from app.convert.interface import Observer, Unfailing
from app.convert.keeper import Keeper
from app.convert.lifetime import DIED, FAILED, UNWELL, Limits
from app.convert.line import Line
from app.convert.office import Office, OfficeFailed, Program
from app.convert.quarantine import STRIKES, Quarantine
from app.convert.slot import Slot
from app.errors import StepFailed
from app.isolation import best_isolation

BYTES_A_SECOND = 1 << 20  # of docx, on top of the deadline
MOST_SECONDS = 15.0  # for the size, or nobody could say when an attempt is over


@dataclass(frozen=True)
class _Opened:
    """What there is from `open` to `close`, in the process that opened it."""

    owner: int
    folder: Path
    lock: int
    line: Line
    breaker: Breaker
    keeper: Keeper


class Pool:
    """`with Pool(...) as pool: pool.convert(rendered, folder)`. Threads may share it; a fork may not."""

    def __init__(
        self, slots: int, deadline: float, python: Path, soffice: Path, home: Path, *,
        queue: int = 16, limits: Limits | None = None, observer: Observer | None = None, quarantine: Path | None = None,
    ) -> None:  # fmt: skip
        """`deadline` in seconds; `python` can import uno; `home` holds the profiles; `queue` may wait."""
        self._slots, self._deadline, self._queue, self._home = slots, deadline, queue, home
        self._python, self._soffice = python, soffice
        self._limits = limits or Limits()
        self._watch = Unfailing(observer)
        self._quarantine = Quarantine(quarantine or home / "quarantine")
        self._opened: _Opened | None = None

    def open(self) -> Self:
        """Begin to start the processes, and return at once."""
        sweep.sweep(self._home)
        folder, lock = sweep.pool_folder(self._home)
        program = Program(self._python, self._soffice, best_isolation().prefix, self._limits.address_space)
        line, breaker = Line(self._queue, self._slots), Breaker()
        keeper = Keeper(program, folder, self._slots, self._limits, line, breaker, self._watch)
        self._opened = _Opened(os.getpid(), folder, lock, line, breaker, keeper)
        atexit.register(self.close)
        keeper.start()
        return self

    def close(self) -> None:
        """Kill every process, those at work included. In a forked child this does nothing: they are not its own."""
        if (opened := self._here()) is None:
            return
        self._opened = None
        atexit.unregister(self.close)
        opened.line.look_again()
        opened.keeper.stop()
        sweep.discard(opened.folder)
        os.close(opened.lock)

    def __enter__(self) -> Self:
        return self.open()

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def version(self) -> str:
        """Name and version as LibreOffice itself says, "" until one has been ready."""
        return self._opened.keeper.version if self._opened else ""

    def ready(self) -> bool:
        """Whether a proven process is there. If none is, one is being started, so that asking again may find it."""
        if (opened := self._here()) is None:
            return False
        if any(office.alive() for office in opened.keeper.offices()):
            return True
        opened.keeper.wake()
        return False

    def convert(self, rendered: Rendered, folder: Path) -> Converted:
        """All parts of one document, by one process, into `folder`."""
        return checked(rendered, folder, lambda jobs: self._convert(rendered, jobs))

    def _convert(self, rendered: Rendered, jobs: Jobs) -> str:
        """By a second process if the first fails and there is time; never by a third."""
        strikes, attempts = self._strikes(rendered), STRIKES
        more = min(MOST_SECONDS, sum(part.file.size for part in rendered.parts) / BYTES_A_SECOND)
        until = time.monotonic() + self._deadline
        opened, slot = self._take(until)
        until = time.monotonic() + self._deadline + more
        while True:
            attempts -= 1
            try:
                return self._work(opened, slot, jobs, until, strikes)
            except OfficeFailed as failure:
                if self._quarantine.holds(strikes):
                    raise _quarantined(failure) from failure
                if not attempts or self._here() is None or time.monotonic() >= until:
                    raise StepFailed("convert", str(failure)) from failure
            opened, slot = self._take(until)

    def _work(self, opened: _Opened, slot: Slot, jobs: Jobs, until: float, strikes: Path) -> str:
        with _owned(opened.keeper, slot):
            began = time.monotonic()
            try:
                slot.work(jobs, until)
            except OfficeFailed:
                if self._here() is not None:  # killed by `close`: no fault of the document
                    self._quarantine.strike(strikes)
                raise
            opened.line.worked(time.monotonic() - began)
            self._watch.converted(time.monotonic() - began)
        self._quarantine.forgive(strikes)
        return slot.office.version

    def _take(self, until: float) -> tuple[_Opened, Slot]:
        """A process that is alive and, if it idled for long, has just proven that it is well."""
        began = time.monotonic()
        while True:
            opened = self._required()
            slot = opened.line.take(until, self._obstacle)
            if _well(opened.keeper, slot, until):
                self._watch.waited(time.monotonic() - began)
                return opened, slot

    def _required(self) -> _Opened:
        if (opened := self._here()) is None:
            raise StepFailed("convert", "the pool is not open in this process")
        return opened

    def _here(self) -> _Opened | None:
        opened = self._opened
        return opened if opened and opened.owner == os.getpid() else None

    def _obstacle(self) -> StepFailed | None:
        """Why nobody need wait: none runs and none starts, or the pool was closed meanwhile."""
        if (opened := self._here()) is None:
            return StepFailed("convert", "the pool is not open in this process")
        if opened.breaker.open and not opened.keeper.offices():
            reason = f"LibreOffice does not start: {opened.breaker.reason}"
            return StepFailed("convert", reason, retry_after=opened.breaker.retry_after())
        return None

    def _strikes(self, rendered: Rendered) -> Path:
        try:
            strikes = self._quarantine.known(rendered)
        except OSError as error:
            raise StepFailed("convert", f"the quarantine cannot be read: {error.strerror}") from error
        if self._quarantine.holds(strikes):
            raise _quarantined(None)
        return strikes

    @property
    def _offices(self) -> list[Office]:
        return self._opened.keeper.offices() if self._opened else []


def _well(keeper: Keeper, slot: Slot, until: float) -> bool:
    """Whether it may be given work; if not, it is gone."""
    try:
        slot.prove_if_idle(until)
    except OfficeFailed:
        keeper.lose(slot, UNWELL)
        return False
    except BaseException:
        keeper.lose(slot, FAILED)
        raise
    if not slot.office.alive():
        keeper.lose(slot, DIED)
        return False
    return True


@contextmanager
def _owned(keeper: Keeper, slot: Slot) -> Iterator[None]:
    """Given back if all goes well, killed and replaced if anything does not."""
    try:
        yield
    except BaseException:
        keeper.lose(slot, FAILED)
        raise
    keeper.give_back(slot)


def _quarantined(failure: OfficeFailed | None) -> StepFailed:
    last = f"; the last: {failure}" if failure else ""
    return StepFailed("convert", f"quarantined: this document ended two processes{last}", status=500)
