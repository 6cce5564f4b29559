"""Look at the pages where something was found (察看): which characters cannot be seen, and which pictures can.

Numbers the pages of all files through, in the order of the parts; draws those on which there is something to prove, or
a picture, one after another, so that the pictures of few pages are held at a time.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Executor, Future
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from app.disclosures import emphasis, foreign, ink, lines, pictures, surroundings
from app.disclosures.asking import Rectangle
from app.disclosures.drawing import Grey, View, Wanted, printed, view
from app.disclosures.find import Occurrence, Spot
from app.disclosures.opening import Leaf, Place
from app.disclosures.reader import Picture, Sheet, read
from app.disclosures.reasons import NO_PAGES, fail
from app.disclosures.unchanged import digest

AHEAD = 2  # pages that are drawn and not judged yet


@dataclass(frozen=True)
class Pages:
    """All pages of the document, open; `where[i]` is the number of page i's file and its own within that file."""

    leaves: tuple[Leaf, ...]
    sheets: tuple[Sheet, ...]
    where: tuple[foreign.Where, ...]


@dataclass(frozen=True)
class Seen:
    """`unseen` says what is wrong with a character, `disturbed` with an occurrence; `shown` has each picture's places.

    `stretches` has the lines of each occurrence, `plain` does not stand out though it must, `strange` is whether there
    is a picture that nobody asked for, and `prints` the digest of each page as it prints.
    """

    stretches: Mapping[Occurrence, Sequence[lines.Stretch]]
    unseen: Mapping[Spot, str]
    disturbed: Mapping[Occurrence, str]
    plain: frozenset[Occurrence]
    shown: Mapping[str, tuple[Rectangle, ...]]
    strange: bool
    prints: tuple[str, ...]


@dataclass(frozen=True)
class _Look:
    """What to look at on one page; `codes` could be the expected code, `wanted.pictures` the stamp."""

    spots: npt.NDArray[np.int64]
    codes: tuple[Picture, ...]
    wanted: Wanted


@dataclass(frozen=True)
class _Judged:
    """What is to be said of one page; `pictures` are those of the page, and whether each is pale."""

    unseen: Mapping[Spot, str]
    intruded: Mapping[Occurrence, str]
    known: Mapping[str, tuple[Picture, ...]]
    pictures: tuple[tuple[Picture, bool], ...]
    printed: str
    weighed: emphasis.Emphasis | None = None


def number_through(files: Sequence[Sequence[Leaf]]) -> Pages:
    """Read the pages of these open files; a document without any is not a document."""
    where = [(file, number) for file, leaves in enumerate(files) for number in range(len(leaves))]
    if not where:
        fail(NO_PAGES)
    leaves = tuple(files[file][number] for file, number in where)
    return Pages(leaves, tuple(read(leaf) for leaf in leaves), tuple(where))


def look(
    pages: Pages,
    found: Iterable[Occurrence],
    stamped: Collection[Occurrence],
    rows: Collection[Occurrence],
    conspicuous: Collection[Occurrence],
    expected: Mapping[str, pictures.Expected],
    hand: Executor,
) -> Seen:
    """Draw the pages and judge characters, lines and pictures. Only on the lines of `stamped` may a stamp lie.

    `rows` are rows of tables, and may have more columns than a sentence. Whether wording stands out is looked at for
    the `conspicuous` alone, and costs nothing where there is none.
    `hand` judges one page while the next is drawn: it never touches PDFium, which bears one thread only.
    """
    occurrences = tuple(dict.fromkeys(found))
    stretches = {one: lines.stretches(one, pages.sheets) for one in occurrences}
    disorder = hand.submit(_disorder, stretches, rows, pages)
    spots = _by_page({spot for occurrence in occurrences for spot in occurrence.spots})
    judged: list[Future[_Judged]] = []
    for page, (leaf, sheet) in enumerate(zip(pages.leaves, pages.sheets, strict=True)):
        asked = _look(sheet, spots.get(page, ()), expected)
        own = {one: parts for one, parts in stretches.items() if any(part.page == page for part in parts)}
        drawn = view(leaf, asked.wanted) if asked else None
        # What is the same on paper need not be drawn for paper.
        paper = drawn.as_is if drawn and drawn.same_on_paper else printed(leaf)
        if len(judged) >= AHEAD:
            judged[-AHEAD].result()
        judged.append(hand.submit(_judge, page, sheet, asked, drawn, paper, own, stamped, conspicuous, expected))
    each = [one.result() for one in judged]
    shown = {
        name: tuple(_rectangle(page, picture.place) for page, one in enumerate(each) for picture in one.known[name])
        for name in expected
    }
    marks = [
        mark
        for where, one in zip(pages.where, each, strict=True)
        for mark in foreign.marks(where, one.pictures, [own for every in one.known.values() for own in every])
    ]
    return Seen(
        stretches,
        {spot: why for one in each for spot, why in one.unseen.items()},
        {**{occurrence: why for one in each for occurrence, why in one.intruded.items()}, **disorder.result()},
        emphasis.plain([one.weighed for one in each if one.weighed]),
        shown,
        foreign.any_of(marks, pages.where),
        tuple(one.printed for one in each),
    )


