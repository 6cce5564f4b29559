"""A client that openapi-python-client makes from our description alone issues, reads, downloads, pages, is told why.

It is made without a warning, into a folder of its own, and talks to the application in this process: no network.
"""

import hashlib
import importlib
import json
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from app.config import ROOT
from app.gate.cases import changed
from tests.app.api.conftest import Service

PACKAGE = "duly_client_of_the_test"
# The generator knows bytes under one name only, and formats what it made with a program that the tests need not have.
SETTINGS = {
    "package_name_override": PACKAGE,
    "content_type_overrides": {
        "application/pdf": "application/octet-stream",
        "application/zip": "application/octet-stream",
        "text/csv": "application/octet-stream",
    },
    "post_hooks": [],
}


def generate(spec: dict[str, Any], folder: Path) -> "subprocess.CompletedProcess[str]":
    """Make the client; a warning, such as an answer that was left out, is an error."""
    (folder / "openapi.json").write_text(json.dumps(spec), "utf-8")
    (folder / "settings.json").write_text(json.dumps(SETTINGS), "utf-8")
    generator = Path(sys.executable).with_name("openapi-python-client")
    options = ["--path", "openapi.json", "--config", "settings.json", "--meta", "none", "--fail-on-warning"]
    command = [str(generator), "generate", *options, "--output-path", PACKAGE]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)


def connected(service: Service, key: str) -> Any:
    """The generated client on top of the application itself."""
    client = importlib.import_module(f"{PACKAGE}.client").AuthenticatedClient("http://duly.example", key)
    transport = httpx.WSGITransport(service.http.application)
    headers = {"Authorization": f"Bearer {key}"}
    return client.set_httpx_client(httpx.Client(base_url="http://duly.example", transport=transport, headers=headers))


@pytest.fixture(scope="module")
def generated(deaf: Service, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    folder = tmp_path_factory.mktemp("client")
    done = generate(deaf.description.spec, folder)
    assert done.returncode == 0, done.stdout + done.stderr
    for path in (folder / PACKAGE / "api").rglob("*.py"):  # an import is forgotten where there are two kinds of body
        path.write_text(path.read_text("utf-8").replace("import Response, UNSET\n", "import Response, UNSET, Unset\n"))
    sys.path.insert(0, str(folder))
    yield folder
    sys.path.remove(str(folder))
    for name in [name for name in sys.modules if name.split(".")[0] == PACKAGE]:
        del sys.modules[name]


def operation(tag: str, name: str) -> Any:
    return importlib.import_module(f"{PACKAGE}.api.{tag}.{name}")


def model(name: str) -> Any:
    return getattr(importlib.import_module(f"{PACKAGE}.models"), name)


def asked(body: Any) -> Any:
    return model("DunningLetterRequest").from_dict(body)


def test_a_description_that_leaves_something_out_makes_no_client(deaf: Service, tmp_path: Path) -> None:
    spec = json.loads(json.dumps(deaf.description.spec))
    content = spec["paths"]["/v1/documents"]["get"]["responses"]["200"]["content"]
    content["application/vnd.unheard-of"] = content.pop("application/json")

    assert generate(spec, tmp_path).returncode != 0


def test_every_operation_has_a_function_and_no_answer_of_it_is_untyped(deaf: Service, generated: Path) -> None:
    operations = [said for item in deaf.description.spec["paths"].values() for said in item.values()]

    for said in operations:
        made = operation(said["tags"][0], said["operationId"])
        source = Path(made.__file__).read_text("utf-8")
        assert [status for status in said["responses"] if f"response.status_code == {status}" not in source] == []
        assert "cast(Any, None)" not in source


@pytest.mark.office
def test_it_issues_a_letter_reads_it_and_downloads_file_and_receipt(
    service: Service, generated: Path, tmp_path: Path
) -> None:
    client = connected(service, service.keys["upstream"])

    issued = operation("documents", "issue_dunning_letter").sync(
        client=client, body=asked(service.fresh()), idempotency_key="generated-client"
    )
    read = operation("documents", "read_document").sync(issued.id, client=client)
    file = operation("documents", "download_file").sync(issued.id, issued.files[0].name, client=client)
    receipt = operation("documents", "read_receipt").sync_detailed(issued.id, client=client)
    disclosures = operation("documents", "read_disclosures").sync(issued.id, client=client)

    assert isinstance(issued, model("Document"))
    assert (read.id, read.status, read.files) == (issued.id, "issued", issued.files)
    assert disclosures.disclosures == issued.disclosures
    (tmp_path / "letter.pdf").write_bytes(file.payload.read())
    (tmp_path / "receipt.json").write_bytes(receipt.content)
    assert hashlib.sha256((tmp_path / "letter.pdf").read_bytes()).hexdigest() == issued.files[0].sha256
    assert receipt.parsed.seq == issued.audit.seq
    shutil.copy(ROOT / "audit" / "verify.py", tmp_path)
    verifying = [sys.executable, "-I", "verify.py", "receipt.json", "--pdf", "letter.pdf"]
    assert subprocess.run(verifying, cwd=tmp_path, capture_output=True, check=False).returncode == 0


def test_it_pages_through_the_documents_until_there_is_no_next(deaf: Service, generated: Path) -> None:
    client = connected(deaf, deaf.keys["upstream"])
    for _ in range(3):
        deaf.post(deaf.sample())
    list_documents = operation("documents", "list_documents")
    whole = list_documents.sync(client=client, limit=200)

    seen: list[Any] = []
    before: dict[str, Any] = {}
    while True:
        page = list_documents.sync(client=client, limit=2, **before)
        seen += page.documents
        if page.next_ is None:
            break
        before = {"before": page.next_}

    assert len(seen) >= 3
    assert seen == whole.documents


@pytest.mark.parametrize(
    ("changes", "role", "problem", "status"),
    [
        ({"account.debts.0.total": "1.00"}, "upstream", "RequestInvalidProblem", 422),
        ({"delivery.reserved": False}, "upstream", "RefusedProblem", 422),
        ({}, "counsel", "ForbiddenProblem", 403),
        ({}, "upstream", "StepFailedProblem", 503),
    ],
)
def test_an_error_is_a_problem_of_its_own_type(
    deaf: Service, generated: Path, changes: dict[str, Any], role: str, problem: str, status: int
) -> None:
    client = connected(deaf, deaf.keys[role])

    answer = operation("documents", "issue_dunning_letter").sync_detailed(
        client=client, body=asked(changed(deaf.sample(), changes))
    )

    assert (type(answer.parsed), answer.status_code) == (model(problem), status)
    assert answer.parsed.request_id == answer.headers["X-Request-Id"]


def test_an_invalid_field_and_a_finding_can_be_read_as_what_they_are(deaf: Service, generated: Path) -> None:
    client, issue = connected(deaf, deaf.keys["upstream"]), operation("documents", "issue_dunning_letter")

    invalid = issue.sync(client=client, body=asked(changed(deaf.sample(), {"account.debts.0.total": "1.00"})))
    refused = issue.sync(client=client, body=asked(changed(deaf.sample(), {"delivery.reserved": False})))

    assert "account.debts.0.total" in {error.path for error in invalid.errors}
    assert [finding.rule for finding in refused.findings] == ["R03"]


def test_a_key_that_is_unknown_is_told_so(deaf: Service, generated: Path) -> None:
    answer = operation("documents", "list_documents").sync(client=connected(deaf, "duly_wrong"))

    assert isinstance(answer, model("UnauthenticatedProblem"))
    assert answer.code == "unauthenticated"
