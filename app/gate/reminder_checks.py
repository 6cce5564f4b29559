"""Checks on a payment reminder: to whom it goes, how soon something falls due, how its short message goes out."""

from collections.abc import Iterator
from datetime import time, timedelta

from app.gate.question import Facts, Fault, Question
from app.wording import beijing_time


def addressee_is_cardholder(question: Question, given: Facts) -> Iterator[Fault]:  # noqa: ARG001 -- every check has the same shape
    """Is the addressee the very holder of the card, and nobody who is bound beside them?"""
    if question.facts["addressee"] != question.facts["card"]["holder"]:
        yield Fault("addressee")


def sent_to_own_reserved_number(question: Question, given: Facts) -> Iterator[Fault]:  # noqa: ARG001 -- as above
    """Does the short message go to the addressee, at a number that they reserved themselves?"""
    sms = question.facts["sms"]
    if sms["owner"] != question.facts["addressee"]:
        yield Fault("sms.owner")
    if not sms["reserved"]:
        yield Fault("sms.reserved")


def sent_within_hours(question: Question, given: Facts) -> Iterator[Fault]:
    """Does the short message go out between these full hours of the day, in Beijing? The later one is outside."""
    at = beijing_time(question.facts["sms"]["scheduled_at"])
    if not time(given["first_hour"]) <= at.time() < time(given["last_hour"]):
        yield Fault("sms.scheduled_at")


def falls_due_soon(question: Question, given: Facts) -> Iterator[Fault]:
    """Is each statement out, and due neither before the legal day nor more than so many days after it?

    The short message says the same, so it goes out not before that day and while every statement is still to be paid.
    """
    statements = question.facts["statements"]
    for index, statement in enumerate(statements):
        if statement["billed_on"] > question.on:
            yield Fault(f"statements.{index}.billed_on")
        if not timedelta() <= statement["due_on"] - question.on <= timedelta(days=given["days"]):
            yield Fault(f"statements.{index}.due_on")
    day = beijing_time(question.facts["sms"]["scheduled_at"]).date()
    if not question.on <= day <= min(statement["due_on"] for statement in statements):
        yield Fault("sms.scheduled_at")
