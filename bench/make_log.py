"""Make a long sound export without a database, to measure its verification (性能测试用日志).

    python -m bench.make_log 1000000 build/bench/log
    /usr/bin/time -v python3 audit/verify.py build/bench/log --quick     or --deep

Each intent is followed by the letter issued for it. The entries are written by the log's own code, the keys and texts
are made up.
"""

import argparse
import hashlib
import json
import uuid
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from audit import canonical, checkpoint, entry, fields, tree

ORIGIN = "letters.demo-bank.example/audit/bench"
KEY = Ed25519PrivateKey.from_private_bytes(hashlib.sha256(b"a key for benchmarks only").digest())
START = datetime(2026, 1, 1)  # UTC
PACK = {"id": "cn", "version": "2026.11.1", "sha256": hashlib.sha256(b"pack").hexdigest()}


def digest(label: str) -> str:
    return hashlib.sha256(label.encode()).hexdigest()


def uuid_of(label: str) -> str:
    return str(uuid.UUID(bytes=hashlib.md5(label.encode(), usedforsecurity=False).digest(), version=4))


def common(seq: int, actor: str, kind: str) -> dict[str, Any]:
    return {
        "v": 1,
        "id": f"019a0000-0000-7000-8000-{seq:012x}",
        "ts": (START + timedelta(milliseconds=250 * seq)).strftime("%Y-%m-%dT%H:%M:%S.%fZ"),
        "clock": {"source": "system", "synchronised": "yes"},
        "actor": actor,
        "actor_kind": kind,
        "org": "demo_bank" if kind == "key" else "",
        "req": uuid_of(f"request {seq // 2}"),
        "host": "node-1",
        "app_version": "0.1.0",
    }


def letter(seq: int) -> tuple[dict[str, Any], dict[str, Any]]:
    """An intent at `seq` and the letter that was issued for it."""
    actor = f"key:{uuid_of('key')}"
    shared = {
        "document": uuid_of(f"document {seq}"),
        "case": uuid_of(f"case {seq}"),
        "type": "dunning_letter",
        "number": f"示范催函〔2026〕第{seq:06d}号",
        "on": "2026-11-23",
        "template_sha256": digest("template"),
        "pack": PACK,
    }
    asked = {
        "action": "intended",
        "on_given": False,
        "specimen": True,
        "requested_by": digest("employee"),
        "request_mac": digest(f"request {seq}"),
    }
    disclosures = [
        {"id": f"D{number:02d}", "source": "办法第六十九条", "page": 1, "mac": digest(f"{seq} {number}")}
        for number in range(3)
    ]
    done = {
        "action": "issued",
        "intent_seq": seq,
        "facts_mac": digest(f"facts {seq}"),
        "check_sha256": digest(f"check {seq}"),
        "files": [{"name": "letter.pdf", "sha256": digest(f"file {seq}"), "size": 80_000, "pages": 2}],
        "disclosures": disclosures,
        "rules": ["R01", "R03", "R10", "R38"],
        "converter": "LibreOffice 7.4.7.2",
        "fonts_sha256": digest("fonts"),
        "signature": {"level": "B-B", "certificate_sha256": digest("certificate"), "specimen": True},
    }
    return {**common(seq, actor, "key"), **shared, **asked}, {**common(seq + 1, actor, "key"), **shared, **done}


def payloads(count: int) -> Iterator[dict[str, Any]]:
    beginning = {
        "origin": ORIGIN,
        "format": "audit/v1",
        "hash": "sha256",
        "log_vkey": checkpoint.vkey(ORIGIN, KEY),
        "policy_sha256": digest("policy"),
    }
    yield {**common(0, "system", "system"), "action": "log.created", **beginning}
    for seq in range(1, count, 2):
        yield from letter(seq)[: count - seq]


def make(count: int, folder: Path) -> None:
    """Write a sound export of `count` entries into a new folder."""
    folder.mkdir(parents=True)
    frontier, previous = tree.Frontier(), hashlib.sha256(ORIGIN.encode()).digest()
    with (folder / "entries.jsonl").open("xb") as stream:
        for seq, payload in enumerate(payloads(count)):
            if seq < 3:
                fields.check(payload)  # the others are like these
            leaf = entry.leaf_bytes(seq, previous, payload)
            previous = tree.leaf_hash(leaf)
            frontier, _ = frontier.add(previous)
            stream.write(leaf + b"\n")
    note = checkpoint.sign(checkpoint.Checkpoint(ORIGIN, frontier.size, frontier.root()), KEY)
    (folder / "checkpoint").write_text(note)
    key = {"vkey": checkpoint.vkey(ORIGIN, KEY), "from_size": 1, "until_size": None}
    write(folder / "keys.json", {"format": "keys/v1", "origin": ORIGIN, "keys": [key]})
    files = [described(folder / name) for name in ("checkpoint", "entries.jsonl", "keys.json")]
    write(folder / "manifest.json", {"format": "export/v1", "origin": ORIGIN, "size": count, "files": files})


def described(path: Path) -> dict[str, Any]:
    with path.open("rb") as stream:
        return {
            "name": path.name,
            "sha256": hashlib.file_digest(stream, "sha256").hexdigest(),
            "size": path.stat().st_size,
        }


def write(path: Path, value: dict[str, Any]) -> None:
    path.write_bytes(canonical.dumps(value, canonical.FILE_LIMIT) + b"\n")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("count", type=int)
    parser.add_argument("folder", type=Path)
    given = parser.parse_args()
    make(given.count, given.folder)
    print(json.dumps({"entries": given.count, "bytes": (given.folder / "entries.jsonl").stat().st_size}))
