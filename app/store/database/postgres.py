"""PostgreSQL, for several app servers on one database. Writers wait behind an advisory lock, first come, first served.

The lock is the transaction's first act and is given back by its commit, after the commit is on disk. READ COMMITTED is
required and asserted: a snapshot taken at the beginning would be older than the lock, and the log's head in it stale.
A server that stops answering in the middle of a transaction is cut off after a minute, so that it holds up nobody.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import URL, Engine, create_engine, text
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from app.errors import ConfigurationError
from app.store.database.interface import Database, border

WAITING = 30  # seconds for the turn to write
IDLE = 60  # seconds that a transaction may do nothing at all
_TURN = text("SELECT pg_advisory_xact_lock(:space, 1), current_setting('transaction_isolation')")
_SPACE = 0x64756C79  # "duly", so that another program's advisory locks in the same database are not ours
_OPTIONS = {
    "default_transaction_isolation": "read\\ committed",
    "synchronous_commit": "on",  # whatever the role or the server has as its default
    "lock_timeout": f"{WAITING}s",
    "idle_in_transaction_session_timeout": f"{IDLE}s",
}


class PostgresDatabase(Database):
    """A database on a server. The role in the URL may read and add log entries, not change them (grants.py)."""

    def __init__(self, url: URL, setting: str) -> None:
        self.url = url
        self.role = url.username
        self.setting = setting
        self.place = f"{url.host or 'the local server'}/{url.database}"
        self.engine = _engine(url)

    def exists(self) -> bool:
        """True, or `ConfigurationError` when the server cannot be reached: databases are made by its operator."""
        try:
            with self.engine.connect() as connection:
                connection.execute(text("SELECT 1"))
        except OperationalError as error:
            raise ConfigurationError(f"{self.setting}: the PostgreSQL server refuses or does not answer") from error
        return True

    @contextmanager
    def write(self) -> Iterator[Session]:
        """A crash inside, here or of the server, leaves nothing: the transaction never committed."""
        with border(), Session(self.engine, expire_on_commit=False) as session, session.begin():
            isolation = session.execute(_TURN, {"space": _SPACE}).one()[1]
            if isolation != "read committed":
                raise ConfigurationError(f"{self.setting}: writes need READ COMMITTED, this is {isolation}")
            yield session


def _engine(url: URL) -> Engine:
    options = " ".join(f"-c {name}={value}" for name, value in _OPTIONS.items())
    return create_engine(
        url.set(drivername="postgresql+psycopg"),
        connect_args={"options": options, "application_name": "duly", "connect_timeout": 10},
        hide_parameters=True,  # errors quote no row
        pool_pre_ping=True,  # a server that was restarted costs nobody a request
    )
