"""What an outsider finds out about the files that were handed out: signature, disclosures, receipt, log."""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from app import pipeline, signing, wording
from app.artifacts import Approved, Converted, File, Part
from app.catalogue import PDF
from app.config import ROOT
from app.errors import DocumentError
from app.house import House
from app.store.models import DocumentRow
from app.wiring import filled_from, pictures
from audit import entry

BARE_PYTHON = "/usr/bin/python3"
OK = "ok"
EXECUTED = "executed.pdf"  # the copy that came back, beside the issued file


def checked(house: House, response: Mapping[str, Any], folder: Path, vkey: str) -> dict[str, Any]:
    """One row of the summary, about the files in `folder`."""
    kind = house.catalogue.types[response["type"]]
    files = {file["name"]: folder / file["name"] for file in response["files"]}
    pdfs = [path for path in files.values() if path.suffix == ".pdf"]
    today = wording.beijing_day(pipeline.utc_now())
    required = house.catalogue.packs[kind.jurisdiction].disclosures_for(kind.name, today)
    recorded, _ = house.entry(response["audit"]["seq"])
    return {
        "type": kind.name,
        "tier": recorded.get("tier", ""),
        "id": response["id"],
        "pdf": os.path.relpath(pdfs[0], ROOT),
        "sha256": File.at(pdfs[0]).sha256,
        "pages": sum(file["pages"] for file in response["files"]),
        "files": {os.path.relpath(path, ROOT): File.at(path).sha256 for path in files.values()},
        "disclosures_found": _found_again(house, response["id"], files, folder),
        "disclosures_required": len(required),
        "signature": next((said for said in map(_signature, pdfs) if said != OK), OK),
        **_executed(pdfs[0], folder / EXECUTED),
        "log": bare(folder / "receipt.json", *_presented(files.values()), "--key", vkey),
    }


def recorded_refusals(audit: Path) -> list[frozenset[str]]:
    """The rules of each refusal that the log's export tells of, in its order."""
    entries = [entry.parse(line).payload for line in (audit / "entries.jsonl").read_bytes().splitlines()]
    refused = [one for one in entries if one["action"] == "refused"]
    return [frozenset(finding["rule"] for finding in one["findings"]) for one in refused]


def bare(what: Path, *more: str) -> str:
    """audit/verify.py alone, in an empty folder, under the system's own Python: `ok`, or what it says."""
    with tempfile.TemporaryDirectory() as empty:
        verifier = shutil.copy(ROOT / "audit" / "verify.py", empty)
        command = [BARE_PYTHON, "-I", verifier, str(what), *more]
        done = subprocess.run(command, cwd=empty, capture_output=True, text=True, check=False)  # noqa: S603 -- our file
    return OK if done.returncode == 0 else (done.stdout + done.stderr).strip()


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
    shown = pictures(kind, house.catalogue.packs[kind.jurisdiction], issuer, row.on, printed["document"])
    return Approved(
        row.id, row.type, row.issuer, row.number, row.on, specimen, record["facts"], printed, tuple(entry["rules"]),
        pictures=shown,
    )  # fmt: skip


def _executed(issued: Path, returned: Path) -> dict[str, Any]:
    """What pdfsig and our own profile say of the copy that came back signed, if one did."""
    if not returned.exists():
        return {}
    said = subprocess.run(["pdfsig", str(returned)], capture_output=True, text=True, check=False).stdout  # noqa: S603, S607 -- as below
    found = signing.executed(issued, returned)
    valid = 1 + len(found.signatures)
    whole = said.count("Signature is Valid") == valid and not found.unsigned
    return {"executed": OK if whole else f"pdfsig: {said.strip()}", "signed_by": valid}


def _signature(pdf: Path) -> str:
    """`ok`, or what pdfsig and our own strict profile have against it."""
    said = subprocess.run(["pdfsig", str(pdf)], capture_output=True, text=True, check=False).stdout  # noqa: S603, S607 -- poppler, on our file
    found = signing.verify(pdf)
    fields = 1 + found.further_fields  # those that are left for others stand there too
    if "Signature is Valid" not in said or "Total document signed" not in said or said.count("Signature #") != fields:
        return f"pdfsig: {said.strip()}"
    return OK if found.whole else str(found.problem)
