"""Use of the stamp (用印): who agreed that it may stand on what, from when until when, how often, and each use of it.

An authorisation is counted down in the very transaction that records the document, so its last use goes to one letter.
"""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.artifacts import Actor
from app.catalogue import BLOCK
from app.errors import Finding, Refused
from app.registry.known import Authorisation
from app.store.case_keys import CaseKeys
from app.store.database import Database
from app.store.journal import Journal
from app.store.models import DocumentRow, StampAuthorisationRow, StampUseRow

APPROVERS = 2  # four eyes


@dataclass(frozen=True)
class Terms:
    """What is agreed. `stamp_sha256` is the picture in the register at that time; `approvers` are employee numbers."""

    issuer: str
    stamp_sha256: str
    types: tuple[str, ...]
    template_sha256: str | None
    since: date
    until: date
    maximum: int
    approvers: tuple[str, ...]

    def __post_init__(self) -> None:
        if len(set(self.approvers)) < APPROVERS:
            raise ValueError("two different approvers at the least")
        if not self.types or self.since > self.until or self.maximum < 1:
            raise ValueError("an authorisation without types, days or uses")


@dataclass(frozen=True)
class Use:
    """A line of the register of uses (用印登记簿)."""

    authorisation: str
    use: int
    document: str
    number: str
    type: str
    on: date


@dataclass(frozen=True)
class Stamps:
    """Authorisations of one installation."""

    database: Database
    case_keys: CaseKeys
    journal: Journal

    def authorise(self, terms: Terms, actor: Actor, at: datetime) -> str:
        """A new authorisation, with its entry; its id. Employee numbers are kept as keyed tokens."""
        approvers = sorted({self.case_keys.token("approver", terms.issuer, number) for number in terms.approvers})
        row = StampAuthorisationRow(
            id=str(uuid.uuid4()),
            issuer=terms.issuer,
            stamp=terms.stamp_sha256,
            types=sorted(set(terms.types)),
            template_sha256=terms.template_sha256,
            since=terms.since,
            until=terms.until,
            maximum=terms.maximum,
            used=0,
            approvers=approvers,
        )
        with self.database.write() as session:
            session.add(row)
            self.journal.write(session, actor, at, "stamp.authorised", **_entered(row))
        return row.id

    def revoke(self, authorisation_id: str, actor: Actor, at: datetime) -> bool:
        """Good for nothing from now on; False when there is no such authorisation in force."""
        with self.database.write() as session:
            row = session.get(StampAuthorisationRow, authorisation_id)
            if row is None or row.revoked_at is not None:
                return False
            row.revoked_at = at
            self.journal.write(session, actor, at, "stamp.revoked", authorisation=row.id, used=row.used)
        return True

    def listed(self, issuer: str | None = None) -> Sequence[StampAuthorisationRow]:
        """All authorisations ever made, the oldest first."""
        query = select(StampAuthorisationRow).order_by(StampAuthorisationRow.since, StampAuthorisationRow.id)
        if issuer is not None:
            query = query.where(StampAuthorisationRow.issuer == issuer)
        with self.database.read() as session:
            return session.scalars(query).all()

    def uses(self, issuer: str | None = None) -> list[Use]:
        """Every use ever made, in order of time."""
        query = (
            select(StampUseRow, DocumentRow.number, DocumentRow.type, DocumentRow.on)
            .join(DocumentRow, DocumentRow.id == StampUseRow.document_id)
            .order_by(StampUseRow.at, StampUseRow.authorisation_id, StampUseRow.use)
        )
        if issuer is not None:
            query = query.where(DocumentRow.issuer == issuer)
        with self.database.read() as session:
            return [
                Use(row.authorisation_id, row.use, row.document_id, number, document_type, on)
                for row, number, document_type, on in session.execute(query)
            ]


def authorisations(session: Session, issuer: str) -> tuple[Authorisation, ...]:
    """Those that nobody has revoked, whatever is left of them."""
    query = select(StampAuthorisationRow).where(
        StampAuthorisationRow.issuer == issuer, StampAuthorisationRow.revoked_at.is_(None)
    )
    return tuple(
        Authorisation(
            id=row.id,
            stamp_sha256=row.stamp,
            types=tuple(row.types),
            template_sha256=row.template_sha256 or "",
            since=row.since,
            until=row.until,
            left=row.maximum - row.used,
        )
        for row in session.scalars(query.order_by(StampAuthorisationRow.since, StampAuthorisationRow.id))
    )


def use(session: Session, document_id: str, stamp_sha256: str, template_sha256: str, at: datetime) -> dict[str, Any]:
    """Use this stamp on this document, in the transaction that records it; what its entry says. Else `Refused`.

    Of several good authorisations the narrowest is used up first: one that names the template, then the one that ends
    soonest.
    """
    document = session.get_one(DocumentRow, document_id)
    good = [
        found
        for found in authorisations(session, document.issuer)
        if found.good_for(stamp_sha256, document.type, template_sha256, document.on)
    ]
    if not good:
        nothing = "印章没有有效的用印授权，或者授权次数已经用完。"
        raise Refused([Finding("stamp.unauthorised", BLOCK, "", nothing, "Nobody authorised this use of the stamp.")])
    chosen = min(good, key=lambda found: (not found.template_sha256, found.until, found.id))
    row = session.get_one(StampAuthorisationRow, chosen.id)
    row.used += 1
    session.add(StampUseRow(authorisation_id=row.id, use=row.used, document_id=document_id, at=at))
    return {"stamp_use": {"authorisation": row.id, "use": row.used}}


def _entered(row: StampAuthorisationRow) -> dict[str, Any]:
    template = {"template_sha256": row.template_sha256} if row.template_sha256 else {}
    return template | {
        "authorisation": row.id,
        "stamp_sha256": row.stamp,
        "issuer": row.issuer,
        "types": row.types,
        "since": row.since.isoformat(),
        "until": row.until.isoformat(),
        "maximum": row.maximum,
        "approvers": row.approvers,
    }
