"""Documents that ended two LibreOffice processes are not given a third (隔离名单).

A document is known by a keyed digest of what Word would read, without its own number and check code: these are new
at every attempt, and a letter that is asked for again must be recognised. The key lies beside the digests and is made
at random, so that neither says anything about a person without the other; nothing else is kept.

One file per digest, as long as the number of strikes, so that all processes of the service see it at once and a
restart changes nothing. A success forgives, and so does a day: a machine that stood still may have been to blame, and
two processes a day are a small price. After a mended template the digest is another one at once; to let a document
try again as it is, delete its file. The oldest go when there are too many.
"""

import hashlib
import os
import secrets
import tempfile
import time
import zipfile
from contextlib import suppress
from pathlib import Path

from app.artifacts import Rendered
from app.catalogue import PDF

STRIKES = 2
MOST = 1000  # files
HELD = 24 * 3600  # seconds since the last strike


class Quarantine:
    """Works on a folder of its own, which may not be there yet."""

    def __init__(self, folder: Path, most: int = MOST) -> None:
        self._folder, self._most = folder, most

    def known(self, rendered: Rendered) -> Path:
        """Where the strikes of this document are kept."""
        digest = hashlib.blake2b(key=self._key(), digest_size=32)
        own = _changing(rendered)
        for part in (part for part in rendered.parts if part.kind == PDF):
            for name, content in _wording(part.file.path):
                for value in own:
                    content = content.replace(value, b"")
                digest.update(b"%s %d " % (name.encode(), len(content)) + content)
        return self._folder / digest.hexdigest()

    def holds(self, file: Path) -> bool:
        with suppress(OSError):
            return file.stat().st_size >= STRIKES and _age(file) < HELD
        return False

    def strike(self, file: Path) -> None:
        """It ended a process that had converted the built-in document a moment before."""
        if _age(file) >= HELD:
            self.forgive(file)
        with suppress(OSError):  # a full disk forgets; the document costs two more processes when it comes again
            with file.open("ab", buffering=0) as stream:
                stream.write(b"x")
                os.fsync(stream.fileno())
            self._cap()

    def forgive(self, file: Path) -> None:
        with suppress(OSError):
            file.unlink()

    def _key(self) -> bytes:
        """Made once, by whoever comes first; it appears under its name only when it is whole."""
        path = self._folder / "key"
        if not path.exists():
            self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            with tempfile.NamedTemporaryFile(dir=self._folder) as made:
                made.write(secrets.token_bytes(32))
                made.flush()
                os.fsync(made.fileno())
                with suppress(FileExistsError):
                    os.link(made.name, path)
        return path.read_bytes()

    def _cap(self) -> None:
        held = [file for file in self._folder.iterdir() if len(file.name) == 64]
        if len(held) > self._most:
            for file in sorted(held, key=_age)[self._most :]:
                file.unlink(missing_ok=True)


def _age(file: Path) -> float:
    """Seconds since the last strike; 0 if there was none."""
    with suppress(OSError):
        return time.time() - file.stat().st_mtime
    return 0.0


def _changing(rendered: Rendered) -> list[bytes]:
    """What is new at every attempt: the number and the check code. The check code's picture is no wording."""
    document = rendered.approved.blanks.get("document", {})
    return [value.encode() for key in ("number", "check_code") if (value := document.get(key))]


def _wording(docx: Path) -> list[tuple[str, bytes]]:
    with zipfile.ZipFile(docx) as archive:
        return [(name, archive.read(name)) for name in sorted(archive.namelist()) if name.endswith(".xml")]
