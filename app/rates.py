"""How often a caller may ask (限流): so many in a minute, counted over all processes of this machine.

    documents   for an organisation: documents asked for
    reads       for a key: everything else; for an address: what needs no key
    failures    for an address: requests without a working key; beyond it, no key is looked up

It fails closed: when the counts are not to be had, nobody is let through. An address never stands in the file, only
its keyed digest; of an IPv6 address the network of 64 bits counts, because one line has all of it.
"""

import ipaddress
import math
import sqlite3
import time
from collections.abc import Callable, Mapping
from pathlib import Path

from limits import RateLimitItemPerMinute
from limits.strategies import SlidingWindowCounterRateLimiter

from app.config import Settings
from app.counts import Counts
from app.errors import ConfigurationError, RateExceeded, StepFailed

FILE = "rates.db"  # under DULY_WORK
DOCUMENTS, READS, FAILURES = LIMITS = ("documents", "reads", "failures")
MINUTE = 60


class Rates:
    """The limits of one machine. `told` is called with the limit's name whenever one is exceeded."""

    def __init__(self, path: Path, most: Mapping[str, int], told: Callable[[str], None] = lambda _: None) -> None:
        """`ConfigurationError` when the counts cannot be kept."""
        self._items = {name: RateLimitItemPerMinute(most[name], namespace=name) for name in LIMITS}
        self._told = told
        counts = Counts(path)
        try:
            counts.make()
        except (sqlite3.Error, OSError) as error:
            raise ConfigurationError(f"DULY_WORK: {path} is no store of counts; remove it") from error
        self._limiter = SlidingWindowCounterRateLimiter(counts)

    def spend(self, limit: str, whose: str) -> None:
        """Count one more, or `RateExceeded`. What was refused does not count."""
        if not self._asked(self._limiter.hit, limit, whose):
            raise self._exceeded(limit, whose)

    def require_left(self, limit: str, whose: str) -> None:
        """Count nothing, and raise `RateExceeded` when nothing is left."""
        if not self._asked(self._limiter.test, limit, whose):
            raise self._exceeded(limit, whose)

    def _asked(self, ask: Callable[..., bool], limit: str, whose: str) -> bool:
        try:
            return ask(self._items[limit], whose)
        except (sqlite3.Error, OSError) as error:
            raise StepFailed("rates", f"no counts: {type(error).__name__}") from error

    def _exceeded(self, limit: str, whose: str) -> RateExceeded:
        self._told(limit)
        try:
            again = self._limiter.get_window_stats(self._items[limit], whose).reset_time - time.time()
        except (sqlite3.Error, OSError):
            again = MINUTE
        return RateExceeded(min(MINUTE, max(1, math.ceil(again))))


def most(settings: Settings) -> dict[str, int]:
    """How many in a minute, as the settings say."""
    return {DOCUMENTS: settings.rate_documents, READS: settings.rate_reads, FAILURES: settings.rate_failures}


def line_of(address: str) -> str:
    """Whom an address stands for: itself, or its network. What is no address (a local socket) is one caller."""
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return "-"
    if isinstance(found, ipaddress.IPv4Address):
        return str(found)
    return str(found.ipv4_mapped or ipaddress.ip_network((found, 64), strict=False))
