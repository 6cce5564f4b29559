"""Encrypted files: the format `duly-file/v1`, final.

    magic    14 bytes   b"duly-file/v1\\n\\0"
    case     16 bytes   the case's UUID
    salt     32 bytes   random, fresh for every file
    chunks              AES-256-GCM, each of up to 1 MiB of plaintext and a 16-byte tag

    file key = HKDF-SHA256(case key, salt, info = b"duly-file/v1")
    nonce    = 11-byte big-endian chunk counter from 0, then 0x01 for the last chunk or 0x00
    additional data = the 62 header bytes

It is the STREAM construction: chunks cannot be reordered, dropped, repeated or cut off, and a file can be written and
read in flat memory. Every chunk but the last is full; the last may be empty only when the file is.
The case id in the header tells which key is needed when the database is gone.
"""

import os
import uuid
from collections.abc import Iterator
from typing import BinaryIO

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

MAGIC = b"duly-file/v1\n\0"
CHUNK = 1 << 20
TAG = 16
HEADER = len(MAGIC) + 16 + 32


class Unreadable(Exception):
    """The file is not whole, not ours, or not under this key."""


def write(source: BinaryIO, target: BinaryIO, case_id: str, case_key: bytes) -> None:
    """Encrypt all of `source` into `target`."""
    salt = os.urandom(32)
    header = MAGIC + uuid.UUID(case_id).bytes + salt
    cipher = _cipher(case_key, salt)
    target.write(header)
    chunk = source.read(CHUNK)
    for counter in range(1 << 32):
        following = source.read(CHUNK) if len(chunk) == CHUNK else b""
        target.write(cipher.encrypt(_nonce(counter, last=not following), chunk, header))
        if not following:
            return
        chunk = following


def read(source: BinaryIO, case_id: str, case_key: bytes) -> Iterator[bytes]:
    """Decrypt chunk by chunk. Do not hand on a chunk before the last one is read: only then is the file whole."""
    header = source.read(HEADER)
    if len(header) != HEADER or header[: len(MAGIC)] != MAGIC:
        raise Unreadable("not an encrypted file of this format")
    if header[len(MAGIC) : len(MAGIC) + 16] != uuid.UUID(case_id).bytes:
        raise Unreadable("the file belongs to another case")
    cipher = _cipher(case_key, header[-32:])
    encrypted = source.read(CHUNK + TAG)
    for counter in range(1 << 32):
        following = source.read(CHUNK + TAG) if len(encrypted) == CHUNK + TAG else b""
        try:
            chunk = cipher.decrypt(_nonce(counter, last=not following), encrypted, header)
        except InvalidTag as error:
            raise Unreadable("the file was altered, cut off, or is under another key") from error
        if not chunk and counter:
            raise Unreadable("the file ends in an empty chunk")
        yield chunk
        if not following:
            return
        encrypted = following


def _cipher(case_key: bytes, salt: bytes) -> AESGCM:
    return AESGCM(HKDF(SHA256(), 32, salt, b"duly-file/v1").derive(case_key))


def _nonce(counter: int, *, last: bool) -> bytes:
    return counter.to_bytes(11, "big") + (b"\x01" if last else b"\x00")
