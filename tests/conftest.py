"""What holds for every test."""

from collections.abc import Iterator

import pytest
from hypothesis import settings

from tests import cluster as postgres
from tests.cluster import Cluster

# The machine may be busy converting, and the first request reads the fonts: time is no measure in a test.
settings.register_profile("unhurried", deadline=None)
settings.load_profile("unhurried")


@pytest.fixture(scope="session")
def cluster() -> Iterator[Cluster]:
    """PostgreSQL, started when the first test asks for it."""
    with postgres.running() as started:
        yield started
