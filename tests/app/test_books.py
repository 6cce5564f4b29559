"""The baseline file: its totals, its faults by line, and that it is taken whole or not at all."""

import json
from pathlib import Path
from typing import Any

import pytest

from app.cli import commands
from app.config import Settings
from app.first_start import desk, initialise
from tests.wiring import settings_here

CARDS = ("9998000000000013", "9998000000000021")


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    made = settings_here(tmp_path / "home")
    initialise(made)
    return made


def event(card: str, ref: str, **more: Any) -> dict[str, Any]:
    return {"ref": ref, "card_number": card, "kind": "payoff", "at": "2026-10-01T10:00:00+08:00", **more}


def book(*accounts: dict[str, Any], **totals: Any) -> bytes:
    events = sum(len(one.get("events", ())) for one in accounts)
    first = {
        "format": "baseline/v1",
        "issuer": "demo_bank",
        "as_of": "2026-11-01T00:00:00+08:00",
        "accounts": len(accounts),
        "events": events,
        **totals,
    }
    return "\n".join(json.dumps(line, ensure_ascii=False) for line in (first, *accounts)).encode()


def account(card: str, *events: dict[str, Any]) -> dict[str, Any]:
    return {"card_number": card, "known_since": "2020-01-01"} | ({"events": list(events)} if events else {})


def run(settings: Settings, content: bytes, tmp_path: Path) -> tuple[int, str]:
    path = tmp_path / "book.jsonl"
    path.write_bytes(content)
    done = commands(settings).test_cli_runner().invoke(args=["registry", "import", str(path)])
    return done.exit_code, done.output


def baselines(settings: Settings) -> list[Any]:
    with desk(settings) as office:
        ids = [office.registry.find("demo_bank", card) for card in CARDS]
        with office.database.read() as session:
            return [office.registry.known_of(session, one, "demo_bank").baseline_on if one else None for one in ids]


def test_a_sound_book_is_taken_and_stands_in_the_log(settings: Settings, tmp_path: Path) -> None:
    code, said = run(settings, book(account(CARDS[0], event(CARDS[0], "B-1")), account(CARDS[1])), tmp_path)

    assert (code, said.strip()) == (0, "2 accounts, 1 events")
    assert None not in baselines(settings)


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"", "1"),
        (b"[]", "1"),
        (book(account(CARDS[0]), accounts=2), "1.accounts"),
        (book(account(CARDS[0]), events=1), "1.events"),
        (book(account(CARDS[0])) + b"\n" + json.dumps(account(CARDS[1])).encode(), "1.accounts"),
        (book(account("9998000000000014")), "2.card_number"),
        (book(account(CARDS[0], event(CARDS[1], "B-1"))), "2.events.0.card_number"),
        (book(account(CARDS[0]), account(CARDS[0])), "accounts.0.card_number"),
        (book(*(account(card, event(card, "B-1")) for card in CARDS)), "accounts.1.events.0.ref"),
        (book(account(CARDS[0]), issuer="no_bank"), "not in the register"),
        (book(account(CARDS[0])) + b'\n{"card_number": 1, "card_number": 2}', "3"),
    ],
)
def test_a_faulty_book_is_named_by_line_and_nothing_is_taken(
    settings: Settings, tmp_path: Path, content: bytes, expected: str
) -> None:
    code, said = run(settings, content, tmp_path)

    assert code == 1
    assert expected in said
    assert baselines(settings) == [None, None]


def test_an_account_has_one_baseline(settings: Settings, tmp_path: Path) -> None:
    run(settings, book(account(CARDS[0])), tmp_path)
    code, said = run(settings, book(account(CARDS[1]), account(CARDS[0])), tmp_path)

    assert code == 1
    assert "accounts.1.card_number" in said
    assert baselines(settings)[1] is None


def test_a_reference_that_was_taken_before_is_refused_in_a_second_book(settings: Settings, tmp_path: Path) -> None:
    run(settings, book(account(CARDS[0], event(CARDS[0], "B-1"))), tmp_path)
    code, said = run(settings, book(account(CARDS[1], event(CARDS[1], "B-1"))), tmp_path)

    assert code == 1
    assert "accounts.0.events.0.ref" in said
    assert baselines(settings)[1] is None


def test_the_accounts_of_the_samples_are_known_from_the_first_start(settings: Settings) -> None:
    with desk(settings) as office:
        assert office.registry.find("demo_bank", "9998000000000005") is not None
