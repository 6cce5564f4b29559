"""What the demonstration asks for: each type's sample, a letter of each stage, and three that must be refused.

Accounts are told to the service first, as an upstream system would: it issues no dunning letter on an account that
it knows nothing of, and one only in a statement cycle. Their numbers, like all in the samples, are nobody's.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from stdnum import luhn

from app.demo.client import Client
from app.facts.sample import at_day
from app.gate.cases import changed
from app.objection import REPLY

LETTER = "dunning_letter"
OPENED_AT = "2019-03-18T10:00:00+08:00"  # before any bill of theirs
FIRST = 700_000  # account number, beyond those of the samples

# Stage -> what is other than in the letter's sample, which is of the second.
STAGES: Mapping[str, Mapping[str, Any]] = {
    "L1": {"account.debts.0.billed_on": "today-30", "account.debts.0.oldest_unpaid_due_on": "today-10"},
    "L2": {},
    "L3": {"account.debts.0.billed_on": "today-95", "account.debts.0.oldest_unpaid_due_on": "today-75"},
    "L4": {
        "account.debts.0.billed_on": "today-120",
        "account.debts.0.oldest_unpaid_due_on": "today-100",
        "litigation_review": {"reviewed_by": "E20001", "reviewed_on": "today-3", "decision": "may_litigate"},
    },
    "L5": {
        "account.debts.0.billed_on": "today-170",
        "account.debts.0.oldest_unpaid_due_on": "today-150",
        "litigation_review": {
            "reviewed_by": "E20001",
            "reviewed_on": "today-3",
            "decision": "filing_planned",
            "window_from": "today+15",
            "window_until": "today+45",
        },
    },
}


@dataclass(frozen=True)
class Refusal:
    """A letter that must not come to be, and the rules that must say so. `folder` is under refused/."""

    folder: str
    title: str
    change: Mapping[str, Any]
    rules: frozenset[str]
    disputed: bool = False  # an objection on the account waits for its answer


REFUSALS = (
    Refusal(
        "to_an_employer",
        "寄给持卡人的工作单位",
        {
            "parties.1": {
                "id": "p2",
                "kind": "organisation",
                "name": "示范贸易有限公司",
                "uscc": "91990000MA0AAAA050",
            },
            "addressee": "p2",
            "delivery.owner": "p2",
            "delivery.address_kind": "work",
            "delivery.recipient.name": "示范贸易有限公司",
        },
        frozenset({"R01", "R03"}),
    ),
    Refusal("account_in_dispute", "账户有未答复的异议", {}, frozenset({"R17"}), disputed=True),
    Refusal(
        "note_that_threatens",
        "附言以骚扰和牵连单位、家人相威胁",
        {"note": "您如果不及时还清信用卡欠款，我们每天会有三次电话跟进，同时向您所在单位，您家里发送催收函。"},
        frozenset({"R13"}),
    ),
)


@dataclass(frozen=True)
class Asked:
    """One request. `folder` is where its files lie, under the type's own for a further sample."""

    type: str
    folder: str
    body: Mapping[str, Any]


def documents(samples: Mapping[str, Any], upstream: Client, officer: Client, on: date, at: datetime) -> Iterator[Asked]:
    """Every document to be issued, each after what has to be known for it was told."""
    for kind, sample in samples.items():
        if prepare := PREPARED.get(kind):
            prepare(upstream, officer, sample)
        yield Asked(kind, kind, sample)
    others = [stage for stage in STAGES if STAGES[stage]]
    cards = dict(zip(others, told_of(upstream, samples[LETTER]["issuer"], len(others), 1, at), strict=True))
    for stage, card in cards.items():
        yield Asked(LETTER, f"{LETTER}/{stage}", of(samples[LETTER], STAGES[stage], card, on))


def refusals(sample: Mapping[str, Any], upstream: Client, on: date, at: datetime) -> Iterator[tuple[Refusal, Asked]]:
    """Every letter to be refused, each on an account of its own."""
    cards = told_of(upstream, sample["issuer"], len(REFUSALS), 1 + len(STAGES), at)
    for refusal, card in zip(REFUSALS, cards, strict=True):
        if refusal.disputed:
            told = _objection(sample["issuer"], card, _moment(at), refusal.folder)
            upstream.post("/v1/objections", told, f"demo-{refusal.folder}-objection")
        yield refusal, Asked(LETTER, f"refused/{refusal.folder}", of(sample, refusal.change, card, on))


def of(sample: Mapping[str, Any], change: Mapping[str, Any], card: str, on: date) -> dict[str, Any]:
    return changed(sample, {**at_day(dict(change), on), "account.card_number": card})


def told_of(upstream: Client, issuer: str, count: int, first: int, at: datetime) -> list[str]:
    """Card numbers of so many accounts, after the service was told that they were opened."""
    cards = [_card_number(first + number) for number in range(count)]
    opened = [
        {"ref": f"demo-opened-{card[-6:]}", "card_number": card, "kind": "opened", "at": OPENED_AT} for card in cards
    ]
    batch = {"issuer": issuer, "as_of": _moment(at), "events": opened}
    upstream.post("/v1/events", batch, f"demo-opened-{first}")
    return cards


def _card_number(number: int) -> str:
    """Sixteen digits that no issuer gives out, with the right check digit; not those of any sample."""
    body = f"9998{FIRST + number:011d}"
    return body + luhn.calc_check_digit(body)


def _moment(at: datetime) -> str:
    return at.isoformat(timespec="seconds")


def _objection(issuer: str, card: str, received_at: str, ref: str) -> dict[str, Any]:
    return {
        "ref": f"demo-{ref}",
        "issuer": issuer,
        "card_number": card,
        "channel": "phone",
        "grounds": ["already_paid", "rate_or_fee"],
        "statement": "十月的还款已经按期转出，账单仍计收利息，另外对年费有异议。",
        "received_at": received_at,
        "new_facts": True,
    }


def _under_verification(upstream: Client, officer: Client, sample: dict[str, Any]) -> None:
    """What a reply answers: an objection is told, annotated and verified, and the sample is made to name it."""
    answer = sample["objection"]
    received_at = f"{answer['received_on']}T10:00:00+08:00"
    told = _objection(sample["issuer"], sample["card"]["card_number"], received_at, "objection")
    received = upstream.post("/v1/objections", told, "demo-objection")
    answer["id"] = received["id"]
    for to, reason in (("annotated", "account_annotated"), ("verifying", "records_requested")):
        move = {"to": to, "reason": reason, "text": "演示"}
        officer.post(f"/v1/objections/{received['id']}/moves", move, f"demo-{to}")


# By document type: what has to be there before its sample can be issued.
PREPARED: Mapping[str, Callable[[Client, Client, dict[str, Any]], None]] = {REPLY: _under_verification}
