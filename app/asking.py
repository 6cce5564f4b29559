"""The gate's question, put together (提问): from a request that was validated, and what is known of its account."""

from collections.abc import Mapping
from datetime import date, datetime
from functools import cache
from typing import Any

from marshmallow import Schema

from app import facts, gate
from app.catalogue import DocumentType, Issuer, Pack, Tier
from app.registry.known import NOTHING, Known


def question(
    kind: DocumentType, pack: Pack, issuer: Issuer, said: Mapping[str, Any], on: date, at: datetime,
    known: Known = NOTHING, asker: str = "bank",
) -> gate.Question:  # fmt: skip
    """What the gate is asked about `said`, the loaded facts, for the legal day `on` at the moment `at`."""
    tier = tier_of(kind, said, on)
    return gate.Question(
        facts=said,
        on=on,
        at=at,
        type=kind.name,
        passages=facts.passages(_schema(kind.name, tuple(kind.facts.items())), said),
        lexicon=pack.lexicon,
        known=known,
        tier=tier.id if tier else "",
        issuer=issuer.record,
        asker=asker,
        template_sha256=kind.sha256,
        stamp_sha256=issuer.stamp_sha256,
    )


def tier_of(kind: DocumentType, said: Mapping[str, Any], on: date) -> Tier | None:
    """The stage that the oldest debt's days overdue lead to; None when the type has none for so many."""
    debts = said.get("account", {}).get("debts", ()) if kind.tiers else ()
    days = [(on - debt["oldest_unpaid_due_on"]).days for debt in debts]
    return kind.tier(max(days)) if days else None


@cache  # as many as there are document types
def _schema(name: str, asked: tuple[tuple[str, str], ...]) -> Schema:
    return facts.request_schema(name, dict(asked))()
