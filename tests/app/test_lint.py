"""Templates and required wording that do not fit the facts stop the start."""

import shutil
from pathlib import Path

import pytest

from app import facts
from app.catalogue.load import load
from app.config import ROOT
from app.lint import lint

REMINDER = "documents/payment_reminder"
DISCLOSURES = "jurisdictions/cn/disclosures.yaml"
SIGNED = "countersigned_by: addressee"
NEXT = "\n\n  - id: cn.reminder.P09"


@pytest.fixture
def templates(tmp_path: Path) -> Path:
    return Path(shutil.copytree(ROOT / "templates", tmp_path / "templates"))


def faults(templates: Path, file: str = "", old: str = "", new: str = "") -> list[str]:
    if file:
        text = (templates / file).read_text("utf-8")
        assert old in text
        (templates / file).write_text(text.replace(old, new, 1), "utf-8")
    return lint(load(templates, templates / "issuers", facts.read_issuer))


def test_our_own_templates_have_no_fault(templates: Path) -> None:
    assert faults(templates) == []


@pytest.mark.parametrize(
    ("file", "old", "new", "said"),
    [
        (f"{REMINDER}/sms.txt", "card.tail", "card.card_number", "no blank card.card_number"),
        (f"{REMINDER}/sms.txt", "card.tail", "sms.number", "no blank sms.number"),
        (f"{REMINDER}/document.yaml", "sms: none", "fax: none", "masking: no fact has the field fax"),
        (f"{REMINDER}/document.yaml", "signer: issuer", f"signer: issuer\n{SIGNED}", "knows no agreement"),
        (DISCLOSURES, "您尾号{{ card.tail }}的信用卡'", "您尾号{{ account.tail }}的信用卡'", "account.tail is no fact"),
        (DISCLOSURES, f"picture: check_code{NEXT}", f"picture: stamp{NEXT}", "a picture with the alt text stamp"),
    ],
)  # fmt: skip
def test_what_does_not_fit_is_named(templates: Path, file: str, old: str, new: str, said: str) -> None:
    assert any(said in fault for fault in faults(templates, file, old, new))


def test_only_pictures_that_the_law_asks_for_must_be_in_a_template(templates: Path) -> None:
    """A reminder bears no stamp; a dunning letter without a place for one does not pass."""
    assert not any("stamp" in fault for fault in faults(templates))
    shutil.copy(templates / REMINDER / "letter.docx", templates / "documents/dunning_letter/letter.docx")

    assert "dunning_letter: dunning_letter: insert a picture with the alt text stamp" in faults(templates)
