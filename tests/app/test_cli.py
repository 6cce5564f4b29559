"""The commands: what they print, and one line without a traceback when something is missing."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from flask.testing import FlaskCliRunner

from app.cli import commands
from app.config import ROOT
from tests.wiring import settings_here


@pytest.fixture
def run(tmp_path: Path) -> FlaskCliRunner:
    return commands(settings_here(tmp_path / "home")).test_cli_runner()


def test_init_makes_a_house_once(run: FlaskCliRunner) -> None:
    first, second = run.invoke(args=["init"]), run.invoke(args=["init"])

    assert "made the log duly.example/audit" in first.output
    assert (second.exit_code, second.output) == (0, "")


def test_a_key_is_made_listed_and_revoked(run: FlaskCliRunner) -> None:
    run.invoke(args=["init"])

    made = run.invoke(
        args=["keys", "create", "--organisation", "示范银行", "--role", "upstream", "--issuer", "demo_bank"]
    )
    key_id, secret = made.output.split()
    listed = run.invoke(args=["keys", "list"]).output

    assert secret.startswith("duly_")
    assert key_id in listed
    assert secret not in listed
    assert run.invoke(args=["keys", "revoke", key_id]).exit_code == 0
    assert "revoked" in run.invoke(args=["keys", "list"]).output
    assert run.invoke(args=["keys", "revoke", key_id]).exit_code == 1


def test_a_key_for_an_issuer_outside_the_register_is_refused(run: FlaskCliRunner) -> None:
    run.invoke(args=["init"])

    refused = run.invoke(args=["keys", "create", "--organisation", "x", "--role", "upstream", "--issuer", "other"])

    assert refused.exit_code == 2
    assert "not in the register" in refused.output


def test_the_rules_are_a_list_with_source_dates_and_cases(run: FlaskCliRunner) -> None:
    rules = json.loads(run.invoke(args=["rules", "--json"]).output)

    def about(document_type: str) -> set[str]:
        return {rule["id"] for rule in rules if document_type in rule["applies_to"]}

    numbers = {name.partition(".")[0] for name in about("dunning_letter")}
    assert numbers == {f"R{number:02}" for number in [*range(1, 23), 34, 38, 39]}
    hours = {"R16.sms.standard", "R16.sms.guideline"}
    assert about("payment_reminder") >= {"R01", "R03", "R03.sms", "R05.reminder", "R13", "R20.reminder", "R38", *hours}
    assert all(rule["source"] and rule["since"] and rule["passing"] and rule["refusing"] for rule in rules)
    assert "未经律师审核" in run.invoke(args=["rules"]).output


def test_our_templates_have_no_fault(run: FlaskCliRunner) -> None:
    assert run.invoke(args=["templates", "lint"]).exit_code == 0


@pytest.mark.parametrize("command", [["keys", "list"], ["keys", "revoke", "x"]])
def test_a_command_without_a_house_says_what_is_missing_in_one_line(run: FlaskCliRunner, command: list[str]) -> None:
    answer = run.invoke(args=command)

    assert answer.exit_code == 1
    assert "DULY_DATABASE_URL" in answer.output
    assert "Traceback" not in answer.output


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("DULY_SLOTS", "0.5"),
        ("DULY_HOME", "/dev/null"),
        ("DULY_HOME", "/dev/null/home"),
        ("DULY_MASTER_KEY", "/dev/null/key"),
        ("DULY_CASE_KEYS", "/dev/null/keys.db"),
        ("DULY_DATABASE_URL", "sqlite:////dev/null/duly.db"),
        ("DULY_DATABASE_URL", "sqlite:////dev"),
        ("DULY_CHECKPOINTS", "/dev/null/checkpoints"),
        ("DULY_SIGNING_KEYS", "/dev/null/signing"),
        ("DULY_TEMPLATES", "/dev/null"),
    ],
)
def test_serve_says_in_one_line_why_it_does_not_start(variable: str, value: str, tmp_path: Path) -> None:
    environment = {key: said for key, said in os.environ.items() if not key.startswith("DULY_")}
    environment |= {"DULY_HOME": str(tmp_path / "home"), variable: value}
    command = [sys.executable, "-m", "app.serve"]

    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)

    assert done.returncode == 1
    assert done.stderr.startswith("duly does not start: ")
    assert variable in done.stderr
    assert len(done.stderr.splitlines()) == 1


@pytest.mark.parametrize(
    ("variable", "value", "named"),
    [("DULY_BLOBBS", "x", "DULY_BLOBBS"), ("DULY_SIGNING", "hope", "DULY_SIGNING"), ("DULY_SLOTS", "1", "DULY_")],
)
def test_the_service_says_in_one_line_why_it_does_not_start(
    variable: str, value: str, named: str, tmp_path: Path
) -> None:
    environment = {key: said for key, said in os.environ.items() if not key.startswith("DULY_")}
    environment |= {"DULY_HOME": str(tmp_path / "empty"), variable: value}
    command = [sys.executable, "-c", "import wsgi"]

    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)

    assert done.returncode == 3
    assert done.stderr.startswith("duly does not start: ")
    assert named in done.stderr
    assert len(done.stderr.splitlines()) == 1
