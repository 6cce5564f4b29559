"""Objections (异议) of an account: what was told, how each moves on, what answers it; each with its entry in one step.

Telling the same objection again under the same reference changes nothing. What the cardholder and the officers said is
encrypted under the account's key, and stands in the log as keyed digests. Officers who move one at the same time stand
in one line: whoever comes second finds it where the first has left it.
"""

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.artifacts import Actor
from app.errors import IllegalAnswer, InvalidRequest, NotFound
from app.objection import DECIDED, OPEN, RECEIVED, REPLY, Move, fault, repeats, reply_is_due
from app.registry.accounts import Registry
from app.registry.gathered import LOST
from app.store.case_keys import commitment, open_small, seal_small
from app.store.documents import Documents, canonical
from app.store.journal import instant, uuid7
from app.store.models import DeliveryRow, DocumentRow, ObjectionRow
from app.wording import beijing_day

_SAID = ("ref", "outside_ref", "statement", "disputed")  # of what was told, what leads to a person


@dataclass(frozen=True)
class Received:
    """An objection as it was taken down: `fresh` is False when it had been told before."""

    row: ObjectionRow
    fresh: bool


@dataclass(frozen=True)
class Objections:
    """Objections of one installation. Threads and processes may share it."""

    registry: Registry
    documents: Documents

    def receive(self, told: Mapping[str, Any], days: int, actor: Actor, at: datetime) -> Received:
        """Take one down. `told` is plain data (app/facts/objection.py), `days` the time for an answer."""
        account_id = self.registry.account_id(told["issuer"], told["card_number"])
        key = self.registry.case_keys.open(account_id)
        row = self._row(told, account_id, key, days, actor, at)
        with self.documents.database.write() as session:
            known = session.scalar(select(ObjectionRow).where(ObjectionRow.source == row.source))
            if known is not None:
                if known.fingerprint != row.fingerprint:
                    raise InvalidRequest({"ref": ["此编号已用于另一异议"]})
                return Received(known, fresh=False)
            _require_disputable(session, row)
            row.repeats = repeats(row.grounds, row.new_facts, _earlier(session, account_id))
            session.add(row)
            entry = {
                "objection": row.id,
                "for_account": account_id,
                "channel": row.channel,
                "grounds": row.grounds,
                "due": row.due_on.isoformat(),
                "repeats": row.repeats,
                "detail_mac": commitment(key, canonical(told)),
            }
            row.seq = self.documents.journal.write(session, actor, at, "objection.received", **entry).seq
        return Received(row, fresh=True)

    def move(
        self, objection_id: str, move: Move, role: str, issuers: Collection[str], actor: Actor, at: datetime
    ) -> ObjectionRow:
        """One move; `IllegalAnswer` when it is none of the table's, `InvalidRequest` when its reply is not the one."""
        answers = self._answered_by(move.reply) if move.reply else None
        with self.documents.database.write() as session:
            row = _seen(session.get(ObjectionRow, objection_id), issuers)
            if illegal := fault(row.state, move):
                raise IllegalAnswer({illegal[0]: [illegal[1]]})
            if wrong := _wrong_reply(session, row, move, answers):
                raise InvalidRequest({"reply": [wrong]})
            key = self.registry.case_keys.open(row.account_id)
            said = self._said(row, key)
            said["moves"].append(move.text)
            row.sealed = seal_small(key, row.id, canonical(said))
            step = {"from": row.state, "to": move.to, "role": role, "reason": move.reason}
            named = {"objection": row.id, "for_account": row.account_id}
            named |= {"reply": move.reply} if move.reply else {}
            mac = commitment(key, canonical({"objection": row.id, "to": move.to, "text": move.text}))
            row.state = move.to
            appended = self.documents.journal.write(
                session, actor, at, "objection.moved", **named, **step, detail_mac=mac
            )
            when = {"at": instant(at), "on": beijing_day(at).isoformat()}
            row.moves = [*row.moves, {**step, **when, "seq": appended.seq}]
        return row

    def find(self, objection_id: str, issuers: Collection[str]) -> ObjectionRow:
        """The objection, or `NotFound`: also when it is about another issuer's account."""
        with self.documents.database.read() as session:
            return _seen(session.get(ObjectionRow, objection_id), issuers)

    def said(self, row: ObjectionRow) -> dict[str, Any]:
        """What was told, and what was said with each move. Personal data."""
        return self._said(row, self.registry.case_keys.open(row.account_id))

    def page(
        self, issuers: Collection[str], today: date, state: str | None, overdue: bool | None, before: str | None,
        limit: int,
    ) -> Sequence[ObjectionRow]:  # fmt: skip
        """Those of these issuers, the newest first; `before` is the id of the last one seen."""
        query = select(ObjectionRow).where(ObjectionRow.issuer.in_(sorted(issuers)))
        if state is not None:
            query = query.where(ObjectionRow.state == state)
        if overdue is not None:
            late = ObjectionRow.state.in_(OPEN) & (ObjectionRow.due_on < today)
            query = query.where(late if overdue else ~late)
        if before is not None:
            query = query.where(ObjectionRow.id < before)
        with self.documents.database.read() as session:
            return session.scalars(query.order_by(ObjectionRow.id.desc()).limit(limit)).all()

    def overdue(self, today: date) -> int:
        """How many should have been answered by now, of all issuers."""
        query = select(func.count()).where(ObjectionRow.state.in_(OPEN), ObjectionRow.due_on < today)
        with self.documents.database.read() as session:
            return session.scalar(query) or 0

    def _row(
        self, told: Mapping[str, Any], account_id: str, key: bytes, days: int, actor: Actor, at: datetime
    ) -> ObjectionRow:
        received = datetime.fromisoformat(told["received_at"])
        on = beijing_day(received)
        objection_id, tokens = str(uuid7(at)), self.registry.case_keys
        kept = {"told": {name: told[name] for name in _SAID}, "moves": []}
        return ObjectionRow(
            id=objection_id,
            account_id=account_id,
            organisation_id=actor.organisation,
            issuer=told["issuer"],
            state=RECEIVED,
            channel=told["channel"],
            grounds=sorted(told["grounds"]),
            new_facts=told["new_facts"],
            repeats=False,
            received_at=received,
            received_on=on,
            due_on=_due(told, received, on + timedelta(days=days), at),
            document_id=told["document"],
            moves=[],
            source=tokens.token("objection", actor.organisation, told["ref"]),
            fingerprint=tokens.token("objection-body", canonical(told).decode()),
            sealed=seal_small(key, objection_id, canonical(kept)),
            seq=-1,
        )

    def _said(self, row: ObjectionRow, key: bytes) -> dict[str, Any]:
        said: dict[str, Any] = json.loads(open_small(key, row.id, row.sealed))
        return said

    def _answered_by(self, document_id: str) -> Mapping[str, Any]:
        """What an issued reply says of the objection, out of its own record; nothing when it is no such reply."""
        try:
            document = self.documents.find(document_id, None)
        except NotFound:
            return {}
        if document.type != REPLY or document.status != "issued":
            return {}
        said: Mapping[str, Any] = self.documents.read_record(document)["facts"]["objection"]
        return said


