"""The steps, wired: each is handed what it needs of catalogue, keys and stores, and never one another."""

from collections.abc import Callable, Mapping
from datetime import date, datetime
from pathlib import Path
from typing import Any, ParamSpec, TypeVar

from app import blanks, disclosures, facts, gate, pipeline, render, signing
from app.artifacts import Approved, Assembled, Attempt, Rendered, Sealed, Signed, Verified
from app.catalogue import DocumentType, Issuer
from app.catalogue.load import Catalogue
from app.convert import Converter
from app.errors import Refused, StepFailed
from app.lexicon import Passage
from app.metrics import Metrics
from app.pipeline import Steps
from app.store.documents import Documents

P = ParamSpec("P")
T = TypeVar("T")


def steps(
    catalogue: Catalogue,
    signers: Mapping[str, signing.Signer],
    documents: Documents,
    pool: Converter,
    reader: disclosures.Reading,
    work: Path,
    metrics: Metrics,
) -> Steps:
    """What `pipeline.issue` walks through, each step timed. Working files are made under `work`."""

    def bordered(name: str, step: Callable[P, T]) -> Callable[P, T]:
        return metrics.timed(name, pipeline.bordered(name, step))

    schemas = {kind.name: facts.request_schema(kind.name, kind.facts)() for kind in catalogue.types.values()}

    def approved(attempt: Attempt) -> Approved:
        return _approve(attempt, facts.passages(schemas[attempt.order.type.name], attempt.order.facts))

    def rendered(approved: Approved, folder: Path) -> Rendered:
        kind = catalogue.types[approved.type]
        return render.render(approved, kind, _pictures(catalogue, approved), folder)

    def verified(assembled: Assembled) -> Verified:
        approved = assembled.converted.rendered.approved
        pack = catalogue.packs[catalogue.types[approved.type].jurisdiction]
        required = pack.disclosures_for(approved.type, approved.on)
        hearing = disclosures.Hearing(
            pack.lexicon.lines, approved.type, approved.on, gate.unsaid(pack.rules_for(approved.type, approved.on))
        )
        return disclosures.verify(assembled, required, _pictures(catalogue, approved), reader, hearing)

    def signed(verified: Verified, folder: Path, at: datetime) -> Signed:
        approved = verified.assembled.converted.rendered.approved
        made = signing.sign(verified, signers[approved.issuer], folder, at)
        if not disclosures.same_pages(verified, made.parts, reader):
            raise StepFailed("sign", "signing changed what the pages show", status=500)
        return made

    def sealed(attempt: Attempt, document: Signed, at: datetime) -> Sealed:
        made = documents.seal(attempt, document, at)
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
        begin=metrics.timed("begin", documents.begin),
        approve=metrics.timed("approve", approved),
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


def about(
    kind: DocumentType, issuer: Issuer, number: str, on: date, check_code: str, *, specimen: bool
) -> dict[str, Any]:
    """What the paper says of itself."""
    return {
        "number": number,
        "title": kind.title,
        "on": on.isoformat(),
        "check_code": check_code,
        "check_address": issuer.record["check_address"],
        "specimen": specimen,
    }


def _approve(attempt: Attempt, passages: tuple[Passage, ...]) -> Approved:
    order = attempt.order
    rules = order.pack.rules_for(order.type.name, order.on)
    asked = gate.Question(order.facts, order.on, order.type.name, passages, order.pack.lexicon)
    passed = gate.pass_gate(rules, asked)
    document = about(order.type, order.issuer, attempt.number, order.on, attempt.check_code, specimen=order.specimen)
    return Approved(
        document_id=attempt.document_id,
        type=order.type.name,
        issuer=order.issuer.id,
        number=attempt.number,
        on=order.on,
        specimen=order.specimen,
        facts=order.facts,
        blanks=blanks.build(document, order.issuer.record, order.plain, order.type.masking, order.on),
        rules=passed,
    )


def _pictures(catalogue: Catalogue, approved: Approved) -> dict[str, bytes]:
    return {
        "stamp": catalogue.issuers[approved.issuer].stamp,
        "check_code": render.check_code_picture(approved.blanks["document"]),
    }
