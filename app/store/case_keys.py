"""The keys of the cases: one random key each, wrapped by the master key, in a database of their own.

Erasing a case is destroying its row here; every blob and keyed digest of the case is noise from then on. Therefore
this database stays out of ordinary backups. A key is durable before anything is encrypted under it; a crash in
between leaves a key that nothing uses.

Wrapped key `duly-key/v1`: 8 bytes of SHA-256(master key), 12 random bytes of nonce, then AES-256-GCM of the key with
the case id as additional data.
"""

import base64
import hashlib
import hmac
import os
from collections.abc import Collection, Iterable
from functools import cached_property
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError

from app.errors import ConfigurationError, StepFailed
from app.store.database import Database
from app.store.models import CaseKeyRow, KeyBase

AT_ONCE = 500  # keys in one question to the database
TOKENS = "tokens"  # the row that keys references and fingerprints; it outlives every case


class CaseKeys:
    """Makes, keeps and opens case keys."""

    def __init__(self, database: Database, master_key: bytes) -> None:
        self._database = database
        self._master = AESGCM(master_key)
        self._master_id = hashlib.sha256(master_key).digest()[:8]

    def initialise(self) -> None:
        """Make the table and the token key, if they are not there yet."""
        with self._database.write() as session:
            KeyBase.metadata.create_all(session.connection())
        self.ensure(TOKENS)

    def require_master(self) -> None:
        """Raise `ConfigurationError` unless the keys are there and under this master key."""
        if not self._database.exists():  # opening it would make an empty one
            raise ConfigurationError(f"DULY_CASE_KEYS: {self._database.place} does not exist")
        try:
            self.open(TOKENS)
        except (StepFailed, SQLAlchemyError) as error:
            raise ConfigurationError(
                "DULY_CASE_KEYS, DULY_MASTER_KEY: the keys are missing, or under another key"
            ) from error

    def ensure(self, case_id: str) -> bytes:
        """The case's key; made and durable now if it is new."""
        with self._database.write() as session:
            row = session.get(CaseKeyRow, case_id)
            if row is None:
                key = os.urandom(32)
                session.add(CaseKeyRow(case_id=case_id, wrapped=self._wrap(case_id, key)))
                return key
            return self._unwrap(case_id, row.wrapped)

    def make(self, case_ids: Iterable[str]) -> dict[str, bytes]:
        """Keys of cases that are new, all durable at once."""
        keys = {case_id: os.urandom(32) for case_id in case_ids}
        with self._database.write() as session:
            session.add_all(CaseKeyRow(case_id=one, wrapped=self._wrap(one, key)) for one, key in keys.items())
        return keys

    def open(self, case_id: str) -> bytes:
        """The case's key, or `StepFailed` when it was erased or is not under this master key."""
        with self._database.read() as session:
            row = session.get(CaseKeyRow, case_id)
        if row is None:
            raise StepFailed("keys", "the case's key does not exist (any more)", status=500)
        return self._unwrap(case_id, row.wrapped)

    def open_all(self, case_ids: Collection[str]) -> dict[str, bytes]:
        """As `open`, for many: all of them, or `StepFailed`."""
        ids, found = sorted(case_ids), dict[str, bytes]()
        with self._database.read() as session:
            for start in range(0, len(ids), AT_ONCE):
                query = select(CaseKeyRow).where(CaseKeyRow.case_id.in_(ids[start : start + AT_ONCE]))
                found |= {row.case_id: self._unwrap(row.case_id, row.wrapped) for row in session.scalars(query)}
        if len(found) != len(ids):
            raise StepFailed("keys", "a case's key does not exist (any more)", status=500)
        return found

    def token(self, purpose: str, *values: str) -> str:
        """A stable opaque name for something personal: HMAC-SHA256, in hexadecimal."""
        message = "\0".join((purpose, *values)).encode()
        return hmac.new(self._token_key, message, hashlib.sha256).hexdigest()

    @cached_property
    def _token_key(self) -> bytes:
        return self.open(TOKENS)

    def close(self) -> None:
        self._database.close()

    def _wrap(self, case_id: str, key: bytes) -> bytes:
        nonce = os.urandom(12)
        return self._master_id + nonce + self._master.encrypt(nonce, key, case_id.encode())

    def _unwrap(self, case_id: str, wrapped: bytes) -> bytes:
        try:
            return self._master.decrypt(wrapped[8:20], wrapped[20:], case_id.encode())
        except InvalidTag as error:
            raise StepFailed("keys", "the case's key is not under this master key", status=500) from error


def commitment(case_key: bytes, content: bytes) -> str:
    """A keyed digest that stands for personal content in the log; noise once the case's key is destroyed."""
    key = HKDF(SHA256(), 32, None, b"commit").derive(case_key)
    return hmac.new(key, content, hashlib.sha256).hexdigest()


def seal_small(case_key: bytes, about: str, content: bytes) -> bytes:
    """A few bytes of personal content for a column, bound to what they are about.

    12 random bytes of nonce, then AES-256-GCM with `about` as additional data.
    """
    nonce = os.urandom(12)
    return nonce + AESGCM(_small(case_key)).encrypt(nonce, content, about.encode())


def open_small(case_key: bytes, about: str, sealed: bytes) -> bytes:
    """What `seal_small` was given; `StepFailed` when it was altered, is about something else, or under another key."""
    try:
        return AESGCM(_small(case_key)).decrypt(sealed[:12], sealed[12:], about.encode())
    except (InvalidTag, ValueError) as error:
        raise StepFailed("keys", "what was kept cannot be opened", status=500) from error


def _small(case_key: bytes) -> bytes:
    return HKDF(SHA256(), 32, None, b"small").derive(case_key)


def new_master_key() -> str:
    return base64.b64encode(os.urandom(32)).decode() + "\n"


def read_master_key(path: Path) -> bytes:
    try:
        key = base64.b64decode(path.read_bytes().strip(), validate=True)
    except (OSError, ValueError) as error:
        raise ConfigurationError(f"DULY_MASTER_KEY: {path} is missing or unreadable") from error
    if len(key) != 32:
        raise ConfigurationError(f"DULY_MASTER_KEY: {path} does not hold 32 bytes in base64")
    return key
