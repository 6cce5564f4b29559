"""Tricks played on the finished PDF itself, where the converter is not to blame: drawn over, cut, layered, turned off.

Each is aimed with the boxes that the sound letter's own proof gives.
"""

from collections.abc import Callable
from pathlib import Path

import pytest

from app.artifacts import Box
from app.errors import DisclosureMissing, StepFailed
from tests.app.disclosures import letters
from tests.reading import verify

pytestmark = pytest.mark.office

RIGHTS = [each for each in letters.REQUIRED if each.id == "rights"]


@pytest.fixture
def at(sound: Path) -> Box:
    """Where the sentence on rights stands."""
    return verify(letters.assembled(sound), RIGHTS, letters.PICTURES).proofs[0].boxes[0]


def missing(path: Path) -> dict[str, str]:
    with pytest.raises(DisclosureMissing) as refusal:
        verify(letters.assembled(path), RIGHTS, letters.PICTURES)
    return refusal.value.missing


def white(box: Box, share: float = 1.0) -> str:
    """A white rectangle over the lower share of the box."""
    return f"1 1 1 rg {box.left} {box.bottom} {box.right - box.left} {(box.top - box.bottom) * share} re f"


def test_under_a_white_shape_it_is_covered(sound: Path, at: Box, tmp_path: Path) -> None:
    assert missing(letters.rewrite(sound, tmp_path / "a.pdf", letters.over(white(at)))) == {
        "rights": "not visible: covered"
    }


def test_half_covered_is_covered(sound: Path, at: Box, tmp_path: Path) -> None:
    assert missing(letters.rewrite(sound, tmp_path / "a.pdf", letters.over(white(at, 0.5)))) == {
        "rights": "not visible: covered"
    }


def test_one_character_covered_is_covered(sound: Path, at: Box, tmp_path: Path) -> None:
    one = Box(1, at.left, at.bottom, at.left + 10, at.top)

    assert missing(letters.rewrite(sound, tmp_path / "a.pdf", letters.over(white(one)))) == {
        "rights": "not visible: covered"
    }


def test_behind_a_white_shape_it_is_seen(sound: Path, at: Box, tmp_path: Path) -> None:
    verify(
        letters.assembled(letters.rewrite(sound, tmp_path / "a.pdf", letters.under(white(at)))),
        RIGHTS,
        letters.PICTURES,
    )


def test_on_a_black_bar_it_is_not_seen(sound: Path, at: Box, tmp_path: Path) -> None:
    bar = white(at).replace("1 1 1 rg", "0 0 0 rg")

    assert missing(letters.rewrite(sound, tmp_path / "a.pdf", letters.under(bar))) == {"rights": "not visible: covered"}


@pytest.mark.parametrize("colour", ["1 1 1", "0 0 0", "0.8 0 0"])
def test_overprinted_by_blocks_it_is_covered(sound: Path, at: Box, tmp_path: Path, colour: str) -> None:
    blocks = f"BT /TrickZ 14 Tf {colour} rg {at.left} {at.bottom - 1} Td ({'n' * 40}) Tj ET"

    assert missing(letters.rewrite(sound, tmp_path / "a.pdf", letters.over(blocks))) == {
        "rights": "not visible: covered"
    }


def test_over_a_pale_mark_of_type_it_is_seen(sound: Path, at: Box, tmp_path: Path) -> None:
    mark = f"BT /TrickH 90 Tf 0.9 0.9 0.9 rg {at.left} {at.bottom - 20} Td (SPECIMEN) Tj ET"

    verify(letters.assembled(letters.rewrite(sound, tmp_path / "a.pdf", letters.under(mark))), RIGHTS, letters.PICTURES)


def test_under_a_mark_of_type_it_is_covered(sound: Path, at: Box, tmp_path: Path) -> None:
    mark = f"BT /TrickH 90 Tf 0.9 0.9 0.9 rg {at.left} {at.bottom - 20} Td (SPECIMEN) Tj ET"

    assert missing(letters.rewrite(sound, tmp_path / "a.pdf", letters.over(mark))) == {"rights": "not visible: covered"}


def test_in_render_mode_invisible_it_leaves_no_ink(sound: Path, tmp_path: Path) -> None:
    assert missing(letters.rewrite(sound, tmp_path / "a.pdf", letters.invisible)) == {"rights": "not visible: no ink"}


def test_moved_off_the_page_it_is_outside(sound: Path, tmp_path: Path) -> None:
    moved: Callable[[bytes], bytes] = lambda drawn: b"1 0 0 1 700 0 cm\n" + drawn  # noqa: E731 - one expression

    assert missing(letters.rewrite(sound, tmp_path / "a.pdf", moved)) == {"rights": "not visible: outside the page"}


def test_cut_off_by_the_visible_page_it_is_outside_or_clipped(sound: Path, at: Box, tmp_path: Path) -> None:
    outside = missing(letters.cropped(sound, tmp_path / "a.pdf", at.bottom - 5))
    clipped = missing(letters.cropped(sound, tmp_path / "b.pdf", (at.bottom + at.top) / 2))

    assert outside["rights"] == "not visible: outside the page"
    assert clipped["rights"] == "not visible: clipped"


@pytest.mark.parametrize("share", [0.5, 0.8, 0.87])
def test_cut_off_by_a_clipping_path_it_is_clipped(sound: Path, at: Box, tmp_path: Path, share: float) -> None:
    clip = f"0 0 600 {at.bottom + (at.top - at.bottom) * share} re W n"

    assert missing(letters.rewrite(sound, tmp_path / "a.pdf", letters.under(clip))) == {
        "rights": "not visible: clipped"
    }


def test_in_a_layer_that_is_off_it_leaves_no_ink(sound: Path, tmp_path: Path) -> None:
    path = letters.in_layer(sound, tmp_path / "a.pdf", off_on="screen")

    assert missing(path)["rights"].startswith("not visible: ")


def test_in_a_layer_that_does_not_print_it_is_not_on_paper(sound: Path, tmp_path: Path) -> None:
    path = letters.in_layer(sound, tmp_path / "a.pdf", off_on="paper")

    assert missing(path)["rights"] == "not visible: differs between screen and paper"


def test_a_turned_page_cannot_be_verified(sound: Path, tmp_path: Path) -> None:
    with pytest.raises(StepFailed):
        verify(letters.assembled(letters.turned(sound, tmp_path / "a.pdf")), RIGHTS, letters.PICTURES)
