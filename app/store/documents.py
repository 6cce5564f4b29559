"""The life of a document in the database, each step one transaction with its entry in the log.

    begin    -> `intended`: the document has an id, a number and a lease
    wait     -> `approval.asked`: a human has to decide; the document waits until then, or until the approval expires
    seal     -> `issued`: the bytes are durable, then row and entry together
    refuse   -> `refused`      fail -> `failed`      give up -> `aborted`

Exactly one outcome follows an intent: whoever comes second finds that the document no longer runs and is turned away.
A crash between begin and outcome leaves a running document whose lease ends; then it is given up, by the next request
with the same idempotency key or by the sweep, whichever comes first. So it is with one that waits for a decision when
its approval expires. What a decision leads to is in approvals.py.
"""

import base64
import hashlib
import hmac
import json
import secrets
import uuid
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from io import BytesIO
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.artifacts import Attempt, Awaiting, Earlier, Order, Proof, Sealed, Signed
from app.errors import Conflict, KeyReused, NotFound, Refused, StepFailed
from app.store import giving_up, journal
from app.store.blobs import Blobs
from app.store.case_keys import CaseKeys, commitment, seal_small
from app.store.database import Database
from app.store.journal import SYSTEM, Journal
from app.store.models import ApprovalRow, CaseRow, DocumentRow, FileRow, IdempotencyRow, NumberSequence
from audit import receipt

CODE_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"  # Crockford's base 32: no I, L, O, U to misread


LastLook = Callable[[Session], Mapping[str, Any]]


def nothing_more(_: Session) -> Mapping[str, Any]:
    """The last look of a store that stands alone."""
    return {}


