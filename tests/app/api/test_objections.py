"""Objections over HTTP: told once, moved by those who may, holding letters back, answered by a reply of their own."""

import json
import threading
import uuid
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from werkzeug.test import TestResponse

from app.gate.cases import changed
from app.pipeline import utc_now
from app.templates import read_sample
from audit import entry
from tests import accounts
from tests.app.api.conftest import LETTERS, Service, on_postgres, opened, problem, told

OBJECTIONS, REPLIES = "/v1/objections", "/v1/documents/objection_reply"
STATEMENT = "十一月账单的利息与还款短信不符。\n请核对我随信附上的回单。"
OUTSIDE = "转办〔2026〕0731"
TEXT = "已向营业网点调取柜面录像"
REASONS = {
    "annotated": "account_annotated",
    "verifying": "records_requested",
    "upheld": "payment_found",
    "partly_upheld": "amount_corrected",
    "rejected": "amount_confirmed",
}


@pytest.fixture(scope="module", params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def bank(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """A service without LibreOffice, on both databases, with officers of another bank."""
    databases = on_postgres(request.getfixturevalue("cluster")) if request.param == "postgres" else {}
    home = tmp_path_factory.mktemp("objections")
    for service in opened(home, soffice="/bin/false", deadline="2", rate_documents="100000", **databases):
        make = service.house.keys.make
        service.keys["elsewhere"] = make("他行合规部", "bank", "compliance", [], utc_now())[1]
        yield service


def said(card: str, **more: Any) -> dict[str, Any]:
    return {
        "ref": f"OB-{uuid.uuid4()}",
        "issuer": "demo_bank",
        "card_number": card,
        "channel": "phone",
        "outside_ref": OUTSIDE,
        "grounds": ["rate_or_fee", "already_paid"],
        "statement": STATEMENT,
        "disputed": {"currency": "CNY", "amount": "1198.09"},
        "received_at": (utc_now() - timedelta(days=5)).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "new_facts": False,
        **more,
    }


def tell(service: Service, card: str = "", **more: Any) -> dict[str, Any]:
    [fresh] = accounts.known(service.house)
    answer = service.post(said(card or fresh, **more), path=OBJECTIONS)
    assert answer.status_code == 201, answer.text
    return dict(told(answer))


def move(service: Service, objection: str, step: str, role: str = "compliance", **more: Any) -> TestResponse:
    body = {"to": step, "reason": REASONS[step], "text": TEXT, **more}
    return service.post(body, role=role, path=f"{OBJECTIONS}/{objection}/moves")


def verifying(service: Service, objection: str) -> None:
    assert move(service, objection, "annotated", role="upstream").status_code == 200
    assert move(service, objection, "verifying").status_code == 200


def shown(service: Service, objection: str, role: str = "compliance") -> dict[str, Any]:
    answer = service.get(f"{OBJECTIONS}/{objection}", role=role)
    assert answer.status_code == 200, answer.text
    return dict(told(answer))


def letter(service: Service, card: str) -> TestResponse:
    """Ask what the gate says to a dunning letter on this account."""
    return service.post(changed(service.sample(), {"account.card_number": card}), path=f"{LETTERS}?dry_run=true")


def reply_of(service: Service, card: str, objection: str, **more: Any) -> dict[str, Any]:
    body = read_sample(service.house.catalogue.types["objection_reply"], service.today())
    day = shown(service, objection)["received_on"]
    change = {"card.card_number": card, "objection.id": objection, "objection.received_on": day, **more}
    return changed(body, change)


def entries(service: Service, objection: str) -> list[dict[str, Any]]:
    found = [{**entry.parse(leaf).payload, "seq": seq} for seq, leaf, _ in service.house.entries(0, 100_000)]
    return [payload for payload in found if payload.get("objection") == objection]


def test_an_objection_is_taken_down_with_its_due_day_and_its_entry(bank: Service) -> None:
    [card] = accounts.known(bank.house)
    received = tell(bank, card)
    found = shown(bank, received["id"])

    assert (received["fresh"], received["repeats"]) == (True, False)
    assert found["due_on"] == (bank.today() + timedelta(days=10)).isoformat()  # fifteen days from the day it came
    assert (found["state"], found["age_days"], found["overdue"]) == ("received", 5, False)
    assert found["told"]["statement"] == STATEMENT
    assert found["told"]["outside_ref"] == OUTSIDE
    assert found["told"]["disputed"] == {"currency": "CNY", "amount": "1198.09"}
    assert "card_number" not in json.dumps(found)
    [recorded] = entries(bank, received["id"])
    assert (recorded["action"], recorded["for_account"]) == ("objection.received", received["account"])
    assert (recorded["grounds"], recorded["due"]) == (["already_paid", "rate_or_fee"], found["due_on"])


def test_the_same_reference_told_again_changes_nothing_and_another_thing_under_it_is_refused(bank: Service) -> None:
    [card] = accounts.known(bank.house)
    body = said(card)
    first, again = (told(bank.post(body, path=OBJECTIONS)) for _ in range(2))

    assert (first["id"], first["seq"], first["fresh"], again["fresh"]) == (again["id"], again["seq"], True, False)
    other = bank.post(body | {"statement": "另一件事"}, path=OBJECTIONS)
    assert [one["path"] for one in problem(other, 422, "request.invalid")["errors"]] == ["ref"]
    assert len(entries(bank, first["id"])) == 1


@pytest.mark.parametrize(
    ("change", "path"),
    [
        ({"channel": "gossip"}, "channel"),
        ({"grounds": []}, "grounds"),
        ({"grounds": ["amount_wrong", "amount_wrong"]}, "grounds"),
        ({"grounds": ["amount_wrong", "weather"]}, "grounds.1"),
        ({"grounds": "amount_wrong"}, "grounds"),
        ({"statement": ""}, "statement"),
        ({"statement": " \n "}, "statement"),
        ({"statement": "a\u202eb"}, "statement"),
        ({"statement": "长" * 5001}, "statement"),
        ({"disputed": {"currency": "CNY", "amount": "1198.9"}}, "disputed.amount"),
        ({"card_number": "9998000000000004"}, "card_number"),
        ({"received_at": "2099-11-23T10:00:00Z"}, "received_at"),
        ({"received_at": "2000-01-02T00:00:00Z"}, "received_at"),
        ({"due_on": "2099-11-23"}, "due_on"),
        ({"due_on": "2020-11-23"}, "due_on"),
        ({"document": "0197f1d8-2f00-7000-8000-000000000001"}, "document"),
        ({"issuer": "no_bank"}, "issuer"),
        ({"remark": "x"}, "remark"),
    ],
)
def test_what_cannot_be_taken_down_is_named_by_its_field(bank: Service, change: dict[str, Any], path: str) -> None:
    [card] = accounts.known(bank.house)
    answer = bank.post(said(card, **change), path=OBJECTIONS)

    assert path in [one["path"] for one in problem(answer, 422, "request.invalid")["errors"]]


def test_an_earlier_due_day_is_kept(bank: Service) -> None:
    assert tell(bank, due_on=bank.today().isoformat())["due_on"] == bank.today().isoformat()


def test_every_move_is_an_entry_by_a_named_role_and_its_words_are_for_officers(bank: Service) -> None:
    objection = tell(bank)["id"]
    verifying(bank, objection)
    answer = move(bank, objection, "upheld", role="counsel")

    assert answer.status_code == 200, answer.text
    found = shown(bank, objection)
    assert [(step["to"], step["role"]) for step in found["moves"]] == [
        ("annotated", "upstream"),
        ("verifying", "compliance"),
        ("upheld", "counsel"),
    ]
    assert {step["text"] for step in found["moves"]} == {TEXT}
    moved = entries(bank, objection)[1:]
    assert [one["seq"] for one in found["moves"]] == [one["seq"] for one in moved]
    assert [(one["from"], one["to"], one["role"], one["reason"]) for one in moved] == [
        ("received", "annotated", "upstream", "account_annotated"),
        ("annotated", "verifying", "compliance", "records_requested"),
        ("verifying", "upheld", "counsel", "payment_found"),
    ]
    annotated = told(move(bank, tell(bank)["id"], "annotated", "upstream"))
    for upstream in (shown(bank, objection, role="upstream"), annotated):
        assert "told" not in upstream
        assert all("text" not in step for step in upstream["moves"])


@pytest.mark.parametrize("to", ["verifying", "upheld", "partly_upheld", "rejected"])
def test_an_illegal_move_has_a_code_of_its_own_and_changes_nothing(bank: Service, to: str) -> None:
    objection = tell(bank)["id"]

    body = problem(move(bank, objection, to), 409, "objection.illegal_move")

    assert [one["path"] for one in body["errors"]] == ["to"]
    assert shown(bank, objection)["state"] == "received"
    assert len(entries(bank, objection)) == 1


@pytest.mark.parametrize(
    ("change", "path"),
    [
        ({"reason": "amount_confirmed"}, "reason"),
        ({"reason": "because"}, "reason"),
        ({"text": ""}, "text"),
        ({"reply": "0197f1d8-2f00-7000-8000-000000000001"}, "reply"),
        ({"to": "received"}, "to"),
    ],
)
def test_a_move_that_cannot_be_read_is_named_by_its_field(bank: Service, change: dict[str, Any], path: str) -> None:
    answer = move(bank, tell(bank)["id"], "annotated", **change)

    assert [one["path"] for one in problem(answer, 422, "request.invalid")["errors"]] == [path]


def test_each_role_may_do_what_the_readme_says(bank: Service) -> None:
    objection = tell(bank)["id"]
    [card] = accounts.known(bank.house)

    problem(move(bank, objection, "verifying", role="upstream"), 403, "forbidden")
    for role in ("counsel", "admin", "monitor"):
        problem(bank.post(said(card), role=role, path=OBJECTIONS), 403, "forbidden")
    for role in ("upstream", "admin"):
        problem(bank.get(OBJECTIONS, role=role), 403, "forbidden")
    problem(move(bank, objection, "annotated", role="admin"), 403, "forbidden")
    problem(bank.get(f"{OBJECTIONS}/{objection}", role="admin"), 403, "forbidden")


def test_officers_of_another_issuer_find_nothing(bank: Service) -> None:
    objection = tell(bank)["id"]
    [card] = accounts.known(bank.house)

    problem(bank.get(f"{OBJECTIONS}/{objection}", role="elsewhere"), 404, "not_found")
    problem(bank.get(f"{OBJECTIONS}/{objection}", role="unbound"), 404, "not_found")
    for to in ("annotated", "verifying"):
        problem(move(bank, objection, to, role="unbound"), 404, "not_found")
    problem(bank.post(said(card), role="unbound", path=OBJECTIONS), 403, "forbidden")
    assert told(bank.get(OBJECTIONS, role="elsewhere")) == {"objections": [], "next": None}
    problem(bank.get(f"{OBJECTIONS}/{uuid.uuid4()}", role="compliance"), 404, "not_found")


def test_the_list_is_paged_and_tells_what_is_overdue(bank: Service) -> None:
    long_ago = (utc_now() - timedelta(days=16)).strftime("%Y-%m-%dT%H:%M:%SZ")
    late, in_time, done = (
        tell(bank, **more)["id"] for more in ({"received_at": long_ago}, {}, {"received_at": long_ago})
    )
    verifying(bank, done)
    move(bank, done, "upheld")

    def listed(query: str) -> list[str]:
        answer = bank.get(f"{OBJECTIONS}?limit=200&{query}", role="compliance")
        assert STATEMENT not in answer.text
        assert OUTSIDE not in answer.text
        return [one["id"] for one in told(answer)["objections"]]

    assert late in listed("overdue=true")
    assert not {in_time, done} & set(listed("overdue=true"))
    assert {in_time, done} <= set(listed("overdue=false"))
    assert done in listed("state=upheld")
    assert shown(bank, late)["overdue"] is True
    assert shown(bank, late)["age_days"] == 16
    first = told(bank.get(f"{OBJECTIONS}?limit=1", role="counsel"))
    second = told(bank.get(f"{OBJECTIONS}?limit=1&before={first['next']}", role="counsel"))
    assert [first["objections"][0]["id"], second["objections"][0]["id"]] == [done, in_time]
    problem(bank.get(f"{OBJECTIONS}?state=lost", role="compliance"), 422, "request.invalid")
    assert bank.house.figures()["overdue_objections"] == len(listed("overdue=true"))
    assert "duly_overdue_objections" in bank.get("/metrics", role="monitor").text


def test_a_letter_is_refused_while_an_objection_is_open_and_not_after_the_answer(bank: Service) -> None:
    [card] = accounts.known(bank.house)
    assert told(letter(bank, card))["verdict"] == "passes"
    objection = tell(bank, card)["id"]
    for to in ("annotated", "verifying"):
        body = told(letter(bank, card))
        assert (body["verdict"], [one["rule"] for one in body["findings"]]) == ("refused", ["R17"])
        assert move(bank, objection, to).status_code == 200
    problem(bank.post(changed(bank.sample(), {"account.card_number": card})), 422, "refused")
    assert move(bank, objection, "upheld").status_code == 200

    assert told(letter(bank, card))["verdict"] == "passes"
    again = tell(bank, card, channel="letter")  # upheld, and it comes again: that is no repetition
    assert again["repeats"] is False


def test_officers_at_the_same_time_stand_in_one_line_and_one_of_them_wins(bank: Service) -> None:
    objection = tell(bank)["id"]
    verifying(bank, objection)
    answers: list[int] = []
    keys, http = bank.keys, bank.house

    def decide(role: str) -> None:
        body = {"to": "upheld", "reason": "payment_found", "text": TEXT}
        client = bank.http.application.test_client()
        headers = {"Authorization": f"Bearer {keys[role]}"}
        answers.append(client.post(f"{OBJECTIONS}/{objection}/moves", json=body, headers=headers).status_code)

    threads = [threading.Thread(target=decide, args=(role,)) for role in ("compliance", "counsel") * 3]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(answers) == [200, *[409] * 5]
    assert [one["to"] for one in entries(bank, objection)[1:]] == ["annotated", "verifying", "upheld"]
    assert http.objections.find(objection, {"demo_bank"}).state == "upheld"


def test_what_was_said_is_kept_encrypted_and_stands_in_no_entry_no_address_and_no_file_name(bank: Service) -> None:
    secrets = ("司徒虚构的陈述", "转办秘密〔2026〕", "录像在三号柜")
    [card] = accounts.known(bank.house)
    objection = tell(bank, card, statement=secrets[0], outside_ref=secrets[1])["id"]
    move(bank, objection, "annotated", text=secrets[2])

    leaves = json.dumps(entries(bank, objection), ensure_ascii=False)
    assert not [one for one in (*secrets, card) if one in leaves]
    row = bank.house.objections.find(objection, {"demo_bank"})
    columns = repr({name: value for name, value in vars(row).items() if not name.startswith("_")})
    assert not [one for one in (*secrets, card) if one in columns]
    for path in bank.house.settings.home.rglob("*"):
        content = path.read_bytes() if path.is_file() else b""
        assert not [one for one in secrets if one.encode() in content or one in path.name], path.name
    answer = bank.get(f"{OBJECTIONS}/{objection}", role="counsel")
    assert answer.headers["Cache-Control"] == "no-store"
    assert told(answer)["told"]["statement"] == secrets[0]


def test_a_reply_is_refused_unless_its_objection_is_being_verified_on_this_account(bank: Service) -> None:
    [card, other] = accounts.known(bank.house, 2)
    objection = tell(bank, card)["id"]
    asked = reply_of(bank, card, objection)

    def found(body: dict[str, Any]) -> list[tuple[str, str]]:
        said = told(bank.post(body, path=f"{REPLIES}?dry_run=true"))
        return [(one["rule"], one["at"]) for one in said["findings"]]

    assert found(asked) == [("R17.reply", "objection.id")]
    verifying(bank, objection)
    assert found(asked) == []
    assert found(changed(asked, {"card.card_number": other})) == [("R17.reply", "objection.id")]
    assert found(changed(asked, {"objection.received_on": bank.today().isoformat()})) == [
        ("R17.reply", "objection.received_on")
    ]
    assert found(changed(asked, {"objection.findings.0": {"text": "请您尽快还款。"}})) == [
        ("R13.demand", "objection.findings.0.text")
    ]


def test_a_late_reply_is_let_through_with_a_warning(bank: Service) -> None:
    [card] = accounts.known(bank.house)
    long_ago = (utc_now() - timedelta(days=16)).strftime("%Y-%m-%dT%H:%M:%SZ")
    objection = tell(bank, card, received_at=long_ago)["id"]
    verifying(bank, objection)
    body = told(bank.post(reply_of(bank, card, objection), path=f"{REPLIES}?dry_run=true"))

    assert (body["verdict"], [one["rule"] for one in body["findings"]]) == ("passes", ["R17.due"])


@pytest.mark.parametrize("reply", [None, str(uuid.UUID(int=1))])
def test_a_decision_that_is_due_in_writing_is_not_taken_without_its_reply(bank: Service, reply: str | None) -> None:
    objection = tell(bank)["id"]
    verifying(bank, objection)

    body = problem(move(bank, objection, "rejected", reply=reply), 422, "request.invalid")

    assert [one["path"] for one in body["errors"]] == ["reply"]
    assert shown(bank, objection)["state"] == "verifying"
