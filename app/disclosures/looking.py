"""Look at the pages where something was found (察看): which characters cannot be seen, and which pictures can.

Numbers the pages of all files through, in the order of the parts; draws those on which there is something to prove, or
a picture, one after another, so that no more than one page's pictures are held at a time.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from app.disclosures import foreign, ink, lines, pictures, surroundings
from app.disclosures.asking import Rectangle
from app.disclosures.drawing import View, Wanted, printed, view
from app.disclosures.find import Occurrence, Spot
from app.disclosures.opening import Leaf, Place
from app.disclosures.reader import Picture, Sheet, read
from app.disclosures.reasons import NO_PAGES, fail
from app.disclosures.unchanged import digest


@dataclass(frozen=True)
class Pages:
    """All pages of the document, open; `where[i]` is the number of page i's file and its own within that file."""

    leaves: tuple[Leaf, ...]
    sheets: tuple[Sheet, ...]
    where: tuple[foreign.Where, ...]


@dataclass(frozen=True)
class Seen:
    """`unseen` says what is wrong with a character, `disturbed` with an occurrence; `shown` has each picture's places.

    `strange` is whether there is a picture that nobody asked for, and `prints` the digest of each page as it prints.
    """

    unseen: Mapping[Spot, str]
    disturbed: Mapping[Occurrence, str]
    shown: Mapping[str, tuple[Rectangle, ...]]
    strange: bool
    prints: tuple[str, ...]


@dataclass(frozen=True)
class _Look:
    """What to look at on one page; `codes` could be the expected code, `wanted.pictures` the stamp."""

    spots: npt.NDArray[np.int64]
    codes: tuple[Picture, ...]
    wanted: Wanted


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
    expected: Mapping[str, pictures.Expected],
) -> Seen:
    """Draw the pages and judge characters, lines and pictures. Only on the lines of `stamped` may a stamp lie."""
    occurrences = tuple(dict.fromkeys(found))
    stretches = {one: lines.stretches(one, pages.sheets) for one in occurrences}
    disturbed = {one: why for one, parts in stretches.items() if (why := lines.disorder(parts, pages.sheets))}
    spots = _by_page({spot for occurrence in occurrences for spot in occurrence.spots})
    unseen: dict[Spot, str] = {}
    shown: dict[str, list[Rectangle]] = {name: [] for name in expected}
    marks: list[foreign.Mark] = []
    prints: list[str] = []
    for page, (leaf, sheet) in enumerate(zip(pages.leaves, pages.sheets, strict=True)):
        asked = _look(sheet, spots.get(page, ()), expected)
        if asked is None:
            prints.append(digest(sheet.units, printed(leaf)))
            continue
        drawn = view(leaf, asked.wanted)
        # What is the same on paper need not be drawn for paper.
        prints.append(digest(sheet.units, drawn.as_is if drawn.same_on_paper else printed(leaf)))
        wrong = ink.unseen(sheet, drawn, asked.wanted.turns, asked.spots)
        unseen |= {(page, index): why for index, why in wrong.items()}
        disturbed = {**_intruded(page, sheet, drawn, stretches, stamped), **disturbed}
        known = {name: tuple(_shown(sheet, asked, drawn, picture)) for name, picture in expected.items()}
        for name, own in known.items():
            shown[name] += [_rectangle(page, picture.place) for picture in own]
        marks += foreign.marks(pages.where[page], asked.wanted, drawn, [own for each in known.values() for own in each])
    strange = foreign.any_of(marks, pages.where)
    return Seen(unseen, disturbed, {name: tuple(boxes) for name, boxes in shown.items()}, strange, tuple(prints))


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
