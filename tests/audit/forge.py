"""Tampering with exports, as careless hands and as an insider would: with and without keeping up appearances."""

import hashlib
import json
import re
from collections.abc import Callable, Sequence
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from audit import checkpoint, tree
from tests.audit import logs

Lines = list[bytes]  # entries without their newlines
PREV = re.compile(rb'^\{"_prev":"[0-9a-f]{64}"')
HEAD = re.compile(rb'^\{"_prev":"([0-9a-f]{64})","_seq":[0-9]+,')


def lines(export: Path) -> Lines:
    return (export / "entries.jsonl").read_bytes().split(b"\n")[:-1]


def refresh_manifest(export: Path) -> None:
    """Make the manifest fit the files again, as anyone can."""
    manifest = json.loads((export / "manifest.json").read_bytes())
    signed = (export / "checkpoint").read_text().split("\n")
    manifest["origin"], manifest["size"] = signed[0], int(signed[1])
    for file in manifest["files"]:
        data = (export / file["name"]).read_bytes()
        file.update(sha256=hashlib.sha256(data).hexdigest(), size=len(data))
    (export / "manifest.json").write_bytes(json.dumps(manifest, sort_keys=True, separators=(",", ":")).encode() + b"\n")


def rewrite(export: Path, changed: Lines) -> None:
    (export / "entries.jsonl").write_bytes(b"".join(line + b"\n" for line in changed))
    refresh_manifest(export)


def change(export: Path, how: Callable[[Lines], Lines]) -> None:
    """Change the entries and make the manifest fit."""
    rewrite(export, how(lines(export)))


def rechained(entries: Sequence[bytes], first: int = 0) -> Lines:
    """Renumber and link again from entry `first` on, as one who can compute SHA-256 would."""
    done = list(entries[:first])
    for seq, line in enumerate(entries[first:], first):
        found = HEAD.match(line)
        assert found is not None
        prev = tree.leaf_hash(done[-1]).hex().encode() if done else found[1]
        done.append(b'{"_prev":"%b","_seq":%d,' % (prev, seq) + line[found.end() :])
    return done


def signed(entries: Sequence[bytes], key: Ed25519PrivateKey, origin: str = logs.ORIGIN) -> str:
    frontier = tree.Frontier()
    for line in entries:
        frontier, _ = frontier.add(tree.leaf_hash(line))
    return checkpoint.sign(checkpoint.Checkpoint(origin, frontier.size, frontier.root()), key)


def resign(export: Path, entries: Lines, key: Ed25519PrivateKey = logs.KEY) -> None:
    """What only the holder of a log key can do: sign another history."""
    (export / "checkpoint").write_text(signed(entries, key))
    rewrite(export, entries)


def edited(entries: Lines, seq: int, old: bytes, new: bytes) -> Lines:
    assert old in entries[seq]
    return [*entries[:seq], entries[seq].replace(old, new), *entries[seq + 1 :]]
