"""Files on disk, under the SHA-256 of what is stored. Written once, never changed.

A blob is durable before anyone learns its address: temporary name, fsync, rename, fsync of the folder. A crash at any
line leaves at most a `.part` file or a blob that nothing refers to.
"""

import hashlib
import io
import os
import re
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, BinaryIO

from app.errors import StepFailed
from app.store import encrypted_file

ASIDE = "set-aside"  # where blobs go that no row names
_ADDRESS = re.compile(r"[0-9a-f]{64}")


class Blobs:
    """Content-addressed encrypted files: the address is the SHA-256 of the *encrypted* bytes.

    The digest of a plaintext such as a person's facts could be guessed; that of its encryption tells nothing.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def put(self, source: BinaryIO, case_id: str, case_key: bytes) -> str:
        """Encrypt and keep; the address is returned when the bytes are durable."""
        try:
            return self._put(source, case_id, case_key)
        except OSError as error:
            raise StepFailed("seal", f"blob store: {type(error).__name__} {error.errno}") from error

    def get(self, address: str, case_id: str, case_key: bytes) -> bytes:
        """The whole plaintext, or `StepFailed` when it is missing, altered or under another key."""
        path = self._path(address)
        try:
            stored = path.read_bytes()
            if hashlib.sha256(stored).hexdigest() != address:
                raise encrypted_file.Unreadable("the stored bytes do not have the digest that they are filed under")
            return b"".join(encrypted_file.read(io.BytesIO(stored), case_id, case_key))
        except (OSError, encrypted_file.Unreadable) as error:
            raise StepFailed("release", f"blob store: {error.__class__.__name__}", status=500) from error

    def has(self, address: str) -> bool:
        return self._path(address).is_file()

    def groups(self) -> Iterator[tuple[str, dict[str, float]]]:
        """All addresses in groups that begin alike, each with the instant (seconds since 1970) it was filed."""
        for folder in sorted(self.folder.glob("[0-9a-f][0-9a-f]")):
            found = {}
            for path in folder.iterdir():
                with suppress(FileNotFoundError):  # set aside by another sweep meanwhile
                    found[path.name] = path.stat().st_mtime
            yield folder.name, found

    def set_aside(self, address: str) -> None:
        """Take a blob that nothing refers to out of the way, without destroying it: it may be a loss to look into."""
        aside = self.folder / ASIDE
        aside.mkdir(exist_ok=True)
        with suppress(FileNotFoundError):
            self._path(address).replace(aside / address)

    def drop_parts(self, before: float) -> int:
        """Remove what a crash left half-written before that instant; how many files."""
        removed = 0
        for part in self.folder.glob("*.part"):
            with suppress(FileNotFoundError):  # it got its name, or another sweep was here, meanwhile
                if part.stat().st_mtime < before:
                    part.unlink()
                    removed += 1
        return removed

    def _put(self, source: BinaryIO, case_id: str, case_key: bytes) -> str:
        with _part(self.folder) as part:
            encrypted_file.write(source, part, case_id, case_key)
            part.seek(0)
            address = hashlib.file_digest(part, "sha256").hexdigest()
        _publish(Path(part.name), self._path(address))
        return address

    def _path(self, address: str) -> Path:
        if not _ADDRESS.fullmatch(address):
            raise StepFailed("release", "blob store: not an address", status=500)
        return self.folder / address[:2] / address


class Library:
    """Templates and packs that documents were made with, in the clear, under the SHA-256 of their bytes."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def keep(self, content: bytes) -> str:
        digest = hashlib.sha256(content).hexdigest()
        target = self.folder / digest
        if not target.exists():
            with _part(self.folder) as part:
                part.write(content)
            _publish(Path(part.name), target)
        else:
            _sync(self.folder)  # a start that was broken off may have given it its name and no more
        return digest


@contextmanager
def _part(folder: Path) -> Iterator[Any]:
    """A temporary file that is on disk when the block ends, and gone when the block fails."""
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile("w+b", dir=folder, suffix=".part", delete=False) as part:
        try:
            yield part
            part.flush()
            os.fsync(part.fileno())
        except BaseException:
            Path(part.name).unlink(missing_ok=True)
            raise


def _publish(part: Path, target: Path) -> None:
    """Give a durable temporary file its name, and make the name durable too."""
    target.parent.mkdir(exist_ok=True)
    part.replace(target)
    for folder in (target.parent, target.parent.parent):
        _sync(folder)


def _sync(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
