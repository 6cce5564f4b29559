"""Short messages are counted as the phone companies do; the text is cut between characters and nothing is lost."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.segments import MOST, count, cut

GSM = st.text(st.sampled_from("abcXYZ 0189@£$¥èéÅåΔΦΩß!?,.-:^{}[]~|€\n"), min_size=1, max_size=900)
ANY = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=400)
CHINESE = st.text(st.sampled_from("您尾号信用卡账单应还款额，。𠮷𠀀😀Az09"), max_size=400).map("您{}".format)


@pytest.mark.parametrize(
    ("text", "messages"),
    [
        ("a" * 160, 1),
        ("a" * 161, 2),
        ("a" * 306, 2),
        ("a" * 307, 3),
        ("a" * 158 + "€", 1),
        ("a" * 159 + "€", 2),
        ("a" * 152 + "€" + "a" * 151, 2),
        ("a" * 152 + "€" + "a" * 152, 3),
        ("款" * 70, 1),
        ("款" * 71, 2),
        ("款" * 134, 2),
        ("款" * 135, 3),
        ("款" + "a" * 69, 1),
        ("款" + "a" * 70, 2),
        ("款" * 68 + "𠮷", 1),
        ("款" * 69 + "𠮷", 2),
        ("款" * 66 + "𠮷" + "款" * 66, 3),
    ],
)
def test_a_text_has_as_many_messages_as_the_standard_says(text: str, messages: int) -> None:
    assert count(text) == messages


def test_an_escaped_character_is_not_cut_in_two() -> None:
    first, second = cut("a" * 152 + "€" + "a" * 100)

    assert (len(first), second[0]) == (152, "€")


@given(st.one_of(GSM, ANY, CHINESE))
def test_the_messages_together_are_the_text(text: str) -> None:
    assert "".join(cut(text)) == text


@given(CHINESE)
def test_a_message_in_chinese_has_seventy_units_alone_and_sixty_seven_among_several(text: str) -> None:
    messages = cut(text)
    units = [len(message.encode("utf-16-be")) // 2 for message in messages]

    assert (units[0] <= 70) if len(messages) == 1 else (len(text.encode("utf-16-be")) // 2 > 70)
    assert len(messages) == 1 or (max(units) <= 67 and all(unit >= 66 for unit in units[:-1]))


@given(GSM)
def test_a_message_in_the_default_alphabet_has_as_many_septets_as_fit(text: str) -> None:
    septets = [sum(2 if one in "^{}[]~|€" else 1 for one in message) for message in cut(text)]

    assert (septets[0] <= 160) if len(septets) == 1 else (max(septets) <= 153 and min(septets[:-1]) >= 152)


@pytest.mark.parametrize("text", ["", "款" * (67 * MOST + 1)])
def test_nothing_and_too_much_are_no_message(text: str) -> None:
    with pytest.raises(ValueError, match="message"):
        cut(text)
