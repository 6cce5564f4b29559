"""/v1/documents: issue, read, and download with receipt. One POST operation per document type, typed from its facts."""

import base64
import uuid
from pathlib import PurePath
from typing import Any

from flask import Response, g, jsonify, request, url_for
from flask_smorest import Blueprint

from app import facts, pipeline, wiring, wording
from app.api import guard, schemas
from app.api.answers import gives
from app.api.guard import house, roles
from app.api.strict import StrictParser
from app.artifacts import Order
from app.catalogue import DocumentType
from app.errors import Finding, Forbidden, InvalidRequest, NotFound, Refused, StepFailed
from app.house import House
from app.store.models import DocumentRow

READERS = ("upstream", "compliance", "counsel")
MEDIA_TYPES = {".pdf": "application/pdf", ".txt": "text/plain; charset=utf-8"}
FILES = {
    "application/pdf": {"schema": {"type": "string", "format": "binary"}},
    "text/plain": {"schema": {"type": "string"}},
}


def blueprint(service: House) -> Blueprint:
    """The routes; one POST per document type of the catalogue."""
    routes = Blueprint("documents", __name__, url_prefix="/v1/documents", description="Issue documents and read them")
    routes.ARGUMENTS_PARSER = StrictParser()
    for kind in service.catalogue.types.values():
        _issuing(routes, service, kind)
    _reading(routes)
    return routes


def _issuing(routes: Blueprint, service: House, kind: DocumentType) -> None:
    @routes.route(f"/{kind.name}", methods=["POST"], endpoint=f"issue_{kind.name}")
    @roles("upstream")
    @gives("forbidden", "refused", "idempotency.running", "idempotency.reused", "disclosure.missing")
    @routes.arguments(service.schemas[kind.name], example=service.sample(kind.name))
    @routes.arguments(schemas.RehearsalQuery, location="query", as_kwargs=True, unknown="raise")
    @routes.arguments(schemas.IdempotencyHeader, location="headers", as_kwargs=True, unknown="exclude")
    @routes.response(
        201,
        schemas.DocumentSchema,
        description="Issued, proven, signed, sealed and released.",
        headers={"Location": {"$ref": "#/components/headers/Location"}},
    )
    @routes.alt_response(200, schema=schemas.RehearsalSchema, description="Only asked first: nothing was made.")
    @routes.alt_response(
        202,
        schema=schemas.DocumentSchema,
        description="A human has to decide; see `findings`.",
        headers={"Location": {"$ref": "#/components/headers/Location"}},
    )
    @routes.doc(summary=f"Issue: {kind.title} ({kind.title_en})", operationId=f"issue_{kind.name}")
    def issue(loaded: dict[str, Any], dry_run: bool, idempotency_key: str | None = None) -> Any:
        order = _order(service, kind, loaded, idempotency_key)
        if dry_run:
            return jsonify(_rehearsed(service, order))
        row = service.documents.find(pipeline.issue(order, service.steps), order.actor.organisation)
        if row.status == "refused":  # asked before with the same key: the same answer
            outcome = row.outcome or {}
            raise Refused([Finding(**finding) for finding in outcome["findings"]], outcome.get("approval", ""))
        shown = present(service, row)
        status = 202 if row.status == "awaiting_approval" else 201
        return shown, status, {"Location": url_for("documents.read", document_id=row.id)}


def _rehearsed(service: House, order: Order) -> dict[str, Any]:
    said = wiring.rehearse(order, service.registry, service.steps.now())
    return {
        "verdict": said.verdict,
        "findings": [vars(finding) for finding in said.findings],
        "rules": {
            "pack": order.pack.jurisdiction,
            "version": order.pack.version,
            "digest": order.pack.digest,
            "passed": list(said.rules),
        },
        "tier": said.tier,
    }


def _order(service: House, kind: DocumentType, loaded: dict[str, Any], idempotency_key: str | None) -> Order:
    issuer = service.catalogue.issuers.get(loaded["issuer"])
    if issuer is None:
        raise InvalidRequest({"issuer": ["登记簿中没有该发卡银行"]})
    if issuer.id not in g.caller.issuers:
        raise Forbidden("this key's organisation may not ask for this issuer's documents")
    if faults := facts.unpayable(loaded, issuer):
        raise InvalidRequest(faults)
    specimen = service.signers[issuer.id].specimen
    today = wording.beijing_day(service.steps.now())
    on = loaded.get("on") or today
    if on != today and not specimen:
        raise InvalidRequest({"on": ["仅使用样本密钥时可以指定当日以外的文书日期"]})
    return Order(
        type=kind,
        pack=service.catalogue.packs[kind.jurisdiction],
        issuer=issuer,
        facts=loaded,
        plain=facts.plain(service.schemas[kind.name], loaded),
        on=on,
        on_given=loaded.get("on") is not None,
        specimen=specimen,
        asker=g.caller.kind,
        actor=guard.actor(g.caller),
        idempotency_key=idempotency_key,
        body=request.get_data(cache=True),
    )


