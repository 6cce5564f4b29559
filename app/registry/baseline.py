"""Take over what was known before (导入基线): accounts and their events from one file, in one transaction.

Accounts that have a baseline already are refused: what came after it is told as events. The entry names the file's
digest and the numbers taken, so that it can be shown later what this service began with.
"""

import uuid
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import select

from app.artifacts import Actor
from app.errors import InvalidRequest
from app.registry.accounts import Registry
from app.registry.events import Told, take_effect, told_of
from app.store.database import Session
from app.store.journal import Journal, instant
from app.store.models import AccountRow, EventRow

MIGRATED = "migrated"
PAGE = 500


@dataclass(frozen=True)
class File:
    """A file that was read whole and found sound: its digest, its moment, its accounts as plain data."""

    sha256: str
    issuer: str
    as_of: datetime
    accounts: Sequence[Mapping[str, Any]]


def take(registry: Registry, journal: Journal, file: File, actor: Actor, at: datetime) -> tuple[int, int]:
    """Take the file whole: how many accounts and events. `InvalidRequest` names accounts by their place in it."""
    tokens = [registry.case_keys.token("account", file.issuer, one["card_number"]) for one in file.accounts]
    _refuse_twice(tokens)
    with registry.database.read() as session:
        rows = _rows(session, file.issuer, tokens)
    fresh = {token: str(uuid.uuid4()) for token in tokens if token not in rows}
    keys = registry.case_keys.make(fresh.values())  # durable first: a crash here leaves keys that nothing uses
    events = 0
    taken: list[list[Told]] = []
    with registry.database.write() as session:
        rows = _rows(session, file.issuer, tokens)
        _refuse_known([bool(rows.get(token) and rows[token].baseline_on) for token in tokens])
        for token, one in zip(tokens, file.accounts, strict=True):
            row = rows.get(token) or AccountRow(id=fresh[token], issuer=file.issuer, token=token)
            row.origin, row.baseline_on = MIGRATED, date.fromisoformat(one["known_since"])
            row.fed_at = file.as_of
            session.add(row)
            key = keys.get(row.id) or registry.case_keys.open(row.id)
            told = [told_of(registry, row.id, key, event, actor, at) for event in one["events"] or ()]
            events += len(told)
            taken.append(told)
        _refuse_reused(session, taken)
        for told in taken:
            _add(session, told)
        _enter(session, journal, file, events, actor, at)
    return len(file.accounts), events


def _rows(session: Session, issuer: str, tokens: Sequence[str]) -> dict[str, AccountRow]:
    found: dict[str, AccountRow] = {}
    for start in range(0, len(tokens), PAGE):
        query = select(AccountRow).where(
            AccountRow.issuer == issuer, AccountRow.token.in_(tokens[start : start + PAGE])
        )
        found |= {row.token: row for row in session.scalars(query)}
    return found


def _refuse_twice(tokens: Sequence[str]) -> None:
    counted = Counter(tokens)
    twice = [index for index, token in enumerate(tokens) if counted[token] > 1]
    if twice:
        raise InvalidRequest({"accounts": {index: {"card_number": ["重复"]} for index in twice}})


def _refuse_known(known: Sequence[bool]) -> None:
    faults = {index: {"card_number": ["该账户已有基线"]} for index, has in enumerate(known) if has}
    if faults:
        raise InvalidRequest({"accounts": faults})


def _refuse_reused(session: Session, taken: Sequence[Sequence[Told]]) -> None:
    """A reference stands for one event, in this file and in all that was told before."""
    counted = Counter(one.row.source for told in taken for one in told)
    known = _known_sources(session, list(counted))
    faults = {
        account: {
            "events": {
                place: {"ref": ["此编号已用于另一事件"]}
                for place, one in enumerate(told)
                if counted[one.row.source] > 1 or one.row.source in known
            }
        }
        for account, told in enumerate(taken)
    }
    if faults := {account: fault for account, fault in faults.items() if fault["events"]}:
        raise InvalidRequest({"accounts": faults})


def _known_sources(session: Session, sources: Sequence[str]) -> set[str]:
    found: set[str] = set()
    for start in range(0, len(sources), PAGE):
        found |= set(session.scalars(select(EventRow.source).where(EventRow.source.in_(sources[start : start + PAGE]))))
    return found


def _add(session: Session, told: Sequence[Told]) -> None:
    session.flush()  # the account before its events
    for one in told:
        one.row.seq = -1
        session.add(one.row)
        take_effect(session, one.row)


def _enter(session: Session, journal: Journal, file: File, events: int, actor: Actor, at: datetime) -> None:
    """One entry for the whole file; the rows point to it."""
    session.flush()
    counted = {"accounts": len(file.accounts), "events": events}
    named = {"file_sha256": file.sha256, "origin": MIGRATED, "as_of": instant(file.as_of)}
    appended = journal.write(session, actor, at, "registry.imported", **named, counted=counted)
    session.query(EventRow).where(EventRow.seq == -1).update({"seq": appended.seq})
