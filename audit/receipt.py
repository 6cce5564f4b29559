"""Receipts (存证回执): one file that proves, without the log, that an entry is in it.

It holds the entry's exact bytes, the inclusion proof, the signed checkpoint, and for an issued document the proven
wording with the key of its keyed digests. It is personal data because of that wording: it belongs to the recipient.
Every byte of it is bound. What does not belong to the entry is refused before a receipt is written.
"""

import base64
import hashlib
import hmac
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Connection

from audit import canonical, checkpoint, entry, log, tree
from audit.errors import BadNote, ReceiptRefused


def disclosure_mac(key: bytes, disclosure_id: str, text: str) -> str:
    """HMAC-SHA256 over the id, a zero byte and the proven wording (FORMAT.md 7.2), hexadecimal."""
    return hmac.new(key, disclosure_id.encode() + b"\x00" + text.encode(), hashlib.sha256).hexdigest()


def build(
    connection: Connection,
    seq: int,
    note: str,
    disclosure_key: bytes = b"",
    disclosures: Sequence[tuple[str, str]] = (),
) -> bytes:
    """The receipt of entry `seq` under a checkpoint that covers it; `disclosures` are (id, text) in the entry's order.

    An entry without disclosures takes no key. Bytes end with a newline.
    """
    signed = checkpoint.parse(note).checkpoint
    vkey = _signer(note, log.log_keys(connection, signed.size))
    stored = log.read(connection, seq, 1)
    if not stored or stored[0].seq != seq or seq >= signed.size:
        raise ReceiptRefused("the checkpoint does not cover this entry")
    leaf = stored[0].leaf
    path = log.inclusion(connection, seq, signed.size)
    if not tree.included(tree.leaf_hash(leaf), seq, signed.size, path, signed.root):
        raise ReceiptRefused("the entry is not in the signed tree")
    _belong(entry.parse(leaf).payload, disclosure_key, disclosures)
    return _bytes(
        {
            "format": "receipt/v1",
            "origin": signed.origin,
            "log_vkey": vkey,
            "entry": leaf.decode(),
            "seq": seq,
            "inclusion": [_base64(sibling) for sibling in path],
            "checkpoint": note,
            "disclosure_key": _base64(disclosure_key),
            "disclosures": [{"id": name, "text": text} for name, text in disclosures],
        }
    )


def _signer(note: str, vkeys: Sequence[str]) -> str:
    for vkey in vkeys:
        try:
            checkpoint.verify(note, [vkey])
        except BadNote:
            continue
        return vkey
    raise ReceiptRefused("the checkpoint is not signed by a key of this log")


def _belong(payload: Mapping[str, Any], key: bytes, disclosures: Sequence[tuple[str, str]]) -> None:
    logged = [(found["id"], found["mac"]) for found in payload.get("disclosures", [])]
    if len(key) != (32 if logged else 0):
        raise ReceiptRefused("a disclosure key has 32 bytes, and goes with disclosures only")
    if logged != [(name, disclosure_mac(key, name, text)) for name, text in disclosures]:
        raise ReceiptRefused("the disclosures are not those of the entry")


def _bytes(receipt: dict[str, Any]) -> bytes:
    return canonical.dumps(receipt, canonical.FILE_LIMIT) + b"\n"


def _base64(data: bytes) -> str:
    return base64.b64encode(data).decode()
