"""`make demo`: the whole service once, over HTTP, with everything it hands out checked from outside.

Starts the service on loopback with fresh keys and a log of its own, issues every document type from its sample,
downloads the results, verifies signatures (poppler's pdfsig and our own strict profile), disclosures (read anew from
the downloaded pages), receipts and log (audit/verify.py alone, under the system's Python, in an empty folder), prints
a table and stops. Exit code 0 only if all held.
"""

import io
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
import zipfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from app import pipeline, signing, wording
from app.artifacts import Approved, Converted, File, Part
from app.catalogue import PDF
from app.config import ROOT, Settings
from app.errors import DocumentError
from app.first_start import initialise
from app.house import House, open_house
from app.objection import REPLY
from app.serve import arguments, first_keys
from app.store.models import DocumentRow
from app.wiring import filled_from

BARE_PYTHON = "/usr/bin/python3"
START_TIMEOUT = 120  # seconds until the first LibreOffice stands


@dataclass(frozen=True)
class Client:
    """One caller of the running service."""

    address: str
    key: str

    def get(self, path: str) -> bytes:
        return self._send(urllib.request.Request(self.address + path))  # noqa: S310 -- our own loopback address

    def post(self, path: str, body: bytes, idempotency_key: str) -> bytes:
        headers = {"Content-Type": "application/json", "Idempotency-Key": idempotency_key}
        request = urllib.request.Request(self.address + path, body, headers, method="POST")  # noqa: S310 -- as above
        return self._send(request)

    def _send(self, request: urllib.request.Request) -> bytes:
        request.add_header("Authorization", f"Bearer {self.key}")
        try:
            with urllib.request.urlopen(request, timeout=120) as answer:  # noqa: S310 -- as above
                content: bytes = answer.read()
                return content
        except urllib.error.HTTPError as error:
            sys.exit(f"{request.get_method()} {request.full_url}: {error.code}\n{error.read().decode()}")


def main(target: Path) -> int:
    shutil.rmtree(target, ignore_errors=True)
    target.mkdir(parents=True)
    with tempfile.TemporaryDirectory(prefix="duly-demo-") as home, _port() as port:
        settings = Settings.read({"DULY_HOME": home, "DULY_PUBLIC_URL": f"http://127.0.0.1:{port}"})
        _say("making keys, database and log")
        initialise(settings)
        keys = first_keys(settings)
        with _service(home, port) as address:
            rows = _issue_all(Client(address, keys["upstream"]), Client(address, keys["compliance"]), target)
            vkey = _fetch_log(Client(address, keys["admin"]), target / "audit")
        house = open_house(settings)
        try:
            checked = [_checked(house, row, target, vkey) for row in rows]
        finally:
            house.close()
    log_holds = _bare(target / "audit", "--key", vkey)
    for row in checked:
        row["log"] = row["log"] if log_holds == "ok" else log_holds
    (target / "summary.json").write_text(json.dumps(checked, ensure_ascii=False, indent=2) + "\n", "utf-8")
    _table(checked, log_holds, target)
    held = all(row["signature"] == row["log"] == "ok" for row in checked) and log_holds == "ok"
    complete = all(row["disclosures_found"] == row["disclosures_required"] > 0 for row in checked)
    return 0 if checked and held and complete else 1


def _issue_all(client: Client, officer: Client, target: Path) -> list[dict[str, Any]]:
    """Issue each document type from its sample, and keep what the service hands out."""
    from_samples = []
    description = json.loads(client.get("/openapi.json"))
    for path, operations in sorted(description["paths"].items()):
        if not operations.get("post", {}).get("operationId", "").startswith("issue_"):
            continue
        kind = path.rpartition("/")[2]
        _say(f"issuing {kind}")
        folder = target / kind
        folder.mkdir()
        sample = operations["post"]["requestBody"]["content"]["application/json"]["example"]
        PREPARED.get(kind, _nothing)(client, officer, sample)
        body = json.dumps(sample, ensure_ascii=False, indent=2).encode()
        answer = client.post(path, body, f"demo-{kind}")
        response = json.loads(answer)
        (folder / "request.json").write_bytes(body + b"\n")
        (folder / "response.json").write_bytes(answer)
        (folder / "receipt.json").write_bytes(client.get(response["receipt_url"]))
        for file in response["files"]:
            (folder / file["name"]).write_bytes(client.get(file["url"]))
        from_samples.append(response)
    return from_samples


