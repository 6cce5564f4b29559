"""Open finished files with PDFium, whole, and walk over what stands on their pages.

PDFium is not thread-safe, not even across documents: this runs in the reading process (child.py), which does one thing
at a time. A file is read once, into memory, and its pages stay open together, so that none is read twice. Refuses a
file or page that PDFium cannot read, and a turned page, on which positions cannot be told (StepFailed).
"""

import ctypes
import re
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pypdfium2.raw as pdfium

from app.disclosures.reasons import BAD_PAGE, NO_PDF, TURNED_PAGE, fail

TEXT, IMAGE, FORM = pdfium.FPDF_PAGEOBJ_TEXT, pdfium.FPDF_PAGEOBJ_IMAGE, pdfium.FPDF_PAGEOBJ_FORM

Floats = npt.NDArray[np.float64]
Place = tuple[float, float, float, float]  # left, bottom, right, top, in points

_AS_IT_IS = np.eye(3)
# Optional content anywhere in the file, or compressed objects or names written with # that may hide it: then a page
# may have two faces. A chance hit in a picture's bytes costs one drawing.
_LAYERS = re.compile(rb"/OC|/ObjStm|/[A-Za-z#0-9]*#[0-9A-Fa-f]{2}")


@dataclass(frozen=True)
class Leaf:
    """A page that is open, and all objects on it in order of painting, those inside forms too.

    Each has its kind and the matrix that leads from its own parent to the page.
    """

    page: Any
    handles: tuple[Any, ...]
    kinds: tuple[int, ...]
    outer: tuple[Floats, ...]
    layered: bool  # the file may show its pages otherwise than it prints them


@contextmanager
def opened(path: Path) -> Iterator[tuple[Leaf, ...]]:
    """The pages of this file, for as long as the block lasts."""
    content = path.read_bytes()  # PDFium reads from it until the end
    layered = bool(_LAYERS.search(content))
    pdfium.FPDF_InitLibrary()  # does nothing the second time
    with ExitStack() as open_:
        document = pdfium.FPDF_LoadMemDocument64(content, len(content), None)
        if not document:
            fail(NO_PDF)
        open_.callback(pdfium.FPDF_CloseDocument, document)
        pages = []
        for number in range(pdfium.FPDF_GetPageCount(document)):
            page = pdfium.FPDF_LoadPage(document, number)
            if not page:
                fail(BAD_PAGE)
            open_.callback(pdfium.FPDF_ClosePage, page)
            found = list(_objects(page))
            handles, kinds, outer = zip(*found, strict=True) if found else ((), (), ())
            pages.append(Leaf(page, handles, kinds, outer, layered))
        yield tuple(pages)


def _objects(page: Any) -> Iterator[tuple[Any, int, Floats]]:
    for index in range(pdfium.FPDFPage_CountObjects(page)):
        yield from _within(pdfium.FPDFPage_GetObject(page, index), _AS_IT_IS)


def _within(handle: Any, outer: Floats) -> Iterator[tuple[Any, int, Floats]]:
    kind = int(pdfium.FPDFPageObj_GetType(handle))
    yield handle, kind, outer
    if kind == FORM:
        inner = matrix(handle) @ outer
        for index in range(pdfium.FPDFFormObj_CountObjects(handle)):
            yield from _within(pdfium.FPDFFormObj_GetObject(handle, index), inner)


def matrix(handle: Any) -> Floats:
    """The object's own matrix, to be multiplied from the left: (x, y, 1) @ matrix."""
    m = pdfium.FS_MATRIX()
    pdfium.FPDFPageObj_GetMatrix(handle, m)
    return np.array([[m.a, m.b, 0], [m.c, m.d, 0], [m.e, m.f, 1]])


def bounds(page: Any) -> Place:
    """What is shown of the page."""
    box = pdfium.FS_RECTF()
    if pdfium.FPDFPage_GetRotation(page) or not pdfium.FPDF_GetPageBoundingBox(page, box):
        fail(TURNED_PAGE)
    return box.left, box.bottom, box.right, box.top


def address(handle: Any) -> int:
    return ctypes.cast(handle, ctypes.c_void_p).value or 0
