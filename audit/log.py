"""The log in a database (审计日志): entries in one order, each bound to the one before, none ever changed.

`append` writes inside the caller's transaction; the caller's transaction helper holds the lock that puts writers in
line. What counts are the exact bytes in `leaf` (tables.py): what a column says is compared with them before it is used.
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, insert, select, update
from sqlalchemy.exc import IntegrityError

from audit import damage, entry, fields, keys, tree
from audit.errors import Altered, BadNote, EntryRefused, HeadMoved, LogExists, LogMissing, NotCanonical
from audit.keys import LogKey
from audit.tables import entries, heads, subtrees

OUTCOMES = ("issued", "refused", "failed", "aborted")
KEY_ACTIONS = (keys.CREATED, keys.ADDED, keys.RETIRED)


@dataclass(frozen=True)
class Head:
    """Where the log ends: `last_hash` is the hash of the last entry, or of the origin before there is one."""

    size: int
    last_hash: bytes
    frontier: tree.Frontier


@dataclass(frozen=True)
class Appended:
    """What the caller may quote: `entry_hash` is hexadecimal; `ts` is the time as written, after clamping."""

    seq: int
    entry_hash: str
    ts: str


@dataclass(frozen=True)
class Stored:
    """A row as the database has it. `agrees` says whether hash and columns are those of the bytes."""

    seq: int
    leaf: bytes
    hash: bytes
    agrees: bool


def create(
    connection: Connection, origin: str, log_vkey: str, policy_sha256: str, common: Mapping[str, Any]
) -> Appended:
    """Begin the log with entry 0, `log.created`. A log that was ever begun is not begun again: `LogExists`.

    Sign the first checkpoint (`Keeper.cover`) before anything else is appended.
    """
    if connection.execute(select(heads.c.id)).first() or connection.execute(select(entries.c.seq).limit(1)).first():
        raise LogExists("this database has a log already")
    beginning = {"id": 1, "size": 0, "last_hash": hashlib.sha256(origin.encode()).digest(), "frontier": b""}
    connection.execute(insert(heads).values(beginning))
    named = {"origin": origin, "format": "audit/v1", "hash": "sha256"}
    return append(
        connection,
        {**common, "action": "log.created", **named, "log_vkey": log_vkey, "policy_sha256": policy_sha256},
    )


def append(connection: Connection, payload: Mapping[str, Any]) -> Appended:
    """Append one entry inside the caller's transaction, as its last act before the commit.

    The caller holds the lock of its transaction helper (a `flock` before BEGIN IMMEDIATE on SQLite, an advisory lock
    on PostgreSQL), so nobody else reads this head. Should the lock be missing, the guarded update and the unique
    columns let only one of two writers through; the other gets `HeadMoved`. A crash before the commit leaves nothing.
    """
    return append_run(connection, [payload])[0]


def append_run(connection: Connection, payloads: Sequence[Mapping[str, Any]]) -> list[Appended]:
    """As `append`, for several entries in one transaction, in this order: all of them or none, for one commit."""
    old, before = _end(connection)
    run = _Run(old, before)
    for payload in payloads:
        content = _not_earlier(run.ts, dict(payload))
        fields.check(content)
        _follows(connection, run, content)
        run.add(content)
    if run.rows:
        _write(connection, old, run)
    return [Appended(row["seq"], row["hash"].hex(), row["ts"]) for row in run.rows]


class _Run:
    """Entries of one transaction, before they are written. `head` is where the log ends after them."""

    def __init__(self, old: Head, ts: str) -> None:
        self.first = old.size
        self.head = old
        self.ts = ts
        self.payloads: list[dict[str, Any]] = []
        self.rows: list[dict[str, Any]] = []
        self.subtrees: list[dict[str, Any]] = []

    def add(self, payload: dict[str, Any]) -> None:
        seq, prev = self.head.size, self.head.last_hash
        leaf = entry.leaf_bytes(seq, prev, payload)
        digest = tree.leaf_hash(leaf)
        frontier, completed = self.head.frontier.add(digest)
        self.payloads.append(payload)
        self.rows.append({"leaf": leaf, "hash": digest, **_columns(seq, prev, payload)})
        for subtree in completed:
            level, odd = divmod(subtree.height, tree.WIDTH_BITS)
            if not odd:
                self.subtrees.append({"level": level, "position": subtree.position, "hash": subtree.hash})
        self.head, self.ts = Head(frontier.size, digest, frontier), payload["ts"]


@damage.alarm()
def _write(connection: Connection, old: Head, run: _Run) -> None:
    try:
        connection.execute(insert(entries), run.rows)
        if run.subtrees:
            connection.execute(insert(subtrees), run.subtrees)
    except IntegrityError as error:
        raise HeadMoved("another entry has taken this place") from error
    new = run.head
    values = {"size": new.size, "last_hash": new.last_hash, "frontier": new.frontier.to_bytes()}
    if connection.execute(update(heads).where(heads.c.id == 1, heads.c.size == old.size).values(values)).rowcount != 1:
        raise HeadMoved("the head moved during the append")


def head(connection: Connection) -> Head:
    """The head, or `LogMissing`; `Altered` when it cannot be one."""
    return _head(connection)[0]


@damage.alarm()
def _head(connection: Connection) -> tuple[Head, bytes | None]:
    """The head and the bytes of the entry that its size makes the last one, in one question."""
    columns = (heads.c.size, heads.c.last_hash, heads.c.frontier, entries.c.leaf)
    query = select(*columns).outerjoin(entries, entries.c.seq == heads.c.size - 1).where(heads.c.id == 1)
    row = connection.execute(query).first()
    if row is None:
        raise LogMissing("this database has no log")
    size, last_hash = row.size, _bytes(row.last_hash)
    if type(size) is not int or size < 0 or len(last_hash) != 32:
        raise Altered("the head is not one that an append left")
    try:
        found = Head(size, last_hash, tree.Frontier.from_bytes(size, _bytes(row.frontier)))
    except ValueError as error:
        raise Altered("the head is not one that an append left") from error
    return found, None if row.leaf is None else _bytes(row.leaf)


@damage.alarm()
def read(
    connection: Connection,
    first: int = 0,
    limit: int = 1000,
    *,
    document: str | None = None,
    case: str | None = None,
    org: str | None = None,
    action: str | None = None,
) -> list[Stored]:
    """A page of entries in order, from `first` on; go on from the last one's `seq` + 1 until a page is empty."""
    query = select(entries).where(entries.c.seq >= first).order_by(entries.c.seq).limit(limit)
    wanted = {entries.c.document: document, entries.c.case_id: case, entries.c.org: org, entries.c.action: action}
    for column, value in wanted.items():
        if value is not None:
            query = query.where(column == value)
    return [Stored(row.seq, _bytes(row.leaf), _bytes(row.hash), _agrees(row)) for row in connection.execute(query)]


