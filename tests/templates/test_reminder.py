"""The payment reminder (还款提醒): what letter and short message say, what they may not say, and that they fit."""

import dataclasses
import shutil
from pathlib import Path

import pypdf
import pytest

from app import disclosures, gate
from app.artifacts import Approved, Assembled, Converted, File, Part, Verified
from app.catalogue import TEXT, Disclosure, Rule
from app.convert import Pool
from app.disclosures import Hearing
from app.errors import DisclosureMissing
from app.gate.cases import changed
from app.render import render, twin
from tests import reading
from tests.golden.letters import US_DOLLARS_BILLED
from tests.templates import letters, make_reminder

NAME = "payment_reminder"
TEMPLATE, SMS = (part.path for part in letters.kind(NAME).parts)
PACK = letters.catalogue().packs["cn"]
DISCLOSURES = PACK.disclosures_for(NAME, letters.DAY)
HEARING = Hearing(PACK.lexicon.lines, NAME, letters.DAY, gate.unsaid(PACK.rules_for(NAME, letters.DAY)))


def converted(letter: Approved, pool: Pool, folder: Path) -> Converted:
    return pool.convert(render(letter, letters.kind(NAME), letters.pictures(letter), folder), folder)


def verified(made: Converted) -> Verified:
    letter = made.rendered.approved
    assembled = Assembled(made, made.parts)
    return disclosures.verify(assembled, DISCLOSURES, letters.pictures(letter), reading.reader(), HEARING)


def with_sms(made: Converted, text: str, folder: Path) -> Converted:
    """The same document with another short message."""
    (folder / "other.txt").write_text(text, "utf-8")
    part = Part("sms", File.at(folder / "other.txt"), TEXT)
    return dataclasses.replace(made, parts=(made.parts[0], part))


def test_article_67_is_told_as_a_basis_that_is_yet_to_be_confirmed() -> None:
    rules = letters.catalogue().packs["cn"].rules_for(NAME, letters.DAY)
    lines: list[Rule | Disclosure] = [*DISCLOSURES, *rules]
    based = [line for line in lines if "第六十七条" in line.source.article]

    assert {line.id for line in based} == {
        "cn.reminder.P01",
        "cn.reminder.P02",
        "cn.reminder.S02",
        "R01",
        "R05.reminder",
    }
    assert all("依据待核实" in str(line.source) and line.source.confidence == "medium" for line in based)
    assert all("依据待核实" in rule.message for rule in rules if "第六十七条" in rule.source.article)


def test_neither_letter_nor_short_message_duns() -> None:
    permitted = "请勿向任何个人账户转账。"  # what is said inside its clause is proven on the finished document below
    for text in (twin(TEMPLATE), SMS.read_text("utf-8")):
        assert PACK.lexicon.find(text.replace(permitted, ""), NAME, letters.DAY, HEARING.categories) == ()
    assert PACK.lexicon.find("您的信用卡已逾 期", NAME, letters.DAY, HEARING.categories)
    assert PACK.lexicon.find("您的信用卡已逾 期", letters.DUNNING, letters.DAY, HEARING.categories) == ()


def test_the_short_message_names_nobody_and_shows_four_digits_of_the_card(tmp_path: Path) -> None:
    letter = letters.approved(name=NAME)
    sms = render(letter, letters.kind(NAME), letters.pictures(letter), tmp_path).parts[1].file.path.read_text("utf-8")
    body = letters.sample(name=NAME)

    for secret in (body["parties"][0]["name"], body["sms"]["number"], body["card"]["card_number"]):
        assert secret not in sms
    assert "尾号0013" in sms


@pytest.mark.parametrize("specimen", [True, False])
def test_a_specimen_s_short_message_says_so_and_another_does_not(tmp_path: Path, *, specimen: bool) -> None:
    letter = letters.approved(name=NAME, specimen=specimen)
    sms = render(letter, letters.kind(NAME), letters.pictures(letter), tmp_path).parts[1].file.path.read_text("utf-8")

    assert ("样本" in sms) is specimen


def test_the_script_that_made_the_letter_still_makes_one(tmp_path: Path) -> None:
    make_reminder.write(tmp_path / "letter.docx")

    assert twin(tmp_path / "letter.docx").startswith("## word/document.xml\n\n{{ document.title }}")


