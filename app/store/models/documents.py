"""Organisations and their keys, documents and their files."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.store.models.base import Base, Seq


class Organisation(Base):
    """A bank, agency or law firm that holds keys."""

    __tablename__ = "organisation"
    id: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(unique=True)
    kind: Mapped[str]
    issuers: Mapped[list["OrganisationIssuer"]] = relationship(lazy="selectin")


class OrganisationIssuer(Base):
    """For which issuers an organisation may ask for documents."""

    __tablename__ = "organisation_issuer"
    organisation_id: Mapped[str] = mapped_column(ForeignKey("organisation.id"), primary_key=True)
    issuer: Mapped[str] = mapped_column(primary_key=True)


class ApiKey(Base):
    """A bearer key: only its SHA-256 is kept (it is 256 random bits, so a plain digest hides it)."""

    __tablename__ = "api_key"
    id: Mapped[str] = mapped_column(primary_key=True)
    organisation_id: Mapped[str] = mapped_column(ForeignKey("organisation.id"))
    role: Mapped[str]
    sha256: Mapped[str] = mapped_column(unique=True)
    created_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]
    organisation: Mapped[Organisation] = relationship(lazy="joined", innerjoin=True)


class CaseRow(Base):
    """A case of an organisation; its upstream reference is kept as a keyed token."""

    __tablename__ = "case_file"
    __table_args__ = (UniqueConstraint("organisation_id", "reference_token"),)
    id: Mapped[str] = mapped_column(primary_key=True)
    organisation_id: Mapped[str] = mapped_column(ForeignKey("organisation.id"))
    reference_token: Mapped[str]


class NumberSequence(Base):
    """The last document number given for an issuer, a type and a year."""

    __tablename__ = "number_sequence"
    issuer: Mapped[str] = mapped_column(primary_key=True)
    type: Mapped[str] = mapped_column(primary_key=True)
    year: Mapped[int] = mapped_column(primary_key=True)
    last: Mapped[int]


class DocumentRow(Base):
    """One attempt at a document. `status` is running | awaiting_approval | issued | refused | failed | aborted.

    A running one that outlived `lease_until` was left behind by a crash: whoever finds it gives it up. `account_id`,
    `addressee`, `contact` and `tier` are what limits count by; the two tokens are keyed.

    `outcome` is what the caller was told: the issued document's public part, or the problem. `record_blob` holds the
    facts, the proven wording and the document's keys, encrypted under the case's key.
    """

    __tablename__ = "document"
    __table_args__ = (
        Index("ix_document_organisation_id_created_at", "organisation_id", "created_at"),
        Index("ix_document_status_lease_until", "status", "lease_until"),
        Index("ix_document_account_id_on", "account_id", "on"),
    )
    id: Mapped[str] = mapped_column(primary_key=True)
    case_id: Mapped[str] = mapped_column(ForeignKey("case_file.id"))
    organisation_id: Mapped[str] = mapped_column(ForeignKey("organisation.id"))
    type: Mapped[str]
    issuer: Mapped[str]
    number: Mapped[str] = mapped_column(unique=True)
    on: Mapped[date]
    created_at: Mapped[datetime]
    status: Mapped[str]
    lease_until: Mapped[datetime]
    intent_seq: Mapped[Seq]
    outcome_seq: Mapped[Seq | None]
    check_sha256: Mapped[str | None] = mapped_column(unique=True)
    record_blob: Mapped[str | None]
    account_id: Mapped[str | None]  # an account.id; SQLite cannot add a foreign key to a table that is there
    addressee: Mapped[str | None]
    contact: Mapped[str | None]
    tier: Mapped[str | None]
    outcome: Mapped[dict[str, Any] | None]
    files: Mapped[list["FileRow"]] = relationship(lazy="selectin", order_by="FileRow.name")


class FileRow(Base):
    """A released file: `sha256` and `size` are of the bytes handed out, `blob` is the address of the encrypted file."""

    __tablename__ = "document_file"
    document_id: Mapped[str] = mapped_column(ForeignKey("document.id"), primary_key=True)
    name: Mapped[str] = mapped_column(primary_key=True)
    sha256: Mapped[str]
    size: Mapped[int]
    pages: Mapped[int]
    blob: Mapped[str]


class IdempotencyRow(Base):
    """Which document an idempotency key stands for. `fingerprint` is a keyed digest of the request's body.

    The key is free again once its document failed or was aborted.
    """

    __tablename__ = "idempotency"
    organisation_id: Mapped[str] = mapped_column(ForeignKey("organisation.id"), primary_key=True)
    key_sha256: Mapped[str] = mapped_column(primary_key=True)
    fingerprint: Mapped[str]
    document_id: Mapped[str] = mapped_column(ForeignKey("document.id"))
