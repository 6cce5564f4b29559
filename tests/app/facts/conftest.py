"""A day, the schema of the dunning letter's request, and a way to ask what is wrong with a changed sample."""

from collections.abc import Callable, Iterator, Mapping
from datetime import date
from typing import Any

import pytest
from marshmallow import Schema

from app import facts
from app.errors import InvalidRequest
from tests.samples import make
from tests.wiring import catalogue_here

Faults = Callable[..., dict[str, list[str]]]

TODAY = date(2026, 11, 23)
SCHEMA = facts.request_schema("dunning_letter", catalogue_here().types["dunning_letter"].facts)


@pytest.fixture
def schema() -> type[Schema]:
    return SCHEMA


@pytest.fixture
def faults() -> Faults:
    return find


def find(**changes: Any) -> dict[str, list[str]]:
    """Messages by dotted path for the sample with these changes; nothing if it is accepted."""
    return faults_in(make.request(TODAY, **changes))


def faults_in(body: Any) -> dict[str, list[str]]:
    try:
        facts.validate(SCHEMA, body)
    except InvalidRequest as refusal:
        return dict(flat(refusal.messages))
    return {}


def flat(messages: Mapping[Any, Any], at: str = "") -> Iterator[tuple[str, list[str]]]:
    for name, found in messages.items():
        here = f"{at}.{name}".lstrip(".")
        if isinstance(found, Mapping):
            yield from flat(found, here)
        else:
            yield here, list(found)
