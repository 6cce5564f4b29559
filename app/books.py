"""Books (账簿) as files: the baseline of accounts that `registry import` takes, read strictly and against its totals.

Every fault is named with its line; nothing is taken before the whole file was found sound.
"""

import hashlib
import io
from collections.abc import Iterator, Mapping
from typing import Any

from app import facts
from app.api.strict import read
from app.errors import InvalidRequest, UnreadableRequest
from app.registry.baseline import File

LONGEST = 1 << 20  # bytes of a line


def baseline(content: bytes) -> File:
    """The file, or `InvalidRequest` with the fields at fault by line, counted from 1."""
    lines = list(_lines(content))
    if not lines:
        raise InvalidRequest({"1": ["文件是空的"]})
    totals = _checked(facts.Totals, 1, lines[0])
    accounts = [_checked(facts.AccountBaseline, number, line) for number, line in enumerate(lines[1:], 2)]
    counted = {"accounts": len(accounts), "events": sum(len(one["events"] or ()) for one in accounts)}
    if wrong := {name: ["与文件内容不符"] for name, count in counted.items() if totals[name] != count}:
        raise InvalidRequest({"1": wrong})
    plain = facts.plain(facts.Totals, totals)
    return File(
        sha256=hashlib.sha256(content).hexdigest(),
        issuer=plain["issuer"],
        as_of=totals["as_of"],
        accounts=[facts.plain(facts.AccountBaseline, one) for one in accounts],
    )


def _lines(content: bytes) -> Iterator[bytes]:
    for line in io.BytesIO(content):
        if line.strip():
            yield line


def _checked(schema: Any, number: int, line: bytes) -> Mapping[str, Any]:
    try:
        if len(line) > LONGEST:
            raise UnreadableRequest("the line is too long")
        return facts.validate(schema, read(line))
    except UnreadableRequest as error:
        messages: Any = [error.detail]
    except InvalidRequest as error:
        messages = error.messages
    raise InvalidRequest({str(number): messages})  # outside the handlers: what they caught quotes the line