@dataclass(frozen=True)
class Documents:
    """Documents and what is kept of them."""

    database: Database
    blobs: Blobs
    case_keys: CaseKeys
    journal: Journal
    fonts_sha256: str
    lease: timedelta  # how long an attempt may take before it may be given up

    def begin(self, order: Order, at: datetime) -> Attempt | Earlier:
        """Write the intent down, or point to the outcome that this idempotency key already has."""
        organisation = order.actor.organisation
        fingerprint = self.case_keys.token("body", organisation, order.type.name, order.body.decode("utf-8", "replace"))
        with self.database.write() as session:
            if order.idempotency_key is not None:
                earlier = self._earlier(session, order, fingerprint, at)
                if earlier is not None:
                    return earlier
            attempt = self._intend(session, order, at)
            if order.idempotency_key is not None:
                session.merge(
                    IdempotencyRow(
                        organisation_id=organisation,
                        key_sha256=_key_digest(order.idempotency_key),
                        fingerprint=fingerprint,
                        document_id=attempt.document_id,
                    )
                )
            return attempt

    def wait(self, attempt: Attempt, awaiting: Awaiting, at: datetime, expires: datetime) -> None:
        """A human has to decide. What was asked for is kept, encrypted, and pinned by its digests."""
        order, case_key = attempt.order, self.case_keys.open(attempt.case_id)
        pins = {
            "request_mac": commitment(case_key, canonical(order.plain)),
            "template_sha256": order.type.sha256,
            "pack": journal.pack_named(order.pack),
        }
        row = ApprovalRow(
            id=str(journal.uuid7(at)),
            document_id=attempt.document_id,
            organisation_id=order.actor.organisation,
            issuer=order.issuer.id,
            state="waiting",
            findings=[vars(finding) for finding in awaiting.findings],
            pins=pins,
            asked_by=order.actor.id,
            asked_at=at,
            expires_at=expires,
            seq=-1,
            sealed=seal_small(case_key, attempt.document_id, order.body),
        )
        with self._outcome(attempt, "awaiting_approval") as (session, document):
            document.lease_until = expires
            session.add(row)
            named = {"approval": row.id, "document": attempt.document_id, "case": attempt.case_id}
            findings = journal.entered(awaiting.findings)
            fields = named | pins | {"findings": findings, "expires": journal.instant(expires)}
            row.seq = self.journal.write(session, order.actor, at, "approval.asked", **fields).seq

    def seal(self, attempt: Attempt, signed: Signed, at: datetime, last_look: LastLook = nothing_more) -> Sealed:
        """存证: make the bytes durable, then record them. A crash in between leaves blobs that nothing refers to.

        `last_look` is asked inside the very transaction that records the document, so that nothing can come between:
        it raises `Refused`, or gives what else the entry says.
        """
        case_key = self.case_keys.open(attempt.case_id)
        disclosure_key = secrets.token_bytes(32)
        blobs = {part.released_as: self._keep_file(part.file.path, attempt.case_id, case_key) for part in signed.parts}
        record = _record(attempt, signed, disclosure_key)
        record_blob = self.blobs.put(BytesIO(record), attempt.case_id, case_key)
        fields = journal.issued(
            attempt,
            signed,
            facts_mac=commitment(case_key, canonical(attempt.order.plain)),
            check_sha256=check_digest(attempt.check_code),
            disclosures=_disclosed(signed, disclosure_key),
            fonts_sha256=self.fonts_sha256,
        )
        with self._outcome(attempt, "issued") as (session, row):
            fields |= last_look(session)
            row.record_blob = record_blob
            row.check_sha256 = check_digest(attempt.check_code)
            row.outcome = _public(signed)
            row.files = [_file_row(attempt.document_id, file, blobs) for file in fields["files"]]
            appended = self.journal.write(session, attempt.order.actor, at, "issued", **fields)
            row.outcome_seq = appended.seq
        return Sealed(signed, appended.seq, appended.entry_hash)

    def refuse(self, attempt: Attempt, refusal: Refused, at: datetime) -> None:
        """The gate said no: final, and the same idempotency key will say the same."""
        with self._outcome(attempt, "refused") as (session, row):
            row.outcome = {"findings": [vars(finding) for finding in refusal.findings]} | journal.granted(attempt)
            fields = journal.refused(attempt, refusal)
            row.outcome_seq = self.journal.write(session, attempt.order.actor, at, "refused", **fields).seq

    def fail(self, attempt: Attempt, failure: StepFailed, at: datetime) -> None:
        """A tool broke: the document will never be; its idempotency key is free again."""
        with self._outcome(attempt, "failed") as (session, row):
            row.outcome = {"step": failure.step, "code": failure.code}
            fields = journal.failed(attempt, failure)
            row.outcome_seq = self.journal.write(session, attempt.order.actor, at, "failed", **fields).seq

    def give_up(self, at: datetime, limit: int = 100) -> int:
        """Abort up to `limit` documents that outlived their lease or approval; how many.

        Harmless when several do it at once.
        """
        with self.database.write() as session:
            left = select(DocumentRow).where(DocumentRow.status.in_(giving_up.UNDER_WAY), DocumentRow.lease_until <= at)
            rows = list(session.scalars(left.order_by(DocumentRow.lease_until).limit(limit)))
            for row in rows:
                giving_up.give_up(session, self.journal, row, SYSTEM, at)
        return len(rows)

    def find(self, document_id: str, organisation: str | None) -> DocumentRow:
        """The document, or `NotFound`: also when it belongs to another organisation, so that ids cannot be probed."""
        with self.database.read() as session:
            row = session.get(DocumentRow, document_id)
        if row is None or organisation not in (None, row.organisation_id):
            raise NotFound("there is no such document")
        return row

    def approval_of(self, document_id: str) -> dict[str, Any]:
        """What a document waits for: the approval's id, its findings, and when it expires."""
        with self.database.read() as session:
            row = giving_up.waiting_for(session, document_id)
        return {"approval": row.id, "findings": row.findings, "expires_at": row.expires_at}

    def page(self, organisation: str | None, before: str | None, limit: int) -> list[DocumentRow]:
        """The newest first; `before` is the id of the last one seen (ids sort by time)."""
        query = select(DocumentRow).order_by(DocumentRow.id.desc()).limit(limit)
        if organisation is not None:
            query = query.where(DocumentRow.organisation_id == organisation)
        if before is not None:
            query = query.where(DocumentRow.id < before)
        with self.database.read() as session:
            return list(session.scalars(query))

    def read_file(self, row: DocumentRow, name: str) -> bytes:
        """A file's bytes, proven to be the recorded ones. The caller has made sure that the entry is covered."""
        file = next((file for file in row.files if file.name == name), None)
        if file is None:
            raise NotFound("the document has no such file")
        content = self.blobs.get(file.blob, row.case_id, self.case_keys.open(row.case_id))
        if hashlib.sha256(content).hexdigest() != file.sha256:
            raise StepFailed("release", "the stored file is not the recorded one", status=500)
        return content

    def read_record(self, row: DocumentRow) -> dict[str, Any]:
        """The encrypted record: facts, check code, disclosure key and proven wording. Personal data."""
        if row.record_blob is None:
            raise NotFound("the document has no record")
        content = self.blobs.get(row.record_blob, row.case_id, self.case_keys.open(row.case_id))
        record: dict[str, Any] = json.loads(content)
        return record

    def _earlier(self, session: Session, order: Order, fingerprint: str, at: datetime) -> Earlier | None:
        key = (order.actor.organisation, _key_digest(order.idempotency_key or ""))
        known = session.get(IdempotencyRow, key)
        if known is None:
            return None
        if not hmac.compare_digest(known.fingerprint, fingerprint):
            raise KeyReused("this Idempotency-Key was used with another request")
        row = session.get_one(DocumentRow, known.document_id)
        if row.status in giving_up.UNDER_WAY and row.lease_until <= at:
            giving_up.give_up(session, self.journal, row, order.actor, at)
        if row.status == "running":
            raise Conflict(row.id)
        return Earlier(row.id) if row.status in {"issued", "refused", "awaiting_approval"} else None

    def _intend(self, session: Session, order: Order, at: datetime) -> Attempt:
        case = self._case(session, order)
        case_key = self.case_keys.ensure(case.id)  # durable at once: a crash here leaves a key that no case uses
        document_id = str(journal.uuid7(at))
        number = _next_number(session, order)
        tokens = {
            "requested_by": self.case_keys.token("employee", *map(str, order.plain["requested_by"].values())),
            "request_mac": commitment(case_key, canonical(order.plain)),
        }
        if order.plain.get("run_id"):
            tokens["run"] = self.case_keys.token("run", order.actor.organisation, order.plain["run_id"])
        row = DocumentRow(
            id=document_id,
            case_id=case.id,
            organisation_id=order.actor.organisation,
            type=order.type.name,
            issuer=order.issuer.id,
            number=number,
            on=order.on,
            created_at=at,
            status="running",
            lease_until=at + self.lease,
            intent_seq=-1,
        )
        if order.subject is not None:
            row.account_id, row.tier = order.subject.account_id, order.subject.tier
            row.addressee, row.contact = order.subject.addressee, order.subject.contact
        session.add(row)
        fields = journal.intended(order, document_id, case.id, number, tokens)
        row.intent_seq = self.journal.write(session, order.actor, at, "intended", **fields).seq
        return Attempt(order, document_id, case.id, number, new_check_code(), row.intent_seq)

    def _case(self, session: Session, order: Order) -> CaseRow:
        organisation = order.actor.organisation
        token = self.case_keys.token("case", organisation, order.plain["client_ref"])
        query = select(CaseRow).where(CaseRow.organisation_id == organisation, CaseRow.reference_token == token)
        case = session.scalar(query)
        if case is None:
            case = CaseRow(id=str(uuid.uuid4()), organisation_id=organisation, reference_token=token)
            session.add(case)
        return case

    @contextmanager
    def _outcome(self, attempt: Attempt, status: str) -> Iterator[tuple[Session, DocumentRow]]:
        with self.database.write() as session:
            row = session.get_one(DocumentRow, attempt.document_id)
            if row.status != "running":  # its lease ended and someone else gave it up: too late
                raise StepFailed("seal", f"the document is already {row.status}")
            row.status = status
            yield session, row

    def _keep_file(self, path: Any, case_id: str, case_key: bytes) -> str:
        with path.open("rb") as stream:
            return self.blobs.put(stream, case_id, case_key)


