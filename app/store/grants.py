"""Who may do what on PostgreSQL (授权): the service's role reads and adds log entries, and can change none.

One role owns the tables and migrates them (DULY_DATABASE_OWNER_URL); the service runs as another (DULY_DATABASE_URL).
Triggers refuse changes of old entries to everybody; the grants keep the service's role from dropping the triggers.
Against mishaps and a stolen password, not as evidence: what proves the log are its checkpoints.
"""

from sqlalchemy import Connection, Table, text

from app.errors import ConfigurationError
from app.store.database import Database
from app.store.models import Base
from audit import tables

_ADDED_TO = (tables.entries, tables.subtrees)
_MOVED = (tables.heads,)
_CHANGES = ("UPDATE", "DELETE", "TRUNCATE", "TRIGGER")


def grant(connection: Connection, role: str) -> None:
    """Give `role` what the service needs, and take everything else. On SQLite there are no roles: nothing is done."""
    if connection.dialect.name != "postgresql" or role == connection.engine.url.username:
        return
    quoted = connection.dialect.identifier_preparer.quote(role)
    for rights, concerned in (
        ("SELECT, INSERT", _ADDED_TO),
        ("SELECT, UPDATE", _MOVED),
        ("SELECT, INSERT, UPDATE, DELETE", tuple(Base.metadata.sorted_tables)),
    ):
        for table in concerned:
            _only(connection, rights, table.name, quoted)
    _only(connection, "SELECT", "alembic_version", quoted)


def require_restricted(database: Database) -> None:
    """Raise `ConfigurationError` when the role that the service runs as could change or remove entries."""
    with database.read() as session:
        connection = session.connection()
        if connection.dialect.name == "postgresql" and any(_may_change(connection, table) for table in _ADDED_TO):
            raise ConfigurationError(
                f"{database.setting}: this role may change log entries; let another own the tables"
                " (DULY_DATABASE_OWNER_URL) and run `flask --app wsgi migrate`"
            )


def _only(connection: Connection, rights: str, table: str, role: str) -> None:
    quoted = connection.dialect.identifier_preparer.quote(table)
    connection.execute(text(f"REVOKE ALL ON {quoted} FROM {role}"))
    connection.execute(text(f"GRANT {rights} ON {quoted} TO {role}"))


def _may_change(connection: Connection, table: Table) -> bool:
    """Having the right, or owning the table, which can give itself any right; a superuser has both."""
    owns = text("SELECT pg_has_role(relowner, 'USAGE') FROM pg_class WHERE oid = to_regclass(:table)")
    may = text("SELECT has_table_privilege(:table, :right)")
    return bool(connection.execute(owns, {"table": table.name}).scalar()) or any(
        connection.execute(may, {"table": table.name, "right": right}).scalar() for right in _CHANGES
    )
