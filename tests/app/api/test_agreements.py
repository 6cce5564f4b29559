"""Agreements over HTTP: told, moved by those who may, paid on, and holding letters back while they are performed."""

import dataclasses
import json
import threading
import uuid
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import pytest
from werkzeug.test import TestResponse

from app.agreement import PROVEN
from app.first_start import desk
from app.gate.cases import changed
from app.pipeline import utc_now
from audit import entry
from tests import accounts, agreements
from tests.agreements import today
from tests.agreements import told as by_word_of_mouth
from tests.app.api.conftest import LETTERS, Service, on_postgres, opened, problem, told

AGREEMENTS = "/v1/agreements"
TEXT = "持卡人在三号柜台领取文本"
PROOF = "ef" * 32
WHY = {
    "performing": "copy_delivered",
    "defaulted": "trigger_met",
    "terminated": "agreed_end",
    "lapsed": "not_returned",
    "broken": "promise_not_kept",
}


@pytest.fixture(scope="module", params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def bank(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """A service without LibreOffice, on both databases, with officers of another bank."""
    databases = on_postgres(request.getfixturevalue("cluster")) if request.param == "postgres" else {}
    home = tmp_path_factory.mktemp("agreements")
    for service in opened(home, soffice="/bin/false", deadline="2", rate_documents="100000", **databases):
        make = service.house.keys.make
        service.keys["elsewhere"] = make("他行合规部", "bank", "compliance", [], utc_now())[1]
        yield service


def ago(days: int) -> date:
    return today() - timedelta(days=days)


def tell(service: Service, card: str = "", first: date | None = None, days: int = 0, **more: Any) -> dict[str, Any]:
    """One made by word of mouth so many days ago; its first instalment is due in ten days, if not said."""
    [fresh] = accounts.known(service.house)
    body = by_word_of_mouth(card or fresh, first or ago(-10), timedelta(days=days), **more)
    answer = service.post(body, path=AGREEMENTS)
    assert answer.status_code == 201, answer.text
    return dict(told(answer))


def late(service: Service, card: str = "", **more: Any) -> dict[str, Any]:
    """One whose first instalment was due five days ago, and whose second is due in 25."""
    return tell(service, card, ago(5), 20, **more)


def move(service: Service, agreement: str, step: str, role: str = "compliance", **more: Any) -> TestResponse:
    body = {"to": step, "reason": WHY[step], "text": TEXT, **more}
    if body["reason"] in PROVEN and "proof_sha256" not in body:
        body["proof_sha256"] = PROOF
    if body["reason"] == "copy_delivered" and "copy_delivered_on" not in body:
        body["copy_delivered_on"] = today().isoformat()
    return service.post(body, role=role, path=f"{AGREEMENTS}/{agreement}/moves")


def pay(service: Service, agreement: str, amount: str, role: str = "upstream", **more: Any) -> TestResponse:
    body = {"ref": f"PM-{uuid.uuid4()}", "paid_on": today().isoformat(), "amount": amount, **more}
    return service.post(body, role=role, path=f"{AGREEMENTS}/{agreement}/payments")


def shown(service: Service, agreement: str, role: str = "compliance") -> dict[str, Any]:
    answer = service.get(f"{AGREEMENTS}/{agreement}", role=role)
    assert answer.status_code == 200, answer.text
    return dict(told(answer))


def letter(service: Service, card: str, role: str = "upstream") -> tuple[str, list[str]]:
    """What the gate says to a dunning letter on this account: the verdict, and the rules that speak."""
    body = changed(service.sample(), {"account.card_number": card})
    said = told(service.post(body, role=role, path=f"{LETTERS}?dry_run=true"))
    return said["verdict"], [one["rule"] for one in said["findings"]]


def entries(service: Service, agreement: str) -> list[dict[str, Any]]:
    found = [{**entry.parse(leaf).payload, "seq": seq} for seq, leaf, _ in service.house.entries(0, 100_000)]
    return [payload for payload in found if payload.get("agreement") == agreement]


def paths(answer: TestResponse, status: int = 422, code: str = "request.invalid") -> list[str]:
    return [one["path"] for one in problem(answer, status, code)["errors"]]


def test_an_agreement_by_word_of_mouth_binds_at_once_and_is_an_entry_without_amounts(bank: Service) -> None:
    [card] = accounts.known(bank.house)
    made = tell(bank, card)
    found = shown(bank, made["id"])

    assert (made["fresh"], made["state"], made["next_on"]) == (True, "executed", ago(-10).isoformat())
    assert (found["type"], found["document"], found["stops_collection"]) == ("oral", None, True)
    assert (found["executed_on"], found["defaults_on"]) == (today().isoformat(), ago(-11).isoformat())
    assert found["terms"]["total"] == found["terms"]["left"] == "300.00"
    assert [due["paid"] for due in found["terms"]["dues"]] == ["0.00"] * 3
    assert found["told"]["recording"] == agreements.RECORDING
    assert card not in json.dumps(found)
    [recorded] = entries(bank, made["id"])
    assert (recorded["action"], recorded["seq"], recorded["state"]) == ("agreement.opened", made["seq"], "executed")
    assert (recorded["last_due"], recorded["recording_sha256"]) == (ago(-70).isoformat(), "ab" * 32)
    assert "300.00" not in json.dumps(recorded)


def test_the_same_reference_told_again_changes_nothing_and_another_agreement_under_it_is_refused(
    bank: Service,
) -> None:
    [card] = accounts.known(bank.house)
    body = by_word_of_mouth(card, ago(-10))
    first, again = (told(bank.post(body, path=AGREEMENTS)) for _ in range(2))

    assert (first["id"], first["seq"], first["fresh"], again["fresh"]) == (again["id"], again["seq"], True, False)
    other = body | {"default": {"missed": 2, "grace_days": 0}}
    assert paths(bank.post(other, path=AGREEMENTS)) == ["ref"]
    assert len(entries(bank, first["id"])) == 1


@pytest.mark.parametrize(
    ("change", "path"),
    [
        ({"recording": {"sha256": "ab" * 32, "kept_until_paid_off": False}}, "recording.kept_until_paid_off"),
        ({"recording": {"sha256": "ab", "kept_until_paid_off": True}}, "recording.sha256"),
        ({"recording": None}, "recording"),
        ({"agreed_at": "2099-11-23T10:00:00Z"}, "plan.first_due_on"),
        ({"default": {"missed": 0, "grace_days": 0}}, "default.missed"),
        ({"default": {"missed": 7, "grace_days": 0}}, "default.missed"),
        ({"default": {"missed": 1, "grace_days": 31}}, "default.grace_days"),
        ({"plan": agreements.plan(ago(-10), every=1000)}, "plan.count"),
        ({"plan": agreements.plan(ago(-10)) | {"total": "299.00"}}, "plan.rows.2.principal"),
        ({"plan": agreements.plan(ago(1))}, "plan.first_due_on"),
        ({"card_number": "9998000000000004"}, "card_number"),
        ({"issuer": "no_bank"}, "issuer"),
        ({"remark": "x"}, "remark"),
    ],
)
def test_what_cannot_be_taken_down_is_named_by_its_field(bank: Service, change: dict[str, Any], path: str) -> None:
    [card] = accounts.known(bank.house)
    answer = bank.post(by_word_of_mouth(card, ago(-10), **change), path=AGREEMENTS)

    assert path in paths(answer)


def test_an_agreement_to_come_is_refused_although_its_plan_is_later_still(bank: Service) -> None:
    [card] = accounts.known(bank.house)
    body = by_word_of_mouth(card, ago(-10), -timedelta(days=2))

    assert paths(bank.post(body, path=AGREEMENTS)) == ["agreed_at"]


def test_the_recording_is_kept_until_the_debt_is_paid_off_by_article_70(bank: Service) -> None:
    [card] = accounts.known(bank.house)
    recording = {"sha256": "ab" * 32, "kept_until_paid_off": False}
    answer = bank.post(by_word_of_mouth(card, ago(-10), recording=recording), path=AGREEMENTS)

    [error] = problem(answer, 422, "request.invalid")["errors"]
    assert "第七十条" in error["message"]


def test_a_letter_is_refused_while_an_agreement_binds_and_the_refusal_names_the_next_day(bank: Service) -> None:
    [card] = accounts.known(bank.house)
    assert letter(bank, card) == ("passes", [])
    agreement = tell(bank, card)["id"]

    assert letter(bank, card) == ("refused", ["R18"])
    assert move(bank, agreement, "performing").status_code == 200
    body = changed(bank.sample(), {"account.card_number": card})
    [finding] = problem(bank.post(body), 422, "refused")["findings"]
    day = ago(-10)
    assert (finding["at"], finding["rule"]) == ("registry.agreement", "R18")
    assert f"{day.year}年{day.month}月{day.day}日" in finding["message"]
    assert move(bank, agreement, "terminated").status_code == 200
    assert letter(bank, card) == ("refused", ["R18"])  # until tomorrow


@pytest.mark.parametrize("reason", PROVEN)
def test_an_end_by_agreement_is_told_with_what_both_sides_signed_and_holds_letters_back_for_a_day(
    bank: Service, reason: str
) -> None:
    [card] = accounts.known(bank.house)
    agreement = tell(bank, card, days=3)["id"]
    bare = {"reason": reason, "on": ago(1).isoformat()}

    for proof in (None, "", "ef"):
        assert paths(move(bank, agreement, "terminated", proof_sha256=proof, **bare)) == ["proof_sha256"]
    assert shown(bank, agreement)["state"] == "executed"
    assert move(bank, agreement, "terminated", **bare).status_code == 200

    assert entries(bank, agreement)[-1]["proof_sha256"] == PROOF
    assert shown(bank, agreement)["moves"][-1]["proof_sha256"] == PROOF
    assert "proof_sha256" not in shown(bank, agreement, role="upstream")["moves"][-1]
    assert letter(bank, card) == ("passes", [])  # it ended yesterday


def test_what_no_two_sides_have_signed_has_no_such_proof(bank: Service) -> None:
    [card] = accounts.known(bank.house)
    agreement = late(bank, card)["id"]

    assert paths(move(bank, agreement, "performing", proof_sha256=PROOF)) == ["proof_sha256"]
    assert move(bank, agreement, "performing").status_code == 200
    assert move(bank, agreement, "defaulted").status_code == 200
    end = {"reason": "ended_after_default"}
    assert paths(move(bank, agreement, "terminated", proof_sha256=PROOF, **end)) == ["proof_sha256"]
    assert move(bank, agreement, "terminated", **end).status_code == 200


def test_a_letter_goes_out_again_on_the_day_after_the_default(bank: Service) -> None:
    [card, other] = accounts.known(bank.house, 2)
    for number, on in ((card, ago(0)), (other, ago(1))):
        agreement = late(bank, number)["id"]
        delivered = ago(6).isoformat()
        assert move(bank, agreement, "performing", on=delivered, copy_delivered_on=delivered).status_code == 200
        answer = move(bank, agreement, "defaulted", on=on.isoformat())
        assert answer.status_code == 200, answer.text
        assert told(answer)["defaulted_on"] == on.isoformat()

    assert letter(bank, card) == ("refused", ["R18"])
    assert letter(bank, other) == ("passes", [])


def test_default_before_the_agreed_trigger_is_met_is_refused_and_the_first_day_is_named(bank: Service) -> None:
    agreement = late(bank, default={"missed": 1, "grace_days": 5})["id"]
    assert move(bank, agreement, "performing").status_code == 200

    body = problem(move(bank, agreement, "defaulted"), 409, "agreement.illegal_move")

    [error] = body["errors"]
    assert error["path"] == "on"
    assert ago(-1).isoformat() in error["message"]
    assert shown(bank, agreement)["state"] == "performing"
    assert [one["action"] for one in entries(bank, agreement)] == ["agreement.opened", "agreement.moved"]


def test_one_by_word_of_mouth_has_no_paper_to_hand_over_before_its_default(bank: Service) -> None:
    early, agreement = tell(bank)["id"], late(bank)["id"]

    assert paths(move(bank, early, "defaulted"), 409, "agreement.illegal_move") == ["on"]
    assert told(move(bank, agreement, "defaulted"))["state"] == "defaulted"
    assert [one["to"] for one in shown(bank, agreement)["moves"]] == ["defaulted"]


def test_a_default_is_cured_by_what_was_missed_and_by_nothing_less(bank: Service) -> None:
    [card] = accounts.known(bank.house)
    agreement = late(bank, card)["id"]
    assert move(bank, agreement, "performing").status_code == 200
    assert move(bank, agreement, "defaulted").status_code == 200
    assert pay(bank, agreement, "99.99").status_code == 201

    again = {"to": "performing", "reason": "cured", "text": TEXT}
    address = f"{AGREEMENTS}/{agreement}/moves"
    assert paths(bank.post(again, role="compliance", path=address), 409, "agreement.illegal_move") == ["reason"]
    assert told(pay(bank, agreement, "0.01"))["next_on"] == ago(-25).isoformat()
    answer = bank.post(again, role="upstream", path=address)

    assert (told(answer)["state"], told(answer)["defaulted_on"]) == ("performing", None)
    assert letter(bank, card) == ("refused", ["R18"])


def test_a_default_is_not_cured_while_an_instalment_is_overdue_though_the_trigger_is_met_no_more(
    bank: Service,
) -> None:
    agreement = tell(bank, first=ago(50), days=60, default={"missed": 2, "grace_days": 0})["id"]
    assert move(bank, agreement, "performing").status_code == 200
    assert move(bank, agreement, "defaulted").status_code == 200
    paid = told(pay(bank, agreement, "100.00"))
    assert paid["defaults_on"] > today().isoformat() > paid["next_on"]

    again = {"to": "performing", "reason": "cured", "text": TEXT}
    answer = bank.post(again, role="compliance", path=f"{AGREEMENTS}/{agreement}/moves")

    assert paths(answer, 409, "agreement.illegal_move") == ["reason"]


def test_a_copy_is_handed_over_on_a_day_between_the_signing_and_today(bank: Service) -> None:
    agreement = tell(bank, days=3)["id"]

    for day, path in ((ago(4), "copy_delivered_on"), (ago(-1), "copy_delivered_on")):
        assert paths(move(bank, agreement, "performing", copy_delivered_on=day.isoformat())) == [path]
    assert paths(move(bank, agreement, "performing", copy_delivered_on=None)) == ["copy_delivered_on"]
    assert paths(move(bank, agreement, "performing", on=ago(-1).isoformat())) == ["on"]
    assert paths(move(bank, agreement, "performing", on=ago(4).isoformat())) == ["on"]
    assert paths(move(bank, agreement, "terminated", copy_delivered_on=today().isoformat())) == ["copy_delivered_on"]
    assert shown(bank, agreement)["state"] == "executed"

    assert move(bank, agreement, "performing", copy_delivered_on=ago(3).isoformat()).status_code == 200
    assert entries(bank, agreement)[-1]["copy_delivered"] == ago(3).isoformat()


@pytest.mark.parametrize("to", ["lapsed", "broken"])
def test_an_illegal_move_has_a_code_of_its_own_and_changes_nothing(bank: Service, to: str) -> None:
    agreement = tell(bank)["id"]

    assert paths(move(bank, agreement, to), 409, "agreement.illegal_move") == ["to"]
    assert shown(bank, agreement)["state"] == "executed"
    assert len(entries(bank, agreement)) == 1


@pytest.mark.parametrize(
    ("change", "path"),
    [
        ({"reason": "trigger_met"}, "reason"),
        ({"reason": "because"}, "reason"),
        ({"text": ""}, "text"),
        ({"to": "completed"}, "to"),
        ({"to": "executed"}, "to"),
    ],
)
def test_a_move_that_cannot_be_read_is_named_by_its_field(bank: Service, change: dict[str, Any], path: str) -> None:
    assert path in paths(move(bank, tell(bank)["id"], "performing", **change))


def test_one_that_is_performed_ends_by_agreement_alone(bank: Service) -> None:
    agreement = tell(bank)["id"]
    answer = move(bank, agreement, "terminated", reason="ended_after_default")

    assert paths(answer, 409, "agreement.illegal_move") == ["reason"]


def test_every_move_is_an_entry_by_a_named_role_and_its_words_and_amounts_are_for_officers(bank: Service) -> None:
    agreement = late(bank)["id"]
    assert "terms" not in told(move(bank, agreement, "performing", role="upstream"))
    assert move(bank, agreement, "defaulted", role="counsel").status_code == 200
    assert pay(bank, agreement, "12.34").status_code == 201
    found = shown(bank, agreement)

    assert [(step["to"], step["role"]) for step in found["moves"]] == [
        ("performing", "upstream"),
        ("defaulted", "counsel"),
    ]
    assert {step["text"] for step in found["moves"]} == {TEXT}
    assert [one["amount"] for one in found["payments"]] == ["12.34"]
    moved = [one for one in entries(bank, agreement) if one["action"] == "agreement.moved"]
    assert [step["seq"] for step in found["moves"]] == [one["seq"] for one in moved]
    assert [(one["from"], one["to"], one["reason"]) for one in moved] == [
        ("executed", "performing", "copy_delivered"),
        ("performing", "defaulted", "trigger_met"),
    ]
    upstream = shown(bank, agreement, role="upstream")
    assert not {"terms", "payments", "executed", "told"} & upstream.keys()
    assert all("text" not in step for step in upstream["moves"])
    assert "12.34" not in json.dumps(upstream)


def test_each_role_may_do_what_the_readme_says(bank: Service) -> None:
    agreement = late(bank)["id"]
    [card] = accounts.known(bank.house)
    for role in ("counsel", "admin", "monitor"):
        problem(bank.post(by_word_of_mouth(card, ago(-10)), role=role, path=AGREEMENTS), 403, "forbidden")
        problem(pay(bank, agreement, "1.00", role=role), 403, "forbidden")
    for role in ("upstream", "admin"):
        problem(bank.get(AGREEMENTS, role=role), 403, "forbidden")
        problem(bank.get(f"{AGREEMENTS}/{agreement}/executed", role=role), 403, "forbidden")
    problem(move(bank, agreement, "performing", role="admin"), 403, "forbidden")
    assert move(bank, agreement, "performing", role="upstream").status_code == 200
    for to in ("defaulted", "terminated"):
        problem(move(bank, agreement, to, role="upstream"), 403, "forbidden")
    problem(bank.get(f"{AGREEMENTS}/{agreement}", role="admin"), 403, "forbidden")


def test_officers_of_another_issuer_find_nothing(bank: Service) -> None:
    agreement = tell(bank)["id"]
    [card] = accounts.known(bank.house)

    for role in ("elsewhere", "unbound"):
        problem(bank.get(f"{AGREEMENTS}/{agreement}", role=role), 404, "not_found")
        problem(move(bank, agreement, "performing", role=role), 404, "not_found")
        problem(pay(bank, agreement, "1.00", role=role), 404, "not_found")
        body = b"%PDF-1.7"
        address = f"{AGREEMENTS}/{agreement}/executed"
        problem(bank.post(body, role=role, path=address, Content_Type="application/pdf"), 404, "not_found")
    problem(move(bank, agreement, "defaulted", role="unbound"), 404, "not_found")
    problem(bank.get(f"{AGREEMENTS}/{agreement}/executed", role="elsewhere"), 404, "not_found")
    problem(bank.post(by_word_of_mouth(card, ago(-10)), role="unbound", path=AGREEMENTS), 403, "forbidden")
    assert told(bank.get(AGREEMENTS, role="elsewhere")) == {"agreements": [], "next": None}


def test_the_list_is_paged_by_state_and_says_no_amounts(bank: Service) -> None:
    first, second = (tell(bank)["id"] for _ in range(2))
    assert move(bank, second, "performing").status_code == 200

    answer = bank.get(f"{AGREEMENTS}?limit=200&state=performing", role="counsel")
    listed = [one["id"] for one in told(answer)["agreements"]]
    assert second in listed
    assert first not in listed
    assert "300.00" not in answer.text
    assert TEXT not in answer.text
    page = told(bank.get(f"{AGREEMENTS}?limit=1", role="compliance"))
    assert [one["id"] for one in page["agreements"]] == [second]
    page = told(bank.get(f"{AGREEMENTS}?limit=1&before={page['next']}", role="compliance"))
    assert [one["id"] for one in page["agreements"]] == [first]
    problem(bank.get(f"{AGREEMENTS}?state=lost", role="compliance"), 422, "request.invalid")


def test_payments_go_to_the_oldest_instalment_and_the_last_cent_completes_the_agreement(bank: Service) -> None:
    [card] = accounts.known(bank.house)
    agreement = late(bank, card)["id"]
    move(bank, agreement, "performing")

    first = told(pay(bank, agreement, "150.00", paid_on=ago(2).isoformat()))
    assert (first["state"], first["next_on"]) == ("performing", ago(-25).isoformat())
    found = shown(bank, agreement)
    assert [due["paid"] for due in found["terms"]["dues"]] == ["100.00", "50.00", "0.00"]
    assert (found["terms"]["left"], found["paid_on"]) == ("150.00", ago(2).isoformat())
    last = told(pay(bank, agreement, "150.00"))

    assert (last["state"], last["next_on"], last["defaults_on"]) == ("completed", None, None)
    found = shown(bank, agreement)
    assert found["moves"][-1]["reason"] == "paid_in_full"
    assert found["moves"][-1]["text"] == ""
    assert found["limitation"] is None
    assert [one["action"] for one in entries(bank, agreement)[-2:]] == ["agreement.paid", "agreement.moved"]
    assert letter(bank, card) == ("passes", [])  # what else is owed on the account is another matter


def test_who_pays_all_principal_and_the_charges_due_by_then_has_completed_the_agreement(bank: Service) -> None:
    [card] = accounts.known(bank.house)
    interest = agreements.plan(ago(-10)) | {"annual_percent": "12"}
    agreement = tell(bank, card, plan=interest)["id"]
    terms = shown(bank, agreement)["terms"]
    assert (terms["total"], terms["payoff"]) == ("303.06", "300.00")

    assert told(pay(bank, agreement, "299.99"))["state"] == "executed"
    assert shown(bank, agreement)["terms"]["payoff"] == "0.01"
    assert paths(pay(bank, agreement, "3.08")) == ["amount"]  # more than there is with every charge
    last = told(pay(bank, agreement, "0.01"))

    assert (last["state"], last["next_on"], last["defaults_on"]) == ("completed", None, None)
    found = shown(bank, agreement)
    assert found["moves"][-1]["reason"] == "settled_early"
    assert (found["terms"]["left"], found["terms"]["payoff"]) == ("3.06", "0.00")
    assert entries(bank, agreement)[-1]["reason"] == "settled_early"


def test_the_same_payment_told_again_changes_nothing_even_when_all_is_paid(bank: Service) -> None:
    agreement, other = tell(bank)["id"], tell(bank)["id"]
    first, again = (pay(bank, agreement, "300.00", ref=f"PM-{agreement}") for _ in range(2))

    assert (told(first)["fresh"], told(again)["fresh"]) == (True, False)
    assert {name: told(first)[name] for name in ("id", "seq", "state")} == {
        name: told(again)[name] for name in ("id", "seq", "state")
    }
    for another, amount in ((agreement, "299.00"), (other, "300.00")):
        assert paths(pay(bank, another, amount, ref=f"PM-{agreement}")) == ["ref"]
    assert [one["action"] for one in entries(bank, agreement)].count("agreement.paid") == 1


@pytest.mark.parametrize(
    ("change", "path"),
    [
        ({"amount": "300.01"}, "amount"),
        ({"amount": "0.00"}, "amount"),
        ({"amount": "1.0"}, "amount"),
        ({"amount": "1"}, "amount"),
        ({"amount": "-1.00"}, "amount"),
        ({"paid_on": ago(1).isoformat()}, "paid_on"),
        ({"paid_on": ago(-1).isoformat()}, "paid_on"),
        ({"ref": ""}, "ref"),
    ],
)
def test_a_payment_that_cannot_be_one_is_refused_and_changes_nothing(
    bank: Service, change: dict[str, Any], path: str
) -> None:
    agreement = tell(bank)["id"]

    assert paths(pay(bank, agreement, **({"amount": "1.00"} | change))) == [path]
    assert shown(bank, agreement)["payments"] == []
    assert len(entries(bank, agreement)) == 1


def test_nothing_is_paid_on_one_that_has_ended(bank: Service) -> None:
    agreement = tell(bank)["id"]
    move(bank, agreement, "terminated")

    assert paths(pay(bank, agreement, "1.00"), 409, "agreement.illegal_move") == ["paid_on"]


def test_the_limitation_period_is_told_line_by_line_with_its_sources(bank: Service) -> None:
    agreement = late(bank)["id"]
    pay(bank, agreement, "10.00", paid_on=ago(3).isoformat())
    running = shown(bank, agreement, role="upstream")["limitation"]

    assert [(one["on"], one["by"]) for one in running["began"]] == [
        (ago(20).isoformat(), "agreed"),
        (ago(3).isoformat(), "paid"),
    ]
    assert all("第一百九十五条" in one["source"] and "第十四条" in one["source"] for one in running["began"])
    assert running["runs_from"] == ago(-55).isoformat()
    assert "第一百八十九条" in running["runs_from_source"]
    assert (running["years"], "第一百八十八条" in running["ends_on_source"]) == (3, True)
    move(bank, agreement, "performing")
    move(bank, agreement, "defaulted")

    assert shown(bank, agreement)["limitation"]["runs_from"] == ago(3).isoformat()


def test_officers_at_the_same_time_stand_in_one_line_and_one_of_them_wins(bank: Service) -> None:
    agreement = tell(bank)["id"]
    answers: list[int] = []

    def end(role: str) -> None:
        body = {"to": "terminated", "reason": "agreed_end", "text": TEXT, "proof_sha256": PROOF}
        client = bank.http.application.test_client()
        headers = {"Authorization": f"Bearer {bank.keys[role]}"}
        answers.append(client.post(f"{AGREEMENTS}/{agreement}/moves", json=body, headers=headers).status_code)

    together([lambda role=role: end(role) for role in ("compliance", "counsel") * 3])

    assert sorted(answers) == [200, *[409] * 5]
    assert [one["action"] for one in entries(bank, agreement)] == ["agreement.opened", "agreement.moved"]


def test_two_who_tell_a_payment_at_the_same_time_cannot_pay_more_than_is_left(bank: Service) -> None:
    agreement = tell(bank)["id"]
    answers: list[int] = []

    def half() -> None:
        body = {"ref": f"PM-{uuid.uuid4()}", "paid_on": today().isoformat(), "amount": "150.00"}
        client = bank.http.application.test_client()
        headers = {"Authorization": f"Bearer {bank.keys['upstream']}"}
        answers.append(client.post(f"{AGREEMENTS}/{agreement}/payments", json=body, headers=headers).status_code)

    together([half] * 4)

    assert sorted(answers) == [201, 201, 409, 409]
    assert shown(bank, agreement)["terms"]["left"] == "0.00"


def together(acts: list[Any]) -> None:
    threads = [threading.Thread(target=act) for act in acts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def test_what_was_agreed_and_said_is_kept_encrypted_and_stands_in_no_entry_and_no_file(bank: Service) -> None:
    secrets = ("持卡人家中有重病", "271.82", "PM-SECRET-REF-31415")
    [card] = accounts.known(bank.house)
    agreement = tell(bank, card)["id"]
    move(bank, agreement, "performing", text=secrets[0])
    pay(bank, agreement, secrets[1], ref=secrets[2])

    leaves = json.dumps(entries(bank, agreement), ensure_ascii=False)
    assert not [one for one in (*secrets, card, "300.00") if one in leaves]
    row = bank.house.agreements.find(agreement, {"demo_bank"})
    columns = repr({name: value for name, value in vars(row).items() if not name.startswith("_")})
    assert not [one for one in (*secrets, card, "300.00") if one in columns]
    for path in bank.house.settings.home.rglob("*"):
        content = path.read_bytes() if path.is_file() else b""
        assert not [one for one in secrets if one.encode() in content or one in path.name], path.name
    answer = bank.get(f"{AGREEMENTS}/{agreement}", role="counsel")
    assert answer.headers["Cache-Control"] == "no-store"


def test_the_account_shows_its_agreements_without_amounts(bank: Service) -> None:
    made = tell(bank)
    pay(bank, made["id"], "10.00")
    [known] = told(bank.get(f"/v1/accounts/{made['account']}", role="counsel"))["agreements"]

    assert (known["id"], known["type"], known["stops_collection"]) == (made["id"], "oral", True)
    assert known["paid"] == [today().isoformat()]
    stage = told(bank.get(f"/v1/accounts/{made['account']}/stage", role="counsel"))
    [dunning] = [one for one in stage["documents"] if one["type"] == "dunning_letter"]
    assert "R18" in [one["rule"] for one in dunning["findings"]]


def test_an_agency_tells_no_agreement_in_the_bank_s_name(bank: Service) -> None:
    [card] = accounts.known(bank.house)
    with desk(bank.house.settings) as office:
        key = office.keys.make("示范信用管理有限公司", "agency", "upstream", ["demo_bank"], utc_now())[1]
    agency = dataclasses.replace(bank, keys={**bank.keys, "agency": key})

    problem(agency.post(by_word_of_mouth(card, ago(-10)), role="agency", path=AGREEMENTS), 403, "forbidden")
    assert bank.post(by_word_of_mouth(card, ago(-10)), path=AGREEMENTS).status_code == 201
