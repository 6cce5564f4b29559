"""The reply to an objection (异议答复函): what it says for each decision, and that it asks for nothing."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from app.artifacts import Verified
from app.convert import Pool
from app.errors import DisclosureMissing
from app.render import twin
from tests.templates import finished, letters, make_reply

NAME = "objection_reply"
TEMPLATE = letters.kind(NAME).parts[0].path
PACK = letters.catalogue().packs["cn"]
DISCLOSURES = PACK.disclosures_for(NAME, letters.DAY)
DECISIONS = {"upheld": "成立", "partly_upheld": "部分成立", "rejected": "不成立"}


def verified(
    pool: Pool, folder: Path, change: Mapping[str, Any] | None = None, trick: tuple[str, str] | None = None
) -> Verified:
    return finished.verified(NAME, pool, folder, change, trick)


def test_the_law_is_named_only_for_what_it_says() -> None:
    by_law = {line.id for line in DISCLOSURES if line.source.confidence != "policy"}

    assert by_law == {"cn.reply.A2", "cn.reply.A3", "cn.reply.A4"}
    assert {line.source.article for line in DISCLOSURES if line.id in by_law} == {"第六十九条第二款"}


def test_the_script_that_made_the_letter_still_makes_one(tmp_path: Path) -> None:
    make_reply.write(tmp_path / "letter.docx")

    assert twin(tmp_path / "letter.docx") == twin(TEMPLATE)


def test_neither_the_id_nor_the_number_of_the_card_reaches_the_template() -> None:
    said = repr(letters.approved(name=NAME).blanks)
    body = letters.sample(name=NAME)

    assert "2F00-A1C3-E5D7" in said
    for secret in (body["objection"]["id"], body["card"]["card_number"], body["parties"][0]["identity"]["number"]):
        assert secret not in said


@pytest.mark.office
@pytest.mark.parametrize("decision", DECISIONS)
def test_each_decision_is_proven_on_one_page(pool: Pool, tmp_path: Path, decision: str) -> None:
    change = {"objection.decision": decision} | ({"objection.corrected": None} if decision == "rejected" else {})
    found = verified(pool, tmp_path, change)
    said = {proof.id: proof.text for proof in found.proofs}

    assert found.pages == {"letter": 1}
    assert [*said] == [line.id for line in DISCLOSURES]
    assert f"您提出的异议{DECISIONS[decision]}。" in said["cn.reply.A4"]
    assert ("不因本次处理结果而调整" in said["cn.reply.A5"]) is (decision == "rejected")
    assert ("更正为人民币37,058.38元" in said["cn.reply.A5"]) is (decision != "rejected")


@pytest.mark.office
@pytest.mark.parametrize("paragraphs", [1, 4, 6, 7, 8, 10])
def test_findings_of_any_length_are_proven_and_the_stamp_stands_on_the_last_page(
    pool: Pool, tmp_path: Path, paragraphs: int
) -> None:
    long = "我行核对了账单、交易明细和还款记录，并与您提交的还款凭证逐笔比对。" * 4
    findings = [{"text": f"第{number}项：{long}"} for number in range(1, paragraphs + 1)]
    name = "欧阳·买买提·" * 9 + "示范"
    change = {"objection.findings": findings, "parties.0.name": name, "delivery.recipient.name": name}
    found = verified(pool, tmp_path, change)

    assert {proof.id for proof in found.proofs} == {line.id for line in DISCLOSURES}
    stamp = next(proof for proof in found.proofs if proof.id == "cn.reply.A9")
    assert stamp.page == found.pages["letter"]


@pytest.mark.office
@pytest.mark.parametrize(
    ("trick", "missing"),
    [
        (("对上述账户作出了备注，并进行了核实", "进行了核实"), {"cn.reply.A2"}),
        (("{{ finding.text }}", "详见附件。"), {"cn.reply.A3"}),
        (("部分成立{%", "不成立{%"), {"cn.reply.A4"}),
        (("本函仅答复您的异议，不要求您付款。", ""), {"cn.reply.A6"}),
        (("本函仅答复您的异议，不要求您付款。", "请您尽快还款。"), {"cn.reply.A6", "forbidden.F-P.demand"}),
        (("调解和诉讼：", "其他："), {"cn.reply.A7", "forbidden.F-T.litigation"}),
        (("（业务公章）", ""), {"cn.reply.A9"}),
    ],
)
def test_a_template_that_says_less_or_demands_is_not_released(
    pool: Pool, tmp_path: Path, trick: tuple[str, str], missing: set[str]
) -> None:
    with pytest.raises(DisclosureMissing) as refusal:
        verified(pool, tmp_path, trick=trick)

    assert refusal.value.missing.keys() == missing
