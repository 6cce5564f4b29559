"""The letter's own template, tampered with: each trick leaves a page that looks plausible, and none is released.

What the converter cannot be tricked into (text that is drawn invisibly) is done to the finished PDF by hand.
"""

import io
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pypdf
import pytest
from lxml import etree
from pypdf.generic import ContentStream, FloatObject, NameObject, NumberObject

from app.artifacts import Assembled, Converted, File, Part, Verified
from app.convert import Pool
from app.errors import DisclosureMissing
from app.render import render
from app.render.word import pack
from tests import reading
from tests.app.api.conftest import opened, problem, told
from tests.templates import letters

pytestmark = pytest.mark.office
Element = Any  # lxml publishes no types
W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
BODY = "word/document.xml"
OBJECTION = "异议处理"
AMOUNT = "{{ debt.total | amount(debt.currency) }}{{ debt.unit }}"
RIGHTS = "您有权就本次催收和我行的服务进行投诉"


def paragraph(body: Element, words: str) -> Element:
    """The one paragraph of the template with these words."""
    [found] = [p for p in body.iter(f"{{{W}}}p") if words in "".join(p.itertext(f"{{{W}}}t"))]
    return found


def formatted(body: Element, words: str, *properties: tuple[str, str]) -> None:
    """Set properties, such as ("color", "FFFFFF"), on every run of a paragraph."""
    for run in paragraph(body, words).iter(f"{{{W}}}r"):
        style = run.find(f"{{{W}}}rPr")
        if style is None:
            style = etree.SubElement(run, f"{{{W}}}rPr")
            run.insert(0, style)
        for name, value in properties:
            for old in style.findall(f"{{{W}}}{name}"):
                style.remove(old)
            etree.SubElement(style, f"{{{W}}}{name}").set(f"{{{W}}}val", value)


def replaced(old: str, new: str) -> Callable[[Element], None]:
    def trick(body: Element) -> None:
        texts = [text for text in body.iter(f"{{{W}}}t") if text.text and old in text.text]
        assert texts, old
        for text in texts:
            text.text = text.text.replace(old, new)

    return trick


def drop(words: str) -> Callable[[Element], None]:
    def trick(body: Element) -> None:
        found = paragraph(body, words)
        found.getparent().remove(found)

    return trick


def format_as(words: str, *properties: tuple[str, str]) -> Callable[[Element], None]:
    return lambda body: formatted(body, words, *properties)


def frame(words: str, **frame_properties: str) -> Callable[[Element], None]:
    """Put a paragraph into a Word frame of this place and size (twentieths of a point)."""

    def trick(body: Element) -> None:
        found = paragraph(body, words)
        style = found.find(f"{{{W}}}pPr")
        if style is None:
            style = etree.SubElement(found, f"{{{W}}}pPr")
            found.insert(0, style)
        made = etree.Element(f"{{{W}}}framePr")
        for name, value in frame_properties.items():
            made.set(f"{{{W}}}{name}", value)
        place = 1 if style.find(f"{{{W}}}pStyle") is not None else 0
        style.insert(place, made)

    return trick


def indented(words: str, left: str) -> Callable[[Element], None]:
    """Indent a paragraph by so many twentieths of a point: beyond the edge of the paper, if they are enough."""

    def trick(body: Element) -> None:
        found = paragraph(body, words)
        style = found.find(f"{{{W}}}pPr")
        for old in style.findall(f"{{{W}}}ind"):
            style.remove(old)
        etree.SubElement(style, f"{{{W}}}ind").set(f"{{{W}}}left", left)

    return trick


def struck(words: str) -> Callable[[Element], None]:
    def trick(body: Element) -> None:
        formatted(body, words, ("strike", "1"))

    return trick


def pasted(words: str) -> Callable[[Element], None]:
    """A picture, the QR shrunk to the size of a character, in the middle of a paragraph."""

    def trick(body: Element) -> None:
        [code] = [one for one in body.iter("{*}inline") if one.find("{*}docPr").get("descr") == "check_code"]
        run = etree.fromstring(etree.tostring(code.getparent().getparent()))
        for extent in [*run.iter("{*}extent"), *run.iter("{*}ext")]:
            if extent.get("cx"):
                extent.set("cx", "110000")
                extent.set("cy", "110000")
        [properties] = run.iter("{*}docPr")
        properties.set("descr", "word")
        properties.set("id", "9001")
        last = list(paragraph(body, words).iter(f"{{{W}}}t"))[-1]
        rest = etree.fromstring(etree.tostring(last.getparent()))
        *others, said = rest.iter(f"{{{W}}}t", f"{{{W}}}tab")
        for other in others:
            rest.remove(other)
        last.text, said.text = words[:5], words[5:] + "。"
        last.getparent().addnext(run)
        run.addnext(rest)

    return trick


