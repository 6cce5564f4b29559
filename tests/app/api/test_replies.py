"""The reply to an objection (异议答复函): issued once, kept to by the decision, and what follows for letters.

What LibreOffice would make is a few bytes; tests/templates/test_reply.py looks at the paper.
"""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from app.application import create_app
from app.gate.cases import changed
from tests import accounts
from tests.app.api.approving import GRANT, without_office
from tests.app.api.conftest import LETTERS, Service, on_postgres, opened, problem, told
from tests.app.api.test_objections import OBJECTIONS, REPLIES, entries, move, reply_of, said, shown, verifying


@pytest.fixture(scope="module", params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def bank(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    databases = on_postgres(request.getfixturevalue("cluster")) if request.param == "postgres" else {}
    home = tmp_path_factory.mktemp("replies")
    for service in opened(home, soffice="/bin/false", rate_documents="100000", **databases):
        house = replace(service.house, steps=without_office(service.house.steps))
        yield replace(service, house=house, http=create_app(house).test_client())


def open_objection(bank: Service, card: str, **more: Any) -> str:
    received = bank.post(said(card, **more), path=OBJECTIONS)
    objection = str(told(received)["id"])
    verifying(bank, objection)
    return objection


def replied(bank: Service, card: str, objection: str, decision: str = "rejected") -> str:
    answer = bank.post(reply_of(bank, card, objection, **decided(decision)), path=REPLIES)
    assert answer.status_code == 201, answer.text
    return str(told(answer)["id"])


def decided(decision: str) -> dict[str, Any]:
    return {"objection.decision": decision} | ({"objection.corrected": None} if decision == "rejected" else {})


def letter_on(bank: Service, card: str) -> Any:
    return bank.post(changed(bank.sample(), {"account.card_number": card}), path=LETTERS)


def test_a_letter_waits_for_the_answer_and_a_repetition_for_a_human(bank: Service) -> None:
    [card] = accounts.known(bank.house)
    objection = open_objection(bank, card)
    assert [one["rule"] for one in problem(letter_on(bank, card), 422, "refused")["findings"]] == ["R17"]
    reply = replied(bank, card, objection)
    problem(letter_on(bank, card), 422, "refused")  # the reply is issued, the decision is not taken yet
    assert move(bank, objection, "rejected", reply=reply).status_code == 200
    assert (shown(bank, objection)["reply"], entries(bank, objection)[-1]["reply"]) == (reply, reply)

    again = told(bank.post(said(card, grounds=["already_paid"]), path=OBJECTIONS))
    assert again["repeats"] is True
    waiting = letter_on(bank, card)
    assert waiting.status_code == 202, waiting.text
    assert [one["rule"] for one in told(waiting)["findings"]] == ["R17.repeats"]
    granted = bank.post(GRANT, role="compliance", path=f"/v1/approvals/{told(waiting)['approval']}/decision")
    assert granted.status_code == 200, granted.text

    verifying(bank, again["id"])
    assert move(bank, again["id"], "rejected", reply=replied(bank, card, again["id"])).status_code == 200
    [another] = accounts.known(bank.house)
    open_objection(bank, another)
    third = told(bank.post(said(card, grounds=["already_paid"], new_facts=True), path=OBJECTIONS))
    assert third["repeats"] is False


def test_after_the_answer_a_letter_is_issued_and_the_reply_was_none(bank: Service) -> None:
    [card] = accounts.known(bank.house)
    objection = open_objection(bank, card)
    reply = replied(bank, card, objection, "upheld")
    assert move(bank, objection, "upheld", reply=reply).status_code == 200

    answer = letter_on(bank, card)  # within the same statement cycle as the reply

    assert answer.status_code == 201, answer.text


def test_an_objection_gets_one_reply_unless_that_is_withdrawn(bank: Service) -> None:
    [card] = accounts.known(bank.house)
    objection = open_objection(bank, card)
    first = replied(bank, card, objection)
    again = bank.post(reply_of(bank, card, objection), path=REPLIES)
    assert [one["rule"] for one in problem(again, 422, "refused")["findings"]] == ["R17.reply"]

    withdrawn = {"to": "withdrawn", "on": bank.today().isoformat(), "reason": "error"}
    assert bank.post(withdrawn, path=f"/v1/documents/{first}/delivery").status_code == 200
    body = problem(move(bank, objection, "rejected", reply=first), 422, "request.invalid")
    assert [one["path"] for one in body["errors"]] == ["reply"]
    second = replied(bank, card, objection, "partly_upheld")

    problem(move(bank, objection, "rejected", reply=second), 422, "request.invalid")
    assert move(bank, objection, "partly_upheld", reply=second).status_code == 200


def test_a_reply_to_another_objection_or_another_document_answers_nothing(bank: Service) -> None:
    [card, other] = accounts.known(bank.house, 2)
    objection, strange = open_objection(bank, card), open_objection(bank, other)
    reply = replied(bank, other, strange)
    [free] = accounts.known(bank.house)
    letter = str(told(letter_on(bank, free))["id"])

    for named in (reply, letter):
        problem(move(bank, objection, "rejected", reply=named), 422, "request.invalid")
    assert shown(bank, objection)["state"] == "verifying"


def test_what_a_reply_says_is_kept_to(bank: Service) -> None:
    """By word of mouth the objection could be upheld, but a reply that is on its way says otherwise."""
    [card] = accounts.known(bank.house)
    objection = open_objection(bank, card)
    reply = replied(bank, card, objection, "rejected")

    problem(move(bank, objection, "upheld"), 422, "request.invalid")
    problem(move(bank, objection, "upheld", reply=reply), 422, "request.invalid")
    assert move(bank, objection, "rejected", reply=reply).status_code == 200


def test_only_a_letter_of_the_account_can_be_disputed(bank: Service) -> None:
    [card, other] = accounts.known(bank.house, 2)
    letter = str(told(letter_on(bank, card))["id"])

    problem(bank.post(said(other, document=letter), path=OBJECTIONS), 422, "request.invalid")
    received = told(bank.post(said(card, document=letter), path=OBJECTIONS))
    assert shown(bank, received["id"])["document"] == letter


def came_to_nobody(bank: Service, reply: str) -> None:
    """Posted, and returned."""
    for to in ({"to": "posted", "tracking_number": "XA00000000044"}, {"to": "returned", "reason": "unclaimed"}):
        moved = bank.post({**to, "on": bank.today().isoformat()}, path=f"/v1/documents/{reply}/delivery")
        assert moved.status_code == 200, moved.text


def test_a_decision_that_reached_nobody_leaves_the_objection_open_until_it_is_told_again(bank: Service) -> None:
    [card] = accounts.known(bank.house)
    objection = open_objection(bank, card)
    reply = replied(bank, card, objection)
    assert move(bank, objection, "rejected", reply=reply).status_code == 200
    came_to_nobody(bank, reply)

    assert [one["rule"] for one in problem(letter_on(bank, card), 422, "refused")["findings"]] == ["R17"]
    elsewhere = {"delivery.recipient.line": "虚构路8号2单元"}
    otherwise = {**decided("partly_upheld"), **elsewhere}
    body = problem(bank.post(reply_of(bank, card, objection, **otherwise), path=REPLIES), 422, "refused")
    assert [(one["rule"], one["at"]) for one in body["findings"]] == [("R17.reply", "objection.decision")]
    second = bank.post(reply_of(bank, card, objection, **decided("rejected"), **elsewhere), path=REPLIES)
    assert second.status_code == 201, second.text

    letter = bank.post(changed(bank.sample(), {"account.card_number": card, **elsewhere}), path=LETTERS)
    assert letter.status_code == 201, letter.text


def test_a_grant_is_for_the_objection_that_was_asked_about_and_for_no_later_one(bank: Service) -> None:
    [card] = accounts.known(bank.house)
    objection = open_objection(bank, card)
    assert move(bank, objection, "rejected", reply=replied(bank, card, objection)).status_code == 200
    first = told(bank.post(said(card, grounds=["already_paid"]), path=OBJECTIONS))
    waiting = told(letter_on(bank, card))
    later = told(bank.post(said(card, grounds=["already_paid"]), path=OBJECTIONS))
    assert (first["repeats"], later["repeats"]) == (True, True)

    granted = bank.post(GRANT, role="compliance", path=f"/v1/approvals/{waiting['approval']}/decision")

    assert granted.status_code == 202, granted.text
    at = {one["at"] for one in told(granted)["findings"]}
    assert at == {f"registry.objections.{one['id']}" for one in (first, later)}
