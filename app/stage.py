"""What may be issued on an account today, what not, and from which day on that changes (账户阶段).

The gate is asked about each document type's own sample, which is in order by itself, with all that the service knows of
the account and with the days overdue as the caller tells them. So a finding comes from the account, or names what a
request of this stage has to bring (`at`: a recorded review, say). Addresses and wording come with the request: of them
nothing is said. For the days to come it is supposed that nothing new is told. Nothing is made or written.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from itertools import takewhile
from typing import Any

from app import asking, facts, gate
from app.catalogue import BLOCK, REVIEW, DocumentType, Issuer, Rule, in_force
from app.catalogue.load import Catalogue
from app.errors import Finding, Refused
from app.facts.debt import GRACE_DAYS
from app.objection import VERIFYING
from app.registry.known import Known
from app.templates import read_sample, request_schema
from app.wording import beijing_day

HORIZON = 180  # days looked ahead
PASSES, NEEDS_APPROVAL, REFUSED, UNKNOWN = VERDICTS = ("passes", "needs_approval", "refused", "unknown")
# What the registry is not told of an account -> checks that look at it, not asked until somebody tells. Three more look
# at these days and are asked all the same: an open objection is then in the way on any day, whether a demand would save
# the limitation period or not; and a bill of which nothing was told is taken for one of today, so that neither an older
# payoff nor a young baseline speaks against it.
UNTOLD = {
    "oldest_unpaid_due_on": {
        "is_overdue",
        "litigation_is_reviewed",
        "suit_policy_is_met",
        "tier_fits",
        "within_limitation",
    },
    "billed_on": {"letters_within_limit"},
}
NOT_MOVED = {"born_on"}  # it agrees with an identity number


@dataclass(frozen=True)
class Days:
    """Of the oldest bill that was not paid in full: when it fell due and when it was made, if the caller tells."""

    oldest_unpaid_due_on: date | None = None
    billed_on: date | None = None
    grace_days: int = GRACE_DAYS

    @property
    def told(self) -> dict[str, Any]:
        """In the words of a debt. When it was last paid is not told."""
        said = {name: value for name, value in vars(self).items() if value is not None}
        return said | {"last_payment": None}


@dataclass(frozen=True)
class Obstacle:
    """A finding of today, and the first day on which its rule has nothing to forbid; None: not by waiting."""

    finding: Finding
    changes_on: date | None


@dataclass(frozen=True)
class Outlook:
    """Of one document type. `possible_on` is the first day on which nothing forbids it; None: not by waiting."""

    type: str
    tier: str
    verdict: str
    obstacles: tuple[Obstacle, ...]
    possible_on: date | None
    unasked: tuple[str, ...]  # rules that look at what was not told


def stage(catalogue: Catalogue, issuer: Issuer, known: Known, days: Days, at: datetime) -> tuple[Outlook, ...]:
    """The outlook for each document type."""
    known = replace(known, addressee=_cardholder(known))  # "" is nobody's token
    return tuple(_outlook(catalogue, kind, issuer, known, days, at) for _, kind in sorted(catalogue.types.items()))


def _outlook(
    catalogue: Catalogue, kind: DocumentType, issuer: Issuer, known: Known, days: Days, at: datetime
) -> Outlook:
    pack = catalogue.packs[kind.jurisdiction]
    lines = [rule for rule in gate.gated(pack.rules) if kind.name in rule.applies_to and not gate.hears(rule)]
    silent = {use for name, uses in UNTOLD.items() if getattr(days, name) is None for use in uses}
    asked = [rule for rule in lines if rule.use not in silent]
    unasked = tuple(rule.id for rule in lines if rule.use in silent)
    today = beijing_day(at)
    sample = facts.validate(request_schema(kind), read_sample(kind, today))
    first = asking.question(kind, pack, issuer, sample, today, at, known)
    now = _on(first, kind, days, 0)
    ahead = (_on(first, kind, days, number) for number in range(HORIZON + 1))
    # Beyond the last stage there is no letter: what no longer stands in its way there is of no use to anybody.
    findings, changes, possible_on = _followed(asked, takewhile(lambda then: then.tier or not now.tier, ahead))
    return Outlook(
        type=kind.name,
        tier=now.tier if days.oldest_unpaid_due_on else "",
        verdict=_verdict(findings, unasked),
        obstacles=tuple(Obstacle(finding, changes.get(finding.rule)) for finding in findings),
        possible_on=None if unasked else possible_on,
        unasked=unasked,
    )


def _followed(
    rules: Sequence[Rule], questions: Iterable[gate.Question]
) -> tuple[tuple[Finding, ...], dict[str, date], date | None]:
    """Today's findings; the first day without a no, by rule; and the first day without any no."""
    today: tuple[Finding, ...] | None = None
    changes: dict[str, date] = {}
    for question in questions:
        findings = _asked(rules, question)
        if today is None:
            today = findings
        forbidding = {finding.rule for finding in findings if finding.severity == BLOCK}
        waiting = {finding.rule for finding in today if finding.severity == BLOCK} - changes.keys()
        changes |= dict.fromkeys(waiting - forbidding, question.on)
        if not forbidding:
            return today, changes, question.on
    return today or (), changes, None


