"""What a docx may not hold before LibreOffice opens it: anything that reaches outside, or runs.

Refuses relationships and attributes that point outside the file (hyperlinks too: a letter is paper), macros, embedded
objects and fonts, controls, imported chunks, fields that fetch, fonts that are not pinned (asked.py says why), and
packages that are more than a letter ever is (package.py).
Templates are ours and linted; this stands so that no template, picture or name can make a bank's server call out.
"""

import re
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path

from lxml import etree

from app.convert.asked import foreign_fonts
from app.convert.package import members, refused

_RELATION = "{http://schemas.openxmlformats.org/package/2006/relationships}Relationship"
_WORD = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_FOREIGN_KINDS = (
    "/oleObject", "/package", "/control", "/aFChunk", "/vbaProject", "/attachedTemplate", "/subDocument", "/font",
)  # fmt: skip
_INSIDE = re.compile(r"/?(\.\./)*[\w\[\]-][\w./\[\]-]*", re.ASCII)  # a member's name, as a target of a relationship
_ACTIVE_TYPE = re.compile(r"macro|vba|ole|activex|control|obfuscated|x-font", re.IGNORECASE)
# Whatever runs, fetches, or brings something of its own along.
_FOREIGN_ELEMENTS = {
    "object", "OLEObject", "control", "altChunk", "subDoc", "mailMerge", "attachedTemplate", "binData", "movie",
    "saveThroughXslt", "embedRegular", "embedBold", "embedItalic", "embedBoldItalic",
}  # fmt: skip
_FETCHING = {"src", "href", "althref"}  # attributes of VML; LibreOffice needs none of them for a picture inside
_ADDRESS = re.compile(r"\s*([a-z][a-z0-9+.-]+:[/\\]|file:|\\\\)", re.IGNORECASE)
# A field is computed by LibreOffice. These only count pages or repeat what the document itself says.
_FIELDS = {"PAGE", "PAGEREF", "NUMPAGES", "SECTION", "SECTIONPAGES", "SEQ", "REF", "STYLEREF", "TOC"}


def refuse_unsafe(docx: Path, families: tuple[str, ...]) -> None:
    """Raise `StepFailed` unless the file keeps to itself and to the families. The text names no content."""
    try:
        with zipfile.ZipFile(docx) as archive:
            for name, root in members(archive):
                _look_at(name, root)
            if foreign := foreign_fonts(archive, families):
                raise refused(f"the docx asks for fonts that are not pinned: {', '.join(sorted(foreign))}")
    except (OSError, KeyError, zipfile.BadZipFile, etree.XMLSyntaxError, RuntimeError, EOFError, zlib.error) as error:
        raise refused(f"not a readable docx: {type(error).__name__}") from error


def _look_at(name: str, root: etree._Element) -> None:
    if name.endswith(".rels"):
        _check_relations(name, root)
    elif name == "[Content_Types].xml":
        if any(_ACTIVE_TYPE.search(kind.get("ContentType", "")) for kind in root.iter()):
            raise refused("the docx says that it holds something that is not text or a picture")
    elif name.startswith("word/"):
        _check_elements(name, root)
        _check_fields(name, root)


def _check_elements(name: str, root: etree._Element) -> None:
    for element in root.iter(etree.Element):
        if _local(element.tag) in _FOREIGN_ELEMENTS:
            raise refused(f"{name} holds something that is not text or a picture")
        for key, value in element.attrib.items():
            if _local(key) in _FETCHING or (_ADDRESS.match(value) and _local(key) != "uri"):
                raise refused(f"{name} points outside the document")


def _local(name: str) -> str:
    """{namespace}name -> name."""
    return name.rpartition("}")[2]


def _check_relations(name: str, root: etree._Element) -> None:
    for relation in root.iter(_RELATION):
        outside = relation.get("TargetMode", "Internal") != "Internal"
        if outside or not _INSIDE.fullmatch(relation.get("Target", "")):
            raise refused(f"{name} points outside the document")
        if relation.get("Type", "").endswith(_FOREIGN_KINDS):
            raise refused(f"{name} holds something that is not text or a picture")


def _check_fields(name: str, root: etree._Element) -> None:
    for instruction in _instructions(root):
        words = instruction.split()
        if not words or words[0].upper() not in _FIELDS:
            raise refused(f"{name} has a field that is not allowed")


def _instructions(root: etree._Element) -> Iterator[str]:
    """The instruction of every field. Word may spread one over several runs, and nest one in another."""
    open_fields: list[str] = []
    for element in root.iter(f"{_WORD}fldSimple", f"{_WORD}fldChar", f"{_WORD}instrText"):
        if element.tag == f"{_WORD}fldSimple":
            yield element.get(f"{_WORD}instr", "")
        elif element.tag == f"{_WORD}instrText":
            open_fields = [*open_fields[:-1], (open_fields[-1] if open_fields else "") + (element.text or "")]
        elif element.get(f"{_WORD}fldCharType") == "begin":
            open_fields.append("")
        elif element.get(f"{_WORD}fldCharType") == "end" and open_fields:
            yield open_fields.pop()
    yield from open_fields  # never closed, but LibreOffice is forgiving
