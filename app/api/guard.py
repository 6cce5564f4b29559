"""Who calls: a bearer key, its organisation and its one role. Every route says which roles may call it."""

import functools
import re
import uuid
from collections.abc import Callable
from typing import Any, TypeVar, cast

from flask import current_app, g, request

from app.artifacts import Actor
from app.errors import Forbidden, Unauthenticated
from app.house import House
from app.store.api_keys import Caller

PUBLIC = "public"

_View = TypeVar("_View", bound=Callable[..., Any])
# An id and never a word, because it will stand in the log.
_REQUEST_ID = re.compile(r"[0-9a-f]{32}|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


def house() -> House:
    """The wired service behind this Flask application."""
    found: House = current_app.extensions["duly"]
    return found


def roles(*allowed: str) -> Callable[[_View], _View]:
    """Let these roles in and nobody else; `PUBLIC` alone lets everybody in. The house test reads `allowed_roles`."""

    def guard(view: _View) -> _View:
        @functools.wraps(view)
        def guarded(*args: Any, **kwargs: Any) -> Any:
            if allowed != (PUBLIC,):
                g.caller = _caller()
                if g.caller.role not in allowed:
                    raise Forbidden("this key's role may not do this")
            return view(*args, **kwargs)

        vars(guarded)["allowed_roles"] = allowed
        return cast(_View, guarded)

    return guard


def name_request() -> None:
    """Give the request an id: the caller's, when it is one that may stand in a log, or a fresh one."""
    given = request.headers.get("X-Request-Id", "")
    g.request_id = given if _REQUEST_ID.fullmatch(given) else str(uuid.uuid4())


def request_id() -> str:
    """The id of this request, or `-` when it failed before it was named."""
    return str(g.get("request_id", "-"))


def actor(caller: Caller) -> Actor:
    return Actor(f"key:{caller.key_id}", "key", caller.organisation, g.request_id)


def _caller() -> Caller:
    scheme, _, secret = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not secret:
        raise Unauthenticated("send the key as `Authorization: Bearer <key>`")
    caller = house().keys.find(secret)
    if caller is None:
        raise Unauthenticated("the key is unknown or was revoked")
    return caller
