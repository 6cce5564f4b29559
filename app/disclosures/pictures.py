"""Recognise expected pictures on the page: the check code's QR (核验码) and the registered stamp (印章图样).

A QR code is found when every one of its modules, sampled on the page as it shows, is dark or light as it must be: a
scanner corrects errors, and would so read a code that is not quite ours. A stamp is found when the picture on the page,
without the text over it, is the registered one, and the text as printed leaves most of it to be seen. Refuses a blank,
foreign, turned, tiny, covered or cut-off picture.
"""

import io
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import numpy.typing as npt
from PIL import Image

from app.disclosures.drawing import Grey
from app.disclosures.opening import Place
from app.disclosures.reader import Picture, Sheet
from app.disclosures.reasons import BLANK_STAMP, NO_CODE, NO_EXPECTED, UNKNOWN_PICTURE, fail

CODE, STAMP = "check_code", "stamp"
MILLIMETRE = 72 / 25.4
LEAST = {CODE: 20 * MILLIMETRE, STAMP: 25 * MILLIMETRE}  # what any phone reads; what a reader takes for a stamp
MOST = 70 * MILLIMETRE  # anything larger is a background

DARK, LIGHT = 96, 160  # of 255: modules lie clear of the middle on either side, as a scanner needs
CELLS = 96  # across a stamp: one of 40 mm is compared in cells of 0.4 mm,
BLOCK = 8  # and judged in blocks of 8 by 8, because one changed character is little of the whole.
# Of 255: mean difference of a block's inked cells. Measured: resampling gives 17 to 40, another character 62 to 74.
ALIKE = 45.0

BOLD = 85.0  # of 255: what takes less light than this beside the stamp's ink may be the 样本 mark
SEEN_AS = 40.0  # of 255: cells that differ by less look the same
UNCOVERED = 0.6  # of the stamp's ink must be seen in spite of the text over it

_Cells = npt.NDArray[np.float64]
_Yes = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Code:
    """An expected code: its modules (true is dark), the quiet zone included, and where their centres lie (0 to 1)."""

    modules: _Yes
    centres: _Cells


@dataclass(frozen=True)
class Stamp:
    """An expected stamp in coloured cells, as it looks on white."""

    cells: _Cells


Expected = Code | Stamp


@lru_cache(maxsize=32)  # a bank's stamp is the same in every letter
def expect(name: str, png: bytes) -> Expected:
    """Prepare an expected picture."""
    try:
        picture = Image.open(io.BytesIO(png)).convert("RGBA")
    except OSError as error:
        fail(NO_EXPECTED, error)
    paper = Image.new("RGBA", picture.size, "white")
    paper.alpha_composite(picture)
    if name == CODE:
        return _code(np.asarray(paper.convert("L")))
    if name == STAMP:
        return _stamp(np.asarray(paper.convert("RGB")))
    return fail(UNKNOWN_PICTURE)


def candidates(sheet: Sheet, name: str) -> tuple[Picture, ...]:
    """Pictures on the page that are large enough and wholly on it."""
    own = (one for one in sheet.pictures if one.upright)  # no one registered a turned picture
    return tuple(one for one in own if _fitting(one.place, LEAST[name]) and _on_page(one.place, sheet))


def shows_code(code: Code, as_is: Grey) -> bool:
    """Whether this place, in grey with all over it, shows the code."""
    rows, columns = ((code.centres * side).astype(int) for side in as_is.shape)
    light = as_is[np.ix_(rows, columns)]
    return bool((light[code.modules] < DARK).all() and (light[~code.modules] > LIGHT).all())


def shows_stamp(stamp: Stamp, clean: Grey, as_is: Grey) -> bool:
    """Whether this place shows the stamp: `clean` in colour without any text, `as_is` in grey with all over it."""
    cells = _cells(clean, CELLS)
    inked = _inked(stamp.cells, SEEN_AS) | _inked(cells, BOLD)
    difference = np.where(inked, np.abs(stamp.cells - cells).mean(axis=2), 0)
    strange = _blocks(difference) / np.maximum(_blocks(np.where(inked, 1.0, 0.0)), BLOCK)
    return bool(strange.max() < ALIKE and _uncovered(stamp, clean, as_is) >= UNCOVERED)


def part_of(page: Grey, sheet: Sheet, place: Place) -> Grey:
    """A place cut out of the picture of its page."""
    across, down = page.shape[1] / sheet.width, page.shape[0] / sheet.height
    left, right = (round((x - sheet.origin[0]) * across) for x in (place[0], place[2]))
    top, bottom = (round((sheet.origin[1] + sheet.height - y) * down) for y in (place[3], place[1]))
    return page[max(top, 0) : bottom, max(left, 0) : right]


# --- what is expected


def _code(grey: Grey) -> Code:
    """Read the modules off the code's own picture; its upper left finder is seven modules wide."""
    dark = grey < 128
    rows, columns = np.flatnonzero(dark.any(axis=1)), np.flatnonzero(dark.any(axis=0))
    if not len(rows) or grey.shape[0] != grey.shape[1]:
        fail(NO_CODE)
    finder = int(np.argmin(dark[rows[0], columns[0] :]))  # up to the first light pixel
    if finder < 7 or finder % 7 or grey.shape[0] % (finder // 7):
        fail(NO_CODE)
    count = grey.shape[0] // (finder // 7)
    centres = (np.arange(count) + 0.5) / count
    at = (centres * grey.shape[0]).astype(int)
    return Code(dark[np.ix_(at, at)], centres)


def _stamp(picture: Grey) -> Stamp:
    stamp = Stamp(_cells(picture, CELLS))
    if not _inked(stamp.cells, SEEN_AS).any():  # every blank place of the page would show it
        fail(BLANK_STAMP)
    return stamp


# --- cells


def _uncovered(stamp: Stamp, clean: Grey, as_is: Grey) -> float:
    """The share of the stamp's ink that looks the same with the text and without it."""
    count = CELLS // 2  # coarser, because the two were drawn at different scales
    change = np.abs(_cells(as_is, count) - _cells(clean, count).mean(axis=2))
    inked = _inked(stamp.cells, SEEN_AS).reshape(count, 2, count, 2).any(axis=(1, 3))
    return float((change[inked] < SEEN_AS).mean())


def _inked(cells: _Cells, least: float) -> _Yes:
    return np.asarray(cells.min(axis=2) < 255 - least, dtype=np.bool_)


def _blocks(cells: _Cells) -> _Cells:
    count = CELLS // BLOCK
    return np.asarray(cells.reshape(count, BLOCK, count, BLOCK).sum(axis=(1, 3)), dtype=np.float64)


def _cells(picture: Grey, count: int) -> _Cells:
    small = Image.fromarray(np.ascontiguousarray(picture)).resize((count, count), Image.Resampling.BOX)
    return np.asarray(small, dtype=np.float64)


# --- where they stand


def _fitting(place: Place, least: float) -> bool:
    sides = place[2] - place[0], place[3] - place[1]
    return min(sides) >= least - 0.5 and max(sides) <= MOST


def _on_page(place: Place, sheet: Sheet) -> bool:
    (left, bottom), slack = sheet.origin, 0.5
    low = place[0] >= left - slack and place[1] >= bottom - slack
    return low and place[2] <= left + sheet.width + slack and place[3] <= bottom + sheet.height + slack
