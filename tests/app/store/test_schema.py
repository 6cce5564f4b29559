"""Migrations lead to just the tables that the code expects."""

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from app.errors import ConfigurationError
from app.store import schema
from app.store.database import Database
from app.store.models import Base
from audit import log


def test_a_migrated_database_has_just_the_tables_of_the_code(database: Database) -> None:
    schema.migrate(database)

    with database.read() as session:
        context = MigrationContext.configure(session.connection())
        differences = compare_metadata(context, [Base.metadata, log.metadata])  # type: ignore[arg-type]  # a list works
    assert differences == []


def test_migrating_twice_changes_nothing(database: Database) -> None:
    schema.migrate(database)
    schema.migrate(database)

    schema.require_current(database)


def test_a_database_of_another_shape_stops_the_start(database: Database) -> None:
    with pytest.raises(ConfigurationError, match="migrate"):
        schema.require_current(database)


def test_a_migrated_log_refuses_changes_of_old_rows(database: Database) -> None:
    schema.migrate(database)
    row = "INSERT INTO entry (seq, leaf, hash, prev, ts, action, actor, org) VALUES (0, x'', x'', x'', '', '', '', '')"
    with database.write() as session:
        session.execute(text(row))

    for change in ("UPDATE entry SET leaf = x'00'", "DELETE FROM entry"):
        with pytest.raises(IntegrityError, match="append-only"), database.write() as session:
            session.execute(text(change))
