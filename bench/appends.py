"""Durable appends by eight processes at once, against bare inserts of the same bytes (并发追加).

Ours: `Database.write()` with one `log.append` of an intent: turn, head, field table, chain, tree, entry, head, commit.
Bare: one INSERT of the same bytes into a table without index or trigger, one commit each, over the same driver and
with the same durability. On SQLite bare writers take the same turn, without which some of them starve; on PostgreSQL
they take none and commit side by side.
"""

import multiprocessing
import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import text

from app.store import schema
from app.store.database import Database, open_database
from app.store.journal import SYSTEM, Journal, uuid7
from audit import checkpoint, log
from audit.checkpoint import new_key

PROCESSES, SECONDS = 8, 5.0
ORIGIN = "bench.example/audit"
SPAWN = multiprocessing.get_context("spawn")


@dataclass(frozen=True)
class Appends:
    """Per second over all processes; `fairness` is the least busy process as a share of the busiest."""

    ours: float
    bare: float
    fairness: float

    @property
    def ratio(self) -> float:
        return self.ours / self.bare


def measure(url: str) -> Appends:
    """On an empty database at `url`, which its caller throws away."""
    _prepare(url)
    counts = {kind: _run(kind, url) for kind in ("bare", "ours", "ours", "bare")}  # the order evens out a warm disk
    ours, bare = counts["ours"], counts["bare"]
    return Appends(sum(ours) / SECONDS, sum(bare) / SECONDS, min(ours) / max(ours))


def payload(journal: Journal) -> dict[str, Any]:
    """An intent as the service writes it."""
    at = datetime.now(UTC)
    digest = secrets.token_hex(32)
    pack = {"id": "cn", "version": "2026.11.1", "sha256": digest}
    named = {
        "document": str(uuid7(at)),
        "case": str(uuid7(at)),
        "type": "dunning_letter",
        "number": "示范催函〔2026〕1号",
    }
    day = {"on": "2026-11-25", "on_given": False, "specimen": True}
    keyed = {"requested_by": digest, "request_mac": digest, "template_sha256": digest, "pack": pack}
    return {**journal.common(SYSTEM, at), "action": "intended", **named, **day, **keyed}


def _prepare(url: str) -> None:
    database = open_database(url)
    schema.migrate(database)
    key = checkpoint.load_key(new_key())
    with database.write() as session:
        common = Journal("bench", "0").common(SYSTEM, datetime.now(UTC))
        log.create(session.connection(), ORIGIN, checkpoint.vkey(ORIGIN, key), secrets.token_hex(32), common)
        binary = "bytea" if session.connection().dialect.name == "postgresql" else "blob"
        session.execute(text(f"CREATE TABLE bare (leaf {binary})"))
    database.close()


def _run(kind: str, url: str) -> list[int]:
    """How many each process did in the same seconds."""
    ready, counts = SPAWN.Barrier(PROCESSES), SPAWN.Array("q", PROCESSES)
    workers = [SPAWN.Process(target=_work, args=(kind, url, ready, counts, at)) for at in range(PROCESSES)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    return [int(counts[at]) for at in range(PROCESSES)]


def _work(kind: str, url: str, ready: Any, counts: Any, at: int) -> None:
    database = open_database(url)
    once = {"ours": _append, "bare": _insert}[kind](database)
    once()  # connections are open, statements compiled
    ready.wait()
    until = time.monotonic() + SECONDS
    while time.monotonic() < until:
        once()
        counts[at] += 1


def _append(database: Database) -> Callable[[], None]:
    journal = Journal("bench", "0")

    def once() -> None:
        with database.write() as session:
            log.append(session.connection(), payload(journal))

    return once


def _insert(database: Database) -> Callable[[], None]:
    leaf = secrets.token_bytes(1150)  # as long as that intent's entry
    statement = text("INSERT INTO bare VALUES (:leaf)")
    if database.engine.dialect.name == "sqlite":

        def turned() -> None:
            with database.write() as session:
                session.execute(statement, {"leaf": leaf})

        return turned

    def once() -> None:
        with database.engine.begin() as connection:
            connection.execute(statement, {"leaf": leaf})

    return once
