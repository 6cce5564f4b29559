"""Requests as a whole: the envelope, references, unknown fields, every fault at once, and the way back to the wire."""

import json
import re
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from marshmallow import Schema

from app import facts
from app.errors import ConfigurationError, InvalidRequest
from app.facts.fields import Said
from tests.app.facts.conftest import TODAY, Faults, faults_in
from tests.samples import make


def test_the_sample_is_accepted_on_any_day(schema: type[Schema]) -> None:
    for today in (date(2026, 1, 1), TODAY, date(2028, 2, 29)):
        assert facts.validate(schema, make.request(today))["issuer"] == "demo_bank"


@pytest.mark.parametrize("seed", range(200))
def test_random_cases_are_accepted_and_travel_back_unchanged(schema: type[Schema], seed: int) -> None:
    loaded = facts.validate(schema, make.random_request(make.seeded(seed), TODAY))
    travelling = json.loads(json.dumps(facts.plain(schema, loaded)))

    assert facts.validate(schema, travelling) == loaded


def test_random_cases_are_as_diverse_as_they_claim(schema: type[Schema]) -> None:
    cases = [make.random_request(make.seeded(seed), TODAY) for seed in range(200)]

    assert {name for case in cases for name in (party["name"] for party in case["parties"])} >= set(make.NAMES)
    assert {debt["currency"] for case in cases for debt in case["account"]["debts"]} == set(make.CURRENCIES)
    assert {len(case["account"]["debts"]) for case in cases} == {1, 2, 3}
    roles = {
        obligor["role"]
        for case in cases
        for obligor in case["account"]["obligors"]
        if obligor["party"] == case["addressee"]
    }
    assert roles == {"cardholder", "guarantor", "joint_obligor", "legal_successor"}


def test_facts_are_loaded_as_dates_and_decimals(schema: type[Schema]) -> None:
    debt = facts.validate(schema, make.request(TODAY))["account"]["debts"][0]

    assert debt["total"] == Decimal("38256.47")
    assert debt["as_of"] == date(2026, 11, 22)
    assert debt["grace_days"] == 3


def test_plain_facts_have_every_field_and_none_where_nothing_was_said(schema: type[Schema]) -> None:
    body = make.request(TODAY, run_id=..., account__debts__0__last_payment=..., account__debts__0__fees="0.00")
    plain = facts.plain(schema, facts.validate(schema, body))

    assert plain["run_id"] is None
    assert plain["on"] is None
    assert plain["parties"][0]["uscc"] is None
    assert plain["account"]["debts"][0]["last_payment"] is None
    assert plain["account"]["debts"][0]["fees"] == "0.00"
    assert plain["account"]["debts"][0]["as_of"] == "2026-11-22"
    assert plain["delivery"]["reserved"] is True


def test_all_faults_are_named_at_once(faults: Faults) -> None:
    assert faults(
        client_ref=...,
        unheard_of=1,
        parties__0__name="王\x07",
        parties__0__phone="12345",
        account__card_number="9998000000000006",
        account__debts__0__total=38256.47,
        account__debts__0__billed_on="2026-11-30",
        account__debts__0__minimum_payment="-1.00",
        account__rates__annual_percent="18",
        account__obligors__0__party="p9",
        delivery__recipient__postcode="99900",
        delivery__reserved="yes",
    ).keys() == {
        "client_ref",
        "unheard_of",
        "parties.0.name",
        "parties.0.phone",
        "account.card_number",
        "account.debts.0.total",
        "account.debts.0.billed_on",
        "account.debts.0.minimum_payment",
        "account.rates.annual_percent",
        "account.obligors.0.party",
        "delivery.recipient.postcode",
        "delivery.reserved",
    }


