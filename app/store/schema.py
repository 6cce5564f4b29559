"""The database's shape: bring it to this version's (migrate), and refuse to start on any other."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, inspect, select

from app.errors import ConfigurationError
from app.store import grants
from app.store.database import Database
from audit import tables

_MIGRATIONS = Path(__file__).parent / "migrations"


def migrate(database: Database, service_role: str | None = None) -> None:
    """Apply what is missing, in one transaction: it happens whole or not at all. `service_role` gets its grants."""
    with database.write() as session:
        config = _config()
        config.attributes["connection"] = session.connection()
        command.upgrade(config, "head")
        if service_role is not None:
            grants.grant(session.connection(), service_role)


def require_current(database: Database) -> None:
    """Raise `ConfigurationError` unless the database has just this version's shape."""
    wanted = set(ScriptDirectory.from_config(_config()).get_heads())
    with database.read() as session:
        found = set(MigrationContext.configure(session.connection()).get_current_heads())
    if found != wanted:
        raise ConfigurationError(f"{database.setting}: another version's shape; run `flask --app wsgi migrate`")
    grants.require_restricted(database)


def has_log(connection: Connection) -> bool:
    """Whether a log was ever begun in this database."""
    if not inspect(connection).has_table(tables.heads.name):
        return False
    return connection.execute(select(tables.heads.c.id)).first() is not None


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(_MIGRATIONS))
    return config
