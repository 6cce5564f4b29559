"""The digest of a page as it reads and prints (逐页比对): after signing, nothing that can be read or seen has changed.

It covers the text layer, code unit for code unit, and the picture as printed, pixel by pixel, annotations included: the
signature may add its own objects to the file but nothing to the page.
"""

import hashlib

import numpy as np

from app.disclosures.drawing import Grey, printed
from app.disclosures.opening import Leaf
from app.disclosures.reader import units_of

WORD = 8  # pixels that are looked at together


def prints(leaves: tuple[Leaf, ...]) -> tuple[str, ...]:
    """One digest for each page."""
    return tuple(digest(units_of(leaf), printed(leaf)) for leaf in leaves)


def digest(units: bytes, picture: Grey) -> str:
    """Equal for equal text and equal pictures alone. Most of a page is white, which is said by leaving it out."""
    flat = picture.ravel()
    flat = np.concatenate([flat, np.full(-len(flat) % WORD, 255, dtype=np.uint8)])
    words = flat.view("<u8")
    where = np.flatnonzero(words != np.uint64(2**64 - 1))
    made = hashlib.sha256()
    made.update(str((picture.shape, len(units), len(where))).encode() + units)
    made.update(where.astype("<u4").data)
    made.update(words[where].data)
    return made.hexdigest()
