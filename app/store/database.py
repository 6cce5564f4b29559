"""Transactions on SQLite (embedded). Writers wait behind a kernel lock, not behind SQLite's busy handler.

SQLite's own waiting starves: of four busy writers one did almost all the work. A blocking `flock` in front of
`BEGIN IMMEDIATE` hands the turn round. The rollback journal is kept (PERSIST) and every commit is forced to disk
(FULL): WAL loses commits on SQLite before 3.51.3 when one process writes while another checkpoints.
"""

import fcntl
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, create_engine, event, make_url, text
from sqlalchemy.exc import ArgumentError, DatabaseError, OperationalError
from sqlalchemy.orm import Session

from app.errors import ConfigurationError, StepFailed

# A full or broken disk, a file that is no database, a lock nobody gives back. Everything else is a fault of ours.
_BROKEN = (OperationalError, DatabaseError, sqlite3.OperationalError, sqlite3.DatabaseError)


class Database:
    """One database, shared by threads and processes. Open it after fork."""

    def __init__(self, url: str) -> None:
        self.path = _file(url)
        self.engine = _sqlite(url)
        self._gate = self.path.with_name(self.path.name + ".lock")
        self._turn = threading.Lock()

    @contextmanager
    def write(self) -> Iterator[Session]:
        """One writing transaction: it commits when the block ends well, and is undone otherwise.

        A crash inside leaves a journal that SQLite rolls back at the next opening: nothing of it happened.
        A disk that is full, or a database that cannot be written, is `StepFailed`.
        """
        with (
            _border(),
            self._turn,
            self._alone(),
            Session(self.engine.execution_options(writes=True), expire_on_commit=False) as session,
            session.begin(),
        ):
            yield session

    @contextmanager
    def read(self) -> Iterator[Session]:
        """One reading transaction. Keep it short: in rollback mode a long reader locks out the writer."""
        with _border(), Session(self.engine, expire_on_commit=False) as session, session.begin():
            yield session

    def require_readable(self) -> None:
        """Raise `StepFailed` unless this is a database and can be read."""
        with self.read() as session:
            session.execute(text("SELECT count(*) FROM sqlite_master"))

    @contextmanager
    def _alone(self) -> Iterator[None]:
        try:
            gate = self._gate.open("a")
        except OSError as error:
            raise StepFailed("store", f"database: {type(error).__name__} {error.errno}") from error
        with gate:
            fcntl.flock(gate, fcntl.LOCK_EX)  # given back when the file closes, also by a crash
            yield

    def close(self) -> None:
        self.engine.dispose()


def _file(url: str) -> Path:
    try:
        parsed = make_url(url)
        if parsed.get_backend_name() == "sqlite" and parsed.database and parsed.database != ":memory:":
            return Path(parsed.database)
    except ArgumentError:
        pass
    raise ConfigurationError("DULY_DATABASE_URL: only sqlite:///FILE is supported")


@contextmanager
def _border() -> Iterator[None]:
    try:
        yield
    except _BROKEN as error:
        if type(error) not in _BROKEN:
            raise
        raise StepFailed("store", f"database: {type(error).__name__}") from error


def _sqlite(url: str) -> Engine:
    engine = create_engine(url, connect_args={"timeout": 30}, hide_parameters=True)  # errors quote no row

    @event.listens_for(engine, "connect")
    def _prepare(connection: sqlite3.Connection, _record: Any) -> None:
        connection.isolation_level = None  # the driver must not begin or commit behind our back
        for pragma in ("journal_mode=PERSIST", "synchronous=FULL", "foreign_keys=ON"):
            connection.execute(f"PRAGMA {pragma}")
        held = connection.execute("PRAGMA synchronous").fetchone()[0]
        if held < 2:
            raise ConfigurationError("DULY_DATABASE_URL: SQLite does not force commits to disk")

    @event.listens_for(engine, "begin")
    def _begin(connection: Any) -> None:
        writes = connection.get_execution_options().get("writes", False)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")

    return engine
