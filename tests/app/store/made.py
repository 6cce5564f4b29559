"""Orders and signed letters for the store's tests. The store never looks into a PDF, so a few bytes stand for one."""

import json
import uuid
from datetime import datetime, timedelta
from pathlib import Path

from app import facts, wording
from app.artifacts import (
    Actor,
    Approved,
    Assembled,
    Attempt,
    Box,
    Converted,
    File,
    Order,
    Part,
    Proof,
    Rendered,
    Signed,
    Verified,
)
from app.pipeline import utc_now
from app.store.documents import Documents
from app.store.journal import SYSTEM
from app.store.models import Organisation
from app.templates import read_sample, request_schema
from audit import checkpoint, log
from tests.audit.logs import KEY, digest
from tests.wiring import catalogue_here

LEASE = timedelta(minutes=2)
ORIGIN = "letters.demo-bank.example/audit/test"
ORGANISATION = str(uuid.UUID(int=7))
PROOF = Proof("cn.letter.D01", "来源", "张三先生", (Box(1, 50, 700, 150, 712),))


def begin_log(documents: Documents, at: datetime) -> None:
    """An organisation to ask, and a log to write to."""
    with documents.database.write() as session:
        session.add(Organisation(id=ORGANISATION, name="示范银行", kind="bank"))
        session.flush()
        common = documents.journal.common(SYSTEM, at)
        log.create(session.connection(), ORIGIN, checkpoint.vkey(ORIGIN, KEY), digest("policy"), common)


def order(key: str | None = None, reference: str = "case-1") -> Order:
    """A request for a letter, as HTTP makes one of it."""
    catalogue = catalogue_here()
    kind = catalogue.types["dunning_letter"]
    today = wording.beijing_day(utc_now())
    body = read_sample(kind, today) | {"client_ref": reference}
    loaded = facts.validate(request_schema(kind), body)
    return Order(
        type=kind,
        pack=catalogue.packs[kind.jurisdiction],
        issuer=catalogue.issuers["demo_bank"],
        facts=loaded,
        plain=facts.plain(request_schema(kind), loaded),
        on=today,
        on_given=False,
        specimen=True,
        asker="bank",
        actor=Actor(f"key:{uuid.UUID(int=8)}", "key", ORGANISATION, str(uuid.UUID(int=9))),
        idempotency_key=key,
        body=json.dumps(body).encode(),
    )


def signed(attempt: Attempt, folder: Path) -> Signed:
    """A letter that has come all the way to its signature."""
    path = folder / f"{attempt.document_id}.pdf"
    path.write_bytes(b"%PDF-1.7\n% " + attempt.document_id.encode() + b"\n%%EOF\n")
    parts = (Part("letter", File.at(path)),)
    asked = attempt.order
    about = (asked.type.name, asked.issuer.id, attempt.number, asked.on)
    approved = Approved(attempt.document_id, *about, specimen=True, facts=asked.facts, blanks={}, rules=("R01",))
    assembled = Assembled(Converted(Rendered(approved, ()), parts, "LibreOffice"), parts)
    return Signed(Verified(assembled, (PROOF,), {"letter": 2}), parts, digest("certificate"), "B-B")


def sealed(documents: Documents, folder: Path, at: datetime, key: str | None = None) -> Attempt:
    """An issued letter."""
    attempt = documents.begin(order(key), at)
    assert isinstance(attempt, Attempt)
    documents.seal(attempt, signed(attempt, folder), at)
    return attempt
