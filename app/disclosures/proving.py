"""Prove on the finished pages that everything the law requires is there and can be seen (核验).

The wording comes from the jurisdiction's disclosures, filled with the facts, never from the template. Promises page,
boxes and proven text for each disclosure. Refuses with DisclosureMissing, which names every disclosure that failed and
why in fixed words without personal data; and whatever contradicts the facts, under the ids `amounts`,
`identifiers`, `contacts` and `pictures`; and forbidden language, under `forbidden.` and the id of its line.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256

import numpy as np

from app.artifacts import Assembled, Box, Proof, Verified
from app.catalogue import Disclosure
from app.disclosures import pictures as known
from app.disclosures.contradictions import contradictions
from app.disclosures.find import Finder, Occurrence
from app.disclosures.forbidden import Hear, spoken
from app.disclosures.ink import TOO_SMALL
from app.disclosures.lines import stretches
from app.disclosures.looking import Seen, look, open_parts
from app.disclosures.reader import Sheet
from app.disclosures.require import Sought, sought
from app.errors import DisclosureMissing

NOT_FOUND = "not found"
NOT_VISIBLE = "not visible: "
NOT_EVERYWHERE = "not on every page"
NOT_LEGIBLE = "not legible: "
NOT_LAST = "not on the last page"
PICTURES, STRANGE_PICTURE = "pictures", "a picture that nobody asked for"

ROUNDING = 0.05  # points: sizes of type come through the converter's matrices


@dataclass(frozen=True)
class _Shown:
    """One thing as found: its proven text, or for a picture its name and digest."""

    text: str
    boxes: tuple[Box, ...]


class _Missing(Exception):
    """One thing is not there. The text is one of the fixed reasons."""


def verify(
    assembled: Assembled, required: Sequence[Disclosure], pictures: Mapping[str, bytes], hear: Hear | None = None
) -> Verified:
    """Read the document back and prove each of `required`; `pictures` holds the expected PNGs by name.

    `hear` finds forbidden language; the wiring always gives it, a test of something else may leave it out.
    """
    blanks = assembled.converted.rendered.approved.blanks
    # 1. What must be there.
    things = sought(required, blanks)
    expected = {name: known.expect(name, png) for name, png in pictures.items()}
    # 2. What is there.
    pages = open_parts(assembled.parts)
    finder = Finder(pages.sheets)
    found = [finder.occurrences(thing.texts) for thing in things]
    # 3. Whether it can be seen.
    stamped = {thing.id for thing in things if thing.picture == known.STAMP}
    closing = {one for thing, each in zip(things, found, strict=True) if thing.id in stamped for one in each}
    seen = look(pages, (occurrence for each in found for occurrence in each), closing, expected)
    shown, missing = _prove(things, found, pages.sheets, seen, pictures)
    # 4. Whether anything speaks against it.
    if seen.strange:
        missing[PICTURES] = STRANGE_PICTURE
    missing |= contradictions(pages.sheets, blanks, [text for thing in things for text in thing.texts])
    if hear:
        proven = ((thing.id, one) for thing, each in zip(things, found, strict=True) for one in each)
        missing |= spoken(pages.sheets, proven, hear)
    if missing:
        raise DisclosureMissing(missing)
    return Verified(assembled, tuple(_proofs(required, shown)), pages.counts)


def _prove(
    things: Sequence[Sought],
    found: Sequence[Sequence[Occurrence]],
    sheets: Sequence[Sheet],
    seen: Seen,
    pictures: Mapping[str, bytes],
) -> tuple[dict[str, list[_Shown]], dict[str, str]]:
    """What is shown for each id, and what is wrong with the ids that fail; every failing one is named."""
    shown: dict[str, list[_Shown]] = {}
    wrong: dict[str, list[str]] = {}
    for thing, occurrences in zip(things, found, strict=True):
        try:
            one = (
                _picture(thing, seen, len(sheets), pictures)
                if thing.picture
                else _wording(thing, occurrences, sheets, seen)
            )
        except _Missing as missing:
            wrong.setdefault(thing.id, []).append(str(missing))
        else:
            shown.setdefault(thing.id, []).append(one)
    return shown, {key: ", ".join(dict.fromkeys(reasons)) for key, reasons in wrong.items()}


def _proofs(required: Sequence[Disclosure], shown: Mapping[str, Sequence[_Shown]]) -> Iterator[Proof]:
    """One proof for each disclosure; one that `when` left out entirely has none."""
    for disclosure in required:
        if things := shown.get(disclosure.id):
            boxes = tuple(box for thing in things for box in thing.boxes)
            yield Proof(disclosure.id, str(disclosure.source), "\n".join(thing.text for thing in things), boxes)


# --- wording


def _wording(thing: Sought, occurrences: Sequence[Occurrence], sheets: Sequence[Sheet], seen: Seen) -> _Shown:
    if not occurrences:
        raise _Missing(NOT_FOUND)
    chosen = tuple(_first_visible(thing, some, sheets, seen) for some in _by_page(thing, occurrences, len(sheets)))
    return _Shown(chosen[0].text, tuple(box for occurrence in chosen for box in _boxes(occurrence, sheets)))


def _by_page(thing: Sought, occurrences: Sequence[Occurrence], count: int) -> Iterator[Sequence[Occurrence]]:
    """The groups of occurrences of which one each must be visible."""
    if thing.pages == "any":
        yield occurrences
    elif thing.pages == "last":
        some = [one for one in occurrences if any(page == count - 1 for page, _ in one.spots)]
        yield _or_missing(some, NOT_LAST)
    else:
        for number in range(count):
            some = [one for one in occurrences if all(page == number for page, _ in one.spots)]
            yield _or_missing(some, NOT_EVERYWHERE)


def _or_missing(some: Sequence[Occurrence], reason: str) -> Sequence[Occurrence]:
    if not some:
        raise _Missing(reason)
    return some


def _first_visible(thing: Sought, some: Sequence[Occurrence], sheets: Sequence[Sheet], seen: Seen) -> Occurrence:
    reasons = [_unseen(thing, occurrence, sheets, seen) for occurrence in some]
    for occurrence, reason in zip(some, reasons, strict=True):
        if not reason:
            return occurrence
    raise _Missing(reasons[0])


def _unseen(thing: Sought, occurrence: Occurrence, sheets: Sequence[Sheet], seen: Seen) -> str:
    for page, index in occurrence.spots:
        if why := seen.unseen.get((page, index)):
            return NOT_VISIBLE + why
        if sheets[page].points[index] < thing.points - ROUNDING:
            return NOT_VISIBLE + TOO_SMALL
    why = seen.disturbed.get(occurrence)
    return NOT_LEGIBLE + why if why else ""


def _boxes(occurrence: Occurrence, sheets: Sequence[Sheet]) -> Iterator[Box]:
    """One box for each stretch of a line; pages count from 1."""
    for stretch in stretches(occurrence, sheets):
        boxes = sheets[stretch.page].boxes[stretch.where]
        edges = np.concatenate([boxes[:, :2].min(axis=0), boxes[:, 2:].max(axis=0)])
        yield Box(stretch.page + 1, *np.round(edges, 2).tolist())


# --- pictures


def _picture(thing: Sought, seen: Seen, count: int, pictures: Mapping[str, bytes]) -> _Shown:
    boxes = seen.shown.get(thing.picture, ())
    on_pages = {box.page for box in boxes}
    if not boxes:
        raise _Missing(known.MISSING)
    if thing.pages == "every" and len(on_pages) < count:
        raise _Missing(NOT_EVERYWHERE)
    if thing.pages == "last" and count not in on_pages:
        raise _Missing(NOT_LAST)
    return _Shown(f"{thing.picture}:{sha256(pictures[thing.picture]).hexdigest()}", boxes)
