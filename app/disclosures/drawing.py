"""Draw finished pages (成像): as they are, without chosen text, and chosen text alone.

Promises pictures in which only what was asked for is left out; whoever compares them sees what that text adds to the
page. Judges nothing. As reader.py it takes a path and returns plain data.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pypdfium2.raw as pdfium

from app.disclosures.opening import FORM, TEXT, Place, bounds, kind, objects, opened, pages
from app.disclosures.reader import Picture
from app.errors import StepFailed

Grey = npt.NDArray[np.uint8]

SCALE = 2.0  # pixels per point: 144 dpi, so that the thin strokes of 9 point type are more than half a pixel
CLOSEUP = 480  # pixels along the longer side of a picture seen on its own: 40 mm at 300 dpi

_BLACK = 0xFF000000
_PAPER, _SCREEN = pdfium.FPDF_PRINTING | pdfium.FPDF_ANNOT, pdfium.FPDF_ANNOT
# Optional content anywhere in the file, or compressed objects or names written with # that may hide it: then a page
# may have two faces. A chance hit in a picture's bytes costs one drawing.
_LAYERS = re.compile(rb"/OC|/ObjStm|/[A-Za-z#0-9]*#[0-9A-Fa-f]{2}")


@dataclass(frozen=True)
class Wanted:
    """What to look at on a page (counted from 0): groups of pieces of text, and pictures."""

    page: int
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


def view(path: Path, wanted: Sequence[Wanted]) -> tuple[View, ...]:
    """The pages asked for, as pictures."""
    layered = bool(_LAYERS.search(path.read_bytes()))
    with opened(path) as document:
        each = zip(pages(document, [one.page for one in wanted]), wanted, strict=True)
        return tuple(_view(page, one, layered) for page, one in each)


def prints(path: Path, scale: float) -> tuple[bytes, ...]:
    """The picture of each page as printed, for comparing two files."""
    with opened(path) as document:
        return tuple(_drawn(page, _blank(page, scale), _PAPER).tobytes() for page in pages(document))


def _view(page: Any, wanted: Wanted, layered: bool) -> View:
    everything = [handle for handle, _ in objects(page)]
    first = _first(everything, wanted.turns)
    # What lies behind all the text in question (the 样本 mark, the stamp) costs most to draw, and is drawn once.
    with _hidden(everything[first:]):
        ground = _drawn(page, _blank(page, SCALE), 0)
    with _hidden(everything[:first]):
        as_is = _drawn(page, ground.copy(), _SCREEN)
        without = [_without(page, ground, [everything[piece] for piece in pieces]) for pieces in wanted.turns]
    alone = [_alone(page, everything, pieces) for pieces in wanted.turns]
    bare = _bare(page, everything, first, ground)
    shown = [everything[picture.number] for picture in wanted.pictures]
    return View(
        as_is,
        bare,
        _untyped(page, everything, shown, _blank(page, SCALE)) if shown else bare,
        _same_on_paper(page, as_is, layered),
        tuple(Turn(*pair) for pair in zip(without, alone, strict=True)),
        tuple(_clean(page, everything, picture) for picture in wanted.pictures),
        tuple(_darkest(page, everything, mark) for mark in wanted.marks),
    )


def _first(everything: list[Any], turns: Sequence[frozenset[int]]) -> int:
    """Where on the page's own list, not in a form, the first of the wanted pieces or the form around it stands."""
    first = min((piece for pieces in turns for piece in pieces), default=len(everything))
    forms = [index for index, handle in enumerate(everything[:first]) if kind(handle) == FORM]
    return min(forms, default=first)  # it may be in any of them


def _same_on_paper(page: Any, as_is: Grey, layered: bool) -> bool:
    """Without layers and annotations nothing can print otherwise than it shows, and a drawing is saved."""
    if not layered and not _annotated(page):
        return True
    return bool(np.array_equal(as_is, _drawn(page, _blank(page, SCALE), _PAPER)))


def _annotated(page: Any) -> bool:
    for index in range(pdfium.FPDFPage_GetAnnotCount(page)):
        annotation = pdfium.FPDFPage_GetAnnot(page, index)
        kind = pdfium.FPDFAnnot_GetSubtype(annotation)
        pdfium.FPDFPage_CloseAnnot(annotation)
        if kind != pdfium.FPDF_ANNOT_LINK:
            return True
    return False


