"""Put right what a crash left behind (恢复), at the start and every minute.

    an intent without an outcome, past its lease   -> `aborted` in the log; its idempotency key is free again
    an approval that nobody decided in time        -> `expired` in the log, and its document `aborted`
    a blob without a row, older than any attempt   -> set aside: encrypted, unreachable, kept for whoever looks into it
    a half-written file                            -> removed
    an issued document without its blobs           -> told, again and again: a loss that nobody can put right here

Every step may run on several servers at once, and may be broken off at any line: the next sweep goes on.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, select

from app.store.documents import Documents
from app.store.giving_up import UNDER_WAY
from app.store.models import AgreementRow, DocumentRow, FileRow

OLD = timedelta(hours=1)  # beyond every lease: a younger file may belong to an attempt that is about to be recorded
PAGE = 500  # documents looked at in one short transaction


@dataclass(frozen=True)
class Swept:
    """What a sweep found. `missing` are the ids of issued documents whose files are not there."""

    aborted: int = 0
    set_aside: int = 0
    removed: int = 0
    missing: tuple[str, ...] = ()


def sweep(documents: Documents, at: datetime) -> int:
    """Give up every document whose lease or approval has ended; how many. Cheap: every minute."""
    total = 0
    while done := documents.give_up(at):
        total += done
    return total


def look_through(documents: Documents, at: datetime) -> Swept:
    """`sweep`, then compare all files with all rows. It walks over the whole store: at the start and now and then."""
    before = (at - OLD).timestamp()
    return Swept(
        aborted=sweep(documents, at),
        set_aside=sum(_set_aside(documents, group, before) for _, group in documents.blobs.groups()),
        removed=documents.blobs.drop_parts(before),
        missing=tuple(_missing(documents)),
    )


def stuck(documents: Documents, at: datetime) -> int:
    """How many documents have outlived their lease or approval and were not given up yet."""
    left = select(func.count()).where(DocumentRow.status.in_(UNDER_WAY), DocumentRow.lease_until <= at)
    with documents.database.read() as session:
        return session.scalar(left) or 0


def _set_aside(documents: Documents, group: dict[str, float], before: float) -> int:
    old = [address for address, filed in group.items() if filed < before]
    orphans = [address for page in _pages(old) for address in set(page) - _named(documents, page)]
    for address in orphans:
        documents.blobs.set_aside(address)
    return len(orphans)


def _pages(addresses: list[str]) -> list[list[str]]:
    return [addresses[start : start + PAGE] for start in range(0, len(addresses), PAGE)]


def _named(documents: Documents, addresses: Collection[str]) -> set[str]:
    """Which of the addresses a row refers to."""
    with documents.database.read() as session:
        files = session.scalars(select(FileRow.blob).where(FileRow.blob.in_(addresses)))
        records = session.scalars(select(DocumentRow.record_blob).where(DocumentRow.record_blob.in_(addresses)))
        returned = session.scalars(select(AgreementRow.executed_blob).where(AgreementRow.executed_blob.in_(addresses)))
        return {*files, *(address for address in (*records, *returned) if address)}


def _missing(documents: Documents) -> list[str]:
    missing: list[str] = []
    last = ""
    while page := _issued_after(documents, last):
        returned = _returned(documents, [row.id for row in page])
        for row in page:
            blobs = [row.record_blob, *(file.blob for file in row.files), *returned.get(row.id, ())]
            if not all(blob and documents.blobs.has(blob) for blob in blobs):
                missing.append(row.id)
        last = page[-1].id
    return missing


def _returned(documents: Documents, ids: Collection[str]) -> dict[str, list[str]]:
    """Files that came back signed, by their document."""
    query = select(AgreementRow.document_id, AgreementRow.executed_blob).where(
        AgreementRow.document_id.in_(ids), AgreementRow.executed_blob.is_not(None)
    )
    with documents.database.read() as session:
        return {document_id: [blob] for document_id, blob in session.execute(query) if document_id and blob}


def _issued_after(documents: Documents, last: str) -> list[DocumentRow]:
    query = select(DocumentRow).where(DocumentRow.status == "issued", DocumentRow.id > last)
    with documents.database.read() as session:
        return list(session.scalars(query.order_by(DocumentRow.id).limit(PAGE)))
