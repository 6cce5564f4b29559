"""Asking first: the gate's answer, and no trace of the question."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select

from app.store.models import Base, CaseKeyRow
from audit import log
from tests.app.api.approving import UNRESERVED, WRONG_SEX, Desk, desks
from tests.app.api.conftest import LETTERS, on_postgres, problem, told

ASKING = f"{LETTERS}?dry_run=true"
UNHEARD_OF = "9998000000001235"  # a card that nobody has spoken of


@pytest.fixture(scope="module", params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def desk(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    databases = on_postgres(request.getfixturevalue("cluster")) if request.param == "postgres" else {}
    yield from desks(tmp_path_factory.mktemp("asking") / "here", "R03", settings=databases)


def traces(desk: Desk) -> dict[str, Any]:
    """The size of everything that is kept."""
    with desk.house.database.read() as session:
        kept: dict[str, Any] = {
            table.name: session.scalar(select(func.count()).select_from(table)) for table in Base.metadata.sorted_tables
        }
        kept["log"] = log.head(session.connection()).size
    with desk.house.documents.case_keys._database.read() as session:
        kept["keys"] = session.scalar(select(func.count()).select_from(CaseKeyRow))
    return kept | {"blobs": len(list(desk.house.settings.blobs.rglob("*")))}


@pytest.mark.parametrize(
    ("change", "verdict", "rules"),
    [({}, "passes", set()), (UNRESERVED, "needs_approval", {"R03"}), (WRONG_SEX, "refused", {"R38"})],
)
def test_the_verdict_is_told_and_nothing_is_made(
    desk: Desk, change: dict[str, Any], verdict: str, rules: set[str]
) -> None:
    before = traces(desk)

    answer = desk.ask({**change, "account.card_number": UNHEARD_OF}, key="asked-first", path=ASKING)

    assert answer.status_code == 200, answer.text
    said = told(answer)
    assert (said["verdict"], {finding["rule"] for finding in said["findings"]}) == (verdict, rules)
    assert set(said["rules"]["passed"]) == {"R01", "R03", "R05", "R10", "R38"} - rules
    assert said["rules"]["digest"] == desk.house.catalogue.packs["cn"].digest
    assert said["tier"] == "L2"
    assert traces(desk) == before


def test_what_is_known_of_an_account_counts_and_is_not_added_to(desk: Desk) -> None:
    desk.ask({})
    before = traces(desk)

    assert told(desk.ask({}, path=ASKING))["verdict"] == "passes"

    assert traces(desk) == before
    assert before["account"] >= 1


def test_a_request_that_cannot_be_read_is_refused_as_ever(desk: Desk) -> None:
    problem(desk.ask({"issuer": "nobody"}, path=ASKING), 422, "request.invalid")
    problem(desk.ask({"addressee": None}, path=ASKING), 422, "request.invalid")
    problem(desk.service.post(desk.service.sample(), role="officer", path=ASKING), 403, "forbidden")
    problem(desk.service.post(desk.service.sample(), role="unbound", path=ASKING), 403, "forbidden")


@pytest.mark.parametrize("query", ["dry_run=yes", "dry_run=1", "dry_run=", "dryrun=true", "dry_run=true&more=1"])
def test_a_misspelt_question_makes_no_document(desk: Desk, query: str) -> None:
    before = traces(desk)

    problem(desk.ask({}, path=f"{LETTERS}?{query}"), 422, "request.invalid")

    assert traces(desk) == before


def test_false_is_no_question(desk: Desk) -> None:
    assert desk.ask({}, path=f"{LETTERS}?dry_run=false").status_code == 201


def test_an_account_is_looked_up_without_being_made(tmp_path: Path) -> None:
    for desk in desks(tmp_path / "here"):
        registry = desk.house.registry
        assert registry.find("demo_bank", UNHEARD_OF) is None
        made = registry.account_id("demo_bank", UNHEARD_OF)
        assert registry.find("demo_bank", UNHEARD_OF) == registry.account_id("demo_bank", UNHEARD_OF) == made
