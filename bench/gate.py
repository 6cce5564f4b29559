"""What gate and forbidden language cost a letter (合规审查): the gate is asked twice, the pages are heard four times.

share     the question put together and the whole gate, twice (before the letter is made and when it is sealed), and
          the lexicon's look at both pages / the whole letter over HTTP, p50
tenfold   the same with ten times the rules and ten times the lexicon / the whole letter as it is
"""

import itertools
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, datetime
from statistics import median
from typing import Any

from app import asking, gate, templates
from app.catalogue import Pack
from app.catalogue.load import Catalogue
from app.gate import cases
from app.lexicon import Forbidden, Lexicon

LENGTH = 3000  # characters: somewhat more than both pages of a letter have
ROUNDS = 200
TIMES = 10
LETTER = "dunning_letter"


@dataclass(frozen=True)
class Cost:
    """Seconds, medians."""

    gate: float  # once
    text: float  # all its pages, once
    rules: int

    @property
    def letter(self) -> float:
        """The pages are heard one by one and joined, and both again because a clause says 个人账户."""
        return 2 * self.gate + 4 * self.text


def measure(catalogue: Catalogue, on: date, at: datetime) -> tuple[Cost, Cost]:
    """As it is, and with a pack ten times the size."""
    pack = catalogue.packs["cn"]
    return _cost(catalogue, pack, on, at), _cost(catalogue, _tenfold(pack), on, at)


def _cost(catalogue: Catalogue, pack: Pack, on: date, at: datetime) -> Cost:
    kind = catalogue.types[LETTER]
    bank = catalogue.issuers["demo_bank"]
    rules = pack.rules_for(LETTER, on)
    asked = templates.question(
        kind, catalogue, templates.read_sample(kind, on), on, at, cases.known({}, on, stamp=bank.stamp_sha256)
    )
    text = kind.parts[0].path.with_suffix(".txt").read_text("utf-8")
    text = (text * (LENGTH // len(text) + 1))[:LENGTH]
    unsaid = gate.unsaid(rules)

    def pass_gate() -> None:
        question = asking.question(kind, pack, bank, asked.facts, on, at, asked.known)
        gate.pass_gate(rules, question)

    return Cost(_median(pass_gate), _median(lambda: pack.lexicon.find(text, LETTER, on, unsaid)), len(rules))


def _tenfold(pack: Pack) -> Pack:
    rules = [replace(rule, id=f"{rule.id}.{number}") for number in range(TIMES) for rule in pack.rules]
    lexicon = Lexicon(line for number in range(TIMES) for line in _variants(pack.lexicon, number))
    return replace(pack, rules=tuple(rules), lexicon=lexicon)


def _variants(lexicon: Lexicon, number: int) -> list[Forbidden]:
    """The lines again, each phrase with other characters behind it and each pattern as it is."""
    behind = [chr(0x4E00 + number * 7 + step) for step in range(2)]
    tails = "".join(itertools.islice(itertools.cycle(behind), number))
    return [
        replace(line, id=f"{line.id}.{number}", phrases=tuple(phrase + tails for phrase in line.phrases))
        for line in lexicon.lines
    ]


def _median(once: Callable[[], Any]) -> float:
    once()
    taken = []
    for _ in range(ROUNDS):
        began = time.perf_counter()
        once()
        taken.append(time.perf_counter() - began)
    return median(taken)
