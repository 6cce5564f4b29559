"""Transactions: durable settings, all or nothing, and one writer at a time across processes."""

import multiprocessing
from pathlib import Path

import pytest
from sqlalchemy import text

from app.errors import ConfigurationError
from app.store.database import Database


def count_up(url: str, times: int) -> None:
    database = Database(url)
    for _ in range(times):
        with database.write() as session:
            [value] = session.execute(text("SELECT value FROM counter")).one()
            session.execute(text("UPDATE counter SET value = :value"), {"value": value + 1})


def test_commits_are_forced_to_disk_and_the_journal_is_no_wal(database: Database) -> None:
    with database.read() as session:
        assert session.execute(text("PRAGMA synchronous")).scalar() == 2
        assert session.execute(text("PRAGMA journal_mode")).scalar() == "persist"
        assert session.execute(text("PRAGMA foreign_keys")).scalar() == 1


def test_a_failed_block_leaves_nothing(database: Database) -> None:
    with database.write() as session:
        session.execute(text("CREATE TABLE counter (value INTEGER)"))
    with pytest.raises(RuntimeError), database.write() as session:
        session.execute(text("INSERT INTO counter VALUES (1)"))
        raise RuntimeError

    with database.read() as session:
        assert session.execute(text("SELECT count(*) FROM counter")).scalar() == 0


def test_read_then_write_never_loses_an_update_between_processes(database: Database, tmp_path: Path) -> None:
    with database.write() as session:
        session.execute(text("CREATE TABLE counter (value INTEGER)"))
        session.execute(text("INSERT INTO counter VALUES (0)"))
    url = f"sqlite:///{tmp_path / 'duly.db'}"
    context = multiprocessing.get_context("spawn")
    workers = [context.Process(target=count_up, args=(url, 25)) for _ in range(4)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()

    with database.read() as session:
        assert session.execute(text("SELECT value FROM counter")).scalar() == 100


@pytest.mark.parametrize("url", ["sqlite://", "sqlite:///:memory:", "mysql://localhost/duly", "duly.db", ""])
def test_a_database_that_cannot_keep_its_promise_is_refused(url: str) -> None:
    with pytest.raises(ConfigurationError, match="DULY_DATABASE_URL"):
        Database(url)
