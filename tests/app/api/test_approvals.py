"""A document that a rule gives to a human: shown to those who decide, decided once, carried out or given up."""

import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from werkzeug.test import TestResponse

from app import pipeline, wording
from app.approval import legal_day
from app.config import ROOT
from app.errors import ApprovalVoid
from app.gate.cases import changed
from app.store import recovery
from app.store.case_keys import open_small
from app.store.models import ApprovalRow
from tests.app.api.approving import DECLINE, GRANT, TEXT, UNRESERVED, WRONG_SEX, Desk, body_of, desks
from tests.app.api.conftest import LETTERS, on_postgres, problem, told
from tests.wiring import settings_here

PAST = timedelta(days=30)


@pytest.fixture(scope="module", params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def open_desk(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    databases = on_postgres(request.getfixturevalue("cluster")) if request.param == "postgres" else {}
    yield from desks(tmp_path_factory.mktemp("desk") / "here", "R03", settings=databases)


@pytest.fixture
def desk(open_desk: Desk) -> Iterator[Desk]:
    """Its clock is right again afterwards."""
    yield open_desk
    open_desk.clock.ahead = timedelta()


def row_of(desk: Desk, approval: str) -> ApprovalRow:
    return desk.house.approvals.find(approval, {"demo_bank"})[0]


def test_what_waits_is_listed_for_the_officers_of_the_issuer_and_nobody_else(desk: Desk) -> None:
    waiting = [desk.asked() for _ in range(3)]
    ids = [one["approval"] for one in reversed(waiting)]

    for role in ("officer", "counsel", "clerk"):
        page = told(desk.service.get("/v1/approvals?state=waiting&limit=2", role=role))
        assert [one["id"] for one in page["approvals"]] == ids[:2]
        rest = told(desk.service.get(f"/v1/approvals?state=waiting&limit=2&before={page['next']}", role=role))
        assert rest["approvals"][0]["id"] == ids[2]
    assert told(desk.service.get("/v1/approvals", role="elsewhere")) == {"approvals": [], "next": None}
    for role in ("agency", "upstream", "admin"):
        problem(desk.service.get("/v1/approvals", role=role), 403, "forbidden")
    problem(desk.service.get("/v1/approvals?state=perhaps", role="officer"), 422, "request.invalid")


def test_an_officer_sees_what_there_is_to_decide_on_and_nobody_keeps_it(desk: Desk) -> None:
    asked = desk.asked()
    path = f"/v1/approvals/{asked['approval']}"

    answer = desk.service.get(path, role="officer")
    shown = told(answer)

    assert shown["facts"] == changed(desk.service.sample(), UNRESERVED)
    assert answer.headers["Cache-Control"] == "no-store"
    assert [finding["rule"] for finding in shown["findings"]] == ["R03"]
    assert (shown["type"], shown["number"], shown["tier"]) == ("dunning_letter", asked["number"], "L2")
    assert shown["pins"]["template_sha256"] == desk.house.catalogue.types["dunning_letter"].sha256
    assert f"key:{shown['asked_by']}" == row_of(desk, asked["approval"]).asked_by
    assert "decided" not in shown
    problem(desk.service.get(path, role="elsewhere"), 404, "not_found")
    problem(desk.service.get(path, role="agency"), 403, "forbidden")
    sample = desk.service.sample()
    listed = desk.service.get("/v1/approvals?state=waiting", role="officer").text
    assert [one for one in (sample["parties"][0]["name"], sample["account"]["card_number"]) if one in listed] == []


def test_a_granted_document_is_issued_on_the_day_of_the_decision_under_its_approval(desk: Desk) -> None:
    asked = desk.asked("granted")
    desk.clock.ahead = timedelta(days=1)

    answer = desk.decide(asked["approval"])

    assert answer.status_code == 200, answer.text
    shown = told(answer)
    assert (shown["id"], shown["status"], shown["number"]) == (asked["id"], "issued", asked["number"])
    assert (shown["approval"], shown["on"]) == (asked["approval"], desk.clock.today().isoformat())
    assert shown["rules"]["passed"] == ["R01", "R05", "R10", "R38"]
    assert desk.row(asked["id"]).on == desk.clock.today()
    said = desk.entries(asked["id"])
    assert [one["action"] for one in said] == ["intended", "approval.asked", "approval.decided", "issued"]
    assert (said[3]["approval"], said[3]["on"]) == (asked["approval"], shown["on"])
    assert (said[3]["actor"], said[3]["org"]) == (said[0]["actor"], said[0]["org"])
    again = desk.ask(key="granted")
    assert (again.status_code, told(again)["id"]) == (201, asked["id"])


def test_a_legal_day_that_the_caller_named_stays(desk: Desk) -> None:
    named = desk.clock.today().isoformat()
    asked = told(desk.ask({**UNRESERVED, "on": named}))
    desk.clock.ahead = timedelta(days=1)

    assert told(desk.decide(asked["approval"]))["on"] == named


def test_the_entry_has_the_code_of_the_reason_and_a_digest_and_its_words_are_kept_encrypted(desk: Desk) -> None:
    asked = desk.asked()
    desk.decide(asked["approval"])

    said = desk.entries(asked["id"])[2]
    row = row_of(desk, asked["approval"])
    case_key = desk.house.documents.case_keys.open(said["case"])
    kept = open_small(case_key, row.id, row.reason_sealed or b"")
    assert (said["decision"], said["role"], said["reason"]) == ("granted", "compliance", "facts_verified")
    assert said["actor"] == row.decided_by != row.asked_by
    assert said["reason_mac"] == desk.house.approvals.request_mac(desk.row(asked["id"]), kept)
    assert TEXT in kept.decode()
    shown = told(desk.service.get(f"/v1/approvals/{row.id}", role="counsel"))
    assert shown["decided"]["said"] == GRANT
    assert "facts" not in shown
    assert TEXT not in str(desk.entries(asked["id"]))


def test_a_declined_document_is_refused_with_its_findings_and_the_same_key_is_told_the_same(desk: Desk) -> None:
    asked = desk.asked("declined")

    shown = told(desk.decide(asked["approval"], DECLINE, role="counsel"))

    assert (shown["status"], shown["approval"], shown["findings"]) == ("refused", asked["approval"], asked["findings"])
    again = problem(desk.ask(key="declined"), 422, "refused")
    assert (again["findings"], again["approval"]) == (asked["findings"], asked["approval"])
    said = desk.entries(asked["id"])
    assert [one["action"] for one in said] == ["intended", "approval.asked", "approval.decided", "refused"]
    assert (said[3]["approval"], said[3]["findings"]) == (asked["approval"], said[1]["findings"])
    assert said[3]["org"] == said[0]["org"]


def test_a_decision_is_taken_once(desk: Desk) -> None:
    asked = desk.asked()
    desk.decide(asked["approval"], DECLINE)

    for said in (GRANT, DECLINE):
        assert problem(desk.decide(asked["approval"], said), 409, "approval.closed")["state"] == "declined"
    assert desk.actions(asked["id"])[-2:] == ["approval.decided", "refused"]


def test_of_two_officers_who_decide_at_once_one_wins(desk: Desk) -> None:
    asked = desk.asked()
    answers: list[TestResponse] = []
    together = threading.Barrier(2)

    def decide(said: Any, role: str) -> None:
        client = replace(desk.service, http=desk.service.http.application.test_client())
        together.wait()
        answers.append(client.post(said, role=role, path=f"/v1/approvals/{asked['approval']}/decision"))

    officers = [threading.Thread(target=decide, args=pair) for pair in ((GRANT, "officer"), (DECLINE, "counsel"))]
    for officer in officers:
        officer.start()
    for officer in officers:
        officer.join()

    assert sorted(answer.status_code for answer in answers) == [200, 409]
    assert desk.actions(asked["id"]).count("approval.decided") == 1


@pytest.mark.parametrize(
    ("role", "status", "code"),
    [
        ("agency", 403, "forbidden"),
        ("upstream", 403, "forbidden"),
        ("admin", 403, "forbidden"),
        ("elsewhere", 404, "not_found"),
    ],
)
def test_nobody_else_decides(desk: Desk, role: str, status: int, code: str) -> None:
    asked = desk.asked()

    problem(desk.decide(asked["approval"], role=role), status, code)

    assert row_of(desk, asked["approval"]).state == "waiting"


def test_nobody_decides_on_what_they_asked_for(desk: Desk) -> None:
    asked, other = desk.asked(), desk.asked()
    desk.decide(other["approval"], DECLINE)
    officer = row_of(desk, other["approval"]).decided_by  # an officer's key that has asked: no route makes this
    desk.alter(asked["approval"], asked_by=officer)

    problem(desk.decide(asked["approval"]), 403, "forbidden")

    assert row_of(desk, asked["approval"]).state == "waiting"


@pytest.mark.parametrize(
    ("said", "path"),
    [
        ({"decision": "grant"}, "reason"),
        ({"decision": "perhaps", "reason": GRANT["reason"]}, "decision"),
        ({"decision": "grant", "reason": {"code": "facts_verified"}}, "reason.text"),
        ({"decision": "grant", "reason": {"code": "facts_verified", "text": ""}}, "reason.text"),
        ({"decision": "grant", "reason": {"code": "because", "text": TEXT}}, "reason.code"),
        ({"decision": "grant", "reason": DECLINE["reason"]}, "reason.code"),
        ({"decision": "decline", "reason": GRANT["reason"]}, "reason.code"),
        (GRANT | {"rules": ["R01"]}, "rules"),
    ],
)
def test_a_decision_without_its_reason_is_none(desk: Desk, said: Any, path: str) -> None:
    asked = desk.asked()

    body = problem(desk.decide(asked["approval"], said), 422, "request.invalid")

    assert [error["path"] for error in body["errors"]] == [path]
    assert row_of(desk, asked["approval"]).state == "waiting"


def test_an_approval_that_does_not_exist_is_not_found(desk: Desk) -> None:
    problem(desk.decide("00000000-0000-7000-8000-000000000000"), 404, "not_found")


def test_whoever_decides_too_late_lets_it_expire_and_the_key_is_free(desk: Desk) -> None:
    asked = desk.asked("late")
    desk.clock.ahead = PAST

    assert problem(desk.decide(asked["approval"]), 409, "approval.closed")["state"] == "expired"

    said = desk.entries(asked["id"])
    assert [one["action"] for one in said] == ["intended", "approval.asked", "approval.decided", "aborted"]
    assert (said[2]["decision"], said[2]["actor"], said[2]["role"]) == ("expired", "system", "system")
    assert said[3]["reason"] == "approval_expired"
    desk.clock.ahead = timedelta()
    assert desk.asked("late")["id"] != asked["id"]


def test_a_human_has_as_long_as_the_setting_says(desk: Desk) -> None:
    row = row_of(desk, desk.asked()["approval"])

    assert row.expires_at - row.asked_at == PAST == timedelta(days=desk.house.settings.approval_days)
    assert settings_here().approval_days == 7


def test_the_sweep_lets_approvals_expire_and_tells_no_earlier(desk: Desk) -> None:
    asked = desk.asked()
    expires = row_of(desk, asked["approval"]).expires_at

    recovery.sweep(desk.house.documents, expires - timedelta(seconds=1))
    assert desk.row(asked["id"]).status == "awaiting_approval"
    assert recovery.stuck(desk.house.documents, expires) >= 1
    assert recovery.sweep(desk.house.documents, expires) >= 1

    assert desk.row(asked["id"]).status == "aborted"
    assert row_of(desk, asked["approval"]).state == "expired"
    assert recovery.stuck(desk.house.documents, expires) == 0
    assert told(desk.service.get(f"/v1/approvals/{asked['approval']}", role="officer"))["decided"]["by"] is None


def test_whoever_asks_again_after_it_expired_gets_a_new_document(desk: Desk) -> None:
    asked = desk.asked("asked-again")
    assert desk.asked("asked-again")["id"] == asked["id"]
    at = desk.clock.now() - PAST - timedelta(seconds=1)
    desk.alter(asked["approval"], expires_at=at)
    with desk.house.database.write() as session:
        session.merge(desk.row(asked["id"])).lease_until = at

    assert desk.asked("asked-again")["id"] != asked["id"]
    assert desk.actions(asked["id"])[-2:] == ["approval.decided", "aborted"]


def test_the_gate_is_asked_again_and_may_refuse_what_was_granted(desk: Desk) -> None:
    asked = desk.asked("grown-stale")
    desk.clock.ahead = timedelta(days=9)  # R10: the figures are a week old at most

    body = problem(desk.decide(asked["approval"]), 422, "refused")

    assert body["findings"][-1]["rule"] == "R10"
    assert desk.actions(asked["id"])[2:] == ["approval.decided", "refused"]
    assert desk.entries(asked["id"])[-1]["approval"] == asked["approval"]
    assert problem(desk.ask(key="grown-stale"), 422, "refused")["approval"] == asked["approval"]


def test_a_finding_that_nobody_granted_is_asked_about_anew_with_those_before(tmp_path: Path) -> None:
    for desk in desks(tmp_path / "here", "R03", "R10"):
        asked = desk.asked("anew")
        desk.clock.ahead = timedelta(days=9)

        answer = desk.decide(asked["approval"])

        assert answer.status_code == 202, answer.text
        shown = told(answer)
        assert (shown["id"], shown["status"]) == (asked["id"], "awaiting_approval")
        assert shown["approval"] != asked["approval"]
        assert {finding["rule"] for finding in shown["findings"]} == {"R03", "R10"}
        assert problem(desk.decide(asked["approval"]), 409, "approval.closed")["state"] == "granted"
        assert told(desk.decide(shown["approval"]))["status"] == "issued"
        twice = ["approval.asked", "approval.decided"]
        assert desk.actions(asked["id"]) == ["intended", *twice, *twice, "issued"]


def changed_template(desk: Desk) -> Desk:
    types = desk.house.catalogue.types
    return desk.under(types={"dunning_letter": replace(types["dunning_letter"], sha256="0" * 64)})


def changed_pack(desk: Desk) -> Desk:
    return desk.under(packs={"cn": replace(desk.house.catalogue.packs["cn"], digest="0" * 64)})


def no_such_issuer(desk: Desk) -> Desk:
    return desk.under(issuers={})


def no_account_for_the_currency(desk: Desk) -> Desk:
    issuer = desk.house.catalogue.issuers["demo_bank"]
    poor = replace(issuer, record={**issuer.record, "repayment_accounts": []})
    return desk.under(issuers={"demo_bank": poor})


def another_signature(desk: Desk) -> Desk:
    class Real:
        specimen = False

    real: Any = Real()
    house = replace(desk.house, signers={"demo_bank": real})
    return Desk(replace(desk.service, house=house), desk.clock).under()


def facts_that_ask_for_more(desk: Desk) -> Desk:
    other = desk.house.schemas["dunning_letter"].from_dict({}, name="Other")
    schemas = {**desk.house.schemas, "dunning_letter": other}
    del schemas["dunning_letter"]._declared_fields["run_id"]  # not known any more: the same body, another request
    house = replace(desk.house, schemas=schemas)
    return Desk(replace(desk.service, house=house), desk.clock).under()


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (changed_template, "template_changed"),
        (changed_pack, "pack_changed"),
        (no_such_issuer, "issuer_changed"),
        (no_account_for_the_currency, "issuer_changed"),
        (another_signature, "signature_changed"),
        (facts_that_ask_for_more, "request_changed"),
    ],
)
def test_an_approval_is_void_when_what_was_pinned_has_changed(desk: Desk, change: Any, reason: str) -> None:
    asked = desk.asked(reason + change.__name__)

    body = problem(change(desk).decide(asked["approval"]), 409, "approval.void")

    assert body["reason"] == reason
    said = desk.entries(asked["id"])
    assert [one["action"] for one in said] == ["intended", "approval.asked", "approval.decided", "aborted"]
    assert (said[2]["decision"], said[2]["reason"], said[3]["reason"]) == ("void", reason, "approval_void")
    assert problem(desk.decide(asked["approval"]), 409, "approval.closed")["state"] == "void"
    assert desk.asked(reason + change.__name__)["id"] != asked["id"]


