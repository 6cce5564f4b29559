"""Word files made on the spot, and one pool for all tests that leave it whole."""

import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import date
from pathlib import Path
from typing import Any

import docx
import pytest
from docx.oxml.ns import qn
from pypdf import PdfReader

from app.artifacts import Approved, File, Part, Rendered
from app.convert import Pool

PYTHON = Path("/usr/bin/python3")
SOFFICE = Path("/usr/bin/soffice")
FAMILY = "Noto Serif CJK SC"


def word(*paragraphs: str, family: str = FAMILY) -> "docx.document.Document":
    """A Word file with these paragraphs, in one family for all scripts."""
    document = docx.Document()
    fonts = document.styles["Normal"].element.get_or_add_rPr().get_or_add_rFonts()
    for script in ("ascii", "hAnsi", "eastAsia", "cs"):
        fonts.set(qn(f"w:{script}"), family)
    for paragraph in paragraphs:
        document.add_paragraph(paragraph)
    return document


def rendered(folder: Path, **documents: "docx.document.Document") -> Rendered:
    """What render would hand over: the parts by name, saved in `folder`."""
    parts = []
    for name, document in documents.items():
        document.save(str(folder / f"{name}.docx"))
        parts.append(Part(name, File.at(folder / f"{name}.docx")))
    approved = Approved("id", "dunning_letter", "demo_bank", "1", date(2026, 11, 23), True, {}, {}, ())
    return Rendered(approved, tuple(parts))


def text(pdf: Path) -> str:
    return "".join("".join(page.extract_text() for page in PdfReader(pdf).pages).split())


def wait_for(condition: Callable[[], bool], seconds: float = 20) -> None:
    until = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < until, "it did not come true in time"
        time.sleep(0.02)


def members(group: int) -> dict[int, str]:
    """Living processes of a process group: pid -> name. Those that only wait to be reaped do not count."""
    found = {}
    for folder in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):  # it ended while we looked
            name, _, rest = (folder / "stat").read_text().partition("(")[2].rpartition(")")
            state, _, process_group = rest.split()[:3]
            if int(process_group) == group and state != "Z":
                found[int(folder.name)] = name
    return found


def worker_of(pool: Pool) -> int:
    """The worker of a pool of one: also the number of its process group."""
    wait_for(pool.ready)
    (only,) = pool._offices
    return only.pid


def soffice_of(pool: Pool) -> int:
    (pid,) = (pid for pid, name in members(worker_of(pool)).items() if name == "soffice.bin")
    return pid


@pytest.fixture(scope="session")
def pool(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pool]:
    with Pool(1, 30.0, PYTHON, SOFFICE, tmp_path_factory.mktemp("pool")) as opened:
        yield opened


@pytest.fixture
def new_pool(tmp_path: Path) -> Iterator[Callable[..., Pool]]:
    """Pools of one's own, to be broken; closed at the end."""
    opened: list[Pool] = []

    def make(
        deadline: float = 20.0, slots: int = 1, python: Path = PYTHON, soffice: Path = SOFFICE, **more: Any
    ) -> Pool:
        opened.append(Pool(slots, deadline, python, soffice, tmp_path / "office", **more).open())
        return opened[-1]

    yield make
    for pool in opened:
        pool.close()
