"""Stores on a temporary folder: real SQLite, real files, real keys."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from app.store.blobs import Blobs
from app.store.case_keys import CaseKeys
from app.store.database import Database

MASTER = bytes(range(32))


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    opened = Database(f"sqlite:///{tmp_path / 'duly.db'}")
    yield opened
    opened.close()


@pytest.fixture
def case_keys(tmp_path: Path) -> Iterator[CaseKeys]:
    keys = CaseKeys(tmp_path / "case-keys.db", MASTER)
    keys.initialise()
    yield keys
    keys.close()


@pytest.fixture
def blobs(tmp_path: Path) -> Blobs:
    return Blobs(tmp_path / "blobs")