def test_an_approval_is_void_when_the_day_leads_to_another_stage(desk: Desk) -> None:
    asked = desk.asked()
    desk.clock.ahead = timedelta(days=16)  # 61 days overdue: no first letter any more

    assert problem(desk.decide(asked["approval"]), 409, "approval.void")["reason"] == "tier_changed"
    assert desk.actions(asked["id"])[2:] == ["approval.decided", "aborted"]


def test_a_changed_template_is_no_reason_not_to_decline(desk: Desk) -> None:
    asked = desk.asked()

    assert told(changed_template(desk).decide(asked["approval"], DECLINE))["status"] == "refused"


def test_a_body_that_was_altered_releases_nothing_and_is_shown_to_nobody(desk: Desk) -> None:
    asked, other = desk.asked(), desk.asked()
    sealed = row_of(desk, asked["approval"]).sealed
    for wrong in (sealed[:-1] + bytes([sealed[-1] ^ 1]), b"", row_of(desk, other["approval"]).sealed):
        desk.alter(asked["approval"], sealed=wrong)

        problem(desk.decide(asked["approval"]), 500, "step.failed")
        problem(desk.service.get(f"/v1/approvals/{asked['approval']}", role="officer"), 500, "step.failed")

    assert desk.row(asked["id"]).status == "awaiting_approval"
    assert desk.actions(asked["id"]) == ["intended", "approval.asked"]


