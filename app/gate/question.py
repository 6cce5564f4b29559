"""The question that the gate asks of every rule, and the shape of the answers (审查问题)."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cached_property
from typing import Any

from app.lexicon import Hit, Lexicon, Passage
from app.registry.known import NOTHING, Known

Facts = Mapping[str, Any]


@dataclass(frozen=True)
class Question:
    """What the gate looks at: the facts of the request, the legal day, and what the service itself knows.

    Where the request and the registry differ, a check takes what speaks against the document.
    """

    facts: Facts
    on: date
    at: datetime  # the moment of asking
    type: str
    passages: tuple[Passage, ...]  # what was worded freely
    lexicon: Lexicon  # what may not be said
    known: Known = NOTHING
    tier: str = ""  # the stage that the days overdue lead to, "" if there is none
    issuer: Facts = field(default_factory=dict)  # its record in the register
    asker: str = "bank"  # the kind of organisation that asks
    template_sha256: str = ""  # of the document type's files
    stamp_sha256: str = ""  # of the issuer's stamp

    @cached_property
    def heard(self) -> tuple[tuple[Passage, tuple[Hit, ...]], ...]:
        """Each passage with all that the lexicon finds in it: looked for once, however many rules are about wording."""
        find, categories = self.lexicon.find, self.lexicon.categories
        return tuple((one, find(one.text, self.type, self.on, categories)) for one in self.passages)


@dataclass(frozen=True)
class Fault:
    """Where the answer is no: the path of the fact, such as `account.debts.0.total`; and what was said there.

    `named` are days that the rule's message may name (`NAMES`); None for one that nobody told.
    """

    at: str
    hit: Hit | None = None
    named: Mapping[str, date | None] = field(default_factory=dict)


Check = Callable[[Question, Facts], Iterator[Fault]]
