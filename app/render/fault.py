"""What is wrong with a template, before it is ever used (模板检查).

Promises to name every fault with its part, its paragraph, its tag and what to do, over all parts of the file: a blank
that will not be there, an unknown filter, an unclosed block, a tag that Word has split, a font that is not ours, a
missing picture, and anything active or foreign: macros, OLE, fields that fetch, links to outside, embedded fonts,
content controls, tracked changes, hidden or struck text. What is allowed is listed; everything else is refused.
Of a text, it is blanks, filters, blocks, tags of Word's, and characters that cannot be seen.
"""

import difflib
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from app.blanks import Shape, WordingError, asked, known
from app.catalogue import TEXT, DocumentType
from app.fonts import FAMILIES
from app.render import plain, word
from app.render.filling import PLACEHOLDERS
from app.render.word import STEERING, TAG, W


@dataclass(frozen=True)
class Problem:
    """One fault. `paragraph` and `tag` are "" where it lies outside the text."""

    part: str
    paragraph: str
    tag: str
    suggestion: str

    def __str__(self) -> str:
        where = f" {self.tag or self.paragraph[:40]}" if self.tag or self.paragraph else ""
        return f"{self.part}:{where} {self.suggestion}"


_RELATIONS = {
    "officeDocument", "styles", "settings", "webSettings", "fontTable", "theme", "numbering", "header", "footer",
    "footnotes", "endnotes", "image", "core-properties", "extended-properties",
}  # fmt: skip
_ENTRIES = re.compile(r"(\[Content_Types\]|.+)\.xml|.+\.rels|word/media/[^/]+\.(png|jpe?g)")
_MAIN = b"application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"
_FIELDS = {"PAGE", "PAGEREF"}
_FOREIGN = {
    "altChunk": "embedded documents are not printed; paste the text",
    "object": "embedded objects are refused; use a PNG picture",
    "control": "controls are refused",
    "sdt": "content controls become form fields; use plain text",
    "ins": "accept or reject the tracked changes",
    "del": "accept or reject the tracked changes",
    "moveFrom": "accept or reject the tracked changes",
    "moveTo": "accept or reject the tracked changes",
    "vanish": "text must not be hidden",
    "webHidden": "text must not be hidden",
    "strike": "text must not be struck through",
    "dstrike": "text must not be struck through",
    "sym": "use a character, not a symbol of a symbol font",
    "attachedTemplate": "detach the template in Word's options",
    "embedRegular": "do not embed fonts in the file",
    "embedBold": "do not embed fonts in the file",
    "embedItalic": "do not embed fonts in the file",
    "embedBoldItalic": "do not embed fonts in the file",
}
FOREIGN_TAG = re.compile(r"\{[{%#](-|\+|(tc|r)\s)|\{\{(p|tr)\s|\{#|\{%\s*(colspan|cellbg|vm|hm)\b|.*-[}%]\}")
_FACES = ("ascii", "hAnsi", "eastAsia", "cs")
_TYPEFACE = re.compile(rb'<a:(?:latin|ea|cs|sym|font)\b[^>]*\btypeface="([^"]*)"')


def lint(kind: DocumentType, shape: Shape, pictures: Sequence[str] = PLACEHOLDERS) -> list[Problem]:
    """Every fault of every template of the type. `shape` is what its blanks may ask for, see app/blanks.py."""
    problems: list[Problem] = []
    found: set[str] = set()
    for part in kind.parts:
        try:
            if part.kind == TEXT:
                problems += _text_faults(part.path.name, part.path.read_bytes(), shape)
                continue
            entries = word.unpack(part.path.read_bytes())
            found |= {name for name, targets in word.pictures(entries).items() if targets}
            problems += _faults(entries, shape)
        except (word.NotWord, plain.NotPlain, OSError) as error:
            problems.append(Problem(part.path.name, "", "", str(error)))
    missing = [name for name in pictures if name not in found]
    return problems + [Problem(kind.name, "", "", f"insert a picture with the alt text {name}") for name in missing]


