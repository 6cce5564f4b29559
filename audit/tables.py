"""The log's tables (表): what counts are the exact bytes in `leaf`, every other column can be made again from them.

Triggers refuse changes of old rows: against mishaps, not as evidence.
"""

from typing import Any

from sqlalchemy import BigInteger, Column, Connection, Integer, LargeBinary, MetaData, String, Table, event, text

NAMES = {"ix": "ix_%(column_0_label)s", "uq": "uq_%(table_name)s_%(column_0_name)s", "pk": "pk_%(table_name)s"}

metadata = MetaData(naming_convention=NAMES)
_Count = BigInteger().with_variant(Integer, "sqlite")

entries = Table(
    "entry",
    metadata,
    Column("seq", _Count, primary_key=True, autoincrement=False),
    Column("leaf", LargeBinary, nullable=False),
    Column("hash", LargeBinary(32), nullable=False, unique=True),
    Column("prev", LargeBinary(32), nullable=False, unique=True),  # a second successor is a fork
    Column("ts", String(27), nullable=False),
    Column("action", String(80), nullable=False, index=True),
    Column("actor", String(80), nullable=False),
    Column("org", String(80), nullable=False, index=True),
    Column("document", String(36), index=True),
    Column("case_id", String(36), index=True),
    Column("intent", _Count, unique=True),  # the intent whose outcome this is: there is only one
)
heads = Table(
    "head",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("size", _Count, nullable=False),
    Column("last_hash", LargeBinary(32), nullable=False),
    Column("frontier", LargeBinary, nullable=False),
)
subtrees = Table(
    "subtree",
    metadata,
    Column("level", Integer, primary_key=True, autoincrement=False),
    Column("position", _Count, primary_key=True, autoincrement=False),
    Column("hash", LargeBinary(32), nullable=False),
)
_SQLITE_GUARD = """
    CREATE TRIGGER IF NOT EXISTS {table}_is_never_{what} BEFORE {verb} ON {table}
    BEGIN SELECT RAISE(ABORT, 'the log is append-only'); END
"""
_POSTGRES_REFUSAL = """
    CREATE OR REPLACE FUNCTION log_is_append_only() RETURNS trigger LANGUAGE plpgsql AS
    $$ BEGIN RAISE EXCEPTION 'the log is append-only' USING ERRCODE = 'restrict_violation'; END $$
"""
_POSTGRES_GUARD = """
    CREATE OR REPLACE TRIGGER {table}_is_never_{what} BEFORE {verb} ON {table}
    FOR EACH STATEMENT EXECUTE FUNCTION log_is_append_only()
"""
_GUARDED = [
    (table, verb, what)
    for table in ("entry", "subtree")
    for verb, what in (("UPDATE", "changed"), ("DELETE", "deleted"), ("TRUNCATE", "emptied"))
]


def protect(connection: Connection) -> None:
    """Make the triggers that refuse changes of old rows. `create_all` does it by itself; a migration calls this."""
    if connection.dialect.name == "postgresql":
        connection.execute(text(_POSTGRES_REFUSAL))
    guard = {"sqlite": _SQLITE_GUARD, "postgresql": _POSTGRES_GUARD}[connection.dialect.name]
    for table, verb, what in _GUARDED:
        if verb != "TRUNCATE" or connection.dialect.name == "postgresql":  # SQLite has no TRUNCATE
            connection.execute(text(guard.format(table=table, verb=verb, what=what)))


@event.listens_for(metadata, "after_create")
def _protect(_metadata: MetaData, connection: Connection, **_: Any) -> None:
    protect(connection)
