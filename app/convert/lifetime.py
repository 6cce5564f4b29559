"""How long a LibreOffice lives (寿命): documents, memory, age, and how long it may idle unproven.

LibreOffice grows with use and sometimes worsens with age, so a process is replaced before that shows. The numbers
of each process are its own, drawn around the limits, so that those of one start do not all end together.
"""

import random
import time
from dataclasses import dataclass, replace
from pathlib import Path

MIB = 1024 * 1024

# Why a process ended, for whoever counts.
DOCUMENTS, MEMORY, AGE = "documents", "memory", "age"  # its time had come
DIED, UNWELL, FAILED = "died", "unwell", "failed"  # while idle; at a proof; at work

_SPREAD = 0.2  # drawn from 80 % to 120 %


@dataclass(frozen=True)
class Limits:
    """Start values; measured: 82 MB at first, 236 MB after 400 letters, 890 MB of address space at the most."""

    documents: int = 120
    memory: int = 600 * MIB  # resident, of the whole process group
    age: float = 3600  # seconds
    idle: float = 60  # seconds after which a process proves itself again before it works
    address_space: int = 4096 * MIB  # of each process; beyond it allocation fails, and the process with it
    start: float = 20  # seconds from launch to the first proof

    def drawn(self) -> "Limits":
        """The same for one process, somewhat earlier or later."""
        factor = random.uniform(1 - _SPREAD, 1 + _SPREAD)  # noqa: S311 -- spreads load, guards nothing
        return replace(self, documents=max(1, round(self.documents * factor)), age=self.age * factor)


class Life:
    """What one process has been through. The proofs count as documents: they leak like others."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits.drawn()
        self._born = self._proven = time.monotonic()
        self._documents = 0

    def worked(self) -> None:
        """It has converted something, which is the best proof that it can."""
        self._documents += 1
        self._proven = time.monotonic()

    def unproven(self) -> bool:
        return self._documents == 0 or time.monotonic() - self._proven > self._limits.idle

    def over(self, memory: int) -> str:
        """Why its time has come, "" if it has not."""
        if self._documents >= self._limits.documents:
            return DOCUMENTS
        if memory > self._limits.memory:
            return MEMORY
        return AGE if time.monotonic() - self._born > self._limits.age else ""


def resident(pids: frozenset[int]) -> int:
    """Bytes of memory in use by these processes; those that ended count nothing."""
    return sum(_pages(pid) for pid in pids) * 4096


def _pages(pid: int) -> int:
    try:
        return int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    except (OSError, IndexError, ValueError):
        return 0