def test_no_message_and_no_error_text_repeats_a_value(schema: type[Schema]) -> None:
    secrets = {
        "parties__0__name": "王\u200b小二",
        "parties__0__phone": "1380000000099",
        "parties__0__identity__number": "990000198503142171",
        "account__card_number": "9998000000000006",
        "account__debts__0__total": "38256.471",
        "account__debts__0__as_of": "2026-13-01",
        "delivery__recipient__line": "虚构路{{7}}号",
    }
    with pytest.raises(InvalidRequest) as refusal:
        facts.validate(schema, make.request(TODAY, **secrets))

    said = f"{refusal.value} {refusal.value.messages} {refusal.value.__context__} {refusal.value.__cause__}"
    assert [secret for secret in secrets.values() if secret in said] == []
    assert refusal.value.__context__ is None, "Marshmallow's error carries the request with it"


@pytest.mark.parametrize(
    "path",
    ["", "requested_by", "parties__0", "parties__0__identity", "account", "account__contract", "account__obligors__0",
     "account__debts__0", "account__debts__0__last_payment", "account__rates", "delivery", "delivery__recipient"],
)  # fmt: skip
def test_unknown_fields_are_refused_at_every_level(faults: Faults, path: str) -> None:
    unknown = f"{path}__surprise".removeprefix("__")

    assert faults(**{unknown: "x"}) == {unknown.replace("__", "."): ["没有此项"]}


OPTIONAL = {"run_id", "on", "sex", "born_on", "identity", "uscc", "phone", "opened_on", "liability", "last_payment",
            "daily_percent"}  # fmt: skip


def _paths(value: Any, at: str = "") -> list[str]:
    if isinstance(value, list):
        return [path for index, element in enumerate(value) for path in _paths(element, f"{at}__{index}")]
    if isinstance(value, dict):
        inside = [path for name, element in value.items() for path in _paths(element, f"{at}__{name}")]
        return [*([at.removeprefix("__")] if at and not at[-1].isdigit() else []), *inside]
    return [at.removeprefix("__")]


@pytest.mark.parametrize("path", _paths(make.request(TODAY)))
def test_a_missing_field_is_named_unless_it_is_optional(faults: Faults, path: str) -> None:
    expected = {} if path.split("__")[-1] in OPTIONAL else {path.replace("__", "."): ["缺少此项"]}

    assert faults(**{path: ...}) == expected


@pytest.mark.parametrize("path", _paths(make.request(TODAY)))
@pytest.mark.parametrize("value", [1.5, 10**30, True, "", "\ud800", [], {}, [[]], {"": 1}, "x" * 100_000])
def test_a_value_of_another_kind_is_refused_and_never_a_crash(faults: Faults, path: str, value: Any) -> None:
    accepted = path == "delivery__reserved" and value is True

    assert (faults(**{path: value}) == {}) is accepted


@pytest.mark.parametrize("body", [[], "", None, 1, [{}]])
def test_a_body_that_is_no_object_is_refused(body: Any) -> None:
    assert faults_in(body) == {"_schema": ["应为对象"]}


@pytest.mark.parametrize("path", ["addressee", "account__holder", "account__obligors__0__party", "delivery__owner"])
def test_a_reference_to_nobody_is_refused_where_it_stands(faults: Faults, path: str) -> None:
    assert faults(**{path: "p2"}) == {path.replace("__", "."): ["当事人中没有此编号"]}


def test_a_faulty_party_does_not_blame_those_that_refer_to_it(faults: Faults) -> None:
    assert faults(parties__0__name="") == {"parties.0.name": ["不得为空"]}


def test_two_parties_with_the_same_id_are_refused(faults: Faults) -> None:
    twin = make.request(TODAY)["parties"][0]

    assert faults(parties__1=twin) == {"parties.1.id": ["重复"]}


@pytest.mark.parametrize("count", [0, 21])
def test_too_few_and_too_many_parties_are_refused(faults: Faults, count: int) -> None:
    party = make.request(TODAY)["parties"][0]

    assert faults(parties=[party | {"id": f"p{index}"} for index in range(1, count + 1)])["parties"] == [
        "应有 1 至 20 项"
    ]


@pytest.mark.parametrize("value", ["", "a b", "编号", "a/b", "-a", "a" * 65, "a\n", "../a", 7])
def test_only_plain_identifiers_are_accepted(faults: Faults, value: Any) -> None:
    assert faults(client_ref=value).keys() == {"client_ref"}


