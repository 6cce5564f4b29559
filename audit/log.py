"""The log in a database (审计日志): entries in one order, each bound to the one before, none ever changed.

`append` writes inside the caller's transaction; the caller's transaction helper holds the lock that puts writers in
line. What counts are the exact bytes in `leaf`; every other column is a projection for queries, and `hash`, `head` and
`subtree` can be made again from the leaves. Triggers refuse changes of old rows: against mishaps, not as evidence.
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    BigInteger,
    Column,
    Connection,
    Integer,
    LargeBinary,
    MetaData,
    Row,
    String,
    Table,
    event,
    insert,
    select,
    text,
    update,
)
from sqlalchemy.exc import IntegrityError

from audit import damage, entry, fields, keys, tree
from audit.errors import Altered, BadNote, EntryRefused, HeadMoved, LogExists, LogMissing, NotCanonical
from audit.keys import LogKey

NAMES = {"ix": "ix_%(column_0_label)s", "uq": "uq_%(table_name)s_%(column_0_name)s", "pk": "pk_%(table_name)s"}
OUTCOMES = ("issued", "refused", "failed", "aborted")
KEY_ACTIONS = (keys.CREATED, keys.ADDED, keys.RETIRED)

metadata = MetaData(naming_convention=NAMES)
_Count = BigInteger().with_variant(Integer, "sqlite")

entries = Table(
    "entry",
    metadata,
    Column("seq", _Count, primary_key=True, autoincrement=False),
    Column("leaf", LargeBinary, nullable=False),
    Column("hash", LargeBinary(32), nullable=False, unique=True),
    Column("prev", LargeBinary(32), nullable=False, unique=True),  # a second successor is a fork
    Column("ts", String(27), nullable=False),
    Column("action", String(80), nullable=False, index=True),
    Column("actor", String(80), nullable=False),
    Column("org", String(80), nullable=False, index=True),
    Column("document", String(36), index=True),
    Column("case_id", String(36), index=True),
    Column("intent", _Count, unique=True),  # the intent whose outcome this is: there is only one
)
heads = Table(
    "head",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("size", _Count, nullable=False),
    Column("last_hash", LargeBinary(32), nullable=False),
    Column("frontier", LargeBinary, nullable=False),
)
subtrees = Table(
    "subtree",
    metadata,
    Column("level", Integer, primary_key=True, autoincrement=False),
    Column("position", _Count, primary_key=True, autoincrement=False),
    Column("hash", LargeBinary(32), nullable=False),
)
_GUARDS = [
    text(
        f"CREATE TRIGGER IF NOT EXISTS {table}_is_never_{what} BEFORE {verb} ON {table} "
        f"BEGIN SELECT RAISE(ABORT, 'the log is append-only'); END"
    )
    for table in ("entry", "subtree")
    for verb, what in (("UPDATE", "changed"), ("DELETE", "deleted"))
]


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


def protect(connection: Connection) -> None:
    """Make the triggers that refuse changes of old rows. `create_all` does it by itself; a migration calls this."""
    if connection.dialect.name == "sqlite":
        for guard in _GUARDS:
            connection.execute(guard)


@event.listens_for(metadata, "after_create")
def _protect(_metadata: MetaData, connection: Connection, **_: Any) -> None:
    protect(connection)


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
    old = head(connection)
    content = _not_earlier(connection, old, dict(payload))
    fields.check(content)
    _follows(connection, old.size, content)
    leaf = entry.leaf_bytes(old.size, old.last_hash, content)
    digest = tree.leaf_hash(leaf)
    frontier, completed = old.frontier.add(digest)
    row = {"leaf": leaf, "hash": digest, **_columns(old.size, old.last_hash, content)}
    _write(connection, old, row, Head(frontier.size, digest, frontier), completed)
    return Appended(old.size, digest.hex(), content["ts"])


@damage.alarm()
def _write(connection: Connection, old: Head, row: dict[str, Any], new: Head, completed: list[tree.Subtree]) -> None:
    try:
        connection.execute(insert(entries).values(row))
        for subtree in completed:
            level, odd = divmod(subtree.height, tree.WIDTH_BITS)
            if not odd:
                kept = {"level": level, "position": subtree.position, "hash": subtree.hash}
                connection.execute(insert(subtrees).values(kept))
    except IntegrityError as error:
        raise HeadMoved("another entry has taken this place") from error
    values = {"size": new.size, "last_hash": new.last_hash, "frontier": new.frontier.to_bytes()}
    if connection.execute(update(heads).where(heads.c.id == 1, heads.c.size == old.size).values(values)).rowcount != 1:
        raise HeadMoved("the head moved during the append")


@damage.alarm()
def head(connection: Connection) -> Head:
    """The head, or `LogMissing`; `Altered` when it cannot be one."""
    row = connection.execute(select(heads.c.size, heads.c.last_hash, heads.c.frontier).where(heads.c.id == 1)).first()
    if row is None:
        raise LogMissing("this database has no log")
    size, last_hash = row.size, _bytes(row.last_hash)
    if type(size) is not int or size < 0 or len(last_hash) != 32:
        raise Altered("the head is not one that an append left")
    try:
        return Head(size, last_hash, tree.Frontier.from_bytes(size, _bytes(row.frontier)))
    except ValueError as error:
        raise Altered("the head is not one that an append left") from error


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


def _not_earlier(connection: Connection, old: Head, payload: dict[str, Any]) -> dict[str, Any]:
    """Clamp `ts` to the one before: time in the log never runs backwards, and the entry says when it was helped."""
    payload.pop("ts_clamped", None)
    before = _last_ts(connection, old) if old.size else ""
    if str(payload.get("ts")) < before:
        fields.check(payload)  # only a well-formed time is clamped
        payload |= {"ts": before, "ts_clamped": True}
    return payload


def _last_ts(connection: Connection, old: Head) -> str:
    """From the last entry's bytes, which the head names by their hash: a column can be set to any year."""
    leaf = _leaf(connection, old.size - 1)
    if leaf is None or tree.leaf_hash(leaf) != old.last_hash:
        raise Altered("the last entry is not the one that the head names")
    found = _parsed(leaf)
    try:
        fields.check(found.payload)
    except EntryRefused as error:
        raise Altered(f"entry {found.seq} is none that was appended") from error
    return str(found.payload["ts"])


