"""`make doctor`: what is on this machine against what is pinned (体检).

Says "missing" for what the service cannot do without, and then ends with 1; says "differs" for what works, but not
as it was when the golden page pictures were made; the text of letters is proven on every page anyway.
Promises to change nothing and to ask no network.
"""

import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path

from app import fonts
from app.config import ROOT, Settings, from_environment
from app.errors import ConfigurationError
from app.isolation import best_isolation

LIBREOFFICE = "LibreOffice 7.4.7.2"  # Debian 12's; with another, lines may break elsewhere
OK, DIFFERS, MISSING = "ok", "differs", "missing"

_COLOURS = {OK: "\033[32m", DIFFERS: "\033[33m", MISSING: "\033[31m"}
_END = "\033[0m"
_SECONDS = 30


@dataclass(frozen=True)
class Found:
    """One line of the report."""

    name: str
    state: str
    said: str


def toolchain() -> dict[str, str]:
    """What decides how a page looks, to the pixel. Page pictures compare exactly where all of it is the same."""
    return {
        "libreoffice": _libreoffice(from_environment().soffice),
        "fonts": fonts.digest(),
        "pypdfium2": metadata.version("pypdfium2"),
    }


def examine(settings: Settings) -> list[Found]:
    return [
        *(_examine_office(settings) if settings.converter == "office" else ()),
        _examine_fonts(),
        _examine_pdfsig(),
        *_examine_packages(ROOT / "requirements.txt"),
    ]


def _examine_office(settings: Settings) -> list[Found]:
    return [_examine_libreoffice(settings.soffice), _examine_uno(settings.uno_python), _examine_isolation()]


def _examine_libreoffice(soffice: Path) -> Found:
    version = _libreoffice(soffice)
    if not version:
        return Found("LibreOffice", MISSING, f"{soffice} does not run (package libreoffice-writer-nogui)")
    if version != LIBREOFFICE:
        return Found("LibreOffice", DIFFERS, f"{version}; page pictures were made with {LIBREOFFICE}")
    return Found("LibreOffice", OK, version)


def _examine_uno(python: Path) -> Found:
    if (version := _said([str(python), "-I", "-c", "import sys, uno; print(sys.version.split()[0])"])) is None:
        return Found("uno", MISSING, f"{python} cannot import it (package python3-uno)")
    return Found("uno", OK, f"under {python}, Python {version}")


def _examine_isolation() -> Found:
    if not (way := best_isolation()).prefix:
        why = "no way was found to keep the network from LibreOffice and the reading process; other walls remain"
        return Found("isolation", DIFFERS, why)
    return Found("isolation", OK, f"LibreOffice and the reading process run without a network ({way.name})")


def _examine_fonts() -> Found:
    try:
        if gone := fonts.missing():
            return Found("fonts", MISSING, f"{', '.join(gone)} (package fonts-noto-cjk)")
        if other := fonts.unpinned():
            return Found("fonts", DIFFERS, f"another version of {', '.join(other)}")
        return Found("fonts", OK, f"{', '.join(fonts.FAMILIES)}, {fonts.digest()[:12]}")
    except ConfigurationError as error:
        return Found("fonts", MISSING, str(error))


def _examine_pdfsig() -> Found:
    if (path := shutil.which("pdfsig")) is None:
        return Found("pdfsig", MISSING, "checks signatures independently of us (package poppler-utils)")
    return Found("pdfsig", OK, path)


def _examine_packages(requirements: Path) -> Iterator[Found]:
    """One line for all that are as pinned, and one for each that is not."""
    others = [found for name, pinned in _pins(requirements) if (found := _examine_package(name, pinned)).state != OK]
    yield Found("packages", OK, f"{len(_pins(requirements)) - len(others)} as pinned in {requirements.name}")
    yield from others


def _examine_package(name: str, pinned: str) -> Found:
    try:
        version = metadata.version(name)
    except metadata.PackageNotFoundError:
        return Found(name, MISSING, f"{pinned} is pinned")
    return Found(name, OK if version == pinned else DIFFERS, f"{version}; {pinned} is pinned")


def _pins(requirements: Path) -> list[tuple[str, str]]:
    """Name and version; a pin is a line that begins with the name, all others are hashes and comments."""
    return re.findall(r"^([A-Za-z0-9._-]+)==(\S+)", requirements.read_text("utf-8"), re.MULTILINE)


def _libreoffice(soffice: Path) -> str:
    """Name and version as the program says, without the build; "" if it does not run."""
    return " ".join((_said([str(soffice), "--version"]) or "").split()[:2])


def _said(command: list[str]) -> str | None:
    try:
        ran = subprocess.run(  # noqa: S603 -- configured paths, no shell
            command, capture_output=True, check=True, text=True, timeout=_SECONDS
        )
    except (OSError, subprocess.SubprocessError):
        return None
    return ran.stdout.strip()


def report(found: list[Found], colour: bool) -> str:
    """A table for people; colour says no more than the words do."""
    width = max(len(line.name) for line in found)
    plain = "{state:8} {name:{width}}  {said}"
    return "\n".join(
        (f"{_COLOURS[line.state]}{plain}{_END}" if colour else plain).format(width=width, **vars(line))
        for line in found
    )


def main() -> None:
    try:
        found = examine(from_environment())
    except ConfigurationError as error:
        sys.exit(str(error))
    print(report(found, sys.stdout.isatty()))
    sys.exit(1 if any(line.state == MISSING for line in found) else 0)


if __name__ == "__main__":
    main()
