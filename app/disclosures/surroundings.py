"""Judge what else stands on the lines of required wording (周围): a sentence with one more word in it is another one.

Promises a reason when, between the first and the last character of a line and close beside them, something dark stands
that is not the wording itself: a drawn digit, a picture of a word, a line struck through, a hatched or noisy ground, or
type that the text layer has in another place or not at all. The text before and after in the same sentence may stand
there, and so may what is pale (the 样本 mark), and borders of tables, which are taller than the line, at its ends.
"""

import unicodedata
from collections.abc import Sequence
from itertools import pairwise
from statistics import median

import numpy as np
import numpy.typing as npt

from app.disclosures.drawing import Grey
from app.disclosures.lines import GAP, Stretch, gaps
from app.disclosures.reader import Sheet
from app.disclosures.reasons import OTHER_INK, OTHER_TYPE
from app.text import BROKEN_HYPHEN

PALE = 36  # of 255: what differs from its ground by less is no ink
DOT = 1.0  # black pixels: the least that is taken for a mark; a decimal point of 9 point type has four

# In sizes of type.
ASCENT, DESCENT = 0.88, 0.12  # of a Han character's square
BESIDE = 1.0  # how far beyond its ends nothing drawn may stand,
NEAR = 0.7  # and no type: the columns of a table have a little more between them
TALL = 0.2  # a border goes on at least so much above and below the line
NEIGHBOURS = 6  # characters of the same text before and after the wording, as far as they can stand that near

_Yes = npt.NDArray[np.bool_]
_Window = tuple[float, float, float, float]  # left, bottom, right, top, in points


def intrusion(sheet: Sheet, as_is: Grey, bare: Grey, ground: Grey, parts: Sequence[Stretch]) -> str:
    """What else stands there; "" if nothing. `bare` is the page without text, `ground` may lack the stamp too."""
    around = _Around(sheet, as_is, bare, ground, parts)
    if any(around.drawn(part) for part in parts):
        return OTHER_INK
    between = any(around.typed(window) for one in pairwise(parts) if (window := _gap(sheet, *one)))
    if between or any(around.typed(_window(sheet, part, NEAR)) for part in parts):
        return OTHER_TYPE
    return ""


class _Around:
    """The pictures of one page, and the characters that may stand on the lines of one sentence."""

    def __init__(self, sheet: Sheet, as_is: Grey, bare: Grey, ground: Grey, parts: Sequence[Stretch]) -> None:
        self._sheet, self._as_is, self._bare, self._ground = sheet, as_is, bare, ground
        self._boxes = sheet.boxes[_allowed(sheet, parts)]

    def drawn(self, part: Stretch) -> bool:
        """Whether anything but type stands out from the ground of this line."""
        window = _window(self._sheet, part, BESIDE)
        rows, columns = self._pixels(window)
        patch = self._ground[rows, columns]
        if not patch.size or patch.min() == patch.max():
            return False  # white paper, as a rule
        patch = patch.astype(np.int16)
        tone = np.median(patch)
        stands_out = np.abs(patch - tone)
        strange = stands_out > PALE
        if not strange.any():
            return False
        more = round(TALL * (window[3] - window[1]) * self._scale)
        taller = self._ground[max(rows.start - more, 0) : rows.stop + more, columns].astype(np.int16)
        borders = (np.abs(taller - tone) > PALE).all(axis=0) & self._open(part, columns)
        return bool(stands_out[strange & ~borders].sum() >= 255 * DOT)

    def typed(self, window: _Window) -> bool:
        """Whether type stands there that is not the wording or next to it in the text."""
        rows, columns = self._pixels(window)
        taken = np.abs(self._as_is[rows, columns].astype(np.int16) - self._bare[rows, columns])
        strange = taken > PALE
        for top, bottom, left, right in self._covered(self._touching(window), rows.start, columns.start):
            strange[top:bottom, left:right] = False
        return bool(taken[strange].sum() >= 255 * DOT)

    @property
    def _scale(self) -> float:
        return float(self._as_is.shape[0] / self._sheet.height)

    def _pixels(self, window: _Window) -> tuple[slice, slice]:
        (x, y), scale = self._sheet.origin, self._scale
        left, right = (window[0] - x) * scale, (window[2] - x) * scale
        upper, lower = (y + self._sheet.height - window[3]) * scale, (y + self._sheet.height - window[1]) * scale
        top, start = max(int(upper), 0), max(int(left), 0)
        return slice(top, max(int(lower) + 1, top)), slice(start, max(int(right) + 1, start))

    def _covered(self, which: _Yes, row: int, column: int) -> list[list[int]]:
        """The pixels of these boxes and two around them, as `_pixels` gives them, counted from this row and column."""
        (x, y), scale = self._sheet.origin, self._scale
        left, bottom, right, top = self._boxes[which].T
        upper, lower = (y + self._sheet.height - top) * scale, (y + self._sheet.height - bottom) * scale
        low = np.stack([upper, (left - x) * scale]).astype(np.int64) - 2
        high = np.stack([lower, (right - x) * scale]).astype(np.int64) + 3
        low = np.maximum(low, 0)
        from_here = np.array([[row], [column]])
        edges = np.maximum([low - from_here, np.maximum(high, low) - from_here], 0)
        pixels: list[list[int]] = edges.transpose(2, 1, 0).reshape(-1, 4).tolist()
        return pixels

    def _touching(self, window: _Window) -> _Yes:
        left, bottom, right, top = self._boxes.T
        near = (left <= window[2] + 1) & (right >= window[0] - 1) & (bottom <= window[3] + 1) & (top >= window[1] - 1)
        return np.asarray(near, dtype=np.bool_)

    def _open(self, part: Stretch, columns: slice) -> _Yes:
        """The columns of pixels beyond the line's ends and between two columns of a table: borders may stand there."""
        centres = (np.arange(columns.start, columns.stop) + 0.5) / self._scale + self._sheet.origin[0]
        boxes = self._sheet.boxes[part.where]
        free: _Yes = (centres < boxes[0, 0]) | (centres > boxes[-1, 2])
        for index in np.flatnonzero(gaps(self._sheet, part.where) > GAP):
            free |= (centres > boxes[index, 2]) & (centres < boxes[index + 1, 0])
        return free


