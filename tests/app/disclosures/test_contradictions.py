"""Amounts that no fact gives, and numbers that must not be printed in full."""

from collections.abc import Mapping
from typing import Any

import pytest

from app.disclosures.contacts import strangers
from app.disclosures.contradictions import contradictions
from tests.app.disclosures.test_find import sheet

BLANKS: Mapping[str, Any] = {
    "document": {"number": "示范催函〔2026〕000001号"},
    "issuer": {
        "uscc": "919900001000012345",
        "hotline": "400-000-1234",
        "address": "三元桥路5号100万达广场",
        "account_number": "9998550000000001230",
        "site": "https://card.demo-bank.example/account",
        "email": "objection@demo-bank.example",
    },
    "addressee": {"name": "陆元"},
    "account": {
        "contract": {
            "title": "领用合约（2024.05版）",
            "clause": "卡号9998000000000005项下",
            "number": "201903180000123456",
        },
        "debts": [
            {"currency": "CNY", "total": "38256.47", "fees": "0.00", "last_payment": {"amount": "1000.40"}},
            {"currency": "JPY", "total": "5210"},
        ],
        "rates": {"annual_percent": "18.25"},
    },
}


WORDING = [
    "手续费每笔20.00元",
    "统一社会信用代码919900001000012345",
    "收款账号9998550000000001230",
    "《领用合约》卡号9998000000000005项下",
    "合同编号201903180000123456",
]


def wrong(*lines: str) -> dict[str, str]:
    return contradictions([sheet(*lines)], BLANKS, WORDING)


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
        "欠款人民币38256.47元，￥38256.47，合RMB 38,256.47，3.825647万元，日元5210，5210日元",
        "大写：叁万捌仟贰佰伍拾陆元肆角柒分，伍仟贰佰壹拾元整",
        "５２１０日元，五千二百一十日元",
        "尊敬的陆元先生，三元桥路5号100万达广场",
        "2026年1月1日元旦，逾期45天，一年按365天计算，宽限期3天，人民币2026年版",
        "合同编号201903180000123456，收款账号9998 5500 0000 0001 230",
        "登录https://card.demo-bank.example/account或者致电400 000 1234，objection@demo-bank.example。",
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
        "只需支付256.47元",
        "只需支付38000元",
        "只需支付38000 元",
        "只需支付3.9万元",
        "约3.9万",
        "只需支付￥39000",
        "只需支付¥ 39000",
        "只需支付CNY39000",
        "RMB 39000",
        "人民币39000，",
        "39000日元",
        "US$ 1200",
        "叁万捌仟元整",
        "伍分",
        "三千元",
        "三万八千二百五十六元",
        "两万元",
        "另须支付手续费5千元",
        "5百元",
        "3佰元",
        "2千万元",
        "\uff13\uff19，\uff10\uff10\uff10元",
        "\uff13\uff19000元",
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
        ["卡号999800 1234567 890124"],
        ["卡号9998·0012·3456·7890·124"],
        ["卡号9998.0012.3456.7890"],
        ["卡号9998/0012/3456/7890"],
        ["卡号９９９８００１２３４５６７８９０１２９"],
        ["《领用合约》卡号9998000000000005项下"],
        ["收款账号99985500000000012300"],
    ],
)
def test_a_number_as_long_as_a_cards_or_a_persons_is_named(lines: list[str]) -> None:
    assert wrong(*lines) == {"identifiers": "a number as long as a card's or a person's"}


def test_short_numbers_below_one_another_are_no_card_number() -> None:
    assert wrong("12345678", "87654321") == {}


@pytest.mark.parametrize(
    "line",
    [
        "请致电19900000000",
        "请致电199 0000 0000",
        "客服热线400-000-1235",
        "客服热线400-000-12345",
        "4000001235",
        "电话：99999",
        "电话0999-1234567",
        "（0999）1234567",
        "登录https://card.demo-bank.example/account/pay",
        "登录https://card.demo-bank.example.pay.cn",
        "登录pay-demo.cn付款",
        "www.demo-bank.example",
        "邮箱xobjection@demo-bank.example",
        "微信号：pay_demo88",
        "VX：pay_demo88",
        "加qq：123456789",
        "请联系0999 1234567",
        "座机：99999",
        "请按95588",
        "请联系99999",
        "请拨打199.0000.0000",
        "199·0000·0000",
        "加QQ群：123456789",
    ],
)
def test_a_contact_that_nobody_gave_is_named(line: str) -> None:
    assert wrong(line)["contacts"] == "a contact that nobody gave"


def test_a_contact_may_break_over_lines() -> None:
    assert wrong("网址https://card.demo-", "bank.example/account。电话400-000-", "1234") == {}


@pytest.mark.parametrize(
    ("line", "what"),
    [("欠款余额38,256.41元", "amounts"), ("卡号9998001234567890124", "identifiers"), ("请致电19900000000", "contacts")],
)
def test_what_stands_on_the_last_page_alone_is_named(line: str, what: str) -> None:
    pages = [sheet("客服热线400-000-1234"), sheet("欠款余额38,256.47元"), sheet(line)]

    assert contradictions(pages[:2], BLANKS, WORDING) == {}
    assert contradictions(pages, BLANKS, WORDING).keys() == {what}


def test_a_contact_that_is_written_with_spaces_may_break_over_lines_too() -> None:
    assert not strangers(["电话0999", "电话(0999) 123\ufffe\n4567"], ["(0999) 1234567"])
    assert strangers(["电话(0999) 12345678"], ["(0999) 1234567"])


@pytest.mark.parametrize(
    "code",
    ["YGNS-GQQA-SAEC-RSCE", "QQ12-3456-7890-QQQQ", "1380-0138-0001-ABCD", "0571-8888-8888-1234", "CHF1-0XRV-BCKQ-8AHA"],
)
def test_the_letters_own_check_code_is_no_contact_and_no_amount_whatever_its_characters(code: str) -> None:
    blanks = {**BLANKS, "document": {**BLANKS["document"], "check_code": code}}

    assert contradictions([sheet(f"核验码：{code}")], blanks, WORDING) == {}


def test_another_code_than_the_letters_own_is_read_like_everything_else() -> None:
    assert "identifiers" in wrong("核验码：0571-8888-8888-1234")
