"""The note (附言): whole sentences, no numbers to pay into or to call, no address to go to; and it may be left out."""

import pytest

from app import facts
from app.errors import InvalidRequest
from app.facts.request import FACTS

SCHEMA = facts.request_schema("noted", {"note": "note"})
ENVELOPE = {
    "client_ref": "CASE-1",
    "requested_by": {"employee_no": "E1", "unit": "信用卡中心"},
    "issuer": "demo_bank",
}


def read(note: object) -> object:
    return facts.validate(SCHEMA, ENVELOPE | {"note": note})["note"]


@pytest.mark.parametrize(
    "note",
    [
        "您好！还款证明已收到；结果将于12月10日前告知您。",
        "依《办法》第七十条，可以协商（详见“分期”说明）：请来电。",
        "字" * 200,
    ],
)
def test_sentences_are_accepted(note: str) -> None:
    assert read(note) == note


@pytest.mark.parametrize("note", [None])
def test_it_may_be_left_out_or_null(note: None) -> None:
    assert read(note) is None
    assert facts.validate(SCHEMA, ENVELOPE)["note"] is None


@pytest.mark.parametrize(
    ("note", "message"),
    [
        ("", "不得为空"),
        ("字" * 201, "超过 200 个字符"),
        ("请致电4000000009。", "不得含连续5位以上的数字"),
        ("请转账至六二二八四八零零。", "不得含连续5位以上的数字"),
        ("请登录 www.example.example 。", "不得含网址或者电子邮箱"),
        ("第一行\n第二行", "含不可用的字符：U+000A"),
        ("{{ issuer.name }}", "含模板标记"),
        ("依《办法办理。", "括号或者引号不成对"),
        ("老\u200b赖", "含不可用的字符：U+200B"),
    ],
)
def test_what_does_not_belong_in_a_note_is_refused(note: str, message: str) -> None:
    with pytest.raises(InvalidRequest) as refusal:
        read(note)

    assert message in refusal.value.messages["note"]


def test_a_note_says_that_it_may_be_left_out() -> None:
    assert not FACTS["note"]().required
