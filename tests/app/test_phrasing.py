"""Patterns of forbidden language: what they can say, and what is refused."""

import pytest

from app.phrasing import PhrasingError, phrasing
from app.skeleton import strip


def found(pattern: str, text: str) -> bool:
    return bool(phrasing(pattern).regex.search(strip(text).parted()))


@pytest.mark.parametrize(
    ("pattern", "text"),
    [
        (r"每天.{0,6}\d次.{0,4}(?:电话|来电)", "我们每天会有三次电话跟进"),
        (r"(?:家人|亲友).{0,2}代收", "由您的親友代收"),
        (r"警(?:方|察)上门", "警察上門"),
        (r"个人[账卡]户", "个人帳戶"),
        (r"必须(?:立即)?还清", "必须还清"),
        (r"小时内(?!答复)", "一小时内还款"),
        (r"(?<!不)放弃异议", "您放弃异议"),
        (r"重要的{2}事情", "重要的的事情"),
    ],
)
def test_a_pattern_finds_what_it_says(pattern: str, text: str) -> None:
    assert found(pattern, text)


@pytest.mark.parametrize(
    ("pattern", "text"),
    [
        (r"每天.{0,6}\d次.{0,4}(?:电话|来电)", "每天营业时间内均可来电"),
        (r"小时内(?!答复)", "24小时内答复"),
        (r"(?<!不)放弃异议", "不放弃异议"),
        (r"通知.{0,8}单位", "应当及时通知我行。工作单位变更的亦同。"),
    ],
)
def test_a_pattern_finds_nothing_else(pattern: str, text: str) -> None:
    assert not found(pattern, text)


@pytest.mark.parametrize(
    ("pattern", "complaint"),
    [
        ("每天.*电话", "not understood"),
        ("每天+电话", "not understood"),
        ("每天^", "not understood"),
        (r"每天\w电话", "only d"),
        (r"(每天)\1", "not understood"),
        ("(?:每天", "never closed"),
        ("每天)", "never opened"),
        ("(?:每天|)", "empty"),
        ("", "empty"),
        ("[每-天]{0,4}电话[", "class"),
        ("(?:每天{1,3}电话){2,4}", "counted again"),
        ("每天.{0,90}电话", "reaches over"),
        (r"\d.{0,3}次", "together"),
        ("(?:每天|天)", "together"),
        ("(?:每天)?.{0,3}", "together"),
        ("，。", "marks"),
    ],
)
def test_what_could_be_slow_or_find_everything_is_refused(pattern: str, complaint: str) -> None:
    with pytest.raises(PhrasingError, match=complaint):
        phrasing(pattern)


@pytest.mark.parametrize(
    ("pattern", "keys"),
    [
        ("每天.{0,6}拨打电话", {"拨打电话"}),
        ("警(?:方|察).{0,6}上门", {"上门"}),
        (r"三个?小时", {"小时"}),
        ("(?:家人|亲友)[来去]", {"家人来", "家人去", "亲友来", "亲友去"}),
    ],
)
def test_a_pattern_is_looked_for_by_words_that_must_stand_in_it(pattern: str, keys: set[str]) -> None:
    assert phrasing(pattern).keys == keys
