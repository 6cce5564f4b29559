"""The papers that goldens are kept of: frozen requests on a frozen day, named by what they show."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pypdfium2
from PIL import Image

from app.artifacts import Approved
from app.convert import Pool
from app.gate.cases import changed
from app.render import render
from tests.templates import letters

GOLDEN = Path(__file__).parent
DPI = 72

US_DOLLARS = {
    "currency": "USD",
    "principal": "1200.00",
    "interest": "36.50",
    "penalty_interest": "0.00",
    "compound_interest": "0.00",
    "liquidated_damages": "12.06",
    "fees": "3.00",
    "unbilled_instalment_principal": "0.00",
    "total": "1251.56",
    "as_of": "2026-11-22",
    "billed_on": "2026-09-19",
    "oldest_unpaid_due_on": "2026-10-09",
    "grace_days": 3,
    "minimum_payment": "125.16",
}

US_DOLLARS_BILLED = {
    "currency": "USD",
    "billed_on": "2026-11-09",
    "due_on": "2026-11-29",
    "statement_balance": "320.00",
    "minimum_payment": "32.00",
}


def bound(role: str, document: str, signed_on: str) -> dict[str, Any]:
    """A letter to somebody who is not the cardholder, bound by this paper."""
    return {
        "parties.1": {"id": "p2", "kind": "natural_person", "name": "欧阳·买买提", "sex": "female"},
        "account.obligors.1": {
            "party": "p2",
            "role": role,
            "liability": {"document": document, "signed_on": signed_on},
        },
        "addressee": "p2",
        "delivery.owner": "p2",
        "delivery.recipient.name": "欧阳·买买提",
    }


SECOND_SIGNER: dict[str, Any] = {
    "parties.1": {
        "id": "p2",
        "kind": "natural_person",
        "name": "欧阳·买买提",
        "identity": {"type": "resident_id", "number": "99000019491231078X"},
    },
    "account.obligors.1": {
        "party": "p2",
        "role": "guarantor",
        "liability": {"document": "最高额保证合同", "signed_on": "2024-05-06"},
    },
}
PROMISED_BY_A_GUARANTOR = {**SECOND_SIGNER, "promisor": "p2"}
SIXTY = {**SECOND_SIGNER, "signers.1": {"party": "p2"}, "plan.count": 60}
FREE = {
    "plan.method": "equal_principal",
    "plan.annual_percent": "0",
    "plan.interest_free": None,
    "plan.total": "38256.47",
    "terms.waived": "0.00",
}


@dataclass(frozen=True)
class Letter:
    name: str
    change: Mapping[str, Any]
    specimen: bool = True
    type: str = "dunning_letter"

    @property
    def folder(self) -> Path:
        return GOLDEN / self.type / self.name

    @property
    def paper(self) -> str:
        """The part that has pages."""
        return letters.kind(self.type).parts[0].name


LETTERS = (
    Letter("one_currency", {}),
    Letter("two_currencies", {"account.debts.1": US_DOLLARS}),
    Letter("to_a_guarantor", bound("guarantor", "保证合同", "2024-05-06")),
    Letter("to_a_joint_obligor", bound("joint_obligor", "共同还款承诺书", "2024-05-06")),
    Letter("to_a_legal_successor", bound("legal_successor", "继承权公证书", "2026-10-19")),
    Letter("nothing_paid_yet", {"account.debts.0.last_payment": None}),
    Letter("with_a_real_key_and_no_mark", {}, specimen=False),
    Letter("one_currency", {}, type="payment_reminder"),
    Letter("two_currencies", {"statements.1": US_DOLLARS_BILLED}, type="payment_reminder"),
    Letter("with_a_real_key_and_no_mark", {}, specimen=False, type="payment_reminder"),
    Letter("partly_upheld", {}, type="objection_reply"),
    Letter("rejected", {"objection.decision": "rejected", "objection.corrected": None}, type="objection_reply"),
    Letter("three_payments", {}, type="promise_to_pay"),
    Letter("by_a_guarantor", PROMISED_BY_A_GUARANTOR, type="promise_to_pay"),
    Letter("twelve_instalments", {}, type="instalment_agreement"),
    Letter("sixty_instalments_and_a_guarantor", SIXTY, specimen=False, type="instalment_agreement"),
    Letter("free_of_interest", FREE, type="instalment_agreement"),
)


def approved(letter: Letter) -> Approved:
    """The letter as the gate would hand it on, with a number and a check code that never change."""

    def change(body: dict[str, Any]) -> None:
        body.update(changed(body, letter.change))

    return letters.approved(change, specimen=letter.specimen, name=letter.type)


def printed(letter: Letter, pool: Pool, folder: Path) -> dict[str, Path]:
    """The letter's finished, unsigned parts by name."""
    frozen = approved(letter)
    rendered = render(frozen, letters.kind(letter.type), letters.pictures(frozen), folder)
    return {part.name: part.file.path for part in pool.convert(rendered, folder).parts}


def pages(pdf: Path) -> tuple[list[str], list[Image.Image]]:
    """Text and picture of every page."""
    with pypdfium2.PdfDocument(pdf) as document:
        texts = [page.get_textpage().get_text_bounded().replace("\r\n", "\n") for page in document]
        pictures = [page.render(scale=DPI / 72).to_pil().convert("RGB") for page in document]
    return texts, pictures


def each_letter(pool: Pool, folder: Path, use: Callable[[Letter, dict[str, Path]], None]) -> None:
    for letter in LETTERS:
        own = folder / letter.type / letter.name
        own.mkdir(parents=True)
        use(letter, printed(letter, pool, own))
