"""From a case to a proven, signed, sealed letter, over HTTP and with real LibreOffice."""

import hashlib
import io
import json
import os
import shutil
import signal
import subprocess
import zipfile
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from werkzeug.test import TestResponse

from app import convert
from app.config import ROOT, cores
from app.gate.cases import changed
from app.store.models import DocumentRow
from tests import accounts
from tests.app.api.conftest import Service, opened, problem, told
from tests.samples import make

pytestmark = pytest.mark.office
BARE_PYTHON = "/usr/bin/python3"


@pytest.fixture(scope="module")
def request_of_the_letter(service: Service) -> Any:
    return service.fresh()


@pytest.fixture(scope="module")
def letter(service: Service, request_of_the_letter: Any) -> dict[str, Any]:
    answer = service.post(request_of_the_letter, Idempotency_Key="the-letter")
    assert answer.status_code == 201, answer.text
    shown: dict[str, Any] = told(answer)
    return shown


@pytest.fixture(scope="module")
def pdf(service: Service, letter: dict[str, Any], tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("letter") / "letter.pdf"
    path.write_bytes(service.get(letter["files"][0]["url"]).data)
    return path


def verified(*arguments: str, at: Path) -> "subprocess.CompletedProcess[str]":
    """audit/verify.py as a lone file in an empty folder under the system's Python."""
    at.mkdir()
    shutil.copy(ROOT / "audit" / "verify.py", at)
    command = [BARE_PYTHON, "-I", "verify.py", *arguments]
    return subprocess.run(command, cwd=at, capture_output=True, text=True, check=False)


def test_the_answer_says_what_was_made_under_which_rules_and_where_the_log_has_it(
    service: Service, letter: dict[str, Any]
) -> None:
    pack = service.house.catalogue.packs["cn"]

    assert letter["status"] == "issued"
    assert letter["type"] == "dunning_letter"
    assert [file["name"] for file in letter["files"]] == ["letter.pdf"]
    assert (letter["rules"]["version"], letter["rules"]["digest"]) == (pack.version, pack.digest)
    assert letter["rules"]["passed"] == [rule.id for rule in pack.rules_for("dunning_letter", service.today())]
    assert letter["audit"]["checkpoint"].startswith("duly.example/audit\n")


def test_every_disclosure_in_force_was_found_with_page_and_boxes(service: Service, letter: dict[str, Any]) -> None:
    lines = service.house.catalogue.packs["cn"].disclosures_for("dunning_letter", service.today())

    assert [proof["id"] for proof in letter["disclosures"]] == [line.id for line in lines]
    assert {line.item for line in lines} >= {f"D{number}" for number in range(1, 14)}
    assert all(proof["boxes"] and proof["page"] in {1, 2, 3} for proof in letter["disclosures"])


def test_the_downloaded_file_is_the_recorded_one_and_its_name_tells_nothing(
    service: Service, letter: dict[str, Any]
) -> None:
    answer = service.get(letter["files"][0]["url"])

    assert hashlib.sha256(answer.data).hexdigest() == letter["files"][0]["sha256"]
    assert answer.headers["Content-Disposition"] == f'attachment; filename="{letter["id"]}-letter.pdf"'
    assert answer.content_type == "application/pdf"


def test_poppler_says_the_signature_is_valid_and_covers_the_whole_file(pdf: Path) -> None:
    said = subprocess.run(["pdfsig", str(pdf)], capture_output=True, text=True, check=False).stdout

    assert "Signature is Valid" in said
    assert "Total document signed" in said


def test_the_receipt_verifies_alone_and_with_the_file(
    service: Service, letter: dict[str, Any], pdf: Path, tmp_path: Path
) -> None:
    receipt = tmp_path / "receipt.json"
    receipt.write_bytes(service.get(letter["receipt_url"]).data)

    alone = verified(str(receipt), "--pdf", str(pdf), at=tmp_path / "alone")
    keyed = verified(str(receipt), "--pdf", str(pdf), "--key", service.house.vkey, at=tmp_path / "keyed")

    assert alone.returncode == 0, alone.stdout
    assert "no outside reference" in alone.stdout
    assert keyed.returncode == 0, keyed.stdout
    assert "no outside reference" not in keyed.stdout


def test_the_receipt_refuses_another_file(service: Service, letter: dict[str, Any], pdf: Path, tmp_path: Path) -> None:
    receipt, other = tmp_path / "receipt.json", tmp_path / "other.pdf"
    receipt.write_bytes(service.get(letter["receipt_url"]).data)
    other.write_bytes(pdf.read_bytes() + b"\n")

    assert verified(str(receipt), "--pdf", str(other), at=tmp_path / "empty").returncode == 1


def test_the_export_of_the_log_verifies_alone(service: Service, letter: dict[str, Any], tmp_path: Path) -> None:
    answer = service.get("/v1/audit/export", role="admin")
    with zipfile.ZipFile(io.BytesIO(answer.data)) as archive:
        archive.extractall(tmp_path / "export")

    done = verified(str(tmp_path / "export"), "--key", service.house.vkey, at=tmp_path / "empty")

    assert done.returncode == 0, done.stdout
    assert {path.name for path in (tmp_path / "export").iterdir()} == {
        "entries.jsonl",
        "checkpoint",
        "keys.json",
        "manifest.json",
    }


def test_the_same_idempotency_key_gives_the_same_document_and_no_second_entry(
    service: Service, letter: dict[str, Any], request_of_the_letter: Any
) -> None:
    before = len(told(service.get("/v1/audit/entries?limit=1000", role="compliance"))["entries"])

    again = service.post(request_of_the_letter, Idempotency_Key="the-letter")

    after = len(told(service.get("/v1/audit/entries?limit=1000", role="compliance"))["entries"])
    assert again.status_code == 201
    assert (told(again)["id"], told(again)["files"]) == (letter["id"], letter["files"])
    assert before == after


def test_a_row_that_points_to_another_document_s_entry_releases_nothing(
    service: Service, letter: dict[str, Any]
) -> None:
    refused = service.post(changed(service.fresh(), {"delivery.reserved": False}))
    newest = told(service.get("/v1/documents?limit=1"))["documents"][0]
    assert (refused.status_code, newest["status"]) == (422, "refused")
    columns = ("outcome_seq", "case_id", "record_blob", "outcome")
    with service.house.database.write() as session:
        issued, other = (session.get_one(DocumentRow, key) for key in (letter["id"], newest["id"]))
        other.status = "issued"
        for column in columns:
            setattr(other, column, getattr(issued, column))

    for rest in ("", "/receipt", "/files/letter.pdf", "/disclosures"):
        problem(service.get(f"/v1/documents/{newest['id']}{rest}"), 500, "step.failed")


def test_another_organisation_does_not_even_learn_that_the_document_exists(
    service: Service, letter: dict[str, Any]
) -> None:
    for path in ("", "/receipt", "/disclosures", "/files/letter.pdf"):
        problem(service.get(f"/v1/documents/{letter['id']}{path}", role="stranger"), 404, "not_found")
    assert told(service.get("/v1/documents", role="stranger"))["documents"] == []


def test_the_entry_binds_the_file_the_disclosures_and_the_sources(service: Service, letter: dict[str, Any]) -> None:
    page = told(service.get(f"/v1/audit/entries?start={letter['audit']['seq']}&limit=1", role="compliance"))
    entry = json.loads(page["entries"][0]["entry"])

    assert entry["action"] == "issued"
    assert entry["document"] == letter["id"]
    assert entry["stamp_use"]["use"] >= 1
    assert "R09.stamp" in entry["rules"]
    assert entry["files"][0]["sha256"] == letter["files"][0]["sha256"]
    assert entry["signature"]["specimen"] is True
    for digest in (entry["template_sha256"], entry["issuer_sha256"], entry["pack"]["sha256"]):
        kept = (service.house.settings.library / digest).read_bytes()
        assert hashlib.sha256(kept).hexdigest() == digest
    assert [line["id"] for line in entry["disclosures"]] == [proof["id"] for proof in letter["disclosures"]]


def test_nothing_personal_stands_in_the_log_the_answers_or_the_names_of_files(
    service: Service, letter: dict[str, Any], request_of_the_letter: Any
) -> None:
    sample = request_of_the_letter
    person, account = sample["parties"][0], sample["account"]
    personal = [
        person["name"],
        person["identity"]["number"],
        person["phone"],
        account["card_number"],
        account["debts"][0]["total"],
        sample["client_ref"],
        sample["requested_by"]["employee_no"],
        sample["delivery"]["recipient"]["line"],
    ]
    said = json.dumps(letter, ensure_ascii=False)
    said += service.get("/v1/audit/entries?limit=1000", role="compliance").text
    home = service.house.settings.home
    said += " ".join(str(path.relative_to(home)) for path in home.rglob("*"))

    assert [value for value in personal if value in said] == []


def test_nothing_personal_lies_on_disk_in_the_clear(
    service: Service, letter: dict[str, Any], request_of_the_letter: Any
) -> None:
    sample = request_of_the_letter
    personal = [
        sample["parties"][0]["name"].encode(),
        sample["account"]["card_number"].encode(),
        sample["client_ref"].encode(),
    ]
    for path in service.house.settings.home.rglob("*"):
        if path.is_file() and "office" not in path.parts:
            content = path.read_bytes()
            assert [value for value in personal if value in content] == [], path.name


def test_the_letter_shows_neither_identity_number_nor_phone_and_four_digits_of_the_card(
    service: Service, pdf: Path, request_of_the_letter: Any
) -> None:
    said = subprocess.run(["pdftotext", str(pdf), "-"], capture_output=True, text=True, check=True).stdout
    text, sample = "".join(said.split()), request_of_the_letter

    assert sample["parties"][0]["identity"]["number"] not in text
    assert sample["parties"][0]["phone"] not in text
    assert sample["account"]["card_number"] not in text
    assert f"尾号{sample['account']['card_number'][-4:]}" in text


@pytest.mark.parametrize("name", ["A&B <有限公司>", "𠮷田", "欧阳·买买提", "O'Neill & Söhne, Ltd."])
def test_an_awkward_name_comes_out_whole(service: Service, name: str) -> None:
    request = changed(service.fresh(), {"parties.0.name": name, "delivery.recipient.name": name})

    answer = service.post(request)

    assert answer.status_code == 201, answer.text
    [proof] = [proof for proof in told(answer)["disclosures"] if proof["id"] == "cn.letter.D01"]
    assert proof["boxes"]


def test_a_hundred_random_valid_cases_are_all_issued(service: Service) -> None:
    """A hundred on SQLite; PostgreSQL, to which every case is the same, sees some of them."""
    random = make.seeded(20261123)
    count = 100 if service.house.settings.database_url.startswith("sqlite") else 20
    requests = [make.random_request(random, service.today()) for _ in range(count)]
    registered(service, requests)

    answers = [service.post(request) for request in requests]

    assert [answer.text for answer in answers if answer.status_code != 201] == []
    assert len({told(answer)["number"] for answer in answers}) == count


@pytest.mark.slow
@pytest.mark.skipif("RANDOM_CASES" not in os.environ, reason="RANDOM_CASES=1000 takes some minutes, not run each time")
def test_many_random_valid_cases_are_all_issued_by_all_cores(tmp_path: Path) -> None:
    """As many as RANDOM_CASES says, through everything, with a LibreOffice and a caller for each core."""
    random, count = make.seeded(20261125), int(os.environ["RANDOM_CASES"])
    for service in opened(tmp_path / "many", slots=str(cores()), rate_documents="100000"):
        requests = [make.random_request(random, service.today()) for _ in range(count)]
        registered(service, requests)

        with ThreadPoolExecutor(cores()) as callers:
            answers = list(callers.map(posted, [service] * count, requests))

        assert [answer.text for answer in answers if answer.status_code != 201] == []
        assert len({told(answer)["number"] for answer in answers}) == count
        service.house.export(tmp_path / "export")
        assert verified(str(tmp_path / "export"), "--deep", at=tmp_path / "empty").returncode == 0


def registered(service: Service, requests: list[Any]) -> None:
    numbers = [request["account"]["card_number"] for request in requests]
    accounts.register(service.house.registry, service.house.documents.journal, numbers)


def posted(service: Service, request: Any) -> TestResponse:
    """Over a client that no other thread uses."""
    return replace(service, http=service.http.application.test_client()).post(request)


def stop_offices(pool: convert.Converter, by: signal.Signals) -> None:
    assert isinstance(pool, convert.Pool)
    for office in tuple(pool._offices):
        os.killpg(office.pid, by)


def test_a_hung_libreoffice_costs_one_request_and_the_next_one_succeeds(tmp_path: Path) -> None:
    for service in opened(tmp_path / "hung", deadline="8"):
        assert service.post(service.fresh()).status_code == 201
        stop_offices(service.house.pool, signal.SIGSTOP)

        sample = service.fresh()

        body = problem(service.post(sample, Idempotency_Key="retried"), 503, "step.failed")

        assert body["step"] == "convert"
        assert retried(service, "retried", sample).status_code == 201


def test_a_killed_libreoffice_is_replaced(service: Service, letter: dict[str, Any]) -> None:
    stop_offices(service.house.pool, signal.SIGKILL)

    assert retried(service, "killed", service.fresh()).status_code == 201


def test_a_letter_that_ends_libreoffice_is_refused_while_others_are_issued(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.convert.office.WORKER", ROOT / "tests" / "app" / "convert" / "poisoned_worker.py")
    for service in opened(tmp_path / "poisoned", slots="2"):
        name = "毒示范"
        poison = {"parties.0.name": name, "delivery.recipient.name": name}
        poisoned = [changed(service.fresh(), poison) for _ in range(3)]
        sound = [service.fresh() for _ in range(5)]

        with ThreadPoolExecutor(1) as callers:
            ending = [callers.submit(posted, service, one) for one in poisoned]
            others = [posted(service, one) for one in sound]

        assert [answer.status_code for answer in others] == [201] * 5
        for answer in ending:
            assert problem(answer.result(), 500, "step.failed")["step"] == "convert"
        assert name not in service.get("/v1/audit/entries?limit=1000", role="admin").text


def retried(service: Service, key: str, request: Any) -> TestResponse:
    """As a client is told to: a 503 is sent again, a few times."""
    for _ in range(4):
        answer = service.post(request, Idempotency_Key=key)
        if answer.status_code != 503:
            break
    return answer


def test_a_document_is_not_handed_out_while_no_checkpoint_covers_it(tmp_path: Path) -> None:
    """The folder of checkpoints is gone: the letter is sealed, but nothing is released until it is back."""
    for service in opened(tmp_path / "uncovered"):
        sample = service.fresh()
        folder = service.house.settings.checkpoints
        folder.rename(folder.with_name("elsewhere"))

        answer = service.post(sample, Idempotency_Key="uncovered")
        problem(answer, 503, "step.failed")
        newest = told(service.get("/v1/documents?limit=1"))["documents"][0]
        problem(service.get(f"/v1/documents/{newest['id']}/files/letter.pdf"), 503, "step.failed")

        folder.with_name("elsewhere").rename(folder)
        released = service.post(sample, Idempotency_Key="uncovered")
        assert released.status_code == 201
        assert told(released)["id"] == newest["id"]
