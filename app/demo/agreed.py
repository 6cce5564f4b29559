"""The demonstration's agreements: signed by others, returned, performed, and one that is not kept.

Whoever signs does so with a made-up key of their own, as `app.signing.countersign_specimen` makes it.
"""

from collections.abc import Mapping
from datetime import date, datetime
from pathlib import Path
from typing import Any

from app import signing
from app.demo.asked import LETTER, Asked, Refusal, of, told_of
from app.demo.checking import EXECUTED
from app.demo.client import Client
from app.signing import signature_fields

AGREEMENT, PROMISE = "instalment_agreement", "promise_to_pay"
CARD = 800_000  # account number of the agreement that is not kept
BROKEN = f"{AGREEMENT}/not_kept"

# What is other than in the agreement's sample: it was made two months ago, and its first instalment was not paid.
MADE, DEFAULTED = 60, 24  # days ago
LONG_AGO: Mapping[str, Any] = {
    "on": "today-60",
    "account.debts.0.as_of": "today-61",
    "account.debts.0.billed_on": "today-95",
    "account.debts.0.oldest_unpaid_due_on": "today-75",
    "account.debts.0.last_payment": None,
    "negotiation.held_on": "today-63",
    "explanation.explained_on": "today-60",
    "plan.starts_on": "today-60",
    "plan.first_due_on": "today-30",
    "terms.default": {"missed": 1, "grace_days": 5},
}
OVERDUE: Mapping[str, Any] = {
    "account.debts.0.billed_on": "today-95",
    "account.debts.0.oldest_unpaid_due_on": "today-75",
    "account.debts.0.last_payment": None,
}
WHILE_PERFORMING = Refusal("while_performing", "持卡人正在履行个性化分期还款协议", OVERDUE, frozenset({"R18"}))


def not_kept(samples: Mapping[str, Any], upstream: Client, on: date, at: datetime) -> Asked:
    """An agreement of two months ago, on an account of its own."""
    [card] = told_of(upstream, samples[AGREEMENT]["issuer"], 1, CARD, at)
    return Asked(AGREEMENT, BROKEN, of(samples[AGREEMENT], LONG_AGO, card, on))


def letter(samples: Mapping[str, Any], agreement: Asked, folder: str, on: date) -> Asked:
    """A dunning letter on the agreement's account."""
    return Asked(LETTER, folder, of(samples[LETTER], OVERDUE, agreement.body["account"]["card_number"], on))


def executed(
    upstream: Client, officer: Client, asked: Mapping[str, Any], response: Mapping[str, Any], folder: Path, at: datetime
) -> str:
    """Sign the issued file as each of its signers, return it, and fetch it back. Returns the agreement's id."""
    [file] = response["files"]
    last = folder / file["name"]
    names = {party["id"]: party["name"] for party in asked["parties"]}
    signers = [asked["promisor"]] if "promisor" in asked else [one["party"] for one in asked["signers"]]
    for number, (field, signer) in enumerate(zip(signature_fields(len(signers)), signers, strict=True), 1):
        target = folder / f"signed_{number}.pdf"
        signing.countersign_specimen(last, field, names[signer], target, at)
        last = target
    agreement = str(response["agreement"])
    upstream.send(f"/v1/agreements/{agreement}/executed", last.read_bytes(), "application/pdf")
    (folder / EXECUTED).write_bytes(officer.get(f"/v1/agreements/{agreement}/executed"))
    if (folder / EXECUTED).read_bytes() != last.read_bytes():
        raise SystemExit("the executed copy is not the file that was returned")
    for number in range(1, len(signers) + 1):
        (folder / f"signed_{number}.pdf").unlink()
    return agreement


def executed_on_paper(officer: Client, response: Mapping[str, Any], on: date) -> str:
    """A scan of the signed paper, which an officer has looked at. Returns the agreement's id."""
    [file] = response["files"]
    agreement = str(response["agreement"])
    scan = {"sha256": "ab" * 32, "pages": file["pages"], "received_by": "E10010", "confirmed": True}
    told = {**scan, "received_on": on.isoformat()}
    officer.post(f"/v1/agreements/{agreement}/executed", told, f"demo-scan-{agreement}")
    return agreement


def delivered(officer: Client, agreement: str, on: date) -> None:
    """A copy is in the cardholder's hands: the agreement is performed from that day on."""
    day = on.isoformat()
    move = {"to": "performing", "reason": "copy_delivered", "text": "演示", "on": day, "copy_delivered_on": day}
    officer.post(f"/v1/agreements/{agreement}/moves", move, f"demo-performing-{agreement}")


def defaulted(officer: Client, agreement: str, on: date) -> None:
    """The agreed trigger was met on that day, and an officer says so."""
    move = {"to": "defaulted", "reason": "trigger_met", "text": "演示", "on": on.isoformat()}
    officer.post(f"/v1/agreements/{agreement}/moves", move, f"demo-defaulted-{agreement}")
