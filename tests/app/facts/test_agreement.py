"""What promises to pay and instalment agreements are asked with: every slip is told by its field."""

from collections.abc import Iterator
from typing import Any

import pytest

from app import facts
from app.errors import InvalidRequest
from app.gate.cases import changed
from tests.app.facts.conftest import flat
from tests.templates import letters

AGREEMENT, PROMISE = "instalment_agreement", "promise_to_pay"
SCHEMAS = {name: facts.request_schema(name, letters.kind(name).facts) for name in (AGREEMENT, PROMISE)}
CUSTOM: dict[str, Any] = {
    "currency": "CNY",
    "total": "38062.45",
    "method": "custom",
    "starts_on": "2026-11-23",
    "first_due_on": "2026-12-10",
    "count": 2,
    "annual_percent": "0",
    "rows": [{"due_on": "2026-12-10", "principal": "8062.45"}, {"due_on": "2027-03-10", "principal": "30000.00"}],
}


def found(name: str, change: dict[str, Any]) -> dict[str, list[str]]:
    try:
        facts.validate(SCHEMAS[name], changed(letters.sample(name=name), change))
    except InvalidRequest as refusal:
        return dict(flat(refusal.messages))
    return {}


def as_computed() -> Iterator[dict[str, Any]]:
    """The rows of the sample's own plan, as the service computes them."""
    for row in letters.approved(name=AGREEMENT).blanks["plan"]["rows"]:
        yield {name: row[name] for name in ("due_on", "amount", "principal", "charge", "balance_after")}


@pytest.mark.parametrize("name", SCHEMAS)
def test_the_sample_loads_and_travels_back(name: str) -> None:
    loaded = facts.validate(SCHEMAS[name], letters.sample(name=name))

    assert facts.validate(SCHEMAS[name], facts.plain(SCHEMAS[name], loaded)) == loaded


@pytest.mark.parametrize(
    ("change", "at", "said"),
    [
        ({"promise.rows.1.due_on": "2026-11-30"}, "promise.rows.1.due_on", "重复"),
        ({"promise.rows.1.due_on": "2026-11-29"}, "promise.rows.1.due_on", "逐笔递增"),
        ({"promise.rows.0.amount": "0.00"}, "promise.rows.0.amount", "应大于零"),
        ({"promise.rows.0.amount": "10000.0"}, "promise.rows.0.amount", "须有 2 位小数"),
        ({"promise.rows.0.amount": None}, "promise.rows.0.amount", "缺少此项"),
        ({"promise.rows.0.due_on": None}, "promise.rows.0.due_on", "缺少此项"),
        ({"promise.rows": []}, "promise.rows", "应有 1 至 12 项"),
        ({"promisor": "p9"}, "promisor", "当事人中没有此编号"),
        ({"service_address": None}, "service_address", "缺少此项"),
        ({"witness": "p1"}, "witness", "没有此项"),
    ],
)
def test_a_promise_that_cannot_be_meant_is_told_by_its_field(change: dict[str, Any], at: str, said: str) -> None:
    assert said in "".join(found(PROMISE, change)[at])


@pytest.mark.parametrize(
    ("change", "at", "said"),
    [
        ({"plan.count": 61}, "plan.count", "应在 1 和 60 之间"),
        ({"plan.count": 0}, "plan.count", "应在 1 和 60 之间"),
        ({"plan.rows": [*as_computed()][:11]}, "plan.count", "与各期不一致"),
        ({"plan": {**CUSTOM, "total": "38062.46"}}, "plan.rows.1.principal", "各期欠款之和与总额不一致"),
        (
            {"plan": {**CUSTOM, "rows": CUSTOM["rows"][::-1], "first_due_on": "2027-03-10"}},
            "plan.rows.1.due_on",
            "递增",
        ),
        ({"signers": []}, "signers", "应有 1 至 4 项"),
        ({"signers.0.party": "p9"}, "signers.0.party", "当事人中没有此编号"),
        ({"signers.1": {"party": "p1"}}, "signers.1.party", "重复"),
        ({"negotiation.means": "phone"}, "negotiation.recording", "须填写录音录像"),
        ({"terms.annual_fee": {"charged": True}}, "terms.annual_fee.amount", "收取的须填写"),
        ({"terms.annual_fee": {"charged": False, "amount": "80.00"}}, "terms.annual_fee.amount", "不收取的没有此项"),
        ({"terms.other_fees": {"charged": True, "amount": "1.00"}}, "terms.other_fees.kind", "收取的须填写名称"),
        (
            {"terms.other_fees": {"charged": True, "kind": "damages", "amount": "1.00"}},
            "terms.other_fees.kind",
            "可选值",
        ),
        ({"terms.waived": "194.0"}, "terms.waived", "金额须有 2 位小数"),
        ({"terms.annual_fee": {"charged": True, "amount": "80"}}, "terms.annual_fee.amount", "金额须有 2 位小数"),
        ({"hardship.affordable": "3500.555"}, "hardship.affordable", "金额须有 2 位小数"),
        ({"plan.interest_free": "38062.46"}, "plan.interest_free", "大于总额"),
        ({"plan.interest_free": "1198.1"}, "plan.interest_free", "须有 2 位小数"),
        ({"terms.default.missed": 7}, "terms.default.missed", "应在 1 和 6 之间"),
        ({"terms.default.grace_days": 31}, "terms.default.grace_days", "应在 0 和 30 之间"),
        ({"terms.court": "anywhere"}, "terms.court", "不在可选值之内"),
        ({"hardship.evidence": []}, "hardship.evidence", "应有 1 至 10 项"),
        ({"hardship.description": None}, "hardship.description", "缺少此项"),
        ({"hardship.description": "请转账至6217000000000000000"}, "hardship.description", "数字"),
        ({"negotiation": None}, "negotiation", "缺少此项"),
        ({"plan.rows": None, "plan.method": "custom"}, "plan.rows", "自定计划须填写各期"),
    ],
)
def test_an_agreement_that_cannot_be_meant_is_told_by_its_field(change: dict[str, Any], at: str, said: str) -> None:
    assert said in "".join(found(AGREEMENT, change)[at])


def test_a_schedule_that_is_sent_along_is_recomputed_and_refused_on_a_difference_of_one_cent() -> None:
    rows = [*as_computed()]
    assert found(AGREEMENT, {"plan.rows": rows}) == {}

    for name, wrong in (("amount", "9999.99"), ("principal", "1.01"), ("charge", "1.01")):
        off = [{**rows[0], name: wrong}, *rows[1:]]
        assert found(AGREEMENT, {"plan.rows": off}) == {f"plan.rows.0.{name}": ["与计算结果不一致"]}
