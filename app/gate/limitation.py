"""The limitation period (诉讼时效): three years that begin anew with each proven interruption.

民法典 188, 189, 195; 诉讼时效规定 8, 14; for cards 法释〔2021〕10号 3. What interrupts is told in the request or to
the registry.
"""

from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from typing import Any

from app.gate.letter_checks import oldest_due
from app.gate.question import Facts, Fault, Question
from app.months import after_months
from app.registry.known import Event, Known
from app.registry.tally import is_received


def within_limitation(question: Question, given: Facts) -> Iterator[Fault]:
    """No more than `years` since the period began anew: at the due day, or at the last proven interruption before."""
    began = limitation_began(question.facts, question.known, question.on, given["years"])
    if question.on > after_months(began, 12 * given["years"]):
        yield Fault("limitation")


def limitation_began(facts: Facts, known: Known, on: date, years: int) -> date:
    """The day from which the period runs now. An interruption counts only while the period had not yet run out.

    While an agreement is performed that was made in time, it is the last instalment's due day. One that the cardholder
    did not sign counts for nothing.
    """
    said: Mapping[str, Any] = facts.get("limitation") or {}
    began: date = said.get("starts_on") or oldest_due(facts) + timedelta(days=1)
    told = [one["on"] for one in said.get("interruptions") or ()]
    told += [event.on for event in known.events if interrupts(event)]
    told += [day for one in known.agreements for day in one.interruptions]
    for day in sorted(one for one in told if one <= on):
        if began <= day <= after_months(began, 12 * years):
            began = day
    performed = [one for one in known.agreements if one.stops_collection and one.interruptions]
    return max([began, *(one.last_due_on for one in performed if one.interruptions[0] <= min(began, on))])


def interrupts(event: Event) -> bool:
    """A proven interruption, or a demand that came to a contact point reserved by the debtor (法释〔2021〕10号 3)."""
    if event.kind == "interruption":
        return True
    return event.reserved and is_received(event)


def saves_limitation(question: Question, given: Facts) -> bool:
    """Whether the period ends within `months`, so that a demand would save it."""
    began = limitation_began(question.facts, question.known, question.on, given["years"])
    whole = 12 * given["years"]
    return after_months(began, whole - given["months"]) < question.on <= after_months(began, whole)
