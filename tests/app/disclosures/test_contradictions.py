"""Amounts that no fact gives, and numbers that must not be printed in full."""

from collections.abc import Mapping
from typing import Any

import pytest

from app.disclosures.contradictions import contradictions
from tests.app.disclosures.test_find import sheet

BLANKS: Mapping[str, Any] = {
    "document": {"number": "示范催函〔2026〕000001号"},
    "issuer": {"uscc": "919900001000012345"},
    "account": {
        "contract": {"title": "领用合约（2024.05版）"},
        "debts": [
            {"currency": "CNY", "total": "38256.47", "fees": "0.00", "last_payment": {"amount": "1000.40"}},
            {"currency": "JPY", "total": "5210"},
        ],
        "rates": {"annual_percent": "18.25"},
    },
}


def wrong(*lines: str) -> dict[str, str]:
    return contradictions([sheet(*lines)], BLANKS, ["手续费每笔20.00元"])


@pytest.mark.parametrize(
    "line",
    [
        "欠款余额38,256.47元，费用0.00元，最近还款1,000.40元，日元5,210",
        "人民币叁万捌仟贰佰伍拾陆元肆角柒分，人民币壹仟元肆角整，人民币壹仟元零肆角，人民币壹仟元肆角",
        "年化利率18.25%，18.25 %，日利率0.05‰",
        "《领用合约（2024.05版）》，2026.11.23，金额单位：人民币元",
        "手续费每笔20.00元",
        "统一社会信用代码919900001000012345",
        "电话4000001234 2026年11月23日 12345 12378",
    ],
)
def test_what_the_facts_give_contradicts_nothing(line: str) -> None:
    assert wrong(line) == {}


@pytest.mark.parametrize(
    "line",
    [
        "欠款余额38,256.41元",
        "欠款余额138,256.47元",
        "欠款余额38256.48元",
        "欠款余额３８２５６.４８元",
        "只需支付1,000元",
        "年化利率18.25",
        "人民币叁万捌仟贰佰伍拾柒元肆角柒分",
        "人民币叁万 捌仟元整",
        "本金（38,256.46）",
    ],
)
def test_an_amount_that_no_fact_gives_is_named(line: str) -> None:
    assert wrong(line) == {"amounts": "contradicting amount"}


@pytest.mark.parametrize(
    "lines",
    [
        ["卡号9998001234567890124"],
        ["卡号9998 0012 3456 7890"],
        ["卡号9998-0012-3456-7890-128"],
        ["身份证号990000199001011237"],
        ["身份证号99000019900101123X"],
        ["卡号99980012", "34567890124"],
    ],
)
def test_a_number_as_long_as_a_cards_or_a_persons_is_named(lines: list[str]) -> None:
    assert wrong(*lines) == {"identifiers": "a number as long as a card's or a person's"}


def test_short_numbers_below_one_another_are_no_card_number() -> None:
    assert wrong("12345678", "87654321") == {}
