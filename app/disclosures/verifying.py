"""Verify the finished document, and prove after signing that its pages are still the ones verified (核验).

The wording comes from the jurisdiction's disclosures, filled with the facts, never from the template. Promises page,
boxes and proven text for each disclosure. Refuses with DisclosureMissing, which names every disclosure that failed and
why in fixed words without personal data; and whatever contradicts the facts, under the ids `amounts`,
`identifiers`, `contacts`, `pictures` and `unasked`; and forbidden language, under `forbidden.` and the id of its line.
The pages are read by the reading process (keeping.py); here is only what needs no page, text parts (texts.py) among it.
"""

from collections.abc import Iterator, Mapping, Sequence
from hashlib import sha256
from typing import Protocol

from app.artifacts import Assembled, Box, Part, Proof, Verified
from app.catalogue import PDF, Disclosure
from app.disclosures import texts
from app.disclosures.asking import Answer, Found, Hearing, Question, Sought
from app.disclosures.reasons import NO_PAGES, fail
from app.disclosures.require import NOTHING, sought
from app.errors import DisclosureMissing


class Reading(Protocol):
    """Who answers: `Reader`, with a process of its own."""

    def ask(self, question: Question) -> Answer:
        """In bounded time, or `StepFailed`."""


def verify(
    assembled: Assembled,
    required: Sequence[Disclosure],
    pictures: Mapping[str, bytes],
    reader: Reading,
    hearing: Hearing | None = None,
    *,
    closed: bool = False,
) -> Verified:
    """Read the document back and prove each of `required`; `pictures` holds the expected PNGs by name.

    On the pages of a `closed` document nothing else may stand.

    `hearing` says which language is forbidden; the wiring always gives it, a test of something else may leave it out.
    """
    blanks = assembled.converted.rendered.approved.blanks
    everything = sought(required, blanks)
    things = tuple(thing for thing in everything if not thing.part)
    if not things:
        raise DisclosureMissing({"disclosures": NOTHING})
    parts = [part for part in assembled.parts if part.kind == PDF]
    if not parts:
        fail(NO_PAGES)
    plain = texts.read(assembled.parts)
    told, unsaid = texts.prove(plain, [thing for thing in everything if thing.part], blanks, hearing)
    question = Question(tuple(str(part.file.path) for part in parts), things, blanks, pictures, hearing, closed)
    answer = reader.ask(question)
    if missing := _missing(question, answer) | unsaid:
        raise DisclosureMissing(missing)
    prints = {part.name: own for part, own in zip(parts, answer.prints, strict=True)}
    proofs = tuple(_proofs(required, things, answer, pictures, told))
    pages = {name: len(own) for name, own in prints.items()} | {one.name: 0 for one in plain}
    return Verified(assembled, proofs, pages, prints, {one.name: one.segments for one in plain})


def same_pages(verified: Verified, made: Sequence[Part], reader: Reading) -> bool:
    """Whether these parts have the pages that were verified: the same text, and the same picture on paper.

    A part that is not a PDF must be the same file. Parts without pages are never the same.
    """
    if [part.name for part in made] != [part.name for part in verified.assembled.parts]:
        return False
    before = {part.name: part.file.sha256 for part in verified.assembled.parts}
    files = {part.name: str(part.file.path) for part in made if part.name in verified.prints}
    if not files or any(part.file.sha256 != before[part.name] for part in made if part.name not in files):
        return False
    now = reader.ask(Question(tuple(files.values()))).prints
    return all(own and own == verified.prints[name] for name, own in zip(files, now, strict=True))


def _missing(question: Question, answer: Answer) -> dict[str, str]:
    """What is wrong with the ids that fail; every failing one is named."""
    wrong: dict[str, list[str]] = {}
    for thing, said in zip(question.things, answer.things, strict=True):
        if isinstance(said, str):
            wrong.setdefault(thing.id, []).append(said)
    missing = {key: ", ".join(dict.fromkeys(reasons)) for key, reasons in wrong.items()}
    return missing | {key: question.against[key] for key in answer.against}


def _proofs(
    required: Sequence[Disclosure],
    things: Sequence[Sought],
    answer: Answer,
    pictures: Mapping[str, bytes],
    told: Sequence[texts.Told],
) -> Iterator[Proof]:
    """One proof for each disclosure; one that `when` left out entirely has none."""
    each = [(thing, said) for thing, said in zip(things, answer.things, strict=True) if isinstance(said, Found)]
    for disclosure in required:
        if own := [(thing, said) for thing, said in each if thing.id == disclosure.id]:
            boxes = tuple(Box(*box) for _, said in own for box in said.boxes)
            text = "\n".join(_text(thing, said, pictures) for thing, said in own)
            yield Proof(disclosure.id, str(disclosure.source), text, boxes)
        elif said_in_text := [one.proven for one in told if one.id == disclosure.id]:
            yield Proof(disclosure.id, str(disclosure.source), "\n".join(said_in_text), ())


def _text(thing: Sought, said: Found, pictures: Mapping[str, bytes]) -> str:
    """The proven wording, or for a picture its name and digest."""
    if thing.picture:
        return f"{thing.picture}:{sha256(pictures[thing.picture]).hexdigest()}"
    return thing.texts[said.text]
