"""Pages written by hand, byte by byte: what no converter would write, a forger might."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from app.artifacts import File, Part
from app.catalogue import Requirement
from app.errors import DisclosureMissing, StepFailed
from tests.app.disclosures import letters
from tests.reading import same_pages, verify

BLANKS: Mapping[str, Any] = {"debt": {"currency": "CNY", "total": "8256.47"}}
BALANCE = [letters.disclosure("balance", Requirement(texts=("Balance due {{ debt.total | amount }}",)))]
SOUND = "BT /F 12 Tf 20 100 Td (Balance due 8,256.47) Tj ET"


@pytest.fixture
def page(tmp_path: Path) -> Path:
    return tmp_path / "page.pdf"


def missing(path: Path, drawing: str) -> dict[str, str]:
    path.write_bytes(letters.by_hand(drawing))
    with pytest.raises(DisclosureMissing) as refusal:
        verify(letters.assembled(path, blanks=BLANKS), BALANCE, {})
    return refusal.value.missing


def accept(path: Path, drawing: str) -> None:
    path.write_bytes(letters.by_hand(drawing))
    verified = verify(letters.assembled(path, blanks=BLANKS), BALANCE, {})
    assert [proof.text for proof in verified.proofs] == ["Balancedue8,256.47"]


def test_plain_text_is_proven(page: Path) -> None:
    accept(page, SOUND)


def test_white_on_a_dark_bar_is_seen(page: Path) -> None:
    accept(page, "0 0 0.4 rg 10 90 200 30 re f 1 1 1 rg " + SOUND)


def test_an_unseen_copy_does_no_harm_to_a_visible_one(page: Path) -> None:
    accept(page, "1 1 1 rg " + SOUND.replace("20 100", "20 150") + " 0 0 0 rg " + SOUND)


@pytest.mark.parametrize(
    ("trick", "reason"),
    [
        (SOUND.replace("BT", "BT 3 Tr"), "no ink"),
        (SOUND.replace("BT", "BT 7 Tr"), "no ink"),
        ("1 1 1 rg " + SOUND, "too pale"),
        ("0.87 0.87 0.87 rg " + SOUND, "too pale"),
        (SOUND.replace("20 100", "400 100"), "outside the page"),
        (SOUND.replace("20 100", "20 -30"), "outside the page"),
        (SOUND.replace("20 100", "220 100"), "outside the page"),  # runs off the edge
        (SOUND.replace("20 100", "20 -4"), "clipped"),
        ("0 0 300 104 re W n " + SOUND, "clipped"),
        (SOUND.replace("/F 12", "/F 1"), "too small"),
        (SOUND.replace("BT", "BT 50 Tz"), "too small"),  # squeezed sideways
        ("0.5 0 0 0.5 0 0 cm " + SOUND, "too small"),
        (SOUND + " 1 1 1 rg 20 98 150 15 re f", "covered"),
        (SOUND + " 20 98 150 15 re f", "covered"),
        (SOUND.replace("47)", "47) Tj 0 0 Td (XXXXXXXXXXXXXX)"), "covered"),
    ],
)
def test_a_trick_is_refused_and_named(page: Path, trick: str, reason: str) -> None:
    assert missing(page, trick) == {"balance": f"not visible: {reason}"}


def test_blocks_struck_back_over_the_same_piece_of_text_are_noticed(page: Path) -> None:
    # One text object: the amount, a space, then back by as much as four digits and the space, and other digits.
    struck = SOUND.replace("(Balance due 8,256.47) Tj", "[(Balance due 8,256.47 ) 2502 (9999)] TJ")

    assert missing(page, struck) == {"balance": "not visible: covered"}


def test_a_smaller_amount_within_a_larger_is_not_the_amount(page: Path) -> None:
    assert missing(page, SOUND.replace("8,256.47", "8,256.475"))["balance"] == "not found"
    assert missing(page, SOUND.replace("8,256.47", "8,256.47.1"))["balance"] == "not found"


def test_something_that_is_no_pdf_is_refused(page: Path) -> None:
    page.write_bytes(b"not a PDF")
    with pytest.raises(StepFailed):
        verify(letters.assembled(page, blanks=BLANKS), BALANCE, {})
    page.write_bytes(b"%PDF-1.7 but broken")
    with pytest.raises(StepFailed):
        verify(letters.assembled(page, blanks=BLANKS), BALANCE, {})


def same(page: Path, changed: bytes, tmp_path: Path) -> bool:
    verified = verify(letters.assembled(page, blanks=BLANKS), BALANCE, {})
    other = tmp_path / "other.pdf"
    other.write_bytes(changed)
    return same_pages(verified, [Part(verified.assembled.parts[0].name, File.at(other))])


def test_the_same_pages_are_the_same_whatever_else_the_file_holds(page: Path, tmp_path: Path) -> None:
    page.write_bytes(letters.by_hand(SOUND))

    assert same(page, letters.by_hand(SOUND + " ") + b"\n% a comment", tmp_path)


@pytest.mark.parametrize(
    "changed",
    [
        SOUND.replace("47", "41"),  # text and picture
        SOUND + " 200 20 1 1 re f",  # picture alone: one point
        SOUND + " 200 20 0.5 0.5 re f",  # one pixel
        SOUND + " 0.996 g 200 20 1 1 re f",  # as pale as can be
        SOUND + " BT 3 Tr /F 12 Tf 20 50 Td (hidden) Tj ET",  # text alone
    ],
)
def test_a_changed_page_is_noticed(page: Path, tmp_path: Path, changed: str) -> None:
    page.write_bytes(letters.by_hand(SOUND))

    assert not same(page, letters.by_hand(changed), tmp_path)


def test_what_was_not_verified_is_never_the_same(page: Path) -> None:
    page.write_bytes(letters.by_hand(SOUND))
    verified = verify(letters.assembled(page, blanks=BLANKS), BALANCE, {})
    (part,) = verified.assembled.parts

    assert same_pages(verified, [part])
    assert not same_pages(replace(verified, prints={}), [part])
    assert not same_pages(verified, [])
    assert not same_pages(verified, [part, part])
    assert not same_pages(verified, [replace(part, name="another")])


def test_a_part_that_is_no_pdf_must_be_the_same_file(page: Path, tmp_path: Path) -> None:
    page.write_bytes(letters.by_hand(SOUND))
    plain, changed = tmp_path / "plain.txt", tmp_path / "changed.txt"
    plain.write_text("8,256.47")
    changed.write_text("8,256.41")
    verified = verify(letters.assembled(page, plain, blanks=BLANKS), BALANCE, {})
    first, second = verified.assembled.parts

    assert same_pages(verified, [first, second])
    assert not same_pages(verified, [first, replace(second, file=File.at(changed))])
