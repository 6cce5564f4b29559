"""What a database promises to the rooms that keep something in it."""

import sqlite3
from abc import ABC, abstractmethod
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager

from sqlalchemy import Engine, inspect
from sqlalchemy.exc import DatabaseError, OperationalError
from sqlalchemy.orm import Session

from app.errors import StepFailed

# A full or broken disk, a file that is no database, a lock nobody gives back, a server that is gone. Everything else
# is a fault of ours.
_BROKEN = (OperationalError, DatabaseError, sqlite3.OperationalError, sqlite3.DatabaseError)


class Database(ABC):
    """One database, shared by threads and processes. Open it after fork."""

    engine: Engine
    setting: str  # the setting that names it, for messages
    role: str | None = None  # who we are to a server
    place: str  # file, or server and name, without user and password, for messages

    @abstractmethod
    def exists(self) -> bool:
        """Whether there is a database to connect to; asking makes none."""

    @abstractmethod
    def write(self) -> AbstractContextManager[Session]:
        """One writing transaction: it commits when the block ends well, and is undone otherwise.

        Whoever is inside is alone: what was read stays true until the commit, in every process and on every server.
        A disk that is full, or a database that cannot be written or reached, is `StepFailed`.
        """

    @contextmanager
    def read(self) -> Iterator[Session]:
        """One reading transaction. Keep it short: on SQLite a long reader locks out the writer."""
        with border(), Session(self.engine, expire_on_commit=False) as session, session.begin():
            yield session

    def require_readable(self) -> None:
        """Raise `StepFailed` unless this is a database and can be read."""
        with self.read() as session:
            inspect(session.connection()).get_table_names()

    def close(self) -> None:
        self.engine.dispose()


@contextmanager
def border() -> Iterator[None]:
    """Turn what breaks outside of us into `StepFailed`; the subclasses that name faults of ours go on as they are."""
    try:
        yield
    except _BROKEN as error:
        if type(error) not in _BROKEN:
            raise
        raise StepFailed("store", f"database: {type(error).__name__}") from error