def _reading(routes: Blueprint) -> None:
    @routes.route("", methods=["GET"], endpoint="page")
    @roles(*READERS)
    @routes.arguments(schemas.PageQuery, location="query", as_kwargs=True)
    @routes.response(200, schemas.DocumentPage)
    @routes.doc(operationId="list_documents")
    def page(limit: int, before: uuid.UUID | None = None) -> Any:
        """The organisation's documents, newest first."""
        rows = house().documents.page(g.caller.organisation, str(before) if before else None, limit)
        return {"documents": [_summary(row) for row in rows], "next": rows[-1].id if len(rows) == limit else None}

    @routes.route("/<uuid:document_id>", methods=["GET"], endpoint="read")
    @roles(*READERS)
    @routes.response(200, schemas.DocumentSchema)
    @routes.doc(operationId="read_document")
    def read(document_id: uuid.UUID) -> Any:
        """One document: its state and, once released, files, disclosures and place in the log."""
        return present(house(), _row(document_id))

    @routes.route("/<uuid:document_id>/files/<name>", methods=["GET"], endpoint="file", parameters=[schemas.FILE_NAME])
    @roles(*READERS)
    @routes.response(200, schemas.BYTES, content_type=MEDIA_TYPES[".pdf"], headers=schemas.FILE_HEADERS)
    @routes.doc(
        operationId="download_file",
        responses={"200": {"description": "OK", "content": FILES, "headers": schemas.FILE_HEADERS}},
    )
    def file(document_id: uuid.UUID, name: str) -> Any:
        """The released bytes, exactly as signed and recorded; a text part is recorded, but nothing in it is signed."""
        row = _released(document_id)
        content = house().documents.read_file(row, name)
        sha256 = next(file.sha256 for file in row.files if file.name == name)
        leaf, _ = house().entry(row.outcome_seq or 0)
        if sha256 not in {recorded["sha256"] for recorded in leaf["files"]}:
            raise StepFailed("release", "the document's row and its entry disagree", status=500)
        digest = base64.b64encode(bytes.fromhex(sha256)).decode()
        return Response(
            content,
            content_type=MEDIA_TYPES[PurePath(name).suffix],
            headers={
                "Content-Disposition": f'attachment; filename="{row.id}-{name}"',
                "Repr-Digest": f"sha-256=:{digest}:",
                "ETag": f'"{sha256}"',
            },
        )

    @routes.route("/<uuid:document_id>/receipt", methods=["GET"], endpoint="receipt")
    @roles(*READERS)
    @routes.response(200, schemas.ReceiptSchema, content_type="application/json", headers=schemas.DOWNLOADED)
    @routes.doc(operationId="read_receipt")
    def read_receipt(document_id: uuid.UUID) -> Any:
        """The receipt (存证回执): entry, inclusion proof and checkpoint. Keep the bytes exactly as they come."""
        row = _released(document_id)
        content = house().receipt(row)
        headers = {"Content-Disposition": f'attachment; filename="{row.id}-receipt.json"'}
        return Response(content, mimetype="application/json", headers=headers)

    @routes.route("/<uuid:document_id>/disclosures", methods=["GET"], endpoint="disclosures")
    @roles(*READERS)
    @routes.response(200, schemas.DisclosuresSchema)
    @routes.doc(operationId="read_disclosures")
    def disclosures(document_id: uuid.UUID) -> Any:
        """Which required disclosures were found, on which page, in which boxes."""
        return {"disclosures": (_released(document_id).outcome or {})["disclosures"]}


def _row(document_id: uuid.UUID) -> DocumentRow:
    return house().documents.find(str(document_id), g.caller.organisation)


def _released(document_id: uuid.UUID) -> DocumentRow:
    """The row of a document whose entry a durable checkpoint covers; nothing is handed out before."""
    row = _row(document_id)
    if row.status != "issued" or row.outcome_seq is None:
        raise NotFound("the document was not issued")
    house().cover(row.outcome_seq)
    require_own_entry(row, house().entry(row.outcome_seq)[0])
    return row


def require_own_entry(row: DocumentRow, leaf: dict[str, Any]) -> None:
    """The row only says which entry it is; the entry must say the same, for the database is not trusted."""
    said = (leaf["action"], leaf.get("document"), leaf.get("case"), leaf["org"])
    if said != ("issued", row.id, row.case_id, row.organisation_id):
        raise StepFailed("release", "the document's row and its entry disagree", status=500)


def _summary(row: DocumentRow) -> dict[str, Any]:
    return {
        "id": row.id,
        "type": row.type,
        "status": row.status,
        "number": row.number,
        "on": row.on,
        "created_at": row.created_at,
    }


def present(service: House, row: DocumentRow) -> dict[str, Any]:
    """What is told of a document; an issued one only with the checkpoint that covers it."""
    shown = _summary(row)
    if row.status == "refused":
        return shown | (row.outcome or {})
    if row.status == "awaiting_approval":
        return shown | service.documents.approval_of(row.id)
    if row.status != "issued" or row.outcome_seq is None:
        return shown
    checkpoint = service.cover(row.outcome_seq)
    leaf, entry_hash = service.entry(row.outcome_seq)
    require_own_entry(row, leaf)
    address = url_for("documents.read", document_id=row.id)
    segments = {recorded["name"]: recorded["segments"] for recorded in leaf["files"] if "segments" in recorded}
    files = [
        {
            "name": file.name,
            "sha256": file.sha256,
            "size": file.size,
            "pages": file.pages,
            "url": f"{address}/files/{file.name}",
            **({"segments": segments[file.name]} if file.name in segments else {}),
        }
        for file in row.files
    ]
    pack = leaf["pack"]
    return shown | {
        "files": files,
        "disclosures": (row.outcome or {})["disclosures"],
        "rules": {"pack": pack["id"], "version": pack["version"], "digest": pack["sha256"], "passed": leaf["rules"]},
        "audit": {"seq": row.outcome_seq, "entry_hash": entry_hash, "checkpoint": checkpoint},
        "receipt_url": f"{address}/receipt",
        **({"agreement": agreement} if (agreement := _agreement(service, row)) else {}),
        **({"approval": leaf["approval"]} if "approval" in leaf else {}),
    }


def _agreement(service: House, row: DocumentRow) -> str | None:
    """Where its signed copy is brought back to; asked of the types that others sign."""
    kind = service.catalogue.types.get(row.type)
    return service.agreements.of_document(row.id) if kind and kind.countersigned_by else None
