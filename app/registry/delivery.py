"""Where released letters are on their way (投递): each move and its entry in one transaction.

Moves come one at a time or as a file; of a file all rows are taken or none. A letter that comes back blocks its contact
point. What leads to a person (tracking number, who signed, the receipt) is encrypted under the account's key, or the
case's for a document without account, and stands in the log as a keyed digest.
"""

import json
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session, lazyload

from app.artifacts import Actor
from app.delivery import NONE, UNPOSTED, Move, fault
from app.errors import IllegalMove, InvalidRequest, NotFound
from app.registry import underway
from app.registry.underway import Way
from app.store.case_keys import CaseKeys, commitment, open_small, seal_small
from app.store.database import Database
from app.store.documents import canonical
from app.store.journal import SYSTEM, Journal
from app.store.models import BlockedContactRow, DeliveryRow, DocumentRow
from app.wording import beijing_day


@dataclass(frozen=True)
class ToldMove:
    """A row of a file: its number there, the header being 1, the document and the move."""

    row: int
    document: str
    move: Move


@dataclass
class _Faults:
    """By row and column: what cannot be read, and what can be read and is not a legal move."""

    unreadable: dict[int, dict[str, list[str]]]
    illegal: dict[int, dict[str, list[str]]] = field(default_factory=dict)

    def raise_any(self) -> None:
        if self.unreadable:
            raise InvalidRequest({"rows": dict(sorted((self.illegal | self.unreadable).items()))})
        if self.illegal:
            raise IllegalMove({"rows": self.illegal})


@dataclass(frozen=True)
class Deliveries:
    """Deliveries of one installation. Threads and processes may share it."""

    database: Database
    case_keys: CaseKeys
    journal: Journal

    def of(self, document: DocumentRow) -> dict[str, Any]:
        """Where the document is, how it came there, and what was told of it. Personal data."""
        with self.database.read() as session:
            row = session.get(DeliveryRow, document.id)
        shown: dict[str, Any] = {"document": document.id, "state": NONE, "moves": []}
        if row is None:
            return shown
        shown |= {"state": row.state, "moved_on": row.moved_on, "moves": row.moves}
        way = Way(document, row)
        return shown | (_told(way, self.case_keys.open(way.key)) if row.sealed else {})

    def move(self, actor: Actor, document_id: str, move: Move, at: datetime) -> None:
        """One move of a document of the actor's organisation; `IllegalMove`, or `InvalidRequest` for its day."""
        with self.database.write() as session:
            way = underway.find(session, [document_id], actor.organisation).get(document_id)
            if way is None:
                raise NotFound("there is no such document")
            if illegal := underway.illegal(way, move):
                raise IllegalMove(illegal)
            if untimely := underway.untimely(way, move, at):
                raise InvalidRequest(untimely)
            way.fresh.append(move)
            self._record(session, [(way, move)], actor, at)

    def take(
        self, actor: Actor, rows: Sequence[ToldMove], faults: Mapping[int, dict[str, list[str]]], at: datetime
    ) -> Mapping[str, int]:
        """All rows in their order, or none; how many moves to each state.

        `faults` are the rows that could not be read: then nothing is taken, and what else is wrong is named with them.
        """
        found = _Faults(dict(faults))
        with self.database.write() as session:
            ways = underway.find(session, [told.document for told in rows], actor.organisation)
            run = []
            for told in rows:
                way = ways.get(told.document)
                if way is None:
                    found.unreadable[told.row] = {"document": ["没有此文书"]}
                    continue
                illegal, untimely = underway.illegal(way, told.move), underway.untimely(way, told.move, at)
                if untimely:
                    found.unreadable[told.row] = illegal | untimely
                elif illegal:
                    found.illegal[told.row] = illegal
                else:
                    way.fresh.append(told.move)
                    run.append((way, told.move))
            found.raise_any()
            self._record(session, run, actor, at)
        return Counter(move.to for _, move in run)

    def withdraw_unposted(
        self,
        session: Session,
        account_id: str,
        types: Collection[str],
        reason: str,
        at: datetime,
        actor: Actor = SYSTEM,
    ) -> list[str]:
        """Withdraw every issued document of these types that is not posted yet, in the caller's writing transaction.

        `reason` is one of a withdrawal's. Their ids; an empty list when there was none.
        """
        query = select(DocumentRow.id).where(
            DocumentRow.account_id == account_id, DocumentRow.status == "issued", DocumentRow.type.in_(sorted(types))
        )
        ways = underway.find(session, session.scalars(query.order_by(DocumentRow.id)).all()).values()
        run = []
        for way in (way for way in ways if way.state in UNPOSTED):
            move = Move("withdrawn", max(way.since, beijing_day(at)), reason)
            if fault(way.state, move):
                raise ValueError("not a reason to withdraw a letter")
            way.fresh.append(move)
            run.append((way, move))
        self._record(session, run, actor, at)
        return [way.document.id for way, _ in run]

    def page(
        self, organisation: str, state: str | None, before: str | None, limit: int
    ) -> list[tuple[DocumentRow, DeliveryRow | None]]:
        """The organisation's issued documents, the newest first, with where they are; `before` is the last id seen."""
        query = (
            select(DocumentRow, DeliveryRow)
            .outerjoin(DeliveryRow, DeliveryRow.document_id == DocumentRow.id)
            .where(DocumentRow.organisation_id == organisation, DocumentRow.status == "issued")
            .options(lazyload(DocumentRow.files))
            .order_by(DocumentRow.id.desc())
            .limit(limit)
        )
        if state is not None:
            query = query.where(DeliveryRow.state.is_(None) if state == NONE else DeliveryRow.state == state)
        if before is not None:
            query = query.where(DocumentRow.id < before)
        with self.database.read() as session:
            return [(document, row) for document, row in session.execute(query)]

    def _record(self, session: Session, run: Sequence[tuple[Way, Move]], actor: Actor, at: datetime) -> None:
        """Rows first, then one entry for each move, whose numbers the rows then name."""
        keys = self.case_keys.open_all({way.key for way, move in run if move.details})
        entries, steps = [], []
        for way, move in run:
            row, step, details = _advance(session, way, move, keys)
            named = {"document": way.document.id, "case": way.document.case_id}
            entries.append(named | step | details)
            steps.append((row, step))
        if not entries:
            return
        _block(session, run)
        appended = self.journal.write_run(session, actor, at, [("delivery.moved", fields) for fields in entries])
        for (row, step), entry in zip(steps, appended, strict=True):
            row.moves = [*row.moves, step | {"seq": entry.seq}]


