"""Each kind of fault is found in a template that is otherwise ours, and ours has none."""

from pathlib import Path
from typing import Any

import pytest

from app import facts
from app.blanks import offered
from app.render import Problem, lint
from tests.templates import letters

BODY, STYLES, RELATIONS, HEADER = (
    "word/document.xml",
    "word/styles.xml",
    "word/_rels/document.xml.rels",
    "word/header1.xml",
)
RUN = "特此函告。</w:t></w:r>"
REL = '<Relationship Id="rId99" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/{}" '
SERIF = "Noto Serif CJK SC"


def shape() -> dict[str, Any]:
    schema = facts.request_schema("dunning_letter", letters.kind().facts)
    return offered(facts.shape(schema), letters.issuer().record, letters.kind().masking)


def faults(tmp_path: Path, entries: dict[str, bytes]) -> list[Problem]:
    return lint(letters.kind_from(entries, tmp_path), shape())


def changed(entry: str, old: str, new: str) -> dict[str, bytes]:
    entries = letters.template()
    before = entries[entry].decode()
    assert old in before
    return {**entries, entry: before.replace(old, new, 1).encode()}


def test_our_own_letter_has_no_fault() -> None:
    assert lint(letters.kind(), shape()) == []


@pytest.mark.parametrize(
    ("entry", "old", "new", "said"),
    [
        (STYLES, "<w:spacing ", '<w:overflowPunct w:val="0"/><w:spacing ', "hanging punctuation"),
        (BODY, "{{ issuer.hotline }}", "{{ issuer.hotlime }}", "no blank issuer.hotlime; perhaps issuer.hotline"),
        (BODY, "{{ account.tail }}", "{{ account.card_number }}", "there is no blank account.card_number"),
        (BODY, "{{ addressee.name }}", "{{ delivery.recipient.line }}", "there is no blank delivery.recipient.line"),
        (BODY, "for debt in account.debts", "for debt in account.rates", "there is no blank account.rates[]"),
        (HEADER, "document.specimen", "document.speciman", "there is no blank document.speciman"),
        (BODY, "| capitals(", "| kapitals(", "No filter named 'kapitals'"),
        (BODY, "{%p endif %}", "{{ addressee.name }}", "endif"),
        (BODY, "{{ addressee.name }}", "{{ addressee.name | day", "not closed"),
        (BODY, "{{ addressee.name }}", "{{ addressee.</w:t></w:r><w:r><w:t>name }}", "Word has split the tag"),
        (BODY, "{{ addressee.name }}", "{</w:t></w:r><w:r><w:t>{ addressee.name }}", "Word has split the tag"),
        (BODY, "{{ addressee.name }}", "{{ addressee[“name”] }}", "straight quotes"),
        (BODY, "{{ addressee.name }}", "{{r addressee.name }}", "are understood"),
        (BODY, "{{ addressee.name }}", "{{ addressee.name.__class__ }}", "there is no blank addressee.name.__class__"),
        (BODY, "{{ addressee.name }}", "{{ cycler(1) }}", "Call is not among the expressions"),
        (BODY, "{%p endif %}", "{%p endif %}及其他", "must stand there alone"),
        (BODY, 'descr="stamp"', 'descr="{{ addressee.name }}"', "tags are filled in running text only"),
        (BODY, RUN, RUN + "<w:r><w:object/></w:r>", "embedded objects are refused"),
        (BODY, RUN, RUN + '<w:altChunk/>', "embedded documents"),
        (BODY, RUN, RUN + "<w:ins><w:r><w:t>x</w:t></w:r></w:ins>", "tracked changes"),
        (BODY, RUN, RUN + "<w:sdt/>", "content controls"),
        (BODY, RUN, RUN + "<w:r><w:rPr><w:vanish/></w:rPr><w:t>x</w:t></w:r>", "must not be hidden"),
        (BODY, RUN, RUN + "<w:r><w:rPr><w:strike/></w:rPr><w:t>x</w:t></w:r>", "must not be struck through"),
        (BODY, RUN, RUN + '<w:r><w:rPr><w:dstrike w:val="1"/></w:rPr><w:t>x</w:t></w:r>', "must not be struck through"),
        (BODY, RUN, RUN + "<w:r><w:instrText> INCLUDETEXT x </w:instrText></w:r>", "only the fields"),
        (BODY, RUN, RUN + '<w:fldSimple w:instr=" DDEAUTO x "/>', "only the fields"),
        (BODY, 'w:ascii="Noto Sans CJK SC"', 'w:ascii="Arial"', "the font Arial is not installed"),
        (STYLES, f'w:cs="{SERIF}"', 'w:cs="Times New Roman"', "the font Times New Roman is not installed"),
        (STYLES, f'w:cs="{SERIF}"', 'w:cstheme="minorBidi" w:asciiTheme="minorHAnsi"', "theme font"),
        (STYLES, f'w:cs="{SERIF}"', 'w:cstheme="minorBidi"', "theme font"),
        (STYLES, f' w:cs="{SERIF}"', "", "default font must be given"),
        (BODY, "<a:blip ", '<a:latin typeface="Arial"/><a:blip ', "the font Arial of a drawing"),
        (RELATIONS, "</Relationships>", REL.format("hyperlink") + 'Target="https://example.org" TargetMode="External"/>'
            "</Relationships>", "link to outside"),
        (RELATIONS, "</Relationships>", REL.format("oleObject") + 'Target="x.bin"/></Relationships>', "the oleObject"),
        (RELATIONS, "</Relationships>", REL.format("aFChunk") + 'Target="x.htm"/></Relationships>', "the aFChunk"),
        (RELATIONS, "</Relationships>", REL.format("attachedTemplate") + 'Target="x.dotm"/></Relationships>',
            "remove the attachedTemplate"),
        ("[Content_Types].xml", "wordprocessingml.document.main+xml", "ms-word.document.macroEnabled.main+xml",
            "without macros"),
        (BODY, 'r:embed="rId2"', 'r:embed="rId1"', "shares its file with another"),
    ],
)  # fmt: skip
def test_a_fault_is_named(tmp_path: Path, entry: str, old: str, new: str, said: str) -> None:
    found = faults(tmp_path, changed(entry, old, new))

    assert any(said in str(problem) for problem in found), [str(problem) for problem in found]


