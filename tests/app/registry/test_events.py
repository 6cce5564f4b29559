"""What is told takes its effect in the same transaction: a payoff withdraws the letters that are not posted yet."""

from pathlib import Path
from typing import Any

import pytest

from app.registry import Deliveries, Registry, events
from app.store.documents import Documents
from tests.app.registry.letters import ACTOR, entries, issued, now
from tests.app.store import made

NOTHING = dict.fromkeys(
    ("channel", "role", "name", "contact", "reserved", "outcome", "receipts", "evasion", "compliance_result",
     "staff_signature", "agreement", "next_due_on", "means"),
)  # fmt: skip


def told(kind: str, ref: str) -> dict[str, Any]:
    card = made.order().plain["account"]["card_number"]
    return {**NOTHING, "ref": ref, "card_number": card, "kind": kind, "at": now().isoformat()}


def tell(documents: Documents, registry: Registry, *said: dict[str, Any]) -> None:
    at = now()
    events.record(registry, documents.journal, "demo_bank", at, said, ACTOR, at)


@pytest.mark.parametrize("kind", ["payoff", "death", "fraud", "claim_transfer"])
def test_what_ends_collection_withdraws_a_letter_that_is_not_posted(
    documents: Documents, registry: Registry, deliveries: Deliveries, tmp_path: Path, kind: str
) -> None:
    letter = issued(documents, tmp_path)

    tell(documents, registry, told(kind, "EV-1"))

    assert deliveries.of(letter)["state"] == "withdrawn"
    [moved] = entries(documents, "delivery.moved")
    assert (moved["document"], moved["reason"]) == (letter.id, kind)


def test_what_is_told_again_withdraws_nothing_more(
    documents: Documents, registry: Registry, deliveries: Deliveries, tmp_path: Path
) -> None:
    first = told("payoff", "EV-1")
    tell(documents, registry, first)
    letter = issued(documents, tmp_path)

    tell(documents, registry, first)

    assert deliveries.of(letter)["state"] == "none"


def test_what_does_not_end_collection_leaves_letters_where_they_are(
    documents: Documents, registry: Registry, deliveries: Deliveries, tmp_path: Path
) -> None:
    letter = issued(documents, tmp_path)

    tell(documents, registry, told("nothing_new", "EV-1"))

    assert deliveries.of(letter)["state"] == "none"
