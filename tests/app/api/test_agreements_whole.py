"""An agreement from its request to its last instalment, over HTTP, with the real papers and real signatures."""

import hashlib
import subprocess
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from app.agreement import INSTALMENT, PROMISE
from app.demo.agreed import LONG_AGO
from app.facts.sample import at_day
from app.gate.cases import changed
from app.signing import countersign_specimen, signature_fields
from app.templates import read_sample
from tests import accounts
from tests.app.api.conftest import LETTERS, Service, problem, told
from tests.golden.letters import SECOND_SIGNER
from tests.samples.agreements import random_agreement, random_promise
from tests.samples.make import seeded

pytestmark = pytest.mark.office
PDF = "application/pdf"
AGREEMENTS = "/v1/agreements"


def asked(service: Service, kind: str, change: Mapping[str, Any] | None = None) -> dict[str, Any]:
    [card] = accounts.known(service.house)
    sample = read_sample(service.house.catalogue.types[kind], service.today())
    wanted = at_day({**(change or {}), "account.card_number": card}, service.today())
    return changed(sample, wanted)


def issue(service: Service, body: Mapping[str, Any], kind: str) -> dict[str, Any]:
    answer = service.post(body, path=f"/v1/documents/{kind}")
    assert answer.status_code == 201, answer.text
    made: dict[str, Any] = told(answer)
    assert made["agreement"] == agreement_of(service, made["id"])["id"]
    return made


def agreement_of(service: Service, document: str) -> dict[str, Any]:
    listed = told(service.get(f"{AGREEMENTS}?limit=200", role="compliance"))["agreements"]
    [found] = [one for one in listed if one["document"] == document]
    return dict(found)


def signed(service: Service, made: Mapping[str, Any], names: list[str], folder: Path) -> bytes:
    [file] = made["files"]
    last = folder / "issued.pdf"
    last.write_bytes(service.get(file["url"]).data)
    for number, (field, name) in enumerate(zip(signature_fields(len(names)), names, strict=True)):
        target = folder / f"signed-{number}.pdf"
        countersign_specimen(last, field, name, target, datetime.now(UTC))
        last = target
    return last.read_bytes()


def bring(service: Service, agreement: str, content: bytes) -> Any:
    return service.post(content, path=f"{AGREEMENTS}/{agreement}/executed", Content_Type=PDF)


def moved(service: Service, agreement: str, to: str, reason: str, **more: Any) -> Any:
    said = {"to": to, "reason": reason, "text": "测试", **more}
    return service.post(said, role="compliance", path=f"{AGREEMENTS}/{agreement}/moves")


def letter(service: Service, body: Mapping[str, Any], **more: Any) -> Any:
    """A dunning letter on that account, as a rehearsal."""
    change = {"account.card_number": body["account"]["card_number"], **more}
    return told(service.post(changed(service.sample(), change), path=f"{LETTERS}?dry_run=true"))


def forbidding(said: Any) -> list[str]:
    return [one["rule"] for one in said["findings"]]


def test_an_agreement_is_issued_signed_by_all_performed_and_paid_to_the_last_cent(
    service: Service, tmp_path: Path
) -> None:
    body = asked(
        service,
        INSTALMENT,
        {**SECOND_SIGNER, "signers.1": {"party": "p2"}, "plan.count": 3, "hardship.affordable": "20000.00"},
    )
    made = issue(service, body, INSTALMENT)
    agreement = agreement_of(service, made["id"])
    names = [party["name"] for party in body["parties"]]
    assert agreement["state"] == "issued"
    assert letter(service, body)["verdict"] == "passes"

    content = signed(service, made, names, tmp_path)
    answer = bring(service, agreement["id"], content)
    assert answer.status_code == 200, answer.text
    assert told(answer)["state"] == "executed"
    assert told(answer)["limitation"]["ends_on"]
    kept = service.get(f"{AGREEMENTS}/{agreement['id']}/executed", role="compliance").data
    assert hashlib.sha256(kept).digest() == hashlib.sha256(content).digest()
    (tmp_path / "kept.pdf").write_bytes(kept)
    shown = subprocess.run(["pdfsig", str(tmp_path / "kept.pdf")], check=True, capture_output=True, text=True).stdout
    assert shown.count("Signature is Valid") == 3

    refused = letter(service, body)
    first = (service.today() + timedelta(days=30)).isoformat()
    assert (refused["verdict"], forbidding(refused)) == ("refused", ["R18"])
    year, month, day = (int(part) for part in first.split("-"))
    assert f"{year}年{month}月{day}日" in refused["findings"][0]["message"]

    assert moved(
        service, agreement["id"], "performing", "copy_delivered", copy_delivered_on=service.today().isoformat()
    )
    rows = told(service.get(f"{AGREEMENTS}/{agreement['id']}", role="compliance"))["terms"]["dues"]
    total = sum(Decimal(row["amount"]) for row in rows)
    today = service.today().isoformat()
    more = service.post(
        {"ref": "P-0", "paid_on": today, "amount": f"{total + Decimal('0.01')}"},
        path=f"{AGREEMENTS}/{agreement['id']}/payments",
    )
    assert more.status_code == 422, more.text
    for number, row in enumerate(rows, 1):
        paid = service.post(
            {"ref": f"P-{number}", "paid_on": today, "amount": row["amount"]},
            path=f"{AGREEMENTS}/{agreement['id']}/payments",
        )
        assert paid.status_code == 201, paid.text
    assert agreement_of(service, made["id"])["state"] == "completed"
    assert letter(service, body)["verdict"] == "passes"


