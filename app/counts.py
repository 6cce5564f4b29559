"""Counts that the processes of one machine share: a storage for `limits`, in a small SQLite file.

`limits` brings storages on servers of their own (Redis and the like) and one in memory, which no other process sees.
Every call opens the file anew and never makes it: a file that is gone, locked for long or no database is an
`sqlite3.Error`, and whoever asks is not let through. Nothing is forced to disk: a power cut costs a minute's counts.
"""

import math
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from limits.storage import Storage
from limits.storage.base import SlidingWindowCounterSupport, TimestampedSlidingWindow

PATIENCE = 2.0  # seconds for the turn
_SHAPE = """
CREATE TABLE IF NOT EXISTS counts (name TEXT PRIMARY KEY, count INTEGER NOT NULL, ends REAL NOT NULL) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS counts_ends ON counts (ends);
"""


class Counts(Storage, SlidingWindowCounterSupport, TimestampedSlidingWindow):
    """Window counters by name. A hit is looked at and counted in one transaction: two cannot both be the last."""

    STORAGE_SCHEME = None  # it is not opened by a URL

    def __init__(self, path: Path) -> None:
        super().__init__()
        self._path = path

    @property
    def base_exceptions(self) -> type[Exception]:
        return sqlite3.Error

    def make(self) -> None:
        """Make the file, or make sure that it is one of ours."""
        with closing(sqlite3.connect(self._path, timeout=PATIENCE)) as connection:
            connection.executescript(_SHAPE)
            connection.execute("SELECT name, count, ends FROM counts LIMIT 1").fetchone()
        self._path.chmod(0o600)

    def incr(self, key: str, expiry: int, amount: int = 1) -> int:
        now = time.time()
        with self._writing(now) as connection:
            return _add(connection, key, amount, now + expiry)

    def get(self, key: str) -> int:
        with self._open() as connection:
            return _count(connection, key, time.time())

    def get_expiry(self, key: str) -> float:
        with self._open() as connection:
            row = connection.execute("SELECT ends FROM counts WHERE name = ?", (key,)).fetchone()
        return float(row[0]) if row else time.time()

    def check(self) -> bool:
        self.get("")
        return True

    def reset(self) -> int:
        with self._writing(time.time()) as connection:
            return connection.execute("DELETE FROM counts").rowcount

    def clear(self, key: str) -> None:
        with self._writing(time.time()) as connection:
            connection.execute("DELETE FROM counts WHERE name = ?", (key,))

    def acquire_sliding_window_entry(self, key: str, limit: int, expiry: int, amount: int = 1) -> bool:
        now = time.time()
        with self._writing(now) as connection:
            before, left, current, _ = self._window(connection, key, expiry, now)
            if math.floor(before * left / expiry + current) + amount > limit:
                return False
            _add(connection, self.sliding_window_keys(key, expiry, now)[1], amount, now + 2 * expiry)
            return True

    def get_sliding_window(self, key: str, expiry: int) -> tuple[int, float, int, float]:
        with self._open() as connection:
            return self._window(connection, key, expiry, time.time())

    def clear_sliding_window(self, key: str, expiry: int) -> None:
        for name in self.sliding_window_keys(key, expiry, time.time()):
            self.clear(name)

    def _window(
        self, connection: sqlite3.Connection, key: str, expiry: int, now: float
    ) -> tuple[int, float, int, float]:
        """The count before, for how long it still counts; the count now, and for how long."""
        before, current = (_count(connection, name, now) for name in self.sliding_window_keys(key, expiry, now))
        left = expiry - now % expiry
        return before, left if before else 0.0, current, left + expiry

    @contextmanager
    def _open(self) -> Iterator[sqlite3.Connection]:
        address = f"{self._path.absolute().as_uri()}?mode=rw"
        connection = sqlite3.connect(address, timeout=PATIENCE, uri=True, isolation_level=None)
        with closing(connection):
            connection.execute("PRAGMA synchronous=OFF")
            yield connection

    @contextmanager
    def _writing(self, now: float) -> Iterator[sqlite3.Connection]:
        """Alone, and what has ended is forgotten. What is not committed is undone when the connection closes."""
        with self._open() as connection:
            connection.execute("BEGIN IMMEDIATE")
            connection.execute("DELETE FROM counts WHERE ends <= ?", (now,))
            yield connection
            connection.execute("COMMIT")


def _count(connection: sqlite3.Connection, name: str, now: float) -> int:
    row = connection.execute("SELECT count FROM counts WHERE name = ? AND ends > ?", (name, now)).fetchone()
    return int(row[0]) if row else 0


def _add(connection: sqlite3.Connection, name: str, amount: int, ends: float) -> int:
    """The first hit decides when it ends."""
    said = "INSERT INTO counts VALUES (?, ?, ?) ON CONFLICT (name) DO UPDATE SET count = count + ? RETURNING count"
    return int(connection.execute(said, (name, amount, ends, amount)).fetchone()[0])
