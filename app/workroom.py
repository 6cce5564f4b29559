"""Working files (工作目录): each process has a folder of its own, and what a killed one left is removed.

The folder is `<pid>-<random>` and holds personal data in the clear while documents are made. Its file `.lock` is locked
for as long as the process lives; the kernel gives the lock back however it ends. Whoever opens a room removes the
folders whose lock can be taken.
"""

import fcntl
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

_OURS = "[0-9]*-*"  # what else lies in the home belongs to others


class Workroom:
    """`Workroom.open(home)`; the files go into `folder`. Open it after fork."""

    def __init__(self, folder: Path, lock: int) -> None:
        self.folder = folder
        self._lock = lock

    @classmethod
    def open(cls, home: Path) -> "Workroom":
        """A folder of this process's own, after those of the dead are removed."""
        home.mkdir(parents=True, exist_ok=True, mode=0o700)
        with one_at_a_time(home):  # or a neighbour's new folder is swept before it is locked
            for left in home.glob(_OURS):
                remove_unless_held(left)
            folder = Path(tempfile.mkdtemp(prefix=f"{os.getpid()}-", dir=home))
            lock = os.open(folder / ".lock", os.O_RDWR | os.O_CREAT, 0o600)
            fcntl.flock(lock, fcntl.LOCK_EX)
        return cls(folder, lock)

    def close(self) -> None:
        shutil.rmtree(self.folder, ignore_errors=True)
        os.close(self._lock)


def remove_unless_held(folder: Path) -> None:
    """Remove a folder of ours whose `.lock` no living process holds.

    One without a lock is somebody else's, or its owner died before it had put anything in: it goes if it is empty.
    """
    try:
        lock = os.open(folder / ".lock", os.O_RDWR)
    except OSError:
        with suppress(OSError):
            folder.rmdir()
        return
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        shutil.rmtree(folder, ignore_errors=True)
    except BlockingIOError:
        pass  # a neighbour's, at work
    finally:
        os.close(lock)


@contextmanager
def one_at_a_time(home: Path) -> Iterator[None]:
    """Whoever is inside is alone with this folder."""
    handle = os.open(home, os.O_RDONLY | os.O_DIRECTORY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)
