"""Prove that wording stands out from the ordinary text of its document (显著): in heavier strokes, or underlined.

Terms that weigh heavily on the other side must be pointed out by marks that draw the reader's attention (民法典 496,
合同编通则解释 10). What is called bold says nothing: the ink does. Each character is compared with its own glyph in the
two pinned cuts of its family, because 囊 has five times the ink of 一; so is the ordinary text, and where all of it is
bold, nothing bold stands out. Promises for each occurrence whether

- every word and Han character of it is nearer to bold than to ordinary text, and it is not much paler than that text;
- or a line runs under all of it, close below the characters, without a gap, in a text that is not underlined itself.

Refuses what cannot be told: a font that is not ours, wording of which less than half can be judged (〇一二三 of Noto
Serif have the same ink in both cuts, marks are left out), a document with too little ordinary text to stand out from.
Size, colour, frames and shading do not count, and neither does Noto Sans Regular within Noto Serif.

Measured on converted pages, with every Han character of GB 2312's first level and every letter and digit, at 9, 9.5,
10.5 and 12 points. As a whole, bold has 1.50 times the ink of regular in either family. From 0, the regular cut, to 1,
the bold one, a character comes to
    Noto Sans    regular -0.10 to 0.16   bold 0.84 to 1.3
    Noto Serif   regular -0.14 to 0.45   bold 0.77 to 2.2, where PDFium thickens its hairlines to whole pixels;
regular 茎 alone comes to 0.68. So one character left regular is seen, a comma is not. Warm, a clause of a hundred
characters costs some 4 ms; a process that has not met its characters yet takes 0.3 ms for each.
"""

import unicodedata
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from app.disclosures import ink, outlines
from app.disclosures.drawing import Grey, View
from app.disclosures.find import Occurrence
from app.disclosures.lines import Indices, Stretch
from app.disclosures.opening import Floats
from app.disclosures.reader import Sheet

HEAVY = 0.6  # of the way from ordinary to bold
TOLD = 1.2  # times the ink of ordinary text: what bold must have, or the two cannot be told apart
PALER = 0.66  # of the contrast of ordinary text: pure red on white has 0.7 of that of black

# Ordinary text.
SAMPLE = 100  # characters of a page,
SPARSE = 10  # and one in ten of them asked whether it is underlined
FEWEST = 20  # characters of a document
SIZES = (7.0, 16.0)  # points: footnotes and titles are not what it stands out from

# Underlines, in sizes of type.
FOOT = 0.2  # below the base line: the converter draws at 0.05 to 0.12, a table's border lies at 0.24 and more
GROUND = (0.03, 0.2)  # above the base line: what the line is drawn on
THICK = 0.03  # black: the converter's are 0.06
OFTEN = 0.5  # of ordinary characters underlined: then it is no mark

_EDGE = 0.5  # pixels around a box: PDFium sets glyphs on whole ones


@dataclass(frozen=True)
class Type:
    """Han characters one by one, and words: letters stand so close that pixels do not tell whose ink is whose.

    Of each its family, its ink as a share of a character's square, and its contrast with its ground.
    """

    words: tuple[str, ...]
    families: tuple[str, ...]
    inked: Floats
    contrast: Floats


@dataclass(frozen=True)
class Emphasis:
    """One page: of wording its type and whether all its lines are underlined; of ordinary text samples of both."""

    wording: Mapping[Occurrence, tuple[Type, bool]]
    ordinary: Type
    underlined: tuple[bool, ...]


def weigh(
    sheet: Sheet,
    view: View,
    groups: Sequence[frozenset[int]],
    wording: Mapping[Occurrence, Sequence[Stretch]],
) -> Emphasis:
    """Measure one page: all its wording that must stand out, and a sample of all other text."""
    measured = {
        one: (_type(sheet, view, groups, parts), all(_underlined(sheet, view.bare, part.where) for part in parts))
        for one, parts in wording.items()
    }
    ordinary = _ordinary(sheet, {int(index) for parts in wording.values() for part in parts for index in part.where})
    underlined = tuple(_underlined(sheet, view.bare, ordinary[at : at + 1]) for at in range(0, len(ordinary), SPARSE))
    return Emphasis(measured, _on_page(sheet, view, ordinary), underlined)


