"""Tell a page's furniture (页眉页脚) from its body, so that a sentence broken over two pages reads as one.

Only a line that the converter marked as an artifact can be furniture: text of the body never is, wherever it stands, so
that nothing can be said in the midst of a sentence at a page break. It is furniture when it stands near the upper or
lower edge and the same line, up to its digits, stands at the same height on most pages. For a sentence not found
otherwise, `seams` tries every reading in which up to three such outer lines at the page break are left out, though they
recur nowhere: a header that only one page has.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from app.disclosures.reader import Sheet

BAND = 0.2  # of the page's height, above and below: where recurring lines are furniture
MARGIN = 0.1  # of the page's height: where a line that does not recur may be furniture
LINES = 3  # at most, at either side of a page break
SAME_HEIGHT = 3.0  # points


@dataclass(frozen=True)
class Line:
    """Characters start..stop of a sheet's text, between two breaks."""

    start: int
    stop: int
    likeness: str  # without white space, digits made alike
    bottom: float  # above the lower edge of the page, as a share of its height
    top: float
    artifact: bool


def bodies(sheets: Sequence[Sheet]) -> tuple[tuple[Line, ...], ...]:
    """The lines of each page that are not furniture."""
    each = [lines(sheet) for sheet in sheets]
    return tuple(
        tuple(line for line in page if not _recurs(line, each, SAME_HEIGHT / sheet.height))
        for page, sheet in zip(each, sheets, strict=True)
    )


def seams(before: Sequence[Line], after: Sequence[Line]) -> Iterator[tuple[tuple[Line, ...], tuple[Line, ...]]]:
    """The lines around a page break, read with up to three outer lines on either side left out."""
    low = sorted((line for line in before if line.artifact and line.top < MARGIN), key=lambda line: line.bottom)
    high = sorted((line for line in after if line.artifact and line.bottom > 1 - MARGIN), key=lambda line: -line.top)
    for feet in range(min(LINES, len(low)) + 1):
        for heads in range(min(LINES, len(high)) + 1):
            upper = tuple(line for line in before if line not in low[:feet])
            yield upper, tuple(line for line in after if line not in high[:heads])


def lines(sheet: Sheet) -> tuple[Line, ...]:
    """All lines of a page."""
    found = (_line(sheet, match.start(), match.end()) for match in re.finditer(r"[^\r\n]+", sheet.text))
    return tuple(line for line in found if line)


def _line(sheet: Sheet, start: int, stop: int) -> Line | None:
    written = sheet.piece[start:stop] >= 0
    boxes = sheet.boxes[start:stop][written]
    if not len(boxes):
        return None  # white space that PDFium made up
    bottom, top = (np.array([boxes[:, 1].min(), boxes[:, 3].max()]) - sheet.origin[1]) / sheet.height
    likeness = re.sub(r"\d+", "0", "".join(sheet.text[start:stop].split()))
    return Line(start, stop, likeness, float(bottom), float(top), bool(sheet.artifact[start:stop][written].all()))


def _recurs(line: Line, pages: Sequence[Sequence[Line]], tolerance: float) -> bool:
    if not line.artifact or (line.top > BAND and line.bottom < 1 - BAND):
        return False
    alike = sum(any(_alike(line, other, tolerance) for other in page) for page in pages)
    return alike > 1 and 2 * alike > len(pages)


def _alike(one: Line, other: Line, tolerance: float) -> bool:
    return one.likeness == other.likeness and abs(one.bottom - other.bottom) <= tolerance
