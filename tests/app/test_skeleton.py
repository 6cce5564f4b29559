"""The skeleton: one form for every disguise, and a way back to where it was written."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.skeleton import STOP, strip

TEXT = st.text(
    st.one_of(
        st.sampled_from(
            "老賴还款。！？；，、 \u3000\u200b\ufe0f⑰③\u3007零\uff10O\u043e\uff21é㈱⼈⻋👊—·的了我们将通知您的单位"
        ),
        st.characters(codec="utf-8"),
    ),
    max_size=60,
)


@pytest.mark.parametrize(
    ("disguised", "plain"),
    [
        ("老 赖", "老赖"),
        ("老\u200b赖", "老赖"),
        ("老\ufe0f赖\u20e3", "老赖"),
        ("老。赖", "老赖"),
        ("老👊赖", "老赖"),
        ("老～*赖", "老赖"),
        ("老賴", "老赖"),
        ("⼈渣", "人渣"),
        ("老頼", "老赖"),
        ("悪意", "恶意"),
        ("黒名单", "黑名单"),
        ("伝票", "传票"),
        ("収拾你", "收拾你"),
        ("移送検察院", "移送检察院"),
        ("単位", "单位"),
        ("坐窂", "坐牢"),
        ("拘畱", "拘留"),
        ("老ㆍ赖", "老赖"),
        ("老ꞏ赖", "老赖"),
        ("老ˈ赖", "老赖"),
        ("⻋⾺费", "车马费"),
        ("走著瞧", "走着瞧"),
        ("帳戶", "账户"),
        ("轉賬", "转账"),
        ("\uff11\uff17:\uff10\uff10", "17:00"),
        ("⑰:〇零", "17:00"),
        ("一小时", "1小时"),
        ("壹小時", "①小时"),
        ("三次", "3次"),
        ("两次", "2次"),
        ("\uff36\uff29\uff30", "vip"),
        ("V\u0406\u03a1", "VIP"),
        ("2\u043e26", "2026"),
        ("1OO", "100"),
        ("é", "e"),
        ("ニ次", "二次"),
    ],
)
def test_a_disguise_comes_off(disguised: str, plain: str) -> None:
    assert strip(disguised).text == strip(plain).text


@pytest.mark.parametrize(("one", "other"), [("还清", "还款"), ("骗子", "骑子"), ("未", "末"), ("1", "7"), ("人", "入")])
def test_what_looks_different_stays_different(one: str, other: str) -> None:
    assert strip(one).text != strip(other).text


@given(TEXT)
def test_what_is_stripped_cannot_be_stripped_further(text: str) -> None:
    once = strip(text).text

    assert strip(once).text == once


def test_no_character_there_is_can_be_stripped_further() -> None:
    once = [strip(chr(code)).text for code in range(0x32000)]

    assert [text for text in set(once) if strip(text).text != text] == []


@given(TEXT)
def test_every_character_came_from_its_origin_alone(text: str) -> None:
    bones = strip(text)

    assert len(bones.origin) == len(bones.text)
    assert list(bones.origin) == sorted(bones.origin)
    for character, index in zip(bones.text, bones.origin, strict=True):
        assert character in strip(text[index]).text


@given(TEXT, TEXT)
def test_text_is_stripped_piece_by_piece(one: str, other: str) -> None:
    assert strip(one + other).text == strip(one).text + strip(other).text


@given(TEXT)
def test_a_span_holds_what_the_skeleton_shows(text: str) -> None:
    bones = strip(text)
    for start in range(len(bones.text)):
        first, last = bones.span(start, start + 1)
        assert bones.text[start] in strip(text[first:last]).text


@given(TEXT)
def test_places_in_the_parted_text_lead_there_and_back(text: str) -> None:
    bones = strip(text)
    parted = bones.parted()

    assert parted.replace(STOP, "") == bones.text
    for index, character in enumerate(bones.text):
        assert parted[bones.in_parted(index)] == character
        assert bones.from_parted(bones.in_parted(index)) == index


@pytest.mark.parametrize(
    ("text", "parted"),
    [
        ("应当及时通知我行。您的单位地址变更的，亦同。", "应当及时通知我行。您的单位地址变更的亦同"),
        ("我们将通知。您", "我们将通知您"),
        ("我们将通知您。的单位领导", "我们将通知您的单位领导"),
        ("通。知。您。的。单。位", "通知您的单位"),
    ],
)
def test_a_mark_ends_a_sentence_only_between_words(text: str, parted: str) -> None:
    assert strip(text).parted() == parted
