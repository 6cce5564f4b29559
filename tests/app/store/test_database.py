"""Transactions: durable, all or nothing, and one writer at a time across processes, on both databases."""

import errno
import fcntl
import multiprocessing
import os
import signal
import time
from pathlib import Path

import pytest
from sqlalchemy import make_url, text
from sqlalchemy.exc import OperationalError

from app.errors import ConfigurationError, StepFailed
from app.store.database import Database, open_database
from app.store.database.postgres import PostgresDatabase
from app.store.database.sqlite import SqliteDatabase

SPAWN = multiprocessing.get_context("spawn")


def url_of(database: Database) -> str:
    if isinstance(database, PostgresDatabase):
        return database.url.render_as_string(hide_password=False)
    assert isinstance(database, SqliteDatabase)
    return f"sqlite:///{database.path}"


def count_up(url: str, times: int) -> None:
    database = open_database(url)
    for _ in range(times):
        with database.write() as session:
            [value] = session.execute(text("SELECT value FROM counter")).one()
            session.execute(text("UPDATE counter SET value = :value"), {"value": value + 1})


def hold(url: str, holding: str) -> None:
    with open_database(url).write() as session:
        session.execute(text("UPDATE counter SET value = 7"))
        Path(holding).touch()
        time.sleep(600)


def counting(database: Database) -> None:
    with database.write() as session:
        session.execute(text("CREATE TABLE counter (value INTEGER)"))
        session.execute(text("INSERT INTO counter VALUES (0)"))


def counted(database: Database) -> int:
    with database.read() as session:
        return int(session.execute(text("SELECT value FROM counter")).scalar_one())


def test_commits_are_forced_to_disk_and_the_journal_is_no_wal(sqlite: Database) -> None:
    with sqlite.read() as session:
        assert session.execute(text("PRAGMA synchronous")).scalar() == 2
        assert session.execute(text("PRAGMA journal_mode")).scalar() == "persist"
        assert session.execute(text("PRAGMA foreign_keys")).scalar() == 1


@pytest.mark.postgres
def test_on_postgresql_commits_are_forced_to_disk_whatever_the_role_has_as_its_default(postgres: Database) -> None:
    with postgres.write() as session:
        session.execute(text("ALTER ROLE CURRENT_USER SET synchronous_commit = off"))
    postgres.close()

    with postgres.write() as session:
        assert session.execute(text("SHOW synchronous_commit")).scalar() == "on"
        assert session.execute(text("SHOW fsync")).scalar() == "on"
        session.execute(text("ALTER ROLE CURRENT_USER RESET synchronous_commit"))


@pytest.mark.postgres
def test_on_postgresql_a_snapshot_older_than_the_lock_is_refused(postgres: Database) -> None:
    postgres.engine = postgres.engine.execution_options(isolation_level="REPEATABLE READ")

    with pytest.raises(ConfigurationError, match="READ COMMITTED"), postgres.write():
        pass


def test_a_failed_block_leaves_nothing(database: Database) -> None:
    counting(database)
    with pytest.raises(RuntimeError), database.write() as session:
        session.execute(text("UPDATE counter SET value = 1"))
        raise RuntimeError

    assert counted(database) == 0


def test_a_lock_that_cannot_be_had_is_a_failed_step(sqlite: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(*_: object) -> None:
        raise OSError(errno.ENOLCK, "No locks available")

    monkeypatch.setattr(fcntl, "flock", refused)

    with pytest.raises(StepFailed, match="database: OSError 37"), sqlite.write():
        pass


def test_read_then_write_never_loses_an_update_between_processes(database: Database) -> None:
    counting(database)
    workers = [SPAWN.Process(target=count_up, args=(url_of(database), 25)) for _ in range(4)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()

    assert counted(database) == 100


def test_a_writer_that_is_killed_gives_its_turn_back_and_leaves_nothing(database: Database, tmp_path: Path) -> None:
    counting(database)
    holding = tmp_path / "holding"
    worker = SPAWN.Process(target=hold, args=(url_of(database), str(holding)))
    worker.start()
    while not holding.exists():
        time.sleep(0.01)
    os.kill(worker.pid or 0, signal.SIGKILL)
    worker.join()

    count_up(url_of(database), 1)
    assert counted(database) == 1


@pytest.mark.parametrize(
    "url", ["sqlite://", "sqlite:///:memory:", "mysql://localhost/duly", "postgresql://host", "duly.db", ""]
)
def test_a_database_that_cannot_keep_its_promise_is_refused(url: str) -> None:
    with pytest.raises(ConfigurationError, match="DULY_DATABASE_URL"):
        open_database(url)


def test_a_server_that_does_not_answer_is_named_by_its_setting_and_not_by_its_password(tmp_path: Path) -> None:
    database = open_database(f"postgresql://duly:secret@/duly?host={tmp_path}")

    with pytest.raises(ConfigurationError, match="DULY_DATABASE_URL") as refusal:
        database.exists()
    assert "secret" not in str(refusal.value)


@pytest.mark.postgres
def test_a_turn_that_never_comes_is_given_up(postgres: Database) -> None:
    assert isinstance(postgres, PostgresDatabase)
    impatient = open_database(str(make_url(url_of(postgres))))
    with postgres.write(), pytest.raises(OperationalError, match="lock timeout"):  # noqa: SIM117 -- the outer one holds
        with impatient.engine.connect() as connection:
            connection.execute(text("SET lock_timeout = '50ms'"))
            connection.execute(text("SELECT pg_advisory_xact_lock(:space, 1)"), {"space": 0x64756C79})
    impatient.close()


@pytest.mark.parametrize(
    "url", ["postgresql://duly:p@ss:SECRET@db/duly", "postgresql://duly:SECRET@127.0.0.1:abc/duly", "nonsense"]
)
def test_a_url_that_cannot_be_read_is_named_by_its_setting_and_not_repeated(url: str) -> None:
    with pytest.raises(ConfigurationError) as refusal:
        open_database(url, "DULY_CASE_KEYS")

    assert str(refusal.value) == "DULY_CASE_KEYS: not a database URL"
    assert (refusal.value.__cause__, refusal.value.__suppress_context__) == (None, True)
