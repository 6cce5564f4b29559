"""A Word template as this house reads it (模板): its parts, its text, its tags, its pictures.

Promises strict XML (nothing is mended), no entities, no network, and bounded size. Text is what stands in `w:t`, in the
order of the file, in the body, headers, footers, footnotes, endnotes and text boxes alike.
"""

import io
import posixpath
import re
import zipfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from docxtpl import DocxTemplate
from lxml import etree

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
RELATION = "{http://schemas.openxmlformats.org/package/2006/relationships}Relationship"
_EMBED = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}embed"
_A = "{http://schemas.openxmlformats.org/drawingml/2006/main}"
_DRAWINGS = "{http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing}"

TAG = re.compile(r"\{([{%#])(?:(?!\{[{%#]).)*?[}%#]\}")
STEERING = re.compile(r"\{%(p|tr) ")  # docxtpl: this tag takes its paragraph or its table row with it

_WORDED = {f"{W}{name}" for name in ("document", "hdr", "ftr", "footnotes", "endnotes")}
_MOST_ENTRIES = 200
_MOST_BYTES = 20 << 20  # unpacked: a letter has 54 kB
_DOCXTPL = DocxTemplate(io.BytesIO())  # for `patch_xml`, which keeps no state


class NotWord(ValueError):
    """Not a Word file that we read: broken, too large, or with two entries of one name."""


def unpack(content: bytes) -> dict[str, bytes]:
    """The entries of the package by name, in their order."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            entries = archive.infolist()
            if len(entries) > _MOST_ENTRIES or sum(entry.file_size for entry in entries) > _MOST_BYTES:
                raise NotWord("the file is too large")
            unpacked = {entry.filename: archive.read(entry) for entry in entries}
    except (zipfile.BadZipFile, RuntimeError, NotImplementedError, OSError) as error:
        raise NotWord("the file is not a readable package") from error
    if len(unpacked) != len(entries):
        raise NotWord("two entries have the same name")
    return unpacked


def pack(entries: Mapping[str, bytes], target: Path) -> None:
    """Write a package; the same entries give the same bytes."""
    with zipfile.ZipFile(target, "w") as archive:
        for name, content in entries.items():
            stored = zipfile.ZIP_STORED if name.endswith(".png") else zipfile.ZIP_DEFLATED
            archive.writestr(zipfile.ZipInfo(name), content, stored)


def parse(content: bytes | str) -> Any:
    """Strict XML."""
    parser = etree.XMLParser(recover=False, resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
    try:
        return etree.fromstring(content, parser)
    except etree.XMLSyntaxError as error:
        raise NotWord("a part is not well-formed XML") from error


def serialise(root: Any) -> bytes:
    made: bytes = etree.tostring(root, xml_declaration=True, encoding="UTF-8", standalone=True)
    return made


def is_xml(name: str) -> bool:
    return name.endswith((".xml", ".rels"))


def worded(entries: Mapping[str, bytes]) -> dict[str, Any]:
    """The parts that carry text, parsed, by name: whatever their name is, what they are decides."""
    roots = ((name, parse(content)) for name, content in entries.items() if is_xml(name))
    return {name: root for name, root in roots if root.tag in _WORDED}


def text(root: Any) -> str:
    return "".join(element.text or "" for element in root.iter(f"{W}t"))


def pieces(paragraph: Any) -> list[str]:
    """The texts of a paragraph's runs, without those of a text box that is anchored in it."""
    found = paragraph.iter(f"{W}t")
    return [element.text or "" for element in found if next(element.iterancestors(f"{W}p")) is paragraph]


def paragraphs(root: Any) -> Iterator[Any]:
    yield from root.iter(f"{W}p")


def steering_plain(wording: str) -> str:
    """The wording with docxtpl's paragraph and row tags as Jinja's plain ones."""
    return STEERING.sub("{% ", wording)


def steering_markup(root: Any) -> str:
    """The part's XML as docxtpl prepares it for Jinja."""
    prepared: str = _DOCXTPL.patch_xml(etree.tostring(root, encoding="unicode"))
    return prepared


def pictures(entries: Mapping[str, bytes]) -> dict[str, set[str]]:
    """Which media entries show each named picture: name or description -> entries."""
    found: dict[str, set[str]] = {}
    for part, root in worded(entries).items():
        targets = relations(entries, part)
        for drawing in root.iter(f"{_DRAWINGS}inline", f"{_DRAWINGS}anchor"):
            said = drawing.find(f"{_DRAWINGS}docPr")
            shown = {targets[blip.get(_EMBED)] for blip in drawing.iter(f"{_A}blip") if blip.get(_EMBED) in targets}
            for name in {said.get("name"), said.get("descr")} - {None, ""} if said is not None else ():
                found.setdefault(name, set()).update(shown)
    return found


def relations(entries: Mapping[str, bytes], part: str) -> dict[str, str]:
    """The internal targets of a part's relationships, as entry names."""
    folder, name = posixpath.split(part)
    content = entries.get(f"{folder}/_rels/{name}.rels".lstrip("/"))
    lines = parse(content).iter(RELATION) if content else ()
    return {
        line.get("Id"): posixpath.normpath(posixpath.join("/", folder, line.get("Target"))).lstrip("/")
        for line in lines
        if line.get("TargetMode") != "External"
    }


def twin(path: Path) -> str:
    """The template's text with its blanks, one paragraph a line, part by part: what a reviewer reads in a diff."""
    lines: list[str] = []
    for name, root in sorted(worded(unpack(path.read_bytes())).items()):
        lines += ["", f"## {name}", ""]
        lines += [line for paragraph in paragraphs(root) if (line := "".join(pieces(paragraph)))]
    return "\n".join(lines[1:]) + "\n"
