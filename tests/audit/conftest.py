"""What the tests of the log share."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Connection, create_engine

from audit.export import export
from audit.keeper import Keeper
from tests.audit import logs
from tests.cluster import Cluster


@pytest.fixture
def sqlite() -> Iterator[Connection]:
    """An empty SQLite database."""
    with logs.database() as opened:
        yield opened


@pytest.fixture
def postgres(cluster: Cluster) -> Iterator[Connection]:
    """An empty PostgreSQL database."""
    name = cluster.database()
    engine = create_engine(cluster.url(name).replace("postgresql:", "postgresql+psycopg:"))
    with engine.connect() as opened:
        yield opened
    engine.dispose()
    cluster.drop(name)


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def empty(request: pytest.FixtureRequest) -> Connection:
    """Both databases, one after the other."""
    found: Connection = request.getfixturevalue(request.param)
    return found


@pytest.fixture
def connection(empty: Connection) -> Connection:
    """A database with an empty log: entry 0 and nothing else."""
    logs.create(empty)
    empty.commit()
    return empty


@pytest.fixture
def story(empty: Connection) -> Connection:
    """A database with one entry of each kind."""
    return logs.with_story(empty)


@pytest.fixture
def keeper(tmp_path: Path) -> Keeper:
    return Keeper(tmp_path / "checkpoints", logs.KEY, logs.ORIGIN)


@pytest.fixture
def exported(tmp_path: Path) -> Path:
    """A sound export of the story."""
    with logs.with_story(logs.database()) as told:
        export(told, logs.note_of(told), tmp_path / "export")
    return tmp_path / "export"
