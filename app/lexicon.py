"""Forbidden language (禁用语): what no document may say, in any disguise, except inside the clause that permits it.

Promises every stretch of a text that says one of the phrases or follows one of the patterns in force, by its place in
the text as given. Words that a clause of the law needs (您有权投诉暴力、恐吓…) pass inside the found clause whose id
the line names; a hit that reaches one character beyond it counts. What was found is for the caller to keep to itself:
it may be a person's words.

All phrases, and the words that patterns cannot do without, are searched for in one pass (Aho-Corasick); a pattern is
then tried only around its words.
"""

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from ahocorasick_rs import AhoCorasick

from app.law import Source, in_force
from app.phrasing import Phrasing, phrasing
from app.skeleton import Skeleton, strip

Clause = tuple[str, int, int]  # id, start, end: where a clause was found in the text


@dataclass(frozen=True)
class Forbidden:
    """One line of the lexicon (禁用语条目), dated and sourced like any line of law."""

    id: str
    category: str
    title: str
    phrases: tuple[str, ...]
    patterns: tuple[str, ...]
    applies_to: tuple[str, ...]  # document types
    allowed_in: tuple[str, ...]  # ids of the disclosures within which the same words are the law's own
    source: Source
    since: date
    until: date | None
    message: str
    message_en: str


@dataclass(frozen=True)
class Hit:
    """Where a text says what it may not: `words` is text[start:end]."""

    line: Forbidden
    start: int
    end: int
    words: str


@dataclass(frozen=True)
class Passage:
    """Free text of the caller (自由文字): the path of its fact, and where it will be seen, `inside` or `outside`."""

    at: str
    text: str
    shown: str


class Lexicon:
    """The lines of one pack, compiled once; searching changes nothing."""

    def __init__(self, lines: Iterable[Forbidden]) -> None:
        """Raises `PhrasingError`, a ValueError, for a line that looks for nothing or cannot be searched for."""
        self.lines = tuple(lines)
        self.categories = frozenset(line.category for line in self.lines)
        self._places: dict[str, list[tuple[int, Phrasing | None]]] = {}  # word -> number of the line, pattern
        for number, line in enumerate(self.lines):
            for phrase in line.phrases:
                self._places.setdefault(folded(phrase), []).append((number, None))
            for pattern in line.patterns:
                made = phrasing(pattern)
                for key in made.keys:
                    self._places.setdefault(key, []).append((number, made))
        self._words = list(self._places)
        self._automaton = AhoCorasick(self._words)

    def find(
        self, text: str, document_type: str, on: date, categories: Collection[str], allowed: Sequence[Clause] = ()
    ) -> tuple[Hit, ...]:
        """What `text` says that a document of this type may not say on that day, in the order of the text."""
        bones = strip(text)
        found: set[tuple[int, int, int]] = set()
        for number, start, end in self._matches(bones):
            line = self.lines[number]
            if line.category in categories and document_type in line.applies_to and in_force(line, on):
                place = bones.span(start, end)
                if not _permitted(line, place, allowed):
                    found.add((*place, number))
        return tuple(
            Hit(self.lines[number], start, end, text[start:end])
            for start, end, number in sorted(found)
            if not _within_another(start, end, number, found)
        )

    def _matches(self, bones: Skeleton) -> Iterator[tuple[int, int, int]]:
        """Every match: the line's number, and where in the skeleton."""
        parted = ""
        for word, start, end in self._automaton.find_matches_as_indexes(bones.text, overlapping=True):
            for number, pattern in self._places[self._words[word]]:
                if pattern is None:
                    yield number, start, end
                    continue
                parted = parted or bones.parted()
                first, last = bones.in_parted(start), bones.in_parted(end - 1)
                for match in pattern.regex.finditer(parted, max(0, first - pattern.width), last + 1 + pattern.width):
                    yield number, bones.from_parted(match.start()), bones.from_parted(match.end() - 1) + 1


def folded(phrase: str) -> str:
    """The phrase as it is searched for. One character alone would be found everywhere."""
    text = strip(phrase).text
    if len(text) < 2:
        raise ValueError(f"{phrase!r} is too short to look for")
    return text


def _permitted(line: Forbidden, place: tuple[int, int], allowed: Sequence[Clause]) -> bool:
    start, end = place
    return any(clause in line.allowed_in and first <= start and end <= last for clause, first, last in allowed)


def _within_another(start: int, end: int, number: int, found: Collection[tuple[int, int, int]]) -> bool:
    """老赖 within 老赖客户, of the same line, is told once."""
    return any(
        number == other and first <= start and end <= last and (first, last) != (start, end)
        for first, last, other in found
    )
