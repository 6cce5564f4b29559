"""Prove on the finished text parts that everything the law requires is said there (文本核验).

A text has neither pages nor ink: what stands in the file is what a telephone shows, in its own size and colour. So
required wording is looked for and nothing is measured; boxes are empty and the page is 0. What must hold instead is
that the file is plain: UTF-8 without a mark in front, no control or invisible character, no tag left over, nothing
blank at its ends, and no longer than messages can be joined. As on pages, nothing in it may contradict the facts
(contradictions.py), and nothing may say what no document may say, outside the clauses that do (hearing.py).
"""

import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from app import segments
from app.artifacts import Part
from app.catalogue import TEXT
from app.disclosures.asking import Hearing, Sought
from app.disclosures.contradictions import contradictions
from app.disclosures.hearing import hearing_for
from app.disclosures.reasons import FORBIDDEN, SAID
from app.disclosures.words import whole
from app.errors import StepFailed
from app.text import fold

NOT_SAID = "not said in its text"
_INVISIBLE = {"Cc", "Cf", "Cn", "Co", "Cs", "Zl", "Zp"}
_TAGS = ("{{", "}}", "{%", "%}", "{#", "#}")


@dataclass(frozen=True)
class Text:
    """A text part as it will be released."""

    name: str
    text: str
    segments: int  # short messages


@dataclass(frozen=True)
class Told:
    """Required wording as found: which, its proven form, and where it stands among the characters of its part."""

    id: str
    part: str
    proven: str
    start: int
    end: int


def read(parts: Sequence[Part]) -> tuple[Text, ...]:
    """The text parts, from their files; `StepFailed` for one that is not plain."""
    return tuple(_read(part) for part in parts if part.kind == TEXT)


def prove(
    texts: Sequence[Text], things: Sequence[Sought], blanks: Mapping[str, Any], hearing: Hearing | None = None
) -> tuple[tuple[Told, ...], dict[str, str]]:
    """What is told where, and what is wrong by the id under which it is reported; `things` speak of text parts."""
    told: list[Told] = []
    missing: dict[str, str] = {}
    by_name = {text.name: text for text in texts}
    for thing in things:
        one = next(_places(thing, by_name[thing.part]), None) if thing.part in by_name else None
        if one is None:
            missing[thing.id] = NOT_SAID
        else:
            told.append(one)
    wording = {text.name: [one for thing in things if thing.part == text.name for one in thing.texts] for text in texts}
    for text in texts:
        missing |= contradictions([text], blanks, wording[text.name])
        missing |= _spoken(text, told, hearing) if hearing else {}
    return tuple(told), missing


def _spoken(text: Text, told: Sequence[Told], hearing: Hearing) -> dict[str, str]:
    clauses = [(one.id, one.start, one.end) for one in told if one.part == text.name]
    return {f"{FORBIDDEN}{hit.line.id}": SAID for hit in hearing_for(hearing)(text.text, clauses)}


def _places(thing: Sought, text: Text) -> Iterator[Told]:
    folded = fold(text.text)
    for wanted in thing.texts:
        at = folded.text.find(wanted)
        while at >= 0:
            start, end = folded.origin[at], folded.origin[at + len(wanted) - 1] + 1
            if whole(wanted, text.text[:start], text.text[end:]):
                yield Told(thing.id, thing.part, wanted, start, end)
            at = folded.text.find(wanted, at + 1)


def _read(part: Part) -> Text:
    text = _plain(part)
    try:
        return Text(part.name, text, segments.count(text))
    except ValueError as error:
        raise StepFailed("verify", "a text part is too long", status=500) from error


def _plain(part: Part) -> str:
    try:
        text = part.file.path.read_bytes().decode("utf-8")
    except OSError as error:
        raise StepFailed("verify", "a finished part is gone", status=500) from error
    except UnicodeDecodeError as error:
        raise StepFailed("verify", "a text part is not UTF-8", status=500) from error
    if any(unicodedata.category(character) in _INVISIBLE and character != "\n" for character in text):
        raise StepFailed("verify", "a text part holds what cannot be seen", status=500)
    if any(tag in text for tag in _TAGS):
        raise StepFailed("verify", "a tag was left over in a text part", status=500)
    if not text or text != text.strip():
        raise StepFailed("verify", "a text part begins or ends with nothing", status=500)
    return text
