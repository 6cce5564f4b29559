"""Prove that two files show the same pages (逐页比对): after signing, nothing that can be read or seen has changed.

`page_digests` covers the text layer of each page. `same_pages` compares that and the pages as printed, pixel by pixel,
annotations included: the signature may add its own objects to the file but nothing to the page.
"""

from hashlib import sha256
from pathlib import Path

from app.disclosures.drawing import prints
from app.disclosures.reader import texts

SCALE = 1.0  # pixels per point: a changed digit changes dozens of pixels, and every one of them counts


def page_digests(path: Path) -> list[str]:
    """The digest of each page's text, as PDFium reads it."""
    return [sha256(text.encode("utf-8", "surrogatepass")).hexdigest() for text in texts(path)]


def same_pages(before: Path, after: Path) -> bool:
    """Whether both files have the same pages with the same text and the same picture. Files without pages do not."""
    old = page_digests(before)
    return bool(old) and old == page_digests(after) and prints(before, SCALE) == prints(after, SCALE)
