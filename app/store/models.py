"""The tables. No column holds personal data in the clear: facts and files are encrypted per case, references keyed."""

from datetime import UTC, date, datetime
from typing import Annotated, Any

from sqlalchemy import (
    JSON,
    BigInteger,
    DateTime,
    Dialect,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    TypeDecorator,
    UniqueConstraint,
)
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship

NAMES = {
    "ix": "ix_%(column_0_label)s",
    "uq": "uq_%(table_name)s_%(column_0_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}


class Instant(TypeDecorator[datetime]):
    """An instant in UTC. SQLite keeps no zone, so it is taken off on the way in and put back on the way out."""

    impl = DateTime
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002 -- its API
        return value.astimezone(UTC).replace(tzinfo=None) if value else None

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002 -- its API
        return value.replace(tzinfo=UTC) if value else None


Seq = Annotated[int, mapped_column(BigInteger().with_variant(Integer, "sqlite"))]  # an entry's number in the log


class Base(DeclarativeBase):
    metadata = MetaData(naming_convention=NAMES)
    type_annotation_map = {dict[str, Any]: JSON, datetime: Instant}  # noqa: RUF012 -- SQLAlchemy reads it from the class


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
    """One attempt at a document. `status` is running | issued | refused | failed | aborted.

    A running one that outlived `lease_until` was left behind by a crash: whoever finds it gives it up.

    `outcome` is what the caller was told: the issued document's public part, or the problem. `record_blob` holds the
    facts, the proven wording and the document's keys, encrypted under the case's key.
    """

    __tablename__ = "document"
    __table_args__ = (
        Index("ix_document_organisation_id_created_at", "organisation_id", "created_at"),
        Index("ix_document_status_lease_until", "status", "lease_until"),
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


class KeyBase(DeclarativeBase):
    """The case keys live in a database of their own, outside ordinary backups."""

    metadata = MetaData(naming_convention=NAMES)


class CaseKeyRow(KeyBase):
    __tablename__ = "case_key"
    case_id: Mapped[str] = mapped_column(primary_key=True)
    wrapped: Mapped[bytes] = mapped_column(LargeBinary)
