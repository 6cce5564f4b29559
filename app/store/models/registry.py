"""What the service remembers of a card account, beyond its own documents (app/registry/).

Accounts, persons and contact points are keyed tokens. What was told in full is in `sealed`, encrypted under the
account's own key; the other columns hold only words of closed sets, days, and ids of ours.
"""

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, LargeBinary, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.store.models.base import Base, Seq


class AccountRow(Base):
    """A card account. `token` is keyed from issuer and card number; `id` is random and also names the account's key.

    `baseline_on` is the day from which everything about the account is known here; `fed_at` the instant up to which
    the systems around us have told what they know.
    """

    __tablename__ = "account"
    __table_args__ = (UniqueConstraint("issuer", "token"),)
    id: Mapped[str] = mapped_column(primary_key=True)
    issuer: Mapped[str]
    token: Mapped[str]
    origin: Mapped[str | None]
    baseline_on: Mapped[date | None]
    fed_at: Mapped[datetime | None]


class EventRow(Base):
    """Something that happened on an account, as told to us. `source` keys the teller's own reference."""

    __tablename__ = "account_event"
    __table_args__ = (Index("ix_account_event_account_id_on", "account_id", "on"),)
    id: Mapped[str] = mapped_column(primary_key=True)
    account_id: Mapped[str] = mapped_column(ForeignKey("account.id"))
    organisation_id: Mapped[str | None] = mapped_column(ForeignKey("organisation.id"))
    kind: Mapped[str]
    at: Mapped[datetime]
    on: Mapped[date]
    channel: Mapped[str | None]
    role: Mapped[str | None]
    party: Mapped[str | None]
    contact: Mapped[str | None]
    reserved: Mapped[bool | None]
    outcome: Mapped[str | None]
    next_on: Mapped[date | None]
    document_id: Mapped[str | None] = mapped_column(ForeignKey("document.id"))
    source: Mapped[str] = mapped_column(unique=True)
    fingerprint: Mapped[str]
    sealed: Mapped[bytes] = mapped_column(LargeBinary)
    seq: Mapped[Seq]


class ObjectionRow(Base):
    """异议. `moves` lists {from, to, at, on, role, reason, seq}.

    `source` keys the teller's own reference, `document_id` is the letter that is disputed, `reply_id` the one that
    answers; `repeats` is whether nothing is said but what was answered before. `sealed` is what was told, and what was
    said with each move.
    """

    __tablename__ = "objection"
    __table_args__ = (
        Index("ix_objection_account_id_state", "account_id", "state"),
        Index("ix_objection_state_due_on", "state", "due_on"),
    )
    id: Mapped[str] = mapped_column(primary_key=True)
    account_id: Mapped[str] = mapped_column(ForeignKey("account.id"))
    organisation_id: Mapped[str] = mapped_column(ForeignKey("organisation.id"))
    issuer: Mapped[str]
    state: Mapped[str]
    channel: Mapped[str]
    grounds: Mapped[list[str]] = mapped_column(JSON)
    new_facts: Mapped[bool]
    repeats: Mapped[bool]
    received_at: Mapped[datetime]
    received_on: Mapped[date]
    due_on: Mapped[date]
    document_id: Mapped[str | None] = mapped_column(ForeignKey("document.id"))
    reply_id: Mapped[str | None] = mapped_column(ForeignKey("document.id"))
    moves: Mapped[list[dict[str, Any]]] = mapped_column(JSON)
    source: Mapped[str] = mapped_column(unique=True)
    fingerprint: Mapped[str]
    sealed: Mapped[bytes] = mapped_column(LargeBinary)
    seq: Mapped[Seq]


class AgreementRow(Base):
    """承诺、协议: a promise to pay or an instalment agreement. `moves` lists {from, to, at, on, role, reason, seq}.

    `document_id` is what we issued, None for one that was made by word of mouth; then `source` keys the teller's own
    reference. `defaults_on` is the first day on which the agreed trigger is met if nothing more is paid. `sealed` is
    what was agreed, how it was signed, and what was said with each move; `executed_blob` is the file that came back,
    `executed_sha256` its digest, or that of the scan. `cardholder_signs`: the cardholder is one of its signers.
    `period_over`: it was issued after the limitation period.
    """

    __tablename__ = "agreement"
    __table_args__ = (Index("ix_agreement_account_id_state", "account_id", "state"),)
    id: Mapped[str] = mapped_column(primary_key=True)
    account_id: Mapped[str] = mapped_column(ForeignKey("account.id"))
    organisation_id: Mapped[str] = mapped_column(ForeignKey("organisation.id"))
    issuer: Mapped[str] = mapped_column(index=True)
    type: Mapped[str]
    document_id: Mapped[str | None] = mapped_column(ForeignKey("document.id"), unique=True)
    state: Mapped[str]
    agreed_on: Mapped[date]
    executed_on: Mapped[date | None]
    next_on: Mapped[date | None]
    last_due_on: Mapped[date]
    defaults_on: Mapped[date | None]
    defaulted_on: Mapped[date | None]
    paid_on: Mapped[date | None]
    executed_blob: Mapped[str | None]
    executed_sha256: Mapped[str | None] = mapped_column(unique=True)
    cardholder_signs: Mapped[bool]
    period_over: Mapped[bool]
    moves: Mapped[list[dict[str, Any]]] = mapped_column(JSON)
    source: Mapped[str | None] = mapped_column(unique=True)
    fingerprint: Mapped[str | None]
    sealed: Mapped[bytes] = mapped_column(LargeBinary)
    seq: Mapped[Seq]


