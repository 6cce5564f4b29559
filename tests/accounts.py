"""Card accounts for tests: numbers that nobody was given, one after the other, and a baseline for each.

A letter goes out once in a statement cycle, and never on an account of which nothing is known; so a test that asks
for a letter asks for one on an account of its own.
"""

import itertools
import os
from collections.abc import Iterator

from stdnum import luhn

from app.config import Settings
from app.first_start import desk
from app.house import House
from app.pipeline import utc_now
from app.registry import Registry, baseline
from app.store.journal import SYSTEM, Journal

_FIRST = 10_000_000 * (os.getpid() % 10_000)  # another process has other numbers
_numbers = itertools.count(_FIRST)


def card_numbers() -> Iterator[str]:
    """Sixteen digits with a prefix that no issuer has, and the right check digit."""
    for number in _numbers:
        body = f"9998{number:011d}"
        yield body + luhn.calc_check_digit(body)


def in_advance(settings: Settings, count: int) -> list[str]:
    """As `known`, before the house is opened or while another process has it open."""
    with desk(settings) as office:
        return register(office.registry, office.journal, list(itertools.islice(card_numbers(), count)))


def known(house: House, count: int = 1) -> list[str]:
    """Card numbers of so many accounts that the house knows everything about since 2000."""
    return register(house.registry, house.documents.journal, list(itertools.islice(card_numbers(), count)))


def register(registry: Registry, journal: Journal, numbers: list[str]) -> list[str]:
    """Make these accounts known, as if everything about them had been told."""
    accounts = [{"card_number": number, "known_since": "2000-01-01", "events": None} for number in numbers]
    at = utc_now()
    file = baseline.File("0" * 64, "demo_bank", at, accounts)
    baseline.take(registry, journal, file, SYSTEM, at)
    return numbers
