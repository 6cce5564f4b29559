"""The log's keys (日志密钥): the entries name them, and only a key in force brings in or retires another.

Without that endorsement, whoever can write to the database could append an entry that names their own key, wait for the
next checkpoint over it, and sign for themselves from then on.
"""

import base64
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from audit import checkpoint
from audit.errors import BadNote

CREATED, ADDED, RETIRED = "log.created", "log.key_added", "log.key_retired"


@dataclass(frozen=True)
class LogKey:
    """A key and the sizes of checkpoints that it may sign, both ends included; None is open."""

    vkey: str
    from_size: int
    until_size: int | None = None

    def may_sign(self, size: int) -> bool:
        return self.from_size <= size and (self.until_size is None or size <= self.until_size)


def endorse(signer: Ed25519PrivateKey, action: str, origin: str, log_vkey: str) -> dict[str, str]:
    """The fields of a `log.key_added` or `log.key_retired` entry, signed by a key in force."""
    signature = base64.b64encode(signer.sign(_message(action, origin, log_vkey))).decode()
    return {"log_vkey": log_vkey, "endorsed_by": checkpoint.vkey(origin, signer), "endorsement": signature}


def follow(keys: Sequence[LogKey], origin: str, seq: int, payload: Mapping[str, Any]) -> list[LogKey]:
    """The keys after entry `seq`, which names one; `BadNote` if it may not."""
    action, vkey = payload["action"], str(payload.get("log_vkey"))
    if checkpoint.parse_vkey(vkey).name != origin:
        raise BadNote("a key of another log")
    if (action == CREATED) != (seq == 0):
        raise BadNote("entry 0, and only entry 0, brings in a key by creating the log")
    if action != CREATED:
        _endorsed([key.vkey for key in keys if key.may_sign(seq)], origin, payload)
    known = {key.vkey: key for key in keys}
    if action == RETIRED:
        if vkey not in known or known[vkey].until_size is not None:
            raise BadNote("a key that is not in force cannot be retired")
        return [replace(key, until_size=seq) if key.vkey == vkey else key for key in keys]
    if vkey in known:
        raise BadNote("a key is named once")
    return [*keys, LogKey(vkey, seq + 1)]


def in_force(keys: Iterable[LogKey], size: int) -> list[str]:
    """The verifier keys that may sign a checkpoint of this size."""
    return [key.vkey for key in keys if key.may_sign(size)]


def _endorsed(signers: Sequence[str], origin: str, payload: Mapping[str, Any]) -> None:
    signer, message = payload.get("endorsed_by"), _message(payload["action"], origin, str(payload.get("log_vkey")))
    if signer not in signers:
        raise BadNote("not endorsed by a key in force")
    try:
        public = Ed25519PublicKey.from_public_bytes(checkpoint.parse_vkey(str(signer)).public)
        public.verify(checkpoint.decode(str(payload.get("endorsement"))), message)
    except (InvalidSignature, ValueError) as error:
        raise BadNote("the endorsement does not verify") from error


def _message(action: str, origin: str, log_vkey: str) -> bytes:
    """What is signed. No checkpoint begins like this: an origin has no space."""
    return f"audit/v1 {action}\n{origin}\n{log_vkey}\n".encode()
