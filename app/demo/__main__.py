"""`make demo`: the whole service once, over HTTP, with everything it hands out checked from outside.

Starts the service on loopback with fresh keys and a log of its own, issues every document type from its sample and a
letter of each stage, signs promises and agreements as the cardholder and returns them, asks for four letters that must
be refused, downloads the results, verifies signatures (poppler's pdfsig and our own strict profile), disclosures (read
anew from the downloaded pages), receipts and log (audit/verify.py alone, under the system's Python, in an empty
folder), prints a table and stops. Exit code 0 only if all held.
"""

import io
import json
import os
import shutil
import sys
import tempfile
import zipfile
from collections.abc import Iterable, Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

from app import pipeline, wording
from app.config import Settings
from app.demo import agreed, asked
from app.demo.asked import Asked, Refusal
from app.demo.checking import OK, bare, checked, recorded_refusals
from app.demo.client import Client, free_port, service
from app.first_start import initialise
from app.house import House, open_house
from app.serve import first_keys

Row = dict[str, Any]


def main(target: Path) -> int:
    shutil.rmtree(target, ignore_errors=True)
    target.mkdir(parents=True)
    audit = target / "audit"
    port = free_port()
    with tempfile.TemporaryDirectory(prefix="duly-demo-") as home:
        settings = Settings.read({"DULY_HOME": home, "DULY_PUBLIC_URL": f"http://127.0.0.1:{port}"})
        _say("making keys, database and log")
        initialise(settings)
        keys = first_keys(settings)
        _say(f"starting the service on http://127.0.0.1:{port}")
        with service(home, port) as address:
            upstream, officer = Client(address, keys["upstream"]), Client(address, keys["compliance"])
            issued, refused = _ask(upstream, officer, target)
            vkey = _fetch_log(Client(address, keys["admin"]), audit)
        house = open_house(settings)
        try:
            rows = [_checked(house, response, target / folder, vkey) for folder, response in issued.items()]
        finally:
            house.close()
    log_holds = bare(audit, "--key", vkey)
    for row in rows:
        row["log"] = row["log"] if log_holds == OK else log_holds
    _keep(target / "summary.json", rows)
    _keep(target / "refusals.json", refused)
    _table(rows, log_holds)
    _table_of_refusals(refused)
    print(f"\nlog: {log_holds}    all files: {os.path.relpath(target)}")
    held = log_holds == OK and all(_holds(row) for row in rows)
    told = sorted(map(sorted, recorded_refusals(audit))) == sorted(row["rules"] for row in refused)
    if not told:
        print("the log does not tell of the refusals as they were answered")
    return 0 if rows and held and told and all(row["as_expected"] for row in refused) else 1


def _ask(upstream: Client, officer: Client, target: Path) -> tuple[dict[str, Any], list[Row]]:
    """Ask for everything, and keep what the service hands out: answers by folder, and one row for each refusal."""
    at = pipeline.utc_now()
    on = wording.beijing_day(at)
    samples = _samples(upstream)
    issued: dict[str, Any] = {}
    for one in asked.documents(samples, upstream, officer, on, at):
        _say(f"issuing {one.folder}")
        issued[one.folder] = _issue(upstream, one, target / one.folder)
    refused = []
    for refusal, one in asked.refusals(samples[asked.LETTER], upstream, on, at):
        _say(f"asking for what must be refused: {refusal.folder}")
        refused.append(_refuse(upstream, refusal, one, target / one.folder))
    for kind in (agreed.PROMISE, agreed.AGREEMENT):
        _say(f"signing {kind} as the cardholder, and returning it")
        agreed.executed(upstream, officer, samples[kind], issued[kind], target / kind, at)
    refused.append(_not_kept(upstream, officer, samples, issued, target))
    return issued, refused


def _not_kept(upstream: Client, officer: Client, samples: dict[str, Any], issued: dict[str, Any], target: Path) -> Row:
    """An agreement is performed, and no letter goes out; it was not kept, that is recorded, and one does."""
    at = pipeline.utc_now()
    on = wording.beijing_day(at)
    agreement = agreed.not_kept(samples, upstream, on, at)
    _say(f"issuing {agreement.folder}")
    issued[agreement.folder] = _issue(upstream, agreement, target / agreement.folder)
    signed_on = on - timedelta(days=agreed.MADE - 1)
    found = agreed.executed_on_paper(officer, issued[agreement.folder], signed_on)
    agreed.delivered(officer, found, signed_on)
    refusal = agreed.WHILE_PERFORMING
    _say(f"asking for what must be refused: {refusal.folder}")
    letter = agreed.letter(samples, agreement, f"refused/{refusal.folder}", on)
    refused = _refuse(upstream, refusal, letter, target / letter.folder)
    agreed.defaulted(officer, found, on - timedelta(days=agreed.DEFAULTED))
    after = agreed.letter(samples, agreement, f"{asked.LETTER}/after_default", on)
    _say(f"issuing {after.folder}")
    issued[after.folder] = _issue(upstream, after, target / after.folder)
    return refused


