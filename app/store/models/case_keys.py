"""The keys of the cases, in a database of their own."""

from sqlalchemy import LargeBinary, MetaData
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from app.store.models.base import NAMES


class KeyBase(DeclarativeBase):
    """The case keys live in a database of their own, outside ordinary backups."""

    metadata = MetaData(naming_convention=NAMES)


class CaseKeyRow(KeyBase):
    __tablename__ = "case_key"
    case_id: Mapped[str] = mapped_column(primary_key=True)
    wrapped: Mapped[bytes] = mapped_column(LargeBinary)
