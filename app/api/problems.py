"""Every error as an RFC 9457 problem document with a stable `code`. Nothing personal, nothing internal."""

import logging
import re
from collections.abc import Iterator
from http import HTTPStatus
from typing import Any

from flask import Flask, Response, g, json
from werkzeug.exceptions import HTTPException, MethodNotAllowed

from app import logs
from app.errors import (
    ApprovalClosed,
    ApprovalVoid,
    Conflict,
    DisclosureMissing,
    DocumentError,
    IllegalAgreement,
    IllegalAnswer,
    IllegalMove,
    InvalidRequest,
    RateExceeded,
    Refused,
    StepFailed,
)

MEDIA_TYPE = "application/problem+json"

# Every code that can leave the house, with what the caller can do about it. README.md explains the same list.
CODES = {
    "request.unreadable": "The body is not strict JSON.",
    "request.media_type": "The body is not of the media type that the address takes.",
    "request.too_large": "The body is over 1 MiB, or a signed file over 20 MiB.",
    "request.invalid": "Fields are missing, unknown or not valid; `errors` names each by its path.",
    "unauthenticated": "The bearer key is missing or unknown.",
    "forbidden": "This key may not do this.",
    "not_found": "There is no such thing, or it belongs to another organisation.",
    "method_not_allowed": "The address exists, the method does not.",
    "rate.exceeded": "Asked too often; `Retry-After` says when again.",
    "delivery.illegal_move": "A letter cannot go that way from where it is; `errors` names each move.",
    "agreement.illegal_move": "An agreement cannot go that way from where it is; `errors` names the field.",
    "objection.illegal_move": "An objection cannot go that way from where it is; `errors` names the field.",
    "idempotency.running": "An earlier request with this key is still running.",
    "idempotency.reused": "This key was used with another request.",
    "approval.closed": "The approval was decided already, or has expired; `state` says which.",
    "approval.void": "What was to be approved has changed since it was asked for; `reason` says what.",
    "refused": "A rule says no; `findings` names each with its legal source.",
    "step.failed": "A tool broke; nothing was released; the request may be sent again.",
    "disclosure.missing": "Required wording was not on the finished page; nothing was released. Our fault.",
    "internal": "A fault of the service; nothing was released.",
}

_log = logging.getLogger("duly.api")
_FIELD = re.compile(r"(?!.*[0-9]{5})[A-Za-z0-9_.-]{1,64}")  # a name that may be repeated: no account number, no person
_BY_STATUS = {404: "not_found", 405: "method_not_allowed", 413: "request.too_large", 415: "request.media_type"}


def register(app: Flask) -> None:
    app.register_error_handler(DocumentError, _document_error)
    app.register_error_handler(HTTPException, _http_error)
    app.register_error_handler(Exception, _bug)


def problem(status: int, code: str, detail: str = "", retry_after: int = 5, **more: Any) -> Response:
    body: dict[str, Any] = {
        "type": "about:blank",
        "title": CODES[code],
        "status": status,
        "code": code,
        "request_id": g.get("request_id", "-"),
    }
    if detail:
        body["detail"] = detail
    response = Response(json.dumps(body | more), status, content_type=MEDIA_TYPE)
    if status == HTTPStatus.UNAUTHORIZED:
        response.headers["WWW-Authenticate"] = "Bearer"
    if status in (HTTPStatus.SERVICE_UNAVAILABLE, HTTPStatus.TOO_MANY_REQUESTS):
        response.headers["Retry-After"] = str(retry_after)
    return response


def field_errors(messages: Any, path: tuple[str, ...] = ()) -> Iterator[dict[str, str]]:
    """Marshmallow's nested messages as a flat list of {path, message}: `account.debts.0.total`.

    The caller may have invented a field's name and written anything into it: what is not plainly a name is `?`.
    """
    if isinstance(messages, dict):
        for key, inner in messages.items():
            yield from field_errors(inner, path if key == "_schema" else (*path, _segment(key)))
    elif isinstance(messages, list):
        for message in messages:
            yield from field_errors(message, path)
    else:
        yield {"path": ".".join(path), "message": str(messages)}


def _segment(key: Any) -> str:
    return str(key) if isinstance(key, int) or _FIELD.fullmatch(key) else "?"


def _document_error(error: DocumentError) -> Response:
    match error:
        case InvalidRequest() | IllegalMove() | IllegalAnswer() | IllegalAgreement():
            return problem(error.status, error.code, errors=list(field_errors(error.messages)))
        case RateExceeded():
            return problem(error.status, error.code, retry_after=error.retry_after)
        case Refused():
            decided: dict[str, Any] = {"approval": error.approval} if error.approval else {}
            return problem(error.status, error.code, findings=[vars(one) for one in error.findings], **decided)
        case ApprovalClosed():
            return problem(error.status, error.code, error.detail, state=error.state)
        case ApprovalVoid():
            return problem(error.status, error.code, error.detail, reason=error.reason)
        case Conflict():
            return problem(error.status, error.code, error.detail, document=error.document_id)
        case DisclosureMissing():
            _log.error("disclosures missing: %s", error.detail, extra={"step": error.step})
            return problem(error.status, error.code, disclosures=sorted(error.missing))
        case StepFailed():  # its detail is for our log alone
            _log.error("step %s failed: %s", error.step, error.detail, extra={"step": error.step})
            return problem(error.status, error.code, retry_after=error.retry_after, step=error.step)
    return problem(error.status, error.code, error.detail)


def _http_error(error: HTTPException) -> Response:
    status = error.code or 500
    if status < 400 and error.response is not None:  # a redirect is not a problem
        return Response(status=status, headers=dict(error.response.headers))
    if status >= 500 or status not in _BY_STATUS:
        return problem(status, "internal" if status >= 500 else "request.unreadable")
    answer = problem(status, _BY_STATUS[status])
    if isinstance(error, MethodNotAllowed):
        answer.allow.update(error.valid_methods or ())
    return answer


def _bug(error: Exception) -> Response:
    """Anything else is a bug."""
    log_bug(error)
    return problem(500, "internal")


def log_bug(error: BaseException | None) -> None:
    """By type and place only, for its message may quote a person."""
    _log.error("bug %s", logs.places(error) if error else "-")