def parted_by_a_page(words: str, after: int, extra: str) -> Callable[[Element], None]:
    """Breaks the page within the words, and says more at the very top of the next, where a header may stand."""

    def trick(body: Element) -> None:
        own = paragraph(body, words)
        for alignment in list(own.iter(f"{{{W}}}jc")):
            alignment.getparent().remove(alignment)
        [text] = [one for one in own.iter(f"{{{W}}}t") if one.text and words[:6] in one.text]
        run, place, whole = text.getparent(), list(text.getparent()).index(text), str(text.text)
        cut = whole.index(words) + after
        run.remove(text)
        made = (_text(whole[:cut]), _break("page"), _text(extra), _break("textWrapping"), _text(whole[cut:]))
        for index, element in enumerate(made):
            run.insert(place + index, element)
        for margins in body.iter(f"{{{W}}}pgMar"):
            margins.set(f"{{{W}}}top", "600")
            margins.set(f"{{{W}}}header", "200")

    return trick


def _text(said: str) -> Element:
    made = etree.Element(f"{{{W}}}t")
    made.text = said
    made.set("{http://www.w3.org/XML/1998/namespace}space", "preserve")
    return made


def _break(kind: str) -> Element:
    made = etree.Element(f"{{{W}}}br")
    made.set(f"{{{W}}}type", kind)
    return made


def cover(words: str) -> Callable[[Element], None]:
    """Lay the QR, stretched, over a paragraph: anchored to it, in front of the text."""

    def trick(body: Element) -> None:
        [anchor] = [a for a in body.iter("{*}anchor") if a.find("{*}docPr").get("descr") == "stamp"]
        run = etree.fromstring(etree.tostring(anchor.getparent().getparent()))
        [copied] = list(run.iter("{*}anchor"))
        copied.set("behindDoc", "0")
        [code] = [a for a in body.iter("{*}inline", "{*}anchor") if a.find("{*}docPr").get("descr") == "check_code"]
        embed = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}embed"
        copied.find(".//{*}blip").set(embed, code.find(".//{*}blip").get(embed))
        for direction in ("positionH", "positionV"):
            place = copied.find(f"{{*}}{direction}")
            place.set("relativeFrom", "column" if direction == "positionH" else "paragraph")
            for child in list(place):
                place.remove(child)
            etree.SubElement(place, etree.QName(place, "posOffset")).text = "0"
        for extent in [copied.find("{*}extent"), *copied.iter("{*}ext")]:
            if extent.get("cx"):
                extent.set("cx", "5400000")
                extent.set("cy", "400000")
        properties = copied.find("{*}docPr")
        properties.set("descr", "cover")
        properties.set("id", "9000")
        paragraph(body, words).append(run)

    return trick


