"""What the store's tests run on: real SQLite, a real PostgreSQL, real files, real keys."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from app.store import schema
from app.store.blobs import Blobs
from app.store.case_keys import CaseKeys
from app.store.database import Database, open_database
from app.store.documents import Documents
from app.store.journal import Journal
from tests.app.store import made
from tests.audit.logs import digest
from tests.cluster import Cluster

MASTER = bytes(range(32))


@pytest.fixture
def sqlite(tmp_path: Path) -> Iterator[Database]:
    opened = open_database(f"sqlite:///{tmp_path / 'duly.db'}")
    yield opened
    opened.close()


@pytest.fixture
def postgres(cluster: Cluster) -> Iterator[Database]:
    """A database of its own, as the role that owns it."""
    name = cluster.database()
    opened = open_database(cluster.url(name))
    yield opened
    opened.close()
    cluster.drop(name)


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def database(request: pytest.FixtureRequest) -> Database:
    """Both, one after the other: what is promised of a database holds on each."""
    found: Database = request.getfixturevalue(request.param)
    return found


@pytest.fixture
def case_keys(tmp_path: Path) -> Iterator[CaseKeys]:
    keys = CaseKeys(open_database(f"sqlite:///{tmp_path / 'case-keys.db'}"), MASTER)
    keys.initialise()
    yield keys
    keys.close()


@pytest.fixture
def blobs(tmp_path: Path) -> Blobs:
    return Blobs(tmp_path / "blobs")


@pytest.fixture
def documents(database: Database, blobs: Blobs, case_keys: CaseKeys) -> Documents:
    """Documents with an empty log, on both databases."""
    schema.migrate(database)
    kept = Documents(database, blobs, case_keys, Journal("node-1", "0.1.0"), digest("fonts"), made.LEASE)
    made.begin_log(kept, datetime(2026, 11, 25, 3, 0, tzinfo=UTC))
    return kept
