"""What the tests of the log share."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Connection

from audit.export import export
from audit.keeper import Keeper
from tests.audit import logs


@pytest.fixture
def connection() -> Iterator[Connection]:
    """A database with an empty log: entry 0 and nothing else."""
    with logs.database() as opened:
        logs.create(opened)
        opened.commit()
        yield opened


@pytest.fixture
def story() -> Iterator[Connection]:
    """A database with one entry of each kind."""
    with logs.database() as opened:
        yield logs.with_story(opened)


@pytest.fixture
def keeper(tmp_path: Path) -> Keeper:
    return Keeper(tmp_path / "checkpoints", logs.KEY, logs.ORIGIN)


@pytest.fixture
def exported(story: Connection, tmp_path: Path) -> Path:
    """A sound export of the story."""
    export(story, logs.note_of(story), tmp_path / "export")
    return tmp_path / "export"
