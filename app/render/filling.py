"""Fill an approved document's templates (填写): Word files, and texts.

Promises that whatever a template prints stands in the file whole, character by character: the text of every filled
part is compared with the same wording filled as plain text, without XML in between. Refuses a template whose bytes are
not those that were loaded at start-up, a value that is missing, values that are not plain data or carry control
characters or template marks, and a picture that is missing or no PNG. Errors name parts and never a value.

Compiled templates are kept by their bytes; filling shares nothing else, so threads may fill at once.
"""

import hashlib
import io
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import segno
from jinja2 import Template, TemplateError

from app.artifacts import Approved, File, Part, Rendered
from app.blanks import WordingError, compiled
from app.catalogue import TEXT, DocumentType, TemplatePart
from app.errors import StepFailed
from app.render import word
from app.render.plain import MARKS, UNSAFE, NotPlain, filled

PLACEHOLDERS = ("stamp", "check_code")  # pictures of the templates that are never printed as they are
_PNG = b"\x89PNG\r\n\x1a\n"


@dataclass(frozen=True)
class _Compiled:
    """A template ready to be filled. `wording` has each part twice: as markup, and as plain text to compare with."""

    entries: Mapping[str, bytes]
    wording: Mapping[str, tuple[Template, Template]]
    pictures: Mapping[str, frozenset[str]]


def render(approved: Approved, kind: DocumentType, pictures: Mapping[str, bytes], folder: Path) -> Rendered:
    """Fill every part of the type; `pictures` gives the PNG for each placeholder by name."""
    _refuse_unsafe(approved.blanks)
    return Rendered(approved, tuple(_part(approved.blanks, part, pictures, folder) for part in kind.parts))


def check_code_picture(document: Mapping[str, Any]) -> bytes:
    """The QR of the check address with the code as fragment: a fragment is not sent, so no server log holds it."""
    stream = io.BytesIO()
    symbol = segno.make_qr(f"{document['check_address']}#{document['check_code']}", error="m", boost_error=False)
    symbol.save(stream, kind="png", scale=10, border=4)
    return stream.getvalue()


def _part(blanks: Mapping[str, Any], part: TemplatePart, pictures: Mapping[str, bytes], folder: Path) -> Part:
    return _text(blanks, part, folder) if part.kind == TEXT else _word(blanks, part, pictures, folder)


def _word(blanks: Mapping[str, Any], part: TemplatePart, pictures: Mapping[str, bytes], folder: Path) -> Part:
    template = _template(part)
    entries = dict(template.entries)
    for name, (markup, plain) in template.wording.items():
        entries[name] = _filled(f"{part.name}/{name}", markup, plain, blanks)
    for name, targets in template.pictures.items():
        entries |= dict.fromkeys(targets, _picture(part.name, name, pictures))
    target = folder / f"{part.name}.docx"
    word.pack(entries, target)
    return Part(part.name, File.at(target))


def _text(blanks: Mapping[str, Any], part: TemplatePart, folder: Path) -> Part:
    try:
        content = filled(_loaded(part), blanks)
    except NotPlain as error:
        raise StepFailed("render", f"{part.name}: {error}", status=500) from error
    except (TemplateError, ValueError, TypeError) as error:
        raise _unfilled(part.name, error) from error
    target = folder / f"{part.name}.txt"
    target.write_bytes(content)
    return Part(part.name, File.at(target), TEXT)


def _unfilled(at: str, error: Exception) -> StepFailed:
    return StepFailed("render", f"{at}: a blank cannot be filled: {type(error).__name__}", status=500)


def _loaded(part: TemplatePart) -> bytes:
    """The template's bytes, which are still those of the start."""
    try:
        content = part.path.read_bytes()
    except OSError as error:
        raise StepFailed("render", f"{part.name}: the template cannot be read", status=500) from error
    if hashlib.sha256(content).hexdigest() != part.sha256:
        raise StepFailed("render", f"{part.name}: the template is not the one that was loaded", status=500)
    return content


def _template(part: TemplatePart) -> _Compiled:
    try:
        return _compile(_loaded(part))
    except (word.NotWord, WordingError) as error:
        raise StepFailed("render", f"{part.name}: {error}", status=500) from error


@lru_cache(maxsize=64)
def _compile(content: bytes) -> _Compiled:
    entries = word.unpack(content)
    wording = {
        name: (
            compiled(word.steering_markup(root), markup=True),
            compiled(word.steering_plain(word.text(root))),
        )
        for name, root in word.worded(entries).items()
    }
    named = word.pictures(entries)
    return _Compiled(entries, wording, {name: frozenset(named[name]) for name in PLACEHOLDERS if name in named})


def _filled(at: str, markup: Template, plain: Template, blanks: Mapping[str, Any]) -> bytes:
    try:
        filled, expected = markup.render(blanks), plain.render(blanks)
    except (TemplateError, ValueError, TypeError) as error:
        raise _unfilled(at, error) from error
    try:
        root = word.parse(filled)
    except word.NotWord as error:
        raise StepFailed("render", f"{at}: {error}", status=500) from error
    if word.text(root) != expected:
        raise StepFailed("render", f"{at}: text was lost or changed while filling", status=500)
    if any(mark in expected for mark in MARKS):
        raise StepFailed("render", f"{at}: a tag was left over", status=500)
    return word.serialise(root)


def _picture(part: str, name: str, pictures: Mapping[str, bytes]) -> bytes:
    if not pictures.get(name, b"").startswith(_PNG):
        raise StepFailed("render", f"{part}: the picture {name} is missing or no PNG", status=500)
    return pictures[name]


def _refuse_unsafe(value: Any) -> None:
    """Plain data only; no control, format or unassigned characters, which Word and Jinja drop without a word."""
    if isinstance(value, Mapping):
        for inner in value.values():
            _refuse_unsafe(inner)
    elif isinstance(value, list):
        for inner in value:
            _refuse_unsafe(inner)
    elif isinstance(value, str):
        if any(unicodedata.category(character) in UNSAFE for character in value):
            raise StepFailed("render", "a value carries characters that cannot be printed", status=500)
        if any(mark in value for mark in MARKS):
            raise StepFailed("render", "a value carries template marks", status=500)
    elif value is not None and type(value) not in (bool, int):
        raise StepFailed("render", f"a value is not plain data: {type(value).__name__}", status=500)
