"""A text part is proven word for word, and nothing in it may speak against the facts."""

from pathlib import Path
from typing import Any

import pytest

from app.artifacts import File, Part
from app.catalogue import PDF, TEXT
from app.disclosures.asking import Sought
from app.disclosures.texts import NOT_SAID, Text, prove, read
from app.errors import StepFailed
from app.text import fold

SMS = (
    "【示范银行】您尾号0013的信用卡应还款额为人民币12,680.35元，最低还款额为人民币1,268.04元。查询请致电400-000-0001。"
)
BLANKS: dict[str, Any] = {
    "document": {"check_code": "7K3M-9QXD-2HTV-WB4E"},
    "issuer": {"hotline": "400-000-0001"},
    "card": {"tail": "0013"},
    "statements": [{"currency": "CNY", "statement_balance": "12680.35", "minimum_payment": "1268.04"}],
}


def sought(*texts: str, part: str = "sms", id_: str = "d") -> Sought:
    return Sought(id_, tuple(fold(text).text for text in texts), "", 9.0, "any", part)


def wrong(text: str, *things: Sought) -> dict[str, str]:
    return prove([Text("sms", text, 1)], things or (sought("您尾号0013的信用卡"),), BLANKS)[1]


def plain(tmp_path: Path, content: bytes) -> Text:
    path = tmp_path / "sms.txt"
    path.write_bytes(content)
    [found] = read([Part("sms", File.at(path), TEXT)])
    return found


def test_what_is_required_is_found_with_its_place() -> None:
    wanted = sought("应还款额为 人民币 12,680.35 元")

    told, missing = prove([Text("sms", SMS, 1)], [wanted], BLANKS)

    assert missing == {}
    assert [(one.id, one.part, SMS[one.start : one.end]) for one in told] == [
        ("d", "sms", "应还款额为人民币12,680.35元")
    ]


def test_one_of_several_ways_to_say_it_is_enough() -> None:
    assert wrong(SMS, sought("欠款12,680.35元", "应还款额为人民币12,680.35元")) == {}


@pytest.mark.parametrize("text", ["您尾号001", "尾号13的", "400-000-000", "2,680.35元", "请忽略本短信"])
def test_what_is_not_said_or_only_a_part_of_a_longer_word_is_missing(text: str) -> None:
    assert wrong(SMS, sought(text)) == {"d": NOT_SAID}


def test_every_disclosure_that_fails_is_named() -> None:
    assert wrong(SMS, sought("甲", id_="a"), sought("乙", id_="b")) == {"a": NOT_SAID, "b": NOT_SAID}


def test_wording_for_a_part_that_is_not_there_is_missing() -> None:
    assert wrong(SMS, sought("您尾号0013的信用卡", part="fax")) == {"d": NOT_SAID}


@pytest.mark.parametrize(
    ("added", "what"),
    [
        ("另有手续费88.00元。", "amounts"),
        ("大写：壹拾元整。", "amounts"),
        ("卡号9998000000000013。", "identifiers"),
        ("请致电400-000-9999。", "contacts"),
        ("详见https://pay.example/abc", "contacts"),
    ],
)
def test_what_nobody_gave_is_found_in_a_text_too(added: str, what: str) -> None:
    assert wrong(SMS) == {}
    assert set(wrong(SMS + added)) == {what}


def test_a_text_is_read_as_it_will_be_sent_and_its_messages_are_counted(tmp_path: Path) -> None:
    assert plain(tmp_path, SMS.encode()) == Text("sms", SMS, 2)


def test_only_text_parts_are_read(tmp_path: Path) -> None:
    (tmp_path / "letter.pdf").write_bytes(b"%PDF-1.7")

    assert read([Part("letter", File.at(tmp_path / "letter.pdf"), PDF)]) == ()


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (SMS.encode("gb18030"), "not UTF-8"),
        (b"%PDF-1.7\n\xe2\xe3\xcf\xd3\n", "not UTF-8"),
        (b"\xef\xbb\xbf" + SMS.encode(), "cannot be seen"),
        (f"{SMS}\u200b。".encode(), "cannot be seen"),
        (f"{SMS}\r\n。".encode(), "cannot be seen"),
        (f"{SMS}{{{{ card.tail }}}}".encode(), "a tag was left over"),
        (b"", "begins or ends with nothing"),
        (f"{SMS}\n".encode(), "begins or ends with nothing"),
        (("款" * 67 * 256).encode(), "too long"),
    ],
)
def test_a_file_that_is_no_plain_text_is_refused(tmp_path: Path, content: bytes, why: str) -> None:
    with pytest.raises(StepFailed, match=why) as refusal:
        plain(tmp_path, content)

    assert refusal.value.status == 500


def test_a_text_that_is_gone_is_refused(tmp_path: Path) -> None:
    part = Part("sms", File(tmp_path / "sms.txt", "0" * 64, 1), TEXT)

    with pytest.raises(StepFailed, match="gone"):
        read([part])
