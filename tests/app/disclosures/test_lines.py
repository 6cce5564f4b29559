"""How the characters of required wording must stand: pages written by hand."""

from pathlib import Path

import pytest

from tests.app.disclosures.test_by_hand import SOUND, accept, missing, page

__all__ = ["page"]

WORDS = "Balance due 8,256.47"


def set_at(*places: tuple[float, float]) -> str:
    """The wording with each character at its own place."""
    shown = (f"1 0 0 1 {x} {y} Tm ({character}) Tj" for character, (x, y) in zip(WORDS, places, strict=True))
    return f"BT /F 12 Tf {' '.join(shown)} ET"


@pytest.mark.parametrize(
    "matrix",
    ["-1 0 0 1 200 100", "1 0 0 -1 20 100", "-1 0 0 -1 200 100", "0 1 -1 0 100 20", "0.99 0.09 -0.09 0.99 20 100"],
)
def test_turned_and_mirrored_type_is_refused(page: Path, matrix: str) -> None:
    refused = missing(page, f"BT /F 12 Tf {matrix} Tm ({WORDS}) Tj ET")["balance"]

    assert refused in {"not legible: turned or mirrored", "not found"}  # the text layer may have it backwards


def test_slanted_type_passes(page: Path) -> None:
    accept(page, f"BT /F 12 Tf 1 0 0.25 1 20 100 Tm ({WORDS}) Tj ET")


def test_type_widely_spaced_is_refused_and_justified_type_passes(page: Path) -> None:
    accept(page, SOUND.replace("/F 12 Tf", "/F 12 Tf 4 Tc 8 Tw"))

    wide = " ".join(f"1 0 0 1 {10 + 35 * at} 100 Tm ({word}) Tj" for at, word in enumerate(["Bal", "ance", "due"]))
    strewn = f"BT /F 9 Tf {wide} 1 0 0 1 130 100 Tm (8,2) Tj 1 0 0 1 170 100 Tm (56.47) Tj ET"
    assert missing(page, strewn)["balance"] == "not legible: scattered"


def test_a_label_and_its_value_far_apart_pass(page: Path) -> None:
    accept(page, "BT /F 12 Tf 20 100 Td (Balance due) Tj 200 0 Td (8,256.47) Tj ET")


def test_characters_off_their_line_are_refused(page: Path) -> None:
    even = [(20 + 9 * at, 100.0) for at in range(len(WORDS))]
    accept(page, set_at(*even))
    wavy = [(x, y + 4 * (at % 2)) for at, (x, y) in enumerate(even)]

    assert missing(page, set_at(*wavy))["balance"] in {"not legible: not on one line", "not found"}


def test_strewn_characters_are_refused(page: Path) -> None:
    stairs = [(10 + 13 * at, 190 - 9 * at) for at in range(len(WORDS))]
    column = [(20, 195 - 9.7 * at) for at in range(len(WORDS))]
    upwards = [(20 + 9 * (at % 10), 100 + 30 * (at // 10)) for at in range(len(WORDS))]

    for places in (stairs, column, upwards):
        assert missing(page, set_at(*places))["balance"].startswith("not ")
    assert missing(page, set_at(*upwards))["balance"] in {"not legible: scattered", "not found"}
