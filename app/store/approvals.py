"""What waits for a human, and what the human said (审批): each decision one transaction with its entries in the log.

    granted  -> `approval.decided`; the document runs again, with a new lease and the legal day of the decision
    declined -> `approval.decided` and `refused`      void -> `approval.decided` and `aborted`
    expired  -> `approval.decided` and `aborted`, by the sweep or by whoever comes too late

Exactly one decision is taken: whoever comes second is told what was decided. A decision stands under whoever took it,
the document's outcome under whoever asked for the document.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from app.artifacts import Actor
from app.errors import ApprovalClosed, Finding, NotFound, StepFailed
from app.store import giving_up, journal
from app.store.case_keys import CaseKeys, commitment, open_small, seal_small
from app.store.database import Database
from app.store.journal import SYSTEM, Journal
from app.store.models import ApprovalRow, DocumentRow

STATES = ("waiting", "granted", "declined", "expired", "void")


@dataclass(frozen=True)
class Decision:
    """What was decided and by whom. `reason` is the entry's word; `told` is what the officer said, kept encrypted."""

    state: str  # granted | declined | void
    reason: str
    told: bytes
    actor: Actor
    role: str


@dataclass(frozen=True)
class Approvals:
    """The approvals of one installation. Threads and processes may share it."""

    database: Database
    case_keys: CaseKeys
    journal: Journal
    lease: timedelta  # how long a granted document may take before it may be given up

    def page(
        self, issuers: Collection[str], state: str | None, before: str | None, limit: int
    ) -> list[tuple[ApprovalRow, DocumentRow]]:
        """Of these issuers, the newest first; `before` is the id of the last one seen."""
        query = _seen(issuers).order_by(ApprovalRow.id.desc()).limit(limit)
        if state is not None:
            query = query.where(ApprovalRow.state == state)
        if before is not None:
            query = query.where(ApprovalRow.id < before)
        with self.database.read() as session:
            return [(row, document) for row, document in session.execute(query)]

    def find(self, approval_id: str, issuers: Collection[str]) -> tuple[ApprovalRow, DocumentRow]:
        """The approval with its document, or `NotFound`: also when it is about another issuer."""
        with self.database.read() as session:
            found = session.execute(_seen(issuers).where(ApprovalRow.id == approval_id)).one_or_none()
        if found is None:
            raise NotFound("there is no such approval")
        row, document = found
        return row, document

    def body(self, row: ApprovalRow, document: DocumentRow) -> bytes:
        """The request exactly as it was sent, or `StepFailed` when what was kept was altered. Personal data."""
        return open_small(self.case_keys.open(document.case_id), document.id, row.sealed)

    def told(self, row: ApprovalRow, document: DocumentRow) -> bytes | None:
        """What the officer said, or None when none has said anything."""
        if row.reason_sealed is None:
            return None
        return open_small(self.case_keys.open(document.case_id), row.id, row.reason_sealed)

    def request_mac(self, document: DocumentRow, content: bytes) -> str:
        """The digest that the intent has of its request, made of this content."""
        return commitment(self.case_keys.open(document.case_id), content)

    def require_waiting(self, approval_id: str, at: datetime) -> None:
        """Raise `ApprovalClosed` unless it waits; one whose time is over expires here and now."""
        with self.database.write() as session:
            row, _ = self._current(session, approval_id, at)
        if row.state != "waiting":
            raise ApprovalClosed(row.state)

    def settle(self, approval_id: str, decision: Decision, at: datetime, on: date | None = None) -> None:
        """Write the decision down with what follows from it. A granted document gets the legal day `on`.

        A crash afterwards leaves a running document whose lease ends.
        """
        with self.database.write() as session:
            row, document = self._current(session, approval_id, at)
            closed = row.state if row.state != "waiting" else ""
            if not closed:
                self._decide(session, row, document, decision, at)
                self._follow(session, row, document, decision, at)
                document.on = on or document.on
        if closed:  # raised out here: an approval that has just expired must have its entries
            raise ApprovalClosed(closed)

    def _current(self, session: Session, approval_id: str, at: datetime) -> tuple[ApprovalRow, DocumentRow]:
        row = session.get_one(ApprovalRow, approval_id)
        document = session.get_one(DocumentRow, row.document_id)
        if row.state == "waiting":
            if document.status != "awaiting_approval":
                raise StepFailed("approval", "an approval waits for a document that does not wait", status=500)
            if row.expires_at <= at:
                giving_up.give_up(session, self.journal, document, SYSTEM, at)
        return row, document

    def _decide(
        self, session: Session, row: ApprovalRow, document: DocumentRow, decision: Decision, at: datetime
    ) -> None:
        case_key = self.case_keys.open(document.case_id)
        row.state, row.reason = decision.state, decision.reason
        row.decided_by, row.decided_role, row.decided_at = decision.actor.id, decision.role, at
        row.reason_sealed = seal_small(case_key, row.id, decision.told)
        fields: dict[str, Any] = {
            "approval": row.id,
            "document": document.id,
            "case": document.case_id,
            "decision": decision.state,
            "role": decision.role,
            "reason": decision.reason,
            "reason_mac": commitment(case_key, decision.told),
        }
        self.journal.write(session, decision.actor, at, "approval.decided", **fields)

    def _follow(
        self, session: Session, row: ApprovalRow, document: DocumentRow, decision: Decision, at: datetime
    ) -> None:
        asker = asked_by(row, decision.actor.request_id)
        if decision.state == "granted":
            document.status, document.lease_until = "running", at + self.lease
        elif decision.state == "void":
            giving_up.abort(session, self.journal, document, asker, at, "approval_void")
        else:
            document.status, document.outcome = "refused", {"findings": row.findings, "approval": row.id}
            findings = journal.entered(Finding(**finding) for finding in row.findings)
            fields = giving_up.outcome_of(document) | {"findings": findings, "pack": row.pins["pack"]}
            document.outcome_seq = self.journal.write(session, asker, at, "refused", **fields, approval=row.id).seq


def asked_by(row: ApprovalRow, request_id: str) -> Actor:
    """Who asked for the document, acting in the request at hand."""
    return Actor(row.asked_by, "key", row.organisation_id, request_id)


def asked_entry(row: ApprovalRow, document: DocumentRow) -> dict[str, Any]:
    """What the entry `approval.asked` must say if row and log agree."""
    return {
        "action": "approval.asked",
        "actor": row.asked_by,
        "org": row.organisation_id,
        "approval": row.id,
        "document": document.id,
        "case": document.case_id,
        "findings": journal.entered(Finding(**finding) for finding in row.findings),
        "expires": journal.instant(row.expires_at),
        **row.pins,
    }


def _seen(issuers: Collection[str]) -> Select[ApprovalRow, DocumentRow]:
    query = select(ApprovalRow, DocumentRow).join(DocumentRow, DocumentRow.id == ApprovalRow.document_id)
    return query.where(ApprovalRow.issuer.in_(sorted(issuers)))
