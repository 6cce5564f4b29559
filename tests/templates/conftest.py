"""The letter as paper: converted once for all tests of a run."""

import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from app.artifacts import Approved
from app.config import from_environment
from app.convert import Pool
from app.render import render
from app.text import fold
from tests.templates import letters


@dataclass(frozen=True)
class Paper:
    letter: Approved
    pages: tuple[str, ...]  # folded text


@pytest.fixture(scope="module")
def pool(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pool]:
    """One warm LibreOffice for the tests of a file."""
    settings = from_environment()
    home = tmp_path_factory.mktemp("office")
    with Pool(1, settings.deadline, settings.uno_python, settings.soffice, home) as running:
        yield running


@pytest.fixture(scope="session")
def usual(tmp_path_factory: pytest.TempPathFactory) -> Paper:
    return _paper(letters.approved(), tmp_path_factory.mktemp("usual"))


@pytest.fixture(scope="session")
def longest(tmp_path_factory: pytest.TempPathFactory) -> Paper:
    return _paper(letters.approved(letters.longest, specimen=False), tmp_path_factory.mktemp("longest"))


def _paper(letter: Approved, folder: Path) -> Paper:
    made = render(letter, letters.kind(), letters.pictures(letter), folder).parts[0].file.path
    profile = f"-env:UserInstallation={(folder / 'profile').as_uri()}"
    subprocess.run(
        ["soffice", profile, "--headless", "--convert-to", "pdf", "--outdir", str(folder), str(made)],
        check=True,
        capture_output=True,
        timeout=120,
    )
    # -raw: the order of the page's own text, without pdftotext's guesses at columns
    text = subprocess.run(
        ["pdftotext", "-raw", str(made.with_suffix(".pdf")), "-"], check=True, capture_output=True, text=True
    ).stdout
    return Paper(letter, tuple(fold(page).text for page in text.rstrip("\f").split("\f")))
