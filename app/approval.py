"""Carry a human's decision out (审批): the document goes on from the gate, is refused, or is void.

A grant is a yes to the findings that were asked about and to nothing else. What was pinned when it was asked for must
be what it was: rule pack, template, request, and whether the signature is a specimen's; so must the stage of dunning,
for another stage is another letter. The gate is asked again on the
day of the decision, which becomes the legal day unless the caller named one: a finding that forbids the document
refuses it, and one that nobody has granted is asked about anew, together with those before.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from app import facts, pipeline, wording
from app.artifacts import Actor, Attempt, Granted, Order, Subject
from app.asking import tier_of
from app.catalogue import DocumentType, Issuer
from app.errors import ApprovalVoid, Forbidden, InvalidRequest, StepFailed
from app.house import House
from app.store import journal
from app.store.approvals import Decision, asked_by, asked_entry
from app.store.documents import canonical, new_check_code
from app.store.models import ApprovalRow, DocumentRow


@dataclass(frozen=True)
class Officer:
    """Who decides. The route has seen to it that the role may."""

    actor: Actor
    role: str
    issuers: frozenset[str]


def decide(service: House, approval_id: str, officer: Officer, said: Mapping[str, Any]) -> str:
    """Decide, and carry out what follows; the document's id. `said` is a loaded facts.Decision.

    Refused are a key that decides on what it asked for, an approval that does not wait, and one that is void.
    """
    at = service.steps.now()
    row, document = service.approvals.find(approval_id, officer.issuers)
    if row.asked_by == officer.actor.id:
        raise Forbidden("whoever asked for a document may not decide on it")
    service.approvals.require_waiting(row.id, at)
    require_same_as_log(service, row, document)
    if said["decision"] == "decline":
        service.approvals.settle(row.id, _decision("declined", said["reason"]["code"], said, officer), at)
        return document.id
    try:
        attempt = _rebuilt(service, row, document, officer, at)
    except ApprovalVoid as void:
        service.approvals.settle(row.id, _decision("void", void.reason, said, officer), at)
        raise
    granted = _decision("granted", said["reason"]["code"], said, officer)
    service.approvals.settle(row.id, granted, at, attempt.order.on)
    pipeline.carry_out(attempt, service.steps)
    return document.id


def require_same_as_log(service: House, row: ApprovalRow, document: DocumentRow) -> None:
    """The row only says what was asked; the entry must say the same, for the database is not trusted."""
    leaf, _ = service.entry(row.seq)
    if any(leaf.get(name) != value for name, value in asked_entry(row, document).items()):
        raise StepFailed("approval", "the approval's row and its entry disagree", status=500)


def _decision(state: str, reason: str, said: Mapping[str, Any], officer: Officer) -> Decision:
    return Decision(state, reason, canonical(said), officer.actor, officer.role)


def _rebuilt(service: House, row: ApprovalRow, document: DocumentRow, officer: Officer, at: datetime) -> Attempt:
    kind, issuer = _sources(service, row, document)
    body = service.approvals.body(row, document)
    loaded = _loaded(service, kind, body)
    plain = facts.plain(service.schemas[kind.name], loaded)
    if service.approvals.request_mac(document, canonical(plain)) != row.pins["request_mac"]:
        raise ApprovalVoid("request_changed")
    if facts.unpayable(loaded, issuer):
        raise ApprovalVoid("issuer_changed")
    specimen = service.signers[issuer.id].specimen
    on = legal_day(loaded, at, specimen=specimen)
    tier = tier_of(kind, loaded, on)
    if (tier.id if tier else "") != (document.tier or ""):
        raise ApprovalVoid("tier_changed")
    order = Order(
        type=kind,
        pack=service.catalogue.packs[kind.jurisdiction],
        issuer=issuer,
        facts=loaded,
        plain=plain,
        on=on,
        on_given=loaded.get("on") is not None,
        specimen=specimen,
        asker=service.keys.kind_of(document.organisation_id),
        actor=asked_by(row, officer.actor.request_id),
        idempotency_key=None,  # it stands for this document already
        body=body,
        subject=_subject(service, document, plain),
    )
    granted = Granted(row.id, frozenset((finding["rule"], finding["at"]) for finding in row.findings))
    number, code = document.number, new_check_code()
    return Attempt(order, document.id, document.case_id, number, code, document.intent_seq, granted)


def _sources(service: House, row: ApprovalRow, document: DocumentRow) -> tuple[DocumentType, Issuer]:
    """Type and issuer, if they and the pack are still what they were."""
    kind = service.catalogue.types.get(document.type)
    if kind is None or kind.sha256 != row.pins["template_sha256"]:
        raise ApprovalVoid("template_changed")
    if journal.pack_named(service.catalogue.packs[kind.jurisdiction]) != row.pins["pack"]:
        raise ApprovalVoid("pack_changed")
    issuer = service.catalogue.issuers.get(document.issuer)
    if issuer is None:
        raise ApprovalVoid("issuer_changed")
    intended, _ = service.entry(document.intent_seq)
    if intended.get("specimen") != service.signers[issuer.id].specimen:
        raise ApprovalVoid("signature_changed")
    return kind, issuer


def _loaded(service: House, kind: DocumentType, body: bytes) -> dict[str, Any]:
    """The facts, validated again. What cannot be read now was read under other facts than there are today."""
    try:
        return facts.validate(service.schemas[kind.name], json.loads(body))
    except InvalidRequest:
        pass  # its messages are for whoever sent the request
    raise ApprovalVoid("request_changed")


def legal_day(loaded: Mapping[str, Any], at: datetime, *, specimen: bool) -> date:
    """That of the decision, or the one that the caller named; a real signature never bears a day that has passed."""
    named: date | None = loaded.get("on")
    today = wording.beijing_day(at)
    if named not in (None, today) and not specimen:
        raise ApprovalVoid("day_passed")
    return named or today


def _subject(service: House, document: DocumentRow, plain: Mapping[str, Any]) -> Subject | None:
    if document.account_id is None:
        return None
    return Subject(
        account_id=document.account_id,
        addressee=document.addressee or "",
        contact=document.contact or "",
        tier=document.tier or "",
        number=service.registry.number(document.account_id, plain),
    )
