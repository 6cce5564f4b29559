"""The steps, wired: each is handed what it needs of catalogue, keys and stores, and never one another."""

from collections.abc import Mapping
from datetime import date, datetime
from pathlib import Path
from typing import Any

from app import blanks, disclosures, gate, pipeline, render, signing
from app.artifacts import Approved, Assembled, Attempt, Rendered, Signed, Verified
from app.catalogue import DocumentType, Issuer
from app.catalogue.load import Catalogue
from app.convert import Converter
from app.errors import StepFailed
from app.pipeline import Steps
from app.store.documents import Documents


def steps(
    catalogue: Catalogue, signers: Mapping[str, signing.Signer], documents: Documents, pool: Converter, work: Path
) -> Steps:
    """What `pipeline.issue` walks through. Working files are made under `work`."""

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
        begin=documents.begin,
        approve=_approve,
        render=pipeline.bordered("render", rendered),
        convert=pipeline.bordered("convert", pool.convert),
        assemble=pipeline.letter_is_its_part,
        verify=pipeline.bordered("verify", verified),
        sign=pipeline.bordered("sign", signed),
        seal=pipeline.bordered("seal", documents.seal),
        refuse=documents.refuse,
        fail=documents.fail,
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


def _approve(attempt: Attempt) -> Approved:
    order = attempt.order
    rules = order.pack.rules_for(order.type.name, order.on)
    passed = gate.pass_gate(rules, gate.Question(order.facts, order.on))
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
