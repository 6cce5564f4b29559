"""The instalment agreement (个性化分期还款协议): what it says for each plan, and that nothing of it can be left out."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from app.artifacts import Verified
from app.convert import Pool
from app.errors import DisclosureMissing
from app.render import twin
from tests.golden.letters import FREE, SECOND_SIGNER, SIXTY
from tests.templates import finished, letters, make_agreement

NAME = "instalment_agreement"
TEMPLATE = letters.kind(NAME).parts[0].path
CONTENTS = {"C1", "C2", "C3", "C4", "C5", "C6"}
GUARANTOR = {**SECOND_SIGNER, "signers.1": {"party": "p2"}}
BY_TELEPHONE: dict[str, Any] = {
    "negotiation.means": "phone",
    "negotiation.recording": {"sha256": "ab" * 32, "kept_until_paid_off": True},
}
CHARGED: dict[str, Any] = {
    "plan.count": 24,
    "terms.annual_fee": {"charged": True, "amount": "80.00"},
    "terms.other_fees": {"charged": True, "kind": "value_added", "amount": "30.00"},
}
CUSTOM: dict[str, Any] = {
    "plan": {
        "currency": "CNY",
        "total": "38256.47",
        "method": "custom",
        "starts_on": "2026-11-23",
        "first_due_on": "2026-12-10",
        "count": 2,
        "annual_percent": "9",
        "rows": [{"due_on": "2026-12-10", "principal": "8256.47"}, {"due_on": "2027-03-10", "principal": "30000.00"}],
    },
    "terms.waived": "0.00",
    "explanation": None,
}


def verified(
    pool: Pool, folder: Path, change: Mapping[str, Any] | None = None, trick: tuple[str, str] | None = None
) -> Verified:
    return finished.verified(NAME, pool, folder, change, trick)


def said(found: Verified) -> dict[str, str]:
    return {proof.id: proof.text for proof in found.proofs}


def test_the_script_that_made_the_agreement_still_makes_one(tmp_path: Path) -> None:
    make_agreement.write(tmp_path / "agreement.docx")

    assert twin(tmp_path / "agreement.docx") == twin(TEMPLATE)


def test_each_of_the_six_contents_of_article_70_is_a_required_disclosure() -> None:
    lines = letters.catalogue().packs["cn"].disclosures_for(NAME, letters.DAY)

    assert {line.item for line in lines if line.item.startswith("C")} == CONTENTS
    for line in lines:
        if line.item in CONTENTS:
            assert line.source.article == "第七十条"


def test_neither_identity_nor_card_number_reaches_the_template_in_full() -> None:
    body = letters.sample(name=NAME)
    blanks = letters.approved(name=NAME).blanks

    assert blanks["signers"][0]["identity_tail"] == body["parties"][0]["identity"]["number"][-4:]
    for secret in (
        body["parties"][0]["identity"]["number"],
        body["account"]["card_number"],
        body["negotiation"]["officer"],
        body["explanation"]["officer"],
    ):
        assert secret not in repr(blanks)


@pytest.mark.office
def test_the_sample_is_proven_on_three_pages(pool: Pool, tmp_path: Path) -> None:
    found = verified(pool, tmp_path)
    stamp = next(proof for proof in found.proofs if proof.id == "cn.agreement.N12")

    assert found.pages == {"agreement": 3}
    assert stamp.page == 3
    assert "12期" in said(found)["cn.agreement.C2"]
    assert "第12期" not in said(found)["cn.agreement.C2"]


@pytest.mark.office
@pytest.mark.parametrize(
    ("change", "where", "words"),
    [
        (
            GUARANTOR,
            "N1",
            "乙方(担保人):欧阳·买买提,居民身份证号码末四位078X,依据2024年5月6日的《最高额保证合同》承担责任",
        ),
        (GUARANTOR, "N12", "乙方(担保人)欧阳·买买提(签名):"),
        (BY_TELEPHONE, "N3", "通过电话协商一致"),
        (FREE, "C3", "利息否还款期间不计收利息"),
        (FREE, "N6", "年化利率(单利)为0%;连同上列费用,年化内部收益率(复利)为0.00%"),
        (CHARGED, "C3", "年费是每年人民币80.00元"),
        (CHARGED, "C3", "其他费用是增值服务费人民币30.00元,一次另行计入信用卡账单"),
        (CUSTOM, "C1", "上述欠款没有减免,由乙方分期偿还的总额为人民币38,256.47元"),
        (CUSTOM, "C2", "还款周期为按下表约定的日期"),
        (CUSTOM, "N11", "乙方签署之前,甲方应当"),
    ],
)
def test_what_differs_from_case_to_case_is_proven(
    pool: Pool, tmp_path: Path, change: dict[str, Any], where: str, words: str
) -> None:
    assert words in said(verified(pool, tmp_path, change))[f"cn.agreement.{where}"]


@pytest.mark.office
def test_sixty_instalments_are_proven_row_by_row_over_the_pages(pool: Pool, tmp_path: Path) -> None:
    found = verified(pool, tmp_path, SIXTY)
    rows = next(proof for proof in found.proofs if proof.id == "cn.agreement.C2")

    assert found.pages["agreement"] >= 4
    assert len({box.page for box in rows.boxes}) >= 3
    assert rows.text.count("\n") == 60 + 3


@pytest.mark.office
@pytest.mark.parametrize(
    ("trick", "missing"),
    [
        (("{%tr for row in plan.rows %}", "{%tr for row in plan.rows if row.number > 1 %}"), {"C2"}),
        (("{{ row.balance_after | amount(plan.currency) }}", "{{ row.charge | amount(plan.currency) }}"), {"C2"}),
        (("{{ plan.charge | amount(plan.currency) }}", "0.00"), {"C2"}),
        (("天的，构成违约", "天的，或者甲方认为有风险的，构成违约"), {"C5.breach"}),
        (("甲方不因此收取费用", "甲方收取提前还款违约金"), {"C6"}),
        (("由{{ terms.court_name }}管辖", "由甲方选择的人民法院管辖"), {"N9"}),
        (("一式两份，甲方和乙方各执一份", "由甲方保存"), {"C6"}),
        (("请勿向任何个人账户转账。", ""), {"N5"}),
    ],
)
def test_a_template_that_says_less_or_other_is_not_released(
    pool: Pool, tmp_path: Path, trick: tuple[str, str], missing: set[str]
) -> None:
    with pytest.raises(DisclosureMissing) as refusal:
        verified(pool, tmp_path, trick=trick)

    assert {f"cn.agreement.{name}" for name in missing} <= refusal.value.missing.keys()


@pytest.mark.office
@pytest.mark.parametrize(
    ("after", "added"),
    [
        ("不因此收取费用，利息计算至实际还款之日。", "提前还款须经甲方同意，并支付剩余各期的全部利息。"),
        ("不向任何银行申领信用卡。", "违反的，全部款项立即到期。"),
        ("由{{ terms.court_name }}管辖。", "甲方也可以选择申请仲裁。"),
        ("一式两份，甲方和乙方各执一份。", "乙方的一份由甲方代为保管。"),
        ("六、双方的权利和义务", "（仅供参考，不具约束力）"),
        ("本协议核验", "　√同意"),
        ("请勿向任何个人账户转账。", "另按全部欠款的百分之三十支付违约金。"),
    ],
)
def test_what_is_added_to_a_required_sentence_is_wording_that_nobody_required(
    pool: Pool, tmp_path: Path, after: str, added: str
) -> None:
    with pytest.raises(DisclosureMissing) as refusal:
        verified(pool, tmp_path, trick=(after, after + added))

    assert "unasked" in refusal.value.missing


@pytest.mark.office
def test_a_row_of_the_plan_that_does_not_stand_on_one_line_is_no_row(pool: Pool, tmp_path: Path) -> None:
    with pytest.raises(DisclosureMissing) as refusal:
        verified(pool, tmp_path, trick=('w:w="600"', 'w:w="300"'))

    assert "not legible: scattered" in refusal.value.missing["cn.agreement.C2"]
