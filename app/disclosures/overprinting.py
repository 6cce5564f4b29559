"""Judge whether type is printed over type (叠印): by the boxes of the characters, which pixels cannot tell apart."""

from dataclasses import replace

import numpy as np
import numpy.typing as npt

from app.disclosures.opening import Floats
from app.disclosures.reader import Sheet

TOUCHING = 0.02  # of the smaller box: pieces whose characters are compared one by one
OVERLAP = 0.5  # of the smaller box: one character printed over another

Indices = npt.NDArray[np.int64]
_Yes = npt.NDArray[np.bool_]


def overprinted(sheet: Sheet, wanted: Indices, dark: float) -> list[int]:
    """Wanted characters with other type over or under them, no lighter than `dark`: neither is legible then.

    Pixels cannot tell this, least of all within one piece of text. The pale 样本 mark is left to them.
    """
    # White space prints nothing, and its boxes may lie anywhere.
    blank = np.array([character.isspace() for character in sheet.text], dtype=np.bool_)
    sheet = replace(sheet, piece=np.where(blank, -1, sheet.piece))
    own = np.unique(sheet.piece[wanted])
    others = np.unique(sheet.piece[(sheet.light <= dark) & (sheet.piece >= 0)])
    pieces, boxes = hulls(sheet, np.union1d(own, others))
    touching = overlaps(boxes) > TOUCHING
    touching &= np.isin(pieces, own)[:, None] & (np.isin(pieces, others) | np.isin(pieces, own))[None]
    pairs = {(int(pieces[one]), int(pieces[other])) for one, other in np.argwhere(touching)}
    found: set[int] = set()
    for one, other in pairs | {(piece, piece) for piece in _doubling(sheet, own)}:
        mine, theirs = np.flatnonzero(sheet.piece == one), np.flatnonzero(sheet.piece == other)
        both = np.union1d(mine, theirs)
        crossing = (overlaps(sheet.boxes[both]) > OVERLAP) & ~_ligatures(sheet, both)
        found |= set(both[crossing.any(axis=1)].tolist())
    return sorted(found & set(wanted.tolist()))


def _doubling(sheet: Sheet, pieces: Indices) -> list[int]:
    """Pieces in which, from left to right, a character begins before the one to its left has nearly ended."""
    members = np.flatnonzero(np.isin(sheet.piece, pieces))
    members = members[np.lexsort((sheet.boxes[members, 0], sheet.piece[members]))]
    if len(members) < 2:
        return []
    shift = sheet.piece[members] * 1e5  # keeps the pieces apart on one line
    left, right = sheet.boxes[members, 0] + shift, sheet.boxes[members, 2] + shift
    inward = np.maximum.accumulate(right)[:-1] - left[1:]
    narrow = np.minimum(right - left, np.r_[np.inf, (right - left)[:-1]])[1:]
    return [int(piece) for piece in np.unique(sheet.piece[members][1:][inward > 0.2 * narrow])]


def _ligatures(sheet: Sheet, members: Indices) -> _Yes:
    """Neighbours that share one box exactly, one glyph for several characters: ffi, or —— in our own font."""
    boxes, text = sheet.boxes[members], [sheet.text[index] for index in members]
    letters = np.array([character.isascii() and character.isalpha() for character in text])
    codes = np.array([ord(character) for character in text])
    alike = (codes[:, None] == codes[None]) | (letters[:, None] & letters[None])
    near = np.abs(members[:, None] - members[None]) <= 2
    return np.asarray((boxes[:, None] == boxes[None]).all(axis=2) & near & alike, dtype=np.bool_)


def overlaps(boxes: Floats) -> Floats:
    """For each pair of boxes, the area in common as a share of the smaller; 0 for a box and itself."""
    left, bottom, right, top = boxes.T
    wide = np.minimum.outer(right, right) - np.maximum.outer(left, left)
    high = np.minimum.outer(top, top) - np.maximum.outer(bottom, bottom)
    common = np.maximum(wide, 0) * np.maximum(high, 0)
    area = np.clip(boxes[:, 2:] - boxes[:, :2], 1e-6, None).prod(axis=1)
    share: Floats = common / np.minimum.outer(area, area)
    np.fill_diagonal(share, 0)
    return share


def hulls(sheet: Sheet, pieces: Indices) -> tuple[Indices, Floats]:
    """The box around each piece of text that has any character."""
    members = np.flatnonzero(np.isin(sheet.piece, pieces[pieces >= 0]))
    if not len(members):
        return members, np.zeros((0, 4))
    members = members[np.argsort(sheet.piece[members], kind="stable")]
    own, boxes = sheet.piece[members], sheet.boxes[members]
    first = np.flatnonzero(np.r_[True, own[1:] != own[:-1]])
    low, high = np.minimum.reduceat(boxes[:, :2], first), np.maximum.reduceat(boxes[:, 2:], first)
    return own[first], np.concatenate([low, high], axis=1)
