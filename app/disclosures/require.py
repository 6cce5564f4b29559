"""What must be seen on the pages of one document: the law's wording filled with its facts (应载内容).

Promises one `Sought` for each thing to be found, filled from the same plain data as the template but without a word of
the template. Refuses whatever would make the answer a yes to nothing: no disclosures at all, one without requirements,
an empty list to go through, wording that folds to nothing. Only `when` may leave something out, and never everything.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from app.blanks import fill
from app.catalogue import Disclosure, Requirement
from app.disclosures.asking import Sought
from app.errors import DisclosureMissing, StepFailed
from app.text import fold

NOTHING = "nothing to look for"
PAGES = ("any", "every", "last")


def sought(required: Sequence[Disclosure], blanks: Mapping[str, Any]) -> tuple[Sought, ...]:
    """Everything that must be found, in the order of the law."""
    found: list[Sought] = []
    missing: dict[str, str] = {}
    for disclosure in required:
        if not disclosure.require:
            missing[disclosure.id] = NOTHING
        for requirement in disclosure.require:
            things = tuple(_expand(disclosure.id, requirement, blanks))
            found += things
            if any(not _says_something(thing) for thing in things) or _goes_through_nothing(requirement, blanks):
                missing[disclosure.id] = NOTHING
    if missing or not found:  # a list without items is not a list that was checked
        raise DisclosureMissing(missing or {"disclosures": NOTHING})
    return tuple(found)


def _expand(id_: str, requirement: Requirement, blanks: Mapping[str, Any]) -> Iterator[Sought]:
    if requirement.pages not in PAGES:
        raise StepFailed("verify", "a requirement names pages that do not exist", status=500)
    if requirement.conspicuous and (requirement.part or requirement.picture):
        raise StepFailed("verify", "a requirement asks of what is not type to stand out", status=500)
    for scope in _scopes(requirement, blanks):
        if not requirement.when or _at(requirement.when, scope):
            texts = tuple(fold(fill(text, scope)).text for text in requirement.texts)
            yield Sought(
                id_,
                texts,
                requirement.picture,
                requirement.points,
                requirement.pages,
                requirement.part,
                requirement.conspicuous,
                requirement.row,
            )


def _scopes(requirement: Requirement, blanks: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    if requirement.each is None:
        yield blanks
        return
    name, path = requirement.each
    for element in _at(path, blanks):
        yield {**blanks, name: element}


def _goes_through_nothing(requirement: Requirement, blanks: Mapping[str, Any]) -> bool:
    """An empty list is a fault, unless `when` names that very list and so says that it may be empty."""
    if requirement.each is None:
        return False
    path = requirement.each[1]
    return requirement.when != path and not _at(path, blanks)


def _says_something(thing: Sought) -> bool:
    return bool(thing.picture) != bool(thing.texts) and all(thing.texts)


def _at(path: str, scope: Mapping[str, Any]) -> Any:
    value: Any = scope
    for name in path.split("."):
        if not isinstance(value, Mapping) or name not in value:
            raise StepFailed("verify", "a requirement names a blank that does not exist", status=500)
        value = value[name]
    return value
