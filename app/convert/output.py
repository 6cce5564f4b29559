"""What a converted PDF may hold, before any other step sees it: pages, text in our fonts, pictures - nothing else.

Two gates over the finished file, both closed: what is not on the list is refused.
1. *closed profile*: only the entries in `CATALOG`, `PAGE` and `LINK`, so no script, action, form, attachment, layer,
   outline or address to click can be in it, whatever the template or a later LibreOffice does;
2. *fonts* (字体): every font is embedded and is one of the pinned ones. LibreOffice replaces a missing font, or one
   that lacks a character, without a word; the letter would look right and not be the letter that was reviewed.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from pypdf import PdfReader
from pypdf.errors import PyPdfError
from pypdf.generic import ArrayObject, DictionaryObject, StreamObject

from app.errors import StepFailed

CATALOG = {
    "/Type", "/Version", "/Pages", "/Lang", "/Metadata", "/OutputIntents", "/MarkInfo", "/StructTreeRoot",
    "/OpenAction", "/PageLayout", "/PageMode", "/ViewerPreferences",
}  # fmt: skip
PAGE = {"/Type", "/Parent", "/Resources", "/MediaBox", "/Contents", "/Group", "/StructParents", "/Tabs", "/Annots"}
LINK = {"/Type", "/Subtype", "/Border", "/Rect", "/Dest", "/StructParent", "/F", "/Contents"}  # within the document


def accept(pdf: Path, fonts: frozenset[str]) -> None:
    """Raise `StepFailed` unless the file is a whole PDF of the closed profile, set in `fonts` alone."""
    try:
        with pdf.open("rb") as stream:
            if stream.read(5) != b"%PDF-":
                raise _refused("LibreOffice did not write a PDF")
            _check(PdfReader(stream, strict=True), fonts)
    except (OSError, PyPdfError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise _refused(f"LibreOffice wrote a PDF that cannot be read: {type(error).__name__}") from error


def _check(reader: PdfReader, fonts: frozenset[str]) -> None:
    if reader.is_encrypted:
        raise _refused("the PDF is encrypted")
    if not reader.pages:
        raise _refused("the PDF has no pages")
    _check_catalog(reader.root_object)
    for page in reader.pages:
        _check_page(page)
        for font in _fonts(page.get("/Resources"), set()):
            _check_font(font, fonts)


def _check_catalog(catalog: DictionaryObject) -> None:
    _only(CATALOG, catalog, "the PDF")
    if "/OutputIntents" not in catalog:
        raise _refused("the PDF is not PDF/A")
    opening = catalog.get("/OpenAction", ArrayObject()).get_object()
    if not isinstance(opening, ArrayObject):  # LibreOffice writes [page /XYZ null null 0]: a place, not an action
        raise _refused("the PDF does something when it is opened")


def _check_page(page: DictionaryObject) -> None:
    _only(PAGE, page, "a page")
    for reference in page.get("/Annots", ArrayObject()).get_object():
        annotation = reference.get_object()
        if annotation.get("/Subtype") != "/Link":
            raise _refused(f"a page has an annotation of kind {annotation.get('/Subtype')}")
        _only(LINK, annotation, "a link")


def _only(allowed: set[str], found: DictionaryObject, where: str) -> None:
    if extra := set(found) - allowed:
        raise _refused(f"{where} has what it may not have: {', '.join(sorted(extra))}")


def _fonts(resources: Any, seen: set[int]) -> Iterator[DictionaryObject]:
    """All fonts that a page can reach, those of forms and patterns drawn on it included."""
    resources = resources.get_object() if resources is not None else DictionaryObject()
    yield from (font.get_object() for font in _entries(resources, "/Font"))
    for kind in ("/XObject", "/Pattern"):
        for reference in _entries(resources, kind):
            drawn = reference.get_object()
            if isinstance(drawn, StreamObject) and id(drawn) not in seen:
                seen.add(id(drawn))
                yield from _fonts(drawn.get("/Resources"), seen)


def _entries(resources: DictionaryObject, kind: str) -> list[Any]:
    return list(resources.get(kind, DictionaryObject()).get_object().values())


def _check_font(font: DictionaryObject, allowed: frozenset[str]) -> None:
    name = str(font.get("/BaseFont", "/without a name"))[1:]
    plain = name[7:] if name[6:7] == "+" else name  # a subset is called ABCDEF+Name
    if not any(plain == pinned or plain.startswith(f"{_in_collection(pinned)}-") for pinned in allowed):
        raise _refused(f"the PDF uses the font {plain}, which is not one of the pinned fonts")
    # A composite font names the one that draws; that one has the descriptor, and the file.
    drawing = font.get("/DescendantFonts", ArrayObject([font])).get_object()[0].get_object()
    descriptor = drawing.get("/FontDescriptor", DictionaryObject()).get_object()
    if not {"/FontFile", "/FontFile2", "/FontFile3"} & set(descriptor):
        raise _refused(f"the font {plain} is not embedded in the PDF")


def _in_collection(name: str) -> str:
    """What LibreOffice calls a face of Noto CJK, to which it adds the name of a group of glyphs: `...-VKana`.

    All faces of a collection share one table of outlines, which is named after the Japanese face. That the Chinese
    one was meant is seen to before (asked.py).
    """
    return name.replace("CJKsc-", "CJKjp-")


def _refused(why: str) -> StepFailed:
    return StepFailed("convert", why, status=500)
