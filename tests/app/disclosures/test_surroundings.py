"""What stands on the lines of required wording and is not the wording: pages written by hand."""

from pathlib import Path

import pytest

from tests.app.disclosures.test_by_hand import SOUND, accept, missing, page

__all__ = ["page"]

INK = {"balance": "not legible: other ink in its line"}
TYPE = {"balance": "not legible: other type in its line"}
FOREIGN = {"pictures": "a picture that nobody asked for"}
HATCHED = " ".join(f"{20 + 3 * step} 85 1 30 re f" for step in range(45))
NOISE = " ".join(f"{20 + 7 * step % 131} {98 + 5 * step % 11} 1 1 re f" for step in range(90))


def picture(left: float, bottom: float, wide: float, high: float, grey: str = "00") -> str:
    return f" q {wide} 0 0 {high} {left} {bottom} cm BI /W 1 /H 1 /BPC 8 /CS /G /F /AHx ID {grey}> EI Q "


@pytest.mark.parametrize(
    "trick",
    [
        SOUND + " 86 100 1.2 8.6 re f",  # a digit 1 before the amount
        SOUND + " 139 100 1.2 8.6 re f",  # and after it
        SOUND + " 136.5 100 0.9 0.9 re f",  # a decimal point
        SOUND + " 98 104 30 0.6 re f",  # struck through
        SOUND + " 0.6 w 15 104 m 145 104 l S",
        SOUND.replace("due 8", "due    8") + " 94 100 5 8 re f",  # in a gap
        "0.5 0.5 0.5 rg " + HATCHED + " 0 g " + SOUND,
        "0.6 g " + NOISE + " 0 g " + SOUND,
    ],
)
def test_foreign_ink_in_the_line_is_refused(page: Path, trick: str) -> None:
    assert missing(page, trick) == INK


@pytest.mark.parametrize("place", [(87.6, 100.0), (138.0, 100.0), (52.5, 100.0)])
def test_a_picture_of_a_character_in_the_line_is_refused(page: Path, place: tuple[float, float]) -> None:
    assert missing(page, SOUND + picture(*place, 1.5, 8)) == INK | FOREIGN


@pytest.mark.parametrize("colour", ["0 0 0.1", "0.08 0.08 0.08", "0.3 0.3 0.3"])
def test_dark_type_on_a_dark_ground_is_refused(page: Path, colour: str) -> None:
    assert missing(page, f"{colour} rg 10 90 200 30 re f 0 g " + SOUND)["balance"].startswith("not visible: ")


@pytest.mark.parametrize("ground", ["0.9 0.9 0.9", "0.75 0.75 0.75"])
def test_dark_type_on_a_light_bar_is_seen(page: Path, ground: str) -> None:
    accept(page, f"{ground} rg 10 90 200 30 re f 0 g " + SOUND)


@pytest.mark.parametrize(
    "harmless",
    [
        " 0.5 w 18 97.5 m 140 97.5 l S",  # underlined
        " 0.5 w 10 95 m 290 95 l 10 112 m 290 112 l S",  # the borders of a table's row,
        " 0.5 w 14 90 m 14 120 l S",  # and of its cell
        " BT /F 12 Tf 20 80 Td (Another line: 12 %) Tj 0 40 Td (Above) Tj ET",
    ],
)
def test_lines_and_text_around_the_wording_do_no_harm(page: Path, harmless: str) -> None:
    accept(page, SOUND + harmless)


@pytest.mark.parametrize("at", ["136.5 100", "84 100", "52.3 100", "128 100"])
def test_type_set_into_the_line_from_elsewhere_is_refused(page: Path, at: str) -> None:
    trick = f"BT /F 12 Tf 20 150 Td (See below) Tj ET BT /F 11 Tf {at} Td (1) Tj ET BT /F 12 Tf 20 180 Td (Dear) Tj ET "

    assert "balance" in missing(page, trick + SOUND)


def test_a_line_set_between_two_lines_of_the_wording_is_refused(page: Path) -> None:
    broken = "BT /F 12 Tf 20 100 Td (Balance due) Tj 0 -30 Td (8,256.47) Tj ET"
    accept(page, broken)

    assert missing(page, "BT /F 12 Tf 20 85 Td (is not) Tj ET BT /F 12 Tf 20 180 Td (Dear) Tj ET " + broken) == TYPE


def test_a_pale_mark_is_no_foreign_picture_and_a_dark_one_anywhere_is(page: Path) -> None:
    accept(page, picture(50, 50, 150, 140, "E6") + SOUND)

    assert missing(page, SOUND + picture(200, 20, 40, 40)) == FOREIGN
    assert missing(page, SOUND + " q 0 40 -40 0 240 20 cm BI /W 1 /H 1 /BPC 8 /CS /G /F /AHx ID 80> EI Q ") == FOREIGN
