"""Draw finished pages (成像): as they are, without chosen text, and chosen text alone.

Promises pictures in which only what was asked for is left out; whoever compares them sees what that text adds to the
page. Judges nothing. As reader.py it takes an open page and returns plain data.
"""

import ctypes
from collections import deque
from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import repeat
from typing import Any

import numpy as np
import numpy.typing as npt
import pypdfium2.raw as pdfium

from app.disclosures.opening import FORM, TEXT, Leaf, Place, bounds
from app.disclosures.reader import Picture
from app.disclosures.reasons import NO_MEMORY, UNDRAWN, fail

Grey = npt.NDArray[np.uint8]

SCALE = 2.0  # pixels per point: 144 dpi, so that the thin strokes of 9 point type are more than half a pixel
CLOSEUP = 480  # pixels along the longer side of a picture seen on its own: 40 mm at 300 dpi

_BLACK = 0xFF000000
_PAPER, _SCREEN = pdfium.FPDF_PRINTING | pdfium.FPDF_ANNOT, pdfium.FPDF_ANNOT


@dataclass(frozen=True)
class Wanted:
    """What to look at on a page: groups of pieces of text, and pictures."""

    turns: tuple[frozenset[int], ...]
    pictures: tuple[Picture, ...] = ()
    marks: tuple[Picture, ...] = ()  # of which only the darkest spot is asked


@dataclass(frozen=True)
class Turn:
    """The page without some pieces of text, and those pieces alone in black on white."""

    without: Grey
    alone: Grey


@dataclass(frozen=True)
class View:
    """One page in grey, and pictures in colour, clean of all text and of what lies behind them."""

    as_is: Grey
    bare: Grey  # without any text
    blank: Grey  # without any text or any of the pictures
    same_on_paper: bool  # prints as it shows
    turns: tuple[Turn, ...]
    clean: tuple[Grey, ...]
    darkest: tuple[int, ...]  # of each mark drawn alone: 0 black, 255 white


def view(leaf: Leaf, wanted: Wanted) -> View:
    """The page, as pictures."""
    # What lies behind all the text in question (the 样本 mark, the stamp) costs most to draw, and is drawn once.
    first = _first(leaf, [piece for pieces in wanted.turns for piece in pieces])
    lowest = min(first, _first(leaf, [picture.number for picture in wanted.pictures]))
    with _hidden(leaf.handles[lowest:]):
        base = _drawn(leaf, _blank(leaf, SCALE), 0)
    with _hidden([*leaf.handles[:lowest], *leaf.handles[first:]]):
        ground = _drawn(leaf, base.copy(), 0) if lowest < first else base
    with _hidden(leaf.handles[:first]):
        as_is = _drawn(leaf, ground.copy(), _SCREEN)
        without = [_without(leaf, ground, pieces) for pieces in wanted.turns]
    alone = [_alone(leaf, pieces) for pieces in wanted.turns]
    bare = _bare(leaf, first, ground, ())
    return View(
        as_is,
        bare,
        _bare(leaf, lowest, base, wanted.pictures) if wanted.pictures else bare,
        _same_on_paper(leaf, as_is),
        tuple(Turn(*pair) for pair in zip(without, alone, strict=True)),
        tuple(_clean(leaf, picture) for picture in wanted.pictures),
        tuple(_darkest(leaf, mark) for mark in wanted.marks),
    )


def printed(leaf: Leaf) -> Grey:
    """The picture of a page as printed."""
    return _drawn(leaf, _blank(leaf, SCALE), _PAPER)


def _first(leaf: Leaf, wanted: Sequence[int]) -> int:
    """Where on the page's own list, not in a form, the first of the wanted objects or the form around it stands."""
    first = min(wanted, default=len(leaf.handles))
    forms = [index for index, kind in enumerate(leaf.kinds[:first]) if kind == FORM]
    return min(forms, default=first)  # it may be in any of them


def _same_on_paper(leaf: Leaf, as_is: Grey) -> bool:
    """Without layers and annotations nothing can print otherwise than it shows, and a drawing is saved."""
    return (not leaf.layered and not _annotated(leaf.page)) or bool(np.array_equal(as_is, printed(leaf)))


def _annotated(page: Any) -> bool:
    for index in range(pdfium.FPDFPage_GetAnnotCount(page)):
        annotation = pdfium.FPDFPage_GetAnnot(page, index)
        kind = pdfium.FPDFAnnot_GetSubtype(annotation)
        pdfium.FPDFPage_CloseAnnot(annotation)
        if kind != pdfium.FPDF_ANNOT_LINK:
            return True
    return False


def _without(leaf: Leaf, ground: Grey, pieces: frozenset[int]) -> Grey:
    with _hidden(leaf.handles[piece] for piece in pieces):
        return _drawn(leaf, ground.copy(), _SCREEN)


def _alone(leaf: Leaf, pieces: frozenset[int]) -> Grey:
    # Forms stay: hiding one would hide the text within it.
    with _hidden(_but(leaf, pieces)):
        return _silhouettes(leaf, _blank(leaf, SCALE))


