"""Count what was done on an account (计数): letters in a statement cycle, contacts on a Beijing day.

Pure arithmetic over what is known; the limits themselves are parameters of rules.
"""

from collections import Counter
from collections.abc import Iterable
from datetime import date

from app.months import in_month
from app.registry.known import Event, Known, Letter

EFFECTIVE = ("reached",)  # the debtor was spoken to
CALLS = ("call",)
ON_PAPER = ("letter", "ems")
THIRD_PERSON = "third_person"
GONE = ("withdrawn",)  # never reached anybody
RECEIVED = ("arrived", "reached")  # the debtor has it, or was spoken to
DELIVERED = "delivered"


def cycle_start(on: date, billing_day: int) -> date:
    """The first day of the statement cycle that `on` belongs to: the last billing day up to it."""
    this = in_month(on.year, on.month, billing_day)
    if this <= on:
        return this
    year, month = (on.year, on.month - 1) if on.month > 1 else (on.year - 1, 12)
    return in_month(year, month, billing_day)


def letters_since(known: Known, types: Iterable[str], since: date, on: date) -> list[Letter]:
    """Letters of these types from `since` up to `on` that went out, or are on their way to."""
    wanted = set(types)
    return [
        letter
        for letter in known.letters
        if letter.type in wanted and since <= letter.on <= on and letter.delivery not in GONE
    ]


def calls_on(known: Known, on: date) -> list[Event]:
    """Calls on the account on that day, whoever was called."""
    return [event for event in known.events if event.kind == "collection" and event.channel in CALLS and event.on == on]


def collections_received(known: Known, after: date, on: date) -> int:
    """How often collection came to the debtor after one day and up to another: letters of ours, and what was told."""
    letters = [one for one in known.letters if after < one.on <= on and one.tier and one.delivery == DELIVERED]
    told = [event for event in known.events if is_received(event) and after < event.on <= on]
    return len(letters) + len(told)


def is_received(event: Event) -> bool:
    """Whether collection came to somebody who owes."""
    return event.kind == "collection" and event.outcome in RECEIVED and event.role != THIRD_PERSON


def letters_told(known: Known, since: date, on: date) -> list[Event]:
    """Letters that others sent, as far as they came to be told."""
    return [
        event
        for event in known.events
        if event.kind == "collection" and event.channel in ON_PAPER and since <= event.on <= on
    ]


def effective(events: Iterable[Event], party: str, role: str) -> int:
    """How many of the calls reached this person; of whom no name was told is known by their role."""
    reached = [event for event in events if event.outcome in EFFECTIVE]
    return sum(event.party == party if event.party else event.role == role for event in reached)


def most_attempts(events: Iterable[Event]) -> int:
    """How many attempts the most tried contact point has seen; calls to no named point count together."""
    counted = Counter(event.contact for event in events)
    return max(counted.values(), default=0)
