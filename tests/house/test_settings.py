"""docs/settings.md and the settings say the same, both ways."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, fields, replace
from pathlib import Path

import pytest

from app.config import ROOT, Settings
from app.errors import ConfigurationError
from app.first_start import initialise
from app.house import open_house
from tests.wiring import settings_here

PAGE = (ROOT / "docs" / "settings.md").read_text("utf-8")
ROW = re.compile(r"^\| `DULY_([A-Z_]+)` \| (.*?) \| (.+?) \| (.+?) \|$", re.MULTILINE)
REFUSED = re.compile(r"`(.+?)`: (.+)")
NAMES = {field.name for field in fields(Settings)}
BY_MACHINE = {"slots"}


@dataclass(frozen=True)
class Row:
    name: str
    default: str
    refused: str


def rows(page: str = PAGE) -> Iterator[Row]:
    for name, default, _, refused in ROW.findall(page):
        yield Row(name.lower(), default.strip("`"), refused)


def disagreements(page: str) -> set[str]:
    """Settings that the page does not explain, explains twice, or that do not exist."""
    named = [row.name for row in rows(page)]
    return (NAMES ^ set(named)) | {name for name in named if named.count(name) > 1}


def test_the_page_explains_every_setting_once_and_no_other() -> None:
    assert disagreements(PAGE) == set()


def test_the_comparison_notices_one_too_few_and_one_too_many() -> None:
    assert disagreements(PAGE.replace("| `DULY_QUEUE` |", "| `DULY_CUE` |")) == {"queue", "cue"}
    assert disagreements(PAGE + "| `DULY_QUEUE` | `16` | again | a place |\n") == {"queue"}


def test_no_page_names_a_setting_that_does_not_exist() -> None:
    for page in ("README.md", "docs/README.zh-CN.md", "docs/settings.md"):
        named = set(re.findall(r"DULY_([A-Z_]*[A-Z])", (ROOT / page).read_text("utf-8")))
        assert {name.lower() for name in named} <= NAMES, page


@pytest.mark.parametrize("row", [row for row in rows() if row.name not in BY_MACHINE], ids=lambda row: row.name)
def test_the_default_is_the_one_that_the_page_gives(row: Row) -> None:
    default = str(getattr(Settings.read({}), row.name))

    assert default.removeprefix(f"{ROOT}/") == row.default


@pytest.mark.parametrize("row", [row for row in rows() if row.refused.startswith("`")], ids=lambda row: row.name)
def test_a_wrong_value_says_what_the_page_says(row: Row) -> None:
    found = REFUSED.fullmatch(row.refused)
    assert found
    value, words = found.groups()

    with pytest.raises(ConfigurationError, match=re.escape(words)):
        Settings.read({f"DULY_{row.name.upper()}": value})


def test_a_missing_passphrase_says_what_the_page_says() -> None:
    [row] = [row for row in rows() if row.name == "signing_passphrase"]

    with pytest.raises(ConfigurationError) as refusal:
        Settings.read({"DULY_SIGNING": "pkcs12"})
    assert row.refused == f"none: {refusal.value}"


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Of an installation that opens."""
    made = tmp_path_factory.mktemp("settings")
    initialise(settings_here(made, soffice="/bin/false"))
    return made


@pytest.mark.parametrize("row", [row for row in rows() if row.refused == "a place"], ids=lambda row: row.name)
def test_a_place_that_cannot_be_one_stops_the_start_by_name(row: Row, home: Path) -> None:
    nowhere = "mysql://nowhere/duly" if row.name.endswith("_url") else "/dev/null/nowhere"
    changes = {"soffice": "/bin/false"} | ({} if row.name == "home" else {row.name: nowhere})
    settings = settings_here(home, **changes)
    if row.name == "home":  # and everything else lies elsewhere
        settings = replace(settings, home=Path(nowhere))

    with pytest.raises(ConfigurationError, match=f"DULY_{row.name.upper()}"):
        open_house(settings)


def test_a_converter_that_is_no_address_stops_the_start_by_name(home: Path) -> None:
    with pytest.raises(ConfigurationError, match="DULY_GOTENBERG_URL"):
        open_house(settings_here(home, converter="gotenberg", gotenberg_url="nowhere"))
