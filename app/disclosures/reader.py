"""Read finished pages back as plain data: every character, where it stands, and how large its type comes out.

Promises what the text layer holds, character by character with tight boxes, and where pictures stand. Judges nothing.
Takes a page that is open and returns arrays, strings and numbers that hold on to nothing.
"""

import ctypes
import math
from collections import deque
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import repeat
from typing import Any

import numpy as np
import numpy.typing as npt
import pypdfium2.raw as pdfium

from app.disclosures.opening import IMAGE, TEXT, Floats, Leaf, Place, address, bounds, matrix
from app.disclosures.reasons import NO_TEXT, fail
from app.text import BROKEN_HYPHEN

LEVEL, SLANT = 0.02, 0.4  # how far upright type may rise with its line, and lean: italics lean by a fifth to a third


@dataclass(frozen=True)
class Picture:
    """An image; `number` is its place in the order of painting. A turned or mirrored one is not upright."""

    place: Place
    number: int
    upright: bool


@dataclass(frozen=True)
class Sheet:
    """One page. Arrays run along `text`; `piece` is the text object's number in order of painting, -1 is none."""

    width: float
    height: float
    origin: tuple[float, float]  # lower left of what is shown, in the coordinates of `boxes`
    text: str
    boxes: Floats  # left, bottom, right, top: tight around the glyph, in points
    piece: npt.NDArray[np.int64]
    points: Floats  # size of type as it comes out on the page
    squares: Floats  # the area of its square, in points times points: of type that is stretched, more than its size's
    light: Floats  # how light its own colour would be on white paper: 0 black, 1 white
    origins: Floats  # x and y of the point on the base line where the glyph begins
    upright: npt.NDArray[np.bool_]  # neither turned nor mirrored; slanted type is upright
    artifact: npt.NDArray[np.bool_]  # marked by the converter as standing beside the text: headers and footers
    fonts: tuple[str, ...]  # by piece
    pictures: tuple[Picture, ...]
    units: bytes = b""  # the text layer as PDFium gives it, four bytes for each code unit


# PDFium asks for pointers at every character; plain addresses into one array are five times as fast. None of these
# lets another thread run meanwhile, which would cost more than they do.
_char_box = ctypes.PYFUNCTYPE(ctypes.c_int, ctypes.c_void_p, ctypes.c_int, *[ctypes.c_void_p] * 4)(
    ctypes.cast(pdfium.FPDFText_GetCharBox, ctypes.c_void_p).value or 0
)
_char_origin = ctypes.PYFUNCTYPE(ctypes.c_int, ctypes.c_void_p, ctypes.c_int, *[ctypes.c_void_p] * 2)(
    ctypes.cast(pdfium.FPDFText_GetCharOrigin, ctypes.c_void_p).value or 0
)
_unicode = ctypes.PYFUNCTYPE(ctypes.c_uint, ctypes.c_void_p, ctypes.c_int)(
    ctypes.cast(pdfium.FPDFText_GetUnicode, ctypes.c_void_p).value or 0
)
_text_object = ctypes.PYFUNCTYPE(ctypes.c_void_p, ctypes.c_void_p, ctypes.c_int)(
    ctypes.cast(pdfium.FPDFText_GetTextObject, ctypes.c_void_p).value or 0
)


def read(leaf: Leaf) -> Sheet:
    """One page as text with positions."""
    number = {address(handle): at for at, handle in enumerate(leaf.handles) if leaf.kinds[at] == TEXT}
    with _text_page(leaf.page) as text_page:
        units, boxes, origins, handles = _characters(text_page)
        kept, text = _joined(units)
        piece = np.array([number.get(handle or 0, -1) for handle in handles], dtype=np.int64)
        points, squares, light, upright = _type(text_page, piece, leaf.handles)
    left, bottom, right, top = bounds(leaf.page)
    return Sheet(
        width=right - left,
        height=top - bottom,
        origin=(left, bottom),
        text=text,
        boxes=boxes[kept][:, [0, 2, 1, 3]],
        piece=piece[kept],
        points=points[kept],
        squares=squares[kept],
        light=light[kept],
        origins=origins[kept],
        upright=upright[kept],
        artifact=_artifacts(leaf)[piece[kept]],
        fonts=tuple(
            _font(handle) if kind == TEXT else "" for handle, kind in zip(leaf.handles, leaf.kinds, strict=True)
        ),
        pictures=tuple(_picture(leaf, at) for at, kind in enumerate(leaf.kinds) if kind == IMAGE),
        units=_bytes(units),
    )


def units_of(leaf: Leaf) -> bytes:
    """The text layer of a page, code unit for code unit."""
    with _text_page(leaf.page) as text_page:
        handle, count = address(text_page), pdfium.FPDFText_CountChars(text_page)
        return _bytes(list(map(_unicode, repeat(handle), range(count))))


def _bytes(units: list[int]) -> bytes:
    return np.array(units, dtype="<u4").tobytes()


