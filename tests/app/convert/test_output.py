"""What no converted PDF may hold, on files made by hand."""

from pathlib import Path

import pytest
from pypdf import PdfWriter
from pypdf.generic import (
    ArrayObject,
    DictionaryObject,
    NameObject,
    NullObject,
    NumberObject,
    StreamObject,
    TextStringObject,
)

from app.convert.output import accept
from app.errors import StepFailed

PINNED = frozenset({"NotoSerifCJKsc-Regular"})


def names(**values: object) -> DictionaryObject:
    return DictionaryObject({NameObject(f"/{key}"): value for key, value in values.items()})


def font(name: str, *, embedded: bool = True) -> DictionaryObject:
    descriptor = names(FontFile=StreamObject()) if embedded else names()
    return names(Subtype=NameObject("/Type1"), BaseFont=NameObject(f"/{name}"), FontDescriptor=descriptor)


@pytest.fixture
def writer() -> PdfWriter:
    """One page, one allowed font, as LibreOffice writes it."""
    made = PdfWriter()
    page = made.add_blank_page(200, 200)
    page[NameObject("/Resources")] = names(Font=names(F1=font("BAAAAA+NotoSerifCJKjp-Regular-VKana")), XObject=names())
    made.root_object[NameObject("/OutputIntents")] = ArrayObject()
    to_top = [made.pages[0].indirect_reference, NameObject("/XYZ"), NullObject(), NullObject(), NumberObject(0)]
    made.root_object[NameObject("/OpenAction")] = ArrayObject(to_top)
    return made


def of_page(writer: PdfWriter, kind: str) -> DictionaryObject:
    resources = writer.pages[0]["/Resources"]
    assert isinstance(resources, DictionaryObject)
    found = resources[kind]
    assert isinstance(found, DictionaryObject)
    return found


def verdict(writer: PdfWriter, folder: Path) -> str:
    writer.write(folder / "letter.pdf")
    try:
        accept(folder / "letter.pdf", PINNED)
    except StepFailed as failure:
        return failure.detail
    return ""


def test_a_page_in_a_pinned_font_is_accepted(writer: PdfWriter, tmp_path: Path) -> None:
    assert verdict(writer, tmp_path) == ""


@pytest.mark.parametrize(
    "name", ["BAAAAA+DejaVuSerif", "NotoSerifCJKjp-Regular", "NotoSerifCJKjp-Bold-VKana", "Helvetica"]
)
def test_a_font_that_is_not_pinned_is_named(writer: PdfWriter, tmp_path: Path, name: str) -> None:
    of_page(writer, "/Font")[NameObject("/F2")] = font(name)

    assert (
        verdict(writer, tmp_path)
        == f"the PDF uses the font {name.removeprefix('BAAAAA+')}, which is not one of the pinned fonts"
    )


def test_a_font_in_a_drawing_on_the_page_is_found(writer: PdfWriter, tmp_path: Path) -> None:
    drawing = StreamObject()
    drawing[NameObject("/Resources")] = names(Font=names(F1=font("Symbol")))
    of_page(writer, "/XObject")[NameObject("/X1")] = writer._add_object(drawing)

    assert "font Symbol" in verdict(writer, tmp_path)


def test_a_font_without_its_outlines_is_refused(writer: PdfWriter, tmp_path: Path) -> None:
    of_page(writer, "/Font")[NameObject("/F2")] = font("NotoSerifCJKsc-Regular", embedded=False)

    assert verdict(writer, tmp_path) == "the font NotoSerifCJKsc-Regular is not embedded in the PDF"


def test_a_composite_font_without_its_outlines_is_refused(writer: PdfWriter, tmp_path: Path) -> None:
    composite = font("NotoSerifCJKsc-Regular")
    composite[NameObject("/DescendantFonts")] = ArrayObject([font("NotoSerifCJKsc-Regular", embedded=False)])
    of_page(writer, "/Font")[NameObject("/F2")] = composite

    assert verdict(writer, tmp_path) == "the font NotoSerifCJKsc-Regular is not embedded in the PDF"


@pytest.mark.parametrize("key", ["/AcroForm", "/Names", "/AA", "/OCProperties", "/Outlines", "/AF", "/Collection"])
def test_forms_scripts_layers_and_attachments_are_refused(writer: PdfWriter, tmp_path: Path, key: str) -> None:
    writer.root_object[NameObject(key)] = names()

    assert verdict(writer, tmp_path) == f"the PDF has what it may not have: {key}"


def test_an_action_on_opening_is_refused(writer: PdfWriter, tmp_path: Path) -> None:
    action = names(S=NameObject("/JavaScript"), JS=TextStringObject("app.alert(1)"))
    writer.root_object[NameObject("/OpenAction")] = action

    assert verdict(writer, tmp_path) == "the PDF does something when it is opened"


def test_a_file_that_does_not_say_it_is_pdfa_is_refused(writer: PdfWriter, tmp_path: Path) -> None:
    del writer.root_object["/OutputIntents"]

    assert verdict(writer, tmp_path) == "the PDF is not PDF/A"


def test_an_action_on_a_page_is_refused(writer: PdfWriter, tmp_path: Path) -> None:
    writer.pages[0][NameObject("/AA")] = names()

    assert verdict(writer, tmp_path) == "a page has what it may not have: /AA"


def test_a_link_within_the_document_is_accepted(writer: PdfWriter, tmp_path: Path) -> None:
    link = names(Type=NameObject("/Annot"), Subtype=NameObject("/Link"), Dest=ArrayObject())
    writer.pages[0][NameObject("/Annots")] = ArrayObject([link])

    assert verdict(writer, tmp_path) == ""


def test_a_link_that_leads_outside_is_refused(writer: PdfWriter, tmp_path: Path) -> None:
    link = names(Subtype=NameObject("/Link"), A=names(S=NameObject("/URI"), URI=TextStringObject("http://x.example")))
    writer.pages[0][NameObject("/Annots")] = ArrayObject([link])

    assert verdict(writer, tmp_path) == "a link has what it may not have: /A"


def test_other_annotations_are_refused(writer: PdfWriter, tmp_path: Path) -> None:
    writer.pages[0][NameObject("/Annots")] = ArrayObject([names(Subtype=NameObject("/Widget"))])

    assert verdict(writer, tmp_path) == "a page has an annotation of kind /Widget"


def test_a_pdf_without_pages_is_refused(tmp_path: Path) -> None:
    assert verdict(PdfWriter(), tmp_path) == "the PDF has no pages"


def test_an_encrypted_pdf_is_refused(writer: PdfWriter, tmp_path: Path) -> None:
    writer.encrypt("", algorithm="AES-256")

    assert verdict(writer, tmp_path) == "the PDF is encrypted"


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04", b"\n%PDF-1.7"])
def test_what_does_not_begin_as_a_pdf_is_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "letter.pdf").write_bytes(content)

    with pytest.raises(StepFailed, match="did not write a PDF"):
        accept(tmp_path / "letter.pdf", PINNED)


def test_a_pdf_that_was_cut_off_is_refused(writer: PdfWriter, tmp_path: Path) -> None:
    writer.write(tmp_path / "letter.pdf")
    whole = (tmp_path / "letter.pdf").read_bytes()
    (tmp_path / "letter.pdf").write_bytes(whole[: len(whole) // 2])

    with pytest.raises(StepFailed, match="cannot be read"):
        accept(tmp_path / "letter.pdf", PINNED)


def test_a_pdf_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(StepFailed, match="FileNotFoundError") as refusal:
        accept(tmp_path / "letter.pdf", PINNED)

    assert (refusal.value.step, refusal.value.status) == ("convert", 500)
