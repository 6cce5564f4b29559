"""Judge how the characters of required wording stand: upright, side by side on one line, and line below line (成行).

Promises a reason for wording that a reader does not read as lines: turned or mirrored type, characters off their base
line, spread wide, or strewn over the page. Justified text and a label apart from its value pass; a table's row of more
columns passes where the law's wording is said to be one.
"""

import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby, pairwise
from operator import itemgetter

import numpy as np
import numpy.typing as npt

from app.disclosures.find import Occurrence
from app.disclosures.opening import Floats
from app.disclosures.reader import Sheet
from app.disclosures.reasons import SCATTERED, TURNED, UNEVEN

# All in sizes of type.
LINE = 0.7  # characters further apart in height stand on different lines
EVEN = 0.15  # how far a character may stand off its line
GAP = 1.2  # more than this between two characters, and a new column begins
BELOW = 0.5  # a new line lies at least so much lower,
FAR = 6.0  # and no more than this
BESIDE = 3.0  # how much higher or lower the next column may go on: its cell has more lines

COLUMNS = 2  # steps to the side in one sentence: a table's row has its label, its value and perhaps its unit
FEWEST = 2  # characters in a line that is neither the first nor the last

Indices = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Stretch:
    """The characters of an occurrence that stand on one line, in reading order."""

    page: int
    where: Indices


def stretches(occurrence: Occurrence, sheets: Sequence[Sheet]) -> tuple[Stretch, ...]:
    """The occurrence line by line."""
    return tuple(
        Stretch(page, line)
        for page, spots in groupby(occurrence.spots, key=itemgetter(0))
        for line in _lines(sheets[page], np.array([index for _, index in spots], dtype=np.int64))
    )


def disorder(parts: Sequence[Stretch], sheets: Sequence[Sheet], *, row: bool = False) -> str:
    """Why these are not lines that a reader reads; "" if they are. A `row` has all its columns on one line."""
    columns = 0
    for part in parts:
        sheet = sheets[part.page]
        if not sheet.upright[part.where].all():
            return TURNED
        runs = tuple(_runs(sheet, part.where))
        if any(np.ptp(sheet.origins[run, 1]) > EVEN * _size(sheet, run) for run in runs):
            return UNEVEN
        columns += len(runs) - 1
    if row:
        return SCATTERED if len(parts) > 1 else ""
    for before, after in pairwise(parts):
        if before.page == after.page:
            step = _step(sheets[before.page], before.where, after.where)
            if step is None:
                return SCATTERED
            columns += step
    too_short = any(len(part.where) < FEWEST for part in parts[1:-1])
    return SCATTERED if too_short or columns > COLUMNS else ""


def ends(sheet: Sheet, where: Indices) -> Floats:
    """Where each character ends on its line; a full-width mark, whose ink is small, ends where its square does."""
    wide = np.array([unicodedata.east_asian_width(sheet.text[index]) in "WF" for index in where])
    square: Floats = sheet.origins[where, 0] + wide * sheet.points[where]
    reach: Floats = np.maximum(sheet.boxes[where, 2], square)
    return reach


def gaps(sheet: Sheet, where: Indices) -> Floats:
    """How far apart neighbours stand, in sizes of type."""
    apart: Floats = sheet.boxes[where, 0][1:] - ends(sheet, where)[:-1]
    return apart / max(_size(sheet, where), 1e-6)


def _lines(sheet: Sheet, where: Indices) -> list[Indices]:
    boxes = sheet.boxes[where]
    middle = (boxes[:, 1] + boxes[:, 3]) / 2
    # ， lies low in its line and “ lies high, but none by as much as a line.
    apart = np.abs(np.diff(middle)) > LINE * sheet.points[where][1:]
    return np.split(where, np.flatnonzero(apart | (np.diff(boxes[:, 0]) < 0)) + 1)


def _runs(sheet: Sheet, where: Indices) -> Iterator[Indices]:
    """The parts of a line, one for each column."""
    yield from np.split(where, np.flatnonzero(gaps(sheet, where) > GAP) + 1)


def _step(sheet: Sheet, before: Indices, after: Indices) -> int | None:
    """How many columns the next line goes to the side: none as a rule. None if it is no next line at all."""
    size = max(_size(sheet, before), _size(sheet, after))
    down = float(np.median(sheet.origins[before, 1]) - np.median(sheet.origins[after, 1]))
    aside = float(sheet.boxes[after, 0].min() - sheet.boxes[before, 2].max())
    if aside < GAP * size:
        return 0 if BELOW * size <= down <= FAR * size else None
    return 1 if abs(down) <= BESIDE * size else None


def _size(sheet: Sheet, where: Indices) -> float:
    return float(sheet.points[where].max())
