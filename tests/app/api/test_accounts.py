"""What other systems tell of an account, what is known of it, and who may know."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from app.pipeline import utc_now
from audit import entry
from tests import accounts
from tests.app.api.conftest import Service, on_postgres, opened, problem, told

CARD = "9998000000000005"
EVENTS, FIND = "/v1/events", "/v1/accounts/find"


@pytest.fixture(scope="module", params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def office(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Any:
    """A service without LibreOffice, on both databases."""
    databases = on_postgres(request.getfixturevalue("cluster")) if request.param == "postgres" else {}
    yield from opened(tmp_path_factory.mktemp("accounts"), soffice="/bin/false", deadline="2", **databases)


def at(**ago: float) -> str:
    return (utc_now() - timedelta(**ago)).strftime("%Y-%m-%dT%H:%M:%SZ")


def call(ref: str, **more: Any) -> dict[str, Any]:
    """A call that reached the cardholder."""
    said = {"channel": "call", "role": "cardholder", "outcome": "reached", "reserved": True}
    person = {"name": "赵示范", "contact": "13800000000"}
    return {"ref": ref, "card_number": CARD, "kind": "collection", "at": at(hours=1), **said, **person, **more}


def simple(ref: str, kind: str, **more: Any) -> dict[str, Any]:
    return {"ref": ref, "card_number": CARD, "kind": kind, "at": at(hours=1), **more}


def batch(*events: Mapping[str, Any], **more: Any) -> dict[str, Any]:
    return {"issuer": "demo_bank", "as_of": at(minutes=1), "events": list(events), **more}


def account(office: Service) -> str:
    found = told(office.post({"issuer": "demo_bank", "card_number": CARD}, path=FIND))
    return str(found["account"])


def known(office: Service) -> dict[str, Any]:
    answer = office.get(f"/v1/accounts/{account(office)}", role="compliance")
    assert answer.status_code == 200, answer.text
    return dict(told(answer))


def test_what_is_told_is_known_and_stands_in_the_log(office: Service) -> None:
    answer = office.post(batch(call("EV-1")), path=EVENTS)

    assert answer.status_code == 201, answer.text
    [recorded] = told(answer)["events"]
    assert recorded["fresh"] is True
    [event] = [one for one in known(office)["events"] if one["id"] == recorded["id"]]
    assert (event["kind"], event["channel"], event["outcome"], event["reserved"]) == (
        "collection",
        "call",
        "reached",
        True,
    )
    payload, _ = office.house.entry(recorded["seq"])
    assert (payload["action"], payload["event"], payload["kind"]) == ("event.recorded", recorded["id"], "collection")


def test_what_is_told_again_changes_nothing(office: Service) -> None:
    body = batch(call("EV-2"))
    first, again = (told(office.post(body, path=EVENTS))["events"][0] for _ in range(2))

    assert (first["id"], first["seq"], first["fresh"], again["fresh"]) == (again["id"], again["seq"], True, False)


def test_another_event_under_a_used_reference_is_refused_whole(office: Service) -> None:
    office.post(batch(simple("EV-3", "payoff")), path=EVENTS)
    before = len(known(office)["events"])
    answer = office.post(batch(simple("EV-3b", "death"), simple("EV-3", "death")), path=EVENTS)

    errors = problem(answer, 422, "request.invalid")["errors"]
    assert [error["path"] for error in errors] == ["events.1.ref"]
    assert len(known(office)["events"]) == before


@pytest.mark.parametrize(
    ("event", "path"),
    [
        ({"kind": "gossip"}, "events.0.kind"),
        ({"kind": "payoff", "channel": "call"}, "events.0.channel"),
        ({"kind": "collection"}, "events.0.channel"),
        ({"kind": "agreement"}, "events.0.agreement"),
        ({"kind": "interruption", "means": "promise"}, "events.0.receipts"),
        ({"kind": "payoff", "at": "2026-11-23T10:00:00"}, "events.0.at"),
        ({"kind": "payoff", "at": "2099-11-23T10:00:00Z"}, "events.0.at"),
        ({"kind": "payoff", "card_number": "9998000000000004"}, "events.0.card_number"),
        ({"kind": "payoff", "remark": "x"}, "events.0.remark"),
    ],
)
def test_an_event_that_cannot_be_read_is_named_by_its_field(office: Service, event: Any, path: str) -> None:
    answer = office.post(
        batch(simple("EV-4", **event) if "at" not in event else {**simple("EV-4", "payoff"), **event}), path=EVENTS
    )

    assert path in [error["path"] for error in problem(answer, 422, "request.invalid")["errors"]]


def test_the_same_reference_twice_in_a_batch_is_refused(office: Service) -> None:
    answer = office.post(batch(simple("EV-5", "payoff"), simple("EV-5", "death")), path=EVENTS)

    assert [error["path"] for error in problem(answer, 422, "request.invalid")["errors"]] == ["events.1.ref"]


def test_a_batch_from_the_future_is_refused(office: Service) -> None:
    later = (datetime.now(UTC) + timedelta(hours=1)).strftime("%Y-%m-%dT%H:%M:%SZ")
    answer = office.post(batch(simple("EV-6", "payoff"), as_of=later), path=EVENTS)

    assert [error["path"] for error in problem(answer, 422, "request.invalid")["errors"]] == ["as_of"]


def test_the_feed_never_moves_back(office: Service) -> None:
    office.post(batch(simple("EV-7", "nothing_new", at=at(hours=30)), as_of=at(hours=20)), path=EVENTS)
    office.post(batch(simple("EV-8", "nothing_new", at=at(hours=30)), as_of=at(hours=10)), path=EVENTS)
    after = known(office)["fed_at"]
    office.post(batch(simple("EV-9", "nothing_new", at=at(hours=30)), as_of=at(hours=15)), path=EVENTS)

    assert known(office)["fed_at"] == after


def test_neither_person_nor_place_nor_number_is_kept_in_the_clear(office: Service) -> None:
    secret = call("EV-10", name="钱示范", contact="13911112222")
    [recorded] = told(office.post(batch(secret), path=EVENTS))["events"]
    shown = office.get(f"/v1/accounts/{account(office)}", role="compliance").text
    leaf, _ = office.house.entry(recorded["seq"])

    for text in (shown, json.dumps(leaf, ensure_ascii=False)):
        assert all(told not in text for told in ("钱示范", "13911112222", CARD))
    for path in office.house.settings.home.rglob("*"):
        content = path.read_bytes() if path.is_file() else b""
        assert "钱示范".encode() not in content
        assert b"13911112222" not in content


def test_strangers_neither_tell_nor_read(office: Service) -> None:
    problem(office.post(batch(simple("EV-11", "payoff")), "unbound", EVENTS), 403, "forbidden")
    problem(office.post({"issuer": "demo_bank", "card_number": CARD}, "unbound", FIND), 403, "forbidden")
    problem(office.get(f"/v1/accounts/{account(office)}", role="upstream"), 403, "forbidden")
    problem(office.post(batch(simple("EV-12", "payoff"), issuer="no_bank"), path=EVENTS), 422, "request.invalid")
    problem(office.get("/v1/accounts/00000000-0000-4000-8000-000000000000", role="compliance"), 404, "not_found")
    problem(office.post({"issuer": "demo_bank", "card_number": "9998000000000013"}, path=FIND), 404, "not_found")


def test_the_entries_of_events_are_canonical_and_known_to_the_verifier(office: Service) -> None:
    [recorded] = told(office.post(batch(call("EV-13")), path=EVENTS))["events"]
    [(_, leaf, _)] = office.house.entries(recorded["seq"], 1)

    assert entry.parse(leaf).payload["v"] == 1


def test_a_number_that_is_not_theirs_gets_no_short_message(office: Service) -> None:
    [card] = accounts.known(office.house)
    reminder = "/v1/documents/payment_reminder"
    body = office.house.sample("payment_reminder")
    body["card"]["card_number"] = card
    asked = f"{reminder}?dry_run=true"
    assert told(office.post(body, path=asked))["verdict"] == "passes"

    disowned = simple("EV-12", "contact_blocked", card_number=card, contact=body["sms"]["number"])
    assert office.post(batch(disowned), path=EVENTS).status_code == 201

    said = told(office.post(body, path=asked))
    assert (said["verdict"], [(one["rule"], one["at"]) for one in said["findings"]]) == (
        "refused",
        [("R03.blocked", "sms.number")],
    )