def _due(told: Mapping[str, Any], received: datetime, latest: date, at: datetime) -> date:
    """The day by which an answer is due: as told, if that is no later than the policy's."""
    if received > at:
        raise InvalidRequest({"received_at": ["晚于当前时间"]})
    due = date.fromisoformat(told["due_on"]) if told["due_on"] else latest
    if not beijing_day(received) <= due <= latest:
        raise InvalidRequest({"due_on": ["早于收到之日，或者晚于本行政策的答复期限"]})
    return due


def _require_disputable(session: Session, row: ObjectionRow) -> None:
    """The letter that is disputed, if one is, was issued on this account."""
    if row.document_id is None:
        return
    document = session.get(DocumentRow, row.document_id)
    if document is None or document.account_id != row.account_id or document.status != "issued":
        raise InvalidRequest({"document": ["该账户没有此文书"]})


def _earlier(session: Session, account_id: str) -> list[tuple[str, list[str]]]:
    query = select(ObjectionRow.state, ObjectionRow.grounds).where(ObjectionRow.account_id == account_id)
    return [(state, grounds) for state, grounds in session.execute(query)]


def _seen(row: ObjectionRow | None, issuers: Collection[str]) -> ObjectionRow:
    if row is None or row.issuer not in issuers:
        raise NotFound("there is no such objection")
    return row


def _wrong_reply(session: Session, row: ObjectionRow, move: Move, answers: Mapping[str, Any] | None) -> str:
    """What is wrong with the reply of a decision, or "". A reply that is on its way must be named, and be kept to."""
    if move.to not in DECIDED:
        return ""
    delivery = session.get(DeliveryRow, row.reply_id) if row.reply_id else None
    standing = row.reply_id if delivery is None or delivery.state not in LOST else None
    if answers is None:
        return "须填写答复函的文书 id" if standing or reply_is_due(row.channel, move.to) else ""
    if move.reply != standing or answers.get("id") != row.id:
        return "不是对该异议出具的答复函"
    return "" if answers.get("decision") == move.to else "答复函载明的处理结果与此不同"
