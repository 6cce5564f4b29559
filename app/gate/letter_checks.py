"""Checks on what the request says of a letter: guarantee, agency, charges, stage, litigation, time to answer."""

from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal

from app.gate.question import Facts, Fault, Question
from app.months import after_months
from app.registry.tally import collections_received

GUARANTOR, CARDHOLDER = "guarantor", "cardholder"
AGENCY = "agency"


def spoken_to(facts: Facts) -> frozenset[str]:
    """The parties whom the paper speaks to: its addressee, whoever promises, whoever signs an agreement."""
    one = facts.get("addressee") or facts.get("promisor")
    return frozenset([one] if one else [signer["party"] for signer in facts["signers"]])


def misstated_obligors(question: Question) -> Iterator[Fault]:
    """Whoever is called cardholder holds the card, and nobody is bound by a paper that is not signed yet."""
    account = question.facts["account"]
    for index, obligor in enumerate(account["obligors"]):
        at = f"account.obligors.{index}"
        if (obligor["role"] == CARDHOLDER) != (obligor["party"] == account["holder"]):
            yield Fault(f"{at}.role")
        if obligor.get("liability") and obligor["liability"]["signed_on"] > question.on:
            yield Fault(f"{at}.liability.signed_on")


def guarantee_is_live(question: Question, given: Facts) -> Iterator[Fault]:
    """A guarantor is spoken to within the guarantee period, or when liability was claimed within it.

    Where no period was agreed it is `months` from the due day (民法典 692).
    """
    for index, obligor in enumerate(question.facts["account"]["obligors"]):
        if obligor["role"] != GUARANTOR or obligor["party"] not in spoken_to(question.facts):
            continue
        bond, due = obligor["liability"], oldest_due(question.facts)
        agreed = bond["guarantee_until"]
        # One that ends no later than the debt falls due counts as not agreed (民法典 692).
        until = agreed if agreed and agreed > due else after_months(due, given["months"])
        claimed = bond["claimed_on"]
        if question.on > until and not (claimed and claimed <= until):
            yield Fault(f"account.obligors.{index}.liability.guarantee_until")
        if claimed and claimed > question.on:
            yield Fault(f"account.obligors.{index}.liability.claimed_on")


def agency_is_registered(question: Question, given: Facts) -> Iterator[Fault]:  # noqa: ARG001 -- every check has the same shape
    """A letter that an agency sends or asks for names it, and it is on the issuer's published list."""
    if (reference := question.facts.get("agency")) is None:
        if question.asker == AGENCY:
            yield Fault("agency")
        return
    party = next(party for party in question.facts["parties"] if party["id"] == reference)
    listed = {(agency["name"], agency["uscc"]) for agency in question.issuer.get("agencies") or ()}
    if party["kind"] != AGENCY or (party["name"], party.get("uscc")) not in listed:
        yield Fault("agency")


def charges_are_lawful(question: Question, given: Facts) -> Iterator[Fault]:
    """No abolished charge posted from its day on (`abolished`: code -> day), no interest on charges (`free`)."""
    for at, debt in debts(question.facts):
        for index, charge in enumerate(debt["charges"] or ()):
            ended = given["abolished"].get(charge["code"])
            if ended and charge["posted_on"] >= ended and charge["amount"] > 0:
                yield Fault(f"{at}.charges.{index}.code")
        for index, base in enumerate(debt["interest_on"] or ()):
            if base["component"] in given["free"]:
                yield Fault(f"{at}.interest_on.{index}.component")


def tier_fits(question: Question, given: Facts) -> Iterator[Fault]:  # noqa: ARG001 -- as above
    """There is a stage for so many days overdue, and it is the one that the caller thinks."""
    if not question.tier:
        yield Fault("account.debts.0.oldest_unpaid_due_on")
    elif question.facts.get("tier") not in (None, question.tier):
        yield Fault("tier")


def litigation_is_reviewed(question: Question, given: Facts) -> Iterator[Fault]:
    """Stages that speak of litigation (`tiers`: stage -> decisions) need the recorded review, and a window to come."""
    allowed = given["tiers"].get(question.tier)
    if allowed is None:
        return
    review = question.facts.get("litigation_review")
    if review is None or review["decision"] not in allowed:
        yield Fault("litigation_review")
        return
    if not timedelta() <= question.on - review["reviewed_on"] <= timedelta(days=given["days"]):
        yield Fault("litigation_review.reviewed_on")
    if review["window_from"] and review["window_from"] < question.on + timedelta(days=given["notice"]):
        yield Fault("litigation_review.window_from")


def suit_policy_is_met(question: Question, given: Facts) -> Iterator[Fault]:
    """Stages that plan a suit (`tiers`) have what the issuer itself wants to see before one, if it has said so.

    Only what the registry knows to have been received counts as a collection; what the caller says of it does not.
    """
    policy = question.issuer.get("suit_policy")
    if policy is None or question.tier not in given["tiers"]:
        return
    owed = [debt["total"] for _, debt in debts(question.facts) if debt["currency"] == "CNY"]
    if sum(owed, Decimal()) < Decimal(policy["least_total"]):
        yield Fault("account.debts")
    if collections_received(question.known, oldest_due(question.facts), question.on) < policy["collections"]:
        yield Fault("registry.events")
    unpaid_since = after_months(question.on, -policy["months_unpaid"])
    for at, debt in debts(question.facts):
        if debt["last_payment"] and debt["last_payment"]["paid_on"] > unpaid_since:
            yield Fault(f"{at}.last_payment.paid_on")


def time_to_respond(question: Question, given: Facts) -> Iterator[Fault]:
    """A term that is set leaves at least `days`."""
    until = question.facts.get("respond_by")
    if until is not None and until < question.on + timedelta(days=given["days"]):
        yield Fault("respond_by")


def notice_before_report(question: Question, given: Facts) -> Iterator[Fault]:  # noqa: ARG001 -- as above
    """Negative information was reported only after the cardholder had been told."""
    said = question.facts.get("credit_reporting") or {}
    notices = [said["notice_on"]] if said.get("notice_on") else []
    notices += [event.on for event in question.known.events if event.kind == "credit_notice"]
    reports = [said["reported_on"]] if said.get("reported_on") else []
    reports += [event.on for event in question.known.events if event.kind == "credit_report"]
    if any(not any(notice <= report for notice in notices) for report in reports):
        yield Fault("credit_reporting.notice_on")


def debts(facts: Facts) -> Iterator[tuple[str, Facts]]:
    """Each debt with its path."""
    for index, debt in enumerate(facts["account"]["debts"]):
        yield f"account.debts.{index}", debt


def oldest_due(facts: Facts) -> date:
    days: list[date] = [debt["oldest_unpaid_due_on"] for _, debt in debts(facts)]
    return min(days)


def oldest_bill(facts: Facts) -> date:
    days: list[date] = [debt["billed_on"] for _, debt in debts(facts)]
    return min(days)
