"""One conversion for all letters of these tests."""

from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.app.disclosures import cases, letters


@pytest.fixture(scope="session")
def converted(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, Path]:
    """Every case as a PDF, by its name."""
    folder = tmp_path_factory.mktemp("letters")
    files = []
    for name, letter in cases.LETTERS.items():
        files.append(folder / f"{name}.docx")
        letters.write(letter, files[-1])
    for seed, columns in cases.COLUMNS.items():
        files.append(folder / f"columns{seed}.docx")
        letters.write_columns(columns, files[-1], seed)
    letters.convert(files, folder)
    return {file.stem: file.with_suffix(".pdf") for file in files}


@pytest.fixture
def sound(converted: Mapping[str, Path]) -> Path:
    return converted["sound"]
