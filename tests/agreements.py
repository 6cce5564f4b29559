"""Promises and instalment agreements for tests: issued with a page written by hand, and told as made by word of mouth.

What is issued is really signed, has an empty field for each who signs after us, and is recorded by the store, so that a
return can be signed and examined. The templates of the two types are no business of these tests.
"""

import json
import uuid
from collections.abc import Mapping
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

from app import facts, signing, wording
from app.agreeing import cardholder_signs, terms_of
from app.agreement import INSTALMENT, PROMISE
from app.artifacts import Actor, Attempt, Order, Signed, Subject, Verified
from app.catalogue.load import Catalogue
from app.pipeline import utc_now
from app.registry import Agreements
from app.schedule import CUSTOM
from app.signing import Signer, sign, signature_fields
from app.store.database import Session
from app.store.documents import Documents
from tests.app.signing.made import tiny_pdf, unchanged, verified

HOLDER, GUARANTOR = "赵示范", "钱样例"
HOLDERS_NUMBER = "99000019491231078X"
PARTIES = [
    {
        "id": "p1",
        "kind": "natural_person",
        "name": HOLDER,
        "identity": {"type": "resident_id", "number": HOLDERS_NUMBER},
    },
    {"id": "p2", "kind": "natural_person", "name": GUARANTOR},
]
WORDS = {INSTALMENT: "示范分期", PROMISE: "示范承诺", "dunning_letter": "示范催函"}
AMOUNTS = ("100.00", "100.00", "100.00")
RECORDING = {"sha256": "ab" * 32, "kept_until_paid_off": True}


def today() -> date:
    return wording.beijing_day(utc_now())


def plan(first: date, amounts: tuple[str, ...] = AMOUNTS, every: int = 30) -> dict[str, Any]:
    """A custom plan free of interest, as it travels."""
    days = [first + timedelta(days=every * index) for index in range(len(amounts))]
    rows = [{"due_on": day.isoformat(), "principal": amount} for day, amount in zip(days, amounts, strict=True)]
    total = sum(map(Decimal, amounts))
    return {
        "currency": "CNY",
        "total": f"{total:.2f}",
        "method": CUSTOM,
        "starts_on": (first - timedelta(days=1)).isoformat(),
        "first_due_on": first.isoformat(),
        "count": len(amounts),
        "annual_percent": "0",
        "rows": rows,
    }


def asked(kind: str, first: date, *, missed: int = 1, grace_days: int = 0) -> dict[str, Any]:
    """What of a request the life of an agreement looks at, as it travels."""
    body: dict[str, Any] = {
        "parties": PARTIES,
        "account": {"holder": "p1", "debts": []},
        "requested_by": {"employee_no": "E1", "unit": "部门"},
    }
    if kind == PROMISE:
        rows = [{"due_on": row["due_on"], "amount": row["principal"]} for row in plan(first)["rows"]]
        return body | {"promisor": "p1", "promise": {"currency": "CNY", "rows": rows}}
    default = {"missed": missed, "grace_days": grace_days}
    return body | {"signers": [{"party": "p1"}, {"party": "p2"}], "plan": plan(first), "terms": {"default": default}}


def loaded(kind: str, body: dict[str, Any]) -> dict[str, Any]:
    """The same with its days and amounts read."""
    if kind == PROMISE:
        rows = [
            {"due_on": date.fromisoformat(row["due_on"]), "amount": Decimal(row["amount"])}
            for row in body["promise"]["rows"]
        ]
        return body | {"promise": {"currency": "CNY", "rows": rows}}
    return body | {"plan": facts.validate(facts.RepaymentPlan, body["plan"])}


def order(catalogue: Catalogue, account_id: str, kind: str, actor: Actor, first: date, **trigger: int) -> Order:
    letter = catalogue.types["dunning_letter"]
    body = asked(kind, first, **trigger) | {"client_ref": str(uuid.uuid4())}
    return Order(
        type=replace(letter, name=kind, number_word=WORDS[kind]),
        pack=catalogue.packs[letter.jurisdiction],
        issuer=catalogue.issuers["demo_bank"],
        facts=loaded(kind, body),
        plain=body,
        on=today(),
        on_given=False,
        specimen=True,
        asker="bank",
        actor=actor,
        idempotency_key=None,
        body=json.dumps(body).encode(),
        subject=Subject(account_id, "", "", ""),
    )


def issue(
    documents: Documents,
    agreements: Agreements,
    asking: Order,
    signer: Signer,
    folder: Path,
    *,
    period_over: bool = False,
) -> tuple[str, Path]:
    """Issue it as the service would; its document's id and the signed file."""
    terms, at = terms_of(asking.type.name, asking.facts), utc_now()
    assert terms
    attempt, made = signed(documents, asking, signer, folder)

    def last_look(session: Session) -> Mapping[str, Any]:
        signs = cardholder_signs(asking.type.name, asking.facts)
        agreements.open(session, attempt, terms, at, cardholder_signs=signs, period_over=period_over)
        return {}

    documents.seal(attempt, made, at, last_look)
    return attempt.document_id, made.parts[0].file.path


def recorded(documents: Documents, asking: Order, signer: Signer, folder: Path) -> str:
    """A document that agrees to nothing; its id."""
    attempt, made = signed(documents, asking, signer, folder)
    documents.seal(attempt, made, utc_now())
    return attempt.document_id


def signed(documents: Documents, asking: Order, signer: Signer, folder: Path) -> tuple[Attempt, Signed]:
    attempt = documents.begin(asking, utc_now())
    assert isinstance(attempt, Attempt)
    (folder / attempt.document_id / "signed").mkdir(parents=True)
    page = folder / attempt.document_id / "agreement.pdf"
    page.write_bytes(tiny_pdf())
    return attempt, sign(_found_in_order(asking, page), signer, page.parent / "signed", utc_now(), unchanged)


def _found_in_order(asking: Order, page: Path) -> Verified:
    fields = signature_fields({INSTALMENT: 2, PROMISE: 1}.get(asking.type.name, 0))
    given = verified(page, specimen=True, signature_fields=fields)
    converted = given.assembled.converted
    approved = replace(converted.rendered.approved, blanks={"issuer": asking.issuer.record})
    converted = replace(converted, rendered=replace(converted.rendered, approved=approved))
    return replace(given, assembled=replace(given.assembled, converted=converted))


def countersigned(issued: Path, *names: str, later: timedelta = timedelta()) -> bytes:
    """The file with a specimen's signature of each of these, in their order."""
    path = issued
    for field, name in zip(signature_fields(len(names)), names, strict=True):
        target = issued.with_name(f"{issued.stem}-{uuid.uuid4()}.pdf")
        signing.countersign_specimen(path, field, name, target, utc_now() + later)
        path = target
    return path.read_bytes()


def told(card: str, first: date, agreed: timedelta = timedelta(), **more: Any) -> dict[str, Any]:
    """One made by word of mouth, so long ago."""
    made_at = utc_now() - agreed
    return {
        "ref": f"AG-{uuid.uuid4()}",
        "issuer": "demo_bank",
        "card_number": card,
        "agreed_at": made_at.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "plan": plan(first),
        "default": {"missed": 1, "grace_days": 0},
        "recording": RECORDING,
        **more,
    }
