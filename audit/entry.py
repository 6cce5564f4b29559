"""One entry (记录) of the log as bytes: `{"_prev":"<64 hex>","_seq":n,` and the rest of the payload's canonical bytes.

`_` sorts before every key that a payload may have, so the whole is canonical JSON too, and a reader checks place and
link by comparing a prefix. The bytes are what is hashed, stored and exported; nobody ever writes them a second time.
"""

import re
from dataclasses import dataclass
from typing import Any

from audit import canonical
from audit.errors import NotCanonical

HEAD = re.compile(rb'\{"_prev":"([0-9a-f]{64})","_seq":(0|[1-9][0-9]{0,15}),')


@dataclass(frozen=True)
class Entry:
    """An entry taken apart. `prev` is the hash of the entry before it, of the origin for entry 0."""

    seq: int
    prev: bytes
    payload: dict[str, Any]


def leaf_bytes(seq: int, prev: bytes, payload: dict[str, Any]) -> bytes:
    """The bytes of an entry. Refuses payloads outside the canonical profile, empty ones, and entries too long."""
    if not payload or not 0 <= seq <= canonical.LARGEST or len(prev) != 32:
        raise NotCanonical("$: an entry has a payload, a place and a link")
    head = b'{"_prev":"%b","_seq":%d,' % (prev.hex().encode(), seq)
    leaf = head + canonical.dumps(payload, canonical.ENTRY_LIMIT)[1:]
    if len(leaf) > canonical.ENTRY_LIMIT:
        raise NotCanonical(f"$: longer than {canonical.ENTRY_LIMIT} bytes")
    return leaf


def parse(leaf: bytes) -> Entry:
    """Take an entry apart, or `NotCanonical`."""
    head = HEAD.match(leaf)
    if head is None:
        raise NotCanonical("$: does not begin with _prev and _seq")
    payload = canonical.loads(b"{" + leaf[head.end() :], canonical.ENTRY_LIMIT)
    if type(payload) is not dict or not payload or len(leaf) > canonical.ENTRY_LIMIT:
        raise NotCanonical("$: not an entry")
    return Entry(int(head[2]), bytes.fromhex(head[1].decode()), payload)
