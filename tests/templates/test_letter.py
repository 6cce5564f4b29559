"""The dunning letter (催收函): what it says, that it says all of it, and that it fits its paper."""

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from app import facts
from app.blanks import asked, fill, known, offered
from app.catalogue import Disclosure, Requirement
from app.render import render, twin, word
from app.text import fold
from tests.templates import letters, make_letter
from tests.templates.conftest import Paper

TEMPLATE = letters.kind().parts[0].path
DISCLOSURES = letters.catalogue().packs["cn"].disclosures_for("dunning_letter", letters.DAY)
BODY = "word/document.xml"


def required(blanks: Mapping[str, Any]) -> Iterator[tuple[Disclosure, Requirement, list[str]]]:
    """Every text of the law's list, filled and folded, for each thing it speaks of."""
    for line in DISCLOSURES:
        for requirement in line.require:
            for scope in _scopes(requirement, blanks):
                if requirement.texts and (not requirement.when or _at(requirement.when, scope)):
                    yield line, requirement, [fold(fill(text, scope)).text for text in requirement.texts]


def _scopes(requirement: Requirement, blanks: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    if requirement.each is None:
        return [blanks]
    name, path = requirement.each
    return [{**blanks, name: element} for element in _at(path, blanks)]


def _at(path: str, value: Any) -> Any:
    for step in path.split("."):
        value = value[step]
    return value


def lost(paper: Paper) -> list[str]:
    """Required texts that do not stand where they must."""
    found = []
    for line, requirement, texts in required(paper.letter.blanks):
        pages = {"any": ("".join(paper.pages),), "every": paper.pages, "last": paper.pages[-1:]}[requirement.pages]
        if not all(any(text in page for text in texts) for page in pages):
            found.append(f"{line.id}: {texts[0]}")
    return found


def test_the_committed_twin_is_the_text_of_the_docx() -> None:
    assert TEMPLATE.with_suffix(".txt").read_text("utf-8") == twin(TEMPLATE)


def test_all_thirteen_items_of_article_69_are_required() -> None:
    items = {line.item for line in DISCLOSURES}

    assert items == {f"D{number}" for number in range(1, 14)}


def test_required_wording_asks_for_blanks_that_are_there() -> None:
    schema = facts.request_schema("dunning_letter", letters.kind().facts)
    shape = offered(facts.shape(schema), letters.issuer().record, letters.kind().masking)

    for line in DISCLOSURES:
        for requirement in line.require:
            bound = {requirement.each[0]: f"{requirement.each[1]}[]"} if requirement.each else {}
            for text in requirement.texts:
                assert [path for path in asked(text, bound) if not known(path, shape)] == [], line.id


def test_policy_is_never_told_as_law() -> None:
    for line in letters.catalogue().packs["cn"].disclosures:
        assert (line.source.confidence == "policy") == (line.source.instrument == "本行政策"), line.id


@pytest.mark.parametrize("change", [None, letters.longest])
def test_the_filled_letter_carries_every_required_sentence(tmp_path: Path, change: letters.Change | None) -> None:
    letter = letters.approved(change)
    filled = render(letter, letters.kind(), letters.pictures(letter), tmp_path).parts[0].file.path
    parts = word.worded(word.unpack(filled.read_bytes())).values()
    text = fold("".join(word.text(root) for root in parts)).text

    for line, _, texts in required(letter.blanks):
        assert any(one in text for one in texts), line.id


@pytest.mark.parametrize(
    ("role", "sentence"),
    [
        (
            "guarantor",
            "担保人，本函依据您于2024年5月6日签署的《样例文书》向您发出，您在该文件约定的范围内承担担保责任。",
        ),
        (
            "joint_obligor",
            "共同债务人，本函依据您于2024年5月6日签署的《样例文书》向您发出，您按照该文件的约定承担还款责任。",
        ),
        (
            "supplementary_cardholder",
            "附属卡持卡人，本函依据您于2024年5月6日签署的《样例文书》向您发出，您按照该文件的约定承担还款责任。",
        ),
        (
            "legal_successor",
            "权利义务承受人，本函依据2024年5月6日的《样例文书》向您发出，您在依法承受的范围内承担清偿责任。",
        ),
    ],
)
def test_whoever_is_not_the_cardholder_is_told_what_binds_them(tmp_path: Path, role: str, sentence: str) -> None:
    letter = letters.approved(letters.to(role))
    filled = render(letter, letters.kind(), letters.pictures(letter), tmp_path).parts[0].file.path
    text = fold(word.text(word.worded(word.unpack(filled.read_bytes()))[BODY])).text
    wanted = fold(f"您是上述账户的{sentence}").text

    assert wanted in text
    assert text.count("您是上述账户的") == 1
    assert [wanted] in [texts for line, _, texts in required(letter.blanks) if line.id == "cn.letter.D01"]


def test_the_cardholder_is_not_told_what_binds_others(tmp_path: Path) -> None:
    letter = letters.approved()
    filled = render(letter, letters.kind(), letters.pictures(letter), tmp_path).parts[0].file.path

    assert "您是上述账户的" not in word.text(word.worded(word.unpack(filled.read_bytes()))[BODY])


def test_a_specimen_is_marked_on_every_header_and_another_is_not(tmp_path: Path) -> None:
    for specimen, marks in ((True, 2), (False, 0)):
        letter = letters.approved(specimen=specimen)
        filled = render(letter, letters.kind(), letters.pictures(letter), tmp_path).parts[0].file.path
        entries = word.unpack(filled.read_bytes())
        headers = [content.decode() for name, content in entries.items() if re.fullmatch(r"word/header\d\.xml", name)]

        assert sum("样本 SPECIMEN 仅供演示，不具法律效力" in header for header in headers) == marks
        assert sum('name="watermark"' in header for header in headers) == marks


def test_no_identity_phone_or_card_number_is_in_a_letter(tmp_path: Path) -> None:
    letter = letters.approved()
    filled = render(letter, letters.kind(), letters.pictures(letter), tmp_path).parts[0].file.path
    everything = b"".join(word.unpack(filled.read_bytes()).values())

    party, account = letters.sample()["parties"][0], letters.sample()["account"]
    for secret in (party["identity"]["number"], party["phone"], account["card_number"]):
        assert secret.encode() not in everything
    assert b"0005" in everything


def test_the_letter_does_not_threaten() -> None:
    text = twin(TEMPLATE)

    for threat in (
        "诉讼",
        "起诉",
        "法院",
        "律师",
        "公安",
        "刑事",
        "犯罪",
        "失信",
        "老赖",
        "滞纳金",
        "后果",
        "强制",
        "上门",
    ):
        assert threat not in text


def test_the_script_that_made_the_letter_still_makes_one(tmp_path: Path) -> None:
    make_letter.write(tmp_path / "letter.docx")

    assert twin(tmp_path / "letter.docx").startswith(f"## {BODY}\n\n{{{{ document.title }}}}")


@pytest.mark.office
def test_every_required_sentence_is_on_the_paper(usual: Paper) -> None:
    assert lost(usual) == []


@pytest.mark.office
def test_long_names_two_currencies_and_a_guarantor_do_not_break_it(longest: Paper) -> None:
    assert lost(longest) == []


@pytest.mark.office
def test_a_letter_in_one_currency_takes_two_pages(usual: Paper) -> None:
    assert len(usual.pages) == 2


@pytest.mark.office
def test_pages_are_counted_by_the_bookmark_at_the_end(usual: Paper, longest: Paper) -> None:
    for paper in (usual, longest):
        for number, page in enumerate(paper.pages, 1):
            assert f"第{number}页共{len(paper.pages)}页" in page


@pytest.mark.office
def test_the_closing_stands_with_the_words_before_it(longest: Paper) -> None:
    assert "发卡银行联系方式" in longest.pages[-1]
    assert "本函核验" in longest.pages[-1]


@pytest.mark.office
def test_the_specimen_mark_is_on_every_page_of_a_specimen_only(usual: Paper, longest: Paper) -> None:
    assert all("样本SPECIMEN" in page for page in usual.pages)
    assert not any("样本" in page for page in longest.pages)
