"""What LibreOffice never gets to open."""

import re
import zipfile
from pathlib import Path

import pytest
from docx.document import Document
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls, qn

from app import fonts
from app.convert.intake import refuse_unsafe
from app.errors import StepFailed
from tests.app.convert.conftest import word

IMAGE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/image"
LINK = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/hyperlink"
OLE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/oleObject"


def run(document: Document, xml: str) -> None:
    document.paragraphs[0].runs[0]._r.append(parse_xml(xml.replace(" ", f" {nsdecls('w')} ", 1)))


def simple_field(document: Document, instruction: str) -> None:
    field = parse_xml(f'<w:fldSimple {nsdecls("w")} w:instr=" {instruction} "/>')
    document.paragraphs[0]._p.append(field)


def complex_field(document: Document, *pieces: str) -> None:
    run(document, '<w:fldChar w:fldCharType="begin"/>')
    for piece in pieces:
        run(document, f'<w:instrText xml:space="preserve">{piece}</w:instrText>')
    run(document, '<w:fldChar w:fldCharType="separate"/>')
    run(document, '<w:fldChar w:fldCharType="end"/>')


def set_run_font(document: Document, script: str, name: str) -> None:
    document.paragraphs[0].runs[0]._r.get_or_add_rPr().get_or_add_rFonts().set(qn(f"w:{script}"), name)


def verdict(folder: Path, document: Document) -> str:
    """The reason for refusing this document, "" if it is let through."""
    document.save(str(folder / "letter.docx"))
    try:
        refuse_unsafe(folder / "letter.docx", fonts.FAMILIES)
    except StepFailed as failure:
        return failure.detail
    return ""


def test_a_plain_letter_is_let_through(tmp_path: Path) -> None:
    assert verdict(tmp_path, word("催收函")) == ""


@pytest.mark.parametrize("kind", [IMAGE, LINK])
def test_nothing_may_point_outside_the_document(tmp_path: Path, kind: str) -> None:
    document = word("催收函")
    document.part.relate_to("http://127.0.0.1:9/x.png", kind, is_external=True)

    assert verdict(tmp_path, document) == "word/_rels/document.xml.rels points outside the document"


def test_an_address_dressed_up_as_internal_is_refused(tmp_path: Path) -> None:
    word("催收函").save(str(tmp_path / "letter.docx"))
    rels = f'<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">\
<Relationship Id="r1" Type="{IMAGE}" Target="http://127.0.0.1:9/x.png"/></Relationships>'
    with zipfile.ZipFile(tmp_path / "letter.docx", "a") as archive:
        archive.writestr("word/_rels/header9.xml.rels", rels)

    with pytest.raises(StepFailed, match=r"header9\.xml\.rels points outside"):
        refuse_unsafe(tmp_path / "letter.docx", fonts.FAMILIES)


def test_embedded_objects_are_refused_by_their_relation(tmp_path: Path) -> None:
    document = word("催收函")
    document.part.relate_to(document.part, OLE)

    assert "not text or a picture" in verdict(tmp_path, document)


@pytest.mark.parametrize("member", ["word/vbaProject.bin", "word/embeddings/a.bin", "word/activeX/activeX1.xml"])
def test_macros_and_objects_are_refused_by_their_place(tmp_path: Path, member: str) -> None:
    word("催收函").save(str(tmp_path / "letter.docx"))
    with zipfile.ZipFile(tmp_path / "letter.docx", "a") as archive:
        archive.writestr(member, b"")

    with pytest.raises(StepFailed, match=re.escape(member)):
        refuse_unsafe(tmp_path / "letter.docx", fonts.FAMILIES)


@pytest.mark.parametrize("instruction", ["PAGE", "NUMPAGES \\* MERGEFORMAT", "pageref end \\h"])
def test_fields_that_count_pages_are_let_through(tmp_path: Path, instruction: str) -> None:
    document = word("催收函")
    simple_field(document, instruction)
    complex_field(document, *instruction)

    assert verdict(tmp_path, document) == ""