def _follows(connection: Connection, size: int, payload: Mapping[str, Any]) -> None:
    """Refuse a second beginning, a key nobody endorsed, and an outcome without its intent or after another."""
    action = payload["action"]
    if (action == keys.CREATED) != (size == 0):
        raise EntryRefused(f"{action}: entry 0, and only entry 0, creates the log")
    if action in KEY_ACTIONS:
        _names_a_key(connection, size, payload)
    if action not in OUTCOMES:
        return
    seq = payload["intent_seq"]
    if seq >= size or not _is_intent(connection, seq, payload):
        raise EntryRefused(f"{action}.intent_seq: not an intent of this document")
    if _has_outcome(connection, seq):
        raise EntryRefused(f"{action}.intent_seq: this intent has its outcome")


def _is_intent(connection: Connection, seq: int, payload: Mapping[str, Any]) -> bool:
    """Whether entry `seq` is, by its bytes and not by its columns, an intent of the same document and case."""
    found = read(connection, seq, 1)
    if not found or found[0].seq != seq or not found[0].agrees:
        raise Altered(f"entry {seq} is missing, or is not what its columns say")
    intent = _parsed(found[0].leaf).payload
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


@damage.alarm()
def _leaf(connection: Connection, seq: int) -> bytes | None:
    leaf = connection.execute(select(entries.c.leaf).where(entries.c.seq == seq)).scalar()
    return None if leaf is None else _bytes(leaf)


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
