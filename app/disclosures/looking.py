"""Look at the pages where something was found (察看): which characters cannot be seen, and which pictures can.

Reads every PDF of the document and numbers the pages through, in the order of the parts; then draws the pages on which
there is something to prove, or a picture.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path

import numpy as np
import numpy.typing as npt

from app.artifacts import Box, Part
from app.disclosures import foreign, ink, lines, pictures, surroundings
from app.disclosures.drawing import View, Wanted, view
from app.disclosures.find import Occurrence, Spot
from app.disclosures.opening import Place
from app.disclosures.reader import Picture, Sheet, read
from app.errors import StepFailed


@dataclass(frozen=True)
class Pages:
    """All pages of the document; `where[i]` is the file of page i and its number within that file."""

    sheets: tuple[Sheet, ...]
    where: tuple[tuple[Path, int], ...]
    counts: Mapping[str, int]  # part name -> number of pages


@dataclass(frozen=True)
class Seen:
    """`unseen` says what is wrong with a character, `disturbed` with an occurrence; `shown` has each picture's places.

    `strange` is whether there is a picture that nobody asked for.
    """

    unseen: Mapping[Spot, str]
    disturbed: Mapping[Occurrence, str]
    shown: Mapping[str, tuple[Box, ...]]
    strange: bool


@dataclass(frozen=True)
class _Look:
    """What to look at on one page; `codes` could be the expected code, `wanted.pictures` the stamp."""

    page: int
    spots: npt.NDArray[np.int64]
    codes: tuple[Picture, ...]
    wanted: Wanted


def open_parts(parts: Iterable[Part]) -> Pages:
    """Read the parts that are PDFs; a document without any is not a document."""
    sheets: list[Sheet] = []
    where: list[tuple[Path, int]] = []
    counts: dict[str, int] = {}
    for part in parts:
        if _is_pdf(part.file.path):
            own = read(part.file.path)
            sheets += own
            where += [(part.file.path, number) for number in range(len(own))]
            counts[part.name] = len(own)
    if not sheets:
        raise StepFailed("verify", "there is no page to verify", status=500)
    return Pages(tuple(sheets), tuple(where), counts)


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
    spots = {spot for occurrence in occurrences for spot in occurrence.spots}
    looks = [one for page in range(len(pages.sheets)) if (one := _look(pages, page, spots, expected))]
    unseen: dict[Spot, str] = {}
    shown: dict[str, list[Box]] = {name: [] for name in expected}
    marks: list[foreign.Mark] = []
    for one, drawn in zip(looks, _views(pages, looks), strict=True):
        sheet = pages.sheets[one.page]
        wrong = ink.unseen(sheet, drawn, one.wanted.turns, one.spots)
        unseen |= {(one.page, index): why for index, why in wrong.items()}
        disturbed = {**_intruded(one.page, sheet, drawn, stretches, stamped), **disturbed}
        known = {name: tuple(_shown(sheet, one, drawn, picture)) for name, picture in expected.items()}
        for name, own in known.items():
            shown[name] += [_box(one.page, picture.place) for picture in own]
        marks += foreign.marks(
            pages.where[one.page], one.wanted, drawn, [own for each in known.values() for own in each]
        )
    return Seen(
        unseen, disturbed, {name: tuple(boxes) for name, boxes in shown.items()}, foreign.any_of(marks, pages.where)
    )


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


def _look(pages: Pages, page: int, spots: set[Spot], expected: Mapping[str, pictures.Expected]) -> _Look | None:
    sheet = pages.sheets[page]
    own = np.array(sorted(index for at, index in spots if at == page), dtype=np.int64)
    if not len(own) and not sheet.pictures:
        return None
    codes, stamps = (
        pictures.candidates(sheet, name) if name in expected else () for name in (pictures.CODE, pictures.STAMP)
    )
    marks = tuple(one for one in sheet.pictures if one not in stamps)
    return _Look(page, own, codes, Wanted(pages.where[page][1], ink.turns(sheet, own), stamps, marks))


def _views(pages: Pages, looks: Sequence[_Look]) -> list[View]:
    views: list[View] = []
    for path, own in groupby(looks, key=lambda one: pages.where[one.page][0]):
        views += view(path, [one.wanted for one in own])
    return views


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


def _box(page: int, place: Place) -> Box:
    left, bottom, right, top = (round(edge, 2) for edge in place)
    return Box(page + 1, left, bottom, right, top)


def _is_pdf(path: Path) -> bool:
    try:
        with path.open("rb") as stream:
            return stream.read(5) == b"%PDF-"
    except OSError as error:
        raise StepFailed("verify", "a finished part is gone", status=500) from error
