"""How text is normalised for comparison: one fold for what the law asks and for what the page says.

A PDF breaks lines, spaces Han from Latin, and may print a full-width comma where the clause has a narrow one.
`fold` takes all that away and keeps, for each character left, where it came from, so that a match on folded text
leads back to characters with positions on a page.
"""

import unicodedata
from dataclasses import dataclass
from functools import lru_cache

BROKEN_HYPHEN = "\ufffe"  # what PDFium gives for a hyphen at the end of a line
# Marks that typesetting exchanges freely. Everything else that NFKC leaves apart stays apart.
_SAME = {
    "“": '"', "”": '"', "„": '"', "‘": "'", "’": "'",
    "–": "-", "—": "-", "―": "-", "‐": "-", "‑": "-", "−": "-",
    "•": "·", "・": "·", "‧": "·",
}  # fmt: skip
# Separators, controls, and format marks such as the soft hyphen, and the broken hyphen.
_DROPPED = {"Zs", "Zl", "Zp", "Cc", "Cf", "Cn", "Co", "Cs"}


@dataclass(frozen=True)
class Folded:
    """Folded text; `origin[i]` is the index in the source of the character that gave `text[i]`."""

    text: str
    origin: tuple[int, ...]


def fold(source: str) -> Folded:
    """Fold width, compatibility forms, dashes, quotes and all white space; é is one character however it was spelled.

    A mark joins the letter before it, so that wording which ends in a bare letter is not found in an accented one.
    """
    clusters: list[str] = []
    starts: list[int] = []
    for index, character in enumerate(source):
        for plain, joins in _parts(character):
            if clusters and joins:
                clusters[-1] += plain
            else:
                clusters.append(plain)
                starts.append(index)
    if all(len(cluster) == 1 for cluster in clusters):
        return Folded("".join(clusters), tuple(starts))
    composed = [unicodedata.normalize("NFC", cluster) for cluster in clusters]
    origin = tuple(start for made, start in zip(composed, starts, strict=True) for _ in made)
    return Folded("".join(composed), origin)


@lru_cache(maxsize=8192)
def _parts(character: str) -> tuple[tuple[str, bool], ...]:
    """What a character is folded to, piece by piece, and whether the piece joins the one before it."""
    parts = (_SAME.get(part, part) for part in unicodedata.normalize("NFKD", _SAME.get(character, character)))
    return tuple((part, bool(unicodedata.combining(part))) for part in parts if _kept(part))


def _kept(part: str) -> bool:
    return unicodedata.category(part) not in _DROPPED
