"""One pool for all tests here: the LibreOffice that stands on another machine, and survives."""

from collections.abc import Iterator

import pytest

from app.convert import Pool
from tests.app.convert.conftest import PYTHON, SOFFICE


@pytest.fixture(scope="session")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pool]:
    with Pool(1, 30.0, PYTHON, SOFFICE, tmp_path_factory.mktemp("office")) as opened:
        yield opened
