"""Strict JSON: UTF-8, no key twice, no number with a fraction. What is ambiguous is refused, not guessed.

Two readers disagree about which of two equal keys counts, and a float has already lost the cent it was meant to carry.
"""

import json
from typing import Any

from flask import Request
from marshmallow import Schema, ValidationError
from webargs.flaskparser import FlaskParser
from werkzeug.exceptions import RequestEntityTooLarge, UnsupportedMediaType

from app.errors import InvalidRequest, UnreadableRequest

BODY_LIMIT = 1 << 20  # bytes of a request's body


def read(body: bytes) -> dict[str, Any]:
    """The object in the body, or `UnreadableRequest`."""
    try:
        found = json.loads(
            body.decode("utf-8"),
            object_pairs_hook=_object,
            parse_float=_no_fraction,
            parse_constant=_no_fraction,
        )
    except UnicodeDecodeError as error:
        raise UnreadableRequest("the body is not UTF-8") from error
    except json.JSONDecodeError as error:
        raise UnreadableRequest(f"not JSON: line {error.lineno}, column {error.colno}") from error
    except (RecursionError, ValueError) as error:  # ValueError: an integer of thousands of digits
        raise UnreadableRequest("the body is nested too deeply or holds a number beyond all use") from error
    if not isinstance(found, dict):
        raise UnreadableRequest("the body must be a JSON object")
    return found


class StrictParser(FlaskParser):
    """webargs with our reader in front, and our errors behind."""

    def load_json(self, req: Request, schema: Schema) -> Any:  # noqa: ARG002 -- webargs' signature
        if req.mimetype != "application/json":
            raise UnsupportedMediaType
        content = req.get_data(cache=True)
        if len(content) >= BODY_LIMIT:  # sent in chunks, without a length: Werkzeug cuts it off and says nothing
            raise RequestEntityTooLarge
        return read(content)

    def handle_error(self, error: ValidationError, req: Any, schema: Any, **_: Any) -> Any:  # noqa: ARG002 -- as above
        messages = error.messages_dict
        raise InvalidRequest(messages.get("json") or messages.get("query") or messages) from error


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    made = dict(pairs)
    if len(made) != len(pairs):
        raise UnreadableRequest("a key stands twice in one object")
    return made


def _no_fraction(_: str) -> Any:
    raise UnreadableRequest("a number with a fraction: amounts and rates are sent as strings")
