"""Prove on the finished pages that everything the law requires is there and can be seen (核验).

The judgement, in the reading process: what is sought, found, visible, and contradicted by nothing else on the pages.
Promises for each thing where it is, or why it is not proven, in fixed words without personal data (reasons.py).
"""

from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path

import numpy as np

from app.disclosures import pictures as known
from app.disclosures.asking import Answer, Found, Question, Rectangle, Sought
from app.disclosures.contradictions import contradictions
from app.disclosures.find import Finder, Occurrence
from app.disclosures.forbidden import spoken
from app.disclosures.hearing import hearing_for
from app.disclosures.lines import Stretch
from app.disclosures.looking import Pages, Seen, look, number_through
from app.disclosures.opening import Leaf, opened
from app.disclosures.reader import Sheet
from app.disclosures.reasons import (
    NO_PICTURE,
    NOT_CONSPICUOUS,
    NOT_EVERYWHERE,
    NOT_FOUND,
    NOT_LAST,
    NOT_LEGIBLE,
    NOT_VISIBLE,
    PICTURES,
    TOO_SMALL,
    UNASKED,
)
from app.disclosures.unasked import says_more
from app.disclosures.unchanged import prints

ROUNDING = 0.05  # points: sizes of type come through the converter's matrices


_HAND = ThreadPoolExecutor(1, "judge")


class _Missing(Exception):
    """One thing is not there. The text is one of the fixed reasons."""


def begin() -> None:
    """Have everything that takes a thread, before none can be had any more."""
    _HAND.submit(int).result()


def answer(question: Question) -> Answer:
    """Open the files, and look."""
    with ExitStack() as open_:
        files = [open_.enter_context(opened(Path(file))) for file in question.files]
        if question.things:
            return _proven(question, files)
        return Answer((), (), tuple(prints(leaves) for leaves in files))


def _proven(question: Question, files: Sequence[tuple[Leaf, ...]]) -> Answer:
    # 1. What must be there.
    things = question.things
    expected = {name: known.expect(name, png) for name, png in (question.pictures or {}).items()}
    # 2. What is there.
    pages = number_through(files)
    finder = Finder(pages.sheets, [file for file, _ in pages.where])
    found = [finder.occurrences(thing.texts) for thing in things]
    said = _HAND.submit(_said, question, pages.sheets, found)
    # 3. Whether it can be seen.
    stamped = {thing.id for thing in things if thing.picture == known.STAMP}
    closing = {one for thing, each in zip(things, found, strict=True) if thing.id in stamped for one in each}
    rows = {one for thing, each in zip(things, found, strict=True) if thing.row for one in each}
    marked = {one for thing, each in zip(things, found, strict=True) if thing.conspicuous for one in each}
    seen = look(pages, (occurrence for each in found for occurrence in each), closing, rows, marked, expected, _HAND)
    each = zip(things, found, strict=True)
    shown = tuple(_shown(thing, occurrences, pages.sheets, seen) for thing, occurrences in each)
    # 4. Whether anything speaks against it.
    against = [*said.result(), *([PICTURES] if seen.strange else [])]
    if question.closed and says_more(pages.sheets, found):
        against.append(UNASKED)
    return Answer(shown, tuple(against), _by_file(pages, seen, len(files)))


def _said(question: Question, sheets: Sequence[Sheet], found: Sequence[Sequence[Occurrence]]) -> list[str]:
    """What the text of the pages has against it."""
    wording = [text for thing in question.things for text in thing.texts]
    against = list(contradictions(sheets, question.blanks or {}, wording))
    if question.hearing:
        each = zip(question.things, found, strict=True)
        proven = ((thing.id, one) for thing, occurrences in each for one in occurrences)
        against += spoken(sheets, proven, hearing_for(question.hearing))
    return against


def _by_file(pages: Pages, seen: Seen, count: int) -> tuple[tuple[str, ...], ...]:
    each = list(zip(pages.where, seen.prints, strict=True))
    return tuple(tuple(made for (file, _), made in each if file == number) for number in range(count))


def _shown(thing: Sought, occurrences: Sequence[Occurrence], sheets: Sequence[Sheet], seen: Seen) -> Found | str:
    try:
        if thing.picture:
            return _picture(thing, seen, len(sheets))
        return _wording(thing, occurrences, sheets, seen)
    except _Missing as missing:
        return str(missing)


# --- wording


def _wording(thing: Sought, occurrences: Sequence[Occurrence], sheets: Sequence[Sheet], seen: Seen) -> Found:
    if not occurrences:
        raise _Missing(NOT_FOUND)
    chosen = tuple(_first_visible(thing, some, sheets, seen) for some in _by_page(thing, occurrences, len(sheets)))
    boxes = tuple(box for occurrence in chosen for box in _boxes(seen.stretches[occurrence], sheets))
    return Found(thing.texts.index(chosen[0].text), boxes)


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
    if why := seen.disturbed.get(occurrence):
        return NOT_LEGIBLE + why
    return NOT_CONSPICUOUS if thing.conspicuous and occurrence in seen.plain else ""


def _boxes(stretches: Iterable[Stretch], sheets: Sequence[Sheet]) -> Iterator[Rectangle]:
    """One box for each stretch of a line; pages count from 1."""
    for stretch in stretches:
        boxes = sheets[stretch.page].boxes[stretch.where]
        edges = np.concatenate([boxes[:, :2].min(axis=0), boxes[:, 2:].max(axis=0)])
        left, bottom, right, top = np.round(edges, 2).tolist()
        yield stretch.page + 1, left, bottom, right, top


# --- pictures


def _picture(thing: Sought, seen: Seen, count: int) -> Found:
    boxes = seen.shown.get(thing.picture, ())
    on_pages = {page for page, *_ in boxes}
    if not boxes:
        raise _Missing(NO_PICTURE)
    if thing.pages == "every" and len(on_pages) < count:
        raise _Missing(NOT_EVERYWHERE)
    if thing.pages == "last" and count not in on_pages:
        raise _Missing(NOT_LAST)
    return Found(0, boxes)
