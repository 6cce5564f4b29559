"""Where wording is found, and that a part is not taken for the whole."""

from collections.abc import Collection
from dataclasses import replace

import numpy as np
import pytest

from app.disclosures.find import Finder
from app.disclosures.reader import Sheet
from app.text import BROKEN_HYPHEN, fold


def sheet(*lines: str, top: float = 0.5, beside: Collection[str] = ()) -> Sheet:
    """A page with these lines, the first at `top` (1 is the upper edge), 2 % apart; those `beside` are artifacts."""
    text = "\r\n".join(lines)
    boxes, line, column = [], 0, 0
    for character in text:
        line, column = (line + 1, 0) if character == "\n" else (line, column + 10)
        boxes.append((column, 1000 * top - 20 * line - 15, column + 9, 1000 * top - 20 * line))
    piece = np.array([-1 if character in "\r\n" else 0 for character in text])
    points, box = np.full(len(text), 10.5), np.array(boxes, dtype=float)
    upright = np.ones(len(text), dtype=np.bool_)
    artifact = np.array([one in beside for one in lines for _ in f"{one}\r\n"][: len(text)], dtype=np.bool_)
    return Sheet(
        600, 1000, (0, 0), text, box, piece, points, points**2, points * 0, box[:, :2], upright, artifact, ("",), ()
    )


def found(text: str, *sheets: Sheet) -> list[str]:
    occurrences = Finder(sheets).occurrences([fold(text).text])
    return ["".join(sheets[page].text[index] for page, index in one.spots) for one in occurrences]


def test_lines_and_spaces_do_not_matter() -> None:
    assert found("您有权提出异议", sheet("一、您有 权", "提出异议。")) == ["您有权提出异议"]


def test_every_occurrence_is_given() -> None:
    assert len(found("甲乙", sheet("甲乙丙甲乙"))) == 2


@pytest.mark.parametrize(
    ("text", "page"),
    [
        ("400-000-0001", "400-000-00011"),
        ("400-000-0001", "1400-000-0001"),
        ("400-000-0001", "400-000-0001-8001"),
        ("400-000-0001", "400-000-0001.1"),
        ("1,234.56", "11,234.56"),
        ("1,234.56", "1,234.567"),
        ("256", "38,256.47"),
        ("8.25%", "18.25%"),
        ("尾号1234", "尾号12345"),
        ("尾号1234", "尾号1234１"),
        ("Demo", "Demobank"),
        ("card.example", "card.example.cn"),
        ("card.example", "card.example/fake"),
        ("https://card.example", "xhttps://card.example"),
        ("人民币叁拾元肆角", "人民币叁拾元肆角柒分"),
        ("叁拾元整", "贰佰叁拾元整"),
    ],
)
def test_a_part_is_not_the_whole(text: str, page: str) -> None:
    assert found(text, sheet(page)) == []


@pytest.mark.parametrize(
    ("text", "page"),
    [
        ("400-000-0001", "电话400-000-0001，2026年"),
        ("400-000-0001", "电话400-000-0001。"),
        ("400-000-0001", "致电 400-000-0001 12378"),
        ("400-000-0001", "400-000-0001/12378"),
        ("8.25%", "年化利率8.25%，"),
        ("1,234.56", "利息1,234.56元"),
        ("card.example", "登录card.example。"),
        ("人民币叁拾元整", "（大写：人民币叁拾元整）"),
    ],
)
def test_what_merely_stands_beside_it_does_no_harm(text: str, page: str) -> None:
    assert len(found(text, sheet(page))) == 1


def test_a_number_ends_where_its_line_ends() -> None:
    assert len(found("1,000.00", sheet("1,000.00", "2,000.00"))) == 1


def test_a_hyphen_at_the_end_of_a_line_is_read_both_ways() -> None:
    page = sheet(f"ABCD{BROKEN_HYPHEN}", f"EFGH the repay{BROKEN_HYPHEN}", "ment")

    assert len(found("ABCD-EFGH", page)) == 1
    assert len(found("the repayment", page)) == 1


def test_recurring_furniture_between_two_pages_is_passed_over() -> None:
    first = sheet("您有权提出", "第1页", top=0.17, beside=["第1页"])
    second = sheet("第2页", "异议。", top=0.17, beside=["第2页"])
    upper = sheet("示范银行", top=0.95, beside=["示范银行"])
    pages = [_stacked(upper, first), _stacked(upper, second)]

    assert found("您有权提出异议", *pages) == []  # the page numbers do not stand at the same height
    pages = [_stacked(upper, first), _stacked(upper, sheet("异议。", "第2页", top=0.17, beside=["第2页"]))]
    assert found("您有权提出异议", *pages) == ["您有权提出异议"]


def test_a_header_of_its_own_on_the_second_page_is_passed_over() -> None:
    header = sheet("续页", top=0.97, beside=["续页"])
    pages = [sheet("您有权提出", top=0.12), _stacked(header, sheet("异议。", top=0.8))]

    assert found("您有权提出异议", *pages) == ["您有权提出异议"]


def test_body_text_where_a_header_might_stand_is_no_header() -> None:
    said = sheet("在付清之后，", top=0.97)
    once = [sheet("您有权", top=0.12), _stacked(said, sheet("提出异议。", top=0.8))]
    every = [_stacked(said, sheet("您有权", top=0.12)), _stacked(said, sheet("提出异议。", top=0.8))]

    assert found("您有权提出异议", *once) == found("您有权提出异议", *every) == []


def test_body_text_between_two_pages_is_not_passed_over() -> None:
    pages = [sheet("您有权提出", top=0.3), _stacked(sheet("不实的", top=0.8), sheet("异议。", top=0.7))]

    assert found("您有权提出异议", *pages) == []


def test_a_sentence_in_the_header_is_found_in_the_page_itself() -> None:
    header = sheet("示范银行催收函", top=0.97)

    assert len(found("示范银行催收函", _stacked(header, sheet("甲")), _stacked(header, sheet("乙")))) == 2


def test_a_sentence_does_not_go_on_in_another_file() -> None:
    pages = [sheet("您有权提出", top=0.12), sheet("异议。", top=0.9)]
    texts = [fold("您有权提出异议").text]

    assert len(Finder(pages, [0, 0]).occurrences(texts)) == 1
    assert Finder(pages, [0, 1]).occurrences(texts) == ()


def _stacked(upper: Sheet, lower: Sheet) -> Sheet:
    """Both on one page."""
    text = f"{upper.text}\r\n{lower.text}"
    gap = np.zeros((2, 4))
    boxes = np.concatenate([upper.boxes, gap, lower.boxes])
    return replace(
        upper,
        text=text,
        boxes=boxes,
        piece=np.concatenate([upper.piece, [-1, -1], lower.piece]),
        points=np.full(len(text), 10.5),
        light=np.zeros(len(text)),
        origins=boxes[:, :2],
        upright=np.ones(len(text), dtype=np.bool_),
        artifact=np.concatenate([upper.artifact, [False, False], lower.artifact]),
    )
