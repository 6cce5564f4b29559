"""The registry's tests run on what the store's run on: both databases, real files, real keys."""

import pytest

from app.registry import Deliveries, Registry, Stamps
from app.store.documents import Documents
from tests.app.store.conftest import blobs, case_keys, database, documents, postgres, sqlite

__all__ = ["blobs", "case_keys", "database", "documents", "postgres", "sqlite"]


@pytest.fixture
def registry(documents: Documents) -> Registry:
    return Registry(documents.database, documents.case_keys)


@pytest.fixture
def deliveries(documents: Documents) -> Deliveries:
    return Deliveries(documents.database, documents.case_keys, documents.journal)


@pytest.fixture
def stamps(documents: Documents) -> Stamps:
    return Stamps(documents.database, documents.case_keys, documents.journal)