@pytest.mark.parametrize("instruction", ["INCLUDEPICTURE http://127.0.0.1:9/x.png", "DDEAUTO c a b", "DATE", ""])
def test_other_fields_are_refused(tmp_path: Path, instruction: str) -> None:
    document = word("催收函")
    simple_field(document, instruction)

    assert "field that is not allowed" in verdict(tmp_path, document)


def test_a_field_spread_over_runs_and_inside_another_is_put_together(tmp_path: Path) -> None:
    document = word("催收函")
    run(document, '<w:fldChar w:fldCharType="begin"/>')
    run(document, "<w:instrText >PAGEREF </w:instrText>")
    complex_field(document, "INCLUDE", "PICTURE http://127.0.0.1:9/x.png")
    run(document, "<w:instrText >end</w:instrText>")
    run(document, '<w:fldChar w:fldCharType="end"/>')

    assert "field that is not allowed" in verdict(tmp_path, document)


def test_a_field_that_never_ends_is_looked_at_too(tmp_path: Path) -> None:
    document = word("催收函")
    run(document, '<w:fldChar w:fldCharType="begin"/>')
    run(document, "<w:instrText >INCLUDETEXT /etc/passwd</w:instrText>")

    assert "field that is not allowed" in verdict(tmp_path, document)


@pytest.mark.parametrize("script", ["ascii", "hAnsi", "eastAsia"])
def test_a_font_that_is_not_pinned_is_refused(tmp_path: Path, script: str) -> None:
    document = word("催收函")
    set_run_font(document, script, "宋体")

    assert verdict(tmp_path, document) == "the docx asks for fonts that are not pinned: 宋体"


def test_a_font_left_to_the_theme_is_refused(tmp_path: Path) -> None:
    document = word("催收函")
    set_run_font(document, "eastAsiaTheme", "minorEastAsia")

    assert verdict(tmp_path, document).endswith(": theme")


def test_a_default_style_that_does_not_name_a_font_for_han_is_refused(tmp_path: Path) -> None:
    document = word("催收函")
    del document.styles["Normal"].element.rPr.rFonts.attrib[qn("w:eastAsia")]

    assert verdict(tmp_path, document).endswith(": theme")


def test_a_font_counts_once_a_style_based_on_it_is_used(tmp_path: Path) -> None:
    document = word("催收函")
    document.styles["Body Text"].font.name = "Courier"
    document.styles["Body Text 2"].base_style = document.styles["Body Text"]
    unused = verdict(tmp_path, document)
    document.paragraphs[0].style = "Body Text 2"

    assert (unused, verdict(tmp_path, document)) == ("", "the docx asks for fonts that are not pinned: Courier")


def test_symbols_of_another_font_are_refused(tmp_path: Path) -> None:
    document = word("催收函")
    run(document, '<w:sym w:font="Wingdings" w:char="F0A8"/>')

    assert verdict(tmp_path, document).endswith(": Wingdings")


def test_an_archive_that_unpacks_to_too_much_is_refused_unread(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "letter.docx", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("word/document.xml", b"\0" * (65 * 1024 * 1024))

    with pytest.raises(StepFailed, match="unpacks to more") as refusal:
        refuse_unsafe(tmp_path / "letter.docx", fonts.FAMILIES)

    assert (refusal.value.step, refusal.value.status) == ("convert", 500)


@pytest.mark.parametrize("content", [b"", b"%PDF-1.7", b"PK\x03\x04 cut off"])
def test_what_is_not_a_docx_is_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "letter.docx").write_bytes(content)

    with pytest.raises(StepFailed, match="not a readable docx: BadZipFile"):
        refuse_unsafe(tmp_path / "letter.docx", fonts.FAMILIES)


def test_xml_that_is_cut_off_is_refused(tmp_path: Path) -> None:
    word("催收函").save(str(tmp_path / "letter.docx"))
    with zipfile.ZipFile(tmp_path / "letter.docx", "a") as archive:
        archive.writestr("word/header9.xml", b"<w:hdr>")

    with pytest.raises(StepFailed, match="not a readable docx: XMLSyntaxError"):
        refuse_unsafe(tmp_path / "letter.docx", fonts.FAMILIES)
