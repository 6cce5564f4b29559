"""Prove that characters leave ink that a reader can see (可见): by pixels, whatever made them invisible.

Promises a reason for every character that is not plainly legible where it stands. A character passes when its own
outline, drawn alone in black, fills its box to all four sides (nothing clips it), and when the page as it is differs
from the page without it, over most of that outline and up to its sides, by enough of the light (it is neither pale
nor covered). The 样本 mark behind the text and a stamp under or lightly over it pass, because the ink is still there.

What this cannot see is a font whose outlines are not what its text layer says; the converter's font gate refuses
fonts that are not ours.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from app.disclosures import outlines
from app.disclosures.drawing import Grey, Turn, View
from app.disclosures.opening import Floats
from app.disclosures.overprinting import hulls, overlaps, overprinted
from app.disclosures.reader import Sheet
from app.disclosures.reasons import CLIPPED, COVERED, NO_INK, OUTSIDE, PALE, UNPRINTED

OUTLINE = 32  # of 255: a pixel covered less than this by the glyph is not asked about
TIPS = 6  # of 255: but it still belongs to the glyph, which may end in fine tips, as 上 does
FAINT = 0.25  # of the light that ink could take from a pixel: less than this is no ink
CONTRAST = 0.42  # of full light, between a character and its ground; #949494 on white, or 3:1, is just enough
KEPT = 0.75  # of the outline must be inked
# Pixels, and share of the box. How near to each side the outline must come: PDFium sets glyphs on whole pixels, which
# moves them by up to 1.3. How near to the outline's sides the ink must come: an underline may take the foot of a glyph.
SIDES, FEET = (1.4, 0.02), (1.6, 0.08)
CROSSING = 0.2  # of the smaller box: pieces of text that lie over one another are looked at in turn

Indices = npt.NDArray[np.int64]
_Yes = npt.NDArray[np.bool_]
_Plane = npt.NDArray[np.float32]
_Small = npt.NDArray[np.int32]


@dataclass(frozen=True)
class _Outline:
    """The pixels of some characters' outlines: whose they are, where, and how much of each is covered.

    Characters follow one another, and within each its pixels from top to bottom.
    """

    owner: _Small
    place: _Small  # row by row from the upper left
    x: _Small
    share: _Plane


def turns(sheet: Sheet, wanted: Indices) -> tuple[frozenset[int], ...]:
    """The pieces of text to look at, in groups in which none lies over another: each is then seen against the rest."""
    pieces, boxes = hulls(sheet, np.unique(sheet.piece[wanted]))
    crossing = overlaps(boxes) > CROSSING
    left = np.ones(len(pieces), dtype=np.bool_)
    groups: list[frozenset[int]] = []
    while left.any():
        group = left & ~crossing.any(axis=1)  # as a rule everything
        for index in np.flatnonzero(left & ~group):
            group[index] = not crossing[index, group].any()
        groups.append(frozenset(int(piece) for piece in pieces[group]))
        left &= ~group
        crossing &= left[:, None] & left[None]
    return tuple(groups)


def unseen(sheet: Sheet, view: View, groups: Sequence[frozenset[int]], wanted: Indices) -> dict[int, str]:
    """What is wrong with each of the wanted characters that cannot be seen."""
    found = {int(index): NO_INK for index in wanted[sheet.piece[wanted] < 0]}
    for group, turn in zip(groups, view.turns, strict=True):
        looked_at = wanted[np.isin(sheet.piece[wanted], list(group))]
        found |= _judge(sheet, view.as_is, turn, looked_at)
        found |= dict.fromkeys(overprinted(sheet, looked_at, 1 - CONTRAST), COVERED)
    if not view.same_on_paper:
        found |= {int(index): UNPRINTED for index in wanted}
    return found


def _judge(sheet: Sheet, as_is: Grey, turn: Turn, wanted: Indices) -> dict[int, str]:
    edges = pixels(sheet, as_is.shape, wanted)
    glyph = _outline(edges, turn.alone, TIPS)
    outline = _only(glyph, glyph.share >= np.float32(OUTLINE) / np.float32(255))
    taken = _taken(as_is, turn.without, outline)
    inked = taken >= FAINT * outline.share
    total = _sums(outline, outline.share, len(wanted))
    kept = _sums(outline, outline.share * inked, len(wanted))
    strength = _sums(outline, taken * inked, len(wanted))
    width, count = as_is.shape[1], len(wanted)
    drawn, filled = _owning(glyph, count), _extents(glyph, edges, width)
    whole = _reaches(edges, filled, drawn, SIDES)
    if not whole.all():
        closer = outlines.fitted(sheet, wanted, edges)
        whole |= _reaches(closer, filled, drawn, SIDES)
    seen = _only(outline, inked)
    reaching = _reaches(_extents(outline, edges, width), _extents(seen, edges, width), _owning(seen, count), FEET)
    verdicts = np.full(len(wanted), "", dtype=object)
    pale = np.where(sheet.light[wanted] > 1 - CONTRAST, PALE, COVERED)
    # The last one that applies is the most basic one, and is the one that is told.
    verdicts[~reaching] = pale[~reaching]
    verdicts[strength < CONTRAST * kept] = PALE
    verdicts[kept < KEPT * total] = pale[kept < KEPT * total]
    verdicts[~whole] = CLIPPED
    verdicts[total == 0] = NO_INK
    verdicts[_beyond(edges, as_is.shape)] = OUTSIDE
    return {int(index): str(verdict) for index, verdict in zip(wanted, verdicts, strict=True) if verdict}


def pixels(sheet: Sheet, shape: tuple[int, ...], wanted: Indices) -> Floats:
    """Boxes in pixels: left, top, right, bottom, counted from the upper left corner."""
    across, down = shape[1] / sheet.width, shape[0] / sheet.height
    left, bottom, right, top = sheet.boxes[wanted].T
    x, y = sheet.origin[0], sheet.origin[1] + sheet.height
    return np.stack([(left - x) * across, (y - top) * down, (right - x) * across, (y - bottom) * down], axis=1)


def _beyond(edges: Floats, shape: tuple[int, ...]) -> _Yes:
    left, top, right, bottom = edges.T
    outside = (right < 1) | (bottom < 1) | (left > shape[1] - 1) | (top > shape[0] - 1)
    return np.asarray(outside, dtype=np.bool_)


def _outline(edges: Floats, alone: Grey, least: int) -> _Outline:
    """Gather the pixels of all boxes into one array, and keep those that the glyph covers by `least` of 255."""
    height, width = alone.shape
    low = np.clip(np.floor(edges[:, :2]), 0, (width, height)).astype(np.intp)
    high = np.clip(np.ceil(edges[:, 2:]), 0, (width, height)).astype(np.intp)
    size = np.maximum(high - low, 0)
    # First one number for each row of pixels of each box: where it begins; then one for each pixel.
    box = np.repeat(np.arange(len(edges), dtype=np.int32), size[:, 1])
    row = np.arange(len(box)) - np.repeat(np.cumsum(size[:, 1]) - size[:, 1], size[:, 1])
    begin, wide = (low[box, 1] + row) * width + low[box, 0], size[box, 0]
    offset = (begin - (np.cumsum(wide) - wide)).astype(np.int32)  # a page has fewer pixels than 2**31
    place = np.arange(int(wide.sum()), dtype=np.int32) + np.repeat(offset, wide)
    share = 255 - alone.ravel().take(place)
    inside = np.flatnonzero(share >= least)
    place, line = place.take(inside), np.repeat(np.arange(len(box), dtype=np.int32), wide).take(inside)
    row_begins = ((low[box, 1] + row) * width).astype(np.int32)
    return _Outline(box.take(line), place, place - row_begins.take(line), share.take(inside).astype(np.float32) / 255)


def _taken(as_is: Grey, without: Grey, outline: _Outline) -> _Plane:
    """The light that the ink takes from each pixel, or gives to it, as a share of full light.

    As a share of the light that is there, black on all but black would do.
    """
    inked = as_is.ravel().take(outline.place).astype(np.float32)
    bare = without.ravel().take(outline.place).astype(np.float32)
    taken: _Plane = np.abs(inked - bare) / np.float32(255)
    return taken


def _sums(outline: _Outline, weights: _Plane, count: int) -> Floats:
    return np.bincount(outline.owner, weights=weights, minlength=count).astype(np.float64, copy=False)


def _only(outline: _Outline, which: _Yes) -> _Outline:
    kept = np.flatnonzero(which)
    owner, place, x = (values.take(kept) for values in (outline.owner, outline.place, outline.x))
    return _Outline(owner, place, x, outline.share.take(kept))


def _extents(outline: _Outline, edges: Floats, width: int) -> Floats:
    """The box that each outline's own pixels fill: what the ink is measured against. Without pixels, the given one."""
    boxes = edges.copy()
    if len(outline.owner):
        first = np.flatnonzero(np.r_[True, outline.owner[1:] != outline.owner[:-1]])
        last = np.r_[first[1:], len(outline.owner)] - 1
        left, right = np.minimum.reduceat(outline.x, first), np.maximum.reduceat(outline.x, first) + 1
        top, bottom = outline.place[first] // width, outline.place[last] // width + 1
        boxes[outline.owner[first]] = np.stack([left, top, right, bottom], axis=1)
    return boxes


def _reaches(edges: Floats, extents: Floats, inked: _Yes, near_enough: tuple[float, float]) -> _Yes:
    """Whether the pixels come near all four sides of their character's box."""
    slack = near_enough[0] + near_enough[1] * (edges[:, 2:] - edges[:, :2])
    near = (extents[:, :2] <= edges[:, :2] + slack) & (extents[:, 2:] >= edges[:, 2:] - slack)
    return np.asarray(inked & near.all(axis=1), dtype=np.bool_)


def _owning(outline: _Outline, count: int) -> _Yes:
    """The characters that have any pixel."""
    owning = np.zeros(count, dtype=np.bool_)
    owning[outline.owner] = True
    return owning
