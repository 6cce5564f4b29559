"""What was issued comes back signed: examined against the issued file, or confirmed as a scan; or refused, and why."""

import dataclasses
import hashlib
import json
import threading
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from werkzeug.test import TestResponse

from app.agreement import INSTALMENT, PROMISE
from app.artifacts import Actor
from app.pipeline import utc_now
from app.registry import Agreement
from app.store import recovery
from app.store.models import AgreementRow, ObjectionRow
from tests import accounts, agreements
from tests.agreements import GUARANTOR, HOLDER, HOLDERS_NUMBER, countersigned, today
from tests.app.api.conftest import Service, on_postgres, opened, problem, told
from tests.app.api.test_agreements import AGREEMENTS, ago, entries, letter, move, paths, pay, shown

PDF = "application/pdf"
SIGNERS = {INSTALMENT: (HOLDER, GUARANTOR), PROMISE: (HOLDER,)}


@pytest.fixture(scope="module", params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def bank(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    databases = on_postgres(request.getfixturevalue("cluster")) if request.param == "postgres" else {}
    home = tmp_path_factory.mktemp("signed")
    yield from opened(home, soffice="/bin/false", deadline="2", rate_documents="100000", **databases)


@dataclass(frozen=True)
class Issued:
    """An agreement that waits for its signatures."""

    id: str
    card: str
    account: str
    document: str
    path: Path
    kind: str

    @property
    def address(self) -> str:
        return f"{AGREEMENTS}/{self.id}/executed"

    def signed(self) -> bytes:
        return countersigned(self.path, *SIGNERS[self.kind])


def issued(
    service: Service, folder: Path, kind: str = INSTALMENT, first: int = -10, on: int = 0, card: str = "", **more: Any
) -> Issued:
    """Issued so many days ago, its first instalment due so many days ago; on a new account, if none is named."""
    house, [fresh] = service.house, accounts.known(service.house)
    card = card or fresh
    account = house.registry.find("demo_bank", card)
    assert account
    asking = agreements.order(house.catalogue, account, kind, actor(service), ago(first))
    asking = dataclasses.replace(asking, on=ago(on))
    signer = house.signers["demo_bank"]
    document, path = agreements.issue(house.documents, house.agreements, asking, signer, folder, **more)
    found = house.agreements.page({"demo_bank"}, None, None, 200)
    [row] = [row for row in found if row.document_id == document]
    return Issued(row.id, card, account, document, path, kind)


def actor(service: Service) -> Actor:
    """The organisation that the tests' keys belong to."""
    [card] = accounts.known(service.house)
    made = told(service.post(agreements.told(card, ago(-10)), path=AGREEMENTS))
    organisation = service.house.agreements.find(made["id"], {"demo_bank"}).organisation_id
    return Actor(f"key:{uuid.UUID(int=8)}", "key", organisation, str(uuid.UUID(int=9)))


def bring(service: Service, one: Issued, content: bytes, role: str = "upstream", media: str = PDF) -> TestResponse:
    return service.post(content, role=role, path=one.address, Content_Type=media)


def scan(one: Issued, **more: Any) -> dict[str, Any]:
    """What is told of its scan: no two papers have the same."""
    sha256 = hashlib.sha256(one.id.encode()).hexdigest()
    said = {"sha256": sha256, "pages": 1, "received_by": "E10086", "received_on": today().isoformat()}
    ticked = {"amount_disputed": False} if one.kind == PROMISE else {}
    return said | {"confirmed": True} | ticked | more


def bring_scan(service: Service, one: Issued, **more: Any) -> TestResponse:
    return service.post(scan(one, **more), role="compliance", path=one.address)


def untouched(service: Service, one: Issued) -> bool:
    row = service.house.agreements.find(one.id, {"demo_bank"})
    return row.state == "issued" and row.executed_blob is None and len(entries(service, one.id)) == 1


def test_what_is_issued_waits_for_its_signatures_and_holds_no_letter_back(bank: Service, tmp_path: Path) -> None:
    one = issued(bank, tmp_path)
    found = shown(bank, one.id)

    assert (found["state"], found["document"], found["executed_on"]) == ("issued", one.document, None)
    assert (found["limitation"], found["executed"], found["told"]) == (None, None, None)
    [opened_] = entries(bank, one.id)
    assert (opened_["type"], opened_["document"], opened_["state"]) == (INSTALMENT, one.document, "issued")
    assert letter(bank, one.card) == ("passes", [])
    assert paths(pay(bank, one.id, "1.00"), 409, "agreement.illegal_move") == ["paid_on"]
    problem(bank.get(one.address, role="compliance"), 404, "not_found")


def test_what_the_service_seals_opens_an_agreement_in_the_same_transaction(bank: Service, tmp_path: Path) -> None:
    house, [card] = bank.house, accounts.known(bank.house)
    account = house.registry.find("demo_bank", card)
    assert account
    asking = agreements.order(house.catalogue, account, INSTALMENT, actor(bank), ago(-10))
    one_rule = [rule for rule in asking.pack.rules if rule.use == "contact_is_not_blocked"]
    rules = tuple(dataclasses.replace(rule, applies_to=(INSTALMENT,)) for rule in one_rule)
    kind = dataclasses.replace(asking.type, facts={}, masking={}, tiers=())
    asking = dataclasses.replace(asking, type=kind, pack=dataclasses.replace(asking.pack, rules=rules))
    said = {name: asking.plain[name] for name in ("client_ref", "requested_by")}  # nothing that would be printed
    asking = dataclasses.replace(asking, plain=said)
    attempt, made = agreements.signed(house.documents, asking, house.signers["demo_bank"], tmp_path)

    house.steps.seal(attempt, made, utc_now())

    [row] = [row for row in house.agreements.page({"demo_bank"}, "issued", None, 200) if row.account_id == account]
    leaves = [house.entry(row.seq)[0]["action"], house.entry(row.seq + 1)[0]["action"]]
    assert (row.document_id, leaves) == (attempt.document_id, ["agreement.opened", "issued"])


def test_signed_by_everybody_it_binds_is_kept_and_is_handed_out_again(bank: Service, tmp_path: Path) -> None:
    one = issued(bank, tmp_path)
    content = one.signed()
    answer = bring(bank, one, content)

    assert answer.status_code == 200, answer.text
    assert told(answer)["state"] == "executed"
    found = shown(bank, one.id)
    assert found["executed"]["sha256"] == hashlib.sha256(content).hexdigest()
    assert [[HOLDER in one["names"], GUARANTOR in one["names"]] for one in found["executed"]["signatures"]] == [
        [True, False],
        [False, True],
    ]
    recorded = entries(bank, one.id)[-1]
    assert (recorded["action"], recorded["means"], recorded["document"]) == (
        "agreement.executed",
        "signed_digitally",
        one.document,
    )
    assert recorded["executed"] == {
        "sha256": hashlib.sha256(content).hexdigest(),
        "size": len(content),
        "pages": 1,
    }
    assert len(recorded["certificates"]) == len(found["executed"]["signatures"])
    for signature in found["executed"]["signatures"]:
        assert signature["certificate_sha256"] not in repr(recorded)  # it is a person's, and the log is kept for ever
    assert HOLDER not in json.dumps(recorded, ensure_ascii=False)
    assert letter(bank, one.card) == ("refused", ["R18"])
    got = bank.get(one.address, role="compliance")
    assert (got.data, got.mimetype) == (content, PDF)
    assert HOLDER not in got.headers["Content-Disposition"]
    assert not [path for path in bank.house.room.folder.rglob("*") if path.suffix == ".pdf"]


def test_the_same_file_again_is_answered_alike_and_another_is_too_late(bank: Service, tmp_path: Path) -> None:
    one = issued(bank, tmp_path)
    content = one.signed()
    first, again = bring(bank, one, content), bring(bank, one, content)

    assert (first.status_code, told(first)) == (200, told(again))
    assert paths(bring(bank, one, one.signed()), 409, "agreement.illegal_move") == [""]
    body = bank.post(scan(one), role="compliance", path=one.address)
    assert paths(body, 409, "agreement.illegal_move") == [""]
    assert [found["action"] for found in entries(bank, one.id)] == ["agreement.opened", "agreement.executed"]


def test_a_signature_that_is_missing_is_counted(bank: Service, tmp_path: Path) -> None:
    one = issued(bank, tmp_path)
    [error] = problem(bring(bank, one, countersigned(one.path, HOLDER)), 422, "request.invalid")["errors"]

    assert error == {"path": "signers", "message": "尚有1方没有签署"}
    assert untouched(bank, one)


@pytest.mark.parametrize(
    ("kind", "names", "wrong"),
    [
        (INSTALMENT, (HOLDER, "孙某人"), ["signers.1.party"]),
        (INSTALMENT, (GUARANTOR, HOLDER), ["signers.0.party", "signers.1.party"]),
        (PROMISE, ("孙某人",), ["promisor"]),
    ],
)
def test_a_certificate_that_names_somebody_else_is_refused(
    bank: Service, tmp_path: Path, kind: str, names: tuple[str, ...], wrong: list[str]
) -> None:
    one = issued(bank, tmp_path, kind)
    answer = bring(bank, one, countersigned(one.path, *names))

    assert paths(answer) == wrong
    assert "孙某人" not in answer.text
    assert untouched(bank, one)


CODED = f"051@{HOLDER}@{HOLDERS_NUMBER}@1"


@pytest.mark.parametrize(
    ("holder", "guarantor", "wrong"),
    [
        (CODED, GUARANTOR, []),
        (CODED.lower(), f"051@{GUARANTOR}@1", []),
        (f"051@{HOLDER}@990000194912310798@1", GUARANTOR, ["signers.0.party"]),
        (CODED, f"051@{GUARANTOR}@990000194912310798@1", ["signers.1.party"]),  # nobody has told us of any number
        (f"051@{HOLDER}@{GUARANTOR}@{HOLDERS_NUMBER}@1", GUARANTOR, ["signers.0.party"]),
        (f"051@{HOLDERS_NUMBER}@{HOLDER}@1", GUARANTOR, ["signers.0.party"]),
    ],
)
def test_a_certificate_names_one_person_with_their_own_number(
    bank: Service, tmp_path: Path, holder: str, guarantor: str, wrong: list[str]
) -> None:
    one = issued(bank, tmp_path)
    answer = bring(bank, one, countersigned(one.path, holder, guarantor))

    assert answer.status_code == (422 if wrong else 200), answer.text
    assert HOLDERS_NUMBER not in answer.text
    if wrong:
        assert paths(answer) == wrong
        assert untouched(bank, one)
    else:
        signatures = shown(bank, one.id)["executed"]["signatures"]
        assert [each["names"] for each in signatures] == [[HOLDER], [GUARANTOR]]


@pytest.mark.parametrize(
    ("minutes", "message"), [(-11, "有签名载明的时间早于文书的出具时间"), (11, "有签名载明的时间尚未到来"), (9, "")]
)
def test_a_signature_is_made_between_the_issue_and_now(
    bank: Service, tmp_path: Path, minutes: int, message: str
) -> None:
    one = issued(bank, tmp_path)
    answer = bring(bank, one, countersigned(one.path, HOLDER, GUARANTOR, later=timedelta(minutes=minutes)))

    if message:
        [error] = problem(answer, 422, "request.invalid")["errors"]
        assert error == {"path": "file", "message": message}
        assert untouched(bank, one)
    else:
        assert answer.status_code == 200, answer.text


def spoiled(how: str, issued: bytes, signed: bytes) -> bytes:
    return {
        "unsigned": issued,
        "another": b"%PDF-1.7 of somebody else's",
        "longer": signed + b"\n% and more",
        "shorter": signed[:-40],
        "empty": b"",
    }[how]


@pytest.mark.parametrize(
    ("how", "message"),
    [
        ("unsigned", "文件上没有新的签名"),
        ("another", "不是所出具的文件"),
        ("longer", "有签名没有覆盖整份文件"),
        ("shorter", "文件无法读取"),
        ("empty", "不是所出具的文件"),
    ],
)
def test_a_file_that_is_not_ours_with_signatures_and_nothing_else_is_refused_with_its_reason(
    bank: Service, tmp_path: Path, how: str, message: str
) -> None:
    one = issued(bank, tmp_path)
    content = spoiled(how, one.path.read_bytes(), one.signed())
    [error] = problem(bring(bank, one, content), 422, "request.invalid")["errors"]

    assert error == {"path": "file", "message": message}
    assert untouched(bank, one)


def test_a_specimen_s_signature_is_none_where_letters_are_real(
    bank: Service, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    one = issued(bank, tmp_path)
    monkeypatch.setitem(vars(bank.house.settings), "signing", "pkcs12")

    [error] = problem(bring(bank, one, one.signed()), 422, "request.invalid")["errors"]

    assert error == {"path": "signers", "message": "有样本证书的签名"}
    assert untouched(bank, one)


def test_a_signed_file_may_be_large_and_no_other_body_may(bank: Service, tmp_path: Path) -> None:
    one = issued(bank, tmp_path)

    assert paths(bring(bank, one, bytes(19 << 20))) == ["file"]
    problem(bring(bank, one, bytes((20 << 20) + 1)), 413, "request.too_large")
    problem(bring(bank, one, bytes(2 << 20), "compliance", "application/json"), 413, "request.too_large")
    problem(bring(bank, one, b"text", media="text/plain"), 415, "request.media_type")
    assert untouched(bank, one)


def test_a_scan_is_taken_down_when_compliance_confirms_it(bank: Service, tmp_path: Path) -> None:
    one = issued(bank, tmp_path)
    problem(bank.post(scan(one), path=one.address), 403, "forbidden")
    answer = bank.post(scan(one), role="compliance", path=one.address)

    assert answer.status_code == 200, answer.text
    assert told(answer)["executed"]["received_by"] == "E10086"
    recorded = entries(bank, one.id)[-1]
    assert (recorded["means"], recorded["scan"]) == ("signed_on_paper", {"sha256": scan(one)["sha256"], "pages": 1})
    assert "E10086" not in json.dumps(recorded)
    again = bank.post(scan(one), role="compliance", path=one.address)
    assert told(again) == told(answer)
    problem(bank.get(one.address, role="compliance"), 404, "not_found")  # the scan stays with the bank


@pytest.mark.parametrize(
    ("change", "path"),
    [
        ({"confirmed": False}, "confirmed"),
        ({"pages": 0}, "pages"),
        ({"sha256": "cd"}, "sha256"),
        ({"received_on": ago(1).isoformat()}, "received_on"),
        ({"received_on": ago(-1).isoformat()}, "received_on"),
        ({"received_by": "张三"}, "received_by"),
        ({"remark": "x"}, "remark"),
    ],
)
def test_a_scan_that_cannot_be_taken_down_is_named_by_its_field(
    bank: Service, tmp_path: Path, change: dict[str, Any], path: str
) -> None:
    one = issued(bank, tmp_path)

    assert paths(bank.post(scan(one, **change), role="compliance", path=one.address)) == [path]
    assert untouched(bank, one)


def test_a_scan_with_fewer_pages_than_the_document_is_not_all_of_it(
    bank: Service, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    one = issued(bank, tmp_path)
    with bank.house.database.write() as session:
        document = session.merge(bank.house.documents.find(one.document, None))
        document.files[0].pages = 3

    assert paths(bank.post(scan(one, pages=2), role="compliance", path=one.address)) == ["pages"]
    assert bank.post(scan(one, pages=3), role="compliance", path=one.address).status_code == 200


def test_a_scan_with_many_pages_more_than_the_document_is_another_paper(bank: Service, tmp_path: Path) -> None:
    one = issued(bank, tmp_path)

    assert paths(bring_scan(bank, one, pages=4)) == ["pages"]
    assert untouched(bank, one)
    assert bring_scan(bank, one, pages=3).status_code == 200


def test_a_scan_is_no_file_of_ours_and_no_other_agreement_s(bank: Service, tmp_path: Path) -> None:
    one, digital, paper = (issued(bank, tmp_path) for _ in range(3))
    content = digital.signed()
    assert bring(bank, digital, content).status_code == 200
    assert bring_scan(bank, paper).status_code == 200

    for file in (one.path.read_bytes(), paper.path.read_bytes(), content):
        assert paths(bring_scan(bank, one, sha256=hashlib.sha256(file).hexdigest())) == ["sha256"]
    assert paths(bring_scan(bank, one, sha256=scan(paper)["sha256"])) == ["sha256"]
    assert untouched(bank, one)
    assert bring_scan(bank, one).status_code == 200


def objection(service: Service, card: str, **more: Any) -> str:
    """One that was told on the account; its id."""
    body = {
        "ref": f"OB-{uuid.uuid4()}",
        "issuer": "demo_bank",
        "card_number": card,
        "channel": "phone",
        "grounds": ["amount_wrong"],
        "statement": "金额不符",
        "received_at": utc_now().strftime("%Y-%m-%dT%H:%M:%SZ"),
        "new_facts": False,
        **more,
    }
    answer = service.post(body, path="/v1/objections")
    assert answer.status_code == 201, answer.text
    return str(told(answer)["id"])


def test_who_ticks_that_the_amount_is_disputed_has_objected_and_letters_wait(bank: Service, tmp_path: Path) -> None:
    one = issued(bank, tmp_path, PROMISE)
    [another] = accounts.known(bank.house)
    elsewhere, ours = objection(bank, another), objection(bank, one.card)

    for wrong, path in (
        ({"amount_disputed": None}, "amount_disputed"),
        ({"amount_disputed": True}, "objection"),
        ({"amount_disputed": False, "objection": ours}, "objection"),
        ({"amount_disputed": True, "objection": elsewhere}, "objection"),
        ({"amount_disputed": True, "objection": str(uuid.UUID(int=1))}, "objection"),
        ({"amount_disputed": True, "objection": "x"}, "objection"),
    ):
        assert paths(bring_scan(bank, one, **wrong)) == [path]
    assert untouched(bank, one)
    answer = bring_scan(bank, one, amount_disputed=True, objection=ours)

    assert answer.status_code == 200, answer.text
    assert (told(answer)["executed"]["amount_disputed"], told(answer)["executed"]["objection"]) == (True, ours)
    recorded = entries(bank, one.id)[-1]
    assert (recorded["amount_disputed"], recorded["objection"]) == (True, ours)
    assert letter(bank, one.card) == ("refused", ["R17"])
    assert paths(bring_scan(bank, one), 409, "agreement.illegal_move") == [""]  # not what was told before


def test_an_objection_that_was_over_before_the_paper_is_not_what_is_ticked_on_it(bank: Service, tmp_path: Path) -> None:
    one = issued(bank, tmp_path, PROMISE)
    told_before = objection(bank, one.card, received_at=(utc_now() - timedelta(days=2)).strftime("%Y-%m-%dT%H:%M:%SZ"))
    said = {"amount_disputed": True, "objection": told_before}
    with bank.house.database.write() as session:
        session.get_one(ObjectionRow, told_before).state = "withdrawn"
    assert paths(bring_scan(bank, one, **said)) == ["objection"]

    with bank.house.database.write() as session:
        session.get_one(ObjectionRow, told_before).state = "received"
    assert bring_scan(bank, one, **said).status_code == 200


def test_an_agreement_has_no_such_box_and_an_undisputed_promise_says_so_in_the_log(
    bank: Service, tmp_path: Path
) -> None:
    agreement, promise = issued(bank, tmp_path), issued(bank, tmp_path, PROMISE)

    assert paths(bring_scan(bank, agreement, amount_disputed=False)) == ["amount_disputed"]
    assert bring_scan(bank, promise).status_code == 200
    assert entries(bank, promise.id)[-1]["amount_disputed"] is False
    assert "objection" not in entries(bank, promise.id)[-1]


@pytest.mark.parametrize("kind", [INSTALMENT, PROMISE])
def test_what_comes_back_after_the_first_instalment_s_day_is_issued_anew(
    bank: Service, tmp_path: Path, kind: str
) -> None:
    one = issued(bank, tmp_path, kind, first=5, on=20)
    [error] = problem(bring(bank, one, one.signed()), 409, "agreement.illegal_move")["errors"]

    assert "首期还款日" in error["message"]
    assert "请重新出具" in error["message"]
    assert paths(bring_scan(bank, one, received_on=ago(4).isoformat()), 409, "agreement.illegal_move") == [""]
    assert untouched(bank, one)
    assert bring_scan(bank, one, received_on=ago(5).isoformat()).status_code == 200  # in time, and told later


def test_an_agreement_does_not_bind_beside_another_and_a_promise_may(bank: Service, tmp_path: Path) -> None:
    one = issued(bank, tmp_path)
    other, promise = issued(bank, tmp_path, card=one.card), issued(bank, tmp_path, PROMISE, card=one.card)
    assert bring(bank, one, one.signed()).status_code == 200

    [error] = problem(bring_scan(bank, other), 409, "agreement.illegal_move")["errors"]
    assert "个性化分期还款协议（已签署）" in error["message"]
    assert paths(bring(bank, other, other.signed()), 409, "agreement.illegal_move") == [""]
    answer = bank.post(agreements.told(one.card, ago(-10)), path=AGREEMENTS)
    assert paths(answer, 409, "agreement.illegal_move") == [""]
    assert untouched(bank, other)
    assert bring_scan(bank, promise).status_code == 200
    assert move(bank, one.id, "performing").status_code == 200
    [error] = problem(bring_scan(bank, other), 409, "agreement.illegal_move")["errors"]
    assert "履行中" in error["message"]
    assert move(bank, one.id, "terminated", reason="replaced").status_code == 200

    assert bring_scan(bank, other).status_code == 200


def test_one_in_default_is_not_performed_again_beside_the_next(bank: Service, tmp_path: Path) -> None:
    one = issued(bank, tmp_path, first=5, on=20)
    other = issued(bank, tmp_path, card=one.card)
    assert bring_scan(bank, one, received_on=ago(19).isoformat()).status_code == 200
    assert move(bank, one.id, "performing").status_code == 200
    assert move(bank, one.id, "defaulted").status_code == 200
    assert bring_scan(bank, other).status_code == 200
    assert pay(bank, one.id, "100.00").status_code == 201
    again = {"to": "performing", "reason": "cured", "text": "补足"}
    address = f"{AGREEMENTS}/{one.id}/moves"
    assert paths(bank.post(again, role="compliance", path=address), 409, "agreement.illegal_move") == [""]

    assert move(bank, other.id, "terminated").status_code == 200
    assert bank.post(again, role="compliance", path=address).status_code == 200


def test_what_a_guarantor_alone_signs_tells_nothing_of_the_cardholder_s_period(bank: Service, tmp_path: Path) -> None:
    by_holder, by_guarantor = issued(bank, tmp_path, PROMISE), issued(bank, tmp_path, PROMISE)
    with bank.house.database.write() as session:
        session.get_one(AgreementRow, by_guarantor.id).cardholder_signs = False
    for one in (by_holder, by_guarantor):
        assert bring_scan(bank, one).status_code == 200

    assert shown(bank, by_holder.id)["limitation"]["began"]
    assert shown(bank, by_guarantor.id)["limitation"] is None
    known = [known_of(bank, one) for one in (by_holder, by_guarantor)]
    assert [one.interruptions for one in known] == [(today(),), ()]


def known_of(service: Service, one: Issued) -> Agreement:
    registry = service.house.registry
    with registry.database.read() as session:
        [found] = registry.known_of(session, one.account, "demo_bank").agreements
    return found


def test_consent_after_the_period_does_not_begin_it_anew_and_may_waive_the_defence(
    bank: Service, tmp_path: Path
) -> None:
    one = issued(bank, tmp_path, period_over=True)
    assert shown(bank, one.id)["limitation"] is None
    assert bring(bank, one, one.signed()).status_code == 200
    found = shown(bank, one.id, role="upstream")["limitation"]

    assert (found["began"], found["runs_from"], found["ends_on"]) == ([], None, None)
    assert found["after_expiry"]["on"] == today().isoformat()
    assert "可能" in found["after_expiry"]["note"]
    assert "第一百九十二条" in found["after_expiry"]["source"]
    assert "第十九条" in found["after_expiry"]["source"]
    in_time = issued(bank, tmp_path)
    assert bring(bank, in_time, in_time.signed()).status_code == 200
    assert shown(bank, in_time.id)["limitation"]["after_expiry"] is None


def test_one_by_word_of_mouth_has_nothing_to_sign(bank: Service) -> None:
    [card] = accounts.known(bank.house)
    made = told(bank.post(agreements.told(card, ago(-10)), path=AGREEMENTS))
    address = f"{AGREEMENTS}/{made['id']}/executed"

    body = {"sha256": "cd" * 32, "pages": 1, "received_by": "E1", "received_on": today().isoformat(), "confirmed": True}
    assert paths(bank.post(body, role="compliance", path=address), 409, "agreement.illegal_move") == [""]
    answer = bank.post(b"%PDF", path=address, Content_Type=PDF)
    assert paths(answer, 409, "agreement.illegal_move") == [""]


def test_one_that_lapsed_is_not_signed_any_more(bank: Service, tmp_path: Path) -> None:
    one = issued(bank, tmp_path)
    assert move(bank, one.id, "lapsed", role="upstream").status_code == 200

    assert paths(bring(bank, one, one.signed()), 409, "agreement.illegal_move") == [""]


def test_letters_that_are_not_posted_are_withdrawn_when_an_agreement_is_signed_and_not_for_a_promise(
    bank: Service, tmp_path: Path
) -> None:
    for kind, state in ((INSTALMENT, "withdrawn"), (PROMISE, "none")):
        one = issued(bank, tmp_path, kind)
        asking = agreements.order(bank.house.catalogue, one.account, "dunning_letter", actor(bank), ago(-10))
        document = agreements.recorded(bank.house.documents, asking, bank.house.signers["demo_bank"], tmp_path)

        assert bring(bank, one, one.signed()).status_code == 200

        assert bank.house.deliveries.of(bank.house.documents.find(document, None))["state"] == state


def test_a_promise_is_kept_or_broken_and_stops_no_letter(bank: Service, tmp_path: Path) -> None:
    kept, broken = issued(bank, tmp_path, PROMISE), issued(bank, tmp_path, PROMISE, first=5, on=20)
    assert bring(bank, kept, kept.signed()).status_code == 200
    assert bring_scan(bank, broken, received_on=ago(6).isoformat()).status_code == 200
    for one in (kept, broken):
        assert letter(bank, one.card) == ("passes", [])

    assert paths(move(bank, kept.id, "broken"), 409, "agreement.illegal_move") == ["on"]
    assert told(pay(bank, kept.id, "300.00"))["state"] == "kept"
    problem(move(bank, broken.id, "broken", role="upstream"), 403, "forbidden")
    assert told(move(bank, broken.id, "broken"))["state"] == "broken"
    assert told(pay(bank, broken.id, "300.00"))["state"] == "broken"


def test_two_returns_at_the_same_time_are_one_execution(bank: Service, tmp_path: Path) -> None:
    one = issued(bank, tmp_path)
    contents = [one.signed(), one.signed()]
    answers: list[int] = []

    def come_back(content: bytes) -> None:
        client = bank.http.application.test_client()
        headers = {"Authorization": f"Bearer {bank.keys['upstream']}", "Content-Type": PDF}
        answers.append(client.post(one.address, data=content, headers=headers).status_code)

    threads = [threading.Thread(target=come_back, args=(content,)) for content in contents]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(answers) == [200, 409]
    assert bank.get(one.address, role="compliance").data in contents
    assert [found["action"] for found in entries(bank, one.id)] == ["agreement.opened", "agreement.executed"]


def test_a_file_that_was_exchanged_in_the_store_is_not_handed_out(bank: Service, tmp_path: Path) -> None:
    one, other = issued(bank, tmp_path), issued(bank, tmp_path)
    for each in (one, other):
        assert bring(bank, each, each.signed()).status_code == 200
    documents = bank.house.documents
    case_id = documents.find(one.document, None).case_id
    path = tmp_path / "other.pdf"
    path.write_bytes(b"another")
    with path.open("rb") as stream:
        blob = documents.blobs.put(stream, case_id, documents.case_keys.open(case_id))
    with bank.house.database.write() as session:
        session.merge(bank.house.agreements.find(one.id, {"demo_bank"})).executed_blob = blob

    problem(bank.get(one.address, role="compliance"), 500, "step.failed")


def test_the_sweep_keeps_a_signed_file_and_misses_one_that_is_gone(bank: Service, tmp_path: Path) -> None:
    one = issued(bank, tmp_path)
    assert bring(bank, one, one.signed()).status_code == 200
    later = utc_now() + timedelta(hours=2)

    assert one.document not in recovery.look_through(bank.house.documents, later).missing
    assert bank.get(one.address, role="compliance").status_code == 200
    blob = bank.house.agreements.find(one.id, {"demo_bank"}).executed_blob
    assert blob
    bank.house.documents.blobs.set_aside(blob)

    assert one.document in recovery.look_through(bank.house.documents, later).missing
    problem(bank.get(one.address, role="compliance"), 500, "step.failed")
