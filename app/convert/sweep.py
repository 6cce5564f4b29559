"""Folders of our own, and what is left of those whose service is dead (清理).

    HOME/pool-…/office-…/     profile, temporary files, sockets named after it

A pool's folder is locked for as long as its service lives. A service that was killed could not tidy up; mostly its
processes end by themselves, but a frozen or orphaned one does not. `sweep` takes every folder that nobody locks:
first the processes that bear its mark, then the sockets, then the files, which may hold parts of letters.
Never touched: a folder that is locked, a process without the mark, a socket that is not named after such a folder.
"""

import fcntl
import hashlib
import os
import shutil
import signal
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

MARK = "DULY_OFFICE"  # in the environment of every process of ours: the folder it belongs to
SOCKETS = Path("/tmp")  # noqa: S108 -- where LibreOffice puts them is compiled in
GONE_WITHIN = 2.0  # seconds that killed processes may go on writing into their folder


def pool_folder(home: Path) -> tuple[Path, int]:
    """A private folder, and the lock that keeps others from sweeping it."""
    with _locked(home):
        folder = Path(tempfile.mkdtemp(prefix="pool-", dir=home)).resolve()
        return folder, _lock(folder)


def office_folder(pool: Path) -> Path:
    return Path(tempfile.mkdtemp(prefix="office-", dir=pool)).resolve()


def sweep(home: Path) -> None:
    """Discard what dead services left."""
    with _locked(home):
        for folder in home.resolve().glob("pool-*/"):
            with suppress(BlockingIOError):  # a neighbour's, at work
                lock = _lock(folder)
                try:
                    discard(folder)
                finally:
                    os.close(lock)


def discard(pool: Path) -> None:
    """End every process of this pool, and remove all that they had."""
    for pid in _marked(pool):
        _kill(pid, pool)
    for folder in pool.glob("office-*"):
        remove(folder)
    _remove_tree(pool)


def remove(office: Path) -> None:
    """Sockets and folder of one LibreOffice that has ended."""
    for socket in sockets(office):
        socket.unlink(missing_ok=True)
    _remove_tree(office)


def sockets(office: Path) -> tuple[Path, Path]:
    """What its soffice listens on: for us, and for a second soffice on the same profile (named as desktop/ does)."""
    profile = (office / "profile").as_uri().encode("utf-16-le")
    single = "".join(f"{byte:x}" for byte in hashlib.md5(profile, usedforsecurity=False).digest())
    owner = SOCKETS / f"OSL_PIPE_{os.getuid()}_"
    return Path(f"{owner}{office.name}"), Path(f"{owner}SingleOfficeIPC_{single}")


def _remove_tree(folder: Path) -> None:
    """Again while the last writes of killed processes come in."""
    until = time.monotonic() + GONE_WITHIN
    while folder.exists() and time.monotonic() < until:
        shutil.rmtree(folder, ignore_errors=True)


def _marked(pool: Path) -> list[int]:
    return [int(entry.name) for entry in Path("/proc").glob("[0-9]*") if _bears_mark(int(entry.name), pool)]


def _bears_mark(pid: int, pool: Path) -> bool:
    """Others' processes cannot be read, or do not bear it."""
    with suppress(OSError):
        return f"\0{MARK}={pool}/".encode() in b"\0" + Path(f"/proc/{pid}/environ").read_bytes()
    return False


def _kill(pid: int, pool: Path) -> None:
    """By a handle that stays with this process, asked for its mark again: a number may be given anew at any time."""
    with suppress(OSError):
        handle = os.pidfd_open(pid)
        try:
            if _bears_mark(pid, pool):
                signal.pidfd_send_signal(handle, signal.SIGKILL)
        finally:
            os.close(handle)


def _lock(folder: Path) -> int:
    """Held until the number is closed; `BlockingIOError` if another holds it."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(descriptor)
        raise
    return descriptor


@contextmanager
def _locked(home: Path) -> Iterator[None]:
    """One at a time makes or sweeps: a folder is never seen between its making and its lock."""
    home.mkdir(parents=True, exist_ok=True, mode=0o700)
    descriptor = os.open(home, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)
