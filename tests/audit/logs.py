"""A small log for the tests: the same keys, ids and times in every run, and nobody in it who exists."""

import hashlib
import re
import uuid
from collections.abc import Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import Connection, create_engine, text

from audit import checkpoint, keys, log, tables
from audit.receipt import disclosure_mac

ORIGIN = "letters.demo-bank.example/audit/test"
KEY = Ed25519PrivateKey.from_private_bytes(hashlib.sha256(b"a key for tests only").digest())
OTHER_KEY = Ed25519PrivateKey.from_private_bytes(hashlib.sha256(b"another key for tests only").digest())
VKEY = checkpoint.vkey(ORIGIN, KEY)
DISCLOSURE_KEY = hashlib.sha256(b"a disclosure key for tests only").digest()
LETTER = b"%PDF-1.7\n% a stand-in for a signed letter\n%%EOF\n"
TEXTS = (("D01", "张三先生"), ("D04", "截至2026年11月20日,欠款合计人民币38,256.47元"), ("D13", "客服热线400-000-0000"))
SOURCE = "商业银行信用卡业务监督管理办法（银监会令2011年第2号）第六十九条"
PACK = {"id": "cn", "version": "2026.11.1", "sha256": hashlib.sha256(b"pack").hexdigest()}
on_sqlite = pytest.mark.parametrize("empty", ["sqlite"], indirect=True)  # tampering that is written in its dialect
START = datetime(2026, 11, 23, 20, 15, 30, 123456)  # UTC


def digest(label: str) -> str:
    return hashlib.sha256(label.encode()).hexdigest()


def uuid_of(label: str) -> str:
    """A version 7 UUID that depends on nothing but the label."""
    number = int.from_bytes(hashlib.sha256(label.encode()).digest()[:16], "big")
    return str(uuid.UUID(int=number & ~(0xF << 76) & ~(0x3 << 62) | 0x7 << 76 | 0b10 << 62))


def common(step: int, **changes: Any) -> dict[str, Any]:
    """The fields of every entry, `step` seconds after the start."""
    return {
        "v": 1,
        "id": uuid_of(f"entry {step}"),
        "ts": (START + timedelta(seconds=step)).strftime("%Y-%m-%dT%H:%M:%S.%fZ"),
        "clock": {"source": "system", "synchronised": "unknown"},
        "actor": f"key:{uuid_of('key')}",
        "actor_kind": "key",
        "org": uuid_of("organisation"),
        "req": uuid_of(f"request {step}"),
        "host": "node-1",
        "app_version": "0.1.0",
        **changes,
    }


def named(document: str) -> dict[str, Any]:
    return {"document": uuid_of(f"document {document}"), "case": uuid_of(f"case {document}")}


def intended(step: int, document: str, /, **changes: Any) -> dict[str, Any]:
    return {
        **common(step),
        **named(document),
        "action": "intended",
        "type": "dunning_letter",
        "number": "示范催函〔2026〕第000123号",
        "on": "2026-11-23",
        "on_given": False,
        "specimen": True,
        "requested_by": digest("employee"),
        "run": digest("run"),
        "request_mac": digest(f"request of {document}"),
        "template_sha256": digest("template"),
        "pack": PACK,
        **changes,
    }


def outcome(at: int, action: str, document: str, intent: int, /, **fields: Any) -> dict[str, Any]:
    return {**common(at), **named(document), "action": action, "intent_seq": intent, **fields}


def issued(step: int, document: str, intent: int, /, **changes: Any) -> dict[str, Any]:
    fields: dict[str, Any] = {
        "type": "dunning_letter",
        "number": "示范催函〔2026〕第000123号",
        "on": "2026-11-23",
        "facts_mac": digest(f"facts of {document}"),
        "check_sha256": digest("check code"),
        "files": [
            {"name": "letter.pdf", "sha256": hashlib.sha256(LETTER).hexdigest(), "size": len(LETTER), "pages": 2}
        ],
        "disclosures": [
            {"id": name, "source": SOURCE, "page": 1, "mac": disclosure_mac(DISCLOSURE_KEY, name, text)}
            for name, text in TEXTS
        ],
        "rules": ["R01", "R03", "R10", "R38"],
        "pack": PACK,
        "template_sha256": digest("template"),
        "converter": "LibreOffice 7.4.7.2 40(Build:2)",
        "fonts_sha256": digest("fonts"),
        "signature": {"level": "B-B", "certificate_sha256": digest("certificate"), "specimen": True},
    }
    return outcome(step, "issued", document, intent, **fields | changes)