TRICKS: dict[str, tuple[Callable[[Element], None], str]] = {
    "a disclosure is dropped": (drop(OBJECTION), "cn.letter.D09.effect"),
    "a right is dropped": (drop(RIGHTS), "cn.letter.D05"),
    "one digit stands before the amount": (replaced(AMOUNT, f"1{AMOUNT}"), "cn.letter.D02"),
    "one amount of the table is another": (replaced("{{ debt.interest |", "{{ debt.fees |"), "cn.letter.D02"),
    "the objection goes to another number": (
        replaced("{{ issuer.channels.object.phone }}", "{{ issuer.channels.query.phone }}"),
        "cn.letter.D09",
    ),
    "a digit is added to the hotline": (replaced("{{ issuer.hotline }}", "{{ issuer.hotline }}9"), "cn.letter.D11"),
    "white text": (format_as(OBJECTION, ("color", "FFFFFF")), "cn.letter.D09.effect"),
    "nearly white text": (format_as(OBJECTION, ("color", "EEEEEE")), "cn.letter.D09.effect"),
    "one-point text": (format_as(OBJECTION, ("sz", "2"), ("szCs", "2")), "cn.letter.D09.effect"),
    "text under the least size": (format_as(OBJECTION, ("sz", "14"), ("szCs", "14")), "cn.letter.D09.effect"),
    "hidden text": (format_as(OBJECTION, ("vanish", "1")), "cn.letter.D09.effect"),
    "outside the page": (
        indented(OBJECTION, "14000"),
        "cn.letter.D09.effect",
    ),
    "cropped by its frame": (
        frame(OBJECTION, w="9000", h="120", hRule="exact", wrap="around", vAnchor="text", hAnchor="text", y="1"),
        "cn.letter.D09.effect",
    ),
    "under a picture": (cover(OBJECTION), "cn.letter.D09.effect"),
    "struck through": (struck(OBJECTION), "cn.letter.D09.effect"),
    "a picture among the words": (pasted(RIGHTS), "cn.letter.D05"),
    "a condition where a header may stand": (parted_by_a_page(RIGHTS, 3, "在付清全部欠款以后，"), "cn.letter.D05"),
    "raised": (format_as(OBJECTION, ("position", "40")), "cn.letter.D09.effect"),
    "the specimen mark is gone": (lambda _: None, "cn.letter.D13.specimen"),
}  # fmt: skip


def tampered(trick: Callable[[Element], None], name: str = letters.DUNNING) -> dict[str, bytes]:
    entries = letters.template(name)
    body = etree.fromstring(entries[BODY])
    trick(body)
    return entries | {BODY: etree.tostring(body, xml_declaration=True, encoding="UTF-8", standalone=True)}


def made(entries: dict[str, bytes], pool: Pool, folder: Path) -> Converted:
    letter = letters.approved()
    return pool.convert(render(letter, letters.kind_from(entries, folder), letters.pictures(letter), folder), folder)


def verified(converted: Converted) -> Verified:
    letter = converted.rendered.approved
    required = letters.catalogue().packs["cn"].disclosures_for(letter.type, letter.on)
    return reading.verify(Assembled(converted, converted.parts), required, letters.pictures(letter))


def test_the_untouched_template_passes(pool: Pool, tmp_path: Path) -> None:
    assert len(verified(made(tampered(lambda _: None), pool, tmp_path)).proofs) == 23


def test_a_comma_at_the_end_of_a_justified_line_is_not_lost(pool: Pool, tmp_path: Path) -> None:
    """With hanging punctuation LibreOffice 7.4 drops the comma after 向您发出 from this very letter."""

    def to_the_guarantor(body: dict[str, Any]) -> None:
        body["parties"].append({"id": "p2", "kind": "natural_person", "name": "赵示范"})
        liability = {"document": "最高额保证合同", "signed_on": "2022-08-17"}
        body["account"]["obligors"].append({"party": "p2", "role": "guarantor", "liability": liability})
        body["addressee"] = body["delivery"]["owner"] = "p2"

    letter = letters.approved(to_the_guarantor)
    rendered = render(letter, letters.kind(), letters.pictures(letter), tmp_path)

    assert verified(pool.convert(rendered, tmp_path)).proofs


@pytest.mark.parametrize("name", ["赵\u4e36示", "员茎卜"])
def test_a_name_whose_strokes_fill_little_of_their_box_is_not_clipped(name: str, pool: Pool, tmp_path: Path) -> None:
    letter = letters.approved(letters.named(name))
    rendered = render(letter, letters.kind(), letters.pictures(letter), tmp_path)

    assert verified(pool.convert(rendered, tmp_path)).proofs


@pytest.mark.parametrize("name", TRICKS)
def test_a_trick_is_seen_on_the_finished_page_and_the_disclosure_named(name: str, pool: Pool, tmp_path: Path) -> None:
    trick, disclosure = TRICKS[name]
    entries = tampered(trick)
    if disclosure == "cn.letter.D13.specimen":
        header = entries["word/header2.xml"].decode()
        entries["word/header2.xml"] = header.replace("样本 SPECIMEN", "正本 ORIGINAL").encode()
        assert entries["word/header2.xml"].decode() != header

    with pytest.raises(DisclosureMissing) as refusal:
        verified(made(entries, pool, tmp_path))

    assert disclosure in refusal.value.missing


