"""Strict JSON: UTF-8, no key twice, no number with a fraction. What is ambiguous is refused, not guessed.

Two readers disagree about which of two equal keys counts, and a float has already lost the cent it was meant to carry.
Errors are raised outside every handler: what they came from quotes the body, and must not hang on them.
"""

import json
from typing import Any

from flask import Request
from gunicorn.http.errors import ParseException
from marshmallow import Schema, ValidationError
from webargs.flaskparser import FlaskParser
from werkzeug.exceptions import RequestEntityTooLarge, UnsupportedMediaType

from app.errors import InvalidRequest, UnreadableRequest

BODY_LIMIT = 1 << 20  # bytes of a request's body


def read(body: bytes) -> dict[str, Any]:
    """The object in the body, or `UnreadableRequest`."""
    found = _parsed(body)
    if isinstance(found, str):
        raise UnreadableRequest(found)
    return found


def _parsed(body: bytes) -> dict[str, Any] | str:
    """The object, or what is wrong with the body."""
    try:
        found = json.loads(
            body.decode("utf-8"),
            object_pairs_hook=_object,
            parse_float=_no_fraction,
            parse_constant=_no_fraction,
        )
        json.dumps(found, ensure_ascii=False).encode()
    except UnreadableRequest as error:
        return error.detail
    except UnicodeDecodeError:
        return "the body is not UTF-8"
    except UnicodeEncodeError:  # "\\ud800" alone: a character in JSON, and in no text
        return "a key or a text holds half a character"
    except json.JSONDecodeError as error:
        return f"not JSON: line {error.lineno}, column {error.colno}"
    except (RecursionError, ValueError):  # ValueError: an integer of thousands of digits
        return "the body is nested too deeply or holds a number beyond all use"
    return found if isinstance(found, dict) else "the body must be a JSON object"


class StrictParser(FlaskParser):
    """webargs with our reader in front, and our errors behind."""

    def load_json(self, req: Request, schema: Schema) -> Any:  # noqa: ARG002 -- webargs' signature
        return read(content(req, "application/json"))

    def load_querystring(self, req: Request, schema: Schema) -> Any:
        """A name that stands twice in a query is refused, like a key in a body."""
        if twice := [name for name in req.args if len(req.args.getlist(name)) > 1]:
            raise InvalidRequest({name: ["重复"] for name in twice})
        return super().load_querystring(req, schema)

    def parse(self, *arguments: Any, **named: Any) -> Any:
        """webargs calls `handle_error` inside its handler; here the handler has ended, and its error is let go."""
        try:
            return super().parse(*arguments, **named)
        except InvalidRequest as error:
            messages = error.messages
        raise InvalidRequest(messages)

    def handle_error(self, error: ValidationError, req: Any, schema: Any, **_: Any) -> Any:  # noqa: ARG002 -- as above
        messages = error.messages_dict
        raise InvalidRequest(messages.get("json") or messages.get("query") or messages) from None


def content(req: Request, media_type: str, limit: int = BODY_LIMIT) -> bytes:
    """The whole body, which must be of this media type; any other is 415, one over the limit 413."""
    if req.mimetype != media_type:
        raise UnsupportedMediaType
    req.max_content_length = limit
    found = _received(req)
    if found is None:
        raise UnreadableRequest("the body's chunks are malformed")
    if len(found) >= limit:  # sent in chunks, without a length: Werkzeug cuts it off and says nothing
        raise RequestEntityTooLarge
    return found


def _received(req: Request) -> bytes | None:
    """The body, or None when the server could not make out its chunks."""
    try:
        return req.get_data(cache=True)
    except ParseException:
        return None


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    made = dict(pairs)
    if len(made) != len(pairs):
        raise UnreadableRequest("a key stands twice in one object")
    return made


def _no_fraction(_: str) -> Any:
    raise UnreadableRequest("a number with a fraction: amounts and rates are sent as strings")
