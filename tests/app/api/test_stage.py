"""Over HTTP: what may be issued on an account, who may ask, and that asking leaves no trace."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from app.pipeline import utc_now
from app.wording import beijing_day
from audit import log
from tests import accounts
from tests.app.api.conftest import Service, opened, problem, told

FIND = "/v1/accounts/find"


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    yield from opened(tmp_path_factory.mktemp("stages"), soffice="/bin/false", deadline="2")


@pytest.fixture
def account(office: Service) -> str:
    [card] = accounts.known(office.house)
    return f"/v1/accounts/{told(office.post({'issuer': 'demo_bank', 'card_number': card}, path=FIND))['account']}"


def days(overdue: int) -> str:
    today = beijing_day(utc_now())
    return f"oldest_unpaid_due_on={today - timedelta(days=overdue)}&billed_on={today - timedelta(days=4)}"


def by_type(answer: Any) -> dict[str, Any]:
    assert answer.status_code == 200, answer.text
    return {one["type"]: one for one in told(answer)["documents"]}


def test_what_may_be_issued_is_told_for_each_type_and_nothing_is_written(office: Service, account: str) -> None:
    with office.house.database.read() as session:
        before = log.head(session.connection()).size

    found = by_type(office.get(f"{account}/stage?{days(45)}"))

    assert found["dunning_letter"]["verdict"] == found["payment_reminder"]["verdict"] == "passes"
    assert found["dunning_letter"]["tier"] == "L2"
    [finding] = found["objection_reply"]["findings"]
    assert (finding["rule"], finding["changes_on"]) == ("R17.reply", None)
    assert finding["source"]
    assert finding["message"]
    with office.house.database.read() as session:
        assert log.head(session.connection()).size == before


def test_a_letter_too_early_may_go_out_when_the_days_of_grace_are_over(office: Service, account: str) -> None:
    letter = by_type(office.get(f"{account}/stage?{days(1)}&grace_days=5"))["dunning_letter"]

    [finding] = letter["findings"]
    expected = (beijing_day(utc_now()) + timedelta(days=5)).isoformat()
    assert (letter["verdict"], finding["rule"]) == ("refused", "R05")
    assert (finding["changes_on"], letter["possible_on"]) == (expected, expected)


def test_without_the_days_the_answer_is_that_it_is_not_known(office: Service, account: str) -> None:
    letter = by_type(office.get(f"{account}/stage", role="compliance"))["dunning_letter"]

    assert (letter["verdict"], letter["possible_on"]) == ("unknown", None)
    assert "R20.tier" in letter["unasked"]


@pytest.mark.parametrize(
    ("query", "path"),
    [
        ("billed_on=2026-11-31", "billed_on"),
        ("billed_on=20261119", "billed_on"),
        ("oldest_unpaid_due_on=9999-12-31", "oldest_unpaid_due_on"),
        ("billed_on=2026-11-19&billed_on=2026-11-20", "billed_on"),
        ("oldest_unpaid_due_on=yesterday&billed_on=2026-11-19", "oldest_unpaid_due_on"),
        ("oldest_unpaid_due_on=2026-10-10&billed_on=2026-11-19&grace_days=-1", "grace_days"),
        ("name=x", "name"),
    ],
)
def test_a_question_that_cannot_be_read_is_named_by_its_field(
    office: Service, account: str, query: str, path: str
) -> None:
    errors = problem(office.get(f"{account}/stage?{query}"), 422, "request.invalid")["errors"]

    assert path in {error["path"].rpartition(".")[2] for error in errors}


def test_strangers_are_told_nothing(office: Service, account: str) -> None:
    problem(office.get(f"{account}/stage", role="unbound"), 404, "not_found")
    problem(office.get(f"{account}/stage", role="admin"), 403, "forbidden")
    problem(office.get("/v1/accounts/0197f1d8-2f00-7000-8000-000000000001/stage"), 404, "not_found")
