"""What is done again and again while the service runs (日常维护): after a crash nothing stays half-done for long.

Every minute, attempts that outlived their lease or their approval are given up; every hour, and first of all, files
are compared with rows (store/recovery.py). A thread in each process, one process at a time. What fails is told
and tried again.
"""

import fcntl
import logging
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

from app.store import recovery
from app.store.documents import Documents

MINUTE = 60.0
LOOKS = 60  # minutes between two looks through all files

_log = logging.getLogger("duly.upkeep")


class Upkeep:
    """A thread that looks after the store until it is told to stop. `lock` is shared by the processes of one home."""

    def __init__(self, documents: Documents, lock: Path, now: Callable[[], datetime], every: float = MINUTE) -> None:
        self._documents = documents
        self._lock = lock
        self._now = now
        self._every = every
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="upkeep", daemon=True)

    def start(self) -> "Upkeep":
        self._thread.start()
        return self

    def stop(self) -> None:
        """Returns when nothing is under way any more."""
        self._stopping.set()
        self._thread.join()

    def _run(self) -> None:
        minute = 0
        while not self._stopping.is_set():
            try:
                with _alone(self._lock) as mine:
                    if mine:
                        self._once(through=minute % LOOKS == 0)
            except Exception as error:  # the next minute may do better, and a thread that died would never
                _log.error("upkeep failed: %s", type(error).__name__)
            minute += 1
            self._stopping.wait(self._every)

    def _once(self, *, through: bool) -> None:
        at = self._now()
        if not through:
            if aborted := recovery.sweep(self._documents, at):
                _log.warning("gave up %d attempts that outlived their lease or approval", aborted)
            return
        found = recovery.look_through(self._documents, at)
        if found.aborted or found.set_aside or found.removed:
            _log.warning(
                "put right: %d attempts given up, %d files set aside, %d removed",
                found.aborted,
                found.set_aside,
                found.removed,
            )
        for document in found.missing:
            _log.error("document %s is issued and its files are not there", document)


@contextmanager
def _alone(path: Path) -> Iterator[bool]:
    """Whether no other process of this home is at it; the kernel gives the lock back when one dies."""
    with path.open("a") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
        else:
            yield True
