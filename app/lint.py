"""What is wrong with templates and required wording; nothing is served while anything is."""

from collections.abc import Iterator
from typing import Any

from app import agreement, blanks, facts, render
from app.catalogue import DocumentType, Requirement
from app.catalogue.load import Catalogue
from app.templates import request_schema


def lint(catalogue: Catalogue) -> list[str]:
    """One line for each fault, by document type."""
    return [f"{kind.name}: {problem}" for kind in catalogue.types.values() for problem in _faults(catalogue, kind)]


def _faults(catalogue: Catalogue, kind: DocumentType) -> Iterator[str]:
    if kind.countersigned_by and kind.name not in agreement.TYPES:  # its signed copy could never come back
        yield "countersigned_by: app/agreement.py knows no agreement of this type"
    known = set(_names(facts.shape(request_schema(kind))))
    yield from (f"masking: no fact has the field {name}" for name in kind.masking if name not in known)
    lines = [line for line in catalogue.packs[kind.jurisdiction].disclosures if kind.name in line.applies_to]
    pictures = sorted({one.picture for line in lines for one in line.require if one.picture})
    for issuer in catalogue.issuers.values():
        shape = blanks.offered(facts.shape(request_schema(kind)), issuer.record, kind.masking)
        yield from (str(problem) for problem in render.lint(kind, shape, pictures))
        for tier in kind.tiers:
            asked = {path for wording in tier.wording for path in blanks.asked(wording)}
            yield from (f"{tier.id}: {path} is no fact" for path in sorted(asked) if not blanks.known(path, shape))
        for line in lines:
            for requirement in line.require:
                yield from (f"{line.id}: {path} is no fact" for path in _unknown(requirement, shape))


def _names(shape: Any) -> Iterator[str]:
    """The names of all fields of a shape, at every depth."""
    if isinstance(shape, list):
        yield from _names(shape[0])
    elif isinstance(shape, dict):
        for name, inner in shape.items():
            yield name
            yield from _names(inner)


def _unknown(requirement: Requirement, shape: blanks.Shape) -> list[str]:
    """Blanks of required wording that no fact fills."""
    bound = {requirement.each[0]: f"{requirement.each[1]}[]"} if requirement.each else {}
    texts = (*requirement.texts, *([f"{{{{ {requirement.when} }}}}"] if requirement.when else []))
    asked = {path for text in texts for path in blanks.asked(text, bound)}
    return sorted(path for path in asked if not blanks.known(path, shape))
