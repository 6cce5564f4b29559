"""What a docx may not hold before LibreOffice opens it: anything that reaches outside, or runs.

Refuses relationships that point outside the file (hyperlinks too: a letter is paper), macros, embedded objects,
controls, imported chunks, fields that fetch, fonts that are not pinned (asked.py says why), and archives that unpack
to more than a letter ever does.
Templates are ours and linted; this stands so that no template, picture or name can make a bank's server call out.
"""

import re
import zipfile
from collections.abc import Iterator
from pathlib import Path

from lxml import etree

from app.convert.asked import foreign_fonts
from app.errors import StepFailed

LARGEST = 64 * 1024 * 1024  # bytes unpacked; the letter has a few hundred thousand
MOST_ENTRIES = 1000

_RELATION = "{http://schemas.openxmlformats.org/package/2006/relationships}Relationship"
_WORD = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_FOREIGN = re.compile(r"vbaProject|vbaData|/embeddings/|/activeX/|/afchunk|/ctrlProps/", re.IGNORECASE)
_FOREIGN_KINDS = ("/oleObject", "/package", "/control", "/aFChunk", "/vbaProject", "/attachedTemplate", "/subDocument")
# A field is computed by LibreOffice. These only count pages or repeat what the document itself says.
_FIELDS = {"PAGE", "PAGEREF", "NUMPAGES", "SECTION", "SECTIONPAGES", "SEQ", "REF", "STYLEREF", "TOC"}
_PARSER = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False)


def refuse_unsafe(docx: Path, families: tuple[str, ...]) -> None:
    """Raise `StepFailed` unless the file keeps to itself and to the families. The text names no content."""
    try:
        with zipfile.ZipFile(docx) as archive:
            _look_at(archive)
            if foreign := foreign_fonts(archive, families):
                raise _refused(f"the docx asks for fonts that are not pinned: {', '.join(sorted(foreign))}")
    except (OSError, KeyError, zipfile.BadZipFile, etree.XMLSyntaxError, RuntimeError) as error:
        raise _refused(f"not a readable docx: {type(error).__name__}") from error


def _look_at(archive: zipfile.ZipFile) -> None:
    members = archive.infolist()
    if len(members) > MOST_ENTRIES or sum(member.file_size for member in members) > LARGEST:
        raise _refused("the docx unpacks to more than a letter can be")
    for name in archive.namelist():
        if _FOREIGN.search(f"/{name}"):
            raise _refused(f"the docx holds {name}")
        if name.endswith(".rels"):
            _check_relations(name, etree.fromstring(archive.read(name), _PARSER))
        elif name.startswith("word/") and name.endswith(".xml"):
            _check_fields(name, etree.fromstring(archive.read(name), _PARSER))


def _check_relations(name: str, root: etree._Element) -> None:
    for relation in root.iter(_RELATION):
        if relation.get("TargetMode", "Internal") != "Internal" or "://" in relation.get("Target", ""):
            raise _refused(f"{name} points outside the document")
        if relation.get("Type", "").endswith(_FOREIGN_KINDS):
            raise _refused(f"{name} holds something that is not text or a picture")


def _check_fields(name: str, root: etree._Element) -> None:
    for instruction in _instructions(root):
        words = instruction.split()
        if not words or words[0].upper() not in _FIELDS:
            raise _refused(f"{name} has a field that is not allowed")


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


def _refused(why: str) -> StepFailed:
    return StepFailed("convert", why, status=500)
