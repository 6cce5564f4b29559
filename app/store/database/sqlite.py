"""SQLite (embedded). Writers wait behind a kernel lock, not behind SQLite's busy handler.

SQLite's own waiting starves: of four busy writers one did almost all the work. A blocking `flock` in front of
`BEGIN IMMEDIATE` hands the turn round. The rollback journal is kept (PERSIST) and every commit is forced to disk
(FULL): WAL loses commits on SQLite before 3.51.3 when one process writes while another checkpoints.
"""

import fcntl
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, create_engine, event
from sqlalchemy.orm import Session

from app.errors import ConfigurationError, StepFailed
from app.store.database.interface import Database, border


class SqliteDatabase(Database):
    """A file, and beside it the lock that puts its writers in line."""

    def __init__(self, path: Path, setting: str) -> None:
        self.path = path
        self.setting = setting
        self.place = str(path)
        self.engine = _engine(path, setting)
        self._gate = path.with_name(path.name + ".lock")
        self._turn = threading.Lock()

    def exists(self) -> bool:
        return self.path.exists()

    @contextmanager
    def write(self) -> Iterator[Session]:
        """A crash inside leaves a journal that SQLite rolls back at the next opening: nothing of it happened."""
        with (
            border(),
            self._turn,
            self._alone(),
            Session(self.engine.execution_options(writes=True), expire_on_commit=False) as session,
            session.begin(),
        ):
            yield session

    @contextmanager
    def _alone(self) -> Iterator[None]:
        try:
            gate = self._gate.open("a")
            fcntl.flock(gate, fcntl.LOCK_EX)  # given back when the file closes, also by a crash
        except OSError as error:
            raise StepFailed("store", f"database: {type(error).__name__} {error.errno}") from error
        try:
            yield
        finally:
            with suppress(OSError):  # nothing was written into it, and what the block did has its outcome
                gate.close()


def _engine(path: Path, setting: str) -> Engine:
    url = f"sqlite:///{path}"
    engine = create_engine(url, connect_args={"timeout": 30}, hide_parameters=True)  # errors quote no row

    @event.listens_for(engine, "connect")
    def _prepare(connection: sqlite3.Connection, _record: Any) -> None:
        connection.isolation_level = None  # the driver must not begin or commit behind our back
        for pragma in ("journal_mode=PERSIST", "synchronous=FULL", "foreign_keys=ON"):
            connection.execute(f"PRAGMA {pragma}")
        held = connection.execute("PRAGMA synchronous").fetchone()[0]
        if held < 2:
            raise ConfigurationError(f"{setting}: SQLite does not force commits to disk")

    @event.listens_for(engine, "begin")
    def _begin(connection: Any) -> None:
        writes = connection.get_execution_options().get("writes", False)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")

    return engine
