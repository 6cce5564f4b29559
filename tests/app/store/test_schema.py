"""Migrations lead to just the tables that the code expects, and to rights that leave old entries alone."""

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import insert, text
from sqlalchemy.exc import IntegrityError, ProgrammingError

from app.errors import ConfigurationError
from app.store import grants, schema
from app.store.database import Database, open_database
from app.store.models import Base
from audit import tables
from tests.cluster import SERVICE, Cluster

ROW = {"seq": 0, "leaf": b"", "hash": b"", "prev": b"", "ts": "", "action": "", "actor": "", "org": ""}
CHANGES = ("UPDATE entry SET leaf = ''", "DELETE FROM entry")


def test_a_migrated_database_has_just_the_tables_of_the_code(database: Database) -> None:
    schema.migrate(database)

    with database.read() as session:
        context = MigrationContext.configure(session.connection(), opts={"compare_type": True})
        differences = compare_metadata(context, [Base.metadata, tables.metadata])  # type: ignore[arg-type]  # a list works
    assert differences == []


def test_migrating_twice_changes_nothing(sqlite: Database) -> None:
    schema.migrate(sqlite)
    schema.migrate(sqlite)

    schema.require_current(sqlite)


def test_a_database_of_another_shape_stops_the_start(database: Database) -> None:
    with pytest.raises(ConfigurationError, match="migrate"):
        schema.require_current(database)


def test_a_migrated_log_refuses_changes_of_old_rows(database: Database) -> None:
    schema.migrate(database)
    with database.write() as session:
        session.execute(insert(tables.entries), ROW)

    truncate = ("TRUNCATE entry",) if database.engine.dialect.name == "postgresql" else ()
    for change in (*CHANGES, *truncate):
        with pytest.raises(IntegrityError, match="append-only"), database.write() as session:
            session.execute(text(change))


@pytest.mark.postgres
def test_the_service_s_role_adds_entries_and_can_neither_change_them_nor_drop_the_triggers(cluster: Cluster) -> None:
    name = cluster.database()
    owner, service = open_database(cluster.url(name)), open_database(cluster.url(name, SERVICE))
    schema.migrate(owner, SERVICE)
    schema.require_current(service)
    with service.write() as session:
        session.execute(insert(tables.entries), ROW)

    for change in (*CHANGES, "TRUNCATE entry", "DROP TRIGGER entry_is_never_changed ON entry", "DROP TABLE subtree"):
        with pytest.raises(ProgrammingError, match=r"permission denied|must be owner"), service.write() as session:
            session.execute(text(change))
    owner.close()
    service.close()
    cluster.drop(name)


@pytest.mark.postgres
def test_a_role_that_may_change_entries_stops_the_start(cluster: Cluster) -> None:
    name = cluster.database()
    owner, service = open_database(cluster.url(name)), open_database(cluster.url(name, SERVICE))
    schema.migrate(owner, SERVICE)
    with pytest.raises(ConfigurationError, match="may change log entries"):
        schema.require_current(owner)

    with owner.write() as session:
        session.execute(text(f"GRANT DELETE ON subtree TO {SERVICE}"))
    with pytest.raises(ConfigurationError, match="may change log entries"):
        schema.require_current(service)

    with owner.write() as session:
        grants.grant(session.connection(), SERVICE)
    schema.require_current(service)
    owner.close()
    service.close()
    cluster.drop(name)
