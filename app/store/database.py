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

from sqlalchemy import Engine, create_engine, event, make_url
from sqlalchemy.orm import Session

from app.errors import ConfigurationError


class Database:
    """One database, shared by threads and processes. Open it after fork."""

    def __init__(self, url: str) -> None:
        parsed = make_url(url)
        if parsed.get_backend_name() != "sqlite" or not parsed.database:
            raise ConfigurationError("DULY_DATABASE_URL: only sqlite:///FILE is supported")
        self.path = Path(parsed.database)
        self.engine = _sqlite(url)
        self._gate = self.path.with_name(self.path.name + ".lock")
        self._turn = threading.Lock()

    @contextmanager
    def write(self) -> Iterator[Session]:
        """One writing transaction: it commits when the block ends well, and is undone otherwise.

        A crash inside leaves a journal that SQLite rolls back at the next opening: nothing of it happened.
        """
        with self._turn, self._gate.open("a") as gate:
            fcntl.flock(gate, fcntl.LOCK_EX)  # given back when the file closes, also by a crash
            with (
                Session(self.engine.execution_options(writes=True), expire_on_commit=False) as session,
                session.begin(),
            ):
                yield session

    @contextmanager
    def read(self) -> Iterator[Session]:
        """One reading transaction. Keep it short: in rollback mode a long reader locks out the writer."""
        with Session(self.engine, expire_on_commit=False) as session, session.begin():
            yield session

    def close(self) -> None:
        self.engine.dispose()


def _sqlite(url: str) -> Engine:
    engine = create_engine(url, connect_args={"timeout": 30})

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
