"""The export (导出): the log as a folder that anyone can verify, with audit/verify.py and nothing else.

    entries.jsonl   the exact hashed bytes of each entry and a newline
    checkpoint      the signed note that covers them
    keys.json       the log's keys and for which sizes each may sign
    manifest.json   name, size and digest of the files above; written last

Nothing is mended on the way out: a damaged log is exported as it lies in the database, and the verifier says so.
"""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import Connection

from audit import canonical, checkpoint, log
from audit.errors import Altered, AuditError

PAGE = 1000  # entries read at a time


class ExportRefused(AuditError):
    """The target is not an empty folder: an export shares it with nothing."""


@dataclass(frozen=True)
class Exported:
    """How many entries were written, and which rows have columns that are not those of their bytes."""

    entries: int
    disagreeing: tuple[int, ...]


def export(connection: Connection, note: str, folder: Path) -> Exported:
    """Write the entries that `note` covers into a new or empty folder. A crash leaves a folder without manifest."""
    folder.mkdir(parents=True, exist_ok=True)
    if any(folder.iterdir()):
        raise ExportRefused("the folder is not empty")
    signed = checkpoint.parse(note).checkpoint
    count, disagreeing = 0, []
    with (folder / "entries.jsonl").open("xb") as stream:
        for row in _rows(connection, signed.size):
            stream.write(row.leaf + b"\n")
            count += 1
            if not row.agrees:
                disagreeing.append(row.seq)
    keys = {"format": "keys/v1", "origin": signed.origin, "keys": _keys(connection, signed.size)}
    (folder / "keys.json").write_bytes(_file(keys))
    (folder / "checkpoint").write_bytes(note.encode())
    files = [_described(folder / name) for name in ("checkpoint", "entries.jsonl", "keys.json")]
    manifest = {"format": "export/v1", "origin": signed.origin, "size": signed.size, "files": files}
    (folder / "manifest.json").write_bytes(_file(manifest))
    return Exported(count, tuple(disagreeing))


def _rows(connection: Connection, size: int) -> Iterator[log.Stored]:
    first = 0
    while first < size and (page := log.read(connection, first, min(PAGE, size - first))):
        yield from (row for row in page if row.seq < size)
        first = page[-1].seq + 1


def _keys(connection: Connection, size: int) -> list[dict[str, Any]]:
    """The key history as it stood at this size; none if the entries that name the keys are damaged."""
    try:
        keys = [vars(key) for key in log.key_history(connection) if key.from_size <= size]
    except Altered:
        return []
    return [key | {"until_size": until if (until := key["until_size"]) and until < size else None} for key in keys]


def _described(path: Path) -> dict[str, Any]:
    with path.open("rb") as stream:
        digest = hashlib.file_digest(stream, "sha256").hexdigest()
    return {"name": path.name, "sha256": digest, "size": path.stat().st_size}


def _file(value: dict[str, Any]) -> bytes:
    return canonical.dumps(value, canonical.FILE_LIMIT) + b"\n"
