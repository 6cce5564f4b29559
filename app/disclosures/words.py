"""Where wording begins and ends (词界): 12378 is not in 123789, 1,234.56 not in 11,234.56, 叁拾元 not in 叁拾元伍角."""

import unicodedata
from functools import lru_cache

from app.text import fold

CAPITALS = frozenset("零壹贰叁肆伍陆柒捌玖拾佰仟万亿元角分整正")
_JOINS_DIGITS = frozenset(".,-'·")
_JOINS_LETTERS = frozenset(".-_@/'")


def whole(text: str, before: str, after: str) -> bool:
    """Whether nothing that stands against the folded text carries its first or last word on."""
    return not _carries_on(text[0], before[-2:][::-1]) and not _carries_on(text[-1], after[:2])


def _carries_on(end: str, beyond: str) -> bool:
    """`beyond` holds the two characters that follow, or those that precede in turned order."""
    near, far = (_plain(character) for character in (beyond + "  ")[:2])
    if end in CAPITALS and near in CAPITALS:
        return True
    if not _is_word(end):
        return False
    joins = _JOINS_DIGITS if end.isdigit() else _JOINS_LETTERS
    return _is_word(near) or (near in joins and _is_word(far))


def _is_word(character: str) -> bool:
    return character.isdigit() or (character.isalpha() and "LATIN" in unicodedata.name(character, ""))


@lru_cache(maxsize=4096)
def _plain(character: str) -> str:
    # A full-width comma or stop is punctuation between clauses and joins nothing: only digits and letters are folded.
    folded = fold(character).text or " "
    return folded[0] if folded[0].isalnum() or character == folded else " "