def names_key(step: int, action: str, vkey: str, signer: Ed25519PrivateKey) -> dict[str, Any]:
    """An entry that adds or retires a log key, endorsed by `signer`."""
    system = common(step, actor="operator", actor_kind="operator", org="", req="-")
    return {**system, "action": action, **keys.endorse(signer, action, ORIGIN, vkey)}


def story() -> list[dict[str, Any]]:
    """One of each action, as a service would write them after entry 0."""
    key = {"key": uuid_of("key"), "role": "upstream", "key_org": uuid_of("organisation")}
    findings = [{"rule": "R01", "severity": "block", "source": SOURCE}]
    return [
        {**common(1, actor="system", actor_kind="system", org="", req="-"), "action": "key.created", **key},
        intended(2, "one"),
        issued(3, "one", 2),
        intended(4, "two"),
        outcome(5, "refused", "two", 4, findings=findings, pack=PACK),
        intended(6, "three"),
        outcome(7, "failed", "three", 6, step="verify", missing=["D04"]),
        intended(8, "four"),
        outcome(9, "aborted", "four", 8, reason="lease_expired"),
        {**common(10, actor="operator", actor_kind="operator", org="", req="-"), "action": "key.revoked", **key},
        intended(11, "five"),
    ]


def agreed() -> list[dict[str, Any]]:
    """The life of an instalment agreement, as a service would write it after the story."""
    one = {"agreement": uuid_of("agreement"), "for_account": uuid_of("account")}
    signed = {"sha256": digest("signed"), "size": 123_456, "pages": 2}
    moved = {"role": "compliance", "detail_mac": digest("detail")}
    return [
        {
            **common(12),
            **one,
            "action": "agreement.opened",
            "type": "instalment_agreement",
            "document": uuid_of("document one"),
            "state": "issued",
            "on": "2026-11-23",
            "last_due": "2027-10-31",
            "detail_mac": digest("terms"),
        },
        {
            **common(13),
            **one,
            **moved,
            "action": "agreement.executed",
            "document": uuid_of("document one"),
            "means": "signed_digitally",
            "on": "2026-11-24",
            "executed": signed,
            "certificates": [digest("cardholder"), digest("guarantor")],
        },
        {
            **common(14),
            **one,
            **moved,
            "action": "agreement.moved",
            "from": "executed",
            "to": "performing",
            "on": "2026-11-24",
            "reason": "copy_delivered",
            "copy_delivered": "2026-11-24",
        },
        {
            **common(15),
            **one,
            "action": "agreement.paid",
            "payment": uuid_of("payment"),
            "on": "2026-12-31",
            "next_due": "2027-01-31",
            "detail_mac": digest("amount"),
        },
    ]


ISSUED_SEQ = 3  # where the story has its issued document


def create(connection: Connection, vkey: str = VKEY, origin: str = ORIGIN) -> log.Appended:
    tables.metadata.create_all(connection)
    system = common(0, actor="system", actor_kind="system", org="", req="-")
    return log.create(connection, origin, vkey, digest("policy"), system)


def database(path: Path | None = None) -> Connection:
    """An open connection to an empty database, in memory or in a file."""
    return create_engine(f"sqlite:///{path}" if path else "sqlite://").connect()


def with_story(connection: Connection) -> Connection:
    create(connection)
    for payload in story():
        log.append(connection, payload)
    connection.commit()
    return connection


def grown(connection: Connection, count: int) -> None:
    """Append intents until the log has `count` entries."""
    for step in range(log.head(connection).size, count):
        log.append(connection, intended(step, str(step)))
    connection.commit()


def without(payload: Mapping[str, Any], name: str) -> dict[str, Any]:
    return {key: value for key, value in payload.items() if key != name}


def note_of(connection: Connection, key: Ed25519PrivateKey = KEY, origin: str = ORIGIN) -> str:
    """A checkpoint over the whole log, signed without a keeper's questions."""
    head = log.head(connection)
    return checkpoint.sign(checkpoint.Checkpoint(origin, head.size, head.frontier.root()), key)


def unprotected(connection: Connection, *changes: str) -> None:
    """What someone does who owns the database. Changes are written for SQLite; PostgreSQL writes bytes otherwise."""
    if connection.dialect.name == "postgresql":
        for table in ("entry", "subtree"):
            connection.execute(text(f"ALTER TABLE {table} DISABLE TRIGGER USER"))
        changes = tuple(re.sub(r"x'([0-9a-f]*)'", r"decode('\1', 'hex')", change) for change in changes)
    else:
        for name in connection.execute(text("SELECT name FROM sqlite_master WHERE type = 'trigger'")).scalars().all():
            connection.execute(text(f"DROP TRIGGER {name}"))
    for change in changes:
        connection.execute(text(change))
