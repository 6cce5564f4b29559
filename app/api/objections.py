"""/v1/objections: what a cardholder objects to, told by whoever heard it, and how it is answered (异议).

Bound to the issuer and not to the organisation: a bank's officers answer what its agency heard. What was said is shown
to officers alone; whoever asks for letters sees that there is an objection, and where it stands.
"""

import uuid
from datetime import date
from typing import Any

from flask import g
from flask_smorest import Blueprint

from app import facts, objection, wording
from app.api import guard, objection_schemas
from app.api.accounts import require_issuer
from app.api.answers import gives
from app.api.guard import house, roles
from app.api.strict import StrictParser
from app.catalogue import in_force
from app.errors import Forbidden, InvalidRequest, StepFailed
from app.objection import MAY, OFFICERS, OPEN, REPLY, Move
from app.store.models import ObjectionRow

TELLERS = ("upstream", "compliance")
MOVERS = READERS = ("upstream", "compliance", "counsel")
DUE = "R17.due"  # the rule whose `days` are the time for an answer


def blueprint() -> Blueprint:
    routes = Blueprint("objections", __name__, url_prefix="/v1/objections", description="Take objections and answer")
    routes.ARGUMENTS_PARSER = StrictParser()
    _told(routes)
    _read(routes)
    return routes


def _told(routes: Blueprint) -> None:
    @routes.route("", methods=["POST"], endpoint="receive")
    @roles(*TELLERS)
    @gives("forbidden")
    @routes.arguments(facts.ObjectionTold)
    @routes.response(201, objection_schemas.ReceivedObjection, description="Taken down; told again, it stays as it is.")
    @routes.doc(operationId="tell_objection")
    def receive(loaded: dict[str, Any]) -> Any:
        """Tell an objection of the cardholder. Until it is answered, no dunning letter goes out on the account."""
        require_issuer(loaded["issuer"])
        service, at = house(), house().steps.now()
        told = facts.plain(facts.ObjectionTold, loaded)
        days = time_to_answer(wording.beijing_day(loaded["received_at"]))
        received = service.objections.receive(told, days, guard.actor(g.caller), at)
        row = received.row
        return {
            "id": row.id,
            "reference": objection.reference(row.id),
            "ref": told["ref"],
            "account": row.account_id,
            "due_on": row.due_on,
            "repeats": row.repeats,
            "seq": row.seq,
            "fresh": received.fresh,
        }, 201

    @routes.route("/<uuid:objection_id>/moves", methods=["POST"], endpoint="move")
    @roles(*MOVERS)
    @gives("objection.illegal_move", "forbidden")
    @routes.arguments(facts.ObjectionMove, example=facts.SAMPLE_MOVE)
    @routes.response(200, objection_schemas.ObjectionSchema)
    @routes.doc(operationId="move_objection")
    def move(said: dict[str, Any], objection_id: uuid.UUID) -> Any:
        """Move an objection on: annotate the account, verify, decide. Officers alone verify and decide.

        A decision names the reply when one is due in writing, or was issued. 409 when it cannot go that way.
        """
        service, role = house(), g.caller.role
        service.objections.find(str(objection_id), g.caller.issuers)  # whose it is not learns nothing of its roles
        if role not in MAY[said["to"]]:
            raise Forbidden("this key's role may only annotate")
        step, actor = Move(**said), guard.actor(g.caller)
        row = service.objections.move(str(objection_id), step, role, g.caller.issuers, actor, service.steps.now())
        return _whole(row)


def _read(routes: Blueprint) -> None:
    @routes.route("", methods=["GET"], endpoint="page")
    @roles(*OFFICERS)
    @routes.arguments(objection_schemas.ObjectionsQuery, location="query", as_kwargs=True)
    @routes.response(200, objection_schemas.ObjectionsPage)
    @routes.doc(operationId="list_objections")
    def page(limit: int, state: str | None = None, overdue: bool | None = None, before: uuid.UUID | None = None) -> Any:
        """The objections on accounts of the issuers that this key's organisation is bound to, newest first."""
        last = str(before) if before else None
        found = house().objections.page(g.caller.issuers, _today(), state, overdue, last, limit)
        return {
            "objections": [_summary(row) for row in found],
            "next": found[-1].id if len(found) == limit else None,
        }

    @routes.route("/<uuid:objection_id>", methods=["GET"], endpoint="read")
    @roles(*READERS)
    @routes.response(200, objection_schemas.ObjectionSchema)
    @routes.doc(operationId="read_objection")
    def read(objection_id: uuid.UUID) -> Any:
        """One objection. Officers also see what was said, which is personal data."""
        return _whole(house().objections.find(str(objection_id), g.caller.issuers))


def time_to_answer(on: date) -> int:
    """So many days are there to answer an objection that came on that day: a parameter of the law as data."""
    catalogue = house().catalogue
    pack = catalogue.packs[catalogue.types[REPLY].jurisdiction]
    own = [rule for rule in pack.rules if rule.id == DUE and REPLY in rule.applies_to]
    if own and on < min(rule.since for rule in own):
        raise InvalidRequest({"received_at": ["早于规则施行之日"]})
    days = [rule.given["days"] for rule in own if in_force(rule, on)]
    if not days:
        raise StepFailed("objection", "no rule says when an objection is to be answered", status=500)
    return int(days[0])


def _today() -> date:
    return wording.beijing_day(house().steps.now())


def _summary(row: ObjectionRow) -> dict[str, Any]:
    is_open, until = row.state in OPEN, _today()
    moves = [dict(step) for step in row.moves]
    if not is_open:
        until = date.fromisoformat(moves[-1]["on"])
    return {
        "id": row.id,
        "reference": objection.reference(row.id),
        "account": row.account_id,
        "issuer": row.issuer,
        "organisation": row.organisation_id,
        "channel": row.channel,
        "grounds": row.grounds,
        "new_facts": row.new_facts,
        "repeats": row.repeats,
        "state": row.state,
        "received_at": row.received_at,
        "received_on": row.received_on,
        "due_on": row.due_on,
        "age_days": (until - row.received_on).days,
        "overdue": is_open and row.due_on < until,
        "document": row.document_id,
        "reply": row.reply_id,
        "moves": moves,
    }


def _whole(row: ObjectionRow) -> dict[str, Any]:
    shown = _summary(row)
    if g.caller.role not in OFFICERS:
        return shown
    said = house().objections.said(row)
    for step, text in zip(shown["moves"], said["moves"], strict=True):
        step["text"] = text
    return shown | {"told": said["told"]}
