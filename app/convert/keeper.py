"""The thread that keeps a pool filled (看护): every start happens here, and none in somebody's request.

It starts what is missing, puts a proven process in the place of one whose time has come *before* that one goes, and
takes out those that died. What does not start is tried again at the pace of the breaker.
"""

import logging
import threading
import time
from pathlib import Path

from app.convert.breaker import Breaker
from app.convert.interface import Observer
from app.convert.lifetime import AGE, DIED, Limits
from app.convert.line import Line
from app.convert.office import Office, OfficeFailed, Program
from app.convert.slot import Slot

_log = logging.getLogger("duly.convert")

TICK = 5.0  # seconds between two looks if nothing happens


class Keeper:
    """Owns the processes of one pool: all that live, at work or not. `run` until `stop`."""

    def __init__(
        self, program: Program, folder: Path, count: int, limits: Limits, line: Line, breaker: Breaker, watch: Observer
    ) -> None:
        self._program, self._folder, self._count, self._limits = program, folder, count, limits
        self._line, self._breaker, self._watch = line, breaker, watch
        self._lock = threading.Lock()  # over what follows
        self._slots: set[Slot] = set()
        self._starting: Slot | None = None
        self._open = True
        self._wake = threading.Event()
        self._thread = threading.Thread(target=self._run, name="convert-keeper", daemon=True)
        self.version = ""

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """Kill everything, and wait until it is gone; those at work fail, and come back through `lose`."""
        with self._lock:
            self._open = False
            living = [*self._slots, *([self._starting] if self._starting else [])]
        for slot in living:
            slot.office.kill()
        self._wake.set()
        self._thread.join()
        for slot in self._line.pull(lambda _: True):
            self.lose(slot, "")
        until = time.monotonic() + self._limits.start
        while self._slots and time.monotonic() < until:
            time.sleep(0.01)

    def wake(self) -> None:
        self._wake.set()

    def offices(self) -> list[Office]:
        with self._lock:
            return [slot.office for slot in self._slots]

    def lose(self, slot: Slot, reason: str) -> None:
        """End this process, whose owner the caller is. Another is started, and `reason` counted."""
        slot.office.stop()
        with self._lock:
            self._slots.discard(slot)
        if reason:
            self._watch.restarted(reason)
        self._wake.set()

    def give_back(self, slot: Slot) -> None:
        """It has worked and is well. If its place is taken already, this was its last work."""
        with self._lock:
            if not (gone := slot.replaced or not self._open):
                self._line.put(slot)
        if gone:
            self.lose(slot, slot.due)
        elif slot.due:
            self._wake.set()

    def _run(self) -> None:
        while self._open:
            try:
                self._tend()
            except Exception as error:  # it may not end: nobody else starts anything
                _log.error("keeper: %s", type(error).__name__)
            self._wake.wait(max(0.05, min(TICK, self._breaker.pause() or TICK)))
            self._wake.clear()

    def _tend(self) -> None:
        for slot in self._line.pull(lambda slot: not slot.office.alive()):
            self.lose(slot, DIED)
        while self._open and len(self._slots) < self._count and not self._breaker.pause():
            self._begin()
        for slot in self._due():
            if self._open and not self._breaker.pause() and self._begin():
                self._retire(slot)

    def _due(self) -> list[Slot]:
        """Those whose time has come. The idle ones are asked here; the others when they were given back."""
        for slot in self._line.pull(lambda _: True):
            slot.grow_old()
            self._line.put(slot)
        with self._lock:
            return [slot for slot in self._slots if slot.due and not slot.replaced]

    def _retire(self, slot: Slot) -> None:
        """Its successor is in the line: it goes now, or after the work that it has."""
        with self._lock:
            slot.replaced = True
            idle = self._line.pull(lambda free: free is slot)
        if idle:
            self.lose(slot, slot.due or AGE)

    def _begin(self) -> bool:
        """Start one and prove it. A failure is the machine's, as nobody's document was in it yet."""
        slot = None
        try:
            slot = self._launch()
            self._watch.started(slot.become_ready())
        except Exception as failure:
            self._give_up(slot, str(failure) if isinstance(failure, OfficeFailed) else type(failure).__name__)
            return False
        self._admit(slot)
        return True

    def _launch(self) -> Slot:
        """Under the lock, so that `stop` either sees the new process or forbids it."""
        with self._lock:
            if not self._open:
                raise OfficeFailed("the pool is closed")
            self._starting = Slot(self._program, self._folder, self._limits)
            return self._starting

    def _admit(self, slot: Slot) -> None:
        self._breaker.succeeded()
        self.version = slot.office.version
        with self._lock:
            self._starting = None
            self._slots.add(slot)
        self._line.put(slot)

    def _give_up(self, slot: Slot | None, reason: str) -> None:
        if slot is not None:
            slot.office.stop()
        with self._lock:
            self._starting = None
        self._breaker.failed(reason)
        self._line.look_again()
