"""Where released letters are on their way: /v1/documents/<id>/delivery for one, /v1/deliveries for files and lists.

A document's way is told and read by the organisation that asked for the document, like the document itself; that
another organisation speaks for the same issuer gives it no part in where a person's letter went.
"""

import uuid
from typing import Any

from flask import g, request
from flask_smorest import Blueprint
from werkzeug.exceptions import UnsupportedMediaType

from app import facts
from app.api import guard, schemas, strict, table
from app.api.answers import gives
from app.api.guard import house, roles
from app.api.strict import StrictParser
from app.delivery import FIELDS, NONE, STATES, Move
from app.errors import InvalidRequest
from app.registry import ToldMove

TELLERS = ("upstream", "compliance")
READERS = ("upstream", "compliance", "counsel")
OFFICERS = ("compliance",)
CSV = "text/csv"
REQUIRED = ("document", "to", "on")
EXAMPLE = (
    "document,to,on,tracking_number,reason\r\n"
    "0197f1d8-2f00-7000-8000-000000000001,posted,2026-11-24,XA00000000044,\r\n"
    "0197f1d8-2f00-7000-8000-000000000002,returned,2026-11-24,,moved\r\n"
)


def blueprint() -> Blueprint:
    routes = Blueprint("deliveries", __name__, url_prefix="/v1", description="Follow released letters on their way")
    routes.ARGUMENTS_PARSER = StrictParser()
    _one(routes)
    _many(routes)
    return routes


def _one(routes: Blueprint) -> None:
    @routes.route("/documents/<uuid:document_id>/delivery", methods=["GET"], endpoint="read")
    @roles(*READERS)
    @routes.response(200, schemas.DeliveryState)
    @routes.doc(operationId="read_delivery")
    def read(document_id: uuid.UUID) -> Any:
        """Where the document is on its way, and how it came there."""
        return house().deliveries.of(house().documents.find(str(document_id), g.caller.organisation))

    @routes.route("/documents/<uuid:document_id>/delivery", methods=["POST"], endpoint="move")
    @roles(*TELLERS)
    @gives("delivery.illegal_move")
    @routes.arguments(facts.DeliveryMove)
    @routes.response(200, schemas.DeliveryState)
    @routes.doc(operationId="move_delivery")
    def move(told: dict[str, Any], document_id: uuid.UUID) -> Any:
        """Tell one move of the letter. A letter that comes back blocks its contact point for the account."""
        service, actor = house(), guard.actor(g.caller)
        service.deliveries.move(actor, str(document_id), Move(**told), service.steps.now())
        return service.deliveries.of(service.documents.find(str(document_id), actor.organisation))


def _many(routes: Blueprint) -> None:
    @routes.route("/deliveries", methods=["GET"], endpoint="page")
    @roles(*OFFICERS)
    @routes.arguments(schemas.DeliveriesQuery, location="query", as_kwargs=True)
    @routes.response(200, schemas.DeliveriesPage)
    @routes.doc(operationId="list_deliveries")
    def page(limit: int, state: str | None = None, before: uuid.UUID | None = None) -> Any:
        """The organisation's issued documents with where they are, newest first."""
        found = house().deliveries.page(g.caller.organisation, state, str(before) if before else None, limit)
        shown = [
            {
                "document": document.id,
                "type": document.type,
                "number": document.number,
                "state": row.state if row else NONE,
                **({"moved_on": row.moved_on, "moves": row.moves} if row else {"moves": []}),
            }
            for document, row in found
        ]
        return {"deliveries": shown, "next": found[-1][0].id if len(found) == limit else None}

    @routes.route("/deliveries", methods=["POST"], endpoint="take")
    @roles(*TELLERS)
    @gives("delivery.illegal_move")
    @routes.doc(requestBody=_described())
    @routes.response(200, schemas.DeliveriesTaken)
    @routes.doc(operationId="take_deliveries")
    def take() -> Any:
        """Tell many moves as a file (CSV, UTF-8, with a header): all rows are taken in their order, or none."""
        rows, faults = [], {}
        if request.mimetype_params.get("charset", "utf-8").lower() not in {"utf-8", "utf8"}:
            raise UnsupportedMediaType
        body = strict.content(request, CSV)
        for number, cells in table.read(body, REQUIRED, ("document", *FIELDS)):
            try:
                told = facts.validate(facts.DeliveryRow, _whole(cells))
            except InvalidRequest as error:
                faults[number] = dict(error.messages)
                continue
            rows.append(ToldMove(number, told.pop("document"), Move(**told)))
        service = house()
        moved = service.deliveries.take(guard.actor(g.caller), rows, faults, service.steps.now())
        return {"rows": len(rows), "moved": {state: moved.get(state, 0) for state in STATES}}


def _whole(cells: table.Row | None) -> table.Row:
    if cells is None:
        raise InvalidRequest({"_schema": ["单元格数与表头不符"]})
    return cells


def _described() -> dict[str, Any]:
    fields = facts.DeliveryRow().fields
    lines = [f"- `{name}`: {fields[name].metadata['description']}" for name in ("document", *FIELDS)]
    said = f"At most {table.ROW_LIMIT:,} rows and 1 MiB. Columns in any order; {', '.join(REQUIRED)} must be there:"
    schema = {"type": "string", "description": "\n".join([said, "", *lines])}
    return {"required": True, "content": {CSV: {"schema": schema, "example": EXAMPLE}}}
