"""Is what came back the document that was issued, signed by everybody whom it names (签署核验)?

A file is compared with the issued one by the signing room, in this process's own work room, and both are removed again.
Who signed is compared with the names in the document's own record. A scan nobody here can look into: that somebody has,
and when, is what is taken down. Nothing is changed here.
"""

import hashlib
import tempfile
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from app import signing
from app.agreeing import signers_of
from app.agreement import DIGITAL, EXECUTED, PROMISE, SCAN, SIGNED_BY, Move, fault
from app.errors import IllegalAgreement, InvalidRequest, StepFailed
from app.house import House
from app.registry import Returned, Signature
from app.signing import answers
from app.store.models import AgreementRow, DocumentRow
from app.text import fold
from app.wording import beijing_day

LIMIT = 20 << 20  # bytes of a signed file
ANNEXES = 2  # pages that a scan may have beyond the issued document: a copy of an identity card, say

SAID = {
    answers.UNREADABLE: "文件无法读取",
    answers.TOO_LARGE: "文件过大",
    answers.ANOTHER: "不是所出具的文件",
    answers.UNSIGNED: "文件上没有新的签名",
    answers.CHANGED: "除签名外，文件还有其他改动",
    answers.UNCOVERED: "有签名没有覆盖整份文件",
    answers.BROKEN: "有签名与文件或者证书不符",
    answers.UNDATED: "有签名没有载明时间",
    answers.BEFORE_OURS: "有签名载明的时间早于文书的出具时间",
    answers.TO_COME: "有签名载明的时间尚未到来",
    answers.OUT_OF_TIME: "有证书在签名时不在有效期内",
    answers.OF_ANOTHER_USE: "有证书不是用于签署文件的",
    answers.ONE_KEY: "有两个签名出自同一证书或者密钥",
}


def examined(service: House, row: AgreementRow, content: bytes, at: datetime) -> Returned:
    """The signed file; `InvalidRequest` names why it is not the issued one, signed by all."""
    document = _document(service, row, DIGITAL)
    name, pages = _issued(document)
    found = _executed(service, service.documents.read_file(document, name), content)
    if any(one.signed_at > at + answers.CLOCKS for one in found.signatures):
        raise InvalidRequest({"file": [SAID[answers.TO_COME]]})
    if wrong := _unlike(service, row, document, found):
        raise InvalidRequest(wrong)
    signatures = [
        Signature(one.field, tuple(sorted(one.names)), one.certificate_sha256, one.signed_at.isoformat())
        for one in found.signatures
    ]
    sha256 = hashlib.sha256(content).hexdigest()
    return Returned(DIGITAL, beijing_day(at), sha256, pages, len(content), tuple(signatures))


def scanned(service: House, row: AgreementRow, told: Mapping[str, Any]) -> Returned:
    """The scan, as somebody confirmed it; it has no fewer pages than the issued document, and few more."""
    _, pages = _issued(_document(service, row, SCAN))
    if told["pages"] < pages:
        raise InvalidRequest({"pages": ["少于所出具的文书的页数"]})
    if told["pages"] > pages + ANNEXES:
        raise InvalidRequest({"pages": [f"比所出具的文书多出{ANNEXES}页以上"]})
    if wrong := _misticked(row.type, told["amount_disputed"], told["objection"]):
        raise InvalidRequest(wrong)
    return Returned(
        SCAN,
        told["received_on"],
        told["sha256"],
        told["pages"],
        received_by=told["received_by"],
        amount_disputed=told["amount_disputed"],
        objection=told["objection"],
    )


def _misticked(kind: str, disputed: bool | None, objection: str | None) -> dict[str, list[str]]:
    """A promise has a box for whoever disputes the amount: ticked, it is an objection, and is told as one first."""
    if kind == PROMISE and disputed is None:
        return {"amount_disputed": ["还款承诺书须填写是否勾选“有异议”"]}
    if kind != PROMISE and disputed is not None:
        return {"amount_disputed": ["只有还款承诺书有此项"]}
    if disputed and objection is None:
        return {"objection": ["勾选“有异议”的，须先登记异议，再填写其 id"]}
    if not disputed and objection is not None:
        return {"objection": ["没有勾选“有异议”的不填此项"]}
    return {}


def _document(service: House, row: AgreementRow, means: str) -> DocumentRow:
    """The issued document, whose entry a durable checkpoint covers, and names the very file that is compared."""
    if row.document_id is None:  # made by word of mouth: there is nothing to sign
        _, why = fault(row.type, row.state, Move(EXECUTED, means, "")) or ("", "")
        raise IllegalAgreement({"_schema": [why]})
    document = service.documents.find(row.document_id, None)
    service.cover(document.outcome_seq or 0)
    leaf, _ = service.entry(document.outcome_seq or 0)
    recorded = {file["sha256"] for file in leaf.get("files", ())}
    if leaf.get("document") != document.id or not {file.sha256 for file in document.files} <= recorded:
        raise StepFailed("countersign", "the document's row and its entry disagree", status=500)
    return document


def _issued(document: DocumentRow) -> tuple[str, int]:
    """Name and pages of the one file that is signed."""
    [file] = [file for file in document.files if file.pages]
    return file.name, file.pages


def _executed(service: House, issued: bytes, returned: bytes) -> signing.Executed:
    with tempfile.TemporaryDirectory(dir=service.room.folder) as folder:
        paths = Path(folder, "issued.pdf"), Path(folder, "returned.pdf")
        try:
            for path, content in zip(paths, (issued, returned), strict=True):
                path.write_bytes(content)
        except OSError as error:
            raise StepFailed("countersign", f"work room: {type(error).__name__} {error.errno}") from error
        try:
            return signing.executed(*paths)
        except signing.NotExecuted as no:
            reason = no.reason
    raise InvalidRequest({"file": [SAID[reason]]})  # outside the handler: what it came from quotes the file


def _unlike(service: House, row: AgreementRow, document: DocumentRow, found: signing.Executed) -> dict[str, Any]:
    """Where the signatures are not those of the people whom the document names, in their order."""
    field = SIGNED_BY[row.type]
    said = service.documents.read_record(document)["facts"]
    if found.unsigned:
        return {field: [f"尚有{len(found.unsigned)}方没有签署"]}
    if service.settings.signing != "specimen" and any(one.specimen for one in found.signatures):
        return {field: ["有样本证书的签名"]}
    people = {party["id"]: party for party in said["parties"]}
    signers = [people[one] for one in signers_of(row.type, said)]
    signed = {one.field: one for one in found.signatures}
    faults = {
        index: unlike
        for index, (place, person) in enumerate(zip(signing.signature_fields(len(signers)), signers, strict=True))
        if (unlike := _not_by(person, signed[place]))
    }
    if not faults:
        return {}
    if isinstance(said[field], str):
        return {field: [faults[0]]}
    return {field: {index: {"party": [unlike]} for index, unlike in faults.items()}}


def _not_by(person: Mapping[str, Any], signature: signing.FurtherSignature) -> str | None:
    """Why the certificate is not this person's, as far as it says whose it is."""
    if fold(person["name"]).text not in {fold(name).text for name in signature.names}:
        return "签名证书上不是此人的姓名"
    number = (person.get("identity") or {}).get("number") or person.get("uscc") or ""
    if signature.number and signature.number.upper() != number.upper():
        return "签名证书上的证件号码不是登记的此人的号码"
    return None
