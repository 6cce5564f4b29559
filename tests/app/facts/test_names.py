"""Names, titles and clauses: genuine ones pass; none carries a sentence, an account number or an address to go to."""

import pytest

from tests.app.facts.conftest import Faults

NAMES = ("parties__0__name", "delivery__recipient__name")
TITLES = ("account__contract__title", "account__product", "requested_by__unit")
PLACES = tuple(f"delivery__recipient__{part}" for part in ("province", "city", "district", "line"))
FREE = (*NAMES, *TITLES, "account__contract__clause")
SENTENCE = "不得含句子标点"
DIGITS = "不得含连续5位以上的数字"
ADDRESS = "不得含网址或者电子邮箱"
BRACKETS = "括号或者引号不成对"


def at(path: str) -> str:
    return path.replace("__", ".")


@pytest.mark.parametrize("path", NAMES)
@pytest.mark.parametrize(
    "name",
    [
        "赵示范",
        "王五",
        "𠮷田",
        "欧阳·买买提",
        "A&B <有限公司>",
        "示范＆样例（集团）股份有限公司",
        "样例(北京)科技有限公司",
        "样例360科技有限公司",
        "Sample Co., Ltd.",
        "A.P. Muster-Beispiel A.G.",
        "O'Brien",
        "第一二三四样例厂",
    ],
)
def test_genuine_names_are_accepted(faults: Faults, path: str, name: str) -> None:
    assert faults(**{path: name}) == {}


@pytest.mark.parametrize("path", TITLES)
@pytest.mark.parametrize(
    "title",
    [
        "信用卡领用合约（个人卡）",
        "示范银行信用卡领用合约（2024.05版）",
        "示范银行信用卡章程、领用合约（2024-12-31版）",
        "关于〈信用卡领用合约〉的补充协议",
        "示范“悦享”信用卡",
        "示范银行全币种 Platinum 卡 <A&B 联名>",
        "VISA/JCB 双标 i+卡",
        "信用卡中心资产保全部",
    ],
)
def test_genuine_titles_are_accepted(faults: Faults, path: str, title: str) -> None:
    assert faults(**{path: title}) == {}


@pytest.mark.parametrize(
    "clause",
    ["第五条", "第十二条第三款", "第十二条第三款第（二）项", "第5条", "第三章第5.2条",
     "第五条、第八条第一款", "第一百二十三条之一"],
)  # fmt: skip
def test_genuine_clauses_are_accepted(faults: Faults, clause: str) -> None:
    assert faults(account__contract__clause=clause) == {}


@pytest.mark.parametrize("clause", ["第五", "五条", "第五条约定的还款义务", "第条", "第五条、", "附件", "第12345条"])
def test_what_names_no_clause_is_refused(faults: Faults, clause: str) -> None:
    found = faults(account__contract__clause=clause)

    assert found["account.contract.clause"][-1] == "应为条款序号，例如“第十二条第三款”"


@pytest.mark.parametrize("path", FREE)
@pytest.mark.parametrize("mark", [*list("。！？；：，…!?;:"), ". ", ", "])
def test_sentence_marks_are_refused(faults: Faults, path: str, mark: str) -> None:
    found = faults(**{path: f"请还款{mark}否则"})

    assert found.keys() == {at(path)}
    assert SENTENCE in found[at(path)]


@pytest.mark.parametrize("path", FREE)
def test_a_line_break_is_refused(faults: Faults, path: str) -> None:
    assert "含不可用的字符：U+000A" in faults(**{path: "领用合约\n请还款"})[at(path)]


@pytest.mark.parametrize("path", FREE)
@pytest.mark.parametrize(
    "number",
    [
        "12345",
        "\uff11\uff12\uff13\uff14\uff15",
        "〇一二三四",
        "零壹贰叁肆",
        "1二3四5",
        "9998 0000 0000 0005",
        "9998-0000-0000-0005",
        "9998·0000·0000·0005",
        "9998（0000）0000（0005）",
        "400-000-0001",
    ],
)
def test_numbers_as_long_as_an_account_s_are_refused(faults: Faults, path: str, number: str) -> None:
    found = faults(**{path: f"账户{number}"})

    assert found.keys() == {at(path)}
    assert DIGITS in found[at(path)]


@pytest.mark.parametrize("path", FREE)
@pytest.mark.parametrize(
    "address", ["https", "www", "evil.example", "evil.com", "t.cn", "WWW.EVIL", "pay@evil", "pay\uff20evil"]
)
def test_addresses_to_go_to_are_refused(faults: Faults, path: str, address: str) -> None:
    found = faults(**{path: f"登录 {address}"})

    assert found.keys() == {at(path)}
    assert ADDRESS in found[at(path)]


@pytest.mark.parametrize("path", [*NAMES, *TITLES])
@pytest.mark.parametrize("text", ["甲（乙", "甲）乙", "甲（乙>", "甲<乙", ")甲("])
def test_brackets_that_do_not_close_are_refused(faults: Faults, path: str, text: str) -> None:
    assert faults(**{path: text}) == {at(path): [BRACKETS]}


@pytest.mark.parametrize("path", [*NAMES, *TITLES])
@pytest.mark.parametrize("mark", list("{}%*_=|~^￥$《》【】√→"))
def test_marks_that_no_name_has_are_refused_by_their_code_points(faults: Faults, path: str, mark: str) -> None:
    assert faults(**{path: f"甲{mark}乙"}) == {at(path): [f"含不可用于此项的符号：U+{ord(mark):04X}"]}


@pytest.mark.parametrize("mark", ["、", "〈甲〉", "“甲”", "/"])
def test_a_name_has_fewer_marks_than_a_title(faults: Faults, mark: str) -> None:
    assert faults(parties__0__name=f"甲{mark}乙").keys() == {"parties.0.name"}


@pytest.mark.parametrize(("path", "most"), [("account__contract__title", 60), ("account__product", 60),
                                            ("requested_by__unit", 60), ("delivery__recipient__name", 80)])  # fmt: skip
def test_names_and_titles_have_a_greatest_length(faults: Faults, path: str, most: int) -> None:
    assert faults(**{path: "甲" * most}) == {}
    assert faults(**{path: "甲" * (most + 1)}) == {at(path): [f"超过 {most} 个字符"]}


@pytest.mark.parametrize(
    ("document", "message"),
    [("请还款。", SENTENCE), ("保证合同12345", DIGITS), ("见 evil.com", ADDRESS), ("保证合同（", BRACKETS)],
)
def test_the_paper_that_binds_somebody_is_a_title(faults: Faults, document: str, message: str) -> None:
    bound = {"document": document, "signed_on": "2024-05-06"}
    found = faults(account__obligors__0__role="guarantor", account__obligors__0__liability=bound)

    assert found == {"account.obligors.0.liability.document": [message]}


@pytest.mark.parametrize("path", PLACES)
@pytest.mark.parametrize("text", ["不还款！", "电话 1380000", "www", "见 evil.com", "虚构路（7号"])
def test_an_address_carries_no_sentence_no_telephone_and_no_web_address(faults: Faults, path: str, text: str) -> None:
    assert faults(**{path: text}).keys() == {at(path)}


@pytest.mark.parametrize(
    "line", ["虚构路7号3幢2单元501室", "虚构大道128-2号120501室", "7/F, A&B <Tower>", "样例小区#3"]
)
def test_genuine_addresses_are_accepted(faults: Faults, line: str) -> None:
    assert faults(delivery__recipient__line=line) == {}
