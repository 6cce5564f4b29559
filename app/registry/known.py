"""What is known of an account at one moment, as plain data: the gate looks at it beside the facts of the request."""

from dataclasses import dataclass
from datetime import date, datetime

from app.agreement import stops_collection
from app.objection import OPEN


@dataclass(frozen=True)
class Letter:
    """A document of ours on this account: issued, or another attempt that is under way. Tokens are keyed."""

    document: str
    type: str
    tier: str
    on: date
    addressee: str
    contact: str
    issued: bool
    delivery: str  # its last state, "" before the first


@dataclass(frozen=True)
class Event:
    """Something that was told to us. `kind`, `channel`, `role` and `outcome` are words of closed sets (app/facts)."""

    id: str
    kind: str
    at: datetime
    on: date
    channel: str = ""
    role: str = ""
    party: str = ""
    contact: str = ""
    reserved: bool = False
    outcome: str = ""
    next_on: date | None = None


@dataclass(frozen=True)
class Objection:
    """异议, with its state; `repeats` is whether an earlier one had the same grounds and nothing new was brought.

    `reply` is the document that answers it, or ""; one that was withdrawn or came back answers nothing. `lost` is
    whether there was such a one.
    """

    id: str
    state: str
    received_on: date
    due_on: date
    grounds: tuple[str, ...]
    repeats: bool
    reply: str = ""
    lost: bool = False

    @property
    def unanswered(self) -> bool:
        """Decided, in a reply that did not reach anybody, and in no other."""
        return self.state not in OPEN and self.lost and not self.reply

    @property
    def open(self) -> bool:
        return self.state in OPEN or self.unanswered


@dataclass(frozen=True)
class Agreement:
    """承诺、协议, with its state. `next_on` is the day of the oldest instalment that is not paid; `paid` are days."""

    id: str
    type: str
    state: str
    executed_on: date | None
    next_on: date | None
    last_due_on: date
    defaulted_on: date | None = None
    terminated_on: date | None = None
    paid: tuple[date, ...] = ()
    cardholder_signs: bool = True

    @property
    def stops_collection(self) -> bool:
        return stops_collection(self.type, self.state)

    @property
    def interruptions(self) -> tuple[date, ...]:
        """The days on which the cardholder agreed to perform, or did (诉讼时效规定 14).

        A guarantor's own promise and what is paid on it are none: a guarantee has a period of its own (compare 民法典
        695). For those who owe together 诉讼时效规定 15 goes further; we do not, so that no period is taken for longer.
        """
        if self.executed_on is None or not self.cardholder_signs:
            return ()
        return (self.executed_on, *self.paid)


@dataclass(frozen=True)
class Authorisation:
    """用印授权: `left` is how many uses remain."""

    id: str
    stamp_sha256: str
    types: tuple[str, ...]
    template_sha256: str
    since: date
    until: date
    left: int

    def good_for(self, stamp_sha256: str, document_type: str, template_sha256: str, on: date) -> bool:
        """Whether this very stamp may stand on a document of this type, made from this template, on this day."""
        return (
            stamp_sha256 == self.stamp_sha256
            and document_type in self.types
            and self.template_sha256 in {"", template_sha256}
            and self.since <= on <= self.until
            and self.left > 0
        )


@dataclass(frozen=True)
class Known:
    """All of it. `addressee`, `contact` and `number` are the tokens of whom and where the request wants to address."""

    baseline_on: date | None = None
    fed_at: datetime | None = None
    addressee: str = ""
    contact: str = ""
    number: str = ""
    letters: tuple[Letter, ...] = ()
    events: tuple[Event, ...] = ()
    objections: tuple[Objection, ...] = ()
    agreements: tuple[Agreement, ...] = ()
    blocked: frozenset[str] = frozenset()
    authorisations: tuple[Authorisation, ...] = ()


NOTHING = Known()
