"""The pinned fonts: which they are, whether they are here, and which characters they can print.

A character that a font does not hold prints as an empty box, and the PDF's text, font list and ink all look right.
So the answer is asked of the fonts themselves, before a letter exists: `lacking` names what cannot be printed in
every family that a template may use. Fontconfig is asked where the fonts are, because LibreOffice asks it too.
"""

import hashlib
import subprocess
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from fontTools.ttLib import TTFont, TTLibError

from app.errors import ConfigurationError


@dataclass(frozen=True)
class Face:
    """One cut of a family; `sha256` is of the file in Debian 12's fonts-noto-cjk 1:20220127+repack1-1."""

    family: str
    postscript: str
    file: str
    sha256: str


FACES = (
    Face(
        "Noto Serif CJK SC",
        "NotoSerifCJKsc-Regular",
        "NotoSerifCJK-Regular.ttc",
        "a04178ec485dffdff7cc0c0c20e1fce9202d7e2160d805e8e44a4c8841c58481",
    ),
    Face(
        "Noto Serif CJK SC",
        "NotoSerifCJKsc-Bold",
        "NotoSerifCJK-Bold.ttc",
        "a5d4b046c127da3d7c72f98b46c41489cd29bf52abfdf18aba920903e920d4ac",
    ),
    Face(
        "Noto Sans CJK SC",
        "NotoSansCJKsc-Regular",
        "NotoSansCJK-Regular.ttc",
        "b76b0433203017ca80401b2ee0dd69350349871c4b19d504c34dbdd80541690a",
    ),
    Face(
        "Noto Sans CJK SC",
        "NotoSansCJKsc-Bold",
        "NotoSansCJK-Bold.ttc",
        "faa5f3656a78b2e2d450d27fe8382c778bc2b6bb5ea29c986664a6a435056ceb",
    ),
)
FAMILIES = tuple(dict.fromkeys(face.family for face in FACES))

_LISTING_SECONDS = 30  # a first run may build fontconfig's cache


def postscript_names() -> frozenset[str]:
    """The names that fonts may have in a finished PDF, without their subset tag (`ABCDEF+`)."""
    return frozenset(face.postscript for face in FACES)


def missing() -> list[str]:
    """PostScript names of pinned fonts that are not installed. The service does not start without them."""
    return [face.postscript for face in FACES if face.postscript not in _installed()]


def unpinned() -> list[str]:
    """PostScript names of fonts that are installed in another version than the pinned one.

    Letters are still right, because `lacking` asks the fonts that are there; pages may look different from the goldens.
    """
    found = _digests()
    return [face.postscript for face in FACES if face.postscript in found and found[face.postscript] != face.sha256]


def file_of(postscript: str) -> tuple[Path, int]:
    """The installed file of a pinned font, and the font's place in it."""
    _all_here()
    return _installed()[postscript]


def lacking(text: str) -> set[str]:
    """Characters of the text that one of the families cannot print."""
    return {character for character in text if ord(character) not in _printable()}


def digest() -> str:
    """One SHA-256 for all font files, for a document's record: names and digests in the order of `FACES`."""
    _all_here()
    found = _digests()
    listing = "".join(f"{face.postscript} {found[face.postscript]}\n" for face in FACES)
    return hashlib.sha256(listing.encode()).hexdigest()


def _all_here() -> None:
    if gone := missing():
        raise ConfigurationError(f"fonts are missing: {', '.join(gone)} (package fonts-noto-cjk)")


@lru_cache(maxsize=1)
def _installed() -> dict[str, tuple[Path, int]]:
    """Where fontconfig finds each pinned font: the file, and the place of the font in the collection."""
    try:
        listing = subprocess.run(
            ["/usr/bin/fc-list", "--format", r"%{postscriptname}|%{index}|%{file}\n"],
            capture_output=True,
            check=True,
            text=True,
            timeout=_LISTING_SECONDS,
        ).stdout
    except (OSError, subprocess.SubprocessError) as error:
        raise ConfigurationError("fc-list does not run (package fontconfig)") from error
    found: dict[str, tuple[Path, int]] = {}
    for line in sorted(listing.splitlines()):
        name, index, file = line.split("|", 2)
        if name in postscript_names():
            found.setdefault(name, (Path(file), int(index)))
    return found


@lru_cache(maxsize=1)
def _digests() -> dict[str, str]:
    return {name: _sha256(path) for name, (path, _) in _installed().items()}


def _sha256(path: Path) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


@lru_cache(maxsize=1)
def _printable() -> frozenset[int]:
    """Code points that every face holds. Read once, 0.4 s."""
    _all_here()
    return frozenset[int].intersection(*(_code_points(*_installed()[face.postscript]) for face in FACES))


def _code_points(path: Path, index: int) -> frozenset[int]:
    try:
        with TTFont(path, fontNumber=index, lazy=True) as font:
            return frozenset(font.getBestCmap())
    except (OSError, TTLibError) as error:
        raise ConfigurationError(f"{path.name} cannot be read as a font") from error
