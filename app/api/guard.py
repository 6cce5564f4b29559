"""Who calls: a bearer key, its organisation and its one role. Every route says which roles may call it."""

import functools
import re
import time
import uuid
from collections.abc import Callable
from typing import Any, TypeVar, cast

from flask import current_app, g, request

from app import logs
from app.artifacts import Actor
from app.errors import Forbidden, Unauthenticated
from app.house import House
from app.rates import DOCUMENTS, FAILURES, READS, line_of
from app.store.api_keys import Caller

PUBLIC = "public"
NO_ROUTE = "none"

_View = TypeVar("_View", bound=Callable[..., Any])
# An id and never a word, because it will stand in the log.
_REQUEST_ID = re.compile(r"[0-9a-f]{32}|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


def house() -> House:
    """The wired service behind this Flask application."""
    found: House = current_app.extensions["duly"]
    return found


def roles(*allowed: str, counted: bool = True) -> Callable[[_View], _View]:
    """Let these roles in and nobody else; `PUBLIC` alone lets everybody in. The house test reads `allowed_roles`.

    Whoever is let in, is let in only so often, unless it is not `counted`.
    """

    def guard(view: _View) -> _View:
        @functools.wraps(view)
        def guarded(*args: Any, **kwargs: Any) -> Any:
            if allowed != (PUBLIC,):
                g.caller = _caller()
                permitted = g.caller.role in allowed
                _spend(g.caller, document=permitted and request.method == "POST")
                if not permitted:
                    raise Forbidden("this key's role may not do this")
            elif counted:
                house().rates.spend(READS, _address())
            return view(*args, **kwargs)

        vars(guarded).update(allowed_roles=allowed, counted=counted)
        return cast(_View, guarded)

    return guard


def name_request() -> None:
    """Give the request an id: the caller's, when it is one that may stand in a log, or a fresh one."""
    g.began = time.monotonic()
    given = request.headers.get("X-Request-Id", "")
    g.request_id = given if _REQUEST_ID.fullmatch(given) else str(uuid.uuid4())
    logs.begin(g.request_id, route())


def route() -> str:
    """The template of the route, never what was asked for."""
    return request.url_rule.rule if request.url_rule else NO_ROUTE


def request_id() -> str:
    """The id of this request, or `-` when it failed before it was named."""
    return str(g.get("request_id", "-"))


def actor(caller: Caller) -> Actor:
    return Actor(f"key:{caller.key_id}", "key", caller.organisation, g.request_id)


def _spend(caller: Caller, *, document: bool) -> None:
    if document:
        house().rates.spend(DOCUMENTS, caller.organisation)
    else:
        house().rates.spend(READS, caller.key_id)


def _address() -> str:
    """Whose line this is, under a keyed name: addresses are kept nowhere."""
    return house().documents.case_keys.token("client", line_of(request.remote_addr or ""))


def _caller() -> Caller:
    """The key's holder. An address that failed too often learns nothing more for a while, not even of a working key."""
    address = _address()
    house().rates.require_left(FAILURES, address)
    try:
        return _known_caller()
    except Unauthenticated:
        house().rates.spend(FAILURES, address)
        raise


def _known_caller() -> Caller:
    scheme, _, secret = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not secret:
        raise Unauthenticated("send the key as `Authorization: Bearer <key>`")
    caller = house().keys.find(secret)
    if caller is None:
        raise Unauthenticated("the key is unknown or was revoked")
    return caller
