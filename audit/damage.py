"""A database that is not as the log left it (数据库受损) is the log's own alarm, not a stray error of some library.

A missing table or column, or a value that no reader can decode, is `Altered`. A database that is busy, full or out of
reach has lost nothing: its error goes to the caller as it is, who may try again.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy.exc import DatabaseError, DataError, ProgrammingError

from audit.errors import Altered

_DAMAGE = ("SQLITE_ERROR", "SQLITE_CORRUPT", "SQLITE_NOTADB", "SQLITE_MISMATCH")


@contextmanager
def alarm() -> Iterator[None]:
    """Around whatever reads or writes the tables."""
    try:
        yield
    except DatabaseError as error:
        if _is_damage(error):
            raise Altered("a table of the log is missing or cannot be read") from error
        raise


def _is_damage(error: DatabaseError) -> bool:
    """SQLite has one class for all; what its codes do not say is a value that could not be decoded."""
    if type(error.orig).__module__ != "sqlite3":
        return isinstance(error, DataError | ProgrammingError)
    return str(getattr(error.orig, "sqlite_errorname", "SQLITE_ERROR")).startswith(_DAMAGE)
