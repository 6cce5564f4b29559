"""What forbidden language costs a letter (禁用语): the gate's look at free text and the look at the finished pages.

share   both together, for a letter of two pages / the whole letter over HTTP, p50
tenfold a page of 3,000 characters against the lexicon ten times over / against the lexicon
"""

import dataclasses
import itertools
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from statistics import median

from app.catalogue.load import Catalogue
from app.lexicon import Forbidden, Lexicon

PAGE = 3000  # characters
ROUNDS = 200


@dataclass(frozen=True)
class Heard:
    """Seconds, medians: one page, the same with ten times the lexicon, and all that one letter needs."""

    page: float
    tenfold: float
    letter: float


def measure(catalogue: Catalogue, on: date) -> Heard:
    pack, kind = catalogue.packs["cn"], catalogue.types["dunning_letter"]
    text = kind.parts[0].path.with_suffix(".txt").read_text("utf-8")
    page = (text * (PAGE // len(text) + 1))[:PAGE]
    inside = pack.lexicon.categories - {"F-N"}
    larger = Lexicon(line for number in range(10) for line in _variants(pack.lexicon, number))

    def look(lexicon: Lexicon) -> Callable[[], object]:
        return lambda: lexicon.find(page, kind.name, on, inside)

    one, ten = _median(look(pack.lexicon)), _median(look(larger))
    # Two pages and both of them joined, each heard twice because a clause says 个人账户; a dozen short facts before.
    facts = _median(lambda: [pack.lexicon.find("示范银行信用卡领用合约", kind.name, on, inside) for _ in range(24)])
    return Heard(one, ten, 2 * (one + one) + facts)


def _variants(lexicon: Lexicon, number: int) -> list[Forbidden]:
    """The lines again, each phrase with other characters behind it and each pattern as it is."""
    behind = [chr(0x4E00 + number * 7 + step) for step in range(2)]
    tails = "".join(itertools.islice(itertools.cycle(behind), number))
    return [
        dataclasses.replace(line, id=f"{line.id}.{number}", phrases=tuple(phrase + tails for phrase in line.phrases))
        for line in lexicon.lines
    ]


def _median(once: Callable[[], object]) -> float:
    once()
    taken = []
    for _ in range(ROUNDS):
        began = time.perf_counter()
        once()
        taken.append(time.perf_counter() - began)
    return median(taken)
