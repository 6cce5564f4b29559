"""Documents on their way (投递), within one transaction: where each is, and what is wrong with its next move."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session, lazyload

from app.delivery import NONE, Move, fault
from app.store.models import DeliveryRow, DocumentRow
from app.wording import beijing_day

AT_ONCE = 500  # ids in one question to the database


@dataclass
class Way:
    """A document on its way, within one transaction. `fresh` are the moves that this transaction adds."""

    document: DocumentRow
    row: DeliveryRow | None
    fresh: list[Move] = field(default_factory=list)

    @property
    def state(self) -> str:
        if self.fresh:
            return self.fresh[-1].to
        return self.row.state if self.row else NONE

    @property
    def since(self) -> date:
        """The day before which nothing more can happen."""
        if self.fresh:
            return self.fresh[-1].on
        return self.row.moved_on if self.row else self.document.on

    @property
    def key(self) -> str:
        return self.document.account_id or self.document.case_id


def find(session: Session, ids: Sequence[str], organisation: str | None = None) -> dict[str, Way]:
    """The documents with these ids (of one organisation, or of all) and where each of them is."""
    return {way.document.id: way for way in _found(session, list(dict.fromkeys(ids)), organisation)}


def _found(session: Session, ids: Sequence[str], organisation: str | None) -> Iterator[Way]:
    for start in range(0, len(ids), AT_ONCE):
        query = (
            select(DocumentRow, DeliveryRow)
            .outerjoin(DeliveryRow, DeliveryRow.document_id == DocumentRow.id)
            .where(DocumentRow.id.in_(ids[start : start + AT_ONCE]))
            .options(lazyload(DocumentRow.files))
            .order_by(DocumentRow.id)
        )
        if organisation is not None:
            query = query.where(DocumentRow.organisation_id == organisation)
        yield from (Way(document, row) for document, row in session.execute(query))


def illegal(way: Way, move: Move) -> dict[str, list[str]]:
    if way.document.status != "issued":
        return {"document": ["文书没有出具"]}
    found = fault(way.state, move)
    return {found[0]: [found[1]]} if found else {}


def untimely(way: Way, move: Move, at: datetime) -> dict[str, list[str]]:
    if move.on < way.since:
        return {"on": ["早于文书日期或者上一步"]}
    return {"on": ["晚于当日"]} if move.on > beijing_day(at) else {}
