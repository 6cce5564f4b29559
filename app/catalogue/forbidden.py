"""Read lexicon.yaml (禁用语): forbidden language as dated, sourced data. A mistake stops the start, by file and line.

Refused are a line that looks for nothing, a phrase too short to look for, a pattern beyond app/phrasing.py, a category
that the file does not declare, a declared one without a line, and a phrase that stands twice.
"""

from collections.abc import Collection, Iterator
from pathlib import Path
from typing import Any

from app.catalogue.reading import days, mistaken, read_yaml, source, take
from app.lexicon import Forbidden, Lexicon, folded
from app.phrasing import phrasing

KEYS = "id category title applies_to source since until message"


def read_lexicon(path: Path, clauses: Collection[str]) -> tuple[Lexicon, str | None]:
    """The lexicon of one pack and who signed it off; `clauses` are the ids of the disclosures it may name."""
    said = take(path, "lexicon", read_yaml(path), "version signed_off_by categories lexicon")
    categories, given = said["categories"], said["lexicon"]
    if not isinstance(categories, dict) or not isinstance(given, list) or not given:
        raise mistaken(path, "lexicon", said, "categories are a mapping, the lexicon is a list that is not empty")
    lines = []
    for number, line in enumerate(given, start=1):
        lines.append(_line(path, f"line {number}", line, categories))
        if strangers := set(lines[-1].allowed_in) - set(clauses):
            raise mistaken(path, lines[-1].id, line, f"allowed_in names no disclosure: {sorted(strangers)}")
    if empty := set(categories) - {line.category for line in lines}:
        raise mistaken(path, "categories", categories, f"nothing is listed under {sorted(empty)}")
    return Lexicon(lines), said["signed_off_by"]


def _line(path: Path, at: str, given: Any, categories: Collection[str]) -> Forbidden:
    said = take(path, at, given, KEYS, "phrases patterns allowed_in")
    at = f"line {said['id']}"
    message = take(path, f"{at}: message", said["message"], "zh en")
    if said["category"] not in categories:
        raise mistaken(path, at, given, f"the category {said['category']!r} is not declared")
    since, until = days(path, at, said)
    made = Forbidden(
        id=said["id"],
        category=said["category"],
        title=said["title"],
        phrases=_words(path, at, given, "phrases"),
        patterns=_words(path, at, given, "patterns"),
        applies_to=_words(path, at, given, "applies_to"),
        allowed_in=_words(path, at, given, "allowed_in"),
        source=source(path, at, said["source"]),
        since=since,
        until=until,
        message=message["zh"],
        message_en=message["en"],
    )
    if faults := list(_faults(made)):
        raise mistaken(path, at, given, "; ".join(faults))
    return made


def _words(path: Path, at: str, given: dict[str, Any], key: str) -> tuple[str, ...]:
    """A list of strings; YAML reads an unquoted 24 as a number, and a phrase is never that."""
    found = given.get(key, [])
    if not isinstance(found, list) or not all(isinstance(one, str) and one for one in found):
        raise mistaken(path, at, given, f"{key} is a list of strings")
    return tuple(found)


def _faults(line: Forbidden) -> Iterator[str]:
    if not line.phrases and not line.patterns:
        yield "it looks for nothing: neither phrases nor patterns"
    seen: set[str] = set()
    for phrase in line.phrases:
        try:
            found = folded(phrase)
        except ValueError as error:
            yield str(error)
        else:
            if found in seen:
                yield f"the phrase {phrase!r} stands twice"
            seen.add(found)
    for pattern in line.patterns:
        try:
            phrasing(pattern)
        except ValueError as error:
            yield f"the pattern {pattern!r}: {error}"
