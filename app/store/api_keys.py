"""Bearer keys of the organisations that call us.

A key is `duly_` and 43 characters of base64url (256 random bits); only its SHA-256 is kept, so the table is of no use
to a thief, and looking a key up by its digest leaks nothing through time.
"""

import hashlib
import secrets
import uuid
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from app.artifacts import Actor
from app.store.database import Database
from app.store.journal import Journal
from app.store.models import ApiKey, Organisation, OrganisationIssuer

ROLES = ("upstream", "compliance", "counsel", "monitor", "admin")
OPERATOR = Actor("operator", "operator", "", "-")


@dataclass(frozen=True)
class Caller:
    """The key behind a request: its organisation and its kind, the issuers it may ask for, and its one role."""

    key_id: str
    organisation: str
    kind: str
    issuers: frozenset[str]
    role: str


@dataclass(frozen=True)
class ApiKeys:
    database: Database
    journal: Journal

    def find(self, secret: str) -> Caller | None:
        """The caller, or None for a key that is unknown or revoked."""
        with self.database.read() as session:
            key = session.scalar(select(ApiKey).where(ApiKey.sha256 == _digest(secret)))
            if key is None or key.revoked_at is not None:
                return None
            bound = frozenset(row.issuer for row in key.organisation.issuers)
            return Caller(key.id, key.organisation_id, key.organisation.kind, bound, key.role)

    def kind_of(self, organisation_id: str) -> str:
        with self.database.read() as session:
            return session.get_one(Organisation, organisation_id).kind

    def make(self, organisation: str, kind: str, role: str, issuers: Collection[str], at: datetime) -> tuple[str, str]:
        """A new key (id, secret) for an organisation, which is made now if it is new. The secret is never kept."""
        secret = "duly_" + secrets.token_urlsafe(32)
        with self.database.write() as session:
            found = session.scalar(select(Organisation).where(Organisation.name == organisation))
            if found is None:
                found = Organisation(id=str(uuid.uuid4()), name=organisation, kind=kind, issuers=[])
                session.add(found)
                session.flush()
            for issuer in sorted(set(issuers) - {bound.issuer for bound in found.issuers}):
                found.issuers.append(OrganisationIssuer(organisation_id=found.id, issuer=issuer))
            key_id = str(uuid.uuid4())
            row = ApiKey(id=key_id, organisation_id=found.id, role=role, sha256=_digest(secret), created_at=at)
            session.add(row)
            named = {"key": key_id, "role": role, "key_org": found.id}
            self.journal.write(session, OPERATOR, at, "key.created", **named)
        return key_id, secret

    def revoke(self, key_id: str, at: datetime) -> bool:
        """Make a key useless from now on; False when there is no such working key."""
        with self.database.write() as session:
            key = session.get(ApiKey, key_id)
            if key is None or key.revoked_at is not None:
                return False
            key.revoked_at = at
            named = {"key": key_id, "role": key.role, "key_org": key.organisation_id}
            self.journal.write(session, OPERATOR, at, "key.revoked", **named)
        return True

    def listed(self) -> list[tuple[str, str, str, datetime, datetime | None]]:
        """(id, organisation, role, created, revoked) of every key."""
        with self.database.read() as session:
            keys = session.scalars(select(ApiKey).order_by(ApiKey.created_at))
            return [(key.id, key.organisation.name, key.role, key.created_at, key.revoked_at) for key in keys]


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
