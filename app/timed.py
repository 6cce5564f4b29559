"""A database whose writing is timed: the wait for the turn, the turn, and of that the commit."""

import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager

from sqlalchemy.orm import Session

from app.store.database import Database


class TimedDatabase(Database):
    """Another database, asked in the same way; `told` is called with part and seconds."""

    def __init__(self, database: Database, told: Callable[[str, float], None]) -> None:
        self._database = database
        self._told = told
        self.engine, self.setting = database.engine, database.setting
        self.role, self.place = database.role, database.place

    def exists(self) -> bool:
        return self._database.exists()

    @contextmanager
    def write(self) -> Iterator[Session]:
        """As the other's; what was undone is not told."""
        began = time.monotonic()
        with ExitStack() as stack:
            session = stack.enter_context(self._database.write())
            turn = time.monotonic()
            self._told("wait", turn - began)
            yield session
            commit = time.monotonic()
        ended = time.monotonic()
        self._told("commit", ended - commit)
        self._told("turn", ended - turn)
