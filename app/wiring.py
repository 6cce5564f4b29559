"""The steps, wired: each is handed what it needs of catalogue, keys and stores, and never one another."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

from app import blanks, disclosures, gate, pipeline, render, signing
from app.artifacts import (
    Approved,
    Assembled,
    Attempt,
    Awaiting,
    Earlier,
    Order,
    Rendered,
    Sealed,
    Signed,
    Verified,
)
from app.catalogue import DocumentType, Issuer, Tier
from app.catalogue.load import Catalogue
from app.convert import Converter
from app.errors import Finding, Refused, StepFailed
from app.pipeline import Steps
from app.registry import Registry
from app.store.database import Session
from app.store.documents import Documents


@dataclass(frozen=True)
class Rehearsal:
    """What the gate would say: `verdict` is passes | refused | needs_approval, `rules` those with nothing to say."""

    verdict: str
    findings: tuple[Finding, ...]
    rules: tuple[str, ...]
    tier: str


def steps(
    catalogue: Catalogue,
    signers: Mapping[str, signing.Signer],
    documents: Documents,
    registry: Registry,
    pool: Converter,
    work: Path,
    approval_lasts: timedelta,
) -> Steps:
    """What `pipeline.issue` walks through. Working files are made under `work`."""

    def begun(order: Order, at: datetime) -> Attempt | Earlier:
        return documents.begin(_about_somebody(order, registry, make=True), at)

    def approved(attempt: Attempt, at: datetime) -> Approved | Awaiting:
        with documents.database.read() as session:
            question = _question(registry, session, attempt.order, at, attempt.document_id)
        return _approve(attempt, question)

    def waiting(attempt: Attempt, awaiting: Awaiting, at: datetime) -> None:
        documents.wait(attempt, awaiting, at, at + approval_lasts)

    def sealed(attempt: Attempt, signed: Signed, at: datetime) -> Sealed:
        def last_look(session: Session) -> Mapping[str, Any]:
            """What was told while the letter was made counts too."""
            found = _approve(attempt, _question(registry, session, attempt.order, at, attempt.document_id))
            if isinstance(found, Awaiting):
                raise Refused(found.findings, attempt.granted.approval_id if attempt.granted else "")
            return {}

        return documents.seal(attempt, signed, at, last_look)

    def rendered(approved: Approved, folder: Path) -> Rendered:
        kind = catalogue.types[approved.type]
        return render.render(approved, kind, _pictures(catalogue, approved), folder)

    def verified(assembled: Assembled) -> Verified:
        approved = assembled.converted.rendered.approved
        pack = catalogue.packs[catalogue.types[approved.type].jurisdiction]
        required = pack.disclosures_for(approved.type, approved.on)
        return disclosures.verify(assembled, required, _pictures(catalogue, approved))

    def signed(verified: Verified, folder: Path, at: datetime) -> Signed:
        approved = verified.assembled.converted.rendered.approved
        made = signing.sign(verified, signers[approved.issuer], folder, at)
        for before, after in zip(verified.assembled.parts, made.parts, strict=True):
            if not disclosures.same_pages(before.file.path, after.file.path):
                raise StepFailed("sign", "signing changed what the pages show", status=500)
        return made

    return Steps(
        begin=begun,
        approve=approved,
        wait=waiting,
        render=pipeline.bordered("render", rendered),
        convert=pipeline.bordered("convert", pool.convert),
        assemble=pipeline.letter_is_its_part,
        verify=pipeline.bordered("verify", verified),
        sign=pipeline.bordered("sign", signed),
        seal=pipeline.bordered("seal", sealed),
        refuse=documents.refuse,
        fail=documents.fail,
        work=work,
        now=pipeline.utc_now,
    )


def tier_of(kind: DocumentType, plain: Mapping[str, Any], on: date) -> Tier | None:
    """The stage that the oldest debt's days overdue lead to; None when the type has none for so many."""
    debts = plain.get("account", {}).get("debts", ()) if kind.tiers else ()
    days = [(on - date.fromisoformat(debt["oldest_unpaid_due_on"])).days for debt in debts]
    return kind.tier(max(days)) if days else None


def filled_from(
    kind: DocumentType, issuer: Issuer, plain: Mapping[str, Any], number: str, on: date, check_code: str, *,
    specimen: bool,
) -> dict[str, Any]:  # fmt: skip
    """The plain data that a document is filled from: the facts, masked, and what the paper says of itself."""
    tier = tier_of(kind, plain, on)
    document = {
        "number": number,
        "title": tier.title if tier else kind.title,
        "on": on.isoformat(),
        "check_code": check_code,
        "check_address": issuer.record["check_address"],
        "specimen": specimen,
    }
    return blanks.build(document, issuer.record, plain, kind.masking, on, tier.wording if tier else ())


def rehearse(order: Order, registry: Registry, at: datetime) -> Rehearsal:
    """Ask the gate what it would say now (试审). Nothing is made or written, not even an account."""
    order = _about_somebody(order, registry, make=False)
    rules = order.pack.rules_for(order.type.name, order.on)
    with registry.database.read() as session:
        question = _question(registry, session, order, at)
    try:
        said = gate.pass_gate(rules, question)
    except Refused as refusal:
        findings, verdict = refusal.findings, "refused"
    else:
        findings, verdict = (*said.reviews, *said.warnings), "needs_approval" if said.reviews else "passes"
    spoke = {finding.rule for finding in findings}
    silent = tuple(rule.id for rule in gate.gated(rules) if rule.id not in spoke)
    return Rehearsal(verdict, findings, silent, question.tier)


def _about_somebody(order: Order, registry: Registry, *, make: bool) -> Order:
    """The order with its subject; an account that nobody has spoken of is made or left alone."""
    tier = tier_of(order.type, order.plain, order.on)
    return replace(order, subject=registry.subject(order, tier.id if tier else "", make=make))


def _question(registry: Registry, session: Session, order: Order, at: datetime, document_id: str = "") -> gate.Question:
    known = registry.known(session, order.subject, order.issuer.id, document_id)
    tier = order.subject.tier if order.subject else ""
    return gate.Question(order.facts, order.on, at, known, order.type.name, tier, order.issuer.record)


def _approve(attempt: Attempt, question: gate.Question) -> Approved | Awaiting:
    order = attempt.order
    verdict = gate.pass_gate(order.pack.rules_for(order.type.name, order.on), question)
    granted = attempt.granted.rules if attempt.granted else frozenset()
    if any(finding.rule not in granted for finding in verdict.reviews):
        return Awaiting(verdict.reviews)
    printed = filled_from(
        order.type,
        order.issuer,
        order.plain,
        attempt.number,
        order.on,
        attempt.check_code,
        specimen=order.specimen,
    )
    return Approved(
        document_id=attempt.document_id,
        type=order.type.name,
        issuer=order.issuer.id,
        number=attempt.number,
        on=order.on,
        specimen=order.specimen,
        facts=order.facts,
        blanks=printed,
        rules=verdict.passed,
        warnings=verdict.warnings,
    )


def _pictures(catalogue: Catalogue, approved: Approved) -> dict[str, bytes]:
    return {
        "stamp": catalogue.issuers[approved.issuer].stamp,
        "check_code": render.check_code_picture(approved.blanks["document"]),
    }