def _text_faults(name: str, content: bytes, shape: Shape) -> Iterator[Problem]:
    lines = plain.decoded(content).split("\n")
    for said in lines:
        for tag in _tags_in(said):
            if re.search("[“”‘’„]", tag):
                yield Problem(name, said, tag, "use straight quotes in tags")
            if STEERING.match(tag) or FOREIGN_TAG.match(tag):
                yield Problem(name, said, tag, "only {{ }} and {% %} are understood in a text")
    yield from _blanks(name, lines, shape)


def _faults(entries: Mapping[str, bytes], shape: Shape) -> Iterator[Problem]:
    yield from _package(entries)
    yield from _defaults(entries)
    texts = word.worded(entries)
    for name, content in entries.items():
        if not word.is_xml(name):
            continue
        root = texts.get(name)
        if root is None:
            root = word.parse(content)
        yield from _foreign(name, root)
        yield from _hanging(name, root)
        yield from _fonts(name, root, content)
        yield from _stray_tags(name, root)
        if name in texts:
            yield from _tags(name, root)
            lines = ["".join(word.pieces(paragraph)) for paragraph in word.paragraphs(root)]
            yield from _blanks(name, lines, shape)
    yield from _shared_pictures(entries)


def _package(entries: Mapping[str, bytes]) -> Iterator[Problem]:
    for name in entries:
        if not _ENTRIES.fullmatch(name):
            yield Problem(name, "", "", "macros, objects and foreign files are refused; save as plain .docx")
        if name.endswith(".rels"):
            yield from _relations(name, entries[name])
    if _MAIN not in entries.get("[Content_Types].xml", b""):
        yield Problem("[Content_Types].xml", "", "", "save as plain .docx, without macros")


def _relations(name: str, content: bytes) -> Iterator[Problem]:
    for line in word.parse(content).iter(word.RELATION):
        kind = line.get("Type", "").rsplit("/", 1)[-1]
        if line.get("TargetMode", "Internal") != "Internal":
            yield Problem(name, "", "", f"remove the link to outside ({kind})")
        elif kind not in _RELATIONS:
            yield Problem(name, "", "", f"remove the {kind}")


def _foreign(name: str, root: Any) -> Iterator[Problem]:
    for element in root.iter(*(f"{W}{tag}" for tag in _FOREIGN)):
        yield Problem(name, _around(element), "", _FOREIGN[element.tag.removeprefix(W)])
    for element in root.iter(f"{W}instrText", f"{W}fldSimple"):
        instruction = (element.get(f"{W}instr") or element.text or "").split()
        if not instruction or instruction[0] not in _FIELDS:
            yield Problem(name, _around(element), "", f"only the fields {sorted(_FIELDS)} are filled in")


def _defaults(entries: Mapping[str, bytes]) -> Iterator[Problem]:
    """Text without a font of its own takes the default, which must therefore be said for every script."""
    styles = entries.get("word/styles.xml")
    found = word.parse(styles).find(f"{W}docDefaults/{W}rPrDefault/{W}rPr/{W}rFonts") if styles else None
    if found is None or any(found.get(f"{W}{face}") is None for face in _FACES):
        yield Problem("word/styles.xml", "", "", f"the default font must be given for {', '.join(_FACES)}")


def _hanging(name: str, root: Any) -> Iterator[Problem]:
    """The converter switches hanging punctuation off in every style; a setting of its own would escape that."""
    if root.find(f".//{W}overflowPunct") is not None:
        yield Problem(name, "", "overflowPunct", "remove the setting for hanging punctuation: commas get lost with it")


def _fonts(name: str, root: Any, content: bytes) -> Iterator[Problem]:
    for element in root.iter(f"{W}rFonts"):
        if any(key.lower().endswith("theme") for key in element.attrib):
            yield Problem(name, _around(element), "", "use a named font instead of a theme font")
        used = {value for key, value in element.attrib.items() if key.removeprefix(W) in _FACES}
        for font in sorted(used - set(FAMILIES)):
            yield Problem(name, _around(element), "", f"the font {font} is not installed; use {' or '.join(FAMILIES)}")
    if name.startswith("word/theme/"):
        return  # no text can reach the theme's fonts: references to them are refused above and below
    for typeface in sorted(set(_TYPEFACE.findall(content)) - {font.encode() for font in FAMILIES}):
        yield Problem(name, "", "", f"the font {typeface.decode(errors='replace')} of a drawing is not installed")