def _without(page: Any, ground: Grey, pieces: Iterable[Any]) -> Grey:
    with _hidden(pieces):
        return _drawn(page, ground.copy(), _SCREEN)


def _alone(page: Any, everything: list[Any], pieces: frozenset[int]) -> Grey:
    # Forms stay: hiding one would hide the text within it.
    with _hidden(one for index, one in enumerate(everything) if index not in pieces and kind(one) != FORM):
        return _silhouettes(page, _blank(page, SCALE))


def _bare(page: Any, everything: list[Any], first: int, ground: Grey) -> Grey:
    """The page without text, upon what is drawn already unless that has text in it."""
    if any(kind(one) == TEXT for one in everything[:first]):
        return _untyped(page, everything, (), _blank(page, SCALE))
    return _untyped(page, everything, everything[:first], ground.copy())


def _untyped(page: Any, everything: list[Any], left_out: Sequence[Any], canvas: Grey) -> Grey:
    with _hidden([*left_out, *(one for one in everything if kind(one) == TEXT)]):
        return _drawn(page, canvas, _SCREEN)


def _darkest(page: Any, everything: list[Any], mark: Picture) -> int:
    with _hidden(one for index, one in enumerate(everything) if index != mark.number and kind(one) != FORM):
        return int(_drawn(page, _blank(page, 1.0), 0).min())


def _clean(page: Any, everything: list[Any], picture: Picture) -> Grey:
    behind = [one for one in everything[: picture.number] if kind(one) != FORM]
    with _hidden([*behind, *(one for one in everything[picture.number :] if kind(one) == TEXT)]):
        return _closeup(page, picture.place)


@contextmanager
def _hidden(handles: Iterable[Any]) -> Iterator[None]:
    hidden = list(handles)
    for handle in hidden:
        pdfium.FPDFPageObj_SetIsActive(handle, False)
    try:
        yield
    finally:
        for handle in hidden:
            pdfium.FPDFPageObj_SetIsActive(handle, True)


# --- drawing


def _blank(page: Any, scale: float) -> Grey:
    left, bottom, right, top = bounds(page)
    return np.full((round((top - bottom) * scale), round((right - left) * scale)), 255, dtype=np.uint8)


def _drawn(page: Any, canvas: Grey, flags: int) -> Grey:
    """Draw upon the canvas, in grey: luminance is what legibility hangs on, and grey costs a quarter of colour."""
    height, width = canvas.shape
    with _bitmap(canvas, pdfium.FPDFBitmap_Gray) as bitmap:
        pdfium.FPDF_RenderPageBitmap(bitmap, page, 0, 0, width, height, 0, flags)
    return canvas


def _silhouettes(page: Any, canvas: Grey) -> Grey:
    """What is active, in black whatever its own colour."""
    height, width = canvas.shape
    scheme, pause = pdfium.FPDF_COLORSCHEME(_BLACK, _BLACK, _BLACK, _BLACK), pdfium.IFSDK_PAUSE()
    pause.version = 1
    pause.NeedToPauseNow = type(pause.NeedToPauseNow)(lambda _: 0)
    with _bitmap(canvas, pdfium.FPDFBitmap_Gray) as bitmap:
        drawing = (bitmap, page, 0, 0, width, height, 0, 0, scheme, pause)
        done = pdfium.FPDF_RenderPageBitmapWithColorScheme_Start(*drawing)
        pdfium.FPDF_RenderPage_Close(page)
    if done != pdfium.FPDF_RENDER_DONE:
        raise StepFailed("verify", "a page could not be drawn", status=500)
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
    canvas = np.full((height, width, 4), 255, dtype=np.uint8)
    with _bitmap(canvas, pdfium.FPDFBitmap_BGRx) as bitmap:
        clip = pdfium.FS_RECTF(0, 0, width, height)
        pdfium.FPDF_RenderPageBitmapWithMatrix(bitmap, page, matrix, clip, _SCREEN)
    return canvas[:, :, 2::-1]


@contextmanager
def _bitmap(canvas: Grey, form: int) -> Iterator[Any]:
    """A PDFium bitmap that writes into the array."""
    height, width = canvas.shape[:2]
    bitmap = pdfium.FPDFBitmap_CreateEx(width, height, form, canvas.ctypes.data, canvas.strides[0])
    if not bitmap:
        raise StepFailed("verify", "no memory for the picture of a page", status=500)
    try:
        yield bitmap
    finally:
        pdfium.FPDFBitmap_Destroy(bitmap)
