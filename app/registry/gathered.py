"""What is known of an account, gathered in one transaction: letters, events, objections, agreements."""

from collections import defaultdict
from datetime import date

from sqlalchemy import ColumnElement, select, true
from sqlalchemy.orm import Session

from app.agreement import TERMINATED
from app.registry.known import Agreement, Event, Letter, Objection
from app.store.giving_up import UNDER_WAY
from app.store.models import (
    AgreementPaymentRow,
    AgreementRow,
    DeliveryRow,
    DocumentRow,
    EventRow,
    ObjectionRow,
)

LOST = ("withdrawn", "returned")  # states of app/delivery.py: it did not reach anybody


def letters(session: Session, account_id: str, but: str) -> tuple[Letter, ...]:
    """Those that were issued, and attempts under way that began before the one that is asking (`but`).

    Ids rise with time (UUID 7), so that of two attempts at once the second finds the first in its way, and not each the
    other.
    """
    query = (
        select(DocumentRow, DeliveryRow.state)
        .outerjoin(DeliveryRow, DeliveryRow.document_id == DocumentRow.id)
        .where(DocumentRow.account_id == account_id, DocumentRow.id != but)
        .where((DocumentRow.status == "issued") | (DocumentRow.status.in_(UNDER_WAY) & _began_before(but)))
        .order_by(DocumentRow.id)
    )
    return tuple(
        Letter(
            document=row.id,
            type=row.type,
            tier=row.tier or "",
            on=row.on,
            addressee=row.addressee or "",
            contact=row.contact or "",
            issued=row.status == "issued",
            delivery=state or "",
        )
        for row, state in session.execute(query)
    )


def _began_before(document_id: str) -> ColumnElement[bool]:
    return DocumentRow.id < document_id if document_id else true()


def events(session: Session, account_id: str) -> tuple[Event, ...]:
    query = select(EventRow).where(EventRow.account_id == account_id).order_by(EventRow.at, EventRow.seq, EventRow.id)
    return tuple(
        Event(
            id=row.id,
            kind=row.kind,
            at=row.at,
            on=row.on,
            channel=row.channel or "",
            role=row.role or "",
            party=row.party or "",
            contact=row.contact or "",
            reserved=bool(row.reserved),
            outcome=row.outcome or "",
            next_on=row.next_on,
        )
        for row in session.scalars(query)
    )


def objections(session: Session, account_id: str) -> tuple[Objection, ...]:
    query = (
        select(ObjectionRow, DeliveryRow.state)
        .outerjoin(DeliveryRow, DeliveryRow.document_id == ObjectionRow.reply_id)
        .where(ObjectionRow.account_id == account_id)
        .order_by(ObjectionRow.id)
    )
    return tuple(
        Objection(
            id=row.id,
            state=row.state,
            received_on=row.received_on,
            due_on=row.due_on,
            grounds=tuple(row.grounds),
            repeats=row.repeats,
            reply=row.reply_id if row.reply_id and delivery not in LOST else "",
            lost=delivery in LOST,
        )
        for row, delivery in session.execute(query)
    )


def agreements(session: Session, account_id: str) -> tuple[Agreement, ...]:
    paid: dict[str, list[date]] = defaultdict(list)
    payments = (
        select(AgreementPaymentRow.agreement_id, AgreementPaymentRow.paid_on)
        .join(AgreementRow, AgreementRow.id == AgreementPaymentRow.agreement_id)
        .where(AgreementRow.account_id == account_id)
        .order_by(AgreementPaymentRow.paid_on, AgreementPaymentRow.id)
    )
    for agreement_id, paid_on in session.execute(payments):
        paid[agreement_id].append(paid_on)
    query = select(AgreementRow).where(AgreementRow.account_id == account_id).order_by(AgreementRow.id)
    return tuple(
        Agreement(
            id=row.id,
            type=row.type,
            state=row.state,
            executed_on=row.executed_on,
            next_on=row.next_on,
            last_due_on=row.last_due_on,
            defaulted_on=row.defaulted_on,
            terminated_on=date.fromisoformat(row.moves[-1]["on"]) if row.state == TERMINATED else None,
            paid=tuple(paid[row.id]),
            cardholder_signs=row.cardholder_signs,
        )
        for row in session.scalars(query)
    )
