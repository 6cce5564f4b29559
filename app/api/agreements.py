"""/v1/agreements: promises to pay and instalment agreements, from their signing to their end (承诺、协议).

Bound to the issuer and not to the organisation, as objections are. Those that we issue begin with their document; one
that was made by word of mouth is told. Amounts, and what was said, are shown to officers alone.
"""

import base64
import hashlib
import uuid
from collections.abc import Collection
from datetime import datetime
from typing import Any

from flask import Response, g, request
from flask_smorest import Blueprint

from app import facts, returning
from app.agreeing import planned
from app.agreement import MAY, OFFICERS, Move, Payment
from app.api import agreement_schemas, guard, schemas, strict
from app.api.accounts import ends, require_issuer
from app.api.agreement_views import summary, whole
from app.api.answers import gives
from app.api.guard import house, roles
from app.api.strict import StrictParser
from app.errors import Forbidden, NotFound, StepFailed
from app.registry.events import AGREEMENT
from app.store.models import AgreementRow

TELLERS = ("upstream", "compliance")
READERS = MOVERS = ("upstream", *OFFICERS)
CONFIRMERS = ("compliance",)  # of a scan, which nobody here can look into
PDF, JSON = "application/pdf", "application/json"
BANK = "bank"


def blueprint() -> Blueprint:
    routes = Blueprint(
        "agreements", __name__, url_prefix="/v1/agreements", description="Follow agreements to their end"
    )
    routes.ARGUMENTS_PARSER = StrictParser()
    _told(routes)
    _signed(routes)
    _read(routes)
    return routes


def _told(routes: Blueprint) -> None:
    @routes.route("", methods=["POST"], endpoint="tell")
    @roles(*TELLERS)
    @gives("agreement.illegal_move", "forbidden")
    @routes.arguments(facts.AgreementTold, example=facts.SAMPLE_AGREEMENT)
    @routes.response(201, agreement_schemas.MadeAgreement, description="Taken down; told again, it stays as it is.")
    @routes.doc(operationId="tell_agreement")
    def tell(loaded: dict[str, Any]) -> Any:
        """Tell an instalment agreement made by word of mouth. It binds at once: collection stops.

        409 while another agreement of the account binds.
        Its recording is kept at least until the debt is paid off (Measures, article 70). Only the bank itself tells it.
        """
        require_issuer(loaded["issuer"])
        if g.caller.kind != BANK:
            raise Forbidden("only the bank itself tells what it agreed to")
        service, at = house(), house().steps.now()
        terms = planned(loaded["plan"], loaded["default"])
        told = facts.plain(facts.AgreementTold, loaded)
        made = service.agreements.tell(told, terms, _ended(at), guard.actor(g.caller), at)
        row = made.row
        return {**_where(row), "ref": told["ref"], "account": row.account_id, "seq": row.seq, "fresh": made.fresh}, 201

    @routes.route("/<uuid:agreement_id>/moves", methods=["POST"], endpoint="move")
    @roles(*MOVERS)
    @gives("agreement.illegal_move", "forbidden")
    @routes.arguments(facts.AgreementMove, example=facts.SAMPLE_AGREEMENT_MOVE)
    @routes.response(200, agreement_schemas.AgreementSchema)
    @routes.doc(operationId="move_agreement")
    def move(said: dict[str, Any], agreement_id: uuid.UUID) -> Any:
        """Move an agreement on. Officers alone say that it is in default, has ended, or that a promise is broken.

        409 when it cannot go that way: also to default on a day on which the agreed trigger is not met.
        """
        service, role, at = house(), g.caller.role, house().steps.now()
        _found(agreement_id)  # whose it is not learns nothing of its roles
        if role not in MAY[said["to"]]:
            raise Forbidden("this key's role may not say so")
        actor, issuers = guard.actor(g.caller), g.caller.issuers
        row = service.agreements.move(str(agreement_id), Move(**said), _ended(at), role, issuers, actor, at)
        return _whole(row)

    @routes.route("/<uuid:agreement_id>/payments", methods=["POST"], endpoint="pay")
    @roles(*TELLERS)
    @gives("agreement.illegal_move")
    @routes.arguments(facts.PaymentTold)
    @routes.response(201, agreement_schemas.TakenPayment, description="Taken down; told again, it stays as it is.")
    @routes.doc(operationId="tell_payment")
    def pay(told: dict[str, Any], agreement_id: uuid.UUID) -> Any:
        """Tell a payment. It goes to the oldest instalments; with the last cent the agreement is completed."""
        service, payment = house(), Payment(told["paid_on"], told["amount"])
        row, paid, fresh = service.agreements.pay(
            str(agreement_id), told["ref"], payment, g.caller.role, g.caller.issuers, guard.actor(g.caller),
            service.steps.now(),
        )  # fmt: skip
        taken = {"id": paid.row.id, "agreement": row.id, "ref": paid.ref, "seq": paid.row.seq, "fresh": fresh}
        return {**_where(row), **taken}, 201


