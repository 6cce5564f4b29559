"""Free text is found wherever the schema has it, and no field is free text without being one."""

from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest
from marshmallow import Schema, fields

from app import facts
from app.facts.amounts import Money, Percent
from app.facts.fields import Choice, Day, Flag, Instant, Many, One, Pattern, Whole
from app.facts.text import Text
from app.templates import read_sample, request_schema
from tests.wiring import catalogue_here

ON = date(2026, 11, 23)
NARROW = (Choice, Day, Flag, Instant, Money, Pattern, Percent, Whole)  # nobody can word a sentence in one of these
TYPES = list(catalogue_here().types.values())


def leaves(schema: Schema, at: str = "") -> Iterator[tuple[str, fields.Field[Any]]]:
    for name, field in schema.fields.items():
        if isinstance(field, One):
            yield from leaves(field.schema, f"{at}{name}.")
        elif isinstance(field, Many):
            yield from leaves(field.element.schema, f"{at}{name}.0.")
        else:
            yield f"{at}{name}", field


@pytest.mark.parametrize("kind", TYPES, ids=lambda kind: kind.name)
def test_every_field_is_either_narrow_or_free_text(kind: Any) -> None:
    for path, field in leaves(request_schema(kind)()):
        assert isinstance(field, Text) != isinstance(field, NARROW), path


def test_every_fact_there_is_is_narrow_or_free_text() -> None:
    """Also those that no document type asks for yet."""
    schema = Schema.from_dict({name: make() for name, make in facts.FACTS.items()})()
    for path, field in leaves(schema):
        assert isinstance(field, Text) != isinstance(field, NARROW), path


def whole() -> Any:
    """The sample with everything in it that may be left out."""
    request = read_sample(catalogue_here().types["dunning_letter"], ON)
    request["note"] = "请您核对。"
    request["account"]["obligors"][0]["liability"] = {"document": "领用合约", "signed_on": "2019-03-18"}
    return request


def test_the_gate_is_shown_all_free_text_but_who_asked() -> None:
    kind = catalogue_here().types["dunning_letter"]
    schema = request_schema(kind)
    shown = facts.passages(schema(), facts.validate(schema, whole()))
    expected = {path for path, field in leaves(schema()) if isinstance(field, Text)} - {"requested_by.unit"}

    assert {passage.at for passage in shown} == expected
    assert {passage.at for passage in shown if passage.shown == "outside"} == {
        path for path in expected if path.startswith("delivery.recipient.")
    }


def test_what_was_not_said_is_no_passage() -> None:
    kind = catalogue_here().types["dunning_letter"]
    schema = request_schema(kind)
    shown = facts.passages(schema(), facts.validate(schema, read_sample(kind, ON)))

    assert "note" not in {passage.at for passage in shown}
