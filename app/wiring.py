"""The steps, wired: each is handed what it needs of catalogue, keys and stores, and never one another."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any, ParamSpec, TypeVar

from app import blanks, disclosures, gate, pipeline, render, signing
from app.agreeing import cardholder_signs, period_was_over, terms_of
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
from app.asking import question, tier_of
from app.catalogue import STAMP, DocumentType, Issuer, Pack, Tier
from app.catalogue.load import Catalogue
from app.convert import Converter
from app.errors import Finding, Refused, StepFailed
from app.metrics import Metrics
from app.pipeline import Steps
from app.registry import Agreements, Registry
from app.store.database import Session
from app.store.documents import Documents


@dataclass(frozen=True)
class Rehearsal:
    """What the gate would say: `verdict` is passes | refused | needs_approval, `rules` those with nothing to say."""

    verdict: str
    findings: tuple[Finding, ...]
    rules: tuple[str, ...]
    tier: str


P = ParamSpec("P")
T = TypeVar("T")


def steps(
    catalogue: Catalogue,
    signers: Mapping[str, signing.Signer],
    documents: Documents,
    registry: Registry,
    agreements: Agreements,
    pool: Converter,
    reader: disclosures.Reading,
    work: Path,
    metrics: Metrics,
    approval_lasts: timedelta,
) -> Steps:
    """What `pipeline.issue` walks through, each step timed. Working files are made under `work`."""

    def bordered(name: str, step: Callable[P, T]) -> Callable[P, T]:
        return metrics.timed(name, pipeline.bordered(name, step))

    def begun(order: Order, at: datetime) -> Attempt | Earlier:
        return documents.begin(_about_somebody(order, registry, make=True), at)

    def approved(attempt: Attempt, at: datetime) -> Approved | Awaiting:
        with documents.database.read() as session:
            asking = _question(registry, session, attempt.order, at, attempt.document_id)
        found = _judged(attempt, asking)
        return found if isinstance(found, Awaiting) else _approved(attempt, found)

    def waiting(attempt: Attempt, awaiting: Awaiting, at: datetime) -> None:
        documents.wait(attempt, awaiting, at, at + approval_lasts)
        metrics.outcome(attempt.order.type.name, "awaiting_approval")

    def rendered(approved: Approved, folder: Path) -> Rendered:
        kind = catalogue.types[approved.type]
        return render.render(approved, kind, approved.pictures, folder)

    def verified(assembled: Assembled) -> Verified:
        approved = assembled.converted.rendered.approved
        pack = catalogue.packs[catalogue.types[approved.type].jurisdiction]
        required = pack.disclosures_for(approved.type, approved.on)
        hearing = disclosures.Hearing(
            pack.lexicon.lines, approved.type, approved.on, gate.unsaid(pack.rules_for(approved.type, approved.on))
        )
        closed = catalogue.types[approved.type].closed
        return disclosures.verify(assembled, required, approved.pictures, reader, hearing, closed=closed)

    def signed(verified: Verified, folder: Path, at: datetime) -> Signed:
        approved = verified.assembled.converted.rendered.approved
        unchanged = partial(disclosures.same_pages, verified, reader=reader)
        return signing.sign(verified, signers[approved.issuer], folder, at, unchanged)

    def sealed(attempt: Attempt, document: Signed, at: datetime) -> Sealed:
        def last_look(session: Session) -> Mapping[str, Any]:
            """What was told while the letter was made counts too."""
            found = _judged(attempt, _question(registry, session, attempt.order, at, attempt.document_id))
            if isinstance(found, Awaiting):
                raise Refused(found.findings, attempt.granted.approval_id if attempt.granted else "")
            if answered := attempt.order.plain.get("objection"):
                registry.answer(session, answered["id"], attempt.document_id)
            if terms := terms_of(attempt.order.type.name, attempt.order.facts):
                agreements.open(
                    session,
                    attempt,
                    terms,
                    at,
                    cardholder_signs=cardholder_signs(attempt.order.type.name, attempt.order.facts),
                    period_over=period_was_over(attempt),
                )
            if not attempt.order.pack.stamped(attempt.order.type.name, attempt.order.on):
                return {}
            stamp = attempt.order.issuer.stamp_sha256
            return registry.use_stamp(session, attempt.document_id, stamp, attempt.order.type.sha256, at)

        made = documents.seal(attempt, document, at, last_look)
        metrics.outcome(attempt.order.type.name, "issued")
        return made

    def refused(attempt: Attempt, refusal: Refused, at: datetime) -> None:
        documents.refuse(attempt, refusal, at)
        metrics.outcome(attempt.order.type.name, "refused")
        for finding in refusal.findings:
            metrics.refused(finding.rule)

    def failed(attempt: Attempt, failure: StepFailed, at: datetime) -> None:
        documents.fail(attempt, failure, at)
        metrics.outcome(attempt.order.type.name, "failed")

    return Steps(
        begin=metrics.timed("begin", begun),
        approve=metrics.timed("approve", approved),
        wait=waiting,
        render=bordered("render", rendered),
        convert=bordered("convert", pool.convert),
        assemble=pipeline.letter_is_its_part,
        verify=bordered("verify", verified),
        sign=bordered("sign", signed),
        seal=bordered("seal", sealed),
        refuse=refused,
        fail=failed,
        work=work,
        now=pipeline.utc_now,
    )


def filled_from(
    kind: DocumentType, tier: Tier | None, issuer: Issuer, plain: Mapping[str, Any], number: str, on: date,
    check_code: str, *, specimen: bool,
) -> dict[str, Any]:  # fmt: skip
    """The plain data that a document is filled from: the facts, masked, and what the paper says of itself."""
    document = {
        "number": number,
        "title": tier.title if tier else kind.title,
        "on": on.isoformat(),
        "check_code": check_code,
        "check_address": issuer.record["check_address"],
        "specimen": specimen,
    }
    return blanks.build(document, issuer.record, plain, kind.masking, on, tier.wording if tier else ())


def pictures(kind: DocumentType, pack: Pack, issuer: Issuer, on: date, document: Mapping[str, Any]) -> dict[str, bytes]:
    """What a document shows, by name; the stamp only where it must: nobody authorises it for any other."""
    shown = {"check_code": render.check_code_picture(document)}
    return shown | ({STAMP: issuer.stamp} if pack.stamped(kind.name, on) else {})


def rehearse(order: Order, registry: Registry, at: datetime) -> Rehearsal:
    """Ask the gate what it would say now (试审). Nothing is made or written, not even an account."""
    order = _about_somebody(order, registry, make=False)
    rules = order.pack.rules_for(order.type.name, order.on)
    with registry.database.read() as session:
        asking = _question(registry, session, order, at)
    try:
        said = gate.pass_gate(rules, asking)
    except Refused as refusal:
        findings, verdict = refusal.findings, "refused"
    else:
        findings, verdict = (*said.reviews, *said.warnings), "needs_approval" if said.reviews else "passes"
    spoke = {finding.rule for finding in findings}
    silent = tuple(rule.id for rule in gate.gated(rules) if rule.id not in spoke)
    return Rehearsal(verdict, findings, silent, asking.tier)


def _about_somebody(order: Order, registry: Registry, *, make: bool) -> Order:
    """The order with its subject; an account that nobody has spoken of is made or left alone."""
    tier = tier_of(order.type, order.facts, order.on)
    return replace(order, subject=registry.subject(order, tier.id if tier else "", make=make))


def _question(registry: Registry, session: Session, order: Order, at: datetime, document_id: str = "") -> gate.Question:
    known = registry.known(session, order.subject, order.issuer.id, document_id)
    return question(order.type, order.pack, order.issuer, order.facts, order.on, at, known, order.asker)


def _judged(attempt: Attempt, asking: gate.Question) -> gate.Verdict | Awaiting:
    """What the gate says: a yes, or that a human has to; `Refused` if it is a no."""
    verdict = gate.pass_gate(attempt.order.pack.rules_for(attempt.order.type.name, attempt.order.on), asking)
    granted = attempt.granted.findings if attempt.granted else frozenset()
    if any((finding.rule, finding.at) not in granted for finding in verdict.reviews):
        return Awaiting(verdict.reviews)
    return verdict


def _approved(attempt: Attempt, verdict: gate.Verdict) -> Approved:
    order = attempt.order
    rules = order.pack.rules_for(order.type.name, order.on)
    # What page and signature prove holds for a document that is issued at all: otherwise it is not.
    elsewhere = {rule.id for rule in rules} - {rule.id for rule in gate.gated(rules)}
    printed = filled_from(
        order.type,
        tier_of(order.type, order.facts, order.on),
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
        rules=tuple(rule.id for rule in rules if rule.id in elsewhere or rule.id in verdict.passed),
        warnings=verdict.warnings,
        signature_fields=_signature_fields(order),
        pictures=pictures(order.type, order.pack, order.issuer, order.on, printed["document"]),
    )


def _signature_fields(order: Order) -> tuple[str, ...]:
    signers = order.type.countersigners(order.facts)
    if order.type.countersigned_by and not signers:  # the facts should have said so
        raise StepFailed("approve", "nobody is named who signs after us", status=500)
    return signing.signature_fields(signers)
