"""One reading process for all tests, asked as the wiring asks it."""

import atexit
from collections.abc import Mapping, Sequence
from functools import cache

from app import disclosures
from app.artifacts import Assembled, Part, Verified
from app.catalogue import Disclosure


@cache
def reader() -> disclosures.Reader:
    opened = disclosures.Reader().open()
    atexit.register(opened.close)
    return opened


def verify(assembled: Assembled, required: Sequence[Disclosure], pictures: Mapping[str, bytes]) -> Verified:
    return disclosures.verify(assembled, required, pictures, reader())


def same_pages(verified: Verified, made: Sequence[Part]) -> bool:
    return disclosures.same_pages(verified, made, reader())