def _bare(leaf: Leaf, drawn: int, ground: Grey, left_out: Sequence[Picture]) -> Grey:
    """The page without text and some pictures, upon what is drawn already unless that has text in it."""
    if TEXT in leaf.kinds[:drawn]:
        drawn, ground = 0, _blank(leaf, SCALE)
    pictures = [leaf.handles[picture.number] for picture in left_out]
    with _hidden([*leaf.handles[:drawn], *pictures, *_text_after(leaf, 0)]):
        return _drawn(leaf, ground.copy(), _SCREEN)


def _darkest(leaf: Leaf, mark: Picture) -> int:
    with _hidden(_but(leaf, {mark.number})):
        return int(_drawn(leaf, _blank(leaf, 1.0), 0).min())


def _clean(leaf: Leaf, picture: Picture) -> Grey:
    before = zip(leaf.handles[: picture.number], leaf.kinds, strict=False)
    behind = [handle for handle, kind in before if kind != FORM]
    with _hidden([*behind, *_text_after(leaf, picture.number)]):
        return _closeup(leaf.page, picture.place)


def _but(leaf: Leaf, kept: Collection[int]) -> list[Any]:
    """Everything else, except forms."""
    each = enumerate(zip(leaf.handles, leaf.kinds, strict=True))
    return [handle for index, (handle, kind) in each if kind != FORM and index not in kept]


def _text_after(leaf: Leaf, first: int) -> list[Any]:
    each = zip(leaf.handles[first:], leaf.kinds[first:], strict=True)
    return [handle for handle, kind in each if kind == TEXT]


# As in reader.py: hundreds of calls that take no time.
_set_active = ctypes.PYFUNCTYPE(ctypes.c_int, ctypes.c_void_p, ctypes.c_int)(
    ctypes.cast(pdfium.FPDFPageObj_SetIsActive, ctypes.c_void_p).value or 0
)


@contextmanager
def _hidden(handles: Iterable[Any]) -> Iterator[None]:
    hidden = list(handles)
    deque(map(_set_active, hidden, repeat(0)), maxlen=0)
    try:
        yield
    finally:
        deque(map(_set_active, hidden, repeat(1)), maxlen=0)


# --- drawing


def _blank(leaf: Leaf, scale: float) -> Grey:
    left, bottom, right, top = bounds(leaf.page)
    return np.full((round((top - bottom) * scale), round((right - left) * scale)), 255, dtype=np.uint8)


def _drawn(leaf: Leaf, canvas: Grey, flags: int) -> Grey:
    """Draw upon the canvas, in grey: luminance is what legibility hangs on, and grey costs a quarter of colour."""
    height, width = canvas.shape
    with _bitmap(canvas, pdfium.FPDFBitmap_Gray) as bitmap:
        pdfium.FPDF_RenderPageBitmap(bitmap, leaf.page, 0, 0, width, height, 0, flags)
    return canvas


def _silhouettes(leaf: Leaf, canvas: Grey) -> Grey:
    """What is active, in black whatever its own colour."""
    height, width = canvas.shape
    scheme, pause = pdfium.FPDF_COLORSCHEME(_BLACK, _BLACK, _BLACK, _BLACK), pdfium.IFSDK_PAUSE()
    pause.version = 1
    pause.NeedToPauseNow = type(pause.NeedToPauseNow)(lambda _: 0)
    with _bitmap(canvas, pdfium.FPDFBitmap_Gray) as bitmap:
        drawing = (bitmap, leaf.page, 0, 0, width, height, 0, 0, scheme, pause)
        done = pdfium.FPDF_RenderPageBitmapWithColorScheme_Start(*drawing)
        pdfium.FPDF_RenderPage_Close(leaf.page)
    if done != pdfium.FPDF_RENDER_DONE:
        fail(UNDRAWN)
    return canvas


def _closeup(page: Any, place: Place) -> Grey:
    """One rectangle of the page in colour, stretched to its own pixels."""
    left, bottom, right, top = place
    scale = CLOSEUP / max(right - left, top - bottom)
    width, height = max(1, round((right - left) * scale)), max(1, round((top - bottom) * scale))
    page_left, _, _, page_top = bounds(page)
    # PDFium first draws the page at one pixel a point, top down, and then applies this matrix.
    x, y = width / (right - left), height / (top - bottom)
    matrix = pdfium.FS_MATRIX(x, 0, 0, y, (page_left - left) * x, (top - page_top) * y)
    canvas = np.full((height, width, 3), 255, dtype=np.uint8)
    with _bitmap(canvas, pdfium.FPDFBitmap_BGR) as bitmap:
        clip = pdfium.FS_RECTF(0, 0, width, height)
        pdfium.FPDF_RenderPageBitmapWithMatrix(bitmap, page, matrix, clip, _SCREEN | pdfium.FPDF_REVERSE_BYTE_ORDER)
    return canvas


@contextmanager
def _bitmap(canvas: Grey, form: int) -> Iterator[Any]:
    """A PDFium bitmap that writes into the array."""
    height, width = canvas.shape[:2]
    bitmap = pdfium.FPDFBitmap_CreateEx(width, height, form, canvas.ctypes.data, canvas.strides[0])
    if not bitmap:
        fail(NO_MEMORY)
    try:
        yield bitmap
    finally:
        pdfium.FPDFBitmap_Destroy(bitmap)
