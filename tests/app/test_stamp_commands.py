"""`stamp ...`: what an operator writes down, what is refused, and a register that is safe to open in a spreadsheet."""

import csv
import io
from collections.abc import Callable
from datetime import date, timedelta
from itertools import chain
from pathlib import Path

import pytest
from click.testing import Result
from flask.testing import FlaskCliRunner

from app import pipeline, wording
from app.cli import commands
from app.config import Settings
from app.first_start import desk, initialise
from app.registry.stamps import Use
from app.stamp_commands import HEADER, as_csv
from tests.wiring import catalogue_here, settings_here

TEMPLATE = catalogue_here().types["dunning_letter"].sha256
GOOD = {
    "issuer": ["demo_bank"],
    "type": ["dunning_letter"],
    "since": ["2026-01-01"],
    "until": ["2199-12-31"],
    "maximum": ["12"],
    "approver": ["E10086", "E10010"],
}
Authorise = Callable[..., Result]


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    made = settings_here(tmp_path / "home", signing="pkcs12", signing_passphrase="of-the-bank")
    initialise(made)
    return made


@pytest.fixture
def run(settings: Settings) -> FlaskCliRunner:
    return commands(settings).test_cli_runner()


@pytest.fixture
def authorise(run: FlaskCliRunner) -> Authorise:
    def call(**changes: list[str]) -> Result:
        options = [(f"--{name}", value) for name, values in (GOOD | changes).items() for value in values]
        return run.invoke(args=["stamp", "authorise", *chain.from_iterable(options)])

    return call


def test_an_authorisation_is_made_listed_and_revoked(run: FlaskCliRunner, authorise: Authorise) -> None:
    made = authorise(template=[TEMPLATE])
    listed = run.invoke(args=["stamp", "list"]).output

    assert made.exit_code == 0, made.output
    assert made.output.strip() in listed
    assert all(word in listed for word in ("in force", "0/12", "dunning_letter", TEMPLATE))
    assert "E10086" not in listed
    assert run.invoke(args=["stamp", "revoke", made.output.strip()]).exit_code == 0
    assert "revoked" in run.invoke(args=["stamp", "list"]).output
    assert run.invoke(args=["stamp", "revoke", made.output.strip()]).exit_code == 1


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"issuer": ["other_bank"]}, "not in the register"),
        ({"type": ["love_letter"]}, "no such type"),
        ({"template": ["ab" * 32]}, TEMPLATE),
        ({"approver": ["E10086"]}, "two different"),
        ({"approver": ["E10086", "e10086"]}, "two different"),
        ({"approver": ["E10086", "张三"]}, "employee number"),
        ({"maximum": ["0"]}, "maximum"),
        ({"until": ["2025-12-31"]}, "until"),
        ({"since": ["2026-01-02"], "until": ["2026-01-01"]}, "until"),
        ({"since": ["soon"]}, "since"),
        ({"until": []}, "until"),
    ],
)
def test_what_cannot_be_agreed_to_is_refused_and_writes_nothing(
    settings: Settings, authorise: Authorise, changes: dict[str, list[str]], said: str
) -> None:
    refused = authorise(**changes)

    assert refused.exit_code == 2
    assert said in refused.output
    assert "张三" not in refused.output
    with desk(settings) as office:
        assert office.stamps.listed() == []


def test_the_list_says_what_each_is_good_for_today(run: FlaskCliRunner, authorise: Authorise) -> None:
    today = wording.beijing_day(pipeline.utc_now())
    authorise(since=[(today + timedelta(days=1)).isoformat()])

    assert "not yet" in run.invoke(args=["stamp", "list"]).output


def test_an_empty_register_is_its_header(run: FlaskCliRunner) -> None:
    printed = run.invoke(args=["stamp", "register", "--issuer", "demo_bank"]).output

    assert list(csv.reader(io.StringIO(printed.removeprefix("\ufeff")))) == [list(HEADER)]


@pytest.mark.parametrize("number", ["=1+1〔2026〕1号", "+86", "-1", "@a", " =1", "\uff1d1", "\t=1"])
def test_no_cell_of_the_register_is_a_formula_to_a_spreadsheet(number: str) -> None:
    use = Use("a" * 8, 1, "d" * 8, number, "dunning_letter", date(2026, 11, 23))

    text = as_csv([use])

    [_, cells] = csv.reader(io.StringIO(text.removeprefix("\ufeff")))
    assert text.startswith("\ufeff")
    assert cells == ["a" * 8, "1", "d" * 8, f"'{number}", "dunning_letter", "2026-11-23"]
