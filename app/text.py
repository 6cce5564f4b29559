"""How text is normalised for comparison: one fold for what the law asks and for what the page says.

A PDF breaks lines, spaces Han from Latin, and may print a full-width comma where the clause has a narrow one.
`fold` takes all that away and keeps, for each character left, where it came from, so that a match on folded text
leads back to characters with positions on a page.
"""

import unicodedata
from dataclasses import dataclass

# Marks that typesetting exchanges freely. Everything else that NFKC leaves apart stays apart.
_SAME = {
    "“": '"', "”": '"', "„": '"', "‘": "'", "’": "'",
    "–": "-", "—": "-", "―": "-", "‐": "-", "‑": "-", "−": "-",
    "•": "·", "・": "·", "‧": "·",
}  # fmt: skip
# Separators, controls, and format marks such as the soft hyphen; U+FFFE is what PDFium gives for a broken hyphen.
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
        for part in unicodedata.normalize("NFKD", _SAME.get(character, character)):
            plain = _SAME.get(part, part)
            if unicodedata.category(plain) in _DROPPED:
                continue
            if clusters and unicodedata.combining(plain):
                clusters[-1] += plain
            else:
                clusters.append(plain)
                starts.append(index)
    folded = [(plain, start) for cluster, start in zip(clusters, starts, strict=True) for plain in _composed(cluster)]
    return Folded("".join(plain for plain, _ in folded), tuple(start for _, start in folded))


def _composed(cluster: str) -> str:
    return cluster if len(cluster) == 1 else unicodedata.normalize("NFC", cluster)