def _stray_tags(name: str, root: Any) -> Iterator[Problem]:
    """Tags where nothing is filled: in attributes, field instructions, properties."""
    texts = (
        value
        for element in root.iter()
        for value in (*element.attrib.values(), "" if element.tag == f"{W}t" else element.text or "")
    )
    if any("{{" in value or "{%" in value for value in texts):
        yield Problem(name, "", "", "tags are filled in running text only")


def _tags(name: str, root: Any) -> Iterator[Problem]:
    for paragraph in word.paragraphs(root):
        pieces = word.pieces(paragraph)
        said = "".join(pieces)
        whole = [tag for piece in pieces for tag in _tags_in(piece)]
        for tag in _tags_in(said):
            if tag not in whole:
                yield Problem(name, said, tag, "Word has split the tag; delete it and type it again in one go")
            yield from _tag(name, paragraph, said, tag)
        if re.search(r"\{[{%#]|[}%#]\}", TAG.sub("", said)):
            yield Problem(name, said, "", "a tag is not closed within its paragraph")


def _tags_in(said: str) -> list[str]:
    return [found[0] for found in TAG.finditer(said)]


def _tag(name: str, paragraph: Any, said: str, tag: str) -> Iterator[Problem]:
    if re.search("[“”‘’„]", tag):
        yield Problem(name, said, tag, "use straight quotes in tags")
    if FOREIGN_TAG.match(tag):
        yield Problem(name, said, tag, "only {{ }}, {% %}, {%p %} and {%tr %} are understood")
    if steering := STEERING.match(tag):
        level = paragraph if steering[1] == "p" else next(paragraph.iterancestors(f"{W}tr"), paragraph)
        if word.text(level).strip() != tag:
            yield Problem(name, said, tag, "the tag takes its paragraph or row with it: it must stand there alone")


def _blanks(name: str, lines: Sequence[str], shape: Shape) -> Iterator[Problem]:
    try:
        paths = asked(word.steering_plain("\n".join(lines)))
    except WordingError as error:
        yield Problem(name, lines[error.line - 1] if error.line else "", "", str(error))
        return
    for path in sorted(path for path in paths if not known(path, shape)):
        near = difflib.get_close_matches(path, sorted(_paths(shape)), n=1)
        hint = f"; perhaps {near[0]}" if near else ""
        said, tag = _where(lines, path)
        yield Problem(name, said, tag, f"there is no blank {path}{hint}")


def _where(lines: Sequence[str], path: str) -> tuple[str, str]:
    last = path.rstrip("[]").rsplit(".", 1)[-1]
    for said in lines:
        for tag in _tags_in(said):
            if re.search(rf"\b{re.escape(last)}\b", tag):
                return said, tag
    return "", ""


def _paths(shape: Shape, above: str = "") -> Iterator[str]:
    if isinstance(shape, Mapping):
        for key, inner in shape.items():
            yield from _paths(inner, f"{above}.{key}" if above else key)
    elif isinstance(shape, list) and shape:
        yield from _paths(shape[0], f"{above}[]")
    else:
        yield above


def _shared_pictures(entries: Mapping[str, bytes]) -> Iterator[Problem]:
    """A placeholder's bytes are exchanged, so no other picture may live on them."""
    named = {name: targets for name, targets in word.pictures(entries).items() if targets}
    for name in PLACEHOLDERS:
        others = {target for other, targets in named.items() if other != name for target in targets}
        if named.get(name, set()) & others:
            yield Problem("word/media", "", "", f"the picture {name} shares its file with another; insert it anew")


def _around(element: Any) -> str:
    """The text of the paragraph in which something was found."""
    paragraph = next(element.iterancestors(f"{W}p"), None)
    return "" if paragraph is None else "".join(word.pieces(paragraph))
