"""The keeper of checkpoints (检查点保管): signs on demand, and never signs two histories.

Checkpoints lie in a folder outside the database, one file for each size, only ever added:
`<size // 10000, 16 digits>/<size, 20 digits>.note`. Before signing, the newest kept checkpoint must be a prefix of the
log, and the entries since then are hashed anew from their bytes. Otherwise an `Alarm` is raised and nothing is signed.
"""

import fcntl
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import Connection

from audit import checkpoint, entry, fields, log, tree
from audit.checkpoint import Checkpoint
from audit.errors import (
    Altered,
    BadNote,
    CheckpointsMissing,
    EntryRefused,
    Forked,
    LogMissing,
    NotCanonical,
    RolledBack,
    WrongKey,
)

PER_FOLDER = 10_000
PAGE = 1000  # entries read at a time


class Keeper:
    """One log's checkpoints and the key that signs them. Safe to use from several threads and processes."""

    def __init__(self, folder: Path, key: Ed25519PrivateKey, origin: str) -> None:
        self.folder = folder
        self.origin = origin
        self.vkey = checkpoint.vkey(origin, key)
        self._key = key
        self._settled = ("", Path())  # the last note that is known to be on disk with its name, and its group
        folder.mkdir(parents=True, exist_ok=True)

    def begin(self, connection: Connection) -> str:
        """Sign the first checkpoint into an empty folder, whatever the log's size: a human's decision, not a habit."""
        with _locked(self.folder):
            if latest(self.folder) is not None:
                raise Forked("the folder holds checkpoints already")
            return self._sign(connection, tree.Frontier())

    def latest(self) -> str | None:
        """The newest kept note as it is on disk, or None."""
        return latest(self.folder)

    def cover(self, connection: Connection, seq: int) -> str:
        """A signed note that covers entry `seq`, durable outside the database when this returns.

        The newest kept one if it reaches that far; else a new one of the whole log, one for all who wait. The entry
        must be committed: a signed checkpoint over an entry that is then undone looks like a rollback for ever.
        """
        with _locked(self.folder):
            note = latest(self.folder)
            trusted = self._prefix(connection, note)
            if note is not None and seq < trusted.size:
                return self._settle(note, trusted.size)
            if seq >= log.head(connection).size:
                raise RolledBack("the entry to cover is not in the log")
            return self._sign(connection, trusted)

    def _prefix(self, connection: Connection, note: str | None) -> tree.Frontier:
        """The frontier at the newest kept checkpoint, proven to be a prefix of this database's log."""
        size = _size(connection, note)
        if note is None:
            if size > 1:  # entry 0 alone has nothing before it that could be hidden
                raise CheckpointsMissing("no checkpoint is kept although the log has grown")
            return tree.Frontier()
        kept = self._read(connection, note)
        if kept.origin != self.origin or kept.size > size:
            raise RolledBack(f"a checkpoint of {kept.size} entries is kept, the log has {size}")
        trusted = log.frontier(connection, kept.size)
        if trusted.root() != kept.root:
            raise Forked(f"the log's root at {kept.size} entries is not the one that was signed")
        return trusted

    def _read(self, connection: Connection, note: str) -> Checkpoint:
        """Verify a kept note under the keys that the log names, and its own key above all."""
        size = checkpoint.parse(note).checkpoint.size
        try:
            return checkpoint.verify(note, {self.vkey, *log.log_keys(connection, size)})
        except BadNote as error:
            raise Altered(f"the newest kept checkpoint: {error}") from error

    def _sign(self, connection: Connection, trusted: tree.Frontier) -> str:
        """Hash what came since, compare with the head, sign and publish."""
        head = log.head(connection)
        if self.vkey not in log.log_keys(connection, head.size):
            raise WrongKey("the signing key is not one that the log names")
        grown = _extend(connection, trusted, head)
        new = Checkpoint(self.origin, grown.size, grown.root())
        note = checkpoint.sign(new, self._key)
        _publish(self.folder, new, note)
        return self._settle(note, new.size)

    def _settle(self, note: str, size: int) -> str:
        """The note, when its name is on disk, too: whoever gave it one may have died, or been told no, right after."""
        group = path_of(self.folder, size).parent
        settled, beside = self._settled
        if note != settled:
            _sync(group)
            if group != beside:
                _sync(self.folder)
            self._settled = (note, group)
        return note


