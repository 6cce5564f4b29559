"""Find required wording among the characters of the finished pages (查找), wherever lines and pages were broken.

Promises every occurrence, as the characters that make it up, in three readings: each page whole; the document without
its furniture; and, only for what those lack, the page breaks with more lines taken for furniture. Refuses to take a
part for the whole: 12378 is not in 123789, 1,234.56 not in 11,234.56, 叁拾元 not in 叁拾元伍角.
"""

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from app.disclosures.furniture import Line, bodies, seams
from app.disclosures.reader import Sheet
from app.disclosures.words import whole
from app.text import BROKEN_HYPHEN, fold

Spot = tuple[int, int]  # page (from 0), index into its text


@dataclass(frozen=True)
class Occurrence:
    """Wording as found: which of the alternatives, and the characters that make it up, once each and in order."""

    text: str
    spots: tuple[Spot, ...]


@dataclass(frozen=True)
class _Page:
    """A page's folded text; `origin` as in app/text.py."""

    text: str
    origin: tuple[int, ...]


@dataclass(frozen=True)
class _Reading:
    text: str
    spots: tuple[Spot, ...]


class Finder:
    """The readings of one document, folded once."""

    def __init__(self, sheets: Sequence[Sheet], files: Sequence[int] = ()) -> None:
        """`files[i]` is the file of page i; without, all are one file's. No sentence goes on in another file."""
        self._sheets = sheets
        self._files = files or [0] * len(sheets)
        self._bodies = bodies(sheets)
        # A hyphen at the end of a line belongs to the word (a number, a code) or was put there to break it: read both.
        hyphens = ("-", "") if any(BROKEN_HYPHEN in sheet.text for sheet in sheets) else ("-",)
        self._spellings = [[_folded(sheet, hyphen) for sheet in sheets] for hyphen in hyphens]
        self._readings = [reading for pages in self._spellings for reading in self._whole(pages)]
        self._seams: list[_Reading] | None = None

    def occurrences(self, texts: Iterable[str]) -> tuple[Occurrence, ...]:
        """Where any of the folded texts stands, each occurrence once."""
        if not (wanted := tuple(texts)):
            return ()
        found = dict.fromkeys(self._in(self._readings, wanted))
        if not found:
            found = dict.fromkeys(self._in(self._at_seams(), wanted))
        return tuple(found)

    def _in(self, readings: Iterable[_Reading], texts: Sequence[str]) -> Iterator[Occurrence]:
        for reading in readings:
            for text in texts:
                start = reading.text.find(text)
                while start >= 0:
                    spots = reading.spots[start : start + len(text)]
                    if self._is_whole(text, spots):
                        yield Occurrence(text, tuple(dict.fromkeys(spots)))
                    start = reading.text.find(text, start + 1)

    def _whole(self, pages: list[_Page]) -> Iterator[_Reading]:
        for number, page in enumerate(pages):
            yield _Reading(page.text, tuple((number, index) for index in page.origin))
        for file in dict.fromkeys(self._files):
            own = [number for number, of in enumerate(self._files) if of == file]
            if len(own) > 1:
                yield _joined(_cut(pages[number], number, self._bodies[number]) for number in own)

    def _at_seams(self) -> list[_Reading]:
        if self._seams is None:
            self._seams = [
                _joined((_cut(pages[at], at, upper), _cut(pages[at + 1], at + 1, lower)))
                for pages in self._spellings
                for at, (before, after) in enumerate(pairwise(self._bodies))
                if self._files[at] == self._files[at + 1]
                for upper, lower in seams(before, after)
            ]
        return self._seams

    def _is_whole(self, text: str, spots: Sequence[Spot]) -> bool:
        """Nothing that stands against the match on the page may carry its first or last word on."""
        (first_page, first), (last_page, last) = spots[0], spots[-1]
        before, after = self._sheets[first_page].text, self._sheets[last_page].text
        return whole(text, before[max(0, first - 2) : first], after[last + 1 : last + 3])


def _folded(sheet: Sheet, hyphen: str) -> _Page:
    # Replaced one for one, so that the indices stay; left as it is, it is dropped.
    made = fold(sheet.text.replace(BROKEN_HYPHEN, hyphen) if hyphen else sheet.text)
    return _Page(made.text, made.origin)


def _cut(page: _Page, number: int, lines: Sequence[Line]) -> _Reading:
    text: list[str] = []
    spots: list[Spot] = []
    for line in lines:  # in the order of the text, as the origins are
        kept = slice(bisect_left(page.origin, line.start), bisect_left(page.origin, line.stop))
        text.append(page.text[kept])
        spots += [(number, index) for index in page.origin[kept]]
    return _Reading("".join(text), tuple(spots))


def _joined(readings: Iterable[_Reading]) -> _Reading:
    parts = list(readings)
    return _Reading("".join(part.text for part in parts), tuple(spot for part in parts for spot in part.spots))
