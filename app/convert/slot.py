"""One LibreOffice with what it has been through (转换工位): started, proven, at work, due.

Belongs to one thread at a time: to the keeper while it starts, and to whoever took it from the line.
"""

import time
from collections.abc import Sequence
from pathlib import Path

from app.convert.health import prove, soon
from app.convert.lifetime import Life, Limits, resident
from app.convert.office import Office, Program


class Slot:
    """`due` says why its time has come, once it has; it works on until another has taken its place."""

    def __init__(self, program: Program, pool: Path, limits: Limits) -> None:
        """Launch, and do not wait: `OfficeFailed` if even that is not possible."""
        self._limits = limits
        self._life = Life(limits)
        self._members: frozenset[int] = frozenset()
        self.office = Office.launch(program, pool)
        self.due = ""
        self.replaced = False

    def become_ready(self) -> float:
        """Wait for the start and the first proof; gives the seconds. `OfficeFailed` if it takes too long."""
        began = time.monotonic()
        self.office.wait_ready(began + self._limits.start)
        self._prove(began + self._limits.start)
        self._members = self.office.members()
        return time.monotonic() - began

    def prove_if_idle(self, until: float) -> None:
        """After a pause it proves itself again, in seconds rather than by the deadline of somebody's document."""
        if self._life.unproven():
            self._prove(min(until, soon()))

    def work(self, parts: Sequence[tuple[Path, Path]], until: float) -> None:
        self.office.convert(parts, until)
        self._life.worked()
        self.grow_old()

    def grow_old(self) -> None:
        """Look whether its time has come."""
        self.due = self.due or self._life.over(resident(self._members))

    def _prove(self, until: float) -> None:
        prove(self.office, until)
        self._life.worked()
