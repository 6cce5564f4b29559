"""From a statement to a proven letter and a short message, over HTTP and with real LibreOffice."""

import hashlib
import json
from pathlib import Path
from typing import Any

import pytest

from app.gate.cases import changed
from app.templates import read_sample
from tests.app.api.conftest import Service, problem, told
from tests.app.api.test_issue import verified

REMINDERS = "/v1/documents/payment_reminder"
pytestmark = pytest.mark.office


def sample(service: Service, **change: Any) -> Any:
    made = read_sample(service.house.catalogue.types["payment_reminder"], service.today())
    return changed(made, {path.replace("__", "."): value for path, value in change.items()})


@pytest.fixture(scope="module")
def reminder(service: Service) -> dict[str, Any]:
    answer = service.post(sample(service), path=REMINDERS, Idempotency_Key="the-reminder")
    assert answer.status_code == 201, answer.text
    shown: dict[str, Any] = told(answer)
    return shown


def entry(service: Service, document: dict[str, Any]) -> dict[str, Any]:
    page = told(service.get(f"/v1/audit/entries?start={document['audit']['seq']}&limit=1", role="compliance"))
    found: dict[str, Any] = json.loads(page["entries"][0]["entry"])
    return found


def test_the_answer_shows_pages_of_the_letter_and_messages_of_the_text(reminder: dict[str, Any]) -> None:
    assert [(file["name"], file["pages"], file.get("segments")) for file in reminder["files"]] == [
        ("letter.pdf", 1, None),
        ("sms.txt", 0, 3),
    ]
    hours = {"R16.sms.standard", "R16.sms.guideline"}
    asked = {"R01", "R03", "R03.sms", "R05.reminder", "R13", "R20.reminder", "R38", *hours}
    assert set(reminder["rules"]["passed"]) >= asked


def test_what_is_said_in_the_text_has_neither_page_nor_boxes(reminder: dict[str, Any]) -> None:
    texts = [proof for proof in reminder["disclosures"] if proof["id"].startswith("cn.reminder.S")]

    assert len(texts) == 5
    assert {(proof["page"], len(proof["boxes"])) for proof in texts} == {(0, 0)}


def test_the_text_is_handed_out_as_text_and_is_the_recorded_one(service: Service, reminder: dict[str, Any]) -> None:
    answer = service.get(reminder["files"][1]["url"])

    assert answer.content_type == "text/plain; charset=utf-8"
    assert answer.headers["Content-Disposition"] == f'attachment; filename="{reminder["id"]}-sms.txt"'
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert hashlib.sha256(answer.data).hexdigest() == reminder["files"][1]["sha256"]
    assert answer.data.decode("utf-8").startswith("【示范银行股份有限公司】（样本，")
    assert "13800000000" not in answer.text


def test_the_entry_binds_the_text_and_counts_its_messages(service: Service, reminder: dict[str, Any]) -> None:
    said = entry(service, reminder)

    assert [(file["name"], file["sha256"]) for file in said["files"]] == [
        (file["name"], file["sha256"]) for file in reminder["files"]
    ]
    assert said["files"][1] == {
        "name": "sms.txt", "sha256": reminder["files"][1]["sha256"], "size": reminder["files"][1]["size"],
        "pages": 0, "segments": 3,
    }  # fmt: skip
    assert "13800000000" not in json.dumps(said)


def test_the_receipt_verifies_with_both_files_and_refuses_another_text(
    service: Service, reminder: dict[str, Any], tmp_path: Path
) -> None:
    paths = []
    for name, url in [("receipt.json", reminder["receipt_url"])] + [(f["name"], f["url"]) for f in reminder["files"]]:
        paths.append(tmp_path / name)
        paths[-1].write_bytes(service.get(url).data)
    receipt, letter, sms = map(str, paths)

    both = verified(receipt, "--pdf", letter, "--pdf", sms, at=tmp_path / "both")
    assert both.returncode == 0, both.stdout
    assert "not presented" not in both.stdout

    paths[2].write_bytes(paths[2].read_bytes() + b"\n")
    other = verified(receipt, "--pdf", letter, "--pdf", sms, at=tmp_path / "other")
    assert other.returncode == 1
    assert "文件并非所记录的文件" in other.stdout


def test_card_and_account_of_the_same_number_are_one_account(service: Service, reminder: dict[str, Any]) -> None:
    body = service.sample()
    body["account"]["card_number"] = sample(service)["card"]["card_number"]
    service.post(body)  # whatever the gate says to it, it was written down that it was asked for

    newest = told(service.get("/v1/documents?limit=1"))["documents"][0]
    entries = told(service.get("/v1/audit/entries?limit=1000", role="compliance"))["entries"]
    intents = [said for line in entries if (said := json.loads(line["entry"]))["action"] == "intended"]
    accounts = {said["document"]: said["for_account"] for said in intents}
    assert newest["type"] == "dunning_letter"
    assert accounts[newest["id"]] == accounts[reminder["id"]] == entry(service, reminder)["for_account"]


@pytest.mark.parametrize(
    ("path", "value", "rule"),
    [
        ("sms.reserved", False, "R03.sms"),
        ("delivery.reserved", False, "R03"),
        ("addressee", "p2", "R01"),
    ],
)
def test_what_the_law_does_not_allow_is_refused(service: Service, path: str, value: Any, rule: str) -> None:
    body = sample(service, parties__1={"id": "p2", "kind": "natural_person", "name": "孙小寒"})

    refusal = problem(service.post(changed(body, {path: value}), path=REMINDERS), 422, "refused")

    assert rule in {finding["rule"] for finding in refusal["findings"]}


def test_the_description_says_that_a_file_may_be_text(service: Service) -> None:
    described = told(service.get("/openapi.json"))["paths"]["/v1/documents/{document_id}/files/{name}"]["get"]

    assert described["responses"]["200"]["content"].keys() == {"application/pdf", "text/plain"}
