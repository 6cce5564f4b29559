"""Fill a text template (填写文本): wording without paper, such as a short message.

Promises the template's wording filled by the one environment, in UTF-8, and byte for byte what is sent: no mark in
front and no line end behind, since a telephone counts every character. Refuses characters that cannot be seen, tags
left over, and emptiness at either end.
"""

import re
import unicodedata
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from jinja2 import Template

from app.blanks import WordingError, compiled
from app.render.word import TAG

MARKS = ("{{", "}}", "{%", "%}", "{#", "#}")
UNSAFE = {"Cc", "Cf", "Cn", "Co", "Cs", "Zl", "Zp"}  # control, format and unassigned characters, line separators


class NotPlain(ValueError):
    """Not a text that can be filled or sent. The message quotes nothing of it."""


def filled(content: bytes, blanks: Mapping[str, Any]) -> bytes:
    """The template's text as it will be sent. Jinja's errors are the caller's to catch."""
    text = _template(content).render(blanks)
    _require_seen(text)
    if any(mark in text for mark in MARKS):
        raise NotPlain("a tag was left over")
    return text.encode("utf-8")


def decoded(content: bytes) -> str:
    """A template's text, tags and all; a line end at its end is the editor's."""
    try:
        text = content.decode("utf-8").removesuffix("\n")
    except UnicodeDecodeError as error:
        raise NotPlain("the text is not UTF-8") from error
    _require_seen(text)
    if re.search(r"\{[{%#]|[}%#]\}", TAG.sub("", text)):
        raise NotPlain("a tag is not closed within its line")
    return text


@lru_cache(maxsize=64)
def _template(content: bytes) -> Template:
    try:
        return compiled(decoded(content))
    except WordingError as error:
        raise NotPlain(str(error)) from error


def _require_seen(text: str) -> None:
    if any(unicodedata.category(character) in UNSAFE and character != "\n" for character in text):
        raise NotPlain("the text holds characters that cannot be seen")
    if not text or text != text.strip():
        raise NotPlain("the text begins or ends with nothing")