def latest(folder: Path) -> str | None:
    """The newest note in a folder of checkpoints. One that cannot be read is an alarm: it is never passed over."""
    groups = (group for group in sorted(folder.iterdir(), reverse=True) if group.is_dir())
    for group in groups:
        names = [path.name for path in group.iterdir() if path.suffix == ".note" and not path.name.startswith(".")]
        if names:
            newest = group / max(names)
            note, kept = _kept(newest)
            if path_of(folder, kept.size) != newest:
                raise Altered("a kept checkpoint does not lie where its size belongs")
            return note
    return None  # a crash may leave an empty group: it holds no checkpoint yet


def _kept(path: Path) -> tuple[str, Checkpoint]:
    if not path.is_file():
        raise Altered("a kept checkpoint is not a file")
    with path.open("rb") as stream:
        note = stream.read(checkpoint.LONGEST + 1).decode("utf-8", "replace")
    try:
        return note, checkpoint.parse(note).checkpoint
    except BadNote as error:
        raise Altered("a kept checkpoint cannot be read") from error


def path_of(folder: Path, size: int) -> Path:
    return folder / f"{size // PER_FOLDER:016d}" / f"{size:020d}.note"


def _size(connection: Connection, note: str | None) -> int:
    try:
        return log.head(connection).size
    except LogMissing:
        if note is None:
            raise
        raise RolledBack("a checkpoint is kept, and the log is gone") from None


class _Link(NamedTuple):
    """What the next entry must follow: the hash of the last one, and its time."""

    hash: bytes
    ts: str


def _extend(connection: Connection, trusted: tree.Frontier, head: log.Head) -> tree.Frontier:
    """Add the entries between the kept checkpoint and the head, from their bytes; every link is followed."""
    grown, last = trusted, _last_trusted(connection, trusted)
    while grown.size < head.size:
        page = log.read(connection, grown.size, min(PAGE, head.size - grown.size))
        if not page:
            raise Altered(f"entry {grown.size} is missing")
        for row in page:
            last = _next(row, grown.size, last)
            grown, _ = grown.add(last.hash)
    if grown != head.frontier or last is None or last.hash != head.last_hash:
        raise Altered("the head does not fit the entries")
    return grown


def _last_trusted(connection: Connection, trusted: tree.Frontier) -> _Link | None:
    """The last entry that was signed, proven by its bytes to be under the signed root."""
    if trusted.size == 0:
        return None
    seq = trusted.size - 1
    found = [row for row in log.read(connection, seq, 1) if row.seq == seq and row.agrees]
    path = log.inclusion(connection, seq, trusted.size)
    if not found or not tree.included(found[0].hash, seq, trusted.size, path, trusted.root()):
        raise Altered(f"entry {seq} is not the one that was signed")
    return _Link(found[0].hash, _parsed(found[0].leaf, seq).payload["ts"])


def _next(row: log.Stored, seq: int, last: _Link | None) -> _Link:
    """One entry more, if place, link, columns, fields and time are what an append would have made them."""
    found = _parsed(row.leaf, seq)
    if row.seq != seq or found.seq != seq or (last is not None and found.prev != last.hash) or not row.agrees:
        raise Altered(f"entry {seq} does not fit its place, its link or its columns")
    if last is not None and found.payload["ts"] < last.ts:
        raise Altered(f"entry {seq} is earlier than the one before it")
    return _Link(tree.leaf_hash(row.leaf), found.payload["ts"])


def _parsed(leaf: bytes, seq: int) -> entry.Entry:
    try:
        found = entry.parse(leaf)
        fields.check(found.payload)
    except NotCanonical as error:
        raise Altered(f"entry {seq} is not canonical") from error
    except EntryRefused as error:
        raise Altered(f"entry {seq} is none that an append writes") from error
    return found


@contextmanager
def _locked(folder: Path) -> Iterator[None]:
    """One keeper at a time looks, signs and publishes; the kernel gives the lock back when a process dies."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


def _publish(folder: Path, new: Checkpoint, note: str) -> None:
    """Write aside, force to disk, give it its name (which `_settle` forces to disk). A crash leaves a hidden file.

    The name is given by a hard link, which fails where a rename would replace: what was published stays.
    """
    path = path_of(folder, new.size)
    path.parent.mkdir(exist_ok=True)
    aside = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    try:
        with aside.open("xb") as stream:
            stream.write(note.encode())
            stream.flush()
            os.fsync(stream.fileno())
        path.hardlink_to(aside)
    except FileExistsError:
        if _kept(path)[1] != new:
            raise Forked(f"another root is already signed for {new.size} entries") from None
    finally:
        aside.unlink(missing_ok=True)


def _sync(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