def invisible(page: pypdf.PageObject, writer: pypdf.PdfWriter) -> None:
    """Draw every text of the page in render mode 3: it can be selected and searched, and not be seen."""
    stream = ContentStream(page["/Contents"].get_object(), writer)
    stream.operations = [
        operation
        for pair in stream.operations
        for operation in ([([NumberObject(3)], b"Tr"), pair] if pair[1] in {b"Tj", b"TJ"} else [pair])
    ]
    page[NameObject("/Contents")] = stream


def narrowed(page: pypdf.PageObject, _: pypdf.PdfWriter) -> None:
    """Crop the page so that its upper third is not shown."""
    page.cropbox.upper_right = (FloatObject(595), FloatObject(500))


@pytest.mark.parametrize("spoil", [invisible, narrowed])
def test_a_page_spoilt_after_the_conversion_is_seen(spoil: Callable[..., None], pool: Pool, tmp_path: Path) -> None:
    converted = made(letters.template(), pool, tmp_path)
    writer = pypdf.PdfWriter(clone_from=converted.parts[0].file.path)
    spoil(writer.pages[0], writer)
    path = tmp_path / "spoilt.pdf"
    writer.write(path)
    part = (Part("letter", File.at(path)),)

    with pytest.raises(DisclosureMissing) as refusal:
        verified(Converted(converted.rendered, part, ""))

    assert {"cn.letter.D01", "cn.letter.D02"} <= refusal.value.missing.keys()


def test_over_http_forbidden_words_in_the_template_release_nothing_and_the_log_says_why(tmp_path: Path) -> None:
    templates = tmp_path / "templates"
    shutil.copytree(letters.TEMPLATES, templates)
    entries = letters.template()
    before = entries[BODY].decode()
    entries[BODY] = before.replace("特此函告。", "特此函告。请勿成为老</w:t></w:r><w:r><w:t>赖。").encode()
    assert entries[BODY].decode() != before
    pack(entries, templates / "documents" / "dunning_letter" / "letter.docx")
    for service in opened(tmp_path / "home", templates=str(templates)):
        body = problem(service.post(service.fresh()), 500, "disclosure.missing")

        assert body["disclosures"] == ["forbidden.F-B.insult"]
        last = told(service.get("/v1/audit/entries", role="compliance"))["entries"][-1]["entry"]
        assert '"missing":["forbidden.F-B.insult"]' in last


def test_over_http_a_note_is_printed_and_a_forbidden_one_refused(tmp_path: Path) -> None:
    for service in opened(tmp_path / "home"):
        answer = told(service.post(service.fresh() | {"note": "您提交的还款证明已经收到，正在核对。"}))
        pdf = service.get(answer["files"][0]["url"]).data
        text = "".join(page.extract_text() for page in pypdf.PdfReader(io.BytesIO(pdf)).pages)
        assert "附言：您提交的还款证明已经收到，正在核对。" in "".join(text.split())

        refused = problem(service.post(service.fresh() | {"note": "您就是老赖。"}), 422, "refused")
        [finding] = refused["findings"]
        assert (finding["rule"], finding["phrase"], finding["start"], finding["end"]) == ("R13", "F-B.insult", 3, 5)
        assert "老赖" not in str(refused)


def test_over_http_a_tampered_template_releases_nothing_and_the_log_says_why(tmp_path: Path) -> None:
    templates = tmp_path / "templates"
    shutil.copytree(letters.TEMPLATES, templates)
    pack(tampered(drop(OBJECTION)), templates / "documents" / "dunning_letter" / "letter.docx")
    for service in opened(tmp_path / "home", templates=str(templates)):
        body = problem(service.post(service.fresh()), 500, "disclosure.missing")

        assert body["disclosures"] == ["cn.letter.D09.effect"]
        [document] = told(service.get("/v1/documents"))["documents"]
        assert document["status"] == "failed"
        for rest in ("files/letter.pdf", "receipt", "disclosures"):
            problem(service.get(f"/v1/documents/{document['id']}/{rest}"), 404, "not_found")
        last = told(service.get("/v1/audit/entries", role="compliance"))["entries"][-1]["entry"]
        assert '"missing":["cn.letter.D09.effect"]' in last