def root(connection: Connection, size: int) -> bytes:
    """The root that the tree had when the log had `size` entries."""
    return frontier(connection, size).root()


def frontier(connection: Connection, size: int) -> tree.Frontier:
    """The frontier at an old size, from the stored hashes. `Altered` if the log is smaller or has holes."""
    try:
        return tree.frontier(lambda *wanted: _nodes(connection, *wanted), size)
    except ValueError as error:
        raise Altered("entries are missing from the log") from error


def inclusion(connection: Connection, seq: int, size: int) -> list[bytes]:
    """The proof that entry `seq` is in the tree of the first `size` entries. `Altered` as above."""
    try:
        return tree.inclusion(lambda *wanted: _nodes(connection, *wanted), seq, size)
    except ValueError as error:
        raise Altered("entries are missing from the log") from error


@damage.alarm()
def key_history(connection: Connection) -> list[LogKey]:
    """The log's keys as its entries name them (FORMAT.md 6.2), or `Altered` if one was not brought in rightly."""
    query = select(entries.c.leaf).where(entries.c.action.in_(KEY_ACTIONS)).order_by(entries.c.seq)
    history: list[LogKey] = []
    origin = ""
    for leaf in connection.execute(query).scalars():
        found = _parsed(_bytes(leaf))
        origin = origin or str(found.payload.get("origin"))
        try:
            history = keys.follow(history, origin, found.seq, found.payload)
        except (BadNote, KeyError) as error:
            raise Altered(f"entry {found.seq} names a key that it may not name") from error
    return history


def log_keys(connection: Connection, size: int) -> list[str]:
    """The verifier keys that may sign a checkpoint of this size."""
    return keys.in_force(key_history(connection), size)


def _end(connection: Connection) -> tuple[Head, str]:
    """The head, and the time of the entry it names by its hash: a column can be set to any year, the bytes cannot."""
    found, leaf = _head(connection)
    if not found.size:
        return found, ""
    if leaf is None or tree.leaf_hash(leaf) != found.last_hash:
        raise Altered("the last entry is not the one that the head names")
    last = _parsed(leaf)
    try:
        fields.check(last.payload)
    except EntryRefused as error:
        raise Altered(f"entry {last.seq} is none that was appended") from error
    return found, str(last.payload["ts"])