class AgreementPaymentRow(Base):
    """A payment on an agreement, as told to us. `source` keys the teller's own reference; the amount is in `sealed`."""

    __tablename__ = "agreement_payment"
    id: Mapped[str] = mapped_column(primary_key=True)
    agreement_id: Mapped[str] = mapped_column(ForeignKey("agreement.id"), index=True)
    paid_on: Mapped[date]
    source: Mapped[str] = mapped_column(unique=True)
    fingerprint: Mapped[str]
    sealed: Mapped[bytes] = mapped_column(LargeBinary)
    seq: Mapped[Seq]


class ApprovalRow(Base):
    """审批: a document that waits for a human. `pins` are digests of facts, template and pack as they were asked for.

    `state` is waiting | granted | declined | expired | void. `sealed` is the request's body, `reason_sealed` what the
    officer said, both under the key of the document's case. `seq` is the entry `approval.asked`. A document is asked
    about again when a granted one meets a finding that nobody has granted.
    """

    __tablename__ = "approval"
    __table_args__ = (Index("ix_approval_state_expires_at", "state", "expires_at"),)
    id: Mapped[str] = mapped_column(primary_key=True)
    document_id: Mapped[str] = mapped_column(ForeignKey("document.id"), index=True)
    organisation_id: Mapped[str] = mapped_column(ForeignKey("organisation.id"))
    issuer: Mapped[str]
    state: Mapped[str]
    findings: Mapped[list[dict[str, Any]]] = mapped_column(JSON)
    pins: Mapped[dict[str, Any]]
    asked_by: Mapped[str]
    asked_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    decided_by: Mapped[str | None]
    decided_role: Mapped[str | None]
    decided_at: Mapped[datetime | None]
    reason: Mapped[str | None]
    reason_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    sealed: Mapped[bytes] = mapped_column(LargeBinary)
    seq: Mapped[Seq]


class DeliveryRow(Base):
    """投递: where a released document is on its way. `moves` lists {from, to, on, reason, seq}."""

    __tablename__ = "delivery"
    document_id: Mapped[str] = mapped_column(ForeignKey("document.id"), primary_key=True)
    account_id: Mapped[str | None] = mapped_column(ForeignKey("account.id"), index=True)
    state: Mapped[str]
    moved_on: Mapped[date]
    moves: Mapped[list[dict[str, Any]]] = mapped_column(JSON)
    sealed: Mapped[bytes | None] = mapped_column(LargeBinary)


class BlockedContactRow(Base):
    """An address or number that turned out not to be the debtor's: nothing more goes there."""

    __tablename__ = "blocked_contact"
    account_id: Mapped[str] = mapped_column(ForeignKey("account.id"), primary_key=True)
    contact: Mapped[str] = mapped_column(primary_key=True)
    reason: Mapped[str]
    since: Mapped[date]


class StampAuthorisationRow(Base):
    """用印授权: which stamp may be used for what, from when until when, how often, and who agreed (keyed tokens)."""

    __tablename__ = "stamp_authorisation"
    id: Mapped[str] = mapped_column(primary_key=True)
    issuer: Mapped[str] = mapped_column(index=True)
    stamp: Mapped[str]
    types: Mapped[list[str]] = mapped_column(JSON)
    template_sha256: Mapped[str | None]
    since: Mapped[date]
    until: Mapped[date]
    maximum: Mapped[int]
    used: Mapped[int]
    approvers: Mapped[list[str]] = mapped_column(JSON)
    revoked_at: Mapped[datetime | None]


class StampUseRow(Base):
    """One use of an authorisation: the `use`-th of it, by this document."""

    __tablename__ = "stamp_use"
    authorisation_id: Mapped[str] = mapped_column(ForeignKey("stamp_authorisation.id"), primary_key=True)
    use: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    document_id: Mapped[str] = mapped_column(ForeignKey("document.id"), unique=True)
    at: Mapped[datetime]