def _nothing(client: Client, officer: Client, sample: dict[str, Any]) -> None:
    """Most samples refer to nothing that must be there before."""


def _objection(client: Client, officer: Client, sample: dict[str, Any]) -> None:
    """What a reply answers: an objection is told, annotated and verified, and the sample is made to name it."""
    answer = sample["objection"]
    told = {
        "ref": "demo-objection",
        "issuer": sample["issuer"],
        "card_number": sample["card"]["card_number"],
        "channel": "phone",
        "grounds": ["already_paid", "rate_or_fee"],
        "statement": "十月的还款已经按期转出，账单仍计收利息，另外对年费有异议。",
        "received_at": f"{answer['received_on']}T10:00:00+08:00",
        "new_facts": True,
    }
    received = json.loads(client.post("/v1/objections", json.dumps(told).encode(), "demo-objection"))
    answer["id"] = received["id"]
    for to, reason in (("annotated", "account_annotated"), ("verifying", "records_requested")):
        move = {"to": to, "reason": reason, "text": "演示"}
        officer.post(f"/v1/objections/{received['id']}/moves", json.dumps(move).encode(), f"demo-{to}")


# By document type: what has to be there before its sample can be issued.
PREPARED: Mapping[str, Callable[[Client, Client, dict[str, Any]], None]] = {REPLY: _objection}


def _fetch_log(client: Client, folder: Path) -> str:
    """The log's export, unpacked; returns the key that verifies it."""
    _say("fetching the log")
    vkey: str = json.loads(client.get("/v1/audit/checkpoint"))["vkey"]
    with zipfile.ZipFile(io.BytesIO(client.get("/v1/audit/export"))) as archive:
        archive.extractall(folder)
    return vkey


def _checked(house: House, response: Mapping[str, Any], target: Path, vkey: str) -> dict[str, Any]:
    """One row of the summary: what outsiders find out about the downloaded files."""
    _say(f"checking {response['type']} {response['number']}")
    kind = house.catalogue.types[response["type"]]
    folder = target / kind.name
    files = {file["name"]: folder / file["name"] for file in response["files"]}
    pdfs = [path for path in files.values() if path.suffix == ".pdf"]
    today = wording.beijing_day(pipeline.utc_now())
    required = house.catalogue.packs[kind.jurisdiction].disclosures_for(kind.name, today)
    return {
        "type": kind.name,
        "id": response["id"],
        "pdf": os.path.relpath(pdfs[0], ROOT),
        "sha256": File.at(pdfs[0]).sha256,
        "pages": sum(file["pages"] for file in response["files"]),
        "files": {os.path.relpath(path, ROOT): File.at(path).sha256 for path in files.values()},
        "disclosures_found": _found_again(house, response["id"], files, folder),
        "disclosures_required": len(required),
        "signature": next((said for said in map(_signature, pdfs) if said != "ok"), "ok"),
        "log": _bare(folder / "receipt.json", *_presented(files.values()), "--key", vkey),
    }


def _presented(paths: Iterable[Path]) -> list[str]:
    return [argument for path in paths for argument in ("--pdf", str(path))]


def _found_again(house: House, document_id: str, files: Mapping[str, Path], folder: Path) -> int:
    """Fill the templates again from the record, keep them, and prove the disclosures anew on the downloaded files.

    A text is kept by its download alone: it is what was filled, to the byte.
    """
    row = house.documents.find(document_id, None)
    with tempfile.TemporaryDirectory() as scratch:
        rendered = house.steps.render(_approved(house, row), Path(scratch))
        for part in rendered.parts:
            if part.kind == PDF:
                shutil.copyfile(part.file.path, folder / part.file.path.name)
        parts = tuple(Part(part.name, File.at(files[part.released_as]), part.kind) for part in rendered.parts)
        converted = Converted(rendered, parts, "")
        try:
            return len(house.steps.verify(pipeline.letter_is_its_part(converted)).proofs)
        except DocumentError as error:
            print(f"  {error}")
            return 0