def test_letters_are_possible_again_from_the_day_after_a_recorded_default(service: Service, tmp_path: Path) -> None:
    body = asked(service, INSTALMENT, LONG_AGO)
    made = issue(service, body, INSTALMENT)
    agreement = agreement_of(service, made["id"])
    late = bring(service, agreement["id"], signed(service, made, [body["parties"][0]["name"]], tmp_path))
    assert "首期还款日" in problem(late, 409, "agreement.illegal_move")["errors"][0]["message"]
    [file] = made["files"]
    received = (service.today() - timedelta(days=59)).isoformat()
    scan = {"sha256": "ef" * 32, "pages": file["pages"], "received_by": "E10086", "received_on": received}
    answer = service.post(
        {**scan, "confirmed": True}, role="compliance", path=f"{AGREEMENTS}/{agreement['id']}/executed"
    )
    assert answer.status_code == 200, answer.text
    day = service.today().isoformat()
    assert moved(service, agreement["id"], "performing", "copy_delivered", copy_delivered_on=day).status_code == 200
    assert forbidding(letter(service, body)) == ["R18"]

    assert moved(service, agreement["id"], "defaulted", "trigger_met").status_code == 200

    tomorrow = (service.today() + timedelta(days=1)).isoformat()
    assert forbidding(letter(service, body)) == ["R18"]
    assert letter(service, body, on=tomorrow)["verdict"] == "passes"


def test_a_default_before_the_agreed_trigger_is_met_is_no_default(service: Service, tmp_path: Path) -> None:
    body = asked(service, INSTALMENT)
    made = issue(service, body, INSTALMENT)
    agreement = agreement_of(service, made["id"])
    assert (
        bring(service, agreement["id"], signed(service, made, [body["parties"][0]["name"]], tmp_path)).status_code
        == 200
    )
    day = service.today().isoformat()
    assert moved(service, agreement["id"], "performing", "copy_delivered", copy_delivered_on=day).status_code == 200

    problem(moved(service, agreement["id"], "defaulted", "trigger_met"), 409, "agreement.illegal_move")

    assert agreement_of(service, made["id"])["state"] == "performing"


@pytest.mark.parametrize("wrong", ["another document", "a first byte that differs", "another name", "unsigned"])
def test_whatever_is_not_our_file_signed_by_its_signers_changes_nothing(
    service: Service, tmp_path: Path, wrong: str
) -> None:
    body = asked(service, PROMISE)
    made = issue(service, body, PROMISE)
    agreement = agreement_of(service, made["id"])
    name = body["parties"][0]["name"]
    content = signed(service, made, [name], tmp_path)
    if wrong == "another document":
        (tmp_path / "other").mkdir()
        content = signed(service, issue(service, asked(service, PROMISE), PROMISE), [name], tmp_path / "other")
    elif wrong == "a first byte that differs":
        content = content[:9] + bytes([content[9] ^ 1]) + content[10:]
    elif wrong == "another name":
        (tmp_path / "other").mkdir()
        content = signed(service, made, ["孙小寒"], tmp_path / "other")
    else:
        content = (tmp_path / "issued.pdf").read_bytes()

    found = problem(bring(service, agreement["id"], content), 422, "request.invalid")

    assert found["errors"]
    assert agreement_of(service, made["id"])["state"] == "issued"
    problem(service.get(f"{AGREEMENTS}/{agreement['id']}/executed", role="compliance"), 404, "not_found")


def test_a_scan_with_fewer_pages_is_refused_and_one_with_all_is_taken(service: Service) -> None:
    body = asked(service, PROMISE)
    made = issue(service, body, PROMISE)
    agreement = agreement_of(service, made["id"])
    scan = {"sha256": "cd" * 32, "received_by": "E10086", "received_on": service.today().isoformat(), "confirmed": True}
    scan["amount_disputed"] = False
    path = f"{AGREEMENTS}/{agreement['id']}/executed"

    fewer = problem(service.post({**scan, "pages": 1}, role="compliance", path=path), 422, "request.invalid")
    assert [one["path"] for one in fewer["errors"]] == ["pages"]
    assert service.post({**scan, "pages": 2}, role="compliance", path=path).status_code == 200
    assert agreement_of(service, made["id"])["state"] == "executed"
    assert letter(service, body)["verdict"] == "passes"  # a promise stops nothing


def test_a_promise_on_an_expired_debt_waits_for_a_human_and_the_reason_is_shown(service: Service) -> None:
    body = asked(service, PROMISE, {"limitation": {"starts_on": "2019-06-01"}})

    answer = service.post(body, path=f"/v1/documents/{PROMISE}")

    assert answer.status_code == 202, answer.text
    [finding] = told(answer)["findings"]
    assert finding["rule"] == "R34"
    assert "时效抗辩" in finding["message"]


@pytest.mark.parametrize("kind", [PROMISE, INSTALMENT])
def test_random_valid_cases_are_all_issued(service: Service, kind: str) -> None:
    random = seeded(20261128)
    makes = {PROMISE: random_promise, INSTALMENT: random_agreement}[kind]
    for _ in range(12):
        body = makes(random, service.today())
        [body["account"]["card_number"]] = accounts.known(service.house)
        issue(service, body, kind)
