"""Give a document up (放弃): it outlived its lease, or waited for a decision longer than its approval lasts.

Its outcome is `aborted`, and its idempotency key is free again. Always inside the caller's transaction.
"""

from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.artifacts import Actor
from app.errors import StepFailed
from app.store.journal import SYSTEM, Journal
from app.store.models import ApprovalRow, DocumentRow

UNDER_WAY = ("running", "awaiting_approval")


def give_up(session: Session, journal: Journal, row: DocumentRow, actor: Actor, at: datetime) -> None:
    """Its time is over, whatever it was doing. `actor` came upon it; that an approval expires is nobody's act."""
    if row.status == "awaiting_approval":
        _expire(session, journal, row, at)
        abort(session, journal, row, SYSTEM, at, "approval_expired")
    else:
        abort(session, journal, row, actor, at, "lease_expired")


def abort(session: Session, journal: Journal, row: DocumentRow, actor: Actor, at: datetime, reason: str) -> None:
    row.status = "aborted"
    row.outcome_seq = journal.write(session, actor, at, "aborted", **outcome_of(row), reason=reason).seq


def outcome_of(row: DocumentRow) -> dict[str, Any]:
    """What every outcome says of its document."""
    return {"document": row.id, "case": row.case_id, "intent_seq": row.intent_seq}


def waiting_for(session: Session, document_id: str) -> ApprovalRow:
    """The newest approval of a document: the one that it waits for, or waited for last."""
    query = select(ApprovalRow).where(ApprovalRow.document_id == document_id).order_by(ApprovalRow.id.desc())
    return session.scalars(query.limit(1)).one()


def _expire(session: Session, journal: Journal, document: DocumentRow, at: datetime) -> None:
    approval = waiting_for(session, document.id)
    if approval.state != "waiting":
        raise StepFailed("approval", "a document waits for an approval that does not wait", status=500)
    approval.state = approval.reason = "expired"
    approval.decided_role, approval.decided_at = "system", at
    named = {"approval": approval.id, "document": document.id, "case": document.case_id}
    said = {"decision": "expired", "role": "system", "reason": "expired"}
    journal.write(session, SYSTEM, at, "approval.decided", **named, **said)
