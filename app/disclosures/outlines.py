"""The outlines of the pinned fonts (字形轮廓): how much of its box a glyph really fills, and how much ink it takes.

PDFium's boxes hold the points that steer a curve, which lie outside it: 员 and 其 end well within theirs. Whoever asks
whether a glyph was cut off measures against its own outline instead. Whoever asks whether it is bold compares it with
the same character in both cuts of its family. Promises nothing for fonts that are not ours: then the box itself stands,
and no ink is known.
"""

import threading
from functools import lru_cache
from typing import Any

import numpy as np
import numpy.typing as npt
from fontTools.pens.boundsPen import BoundsPen, ControlBoundsPen
from fontTools.ttLib import TTFont
from PIL import ImageFont

from app import fonts
from app.disclosures.opening import Floats
from app.disclosures.reader import Sheet

_LOCK = threading.Lock()  # fontTools reads glyphs lazily from the open file
_WHOLE = (0.0, 0.0, 1.0, 1.0)
_SIZE = 128  # pixels of a character's square: then its ink is known to half a percent


def fitted(sheet: Sheet, where: npt.NDArray[np.int64], boxes: Floats) -> Floats:
    """The boxes (left, top, right, bottom) of these characters, closed in to what their own outlines fill."""
    with _LOCK:
        shares = [_share(_face(sheet.fonts[sheet.piece[index]]), sheet.text[index]) for index in where]
    left, bottom, right, top = np.array(shares).T
    size = np.tile(boxes[:, 2:] - boxes[:, :2], 2)
    closer: Floats = np.stack([left, 1 - top, right - 1, -bottom], axis=1) * size
    return boxes + closer


def family(sheet: Sheet, index: int) -> str:
    """The pinned family that a character is set in, whatever its cut is called; "" if it is none of ours."""
    return _family(sheet.fonts[sheet.piece[index]])


@lru_cache(maxsize=16384)
def inked(family: str, cut: str, character: str) -> float:
    """The share of a character's square that its glyph inks in this cut, Regular or Bold, of a pinned family."""
    with _LOCK:
        drawn = _drawn(f"{family}-{cut}").getmask(character, "L")
    return float(np.asarray(drawn, dtype=np.float64).sum()) / 255 / _SIZE**2


@lru_cache(maxsize=256)
def _family(name: str) -> str:
    face = _face(name)
    return face.partition("-")[0] if face in fonts.postscript_names() else ""


def _face(name: str) -> str:
    """The pinned face that a font of a finished PDF is: LibreOffice names all regions' faces after the Japanese one."""
    plain = name[7:] if name[6:7] == "+" else name
    return "-".join(plain.replace("CJKjp-", "CJKsc-").split("-")[:2])


@lru_cache(maxsize=4096)
def _share(face: str, character: str) -> tuple[float, float, float, float]:
    if face not in fonts.postscript_names():
        return _WHOLE
    glyphs, names = _glyphs(face)
    if ord(character) not in names:
        return _WHOLE
    steered, drawn = ControlBoundsPen(glyphs), BoundsPen(glyphs)
    for pen in (steered, drawn):
        glyphs[names[ord(character)]].draw(pen)
    if not drawn.bounds:
        return _WHOLE
    (left, bottom, right, top), own = steered.bounds, drawn.bounds
    wide, high = max(right - left, 1), max(top - bottom, 1)
    return ((own[0] - left) / wide, (own[1] - bottom) / high, (own[2] - left) / wide, (own[3] - bottom) / high)


@lru_cache(maxsize=len(fonts.FACES))
def _glyphs(face: str) -> tuple[Any, dict[int, str]]:
    """Opened when first asked for, 0.2 s: most letters never ask."""
    path, index = fonts.file_of(face)
    font = TTFont(path, fontNumber=index, lazy=True)
    return font.getGlyphSet(), font.getBestCmap()


@lru_cache(maxsize=len(fonts.FACES))
def _drawn(face: str) -> ImageFont.FreeTypeFont:
    path, index = fonts.file_of(face)
    return ImageFont.truetype(str(path), _SIZE, index, layout_engine=ImageFont.Layout.BASIC)
