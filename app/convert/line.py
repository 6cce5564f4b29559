"""The line of those who wait for a process, and the processes that wait for work (排队).

First come, first served, and never without end: who would stand in a line that is full, or wait beyond the deadline,
is told so at once, with the seconds after which it is worth coming again.
"""

import math
import threading
import time
from collections import deque
from collections.abc import Callable

from app.convert.slot import Slot
from app.errors import StepFailed

_WEIGHT = 0.2  # of the newest conversion in the mean
_FIRST_GUESS = 0.2  # seconds a conversion takes; measured 0.07 to 0.2

Obstacle = Callable[[], StepFailed | None]  # why waiting is in vain, if it is


class Line:
    """`most` may wait, for `slots` processes that work in parallel."""

    def __init__(self, most: int, slots: int) -> None:
        self._most, self._slots = most, slots
        self._changed = threading.Condition()
        self._free: list[Slot] = []  # the warmest last
        self._waiting: deque[object] = deque()
        self._mean = _FIRST_GUESS

    def take(self, until: float, obstacle: Obstacle) -> Slot:
        """A process for oneself, the warmest first; `StepFailed` if there is none in time."""
        me = object()
        with self._changed:
            if not (self._free and not self._waiting):
                self._refuse_in_vain(until)
            self._waiting.append(me)
            try:
                return self._wait(me, until, obstacle)
            finally:
                self._waiting.remove(me)
                self._changed.notify_all()

    def put(self, slot: Slot) -> None:
        with self._changed:
            self._free.append(slot)
            self._changed.notify_all()

    def pull(self, wanted: Callable[[Slot], bool]) -> list[Slot]:
        """Take out all free ones that are `wanted`."""
        with self._changed:
            pulled = [slot for slot in self._free if wanted(slot)]
            self._free = [slot for slot in self._free if slot not in pulled]
            return pulled

    def worked(self, seconds: float) -> None:
        """A conversion took so long: the waiting will be guessed from it."""
        self._mean += _WEIGHT * (seconds - self._mean)

    def look_again(self) -> None:
        """An obstacle may have come up."""
        with self._changed:
            self._changed.notify_all()

    def _wait(self, me: object, until: float, obstacle: Obstacle) -> Slot:
        while not (self._free and self._waiting[0] is me):
            if (failure := obstacle()) is not None:
                raise failure
            if not self._changed.wait(until - time.monotonic()):
                raise _busy("no LibreOffice became free in time", self._guess())
        return self._free.pop()

    def _refuse_in_vain(self, until: float) -> None:
        if len(self._waiting) >= self._most:
            raise _busy("too many wait for a LibreOffice", self._guess())
        if self._guess() > until - time.monotonic():
            raise _busy("the wait for a LibreOffice would be too long", self._guess())

    def _guess(self) -> float:
        """Seconds until one more would have its turn."""
        return self._mean * (len(self._waiting) + 1) / self._slots


def _busy(why: str, seconds: float) -> StepFailed:
    return StepFailed("convert", why, retry_after=max(1, math.ceil(seconds)))
