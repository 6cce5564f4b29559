"""What is kept encrypted of an agreement: what was agreed, how it was signed, what was said, and what was paid.

`sealed` of an agreement is {terms, told, executed, texts, proofs}: `told` is the teller's reference, plan and
recording, `executed` how it came back signed, `texts` what was said with each move, `proofs` the digest of what both
sides signed about it, or None. That of a payment is {ref, amount}.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.agreement import Due, Payment, Terms, standing
from app.artifacts import Actor
from app.store.case_keys import open_small, seal_small
from app.store.documents import canonical
from app.store.journal import uuid7
from app.store.models import AgreementPaymentRow, AgreementRow

Kept = dict[str, Any]


@dataclass(frozen=True)
class Signature:
    """One that was added to our file: its field, who the certificate says signed, and the certificate's digest."""

    field: str
    names: tuple[str, ...]
    certificate_sha256: str
    signed_at: str


@dataclass(frozen=True)
class Returned:
    """签署后的文本, as it was examined. Of a scan `size` is 0, there are no signatures, and somebody received it.

    `means` is one of app/agreement.py's reasons why an agreement is executed; `on` the day on which it was back.
    `amount_disputed` says of a promise's scan whether 有异议 is ticked, `objection` names what was told of it then.
    """

    means: str
    on: date
    sha256: str
    pages: int
    size: int = 0
    signatures: tuple[Signature, ...] = ()
    received_by: str = ""
    amount_disputed: bool | None = None
    objection: str | None = None


@dataclass(frozen=True)
class Paid:
    """A payment as it was taken down, under the teller's own reference."""

    row: AgreementPaymentRow
    ref: str
    payment: Payment


def new(
    account_id: str, issuer: str, kind: str, state: str, terms: Terms, agreed_on: date, actor: Actor, at: datetime
) -> AgreementRow:
    """A row of which nothing was sealed yet."""
    now = standing(terms, ())
    return AgreementRow(
        id=str(uuid7(at)),
        account_id=account_id,
        organisation_id=actor.organisation,
        issuer=issuer,
        type=kind,
        state=state,
        agreed_on=agreed_on,
        next_on=now.next_on,
        last_due_on=terms.dues[-1].on,
        cardholder_signs=True,
        period_over=False,
        defaults_on=now.defaults_on,
        moves=[],
        seq=-1,
    )


def new_payment(row: AgreementRow, key: bytes, ref: str, payment: Payment, at: datetime) -> AgreementPaymentRow:
    """A row that has no source yet."""
    payment_id = str(uuid7(at))
    content = canonical({"ref": ref, "amount": f"{payment.amount:f}"})
    sealed = seal_small(key, payment_id, content)
    return AgreementPaymentRow(id=payment_id, agreement_id=row.id, paid_on=payment.on, sealed=sealed, seq=-1)


def kept(terms: Terms, told: Mapping[str, Any] | None = None) -> Kept:
    return {"terms": plain(terms), "told": told, "executed": None, "texts": [], "proofs": []}


def plain(terms: Terms) -> dict[str, Any]:
    """The terms as plain data."""
    dues = [{"on": due.on.isoformat(), "amount": f"{due.amount:f}", "charge": f"{due.charge:f}"} for due in terms.dues]
    return asdict(terms) | {"dues": dues}


def terms_of(said: Kept) -> Terms:
    """The terms out of what is kept."""
    told = said["terms"]
    dues = tuple(
        Due(date.fromisoformat(due["on"]), Decimal(due["amount"]), Decimal(due["charge"])) for due in told["dues"]
    )
    return Terms(told["currency"], dues, told["missed"], told["grace_days"])


def read(row: AgreementRow, key: bytes) -> Kept:
    said: Kept = json.loads(open_small(key, row.id, row.sealed))
    return said


def write(row: AgreementRow, key: bytes, said: Kept) -> None:
    row.sealed = seal_small(key, row.id, canonical(said))


def executed_as(returned: Returned) -> Kept:
    """How it was signed, as plain data."""
    signatures = [{**asdict(one), "names": [*one.names]} for one in returned.signatures]
    return asdict(returned) | {"on": returned.on.isoformat(), "signatures": signatures}


def payments(session: Session, row: AgreementRow, key: bytes) -> Sequence[Paid]:
    """All of them, in the order of their days."""
    query = select(AgreementPaymentRow).where(AgreementPaymentRow.agreement_id == row.id)
    found = session.scalars(query.order_by(AgreementPaymentRow.paid_on, AgreementPaymentRow.id))
    return [paid_as(one, key) for one in found]


def paid_as(row: AgreementPaymentRow, key: bytes) -> Paid:
    said = json.loads(open_small(key, row.id, row.sealed))
    return Paid(row, said["ref"], Payment(row.paid_on, Decimal(said["amount"])))
