"""Canonical bytes (规范字节): one value, one sequence of bytes, in every language.

The profile is a part of JSON on which `json.dumps` and RFC 8785 (JCS) give the same bytes: no floats, integers up to
2^53 - 1, keys of lower-case ASCII, strings without control characters other than newline and tab. What lies outside is
refused, never mended: text is not normalised here.
"""

import json
import re
from typing import Any

from audit.errors import NotCanonical

ENTRY_LIMIT = 65_535  # bytes
FILE_LIMIT = 16 * 1024 * 1024  # bytes of a receipt, a manifest or a list of keys
LARGEST = 2**53 - 1  # above it, readers that keep numbers as doubles take two integers for one
DEEPEST = 8
KEY = re.compile(r"[a-z][a-z0-9_.-]*")
UNFIT = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]")


def dumps(value: object, limit: int) -> bytes:
    """The canonical bytes of a value, or `NotCanonical` with the path of what is in the way."""
    _fits(value, "$", 1)
    data = json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()
    if len(data) > limit:
        raise NotCanonical(f"$: longer than {limit} bytes")
    return data


def loads(data: bytes, limit: int) -> Any:
    """The value of canonical bytes. Whatever `dumps` would not have written in just this way is refused."""
    if len(data) > limit:
        raise NotCanonical(f"$: longer than {limit} bytes")
    try:
        value = json.loads(data.decode(), object_pairs_hook=_unique, parse_float=_no_float, parse_constant=_no_float)
    except (ValueError, RecursionError) as error:
        raise NotCanonical("$: not JSON") from error
    if dumps(value, limit) != data:
        raise NotCanonical("$: not the canonical bytes of this value")
    return value


def _fits(value: object, path: str, depth: int) -> None:
    if value is None or type(value) is bool:
        return
    if type(value) is int:
        _require(abs(value) <= LARGEST, path, "an integer above 2^53 - 1")
    elif type(value) is str:
        _require(UNFIT.search(value) is None, path, "a control character or a lone surrogate")
    elif type(value) is list:
        _require(depth <= DEEPEST, path, "nested too deep")
        for index, item in enumerate(value):
            _fits(item, f"{path}[{index}]", depth + 1)
    elif type(value) is dict:
        _require(depth <= DEEPEST, path, "nested too deep")
        for key, item in value.items():
            _require(type(key) is str and KEY.fullmatch(key) is not None, path, "a key that is not a plain name")
            _fits(item, f"{path}.{key}", depth + 1)
    else:
        raise NotCanonical(f"{path}: a value of type {type(value).__name__}")


def _require(fits: bool, path: str, otherwise: str) -> None:
    if not fits:
        raise NotCanonical(f"{path}: {otherwise}")


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    if len(pairs) != len({key for key, _ in pairs}):
        raise NotCanonical("$: a key occurs twice")
    return dict(pairs)


def _no_float(_text: str) -> Any:
    raise NotCanonical("$: a number that is not an integer")
