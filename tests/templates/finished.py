"""A type's sample from end to end of the paper: filled, converted by the real LibreOffice, read back and proven."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from app import disclosures, gate
from app.artifacts import Assembled, Converted, Verified
from app.convert import Pool
from app.disclosures import Hearing
from app.gate.cases import changed
from app.render import render
from tests import reading
from tests.templates import letters

BODY = "word/document.xml"


def verified(
    name: str, pool: Pool, folder: Path, change: Mapping[str, Any] | None = None, trick: tuple[str, str] | None = None
) -> Verified:
    """The sample after `change` from the template in which the words of `trick` stand for others, read and proven."""
    return proven(made(name, pool, folder, change, letters.template(name) | _tricked(name, trick)))


def made(
    name: str, pool: Pool, folder: Path, change: Mapping[str, Any] | None, entries: Mapping[str, bytes]
) -> Converted:
    """The sample after `change` from a template of these entries, converted."""

    def changing(body: dict[str, Any]) -> None:
        wanted = changed(body, change or {})
        body.clear()  # what is taken away is not there any more
        body.update(wanted)

    paper = letters.approved(changing, name=name)
    filled = render(paper, letters.kind_from(entries, folder, name), letters.pictures(paper), folder)
    return pool.convert(filled, folder)


def proven(converted: Converted) -> Verified:
    """Read back, with all that the law asks for and forbids."""
    paper = converted.rendered.approved
    pack = letters.catalogue().packs["cn"]
    required = pack.disclosures_for(paper.type, paper.on)
    unsaid = gate.unsaid(pack.rules_for(paper.type, paper.on))
    hearing = Hearing(pack.lexicon.lines, paper.type, paper.on, unsaid)
    assembled = Assembled(converted, converted.parts)
    closed = letters.kind(paper.type).closed
    return disclosures.verify(assembled, required, letters.pictures(paper), reading.reader(), hearing, closed=closed)


def _tricked(name: str, trick: tuple[str, str] | None) -> dict[str, bytes]:
    if trick is None:
        return {}
    body = letters.template(name)[BODY].decode()
    assert trick[0] in body
    return {BODY: body.replace(*trick).encode()}
