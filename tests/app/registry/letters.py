"""Letters about an account, for the registry's tests, and what the log says of them."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path
from typing import Any

from app import wording
from app.artifacts import Actor, Attempt
from app.pipeline import utc_now
from app.registry import Registry
from app.store.documents import Documents
from app.store.models import DocumentRow
from audit import entry, log
from tests.app.store import made

LETTERS = ("dunning_letter",)
ACTOR = made.order().actor
STRANGER = replace(ACTOR, organisation="00000000-0000-0000-0000-000000000063")


def now() -> datetime:
    return utc_now()


def today() -> date:
    return wording.beijing_day(utc_now())


def begun(documents: Documents, actor: Actor = ACTOR, reference: str = "case-1") -> Attempt:
    """An attempt at a letter about the sample's account."""
    order = replace(made.order(reference=reference), actor=actor)
    subject = Registry(documents.database, documents.case_keys).subject(order)
    attempt = documents.begin(replace(order, subject=subject), now())
    assert isinstance(attempt, Attempt)
    return attempt


def issued(documents: Documents, folder: Path, actor: Actor = ACTOR) -> DocumentRow:
    attempt = begun(documents, actor)
    documents.seal(attempt, made.signed(attempt, folder), now())
    return documents.find(attempt.document_id, None)


def entries(documents: Documents, action: str) -> list[Mapping[str, Any]]:
    with documents.database.read() as session:
        return [entry.parse(found.leaf).payload for found in log.read(session.connection(), action=action)]