@pytest.mark.office
def test_letter_and_short_message_are_proven_and_the_letter_takes_one_page(pool: Pool, tmp_path: Path) -> None:
    found = verified(converted(letters.approved(name=NAME), pool, tmp_path))

    assert found.pages == {"letter": 1, "sms": 0}
    assert found.segments == {"sms": 3}
    assert [proof.id for proof in found.proofs] == [line.id for line in DISCLOSURES]
    for proof in found.proofs:
        said_in_a_text = proof.id.startswith("cn.reminder.S")
        assert (proof.page, bool(proof.boxes)) == ((0, False) if said_in_a_text else (1, True))


@pytest.mark.office
def test_two_currencies_and_long_names_are_proven(pool: Pool, tmp_path: Path) -> None:
    name = "欧阳·买买提·" * 9 + "示范"
    change = {
        "statements.1": US_DOLLARS_BILLED,
        "parties.0.name": name,
        "delivery.recipient.name": name,
        "card.product": "示范银行联名信用卡白金卡" * 5,
    }
    letter = letters.approved(lambda body: body.update(changed(body, change)), name=NAME, specimen=False)

    found = verified(converted(letter, pool, tmp_path))

    assert found.pages["letter"] == 2
    assert "人民币12,680.35元" in next(proof.text for proof in found.proofs if proof.id == "cn.reminder.S02")
    assert "美元320.00" in next(proof.text for proof in found.proofs if proof.id == "cn.reminder.S02")


@pytest.mark.office
def test_a_short_message_that_says_less_more_or_else_is_not_released(pool: Pool, tmp_path: Path) -> None:
    made = converted(letters.approved(name=NAME), pool, tmp_path)
    sms = made.parts[1].file.path.read_text("utf-8")
    tricks = {
        sms.replace("如您已还款，请忽略本短信。", ""): {"cn.reminder.S04"},
        sms.replace("12,680.35", "12,680.36"): {"cn.reminder.S02", "amounts"},
        sms.replace("11月29日", "11月30日"): {"cn.reminder.S02"},
        sms.replace("（样本，仅供演示，不具法律效力）", ""): {"cn.reminder.S05"},
        sms.replace("400-000-0001", "400-000-0009"): {"cn.reminder.S03", "contacts"},
        sms.replace("还款提醒：", "催收、还款提醒："): {"forbidden.F-O.reminder"},
        f"{sms}请转账至6222020000000000006。": {"identifiers"},
    }

    for text, wrong in tricks.items():
        with pytest.raises(DisclosureMissing) as refusal:
            verified(with_sms(made, text, tmp_path))
        assert refusal.value.missing.keys() == wrong


@pytest.mark.office
def test_what_stands_on_the_page_does_not_stand_in_for_the_text_nor_the_other_way_round(
    pool: Pool, tmp_path: Path
) -> None:
    made = converted(letters.approved(name=NAME), pool, tmp_path)
    with pytest.raises(DisclosureMissing) as without_text:
        verified(dataclasses.replace(made, parts=made.parts[:1]))
    blank = tmp_path / "blank.pdf"
    writer = pypdf.PdfWriter()
    writer.add_blank_page(595, 842)
    writer.write(blank)
    with pytest.raises(DisclosureMissing) as without_letter:
        verified(dataclasses.replace(made, parts=(Part("letter", File.at(blank)), made.parts[1])))

    assert without_text.value.missing.keys() == {line.id for line in DISCLOSURES if line.item.startswith("S")}
    assert without_letter.value.missing.keys() == {line.id for line in DISCLOSURES if line.item.startswith("P")}


@pytest.mark.office
def test_a_text_that_claims_to_have_pages_is_not_read_as_a_text(pool: Pool, tmp_path: Path) -> None:
    made = converted(letters.approved(name=NAME), pool, tmp_path)
    shutil.copy(made.parts[0].file.path, tmp_path / "sms.pdf")
    disguised = Part("sms", File.at(tmp_path / "sms.pdf"))

    with pytest.raises(DisclosureMissing) as refusal:
        verified(dataclasses.replace(made, parts=(made.parts[0], disguised)))

    assert "cn.reminder.S01" in refusal.value.missing