def _advance(
    session: Session, way: Way, move: Move, keys: Mapping[str, bytes]
) -> tuple[DeliveryRow, dict[str, str], dict[str, str]]:
    """Bring the row to its new state; what the entry says of the move, and of what stays encrypted."""
    document = way.document
    row = way.row = way.row or _beginning(session, document)
    step = {"from": row.state, "to": move.to, "on": move.on.isoformat()}
    step |= {"reason": move.reason} if move.reason else {}
    details: dict[str, str] = {}
    if move.details:
        key = keys[way.key]
        told = _told(way, key) | move.details
        row.sealed = seal_small(key, document.id, canonical(told))
        details["detail_mac"] = commitment(key, canonical(move.details | {"document": document.id}))
    row.state, row.moved_on = move.to, move.on
    return row, step, details


def _told(way: Way, key: bytes) -> dict[str, str]:
    if way.row is None or way.row.sealed is None:
        return {}
    told: dict[str, str] = json.loads(open_small(key, way.document.id, way.row.sealed))
    return told


def _beginning(session: Session, document: DocumentRow) -> DeliveryRow:
    row = DeliveryRow(
        document_id=document.id, account_id=document.account_id, state=NONE, moved_on=document.on, moves=[]
    )
    session.add(row)
    return row


def _block(session: Session, run: Sequence[tuple[Way, Move]]) -> None:
    """The contact points of those that came back; of two from the same one, the first says why."""
    back: dict[tuple[str, str], Move] = {}
    for way, move in run:
        if move.to == "returned" and way.document.account_id and way.document.contact:
            back.setdefault((way.document.account_id, way.document.contact), move)
    with session.no_autoflush:  # thousands of rows wait to be written, all at once
        for contact_point, move in back.items():
            block_contact(session, *contact_point, move.reason or "", move.on)


def block_contact(session: Session, account_id: str, contact: str, reason: str, since: date) -> None:
    """Nothing more goes to this contact point of the account. The first reason stays."""
    if session.get(BlockedContactRow, (account_id, contact)) is None:
        session.add(BlockedContactRow(account_id=account_id, contact=contact, reason=reason, since=since))