def _not_earlier(before: str, payload: dict[str, Any]) -> dict[str, Any]:
    """Clamp `ts` to the one before: time in the log never runs backwards, and the entry says when it was helped."""
    payload.pop("ts_clamped", None)
    if str(payload.get("ts")) < before:
        fields.check(payload)  # only a well-formed time is clamped
        payload |= {"ts": before, "ts_clamped": True}
    return payload


def _follows(connection: Connection, run: _Run, payload: Mapping[str, Any]) -> None:
    """Refuse a second beginning, a key nobody endorsed, and an outcome without its intent or after another."""
    action, size = payload["action"], run.head.size
    if (action == keys.CREATED) != (size == 0):
        raise EntryRefused(f"{action}: entry 0, and only entry 0, creates the log")
    if action in KEY_ACTIONS:
        if run.payloads:  # the key before it could not be read back yet
            raise EntryRefused(f"{action}: a key is named by the first entry of a transaction")
        _names_a_key(connection, size, payload)
    if action in OUTCOMES:
        _ends_an_intent(connection, run, payload)


def _ends_an_intent(connection: Connection, run: _Run, payload: Mapping[str, Any]) -> None:
    seq = payload["intent_seq"]
    if seq >= run.head.size or not _is_intent(_payload(connection, run, seq), payload):
        raise EntryRefused(f"{payload['action']}.intent_seq: not an intent of this document")
    if any(row["intent"] == seq for row in run.rows) or _has_outcome(connection, seq):
        raise EntryRefused(f"{payload['action']}.intent_seq: this intent has its outcome")


def _payload(connection: Connection, run: _Run, seq: int) -> Mapping[str, Any]:
    """What entry `seq` says by its bytes, whether it is written already or stands in this run."""
    if seq >= run.first:
        return run.payloads[seq - run.first]
    found = read(connection, seq, 1)
    if not found or found[0].seq != seq or not found[0].agrees:
        raise Altered(f"entry {seq} is missing, or is not what its columns say")
    return _parsed(found[0].leaf).payload


def _is_intent(intent: Mapping[str, Any], payload: Mapping[str, Any]) -> bool:
    return intent["action"] == "intended" and all(intent[name] == payload[name] for name in ("document", "case"))


@damage.alarm()
def _has_outcome(connection: Connection, seq: int) -> bool:
    return connection.execute(select(entries.c.seq).where(entries.c.intent == seq)).first() is not None


def _names_a_key(connection: Connection, size: int, payload: Mapping[str, Any]) -> None:
    history = key_history(connection)
    if size and not history:
        raise Altered("no entry names the log's first key")
    origin = payload["origin"] if size == 0 else history[0].vkey.partition("+")[0]
    try:
        keys.follow(history, origin, size, payload)
    except BadNote as error:
        raise EntryRefused(f"{payload['action']}.log_vkey: {error}") from error


def _parsed(leaf: bytes) -> entry.Entry:
    try:
        return entry.parse(leaf)
    except NotCanonical as error:
        raise Altered("an entry is not canonical") from error


def _columns(seq: int, prev: bytes, payload: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "seq": seq,
        "prev": prev,
        "ts": payload["ts"],
        "action": payload["action"],
        "actor": payload["actor"],
        "org": payload["org"],
        "document": payload.get("document"),
        "case_id": payload.get("case"),
        "intent": payload.get("intent_seq"),
    }


def _agrees(row: Row[Any]) -> bool:
    try:
        found = entry.parse(_bytes(row.leaf))
        columns = _columns(found.seq, found.prev, found.payload)
    except (NotCanonical, KeyError):
        return False
    return row.hash == tree.leaf_hash(_bytes(row.leaf)) and all(
        getattr(row, name) == value for name, value in columns.items()
    )


@damage.alarm()
def _nodes(connection: Connection, level: int, first: int, count: int) -> Sequence[bytes]:
    if level == 0:
        column, place = entries.c.hash, entries.c.seq
        query = select(column).where(place >= first, place < first + count)
    else:
        column, place = subtrees.c.hash, subtrees.c.position
        query = select(column).where(subtrees.c.level == level, place >= first, place < first + count)
    return [_bytes(found) for found in connection.execute(query.order_by(place)).scalars()]


def _bytes(stored: object) -> bytes:
    """What a binary column holds. SQLite gives back whatever somebody put there; it must not stop those who look."""
    return stored if isinstance(stored, bytes) else str(stored).encode()
