"""The promise to pay (还款承诺书): what it says, who promises, and that no right is given up in it."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from app.artifacts import Verified
from app.convert import Pool
from app.errors import DisclosureMissing
from app.render import twin
from tests.golden.letters import PROMISED_BY_A_GUARANTOR, US_DOLLARS
from tests.templates import finished, letters, make_promise

NAME = "promise_to_pay"
TEMPLATE = letters.kind(NAME).parts[0].path
IN_DOLLARS: dict[str, Any] = {
    "account.debts.1": US_DOLLARS,
    "promise": {"currency": "USD", "rows": [{"due_on": "2026-12-01", "amount": "1251.56"}]},
}


def verified(
    pool: Pool, folder: Path, change: Mapping[str, Any] | None = None, trick: tuple[str, str] | None = None
) -> Verified:
    return finished.verified(NAME, pool, folder, change, trick)


def test_the_script_that_made_the_promise_still_makes_one(tmp_path: Path) -> None:
    make_promise.write(tmp_path / "promise.docx")

    assert twin(tmp_path / "promise.docx") == twin(TEMPLATE)


def test_the_bank_puts_no_stamp_under_what_it_does_not_promise() -> None:
    assert not letters.catalogue().packs["cn"].stamped(NAME, letters.DAY)


def test_neither_identity_nor_card_number_reaches_the_template_in_full() -> None:
    body = letters.sample(name=NAME)
    blanks = letters.approved(name=NAME).blanks

    assert blanks["promisor"]["identity_tail"] == body["parties"][0]["identity"]["number"][-4:]
    for secret in (body["parties"][0]["identity"]["number"], body["account"]["card_number"]):
        assert secret not in repr(blanks)


@pytest.mark.office
@pytest.mark.parametrize(
    ("change", "where", "words"),
    [
        ({}, "T5", "共3笔"),
        (PROMISED_BY_A_GUARANTOR, "T1", "承诺人依据2024年5月6日的《最高额保证合同》对上述欠款承担责任"),
        (IN_DOLLARS, "T5", "合计美元1,251.56"),
        (IN_DOLLARS, "T3", "美元欠款明细"),
    ],
)
def test_what_is_promised_is_proven_on_two_pages(
    pool: Pool, tmp_path: Path, change: dict[str, Any], where: str, words: str
) -> None:
    found = verified(pool, tmp_path, change)
    said = {proof.id: proof.text for proof in found.proofs}

    assert found.pages == {"promise": 2}
    assert words in said[f"cn.promise.{where}"]


@pytest.mark.office
@pytest.mark.parametrize(
    ("trick", "missing"),
    [
        (
            (
                "不是《商业银行信用卡业务监督管理办法》第七十条规定的",
                "即《商业银行信用卡业务监督管理办法》第七十条规定的",
            ),
            {"cn.promise.T2"},
        ),
        (("{{ row.due_on | day }}", 4 * "\uff3f"), {"cn.promise.T5"}),
        (("承诺人不向任何个人账户转账。", ""), {"cn.promise.T6"}),
        (("承诺人已经收到本承诺书一份。", ""), {"cn.promise.T9"}),
        (("本承诺由承诺人自愿作出", "承诺人必须当日还清，本承诺由承诺人自愿作出"), {"forbidden.F-M.coercion"}),
    ],
)
def test_a_template_that_says_less_or_presses_is_not_released(
    pool: Pool, tmp_path: Path, trick: tuple[str, str], missing: set[str]
) -> None:
    with pytest.raises(DisclosureMissing) as refusal:
        verified(pool, tmp_path, trick=trick)

    assert missing <= refusal.value.missing.keys()


@pytest.mark.office
@pytest.mark.parametrize(
    ("words", "instead"),
    [
        ("□无异议", "√□无异议"),
        ("异议内容：", "不勾选的，视为没有异议。异议内容："),
        ("承诺人已经收到本承诺书一份。", "承诺人已经收到本承诺书一份，另承诺还款若干元。"),
        ("签署地点：", "见证人：李四　签署地点："),
        ("承诺人不向任何个人账户转账。", "承诺人不向任何个人账户转账。有一笔没有按期偿还的，全部欠款立即到期。"),
        ("本承诺书核验", "本承诺书核验（时效重新计算）"),
    ],
)
def test_what_is_added_to_a_promise_is_wording_that_nobody_required(
    pool: Pool, tmp_path: Path, words: str, instead: str
) -> None:
    with pytest.raises(DisclosureMissing) as refusal:
        verified(pool, tmp_path, trick=(words, instead))

    assert "unasked" in refusal.value.missing