def _approved(house: House, row: DocumentRow) -> Approved:
    """What the document was filled from, out of its encrypted record and its entry."""
    record, (entry, _) = house.documents.read_record(row), house.entry(row.outcome_seq or 0)
    kind, issuer = house.catalogue.types[row.type], house.catalogue.issuers[row.issuer]
    specimen = entry["signature"]["specimen"]
    code = record["check_code"]
    tier = next((one for one in kind.tiers if one.id == entry.get("tier")), None)
    printed = filled_from(kind, tier, issuer, record["facts"], row.number, row.on, code, specimen=specimen)
    rules = tuple(entry["rules"])
    return Approved(row.id, row.type, row.issuer, row.number, row.on, specimen, record["facts"], printed, rules)


def _signature(pdf: Path) -> str:
    """`ok`, or what pdfsig and our own strict profile have against it."""
    said = subprocess.run(["pdfsig", str(pdf)], capture_output=True, text=True, check=False).stdout  # noqa: S603, S607 -- poppler, on our file
    if "Signature is Valid" not in said or "Total document signed" not in said or said.count("Signature #") != 1:
        return f"pdfsig: {said.strip()}"
    found = signing.verify(pdf)
    return "ok" if found.whole else str(found.problem)


def _bare(what: Path, *more: str) -> str:
    """audit/verify.py alone, in an empty folder, under the system's own Python."""
    with tempfile.TemporaryDirectory() as empty:
        verifier = shutil.copy(ROOT / "audit" / "verify.py", empty)
        command = [BARE_PYTHON, "-I", verifier, str(what), *more]
        done = subprocess.run(command, cwd=empty, capture_output=True, text=True, check=False)  # noqa: S603 -- our file
    return "ok" if done.returncode == 0 else (done.stdout + done.stderr).strip()


def _table(rows: list[dict[str, Any]], log_holds: str, target: Path) -> None:
    print(f"\n{'type':20} {'pages':>5} {'disclosures':>12} {'signature':>10} {'receipt':>8}  files")
    for row in rows:
        found = f"{row['disclosures_found']}/{row['disclosures_required']}"
        signature, receipt = (row[name] if row[name] == "ok" else "BROKEN" for name in ("signature", "log"))
        files = "  ".join(row["files"])
        print(f"{row['type']:20} {row['pages']:>5} {found:>12} {signature:>10} {receipt:>8}  {files}")
        for name in ("signature", "log"):
            if row[name] != "ok":
                print(f"  {name}: {row[name]}")
    print(f"\nlog: {log_holds}    all files: {os.path.relpath(target)}")


@contextmanager
def _port() -> Iterator[int]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    yield port


@contextmanager
def _service(home: str, port: int) -> Iterator[str]:
    """gunicorn as in use, with its own state; stopped with everything it started."""
    address = f"http://127.0.0.1:{port}"
    environment = {key: value for key, value in os.environ.items() if not key.startswith("DULY_")}
    environment |= {"DULY_HOME": home, "DULY_PUBLIC_URL": address}
    command = [sys.executable, *arguments(f"127.0.0.1:{port}")]
    process = subprocess.Popen(command, cwd=ROOT, env=environment, stderr=subprocess.DEVNULL)  # noqa: S603 -- ourselves
    try:
        _await_ready(address, process)
        yield address
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(timeout=30)


def _await_ready(address: str, process: "subprocess.Popen[bytes]") -> None:
    _say(f"starting the service on {address}")
    deadline = time.monotonic() + START_TIMEOUT
    while time.monotonic() < deadline:
        if process.poll() is not None:
            sys.exit("the service did not start; `make serve` shows why")
        try:
            with urllib.request.urlopen(f"{address}/readyz", timeout=5):  # noqa: S310 -- our own loopback address
                return
        except OSError:
            time.sleep(0.2)
    sys.exit("the service was not ready in time")


def _say(what: str) -> None:
    print(f"· {what}", flush=True)


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]).resolve()))
