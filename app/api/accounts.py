"""/v1/events and /v1/accounts: what other systems tell of an account, and what is known of it.

A card number comes in bodies only; in addresses an account is its random id. Accounts belong to an issuer: every
organisation bound to the issuer may tell of them, its officers may read what is known.
"""

import uuid
from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

from flask import g
from flask_smorest import Blueprint

from app import facts, gate
from app.api import account_schemas as schemas
from app.api import guard
from app.api.answers import gives
from app.api.guard import house, roles
from app.api.strict import StrictParser
from app.catalogue import in_force
from app.catalogue.load import Catalogue
from app.errors import Forbidden, InvalidRequest, NotFound
from app.registry import events
from app.registry.known import Known
from app.stage import Days, Outlook, stage
from app.wording import beijing_day


def blueprint() -> Blueprint:
    routes = Blueprint("accounts", __name__, url_prefix="/v1", description="What is known of an account")
    routes.ARGUMENTS_PARSER = StrictParser()

    @routes.route("/events", methods=["POST"], endpoint="events")
    @roles("upstream", "compliance")
    @routes.arguments(facts.Events)
    @routes.response(
        201, schemas.RecordedEvents, description="Taken down, all of them; told again, they stay as they are."
    )
    @routes.doc(operationId="tell_events")
    def tell(loaded: dict[str, Any]) -> Any:
        """Tell what happened on accounts. The batch is taken whole or not at all."""
        require_issuer(loaded["issuer"])
        plain = facts.plain(facts.Events, loaded)["events"]
        service = house()
        recorded = events.record(
            service.registry,
            service.documents.journal,
            loaded["issuer"],
            loaded["as_of"],
            plain,
            ends(service.catalogue, service.steps.now()),
            guard.actor(g.caller),
            service.steps.now(),
        )
        return {"events": [vars(one) for one in recorded]}, 201

    @routes.route("/accounts/find", methods=["POST"], endpoint="find")
    @roles("upstream", "compliance", "counsel")
    @gives("not_found")
    @routes.arguments(schemas.AccountQuery)
    @routes.response(200, schemas.AccountFound)
    @routes.doc(operationId="find_account")
    def find(loaded: dict[str, Any]) -> Any:
        """The id under which an account is known. The number travels in the body, where no log keeps it."""
        require_issuer(loaded["issuer"])
        found = house().registry.find(loaded["issuer"], loaded["card_number"])
        if found is None:
            raise NotFound("nothing is known of this account")
        return {"account": found}

    @routes.route("/accounts/<uuid:account_id>", methods=["GET"], endpoint="read")
    @roles("compliance", "counsel")
    @routes.response(200, schemas.KnownAccount)
    @routes.doc(operationId="read_account")
    def read(account_id: uuid.UUID) -> Any:
        """What is known of an account: letters, events, objections. Persons and places are opaque tokens."""
        known, issuer = known_of(account_id)
        return present(str(account_id), issuer, known)

    @routes.route("/accounts/<uuid:account_id>/stage", methods=["GET"], endpoint="stage")
    @roles("upstream", "compliance", "counsel")
    @routes.arguments(schemas.StageQuery, location="query", as_kwargs=True, unknown="raise")
    @routes.response(200, schemas.StageSchema)
    @routes.doc(operationId="read_stage")
    def stage_of(account_id: uuid.UUID, **told: Any) -> Any:
        """Which documents may be issued today; for the others, which rule says no and from which day that changes."""
        service, at = house(), house().steps.now()
        known, issuer = known_of(account_id)
        outlooks = stage(service.catalogue, service.catalogue.issuers[issuer], known, Days(**told), at)
        return {
            "account": str(account_id),
            "on": beijing_day(at),
            "documents": [_present_outlook(one) for one in outlooks],
        }

    return routes


def ends(catalogue: Catalogue, at: datetime) -> Mapping[str, Collection[str]]:
    """What puts an end to which documents, by the rules that are in force today."""
    rules = (rule for pack in catalogue.packs.values() for rule in pack.rules if in_force(rule, beijing_day(at)))
    return gate.ended_by(rules)


def require_issuer(issuer: str) -> None:
    """The issuer is in the register, and the caller's organisation is bound to it."""
    if issuer not in house().catalogue.issuers:
        raise InvalidRequest({"issuer": ["登记簿中没有该发卡银行"]})
    if issuer not in g.caller.issuers:
        raise Forbidden("this key's organisation may not speak of this issuer's accounts")


def known_of(account_id: uuid.UUID) -> tuple[Known, str]:
    """What is known of an account and whose it is; not found when it is another issuer's, so ids cannot be probed."""
    registry = house().registry
    with registry.database.read() as session:
        issuer = registry.issuer_of(session, str(account_id))
        if issuer is None or issuer not in g.caller.issuers:
            raise NotFound("nothing is known of this account")
        return registry.known_of(session, str(account_id), issuer), issuer


def present(account_id: str, issuer: str, known: Known) -> dict[str, Any]:
    return {
        "id": account_id,
        "issuer": issuer,
        "baseline_on": known.baseline_on,
        "fed_at": known.fed_at,
        "letters": [vars(one) for one in known.letters],
        "events": [vars(one) for one in known.events],
        "objections": [{**vars(one), "open": one.open} for one in known.objections],
        "agreements": [
            {**vars(one), "paid": list(one.paid), "stops_collection": one.stops_collection} for one in known.agreements
        ],
        "blocked_contacts": len(known.blocked),
    }


def _present_outlook(one: Outlook) -> dict[str, Any]:
    return {
        "type": one.type,
        "tier": one.tier,
        "verdict": one.verdict,
        "findings": [{**vars(found.finding), "changes_on": found.changes_on} for found in one.obstacles],
        "possible_on": one.possible_on,
        "unasked": list(one.unasked),
    }