@pytest.mark.parametrize(
    "value",
    [
        "20261123",
        "2026-11-31",
        "2026-W48-1",
        "2026-11-23T00:00:00",
        "23.11.2026",
        "1899-12-31",
        "\uff12026-11-23",
        " 2026-11-23",
        "2026-11-23\n",
        20261123,
    ],
)
def test_only_plain_days_are_accepted(faults: Faults, value: Any) -> None:
    assert faults(on=value).keys() == {"on"}


def test_null_is_accepted_for_an_optional_field_only(faults: Faults) -> None:
    assert faults(run_id=None, account__debts__0__last_payment=None) == {}
    assert faults(client_ref=None) == {"client_ref": ["不得为 null"]}


def test_a_type_that_asks_for_a_fact_nobody_knows_stops_the_service() -> None:
    with pytest.raises(ConfigurationError, match="some_letter: no such facts: weather"):
        facts.request_schema("some_letter", {"parties": "parties", "sky": "weather"})


def test_a_fact_may_not_take_the_place_of_the_envelope() -> None:
    with pytest.raises(ConfigurationError, match="some_letter: the envelope has these fields already: issuer"):
        facts.request_schema("some_letter", {"issuer": "parties"})


def test_the_schema_is_named_after_the_document_type(schema: type[Schema]) -> None:
    assert schema.__name__ == "DunningLetterRequest"


def test_the_shape_names_every_field_as_it_nests(schema: type[Schema]) -> None:
    shape = facts.shape(schema)

    assert shape["account"]["debts"][0]["last_payment"] == {"paid_on": None, "amount": None}
    assert shape["parties"][0]["identity"] == {"type": None, "number": None}
    assert shape["addressee"] is None
    loaded = facts.validate(schema, make.request(TODAY, on="2026-11-23"))
    assert _keys(facts.plain(schema, loaded), shape) == []


def _keys(value: Any, shape: Any, at: str = "") -> list[str]:
    """Where plain facts and the shape name different fields."""
    if isinstance(value, dict):
        wrong = [] if value.keys() == shape.keys() else [at]
        return wrong + [path for name in value for path in _keys(value[name], shape[name], f"{at}.{name}")]
    if isinstance(value, list):
        return [path for element in value for path in _keys(element, shape[0], at)]
    return []


def test_messages_are_punctuated_as_chinese() -> None:
    said = [message for kind in _subclasses(Said) for message in kind.default_error_messages.values()]

    assert len(said) > 20
    assert [message for message in said if re.search(r"[\u4e00-\u9fff][,;:!]|[,;:!] ?[\u4e00-\u9fff]", message)] == []


def _subclasses(kind: type[Any]) -> list[type[Any]]:
    return [one for below in kind.__subclasses__() for one in (below, *_subclasses(below))]


def test_every_field_says_what_it_is_for_the_api_s_readers(schema: type[Schema]) -> None:
    def undescribed(fields: dict[str, Any], at: str = "") -> list[str]:
        found = []
        for name, field in fields.items():
            found += [] if field.metadata.get("description") else [f"{at}{name}"]
            inner = getattr(field, "element", field)
            found += undescribed(inner.schema.fields, f"{at}{name}.") if hasattr(inner, "schema") else []
        return found

    assert undescribed(schema().fields) == []


@pytest.mark.parametrize(
    ("value", "day"),
    [
        ("today", "2026-11-23"),
        ("today-3", "2026-11-20"),
        ("today+8", "2026-12-01"),
        ("today-", "today-"),
        ("todays", "todays"),
    ],
)
def test_days_of_a_sample_are_offsets_from_today(value: str, day: str) -> None:
    assert facts.at_day({"a": [{"b": value}], "c": 1}, TODAY) == {"a": [{"b": day}], "c": 1}


def test_the_sample_names_no_day_that_goes_stale() -> None:
    sample = json.loads(make.SAMPLE.read_text("utf-8"))
    debt = sample["account"]["debts"][0]

    assert all(debt[name].startswith("today-") for name in ("as_of", "billed_on", "oldest_unpaid_due_on"))