def _characters(text_page: Any) -> tuple[list[int], Floats, Floats, list[int | None]]:
    """Code units, boxes (left, right, bottom, top), origins and text objects, as PDFium counts characters."""
    count = pdfium.FPDFText_CountChars(text_page)
    boxes, origins = np.zeros((count, 4), dtype=np.float64), np.zeros((count, 2), dtype=np.float64)
    handle, at, begin = address(text_page), boxes.ctypes.data, origins.ctypes.data
    page, each = repeat(handle), range(count)
    sides = (range(at + side, at + side + 32 * count, 32) for side in (0, 8, 16, 24))
    ends = (range(begin + end, begin + end + 16 * count, 16) for end in (0, 8))
    deque(map(_char_box, page, each, *sides), maxlen=0)
    deque(map(_char_origin, page, each, *ends), maxlen=0)
    return list(map(_unicode, page, each)), boxes, origins, list(map(_text_object, page, each))


def _joined(units: list[int]) -> tuple[npt.NDArray[np.int64], str]:
    """One character for each surrogate pair (PDFium counts 𠮷 as two), and the indices that were kept."""
    codes = np.array(units, dtype=np.uint32)
    if not (((codes >= 0xD800) & (codes < 0xE000)) | (codes >= 0x110000)).any():  # one character each, as a rule
        return np.arange(len(units)), "".join(map(chr, units)).replace("\x02", BROKEN_HYPHEN)
    kept: list[int] = []
    text: list[str] = []
    for index, unit in enumerate(units):
        if text and 0xDC00 <= unit < 0xE000 and 0xD800 <= ord(text[-1]) < 0xDC00:
            text[-1] = chr(0x10000 + ((ord(text[-1]) - 0xD800) << 10) + (unit - 0xDC00))
        else:
            kept.append(index)
            text.append(BROKEN_HYPHEN if unit == 2 else chr(unit) if unit < 0x110000 else "\ufffd")
    return np.array(kept, dtype=np.int64), "".join(text)


def _type(
    text_page: Any, piece: npt.NDArray[np.int64], handles: Sequence[Any]
) -> tuple[Floats, Floats, Floats, npt.NDArray[np.bool_]]:
    """Size, square, lightness and uprightness of each character's type. Squeezed in one direction it is small type."""
    points, squares, light = np.zeros(len(handles) + 1), np.zeros(len(handles) + 1), np.ones(len(handles) + 1)
    upright = np.zeros(len(handles) + 1, dtype=np.bool_)
    m = pdfium.FS_MATRIX()
    for number, first in zip(*np.unique(piece, return_index=True), strict=True):
        if number >= 0:
            pdfium.FPDFText_GetMatrix(text_page, int(first), m)
            size = pdfium.FPDFText_GetFontSize(text_page, int(first))
            points[number] = size * min(math.hypot(m.a, m.b), math.hypot(m.c, m.d))
            squares[number] = size**2 * abs(m.a * m.d - m.b * m.c)
            light[number] = _lightness(handles[number])
            upright[number] = m.a > 0 and m.d > 0 and abs(m.b) <= LEVEL * m.a and abs(m.c) <= SLANT * m.d
    # -1, no piece at all, is the last place: nothing.
    return points[piece], squares[piece], light[piece], upright[piece]


def _lightness(handle: Any) -> float:
    red, green, blue, alpha = (ctypes.c_uint(255) for _ in range(4))
    pdfium.FPDFPageObj_GetFillColor(handle, red, green, blue, alpha)
    grey = (0.299 * red.value + 0.587 * green.value + 0.114 * blue.value) / 255
    return 1 - (1 - grey) * alpha.value / 255


@contextmanager
def _text_page(page: Any) -> Iterator[Any]:
    text_page = pdfium.FPDFText_LoadPage(page)
    if not text_page:
        fail(NO_TEXT)
    try:
        yield text_page
    finally:
        pdfium.FPDFText_ClosePage(text_page)


def _artifacts(leaf: Leaf) -> npt.NDArray[np.bool_]:
    """By piece, whether it is an artifact (ISO 32000, 14.8.2.2); the last place, -1, stands for no piece at all."""
    marked = [kind == TEXT and _is_artifact(handle) for handle, kind in zip(leaf.handles, leaf.kinds, strict=True)]
    return np.array([*marked, False], dtype=np.bool_)


def _is_artifact(handle: Any) -> bool:
    name, length = (ctypes.c_ushort * 16)(), ctypes.c_ulong()
    for number in range(pdfium.FPDFPageObj_CountMarks(handle)):
        mark = pdfium.FPDFPageObj_GetMark(handle, number)
        named = pdfium.FPDFPageObjMark_GetName(mark, name, ctypes.sizeof(name), length)
        if named and bytes(name)[: length.value].decode("utf-16-le", "replace").rstrip("\0") == "Artifact":
            return True
    return False


def _font(handle: Any) -> str:
    """The name of the font that a piece of text is set in."""
    name = ctypes.create_string_buffer(128)
    pdfium.FPDFFont_GetBaseFontName(pdfium.FPDFTextObj_GetFont(handle), name, len(name))
    return name.value.decode("ascii", "replace")


def _picture(leaf: Leaf, number: int) -> Picture:
    whole = matrix(leaf.handles[number]) @ leaf.outer[number]
    (a, b, _), (c, d, _), _ = whole.tolist()
    x, y, _ = (np.array([[0, 0, 1], [1, 0, 1], [0, 1, 1], [1, 1, 1]]) @ whole).T
    upright = a > 0 and d > 0 and abs(b) + abs(c) <= 1e-3 * (a + d)
    return Picture((float(x.min()), float(y.min()), float(x.max()), float(y.max())), number, upright)