def _disorder(
    stretches: Mapping[Occurrence, Sequence[lines.Stretch]], rows: Collection[Occurrence], pages: Pages
) -> dict[Occurrence, str]:
    judged = {one: lines.disorder(parts, pages.sheets, row=one in rows) for one, parts in stretches.items()}
    return {one: why for one, why in judged.items() if why}


def _judge(
    page: int,
    sheet: Sheet,
    asked: _Look | None,
    drawn: View | None,
    paper: Grey,
    stretches: Mapping[Occurrence, Sequence[lines.Stretch]],
    stamped: Collection[Occurrence],
    conspicuous: Collection[Occurrence],
    expected: Mapping[str, pictures.Expected],
) -> _Judged:
    """One page, as drawn."""
    made = digest(sheet.units, paper)
    if asked is None or drawn is None:
        return _Judged({}, {}, dict.fromkeys(expected, ()), (), made)
    wrong = ink.unseen(sheet, drawn, asked.wanted.turns, asked.spots)
    return _Judged(
        {(page, index): why for index, why in wrong.items()},
        _intruded(page, sheet, drawn, stretches, stamped),
        {name: tuple(_shown(sheet, asked, drawn, picture)) for name, picture in expected.items()},
        tuple(foreign.lightness(asked.wanted, drawn)),
        made,
        _weighed(page, sheet, asked, drawn, stretches, conspicuous) if conspicuous else None,
    )


def _by_page(spots: Iterable[Spot]) -> dict[int, list[int]]:
    found: dict[int, list[int]] = {}
    for page, index in sorted(spots):
        found.setdefault(page, []).append(index)
    return found


def _intruded(
    page: int,
    sheet: Sheet,
    drawn: View,
    stretches: Mapping[Occurrence, Sequence[lines.Stretch]],
    stamped: Collection[Occurrence],
) -> dict[Occurrence, str]:
    """What stands on the lines of each occurrence on this page."""
    found = {}
    for occurrence, parts in stretches.items():
        if own := [part for part in parts if part.page == page]:
            ground = drawn.blank if occurrence in stamped else drawn.bare
            found[occurrence] = surroundings.intrusion(sheet, drawn.as_is, drawn.bare, ground, own)
    return {occurrence: why for occurrence, why in found.items() if why}


def _weighed(
    page: int,
    sheet: Sheet,
    asked: _Look,
    drawn: View,
    stretches: Mapping[Occurrence, Sequence[lines.Stretch]],
    conspicuous: Collection[Occurrence],
) -> emphasis.Emphasis:
    own = {one: [part for part in parts if part.page == page] for one, parts in stretches.items() if one in conspicuous}
    return emphasis.weigh(sheet, drawn, asked.wanted.turns, own)


def _look(sheet: Sheet, spots: Sequence[int], expected: Mapping[str, pictures.Expected]) -> _Look | None:
    if not spots and not sheet.pictures:
        return None
    own = np.array(spots, dtype=np.int64)
    codes, stamps = (
        pictures.candidates(sheet, name) if name in expected else () for name in (pictures.CODE, pictures.STAMP)
    )
    marks = tuple(one for one in sheet.pictures if one not in stamps)
    return _Look(own, codes, Wanted(ink.turns(sheet, own), stamps, marks))


def _shown(sheet: Sheet, asked: _Look, drawn: View, picture: pictures.Expected) -> Iterator[Picture]:
    """The pictures that show it, on a page that prints as it shows."""
    if not drawn.same_on_paper:
        return
    if isinstance(picture, pictures.Code):
        for one in asked.codes:
            if pictures.shows_code(picture, pictures.part_of(drawn.as_is, sheet, one.place)):
                yield one
    else:
        for one, clean in zip(asked.wanted.pictures, drawn.clean, strict=True):
            if pictures.shows_stamp(picture, clean, pictures.part_of(drawn.as_is, sheet, one.place)):
                yield one


def _rectangle(page: int, place: Place) -> Rectangle:
    left, bottom, right, top = (round(edge, 2) for edge in place)
    return page + 1, left, bottom, right, top
