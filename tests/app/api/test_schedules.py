"""Over HTTP: a plan is computed and nothing is made of it; what was sent along must be the same to the cent."""

import copy
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest

from app.facts import SAMPLE_PLAN
from audit import log
from tests.app.api.conftest import Service, opened, problem, told

PATH = "/v1/schedules"


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    yield from opened(tmp_path_factory.mktemp("schedules"), soffice="/bin/false", deadline="2")


def computed(office: Service, **change: Any) -> dict[str, Any]:
    answer = office.post(SAMPLE_PLAN | change, path=PATH)
    assert answer.status_code == 200, answer.text
    return dict(told(answer))


def test_a_plan_is_computed_and_leaves_no_trace(office: Service) -> None:
    with office.house.database.read() as session:
        before = log.head(session.connection()).size

    found = computed(office)

    assert len(found["rows"]) == 12
    assert sum(Decimal(row["principal"]) for row in found["rows"]) == Decimal(SAMPLE_PLAN["total"])
    assert found["rows"][-1]["balance_after"] == "0.00"
    assert (found["simple_percent"], found["internal_percent"]) == ("12.00", "12.68")
    assert Decimal(found["amount"]) == Decimal(SAMPLE_PLAN["total"]) + Decimal(found["charge"])
    with office.house.database.read() as session:
        assert log.head(session.connection()).size == before


def test_a_plan_sent_back_as_it_was_computed_is_the_same(office: Service) -> None:
    found = computed(office)
    rows = [{name: value for name, value in row.items() if name != "number"} for row in found["rows"]]

    assert computed(office, rows=rows) == found


@pytest.mark.parametrize("field", ["amount", "charge", "balance_after", "principal"])
def test_a_row_that_is_off_by_a_cent_is_named(office: Service, field: str) -> None:
    rows = [{name: value for name, value in row.items() if name != "number"} for row in computed(office)["rows"]]
    wrong = copy.deepcopy(rows)
    wrong[4][field] = f"{Decimal(wrong[4][field]) + Decimal('0.01'):f}"

    body = problem(office.post(SAMPLE_PLAN | {"rows": wrong}, path=PATH), 422, "request.invalid")

    assert [one["path"] for one in body["errors"]] == [f"rows.4.{field}"]


def row(due_on: str, principal: str, **more: Any) -> dict[str, Any]:
    return {"due_on": due_on, "principal": principal, **more}


CUSTOM = {"method": "custom", "total": "100.00", "annual_percent": "0", "count": 2, "first_due_on": "2026-12-15"}


@pytest.mark.parametrize(
    ("change", "path"),
    [
        ({"count": 61}, "count"),
        ({"count": 0}, "count"),
        ({"total": "0.00"}, "total"),
        ({"total": "100.0"}, "total"),
        ({"total": "0.05", "count": 60}, "count"),
        ({"first_due_on": "2026-11-30"}, "first_due_on"),
        ({"method": "as_you_like"}, "method"),
        (CUSTOM, "rows"),
        (CUSTOM | {"rows": [row("2026-12-15", "40.00"), row("2026-12-14", "60.00")]}, "rows.1.due_on"),
        (CUSTOM | {"rows": [row("2026-12-15", "40.00"), row("2027-01-15", "59.99")]}, "rows.1.principal"),
        (CUSTOM | {"rows": [row("2026-12-15", "40.00"), row("2027-01-15", "60.01")]}, "rows.1.principal"),
        (CUSTOM | {"rows": [row("2026-12-15", "100.00")]}, "count"),
        (CUSTOM | {"rows": [row("2026-12-16", "40.00"), row("2027-01-15", "60.00")]}, "first_due_on"),
        (CUSTOM | {"rows": [row("2026-12-15", "40.00"), row("2027-01-15", "60.00", charge="0.01")]}, "rows.1.charge"),
        (CUSTOM | {"rows": [row("2026-12-15", "40.0"), row("2027-01-15", "60.00")]}, "rows.0.principal"),
        (CUSTOM | {"rows": [row("2026-12-15", "40.00"), {"due_on": "2027-01-15"}]}, "rows.1.principal"),
    ],
)
def test_what_cannot_be_carried_out_is_named_by_its_field(office: Service, change: dict[str, Any], path: str) -> None:
    body = problem(office.post(SAMPLE_PLAN | change, path=PATH), 422, "request.invalid")

    assert path in [one["path"] for one in body["errors"]]


def test_a_plan_of_the_parties_own_is_computed(office: Service) -> None:
    rows = [row("2026-12-15", "40.00"), row("2027-01-15", "60.00")]

    found = computed(office, **CUSTOM, rows=rows)

    assert [one["balance_after"] for one in found["rows"]] == ["60.00", "0.00"]
    assert (found["charge"], found["simple_percent"], found["internal_percent"]) == ("0.00", "0.00", "0.00")


def test_who_neither_asks_nor_decides_computes_nothing(office: Service) -> None:
    problem(office.post(SAMPLE_PLAN, role="admin", path=PATH), 403, "forbidden")
    problem(office.post(SAMPLE_PLAN, role="monitor", path=PATH), 403, "forbidden")
