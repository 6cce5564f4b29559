"""Whether the pages say anything that nobody required (多余文字), for a document type that is closed.

A promise or an agreement binds by every word on it: a sentence added to a required one can take it back. Promises that
each letter, digit and sign on the pages, headers and footers among them, belongs to required wording as found, but for
the numbers of a list at the beginning of a line and those of the pages. Punctuation says nothing by itself.
"""

import re
import unicodedata
from collections.abc import Iterable, Sequence

from app.disclosures.find import Occurrence, Spot
from app.disclosures.furniture import Line, lines
from app.disclosures.reader import Sheet

_ENUMERATOR = re.compile(r"\s*\d{1,2}(?=[.、])")
_PAGE_NUMBER = re.compile(r"第\d{1,3}页共\d{1,3}页")


def says_more(sheets: Sequence[Sheet], found: Iterable[Sequence[Occurrence]]) -> bool:
    """Whether anything is left when all that was found is taken away."""
    asked = {spot for each in found for occurrence in each for spot in occurrence.spots}
    return any(
        _left(page, sheet, line, asked) for page, sheet in enumerate(sheets) for line in lines(sheet)
    )  # fmt: skip


def _left(page: int, sheet: Sheet, line: Line, asked: set[Spot]) -> str:
    """What of the line nobody required."""
    text = sheet.text[line.start : line.stop]
    if _PAGE_NUMBER.fullmatch("".join(text.split())):
        return ""
    number = _ENUMERATOR.match(text)
    first = number.end() if number else 0
    rest = (index for index in range(first, len(text)) if (page, line.start + index) not in asked)
    return "".join(text[index] for index in rest if _says_something(text[index]))


def _says_something(character: str) -> bool:
    """Letters, digits and signs such as a tick; neither white space and punctuation nor what is not printed."""
    return unicodedata.category(character)[0] in "LNSM"
