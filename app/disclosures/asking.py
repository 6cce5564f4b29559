"""What the service asks the reading process, and what it takes for an answer (问答).

A process that has read a hostile file is not trusted: what it says is plain JSON of a known shape, and every word in it
is one of ours. Promises that an answer that passes `Answer.read` holds numbers, digests and fixed reasons, and speaks
of what was asked: whatever else arrives is `BadAnswer`. No text of the document comes back at all; the proven wording
is looked up among what was asked for.
"""

import json
import pickle
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Self

from app.disclosures.reasons import AGAINST, FAULTS, FORBIDDEN, MISSING, SAID
from app.errors import StepFailed
from app.lexicon import Forbidden

Rectangle = tuple[int, float, float, float, float]  # page from 1; left, bottom, right, top in points

_DIGEST = re.compile(r"[0-9a-f]{64}")
_FAR = 1e6  # points: no page is that large


class BadAnswer(Exception):
    """Not an answer to what was asked. The text quotes nothing of it."""


@dataclass(frozen=True)
class Sought:
    """One thing to be found: one of `texts` (folded), or the picture of that name.

    `part` names the text part in which it must stand; "" is the pages, which alone the reading process is asked about.
    What is `conspicuous` must stand out from the ordinary text of the document; a `row` of a table stands on one line.
    """

    id: str
    texts: tuple[str, ...]
    picture: str
    points: float
    pages: str
    part: str = ""
    conspicuous: bool = False
    row: bool = False


@dataclass(frozen=True)
class Hearing:
    """Which language is forbidden: the lexicon's lines, for this type, on this day, of these categories."""

    lines: tuple[Forbidden, ...]
    type: str
    on: date
    categories: frozenset[str]


@dataclass(frozen=True)
class Question:
    """Look for `things` in these PDFs; without any, tell only how their pages print.

    In a `closed` document nothing else stands on the pages.
    """

    files: tuple[str, ...]
    things: tuple[Sought, ...] = ()
    blanks: Mapping[str, Any] | None = None
    pictures: Mapping[str, bytes] | None = None
    hearing: Hearing | None = None
    closed: bool = False

    @property
    def against(self) -> Mapping[str, str]:
        """What may speak against the document, and in which words that is told."""
        lines = self.hearing.lines if self.hearing else ()
        return AGAINST | {f"{FORBIDDEN}{line.id}": SAID for line in lines}

    def written(self) -> bytes:
        return pickle.dumps(self)

    @staticmethod
    def read(written: bytes) -> "Question":
        """In the reading process, which trusts the service; never the other way round."""
        question: Question = pickle.loads(written)  # noqa: S301 -- from the service, over a socket of theirs alone
        return question


@dataclass(frozen=True)
class Found:
    """A thing that is there and can be seen: which of its texts (0 for a picture), and where."""

    text: int
    boxes: tuple[Rectangle, ...]


@dataclass(frozen=True)
class Answer:
    """`things` answers each of the question's, with a reason of `MISSING` for what is not there.

    `against` holds keys of the question's `against`; `prints` has the digest of each page, by file.
    """

    things: tuple[Found | str, ...]
    against: tuple[str, ...]
    prints: tuple[tuple[str, ...], ...]

    def written(self) -> bytes:
        things = [one if isinstance(one, str) else [one.text, one.boxes] for one in self.things]
        return json.dumps({"things": things, "against": self.against, "prints": self.prints}).encode()

    @classmethod
    def read(cls, written: bytes, question: Question) -> Self:
        """`StepFailed` for a file that could not be looked at, `BadAnswer` for anything that is no answer."""
        try:
            said = json.loads(written, parse_constant=_no_number)
        except (ValueError, RecursionError) as error:
            raise BadAnswer("it is not JSON") from error
        if not isinstance(said, dict):
            raise BadAnswer("it is not an object")
        if said.keys() == {"failed"}:
            raise StepFailed("verify", _word(said["failed"], FAULTS), status=500)
        if said.keys() != {"things", "against", "prints"}:
            raise BadAnswer("it has other parts than an answer")
        prints = tuple(_prints(one) for one in _listed(said["prints"], len(question.files)))
        pages = sum(len(one) for one in prints)
        if not pages:
            raise BadAnswer("it speaks of no page")
        things = zip(question.things, _listed(said["things"], len(question.things)), strict=True)
        return cls(
            tuple(_thing(asked, one, pages) for asked, one in things),
            tuple(_word(one, question.against) for one in _listed(said["against"])),
            prints,
        )


def failed(fault: str) -> bytes:
    """The answer for files that cannot be looked at; `fault` is one of `FAULTS`."""
    return json.dumps({"failed": fault}).encode()


def _thing(asked: Sought, said: object, pages: int) -> Found | str:
    if isinstance(said, str):
        return _word(said, MISSING)
    text, boxes = _listed(said, 2)
    if type(text) is not int or not 0 <= text < max(1, len(asked.texts)):
        raise BadAnswer("it names a text that was not asked for")
    found = Found(text, tuple(_rectangle(box, pages) for box in _listed(boxes)))
    if not found.boxes:
        raise BadAnswer("something was found nowhere")
    return found


def _rectangle(said: object, pages: int) -> Rectangle:
    page, *edges = _listed(said, 5)
    if type(page) is not int or not 1 <= page <= pages:
        raise BadAnswer("it names a page that is not there")
    if any(type(edge) not in (int, float) or not abs(edge) < _FAR for edge in edges):
        raise BadAnswer("a box has no numbers")
    left, bottom, right, top = map(float, edges)
    return page, left, bottom, right, top


def _prints(said: object) -> tuple[str, ...]:
    digests = _listed(said)
    if not all(isinstance(one, str) and _DIGEST.fullmatch(one) for one in digests):
        raise BadAnswer("a page has no digest")
    return tuple(digests)


def _word(said: object, known: Mapping[str, str] | frozenset[str]) -> str:
    if not isinstance(said, str) or said not in known:
        raise BadAnswer("it has a word that is not ours")
    return said


def _listed(said: object, length: int | None = None) -> Sequence[Any]:
    if not isinstance(said, list) or length not in (None, len(said)):
        raise BadAnswer("it has another shape")
    return said


def _no_number(_: str) -> float:
    raise ValueError("not a number")