def test_a_row_that_says_something_else_than_the_log_is_not_decided_on(desk: Desk) -> None:
    asked = desk.asked()
    row = row_of(desk, asked["approval"])
    wider = [*row.findings, row.findings[0] | {"rule": "R10"}]
    pins = row.pins | {"template_sha256": "0" * 64}
    for column, wrong in (("findings", wider), ("pins", pins), ("expires_at", row.expires_at + PAST), ("seq", 1)):
        true = getattr(row, column)
        desk.alter(asked["approval"], **{column: wrong})

        for said in (GRANT, DECLINE):
            problem(desk.decide(asked["approval"], said), 500, "step.failed")
        problem(desk.service.get(f"/v1/approvals/{asked['approval']}", role="officer"), 500, "step.failed")

        desk.alter(asked["approval"], **{column: true})
    assert desk.decide(asked["approval"]).status_code == 200


def test_a_crash_after_the_grant_leaves_a_document_whose_lease_ends(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = desk.asked("crashed")
    with monkeypatch.context() as patched:
        patched.setattr("app.pipeline.carry_out", lambda *_: (_ for _ in ()).throw(SystemExit))
        with pytest.raises(SystemExit):
            desk.decide(asked["approval"])
    assert desk.row(asked["id"]).status == "running"
    assert problem(desk.ask(key="crashed"), 409, "idempotency.running")["document"] == asked["id"]

    lease = desk.row(asked["id"]).lease_until
    assert desk.clock.now() < lease <= desk.clock.now() + desk.house.documents.lease
    recovery.sweep(desk.house.documents, lease)

    assert desk.entries(asked["id"])[-1]["reason"] == "lease_expired"
    assert desk.asked("crashed")["id"] != asked["id"]


def test_a_tool_that_breaks_after_the_grant_is_a_failure_and_the_key_is_free(tmp_path: Path) -> None:
    for desk in desks(tmp_path / "here", "R03", real=True, settings={"soffice": "/bin/false", "deadline": "2"}):
        asked = desk.asked("broken")

        assert problem(desk.decide(asked["approval"]), 503, "step.failed")["step"] == "convert"

        assert desk.actions(asked["id"])[2:] == ["approval.decided", "failed"]
        assert desk.asked("broken")["id"] != asked["id"]


def test_what_blocks_is_refused_at_once_and_no_human_is_asked(desk: Desk) -> None:
    body = problem(desk.ask({**UNRESERVED, **WRONG_SEX}), 422, "refused")

    assert {"R03", "R38"} <= {finding["rule"] for finding in body["findings"]}


def test_nothing_personal_stands_in_what_is_said_of_a_decision(desk: Desk) -> None:
    asked = desk.asked()
    answer = body_of(desk.decide(asked["approval"])) + str(desk.entries(asked["id"]))
    sample = desk.service.sample()

    person = sample["parties"][0]
    assert [one for one in (person["name"], person["phone"], sample["client_ref"], TEXT) if one in answer] == []


def test_a_log_with_every_decision_verifies_from_outside(desk: Desk, tmp_path: Path) -> None:
    desk.decide(desk.asked()["approval"])
    desk.decide(desk.asked()["approval"], DECLINE)
    changed_pack(desk).decide(desk.asked()["approval"])
    late = desk.asked()
    desk.clock.ahead = PAST
    desk.decide(late["approval"])

    desk.house.export(tmp_path / "export")
    command = [sys.executable, "-m", "audit.verify", str(tmp_path / "export"), "--deep", "--key", desk.house.vkey]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)

    assert done.returncode == 0, done.stdout


@pytest.mark.office
def test_the_whole_way_with_libreoffice(tmp_path: Path) -> None:
    for desk in desks(tmp_path / "here", "R03", real=True):
        asked = desk.asked()

        shown = told(desk.decide(asked["approval"]))

        assert shown["status"] == "issued"
        pdf = desk.service.get(shown["files"][0]["url"], role="agency")
        assert pdf.data.startswith(b"%PDF-")
        assert desk.service.get(shown["receipt_url"], role="agency").status_code == 200
        assert desk.service.post(desk.service.sample(), role="agency", path=LETTERS).status_code == 201


def test_a_real_signature_never_bears_a_day_that_has_passed_while_it_waited() -> None:
    at = pipeline.utc_now()
    today = wording.beijing_day(at)
    yesterday = {"on": today - timedelta(days=1)}

    for loaded in ({}, {"on": None}, {"on": today}):
        assert legal_day(loaded, at, specimen=False) == today
    assert legal_day(yesterday, at, specimen=True) == yesterday["on"]
    with pytest.raises(ApprovalVoid) as void:
        legal_day(yesterday, at, specimen=False)
    assert void.value.reason == "day_passed"
