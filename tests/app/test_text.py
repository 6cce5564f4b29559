"""The fold that the law's wording and the page's text are compared in."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.text import fold

# What a page or a template may really hold: Han, Latin with accents, kana, full width, marks, spaces, controls.
MARKS = st.sampled_from(
    " \u3000\u00a0\n\t\u00ad\u200b\ufeff\ufffe、，。：；！？（）()“”‘’—–-−·・•＜＞＆１\uff12ABC\uff41元角分整éｶﾞ㈱①"
)
texts = st.text(st.one_of(st.characters(codec="utf-8"), MARKS))
unaccented = st.text(
    st.one_of(st.characters(codec="utf-8", max_codepoint=0x10FFFF), MARKS).filter(
        lambda character: not any(map(unicodedata.combining, unicodedata.normalize("NFKD", character)))
    )
)


@given(texts)
def test_folding_twice_is_folding_once(text: str) -> None:
    once = fold(text).text

    assert fold(once).text == once


@given(texts)
def test_each_folded_character_knows_where_it_came_from(text: str) -> None:
    folded = fold(text)

    assert len(folded.origin) == len(folded.text)
    assert list(folded.origin) == sorted(folded.origin)


@given(unaccented)
def test_a_folded_character_comes_from_its_origin_alone(text: str) -> None:
    folded = fold(text)

    for character, index in zip(folded.text, folded.origin, strict=True):
        assert character in fold(text[index]).text


@given(unaccented, unaccented)
def test_text_folds_piece_by_piece(one: str, other: str) -> None:
    """So that a sentence broken over two pages is found by folding each page by itself."""
    assert fold(one + other).text == fold(one).text + fold(other).text


@given(texts, st.sampled_from([" ", "\n", "\u3000", "\u00a0", "\u00ad", "\u200b", "\ufeff", "\ufffe", "\r\n"]))
def test_spaces_line_breaks_and_format_marks_between_characters_do_not_matter(text: str, space: str) -> None:
    assert fold(space.join(text)).text == fold(text).text


@given(texts)
def test_composed_and_decomposed_forms_fold_alike(text: str) -> None:
    composed, apart = (unicodedata.normalize(form, text) for form in ("NFC", "NFD"))

    assert fold(composed).text == fold(apart).text == fold(text).text


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("人民币 38,256.47 元", "人民币38,256.47元"),
        ("人民币\uff13\uff18，\uff12\uff15\uff16\uff0e\uff14\uff17元", "人民币38,256.47元"),
        ("（大写）：", "(大写):"),
        ("“本函”", '"本函"'),
        ("持卡人‘甲’", "持卡人'甲'"),
        ("2026—2027", "2026-2027"),
        ("欧阳·买买提", "欧阳・买买提"),
        ("A&B ＜有限公司＞", "A&B<有限公司>"),
        ("\u2f00\u2f08民", "一人民"),  # Kangxi radicals, as some programs extract Han
        ("信用\ufffe\n卡", "信用卡"),
        ("Söhne", "So\u0308hne"),
    ],
)
def test_what_typesetting_exchanges_folds_alike(one: str, other: str) -> None:
    assert fold(one).text == fold(other).text


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("38,256.47", "38,256.41"),
        ("38,256.47", "38256.47"),
        ("38,256.47", "38.256,47"),
        ("叁万", "三万"),
        ("您有权提出异议", "您无权提出异议"),
        ("𠮷田", "吉田"),
        ("示范银行", "示範银行"),
        ("12378", "12387"),
        ("王小二", "王小ニ"),  # katakana
        ("José", "Jose"),
        ("A", "Α"),  # noqa: RUF001 -- a Greek capital on purpose
    ],
)
def test_what_means_something_else_stays_apart(one: str, other: str) -> None:
    assert fold(one).text != fold(other).text


@pytest.mark.parametrize("accented", ["José", "Jose\u0301"])
def test_wording_that_ends_in_a_bare_letter_is_not_found_in_an_accented_one(accented: str) -> None:
    assert fold("Jose").text not in fold(accented).text


def test_a_match_leads_back_to_the_source() -> None:
    source = "欠款余额为人民币 38,256.47\n元。"
    folded = fold(source)
    start = folded.text.index("38,256.47元")

    assert source[folded.origin[start]] == "3"
    assert source[folded.origin[start + len("38,256.47")]] == "元"


def test_one_character_may_fold_into_several_of_the_same_origin() -> None:
    assert fold("a㈱b").text == "a(株)b"
    assert fold("a㈱b").origin == (0, 1, 1, 1, 2)
