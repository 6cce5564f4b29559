"""Which documents are recognised, what is remembered of them, and for how long."""

import dataclasses
import os
import time
from pathlib import Path

import pytest

from app.artifacts import File, Part, Rendered
from app.convert import quarantine
from app.convert.quarantine import Quarantine
from app.render import render
from tests.app.convert.conftest import rendered, word
from tests.templates import letters


def letter(folder: Path, number: str, check_code: str, change: letters.Change | None = None) -> Rendered:
    """The product's own letter, as an attempt with this number and this check code would have it."""
    approved = letters.approved(change)
    document = {**approved.blanks["document"], "number": number, "check_code": check_code}
    approved = dataclasses.replace(approved, number=number, blanks={**approved.blanks, "document": document})
    folder.mkdir()
    return render(approved, letters.kind(), letters.pictures(approved), folder)


@pytest.fixture
def kept(tmp_path: Path) -> Quarantine:
    return Quarantine(tmp_path / "quarantine")


def test_a_letter_is_known_again_under_another_number_and_check_code(kept: Quarantine, tmp_path: Path) -> None:
    first = letter(tmp_path / "1", "示范催函〔2026〕第000001号", "7K3M-9QXD-2HTV-WB4E")
    second = letter(tmp_path / "2", "示范催函〔2026〕第000002号", "AAAA-BBBB-CCCC-DDDD")

    assert first.parts[0].file.sha256 != second.parts[0].file.sha256
    assert kept.known(first) == kept.known(second)


def test_another_letter_is_another_one(kept: Quarantine, tmp_path: Path) -> None:
    first = letter(tmp_path / "1", "1", "2")
    second = letter(tmp_path / "2", "1", "2", letters.named("欧阳·买买提"))

    assert kept.known(first) != kept.known(second)


def test_a_document_of_other_parts_is_another_one(kept: Quarantine, tmp_path: Path) -> None:
    one = rendered(tmp_path, first=word("甲"))
    two = rendered(tmp_path, first=word("甲"), second=word("甲"))

    assert kept.known(one) != kept.known(two)


def test_two_strikes_are_held_and_seen_by_whoever_looks_at_the_folder(kept: Quarantine, tmp_path: Path) -> None:
    file = kept.known(rendered(tmp_path, letter=word("甲")))
    held = [kept.holds(file)]
    for _ in range(2):
        kept.strike(file)
        held.append(Quarantine(tmp_path / "quarantine").holds(file))

    assert held == [False, False, True]
    assert kept.known(rendered(tmp_path, letter=word("甲"))) == file


def test_a_success_forgives(kept: Quarantine, tmp_path: Path) -> None:
    file = kept.known(rendered(tmp_path, letter=word("甲")))
    kept.strike(file)
    kept.forgive(file)
    kept.strike(file)

    assert not kept.holds(file)


def test_after_a_day_it_may_try_again_and_the_count_starts_anew(kept: Quarantine, tmp_path: Path) -> None:
    file = kept.known(rendered(tmp_path, letter=word("甲")))
    held = []
    for age in (quarantine.HELD - 60, quarantine.HELD + 60):
        for _ in range(2):
            kept.strike(file)
        os.utime(file, (time.time() - age,) * 2)
        held.append(kept.holds(file))
    kept.strike(file)

    assert held == [True, False]
    assert not kept.holds(file)
    kept.strike(file)
    assert kept.holds(file)


def test_a_folder_that_takes_nothing_forgets_and_breaks_nothing(kept: Quarantine, tmp_path: Path) -> None:
    file = kept.known(rendered(tmp_path, letter=word("甲")))
    (tmp_path / "quarantine").rename(tmp_path / "elsewhere")
    for _ in range(3):
        kept.strike(file)
    kept.forgive(file)

    assert not kept.holds(file)


def test_nothing_is_kept_but_strikes_and_a_private_key(kept: Quarantine, tmp_path: Path) -> None:
    kept.strike(kept.known(rendered(tmp_path, letter=word("王小明"))))
    contents = {path.name: path.read_bytes() for path in (tmp_path / "quarantine").iterdir()}

    assert len(contents.pop("key")) == 32
    assert list(contents.values()) == [b"x"]
    assert (tmp_path / "quarantine" / "key").stat().st_mode & 0o777 == 0o600


def test_without_its_key_a_digest_says_nothing(tmp_path: Path) -> None:
    """Another installation knows the same document under another name."""
    document = rendered(tmp_path, letter=word("王小明"))

    assert Quarantine(tmp_path / "a").known(document).name != Quarantine(tmp_path / "b").known(document).name


def test_the_oldest_go_when_there_are_too_many(tmp_path: Path) -> None:
    small = Quarantine(tmp_path / "quarantine", most=3)
    files = []
    for number in range(5):
        files.append(small.known(rendered(tmp_path, letter=word(str(number)))))
        small.strike(files[-1])
        os.utime(files[-1], (time.time() - 100 + number,) * 2)

    assert [file.exists() for file in files] == [False, False, True, True, True]
    assert (tmp_path / "quarantine" / "key").exists()


def test_parts_are_read_whole(kept: Quarantine, tmp_path: Path) -> None:
    """Where one part ends and the next begins is part of what is known."""
    for name, wording in (("a", "甲"), ("b", "甲甲")):
        (tmp_path / name).mkdir()
        rendered(tmp_path / name, letter=word(wording))
    one, two = (Part("letter", File.at(tmp_path / name / "letter.docx")) for name in "ab")
    approved = letters.approved()

    assert kept.known(Rendered(approved, (one, two))) != kept.known(Rendered(approved, (two, one)))
    assert quarantine.STRIKES == 2