def canonical(plain: Mapping[str, Any]) -> bytes:
    """Plain data as one line of JSON with sorted keys, for keyed digests."""
    return json.dumps(plain, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def new_check_code() -> str:
    """80 random bits in four groups of four, as printed on the letter."""
    characters = [secrets.choice(CODE_ALPHABET) for _ in range(16)]
    return "-".join("".join(characters[start : start + 4]) for start in range(0, 16, 4))


def check_digest(code: str) -> str:
    """SHA-256 of the code without its hyphens: 80 random bits cannot be guessed from it."""
    return hashlib.sha256(code.replace("-", "").encode()).hexdigest()


def _key_digest(key: str) -> str:
    return hashlib.sha256(key.encode()).hexdigest()


def _next_number(session: Session, order: Order) -> str:
    key = (order.issuer.id, order.type.name, order.on.year)
    row = session.get(NumberSequence, key)
    if row is None:
        row = NumberSequence(issuer=key[0], type=key[1], year=key[2], last=0)
        session.add(row)
    row.last += 1
    return f"{order.issuer.record['number_prefix']}{order.type.number_word}〔{order.on.year}〕{row.last}号"


def _disclosed(signed: Signed, key: bytes) -> list[dict[str, Any]]:
    def entered(proof: Proof) -> dict[str, Any]:
        mac = receipt.disclosure_mac(key, proof.id, proof.text)
        return {"id": proof.id, "source": proof.source, "page": proof.page, "mac": mac}

    return [entered(proof) for proof in signed.verified.proofs]


def _record(attempt: Attempt, signed: Signed, disclosure_key: bytes) -> bytes:
    return canonical(
        {
            "facts": attempt.order.plain,
            "check_code": attempt.check_code,
            "disclosure_key": base64.b64encode(disclosure_key).decode(),
            "disclosures": [{"id": proof.id, "text": proof.text} for proof in signed.verified.proofs],
        }
    )


def _public(signed: Signed) -> dict[str, Any]:
    """What is told of an issued document beyond its row: no personal data."""
    proofs = signed.verified.proofs
    return {
        "disclosures": [
            {"id": proof.id, "source": proof.source, "page": proof.page, "boxes": [vars(box) for box in proof.boxes]}
            for proof in proofs
        ],
    }


def _file_row(document_id: str, file: Mapping[str, Any], blobs: Mapping[str, str]) -> FileRow:
    """How many messages a text is stays with the entry; whoever shows it reads it there."""
    columns = {name: file[name] for name in ("name", "sha256", "size", "pages")}
    return FileRow(document_id=document_id, blob=blobs[file["name"]], **columns)
