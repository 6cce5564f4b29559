"""Take down what other systems tell (登记事件): rows, the feed's moment and entries in one transaction.

Telling the same thing again under the same reference changes nothing; telling another thing under it is refused. What
ends collection (the rules say what ends which documents) withdraws those that are not yet posted; an answer that is
owed still goes out.
"""

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import select

from app.artifacts import Actor
from app.delivery import WITHDRAWN
from app.errors import InvalidRequest
from app.registry.accounts import Registry
from app.registry.delivery import Deliveries, block_contact
from app.store.case_keys import commitment, seal_small
from app.store.database import Session
from app.store.journal import Journal, uuid7
from app.store.models import AccountRow, EventRow
from app.wording import beijing_day

OPENED, BLOCKED = "opened", "contact_blocked"
AGREEMENT, PERFORMING = "agreement", "performing"


@dataclass(frozen=True)
class Recorded:
    """An event as it was taken down: `fresh` is False when it had been told before."""

    id: str
    ref: str
    account_id: str
    seq: int
    fresh: bool


@dataclass(frozen=True)
class Told:
    """One event on its way into the tables."""

    row: EventRow
    plain: Mapping[str, Any]
    mac: str


def record(
    registry: Registry, journal: Journal, issuer: str, as_of: datetime, told: Sequence[Mapping[str, Any]],
    ends: Mapping[str, Collection[str]], actor: Actor, at: datetime,
) -> list[Recorded]:  # fmt: skip
    """Take a batch down whole, or raise `InvalidRequest`. `told` is plain data (app/facts/events.py).

    `ends` are the document types that each kind of event, and a performing agreement, puts an end to.
    """
    if as_of > at:
        raise InvalidRequest({"as_of": ["晚于当前时间"]})
    new = [_told(registry, issuer, event, actor, at) for event in told]
    deliveries = Deliveries(registry.database, registry.case_keys, journal)
    with registry.database.write() as session:
        known = _known(session, [one.row.source for one in new])
        _refuse_reused(new, known)
        fresh = [one for one in new if one.row.source not in known]
        entries = journal.write_run(session, actor, at, [("event.recorded", _entry(one)) for one in fresh])
        for one, appended in zip(fresh, entries, strict=True):
            one.row.seq = appended.seq
            session.add(one.row)
            take_effect(session, one.row)
        for account_id, kind in sorted({(one.row.account_id, one.row.kind) for one in fresh if _may_end(one.row)}):
            deliveries.withdraw_unposted(session, account_id, ends.get(kind, ()), kind, at, actor)
        _feed(session, {one.row.account_id for one in new}, as_of)
    return [_recorded(one, known.get(one.row.source)) for one in new]


def _may_end(row: EventRow) -> bool:
    """Whether it can put an end to anything; of an agreement's states only that it is being performed does."""
    return row.kind in WITHDRAWN and (row.kind != AGREEMENT or row.outcome == PERFORMING)


def _told(registry: Registry, issuer: str, event: Mapping[str, Any], actor: Actor, at: datetime) -> Told:
    account_id = registry.account_id(issuer, event["card_number"])
    return told_of(registry, account_id, registry.case_keys.open(account_id), event, actor, at)


def told_of(
    registry: Registry, account_id: str, key: bytes, event: Mapping[str, Any], actor: Actor, at: datetime
) -> Told:
    """An event as the tables take it: tokens, words of closed sets, and the whole of it encrypted under `key`."""
    content = json.dumps(event, ensure_ascii=False, sort_keys=True).encode()
    event_id, happened = str(uuid7(at)), datetime.fromisoformat(event["at"])
    row = EventRow(
        id=event_id,
        account_id=account_id,
        organisation_id=actor.organisation or None,
        kind=event["kind"],
        at=happened,
        on=beijing_day(happened),
        channel=event["channel"],
        role=event["role"],
        party=registry.party(account_id, event["name"]) if event["name"] else None,
        contact=registry.contact(account_id, event["contact"]) if event["contact"] else None,
        reserved=event["reserved"],
        outcome=event["outcome"] or event["agreement"] or event["means"],
        next_on=date.fromisoformat(event["next_due_on"]) if event["next_due_on"] else None,
        source=registry.case_keys.token("event", actor.organisation, event["ref"]),
        fingerprint=registry.case_keys.token("event-body", content.decode()),
        sealed=seal_small(key, event_id, content),
        seq=-1,
    )
    return Told(row, event, commitment(key, content))


def _known(session: Session, sources: Sequence[str]) -> dict[str, EventRow]:
    found = session.scalars(select(EventRow).where(EventRow.source.in_(sources)))
    return {row.source: row for row in found}


def _refuse_reused(new: Sequence[Told], known: Mapping[str, EventRow]) -> None:
    reused = {
        index: {"ref": ["此编号已用于另一事件"]}
        for index, one in enumerate(new)
        if one.row.source in known and known[one.row.source].fingerprint != one.row.fingerprint
    }
    if reused:
        raise InvalidRequest({"events": reused})


def _entry(one: Told) -> dict[str, Any]:
    row = one.row
    named = {"event": row.id, "for_account": row.account_id, "kind": row.kind, "on": row.on.isoformat()}
    more = {name: value for name in ("channel", "outcome") if (value := getattr(row, name))}
    return {**named, **more, "detail_mac": one.mac}


def take_effect(session: Session, row: EventRow) -> None:
    account = session.get_one(AccountRow, row.account_id)
    if row.kind == OPENED and account.baseline_on is None:
        account.baseline_on, account.origin = row.on, "native"
    if row.kind == BLOCKED and row.contact:
        block_contact(session, row.account_id, row.contact, "told", row.on)


def _feed(session: Session, account_ids: set[str], as_of: datetime) -> None:
    for account_id in sorted(account_ids):
        account = session.get_one(AccountRow, account_id)
        if account.fed_at is None or account.fed_at < as_of:
            account.fed_at = as_of


def _recorded(one: Told, before: EventRow | None) -> Recorded:
    row = before or one.row
    return Recorded(row.id, one.plain["ref"], row.account_id, row.seq, before is None)
