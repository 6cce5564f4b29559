"""What is told takes its effect in the same transaction: a payoff withdraws the letters that are not posted yet."""

from pathlib import Path
from typing import Any

import pytest

from app import gate
from app.registry import Deliveries, Registry, events
from app.store.documents import Documents
from app.store.models import BlockedContactRow
from tests.app.registry.letters import ACTOR, entries, issued, now
from tests.app.store import made
from tests.wiring import catalogue_here

NOTHING = dict.fromkeys(
    ("channel", "role", "name", "contact", "reserved", "outcome", "receipts", "evasion", "compliance_result",
     "staff_signature", "agreement", "next_due_on", "means"),
)  # fmt: skip


RULES = [rule for pack in catalogue_here().packs.values() for rule in pack.rules]
ENDS = gate.ended_by(RULES)


def told(kind: str, ref: str, **more: Any) -> dict[str, Any]:
    card = made.order().plain["account"]["card_number"]
    return {**NOTHING, "ref": ref, "card_number": card, "kind": kind, "at": now().isoformat(), **more}


def tell(documents: Documents, registry: Registry, *said: dict[str, Any]) -> None:
    at = now()
    events.record(registry, documents.journal, "demo_bank", at, said, ENDS, ACTOR, at)


@pytest.mark.parametrize("kind", ["payoff", "death", "fraud", "claim_transfer", "agreement"])
def test_what_ends_collection_withdraws_a_letter_that_is_not_posted(
    documents: Documents, registry: Registry, deliveries: Deliveries, tmp_path: Path, kind: str
) -> None:
    letter = issued(documents, tmp_path)

    tell(documents, registry, told(kind, "EV-1", agreement="performing" if kind == "agreement" else None))

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

    tell(documents, registry, told("nothing_new", "EV-1"), told("agreement", "EV-2", agreement="defaulted"))

    assert deliveries.of(letter)["state"] == "none"


def test_the_rules_say_what_ends_which_documents_and_an_answer_that_is_owed_is_none_of_them() -> None:
    to_sign = {"promise_to_pay", "instalment_agreement"}
    assert dict(ENDS) == {
        **dict.fromkeys(
            ("payoff", "claim_transfer", "fraud", "death"), {"dunning_letter", "payment_reminder"} | to_sign
        ),
        "agreement": {"dunning_letter"},
    }


def test_a_document_of_a_type_that_goes_on_is_left_where_it_is(
    documents: Documents, registry: Registry, deliveries: Deliveries, tmp_path: Path
) -> None:
    letter = issued(documents, tmp_path)
    at, said = now(), told("payoff", "EV-1")

    events.record(registry, documents.journal, "demo_bank", at, [said], {"payoff": {"love_letter"}}, ACTOR, at)

    assert deliveries.of(letter)["state"] == "none"


def test_a_returned_address_that_is_told_again_keeps_its_first_reason(
    documents: Documents, registry: Registry, tmp_path: Path
) -> None:
    letter = issued(documents, tmp_path)
    first = told("contact_blocked", "EV-1", contact="13800000000")
    tell(documents, registry, first)
    with documents.database.write() as session:
        [row] = session.query(BlockedContactRow).all()
        row.reason = "moved"

    tell(documents, registry, {**first, "ref": "EV-2", "contact": "+86 138-0000-0000"})

    with documents.database.read() as session:
        assert [row.reason for row in session.query(BlockedContactRow).all()] == ["moved"]
    assert letter.account_id


@pytest.mark.parametrize(
    ("written", "same"),
    [
        ("138-0000-0000", True),
        ("+8613800000000", True),
        ("0086 138 0000 0000", True),
        ("138.0000.0000", True),
        ("13800000001", False),
        ("a13800000000@demo-bank.example", False),
        ("示范省示范市虚构路13800000000号", False),
    ],
)
def test_a_telephone_number_is_one_however_it_is_written(registry: Registry, written: str, same: bool) -> None:
    assert (registry.contact("1", written) == registry.contact("1", "13800000000")) == same
