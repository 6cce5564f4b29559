"""/v1/approvals: what waits for a human, shown to those who decide on the issuer's behalf, and their decision (审批).

Bound to the issuer and not to the organisation: a bank's officers decide on what its agency asked for.
"""

import json
import uuid
from typing import Any

from flask import g, url_for
from flask_smorest import Blueprint

from app import approval, facts
from app.api import approval_schemas, guard, schemas
from app.api.answers import gives
from app.api.documents import present
from app.api.guard import house, roles
from app.api.strict import StrictParser
from app.approval import Officer
from app.store.models import ApprovalRow, DocumentRow

OFFICERS = ("compliance", "counsel")


def blueprint() -> Blueprint:
    routes = Blueprint(
        "approvals", __name__, url_prefix="/v1/approvals", description="Decide on what waits for a human"
    )
    routes.ARGUMENTS_PARSER = StrictParser()

    @routes.route("", methods=["GET"], endpoint="page")
    @roles(*OFFICERS)
    @routes.arguments(approval_schemas.ApprovalsQuery, location="query", as_kwargs=True)
    @routes.response(200, approval_schemas.ApprovalPage)
    @routes.doc(operationId="list_approvals")
    def page(limit: int, state: str | None = None, before: uuid.UUID | None = None) -> Any:
        """The approvals of the issuers that this key's organisation is bound to, newest first."""
        found = house().approvals.page(g.caller.issuers, state, str(before) if before else None, limit)
        return {
            "approvals": [_summary(row, document) for row, document in found],
            "next": found[-1][0].id if len(found) == limit else None,
        }

    @routes.route("/<uuid:approval_id>", methods=["GET"], endpoint="read")
    @roles(*OFFICERS)
    @routes.response(200, approval_schemas.ApprovalSchema)
    @routes.doc(operationId="read_approval")
    def read(approval_id: uuid.UUID) -> Any:
        """All that is needed to decide. While it waits, that is also the request with its personal data."""
        row, document = house().approvals.find(str(approval_id), g.caller.issuers)
        approval.require_same_as_log(house(), row, document)
        return _summary(row, document) | _more(row, document)

    @routes.route("/<uuid:approval_id>/decision", methods=["POST"], endpoint="decide")
    @roles(*OFFICERS)
    @gives("approval.closed", "approval.void", "forbidden", "refused", "disclosure.missing")
    @routes.arguments(facts.Decision, example=facts.SAMPLE_DECISION)
    @routes.response(200, schemas.DocumentSchema, description="Declined: refused. Granted: issued and released.")
    @routes.alt_response(202, schema=schemas.DocumentSchema, description="Granted, and a new finding is asked about.")
    @routes.doc(operationId="decide_approval")
    def decide(said: dict[str, Any], approval_id: uuid.UUID) -> Any:
        """Grant or decline, once. A grant carries the document out at once, after the gate was asked again today.

        409 when it was decided before, has expired, or is void; 422 when a rule forbids the document today.
        """
        officer = Officer(guard.actor(g.caller), g.caller.role, g.caller.issuers)
        document_id = approval.decide(house(), str(approval_id), officer, said)
        row = house().documents.find(document_id, None)
        return present(house(), row), 202 if row.status == "awaiting_approval" else 200

    return routes


def _summary(row: ApprovalRow, document: DocumentRow) -> dict[str, Any]:
    return {
        "id": row.id,
        "state": row.state,
        "document": document.id,
        "type": document.type,
        "tier": document.tier or "",
        "number": document.number,
        "on": document.on,
        "issuer": row.issuer,
        "organisation": row.organisation_id,
        "asked_by": row.asked_by.removeprefix("key:"),
        "asked_at": row.asked_at,
        "expires_at": row.expires_at,
        "findings": row.findings,
        "url": url_for("approvals.read", approval_id=row.id),
    }


def _more(row: ApprovalRow, document: DocumentRow) -> dict[str, Any]:
    more: dict[str, Any] = {"pins": row.pins}
    if row.state == "waiting":  # afterwards nobody needs it here
        more["facts"] = json.loads(house().approvals.body(row, document))
    if row.decided_at is not None:
        told = house().approvals.told(row, document)
        more["decided"] = {
            "by": row.decided_by.removeprefix("key:") if row.decided_by else None,
            "role": row.decided_role,
            "at": row.decided_at,
            "reason": row.reason,
            "said": json.loads(told) if told else None,
        }
    return more