def _asked(rules: Iterable[Rule], question: gate.Question) -> tuple[Finding, ...]:
    try:
        verdict = gate.pass_gate([rule for rule in rules if in_force(rule, question.on)], question)
    except Refused as refusal:
        return refusal.findings
    return (*verdict.reviews, *verdict.warnings)


def _verdict(findings: Iterable[Finding], unasked: tuple[str, ...]) -> str:
    severities = {finding.severity for finding in findings}
    if BLOCK in severities:
        return REFUSED
    if unasked:
        return UNKNOWN
    return NEEDS_APPROVAL if REVIEW in severities else PASSES


def _on(question: gate.Question, kind: DocumentType, days: Days, ahead: int) -> gate.Question:
    """The question as it will be asked so many days later: about a sample of that day, on an account fed as today."""
    moved = timedelta(days=ahead)
    on = question.on + moved
    said = _with_objection(_with_days(_later(question.facts, moved), days, on), question.known)
    fed_at = question.known.fed_at + moved if question.known.fed_at else None
    tier = asking.tier_of(kind, said, on)
    return replace(
        question,
        facts=said,
        on=on,
        at=question.at + moved,
        known=replace(question.known, fed_at=fed_at),
        tier=tier.id if tier else "",
    )


def _with_days(said: dict[str, Any], days: Days, on: date) -> dict[str, Any]:
    """The sample with what was told in each of its debts."""
    if "account" not in said:
        return said
    debts = [{**debt, "billed_on": on, **days.told} for debt in said["account"]["debts"]]
    return {**said, "account": {**said["account"], "debts": debts}}


def _with_objection(said: dict[str, Any], known: Known) -> dict[str, Any]:
    """A sample that answers an objection is made to name the one that waits for its answer."""
    waiting = next(
        (one for one in known.objections if one.unanswered or (one.state == VERIFYING and not one.reply)), None
    )
    if "objection" not in said or waiting is None:
        return said
    named = {"id": waiting.id, "received_on": waiting.received_on}
    named |= {"decision": waiting.state} if waiting.unanswered else {}  # it is told again as it was decided
    return {**said, "objection": {**said["objection"], **named}}


def _later(value: Any, moved: timedelta, name: str = "") -> Any:
    """The facts with every day and moment in them so much later."""
    if isinstance(value, Mapping):
        return {key: _later(element, moved, key) for key, element in value.items()}
    if isinstance(value, list):
        return [_later(element, moved) for element in value]
    return value + moved if isinstance(value, date) and name not in NOT_MOVED else value


def _cardholder(known: Known) -> str:
    """The token of the cardholder, as far as somebody spoke to them: so that calls to them are counted."""
    return next((one.party for one in reversed(known.events) if one.role == "cardholder" and one.party), "")
