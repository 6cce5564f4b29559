"""What LibreOffice never gets to open."""

import re
import struct
import zipfile
import zlib
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


# As a package


def with_members(folder: Path, members: dict[str, bytes], compress: int = zipfile.ZIP_DEFLATED) -> str:
    """The reason for refusing a plain letter with these added."""
    word("催收函").save(str(folder / "letter.docx"))
    with zipfile.ZipFile(folder / "letter.docx", "a", compress) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return reason(folder)


def reason(folder: Path) -> str:
    with pytest.raises(StepFailed) as refusal:
        refuse_unsafe(folder / "letter.docx", fonts.FAMILIES)
    return refusal.value.detail


def xml(inner: str, doctype: str = "") -> bytes:
    return f"{doctype}<w:hdr {nsdecls('w', 'r')} xmlns:v='urn:schemas-microsoft-com:vml'>{inner}</w:hdr>".encode()


@pytest.mark.parametrize(
    "member",
    [
        "word/fonts/font1.odttf",
        "word/_rels/fontTable.xml.rels",  # where embedded fonts would be named
        "word/afchunk.html",
        "word/embeddings/sheet.xlsx",
        "word/ctrlProps/a.xml",
        "word/Document.xml",
        "word/media/a.emf",
        "word/media/.._x.png",
        "evil.xml",
        "../evil.xml",
    ],
)
def test_members_that_are_not_on_the_list_are_refused(tmp_path: Path, member: str) -> None:
    assert with_members(tmp_path, {member: b"<a/>"}).startswith("the docx holds ")


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_two_members_of_one_name_are_refused(tmp_path: Path) -> None:
    assert with_members(tmp_path, {"word/document.xml": b"<a/>"}) == "the docx has two members of one name"


def test_too_many_members_are_refused(tmp_path: Path) -> None:
    many = {f"word/header{number}.xml": b"<a/>" for number in range(1001)}

    assert with_members(tmp_path, many) == "the docx unpacks to more than a letter can be"


def test_too_much_text_is_refused_unread(tmp_path: Path) -> None:
    assert with_members(tmp_path, {"word/header1.xml": b" " * (17 << 20)}, zipfile.ZIP_STORED) == (
        "the docx has more text than a letter can have"
    )


def test_what_is_packed_like_a_bomb_is_refused_unread(tmp_path: Path) -> None:
    assert with_members(tmp_path, dict.fromkeys(["word/header1.xml", "word/header2.xml"], b" " * (15 << 20))) == (
        "the docx is packed too tightly to be a letter"
    )


