"""Open finished files with PDFium, one at a time, and walk over what stands on their pages.

PDFium is not thread-safe, not even across documents: whoever has a file open here has it alone. Refuses a file or page
that PDFium cannot read, and a turned page, on which positions cannot be told (StepFailed).
"""

import ctypes
import threading
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pypdfium2.raw as pdfium

from app.errors import StepFailed

TEXT, IMAGE, FORM = pdfium.FPDF_PAGEOBJ_TEXT, pdfium.FPDF_PAGEOBJ_IMAGE, pdfium.FPDF_PAGEOBJ_FORM

Floats = npt.NDArray[np.float64]
Place = tuple[float, float, float, float]  # left, bottom, right, top, in points

_LOCK = threading.Lock()
_AS_IT_IS = np.eye(3)


@contextmanager
def opened(path: Path) -> Iterator[Any]:
    """The document in this file, for as long as the block lasts."""
    with _LOCK:
        pdfium.FPDF_InitLibrary()  # does nothing the second time
        document = pdfium.FPDF_LoadDocument(str(path).encode(), None)
        if not document:
            raise StepFailed("verify", "the finished file is not a readable PDF", status=500)
        try:
            yield document
        finally:
            pdfium.FPDF_CloseDocument(document)


def pages(document: Any, numbers: Collection[int] | None = None) -> Iterator[Any]:
    """These pages, or all, each closed when the next is asked for."""
    if numbers is None:
        numbers = range(pdfium.FPDF_GetPageCount(document))
    for number in numbers:
        page = pdfium.FPDF_LoadPage(document, number)
        if not page:
            raise StepFailed("verify", "a page of the finished file cannot be read", status=500)
        try:
            yield page
        finally:
            pdfium.FPDF_ClosePage(page)


def objects(page: Any) -> Iterator[tuple[Any, Floats]]:
    """All objects in order of painting, those inside forms too, each with the matrix that leads to the page."""
    for index in range(pdfium.FPDFPage_CountObjects(page)):
        yield from _within(pdfium.FPDFPage_GetObject(page, index), _AS_IT_IS)


def _within(handle: Any, outer: Floats) -> Iterator[tuple[Any, Floats]]:
    yield handle, outer
    if kind(handle) == FORM:
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
        raise StepFailed("verify", "a page is turned: positions on it cannot be told", status=500)
    return box.left, box.bottom, box.right, box.top


def kind(handle: Any) -> int:
    return int(pdfium.FPDFPageObj_GetType(handle))


def address(handle: Any) -> int:
    return ctypes.cast(handle, ctypes.c_void_p).value or 0
