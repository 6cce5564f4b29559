"""What an operation may answer besides its success, for the OpenAPI document: by status, each code with its own shape.

Nearly all of it follows from what the operation is: who may call it, whether its address names a thing, what it reads.
`gives` says the rest beside the view. Nothing is described that cannot come, and what can come is described.
"""

import copy
from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from app.api.guard import PUBLIC
from app.api.problems import CODES, MEDIA_TYPE
from app.store.api_keys import ROLES

_View = TypeVar("_View", bound=Callable[..., Any])

# The statuses that each code leaves with.
STATUSES: Mapping[str, tuple[int, ...]] = {
    "request.unreadable": (400,),
    "unauthenticated": (401,),
    "forbidden": (403,),
    "not_found": (404,),
    "method_not_allowed": (405,),
    "idempotency.running": (409,),
    "delivery.illegal_move": (409,),
    "objection.illegal_move": (409,),
    "agreement.illegal_move": (409,),
    "approval.closed": (409,),
    "approval.void": (409,),
    "request.too_large": (413,),
    "request.media_type": (415,),
    "request.invalid": (422,),
    "idempotency.reused": (422,),
    "refused": (422,),
    "rate.exceeded": (429,),
    "disclosure.missing": (500,),
    "internal": (500,),
    "step.failed": (500, 503),
}
# What a problem document holds besides what all of them hold.
_ERRORS = {"errors": {"type": "array", "items": {"$ref": "#/components/schemas/FieldError"}}}
_MEMBERS: Mapping[str, Mapping[str, Any]] = {
    "request.invalid": _ERRORS,
    "delivery.illegal_move": _ERRORS,
    "objection.illegal_move": _ERRORS,
    "agreement.illegal_move": _ERRORS,
    "approval.closed": {"state": {"type": "string", "description": "What became of the approval"}},
    "approval.void": {"reason": {"type": "string", "description": "What has changed since it was asked for"}},
    "refused": {"findings": {"type": "array", "items": {"$ref": "#/components/schemas/Finding"}}},
    "idempotency.running": {"document": {"type": "string", "format": "uuid", "description": "The running attempt"}},
    "disclosure.missing": {"disclosures": {"type": "array", "items": {"type": "string"}}},
    "step.failed": {"step": {"type": "string", "description": "The step that failed, such as convert"}},
}
# What it may hold and need not.
_MAY_HOLD: Mapping[str, Mapping[str, Any]] = {
    "refused": {"approval": {"type": "string", "format": "uuid", "description": "The approval that was decided"}},
}
# Headers that come with a status, by the name of their component.
HEADERS: Mapping[int, Mapping[str, str]] = {
    401: {"WWW-Authenticate": "WWWAuthenticate"},
    405: {"Allow": "Allow"},
    429: {"Retry-After": "RetryAfter"},
    503: {"Retry-After": "RetryAfter"},
}


def gives(*codes: str) -> Callable[[_View], _View]:
    """Say which codes a view gives besides those that follow from its roles and its parameters."""
    if unknown := sorted(set(codes) - STATUSES.keys()):
        raise ValueError(f"no such codes: {', '.join(unknown)}")

    def mark(view: _View) -> _View:
        vars(view)["codes"] = codes
        return view

    return mark


def codes_of(operation: Mapping[str, Any], view: Any) -> set[str]:
    """Every code that the operation can give."""
    codes = {"internal", "method_not_allowed", *getattr(view, "codes", ())}
    if view.allowed_roles != (PUBLIC,):
        codes |= {"unauthenticated", "step.failed"}  # the keys lie in the database, and it may not answer
        codes |= {"forbidden"} if set(view.allowed_roles) != set(ROLES) else set()
    if view.counted:
        codes |= {"rate.exceeded", "step.failed"}  # nobody is let in while the counts cannot be read
    places = {parameter["in"] for parameter in operation.get("parameters", ())}
    if "path" in places:
        codes |= {"not_found"}
    if places & {"query", "header"}:
        codes |= {"request.invalid"}
    if "requestBody" in operation:
        codes |= {"request.unreadable", "request.too_large", "request.media_type", "request.invalid"}
    return codes


def responses(codes: set[str]) -> dict[str, Any]:
    """The responses of an operation that can give these codes."""
    by_status: dict[int, list[str]] = {}
    for code in sorted(codes):
        for status in STATUSES[code]:
            by_status.setdefault(status, []).append(code)
    return {str(status): _response(status, by_status[status]) for status in sorted(by_status)}


def problems(shared: dict[str, Any]) -> dict[str, Any]:
    """The shape of each code's problem document, by its name: what all share, and what the code alone has."""
    return {schema_name(code): _problem(code, copy.deepcopy(shared)) for code in CODES}


def schema_name(code: str) -> str:
    """request.invalid -> RequestInvalidProblem"""
    return "".join(word.capitalize() for word in code.replace(".", "_").split("_")) + "Problem"


def _problem(code: str, shape: dict[str, Any]) -> dict[str, Any]:
    more, statuses = _MEMBERS.get(code, {}), STATUSES[code]
    status = {"const": statuses[0]} if len(statuses) == 1 else {"enum": [*statuses]}
    shape["description"] = CODES[code]
    shape["properties"] |= copy.deepcopy({**more, **_MAY_HOLD.get(code, {})})
    shape["properties"]["code"] |= {"const": code}
    shape["properties"]["status"] |= status
    shape["required"] = sorted({*shape["required"], *more})
    return shape


def _response(status: int, codes: list[str]) -> dict[str, Any]:
    shapes = {code: f"#/components/schemas/{schema_name(code)}" for code in codes}
    alternatives = [{"$ref": shape} for shape in shapes.values()]
    discriminator = {"propertyName": "code", "mapping": shapes}
    schema = alternatives[0] if len(codes) == 1 else {"oneOf": alternatives, "discriminator": discriminator}
    described: dict[str, Any] = {
        "description": " ".join(f"`{code}`: {CODES[code]}" for code in codes),
        "content": {MEDIA_TYPE: {"schema": schema}},
    }
    if status in HEADERS:
        described["headers"] = {
            name: {"$ref": f"#/components/headers/{component}"} for name, component in HEADERS[status].items()
        }
    return described