def plain(pages: Sequence[Emphasis]) -> frozenset[Occurrence]:
    """The wording that does not stand out from the document."""
    around = _Ordinary(pages)
    found: dict[Occurrence, list[tuple[Type, bool]]] = {}
    for page in pages:
        for one, measured in page.wording.items():
            found.setdefault(one, []).append(measured)
    return frozenset(one for one, parts in found.items() if not around.sets_off(parts))


class _Ordinary:
    """The ordinary text of the document, and what stands out from it."""

    def __init__(self, pages: Sequence[Emphasis]) -> None:
        self._words = [word for page in pages for word in page.ordinary.words]
        self._inked = np.concatenate([[], *(page.ordinary.inked for page in pages)])
        self._contrast = np.concatenate([[], *(page.ordinary.contrast for page in pages)])
        self._underlined = [one for page in pages for one in page.underlined]

    def sets_off(self, parts: Sequence[tuple[Type, bool]]) -> bool:
        """Whether wording, given page by page, stands out from it."""
        if len(self._words) < FEWEST:
            return False
        if all(underlined for _, underlined in parts) and np.mean(self._underlined) < OFTEN:
            return True
        return self._is_lighter_than([kind for kind, _ in parts])

    def _is_lighter_than(self, kinds: Sequence[Type]) -> bool:
        families = [family for kind in kinds for family in kind.families]
        if not all(families) or not families:
            return False
        each = list(zip(families, [word for kind in kinds for word in kind.words], strict=True))
        level = {family: self._level(family) for family in set(families)}
        usual = np.array([level[family] * _expected(family, "Regular", word) for family, word in each])
        bold = np.array([_expected(family, "Bold", word) for family, word in each])
        inked, contrast = (np.concatenate(some) for some in zip(*((k.inked, k.contrast) for k in kinds), strict=True))
        told = bold >= TOLD * usual
        heavy = inked >= usual + HEAVY * (bold - usual)
        dark = np.median(contrast) >= PALER * np.median(self._contrast)
        return bool(dark and 2 * told.sum() >= len(told) and heavy[told].all())

    def _level(self, family: str) -> float:
        """The ink of ordinary text, of whatever family, in units of this family's regular cut, and no less than one."""
        regular = np.array([_expected(family, "Regular", word) for word in self._words])
        return max(1.0, float(np.median(self._inked / np.maximum(regular, 1e-3))))


def _expected(family: str, cut: str, word: str) -> float:
    return sum(outlines.inked(family, cut, character) for character in word)


# --- the ink of one page


def _type(sheet: Sheet, view: View, groups: Sequence[frozenset[int]], parts: Sequence[Stretch]) -> Type:
    kinds = [
        _drawn(sheet, view, number, _worded(sheet, part.where[np.isin(sheet.piece[part.where], list(group))]))
        for part in parts
        for number, group in enumerate(groups)
    ]
    return Type(
        tuple(word for kind in kinds for word in kind.words),
        tuple(family for kind in kinds for family in kind.families),
        np.concatenate([[], *(kind.inked for kind in kinds)]),
        np.concatenate([[], *(kind.contrast for kind in kinds)]),
    )


def _drawn(sheet: Sheet, view: View, number: int, where: Indices) -> Type:
    """Characters of one line, by their outline where it is really inked."""
    turn, words = view.turns[number], _words(sheet, where)
    place, inside = _boxes(sheet, view.as_is.shape, words)
    outline = _pixels(255 - turn.alone, place) * inside
    taken = np.abs(_pixels(view.as_is, place) - _pixels(turn.without, place)) * inside
    inked = taken >= ink.FAINT * outline
    area = (outline * inked).sum(axis=(1, 2))
    return _made(sheet, view, words, area, (taken * inked).sum(axis=(1, 2)) / np.maximum(area, 1e-6))


def _on_page(sheet: Sheet, view: View, where: Indices) -> Type:
    """Characters of any text, which were not drawn alone: by what they add to the page, in their own colour."""
    each = [where[at : at + 1] for at in range(len(where))]
    place, inside = _boxes(sheet, view.as_is.shape, each)
    bare = _pixels(view.bare, place)
    contrast = np.abs(bare - sheet.light[where, None, None].astype(np.float32))
    share = np.abs(_pixels(view.as_is, place) - bare) / np.maximum(contrast, ink.FAINT)
    area = (np.minimum(share, 1) * inside).sum(axis=(1, 2))
    return _made(sheet, view, each, area, contrast.mean(axis=(1, 2)))


