"""A small pool of warm LibreOffice processes (转换).

Promises: every call ends, with PDFs or with `StepFailed`. A caller waits for a free process no longer than the
deadline, and then for its conversion (and the start that it may need) no longer than the deadline again. A process
that fails in any way is killed with all that belongs to it, and its place is filled again in the background, so that
the next call finds a fresh one.
Refuses: a docx that reaches outside itself (intake.py); a PDF that is not whole, not of the closed profile, or not
in the pinned fonts (output.py). Those are our faults, 500, and cost no process; all else is 503, and may be retried.

PDF bytes differ on every run (dates, identifiers); text and page pictures do not.
"""

import atexit
import os
import queue
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Self

from app import fonts
from app.artifacts import Converted, File, Part, Rendered
from app.convert.intake import refuse_unsafe
from app.convert.office import Office, OfficeFailed, sweep
from app.convert.output import accept
from app.errors import StepFailed

START_WITHIN = 20.0  # seconds for a start in the background; one that a caller waits for has the caller's deadline


class _Slot:
    """A place for one process. Whoever took it from the queue owns it, and no one else may look inside."""

    office: Office | None = None


class Pool:
    """`with Pool(...) as pool: pool.convert(rendered, folder)`. Threads may share it; a fork may not."""

    def __init__(self, slots: int, deadline: float, python: Path, soffice: Path, home: Path) -> None:
        """`deadline` in seconds; `python` is the one that can import uno; `home` holds the profiles."""
        self._count, self._deadline = slots, deadline
        self._python, self._soffice, self._home = python, soffice, home
        self._free: queue.LifoQueue[_Slot] = queue.LifoQueue()  # the warmest first
        self._lock = threading.Lock()  # over what follows
        self._offices: set[Office] = set()
        self._filling: threading.Thread | None = None
        self._owner = 0  # process that opened the pool; 0 is closed
        self._version = ""

    def open(self) -> Self:
        """Begin to start the processes, and return at once."""
        sweep(self._home)
        with self._lock:
            self._owner = os.getpid()
        for _ in range(self._count):
            self._free.put(_Slot())
        atexit.register(self.close)
        self._fill()
        return self

    def close(self) -> None:
        """Kill every process, those at work included. In a forked child this does nothing: they are not its own."""
        with self._lock:
            if self._owner != os.getpid():
                return
            self._owner = 0
            offices, filling = tuple(self._offices), self._filling
        atexit.unregister(self.close)
        for office in offices:
            office.kill()
        if filling is not None:
            filling.join()
        for _ in range(self._count):  # those at work come back by themselves, having failed
            self._drop(self._free.get())

    def __enter__(self) -> Self:
        return self.open()

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def version(self) -> str:
        """Name and version as LibreOffice itself says, "" until one has been ready."""
        return self._version

    def ready(self) -> bool:
        """Whether a process is there. If none is, one is started, so that asking again may find it."""
        with self._lock:
            if any(office.version and office.alive() for office in self._offices):
                return True
        self._fill()
        return False

    def convert(self, rendered: Rendered, folder: Path) -> Converted:
        """All parts of one document, by one process, into `folder`."""
        for part in rendered.parts:
            refuse_unsafe(part.file.path, fonts.FAMILIES)
        made = [(part.file.path.resolve(), folder.resolve() / f"{part.name}.pdf.part") for part in rendered.parts]
        with self._office() as (office, until):
            office.convert(made, until)
            version = office.version
        pinned = fonts.postscript_names()
        for _, unproven in made:
            accept(unproven, pinned)
        parts = (Part(part.name, _keep(path)) for part, (_, path) in zip(rendered.parts, made, strict=True))
        return Converted(rendered, tuple(parts), version)

    @contextmanager
    def _office(self) -> Iterator[tuple[Office, float]]:
        """A process for oneself until then: given back if all went well, killed and replaced if anything did not."""
        slot = self._take()
        until = time.monotonic() + self._deadline
        try:
            yield self._living(slot, until), until
        except OfficeFailed as failure:
            self._drop(slot)
            raise StepFailed("convert", str(failure)) from failure
        except BaseException:
            self._drop(slot)
            raise
        finally:
            lost = slot.office is None
            self._free.put(slot)
            if lost:
                self._fill()

    def _take(self) -> _Slot:
        if self._owner != os.getpid():
            raise StepFailed("convert", "the pool is not open in this process")
        try:
            return self._free.get(timeout=self._deadline)
        except queue.Empty as busy:
            raise StepFailed("convert", "no LibreOffice became free in time") from busy

    def _living(self, slot: _Slot, until: float) -> Office:
        """The slot's process; a new one if it has none, or if it died since it was last used."""
        if slot.office is not None and not slot.office.alive():
            self._drop(slot)
        if slot.office is None:
            slot.office = self._launch()
            slot.office.wait_ready(until)
            self._version = slot.office.version
        return slot.office

    def _launch(self) -> Office:
        """Under the lock, so that `close` either sees the new process or forbids it."""
        with self._lock:
            if self._owner != os.getpid():
                raise OfficeFailed("the pool is closed")
            office = Office.launch(self._python, self._soffice, self._home)
            self._offices.add(office)
            return office

    def _drop(self, slot: _Slot) -> None:
        if slot.office is not None:
            slot.office.stop()
            with self._lock:
                self._offices.discard(slot.office)
        slot.office = None

    def _fill(self) -> None:
        """Start what is missing, in the background: the next call should find it, but need not."""
        with self._lock:
            if self._owner == os.getpid() and (self._filling is None or not self._filling.is_alive()):
                self._filling = threading.Thread(target=self._start_missing, name="convert-fill", daemon=True)
                self._filling.start()

    def _start_missing(self) -> None:
        """What fails here fails again, and is told to someone, at the next conversion."""
        for slot in self._empty_slots():
            try:
                self._living(slot, time.monotonic() + START_WITHIN)
            except OfficeFailed:
                self._drop(slot)
            finally:
                self._free.put(slot)

    def _empty_slots(self) -> list[_Slot]:
        """The free slots that have no living process. They are the caller's now; the others are back in the queue."""
        taken = []
        with suppress(queue.Empty):
            while True:
                taken.append(self._free.get_nowait())
        empty = [slot for slot in taken if slot.office is None or not slot.office.alive()]
        for slot in taken:
            if slot not in empty:
                self._free.put(slot)
        return empty


def _keep(unproven: Path) -> File:
    """Give the PDF its name only now, so that nothing unproven is ever found under it."""
    return File.at(unproven.rename(unproven.with_suffix("")))