@pytest.mark.parametrize(
    "name",
    ["word/vbaProject.bin", "word/embeddings/oleObject1.bin", "word/fonts/font1.odttf", "word/media/x.emf", "x.htm"],
)
def test_foreign_entries_are_refused(tmp_path: Path, name: str) -> None:
    found = faults(tmp_path, {**letters.template(), name: b"x"})

    assert [problem.part for problem in found] == [name]


@pytest.mark.parametrize("name", ["stamp", "check_code"])
def test_a_missing_placeholder_is_named(tmp_path: Path, name: str) -> None:
    entries = letters.template()
    entries[BODY] = entries[BODY].replace(f'"{name}"'.encode(), b'"other"')

    assert [problem.suggestion for problem in faults(tmp_path, entries)] == [
        f"insert a picture with the alt text {name}"
    ]


def test_a_fault_tells_part_paragraph_and_tag(tmp_path: Path) -> None:
    found = faults(tmp_path, changed(BODY, "{{ addressee.salutation }}", "{{ addressee.salutatoin }}"))

    assert found == [
        Problem(
            BODY,
            "尊敬的{{ addressee.name }}{{ addressee.salutatoin }}：",
            "{{ addressee.salutatoin }}",
            "there is no blank addressee.salutatoin; perhaps addressee.salutation",
        )
    ]


def test_what_is_no_word_file_is_one_fault(tmp_path: Path) -> None:
    kind = letters.kind_from(letters.template(), tmp_path)
    kind.parts[0].path.write_bytes(b"not a package")

    assert "the file is not a readable package" in [problem.suggestion for problem in lint(kind, shape())]


def test_a_theme_that_nothing_refers_to_is_no_fault(tmp_path: Path) -> None:
    """Word adds one whenever it saves; no text can reach it."""
    namespace = b'xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main"'
    theme = b"<a:theme " + namespace + b'><a:latin typeface="Calibri"/></a:theme>'

    assert faults(tmp_path, {**letters.template(), "word/theme/theme1.xml": theme}) == []