def _allowed(sheet: Sheet, parts: Sequence[Stretch]) -> list[int]:
    """The wording, what stands before and after it in the text and on the page, and hyphens that broke its lines."""
    own = {int(index) for part in parts for index in part.where}
    first, last = min(own), max(own)
    before = [index for index in range(max(first - NEIGHBOURS, 0), first) if _left_of(sheet, index, first)]
    after = [i for i in range(last + 1, min(last + 1 + NEIGHBOURS, len(sheet.text))) if _left_of(sheet, last, i)]
    breaks = [index for index in range(first, last + 2) if sheet.text[index : index + 1] == BROKEN_HYPHEN]
    return sorted(own.union(before, after, breaks, _marks(sheet, own)))


def _left_of(sheet: Sheet, one: int, other: int) -> bool:
    """Whether it ends before the other begins, or stands on another line."""
    size = max(sheet.points[one], sheet.points[other])
    apart = abs(sheet.origins[one, 1] - sheet.origins[other, 1]) > size / 2
    return bool(apart or sheet.origins[one, 0] < sheet.origins[other, 0])


def _marks(sheet: Sheet, own: set[int]) -> list[int]:
    """Accents that belong to a letter of the wording and stand over it in a glyph of their own."""
    return [index + 1 for index in own if index + 1 < len(sheet.text) and unicodedata.combining(sheet.text[index + 1])]


def _window(sheet: Sheet, part: Stretch, beside: float) -> _Window:
    """The line from its base to the height of a Han character: what lies lower underlines and forms no character."""
    size, base = float(sheet.points[part.where].max()), median(sheet.origins[part.where, 1].tolist())
    left, right = float(sheet.boxes[part.where, 0].min()), float(sheet.boxes[part.where, 2].max())
    return left - beside * size, base, right + beside * size, base + ASCENT * size


def _gap(sheet: Sheet, before: Stretch, after: Stretch) -> _Window | None:
    """What lies between a line and the next below it."""
    if before.page != after.page:
        return None
    upper, lower = _window(sheet, before, 0), _window(sheet, after, 0)
    size = float(sheet.points[before.where].max())
    left, right = max(upper[0], lower[0]), min(upper[2], lower[2])
    bottom, top = lower[3], upper[1] - DESCENT * size
    return (left, bottom, right, top) if right > left and top - bottom > size / 2 else None
