"""Passages (自由文字): everything in a request that the caller worded freely, with the path of its fact.

Derived from the schema: each field that is `Text` or a kind of it, wherever it stands. A field promises its form;
whether the words themselves may be said is for the gate.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from marshmallow import Schema

from app.facts.fact import NOWHERE, Fact
from app.facts.fields import Many, One
from app.facts.text import Text
from app.lexicon import Passage


def passages(schema: Schema, facts: Mapping[str, Any]) -> tuple[Passage, ...]:
    """The free text of a loaded request, in the order of its fields."""
    return tuple(_passages(schema, facts, ""))


def _passages(schema: Schema, said: Mapping[str, Any], at: str) -> Iterator[Passage]:
    shown = schema.shown if isinstance(schema, Fact) else ""
    if shown == NOWHERE:
        return
    for name, field in schema.fields.items():
        value, here = said.get(name), f"{at}{name}"
        if value is None:
            continue
        if isinstance(field, Text):
            yield Passage(here, value, shown)
        elif isinstance(field, One):
            yield from _passages(field.schema, value, f"{here}.")
        elif isinstance(field, Many):
            for index, element in enumerate(value):
                yield from _passages(field.element.schema, element, f"{here}.{index}.")