def _made(
    sheet: Sheet, view: View, words: Sequence[Indices], area: npt.NDArray[np.float32], contrast: npt.NDArray[np.float32]
) -> Type:
    first = [int(word[0]) for word in words]
    square = sheet.squares[first] * view.as_is.shape[0] / sheet.height * view.as_is.shape[1] / sheet.width
    text = tuple("".join(sheet.text[index] for index in word) for word in words)
    return Type(
        text, tuple(outlines.family(sheet, index) for index in first), area / square, contrast.astype(np.float64)
    )


def _words(sheet: Sheet, where: Indices) -> list[Indices]:
    narrow = np.array([unicodedata.east_asian_width(sheet.text[index]) not in "WF" for index in where], dtype=np.bool_)
    joined = narrow[1:] & narrow[:-1] & (np.diff(where) == 1)
    return np.split(where, np.flatnonzero(~joined) + 1) if len(where) else []


def _boxes(sheet: Sheet, shape: tuple[int, ...], words: Sequence[Indices]) -> tuple[Indices, npt.NDArray[np.bool_]]:
    """The pixels of each box, as many as the largest has: where they lie in the picture, and which are its own."""
    edges = ink.pixels(sheet, shape, np.concatenate([np.zeros(0, dtype=np.int64), *words]))
    first = np.cumsum([0, *map(len, words)])[:-1]
    low = np.floor(np.minimum.reduceat(edges[:, :2], first) - _EDGE).astype(np.int64)
    high = np.ceil(np.maximum.reduceat(edges[:, 2:], first) + _EDGE).astype(np.int64)
    wide, tall = (high - low).max(axis=0, initial=0)
    x, y = low[:, 0, None] + np.arange(wide), low[:, 1, None] + np.arange(tall)
    inside = (y < high[:, 1, None])[:, :, None] & (x < high[:, 0, None])[:, None, :]
    place = y.clip(0, shape[0] - 1)[:, :, None] * shape[1] + x.clip(0, shape[1] - 1)[:, None, :]
    return place, inside


def _pixels(picture: Grey, place: Indices) -> npt.NDArray[np.float32]:
    return picture.ravel().take(place).astype(np.float32) / np.float32(255)


def _worded(sheet: Sheet, where: Indices) -> Indices:
    return where[np.array([sheet.text[index].isalnum() for index in where], dtype=np.bool_)]


def _ordinary(sheet: Sheet, wording: Collection[int]) -> Indices:
    """Characters spread over the page that are neither such wording nor header or footer."""
    least, most = SIZES
    usual = (sheet.piece >= 0) & ~sheet.artifact & (sheet.points >= least) & (sheet.points <= most)
    usual[list(wording)] = False
    where = _worded(sheet, np.flatnonzero(usual))
    return where[np.unique(np.linspace(0, len(where) - 1, SAMPLE).astype(np.int64))] if len(where) else where


def _underlined(sheet: Sheet, bare: Grey, where: Indices) -> bool:
    """Whether a line runs below all of these, in the page without its text."""
    scale = bare.shape[0] / sheet.height
    size = float(sheet.points[where].max()) * scale
    left, _, right, _ = ink.pixels(sheet, bare.shape, where).T
    base = (sheet.origin[1] + sheet.height - float(np.median(sheet.origins[where, 1]))) * scale
    columns = slice(max(int(left.min()) + 1, 0), max(int(right.max()), 0))
    ground = bare[max(int(base - GROUND[1] * size), 0) : max(int(base - GROUND[0] * size), 0), columns]
    below = bare[max(int(base), 0) : max(int(base + FOOT * size), 0), columns]
    if not ground.size or not below.size:
        return False
    drawn = np.abs(below.astype(np.int16) - np.median(ground))
    lines = drawn[:-1] + drawn[1:]  # one line falls on two rows of pixels
    return bool((lines >= THICK * size * 255).all(axis=1).any())
