"""Text at the door: what a letter can print is let in as it is, and everything else is refused by name."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app import fonts
from tests.app.facts.conftest import Faults, find

NAME = "parties.0.name"


@pytest.mark.parametrize(
    "name",
    [
        "A&B <有限公司>",
        "𠮷田",
        "欧阳·买买提",
        "古丽米热·阿卜杜热合曼",
        "O'Brien & Söhne, Ltd.",
        "㐂",
        "王 小二",
        "王　小二",
    ],
)
def test_names_that_break_careless_programs_are_accepted(faults: Faults, name: str) -> None:
    assert faults(parties__0__name=name) == {}


@pytest.mark.parametrize(
    ("what", "character"),
    [
        ("a null", "\x00"),
        ("a vertical tab", "\x0b"),
        ("a line break", "\n"),
        ("a carriage return", "\r"),
        ("a tab", "\t"),
        ("a C1 control", "\x85"),
        ("a lone high surrogate", "\ud840"),
        ("a lone low surrogate", "\udfb7"),
        ("U+FFFE", "\ufffe"),
        ("U+FFFF", "\uffff"),
        ("private use", "\ue000"),
        ("private use beyond the first plane", "\U000f0000"),
        ("an unassigned code point", "\u0378"),
        ("a bidi override", "\u202e"),
        ("a bidi isolate", "\u2066"),
        ("a zero width space", "\u200b"),
        ("a zero width joiner", "\u200d"),
        ("a word joiner", "\u2060"),
        ("a byte order mark", "\ufeff"),
        ("a soft hyphen", "\u00ad"),
        ("a line separator", "\u2028"),
        ("a paragraph separator", "\u2029"),
        ("a space that does not break", "\u00a0"),
        ("a variation selector", "\ufe00"),
        ("a stroke through the character before", "\u0338"),
        ("an enclosing circle", "\u20dd"),
        ("a Hangul filler", "\u3164"),
        ("a blank Braille cell", "\u2800"),
    ],
)
def test_characters_that_print_as_something_else_or_not_at_all_are_refused(
    faults: Faults, what: str, character: str
) -> None:
    assert faults(parties__0__name=f"王{character}小二") == {NAME: [f"含不可用的字符：U+{ord(character):04X}"]}


def test_a_character_that_the_fonts_do_not_hold_is_refused_by_its_code_point(faults: Faults) -> None:
    assert faults(parties__0__name="王𪚥") == {NAME: ["字库没有的字符：U+2A6A5"]}


def test_at_most_five_code_points_are_named(faults: Faults) -> None:
    assert faults(parties__0__name="กขฃคฅฆ") == {NAME: ["字库没有的字符：U+0E01、U+0E02、U+0E03、U+0E04、U+0E05等"]}


@pytest.mark.parametrize("mark", ["{{", "}}", "{%", "%}", "{#", "#}", "{_{", "}_}", "{_%", "%_}"])
def test_template_marks_are_refused(faults: Faults, mark: str) -> None:
    assert faults(parties__0__name=f"王{mark}小二")["parties.0.name"][0] == "含模板标记"


@pytest.mark.parametrize("name", [" 王", "王 ", "\u3000王", "王\u3000", "  "])
def test_spaces_at_the_ends_are_refused(faults: Faults, name: str) -> None:
    assert faults(parties__0__name=name) == {NAME: ["首尾不得有空格"]}


def test_text_of_full_length_is_accepted_and_one_more_is_refused(faults: Faults) -> None:
    assert faults(parties__0__name="王" * 80) == {}
    assert faults(parties__0__name="王" * 81) == {NAME: ["超过 80 个字符"]}


def test_all_that_is_wrong_with_a_text_is_said_at_once(faults: Faults) -> None:
    assert faults(parties__0__name=" {{\x07𪚥") == {
        NAME: [
            "首尾不得有空格",
            "含模板标记",
            "含不可用的字符：U+0007",
            "字库没有的字符：U+2A6A5",
            "含不可用于此项的符号：U+007B",
        ]
    }


def test_text_is_normalised_at_the_door(schema: type) -> None:
    from_wire = schema().fields["parties"].element.schema.fields["name"]

    assert from_wire.deserialize("So\u0308hne") == "S\u00f6hne"


@given(st.text(min_size=1, max_size=20))
def test_accepted_text_is_normal_printable_and_one_line(name: str) -> None:
    if find(parties__0__name=name) == {}:
        text = unicodedata.normalize("NFC", name)
        assert fonts.lacking(text) == set()
        assert text.isprintable() or "\u3000" in text
        assert text.splitlines() == [text]
        assert text.encode("utf-8").decode("utf-8") == text


@given(st.text(st.sampled_from("王小欧阳·买提𠮷ABC& '-"), min_size=1, max_size=78))
def test_ordinary_names_are_accepted(name: str) -> None:
    assert find(parties__0__name=f"王{name}王") == {}
