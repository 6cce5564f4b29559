"""Text (文字): one line that the letter can print as given.

Normalised (NFC) here at the door and nowhere later. Refuses what would print as something else, as nothing, or as an
empty box, and what the template engine would read as its own.
"""

import re
import unicodedata
from collections.abc import Iterator
from typing import Any

from marshmallow import ValidationError, fields

from app import fonts
from app.facts.fields import Value, about, says

_SHOWN = 5  # code points named in one message
# Marks that docxtpl and Jinja read as the beginning or end of a blank; {_{ is docxtpl's own spelling of {{.
_TEMPLATE_MARK = re.compile(r"\{_?[{%#]|[}%#]_?\}")
# Controls, format marks (zero width, bidi), surrogates, private use, unassigned, line and paragraph separators; marks
# that would be set over another character; and letters and symbols that print as nothing.
_UNUSABLE = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp", "Mn", "Me", "Mc"}
_FORMLESS = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}
_BLANK = set("\u115f\u1160\u3164\uffa0\u2800")
_SPACES = set(" \u3000")


class Text(Value, fields.String):
    """One line of text that the letter can print as given."""

    default_error_messages = says(
        empty="不得为空",
        long="超过 {most} 个字符",
        edges="首尾不得有空格",
        marks="含模板标记",
        unusable="含不可用的字符：{points}",
        lacking="字库没有的字符：{points}",
    )

    form = r"\S(?:.*\S)?"  # what a pattern can say of it, for OpenAPI; `_faults` says all
    proof = "按 NFC 规范化；不得含控制字符、组合附加符号、模板标记和字库没有的字符"

    def __init__(self, most: int, description: str, example: str, *, optional: bool = False) -> None:
        self.most = most
        told = f"{description}；{self.proof}" if self.proof else description
        super().__init__(**about(told, example, optional, minLength=1, maxLength=most, pattern=f"^(?:{self.form})$"))

    def read(self, value: Any) -> str:
        if not isinstance(value, str):
            raise self.make_error("string")
        if len(value) > 4 * self.most:  # not worth normalising
            raise self.make_error("long", most=self.most)
        text = unicodedata.normalize("NFC", value)
        if faults := list(self._faults(text)):
            raise ValidationError([message for fault in faults for message in fault.messages])
        return text

    def _faults(self, text: str) -> Iterator[ValidationError]:
        if not text:
            yield self.make_error("empty")
        if len(text) > self.most:
            yield self.make_error("long", most=self.most)
        if text != text.strip():
            yield self.make_error("edges")
        if _TEMPLATE_MARK.search(text):
            yield self.make_error("marks")
        unusable = {character for character in text if not usable(character)}
        if unusable:
            yield self.make_error("unusable", points=points(unusable))
        if lacking := fonts.lacking(text) - unusable:
            yield self.make_error("lacking", points=points(lacking))


class Words(Value, fields.String):
    """What somebody said, in several lines if need be. It is kept and shown to officers, and never printed.

    Refused are characters without a form (controls, halves, private use), lest what is shown be something else.
    """

    default_error_messages = says(empty="不得为空", long="超过 {most} 个字符", unusable="含不可用的字符：{points}")

    def __init__(self, most: int, description: str, example: str) -> None:
        self.most = most
        super().__init__(**about(description, example, minLength=1, maxLength=most))

    def read(self, value: Any) -> str:
        if not isinstance(value, str):
            raise self.make_error("string")
        if len(value) > self.most:
            raise self.make_error("long", most=self.most)
        if not value.strip():
            raise self.make_error("empty")
        if unusable := {one for one in value if unicodedata.category(one) in _FORMLESS and one != "\n"}:
            raise self.make_error("unusable", points=points(unusable))
        return unicodedata.normalize("NFC", value)


def usable(character: str) -> bool:
    """Prints as itself, alone, on this line."""
    category = unicodedata.category(character)
    if category == "Zs":
        return character in _SPACES
    return category not in _UNUSABLE and character not in _BLANK


def points(characters: set[str]) -> str:
    """Some characters by their code points, which is all that a message may say of them."""
    named = [f"U+{ord(character):04X}" for character in sorted(characters)]
    return "、".join(named[:_SHOWN]) + ("等" if len(named) > _SHOWN else "")
