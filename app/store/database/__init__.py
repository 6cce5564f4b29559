"""Transactions on the database that the settings name: SQLite on one machine, PostgreSQL for several app servers.

Both promise the same: writers stand in one line, a block commits whole or not at all, and a commit is on disk.
"""

from pathlib import Path

from sqlalchemy import make_url
from sqlalchemy.exc import ArgumentError
from sqlalchemy.orm import Session

from app.errors import ConfigurationError
from app.store.database.interface import Database
from app.store.database.postgres import PostgresDatabase
from app.store.database.sqlite import SqliteDatabase

__all__ = ["Database", "Session", "open_database"]


def open_database(url: str, setting: str = "DULY_DATABASE_URL") -> Database:
    """The database at `sqlite:///FILE` or `postgresql://...`; `ConfigurationError` names the setting, never the URL."""
    try:
        parsed = make_url(url)
    except (ArgumentError, ValueError):  # whose text may hold a part of the password
        raise ConfigurationError(f"{setting}: not a database URL") from None
    backend = parsed.get_backend_name()
    if backend == "sqlite" and parsed.database not in {None, "", ":memory:"}:
        return SqliteDatabase(Path(str(parsed.database)), setting)
    if backend == "postgresql" and parsed.database:
        return PostgresDatabase(parsed, setting)
    raise ConfigurationError(f"{setting}: sqlite:///FILE or postgresql://USER@HOST/DATABASE")