def test_a_member_that_is_larger_than_it_says_is_refused(tmp_path: Path) -> None:
    word("催收函").save(str(tmp_path / "letter.docx"))
    with zipfile.ZipFile(tmp_path / "letter.docx", "a", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("word/header1.xml", xml("<w:p/>" * 1000))
        size = archive.getinfo("word/header1.xml").file_size
        archive.getinfo("word/header1.xml").file_size = 100  # as the directory will say
    assert size > 6000

    assert reason(tmp_path) == "not a readable docx: BadZipFile"


@pytest.mark.parametrize("depth", [100, 300])
def test_xml_that_is_nested_too_deeply_is_refused(tmp_path: Path, depth: int) -> None:
    said = with_members(tmp_path, {"word/header1.xml": xml("<w:p>" * depth + "</w:p>" * depth)})

    assert said in {"word/header1.xml is nested too deeply", "not a readable docx: XMLSyntaxError"}


@pytest.mark.parametrize("member", ["word/header1.xml", "docProps/custom.xml", "customXml/item7.xml"])
def test_a_document_type_and_with_it_entities_are_refused(tmp_path: Path, member: str) -> None:
    bomb = xml("&b;", '<!DOCTYPE w:hdr [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;">]>')

    assert with_members(tmp_path, {member: bomb}).endswith("declares a document type")


@pytest.mark.parametrize("content", [b"", b"\xd7\xcd\xc6\x9a\x00\x00", b"%PDF-1.7", b"<svg/>", b"GIF89a"])
def test_a_picture_that_is_not_what_its_name_says_is_refused(tmp_path: Path, content: bytes) -> None:
    assert with_members(tmp_path, {"word/media/a.png": content}) == "word/media/a.png is not a picture that is drawn"


@pytest.mark.parametrize("side", [7000, 20000])
def test_a_picture_that_unpacks_to_too_many_pixels_is_refused(tmp_path: Path, side: int) -> None:
    head = struct.pack(">IIBBBBB", side, side, 1, 0, 0, 0, 0)
    chunk = b"IHDR" + head
    png = b"\x89PNG\r\n\x1a\n" + struct.pack(">I", 13) + chunk + struct.pack(">I", zlib.crc32(chunk))
    png += struct.pack(">I", 0) + b"IDAT" + struct.pack(">I", zlib.crc32(b"IDAT"))

    assert with_members(tmp_path, {"word/media/a.png": png}) in {
        "word/media/a.png has too many pixels",
        "word/media/a.png is not a picture that is drawn",
    }


# What it says inside


@pytest.mark.parametrize(
    "inner",
    [
        '<w:object/>',
        '<w:altChunk r:id="r1"/>',
        '<w:subDoc r:id="r1"/>',
        '<w:embedRegular r:id="r1"/>',
        '<w:p><w:pict><w:binData w:name="a">AAAA</w:binData></w:pict></w:p>',
        '<o:OLEObject xmlns:o="urn:schemas-microsoft-com:office:office"/>',
    ],
)  # fmt: skip
def test_elements_that_bring_something_along_are_refused(tmp_path: Path, inner: str) -> None:
    assert with_members(tmp_path, {"word/header1.xml": xml(inner)}).endswith("something that is not text or a picture")


@pytest.mark.parametrize(
    "inner",
    [
        '<v:imagedata src="http://127.0.0.1:9/x.png"/>',
        '<v:imagedata src="x.png"/>',
        '<v:fill href="x.png"/>',
        '<w:x w:val="file:///etc/passwd"/>',
        r'<w:x w:val="\\host\share\x.png"/>',
        '<w:x w:val=" HTTPS://host/x"/>',
    ],
)
def test_attributes_that_point_outside_are_refused(tmp_path: Path, inner: str) -> None:
    assert with_members(tmp_path, {"word/header1.xml": xml(inner)}) == "word/header1.xml points outside the document"


@pytest.mark.parametrize("target", ["file:/etc/passwd", r"\\host\share", "//host/x.png", "x.png?y", "http:x", "%2e/x"])
def test_a_target_that_is_no_members_name_is_refused(tmp_path: Path, target: str) -> None:
    relations = f'<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">\
<Relationship Id="r1" Type="{IMAGE}" Target="{target}"/></Relationships>'

    assert with_members(tmp_path, {"word/_rels/header9.xml.rels": relations.encode()}) == (
        "word/_rels/header9.xml.rels points outside the document"
    )


def test_an_embedded_font_is_refused_by_its_relation(tmp_path: Path) -> None:
    document = word("催收函")
    document.part.relate_to(document.part, IMAGE.replace("/image", "/font"))

    assert "not text or a picture" in verdict(tmp_path, document)


@pytest.mark.parametrize(
    "kind",
    ["application/vnd.ms-word.document.macroEnabled.main+xml", "application/vnd.ms-office.vbaProject", "x/oleObject"],
)
def test_a_type_that_runs_is_refused(tmp_path: Path, kind: str) -> None:
    word("催收函").save(str(tmp_path / "plain.docx"))
    with (
        zipfile.ZipFile(tmp_path / "plain.docx") as plain,
        zipfile.ZipFile(tmp_path / "letter.docx", "w") as archive,
    ):
        for name in plain.namelist():
            archive.writestr(name, plain.read(name).replace(b"image/jpeg", kind.encode()))

    assert reason(tmp_path) == "the docx says that it holds something that is not text or a picture"
