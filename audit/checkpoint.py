"""Checkpoints (检查点): the size and root of the log, signed. C2SP tlog-checkpoint in a C2SP signed note, Ed25519.

    duly.example/audit
    42
    <base64 of the root>

    — duly.example/audit <base64 of key id and signature>

Other signature lines (witnesses, a second algorithm) may stand beside the log's own; they are kept and not judged
here. Extension lines are refused: they would be signed words whose meaning nobody wrote down.
"""

import base64
import binascii
import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from audit.errors import BadNote

ED25519 = b"\x01"
ORIGIN = re.compile(r"[a-z0-9][a-z0-9.:-]*(/[A-Za-z0-9._-]+)*")
SIZE = re.compile(r"0|[1-9][0-9]{0,15}")
SIGNATURE_LINE = re.compile(r"— ([^+\s]+) ([A-Za-z0-9+/]+={0,2})")
VKEY = re.compile(r"([^+\s]{1,200})\+([0-9a-f]{8})\+([A-Za-z0-9+/]{44})")
MOST_SIGNATURES = 64
LONGEST = 1_000_000  # bytes


@dataclass(frozen=True)
class Checkpoint:
    """What is signed."""

    origin: str
    size: int
    root: bytes

    def body(self) -> str:
        return f"{self.origin}\n{self.size}\n{base64.b64encode(self.root).decode()}\n"


@dataclass(frozen=True)
class Signature:
    name: str
    key_id: bytes
    signature: bytes


@dataclass(frozen=True)
class Note:
    """A checkpoint as read, not yet verified."""

    checkpoint: Checkpoint
    signatures: tuple[Signature, ...]


@dataclass(frozen=True)
class Vkey:
    """A verifier key: `<name>+<8 hex>+<base64 of 0x01 and the public key>`. The name is the log's origin."""

    name: str
    public: bytes

    @property
    def key_id(self) -> bytes:
        return hashlib.sha256(self.name.encode() + b"\n" + ED25519 + self.public).digest()[:4]

    def __str__(self) -> str:
        return f"{self.name}+{self.key_id.hex()}+{base64.b64encode(ED25519 + self.public).decode()}"


def new_key() -> bytes:
    """A new Ed25519 private key: unencrypted PKCS#8 PEM, to be kept where the database's role cannot read."""
    form = (serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    return Ed25519PrivateKey.generate().private_bytes(*form)


def load_key(pem: bytes) -> Ed25519PrivateKey:
    """The private key in a PEM file; `BadNote` if it holds none, or one of another kind."""
    try:
        key = serialization.load_pem_private_key(pem, password=None)
    except (ValueError, TypeError) as error:
        raise BadNote("not an unencrypted private key in PEM") from error
    if not isinstance(key, Ed25519PrivateKey):
        raise BadNote("not an Ed25519 key")
    return key


def vkey(origin: str, key: Ed25519PrivateKey) -> str:
    """The verifier key to publish for this log and key."""
    if len(origin) > 200 or not ORIGIN.fullmatch(origin):
        raise BadNote("an origin looks like host.example/path and has at most 200 characters")
    return str(Vkey(origin, key.public_key().public_bytes_raw()))


def parse_vkey(text: str) -> Vkey:
    """Read a verifier key; its key id must be the one of its name and key."""
    match = VKEY.fullmatch(text)
    public = decode(match[3]) if match else b""
    if match is None or public[:1] != ED25519:
        raise BadNote("not a verifier key for Ed25519")
    found = Vkey(match[1], public[1:])
    if found.key_id.hex() != match[2]:
        raise BadNote("the verifier key's id does not fit its name and key")
    return found


def sign(checkpoint: Checkpoint, key: Ed25519PrivateKey) -> str:
    """The signed note. Ed25519 is deterministic: the same checkpoint and key give the same note."""
    signer = parse_vkey(vkey(checkpoint.origin, key))
    signature = signer.key_id + key.sign(checkpoint.body().encode())
    return f"{checkpoint.body()}\n— {signer.name} {base64.b64encode(signature).decode()}\n"


def parse(note: str) -> Note:
    """Read a note strictly: exactly three lines, an empty one, then signature lines that are whole."""
    body, blank, tail = note.rpartition("\n\n")
    lines = body.split("\n")
    if len(note) > LONGEST or not blank or len(lines) != 3 or not tail.endswith("\n"):
        raise BadNote("not a signed checkpoint without extensions")
    origin, size, root = lines
    if not ORIGIN.fullmatch(origin) or not SIZE.fullmatch(size) or len(decode(root)) != 32:
        raise BadNote("not an origin, a size and a root")
    signatures = tuple(_signature(line) for line in tail[:-1].split("\n"))
    if len(signatures) > MOST_SIGNATURES or len({(s.name, s.key_id) for s in signatures}) != len(signatures):
        raise BadNote("too many signatures, or two by one key")
    return Note(Checkpoint(origin, int(size), decode(root)), signatures)


def verify(note: str, vkeys: Iterable[str]) -> Checkpoint:
    """The checkpoint, if one of the keys signed it and none of them signed wrongly; `BadNote` otherwise."""
    read = parse(note)
    keys = {(key.name, key.key_id): key for key in map(parse_vkey, vkeys)}
    known = [(keys[s.name, s.key_id], s) for s in read.signatures if (s.name, s.key_id) in keys]
    if not known or any(key.name != read.checkpoint.origin for key, _ in known):
        raise BadNote("not signed by a key of this log")
    for key, signature in known:
        try:
            message = read.checkpoint.body().encode()
            Ed25519PublicKey.from_public_bytes(key.public).verify(signature.signature, message)
        except (InvalidSignature, ValueError) as error:
            raise BadNote("a signature does not verify") from error
    return read.checkpoint


def _signature(line: str) -> Signature:
    match = SIGNATURE_LINE.fullmatch(line)
    blob = decode(match[2]) if match else b""
    if match is None or len(blob) < 5:
        raise BadNote("a signature line cannot be read")
    return Signature(match[1], blob[:4], blob[4:])


def decode(text: str) -> bytes:
    """Base64 in its one canonical form: padded, no stray bits, nothing skipped."""
    try:
        data = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as error:
        raise BadNote("not base64") from error
    if base64.b64encode(data).decode() != text:
        raise BadNote("base64 with stray bits")
    return data