def _samples(client: Client) -> dict[str, Any]:
    """Each type's sample, as the service's own description gives it."""
    paths = json.loads(client.get("/openapi.json"))["paths"]
    posts = {path.rpartition("/")[2]: operations.get("post", {}) for path, operations in sorted(paths.items())}
    return {
        kind: post["requestBody"]["content"]["application/json"]["example"]
        for kind, post in posts.items()
        if post.get("operationId", "").startswith("issue_")
    }


def _issue(client: Client, one: Asked, folder: Path) -> Any:
    response = client.post(f"/v1/documents/{one.type}", one.body, f"demo-{one.folder}")
    folder.mkdir()
    _keep(folder / "request.json", one.body)
    _keep(folder / "response.json", response)
    (folder / "receipt.json").write_bytes(client.get(response["receipt_url"]))
    for file in response["files"]:
        (folder / file["name"]).write_bytes(client.get(file["url"]))
    return response


def _refuse(client: Client, refusal: Refusal, one: Asked, folder: Path) -> Row:
    problem = client.refused(f"/v1/documents/{one.type}", one.body, f"demo-{one.folder}")
    folder.mkdir(parents=True)
    _keep(folder / "request.json", one.body)
    _keep(folder / "response.json", problem)
    rules = sorted({finding["rule"] for finding in problem["findings"]})
    return {
        "type": one.type,
        "case": refusal.title,
        "rules": rules,
        "as_expected": set(rules) == refusal.rules,
        "findings": problem["findings"],
    }


def _fetch_log(client: Client, folder: Path) -> str:
    """The log's export, unpacked; returns the key that verifies it."""
    _say("fetching the log")
    vkey: str = json.loads(client.get("/v1/audit/checkpoint"))["vkey"]
    with zipfile.ZipFile(io.BytesIO(client.get("/v1/audit/export"))) as archive:
        archive.extractall(folder)
    return vkey


def _checked(house: House, response: Mapping[str, Any], folder: Path, vkey: str) -> Row:
    _say(f"checking {response['type']} {response['number']}")
    return checked(house, response, folder, vkey)


def _holds(row: Row) -> bool:
    signed = row["signature"] == row["log"] == row.get("executed", OK) == OK
    return bool(signed and row["disclosures_found"] == row["disclosures_required"] > 0)


def _table(rows: Iterable[Row], log_holds: str) -> None:
    print(f"\n{'type':20} {'tier':4} {'pages':>5} {'disclosures':>12} {'signature':>10} {'receipt':>8}  files")
    for row in rows:
        found = f"{row['disclosures_found']}/{row['disclosures_required']}"
        signature, receipt = (row[name] if row[name] == OK else "BROKEN" for name in ("signature", "log"))
        line = f"{row['type']:20} {row['tier']:4} {row['pages']:>5} {found:>12} {signature:>10} {receipt:>8}"
        executed = f"  + executed, {row['signed_by']} signatures" if row.get("executed") == OK else ""
        print(f"{line}  {'  '.join(row['files'])}{executed}")
        for name in ("signature", "log", "executed"):
            if row.get(name, OK) not in {OK, log_holds}:
                print(f"  {name}: {row[name]}")


def _table_of_refusals(rows: Iterable[Row]) -> None:
    print("\nrefused, as they had to be:")
    for row in rows:
        mark = "" if row["as_expected"] else "   NOT AS EXPECTED"
        print(f"{row['type']:18} {', '.join(row['rules']):9} {row['case']}{mark}")
        for source, message in dict.fromkeys((one["source"], one["message"]) for one in row["findings"]):
            print(f"{'':18} {message}\n{'':18}   {source}")


def _keep(path: Path, said: Any) -> None:
    path.write_text(json.dumps(said, ensure_ascii=False, indent=2) + "\n", "utf-8")


def _say(what: str) -> None:
    print(f"· {what}", flush=True)


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]).resolve()))