def _signed(routes: Blueprint) -> None:
    @routes.route("/<uuid:agreement_id>/executed", methods=["POST"], endpoint="execute")
    @roles(*TELLERS)
    @gives("agreement.illegal_move", "forbidden")
    @routes.doc(requestBody=_RETURNED)
    @routes.response(200, agreement_schemas.AgreementSchema)
    @routes.doc(operationId="execute_agreement")
    def execute(agreement_id: uuid.UUID) -> Any:
        """Bring the signed document back: the issued PDF with everybody's signature, or word of a scan.

        A PDF is examined, and kept. A scan stays with the bank: its digest is taken down, confirmed by compliance.
        409 while another agreement of the account binds, and after the first instalment's day: issue it anew.
        """
        service, at, row = house(), house().steps.now(), _found(agreement_id)
        content = b""
        if request.mimetype == JSON:
            if g.caller.role not in CONFIRMERS:
                raise Forbidden("this key's role may not confirm a scan")
            told = facts.validate(facts.ExecutedScan, strict.read(strict.content(request, JSON)))
            returned = returning.scanned(service, row, told)
        else:
            content = strict.content(request, PDF, returning.LIMIT)
            returned = returning.examined(service, row, content, at)
        row = service.agreements.execute(
            row.id, returned, content, _ended(at), g.caller.role, g.caller.issuers, guard.actor(g.caller), at
        )
        return _whole(row)

    @routes.route("/<uuid:agreement_id>/executed", methods=["GET"], endpoint="executed")
    @roles(*OFFICERS)
    @routes.response(200, schemas.BYTES, content_type=PDF, headers=schemas.FILE_HEADERS)
    @routes.doc(operationId="download_executed")
    def executed(agreement_id: uuid.UUID) -> Any:
        """The file that came back signed, exactly as it was examined and recorded."""
        row = _found(agreement_id)
        content = house().agreements.executed_file(row)
        digest = hashlib.sha256(content)
        _require_recorded(row, digest.hexdigest())
        return Response(
            content,
            content_type=PDF,
            headers={
                "Content-Disposition": f'attachment; filename="{row.id}-executed.pdf"',
                "Repr-Digest": f"sha-256=:{base64.b64encode(digest.digest()).decode()}:",
                "ETag": f'"{digest.hexdigest()}"',
            },
        )


def _read(routes: Blueprint) -> None:
    @routes.route("", methods=["GET"], endpoint="page")
    @roles(*OFFICERS)
    @routes.arguments(agreement_schemas.AgreementsQuery, location="query", as_kwargs=True)
    @routes.response(200, agreement_schemas.AgreementsPage)
    @routes.doc(operationId="list_agreements")
    def page(limit: int, state: str | None = None, before: uuid.UUID | None = None) -> Any:
        """The agreements on accounts of the issuers that this key's organisation is bound to, newest first."""
        found = house().agreements.page(g.caller.issuers, state, str(before) if before else None, limit)
        return {
            "agreements": [summary(row) for row in found],
            "next": found[-1].id if len(found) == limit else None,
        }

    @routes.route("/<uuid:agreement_id>", methods=["GET"], endpoint="read")
    @roles(*READERS)
    @routes.response(200, agreement_schemas.AgreementSchema)
    @routes.doc(operationId="read_agreement")
    def read(agreement_id: uuid.UUID) -> Any:
        """One agreement, and the limitation period as far as it shows. Officers also see amounts and words."""
        return _whole(_found(agreement_id))


def _found(agreement_id: uuid.UUID) -> AgreementRow:
    return house().agreements.find(str(agreement_id), g.caller.issuers)


def _whole(row: AgreementRow) -> dict[str, Any]:
    return whole(row, officer=g.caller.role in OFFICERS)


def _where(row: AgreementRow) -> dict[str, Any]:
    return {"id": row.id, "state": row.state, "next_on": row.next_on, "defaults_on": row.defaults_on}


def _ended(at: datetime) -> Collection[str]:
    """The document types that an agreement puts an end to."""
    return ends(house().catalogue, at).get(AGREEMENT, ())


def _require_recorded(row: AgreementRow, sha256: str) -> None:
    """A durable checkpoint covers the entry, which names this very file: the row alone is not trusted."""
    step = next((step for step in row.moves if step["to"] == "executed"), None)
    if step is None:
        raise NotFound("the agreement is not signed")
    house().cover(step["seq"])
    leaf, _ = house().entry(step["seq"])
    said = (leaf["action"], leaf.get("agreement"), leaf.get("executed", {}).get("sha256"))
    if said != ("agreement.executed", row.id, sha256):
        raise StepFailed("release", "the agreement's row and its entry disagree", status=500)


_RETURNED = {
    "required": True,
    "content": {
        PDF: {"schema": {**schemas.BYTES, "description": "The issued PDF, signed in its fields; at most 20 MiB."}},
        JSON: {"schema": {"$ref": "#/components/schemas/ExecutedScan"}},
    },
}
