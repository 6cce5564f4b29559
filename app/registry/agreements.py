"""Agreements (承诺、协议) of an account: issued or made by word of mouth, signed, performed, paid; each with its entry.

Telling the same agreement or payment again under the same reference changes nothing. Amounts, and what was said, are
encrypted under the account's key and stand in the log as keyed digests. Whoever comes second finds an agreement where
the first has left it. Once one binds us, dunning letters that are not posted yet are withdrawn.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from io import BytesIO
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.agreement import (
    DEFAULTED,
    EXECUTED,
    ISSUED,
    MOVES,
    ORAL,
    PAID,
    PAYABLE,
    PERFORMING,
    SETTLED_EARLY,
    STATES,
    Move,
    Payment,
    Standing,
    Terms,
    fault,
    fulfilled,
    payment_fault,
    standing,
    stops_collection,
)
from app.artifacts import Actor, Attempt
from app.errors import IllegalAgreement, InvalidRequest, NotFound, StepFailed
from app.registry import agreed
from app.registry.accounts import Registry
from app.registry.agreed import Paid, Returned
from app.registry.agreement_acts import Act
from app.registry.agreement_bounds import (
    premature,
    require_alone,
    require_in_time,
    require_own_scan,
    require_told_dispute,
    since,
    untimely,
)
from app.registry.delivery import Deliveries
from app.store.documents import Documents, canonical
from app.store.models import AgreementPaymentRow, AgreementRow
from app.wording import PLACES, beijing_day

_SAID = ("ref", "agreed_at", "plan", "recording")  # of what was told, what is kept beside the terms
WITHDRAWN_FOR = "agreement"  # of app/delivery.py: why a letter is withdrawn


@dataclass(frozen=True)
class Made:
    """An agreement by word of mouth as it was taken down: `fresh` is False when it had been told before."""

    row: AgreementRow
    fresh: bool


@dataclass(frozen=True)
class Agreements:
    """Agreements of one installation. Threads and processes may share it."""

    registry: Registry
    documents: Documents

    def open(
        self, session: Session, attempt: Attempt, terms: Terms, at: datetime, *, cardholder_signs: bool,
        period_over: bool,
    ) -> None:  # fmt: skip
        """Begin the life of one that is being issued, in the very transaction that records the document.

        `period_over`: a human let it be issued although the limitation period had run out.
        """
        order = attempt.order
        if order.subject is None:
            raise StepFailed("seal", "an agreement on no account", status=500)
        account_id, kind = order.subject.account_id, order.type.name
        row = agreed.new(account_id, order.issuer.id, kind, ISSUED, terms, order.on, order.actor, at)
        row.document_id, row.cardholder_signs, row.period_over = attempt.document_id, cardholder_signs, period_over
        act = self._act(session, row, "", order.actor, at)
        agreed.write(row, act.key, agreed.kept(terms))
        session.add(row)
        act.opened(row, agreed.plain(terms))

    def tell(self, told: Mapping[str, Any], terms: Terms, ends: Collection[str], actor: Actor, at: datetime) -> Made:
        """Take down one that was made by word of mouth: it binds at once. `IllegalAgreement` while another one does.

        `told` is plain data (app/facts/agreement.py); `ends` are the document types that it puts an end to.
        """
        made_at = datetime.fromisoformat(told["agreed_at"])
        if made_at > at:
            raise InvalidRequest({"agreed_at": ["晚于当前时间"]})
        account_id = self.registry.account_id(told["issuer"], told["card_number"])
        key, tokens = self.registry.case_keys.open(account_id), self.registry.case_keys
        row = agreed.new(account_id, told["issuer"], ORAL, EXECUTED, terms, beijing_day(made_at), actor, at)
        row.executed_on = row.agreed_on
        row.source = tokens.token("agreement", actor.organisation, told["ref"])
        row.fingerprint = tokens.token("agreement-body", canonical(told).decode())
        said = {name: told[name] for name in _SAID}
        agreed.write(row, key, agreed.kept(terms, said))
        with self.documents.database.write() as session:
            known = session.scalar(select(AgreementRow).where(AgreementRow.source == row.source))
            if known is not None:
                if known.fingerprint != row.fingerprint:
                    raise InvalidRequest({"ref": ["此编号已用于另一协议"]})
                return Made(known, fresh=False)
            require_alone(session, row)
            session.add(row)
            act = self._act(session, row, "", actor, at)
            act.opened(row, told, recording_sha256=told["recording"]["sha256"])
            self._stop(act, row, ends)
        return Made(row, fresh=True)

    def execute(
        self, agreement_id: str, returned: Returned, content: bytes, ends: Collection[str], role: str,
        issuers: Collection[str], actor: Actor, at: datetime,
    ) -> AgreementRow:  # fmt: skip
        """It came back signed, as `returned` says; `content` is the signed file, b"" for a scan that stays elsewhere.

        The same return again changes nothing; another one is an `IllegalAgreement`.
        """
        row = self.find(agreement_id, issuers)
        if self._came_back(row, returned):
            return row
        blob = self._keep(row, content) if content else None
        with self.documents.database.write() as session:
            row = _seen(session.get(AgreementRow, agreement_id), issuers)
            if self._came_back(row, returned):
                return row
            if illegal := fault(row.type, row.state, Move(EXECUTED, returned.means, "")):
                raise IllegalAgreement({"_schema": [illegal[1]]})
            if not row.agreed_on <= returned.on <= beijing_day(at):
                raise InvalidRequest({"received_on": ["早于文书日期，或者晚于当日"]})
            require_in_time(row, returned.on)
            require_alone(session, row)
            require_own_scan(session, row, returned)
            require_told_dispute(session, row, returned)
            row.executed_on, row.executed_blob, row.executed_sha256 = returned.on, blob, returned.sha256
            act = self._act(session, row, role, actor, at)
            act.executed(row, EXECUTED, returned)
            self._stop(act, row, ends)
        return row

    def move(
        self, agreement_id: str, move: Move, ends: Collection[str], role: str, issuers: Collection[str], actor: Actor,
        at: datetime,
    ) -> AgreementRow:  # fmt: skip
        """One move; `IllegalAgreement` when the table or what was agreed has none, `InvalidRequest` for its days."""
        today = beijing_day(at)
        on = move.on or today
        with self.documents.database.write() as session:
            row = _seen(session.get(AgreementRow, agreement_id), issuers)
            if illegal := fault(row.type, row.state, move) or premature(row, move, on, today):
                raise IllegalAgreement({illegal[0]: [illegal[1]]})
            if wrong := untimely(row, move, on, today):
                raise InvalidRequest(wrong)
            if move.to == PERFORMING:  # again, it may be
                require_alone(session, row)
            row.defaulted_on = on if move.to == DEFAULTED else None if move.to == PERFORMING else row.defaulted_on
            act = self._act(session, row, role, actor, at)
            act.moved(row, move, on)
            self._stop(act, row, ends)
        return row

    def pay(
        self, agreement_id: str, ref: str, payment: Payment, role: str, issuers: Collection[str], actor: Actor,
        at: datetime,
    ) -> tuple[AgreementRow, Paid, bool]:  # fmt: skip
        """Take a payment down; True when it is fresh. What is paid in full is completed (a promise is kept)."""
        tokens, amount = self.registry.case_keys, f"{payment.amount:f}"
        source = tokens.token("agreement-payment", actor.organisation, ref)
        with self.documents.database.write() as session:
            row = _seen(session.get(AgreementRow, agreement_id), issuers)
            act = self._act(session, row, role, actor, at)
            fingerprint = tokens.token("agreement-payment-body", row.id, payment.on.isoformat(), amount)
            known = session.scalar(select(AgreementPaymentRow).where(AgreementPaymentRow.source == source))
            if known is not None:
                if known.fingerprint != fingerprint:
                    raise InvalidRequest({"ref": ["此编号已用于另一笔还款"]})
                return row, agreed.paid_as(known, act.key), False
            made = agreed.new_payment(row, act.key, ref, payment, at)
            made.source, made.fingerprint = source, fingerprint
            nothing_left = not self._take(act, row, made, payment).left
            if row.next_on is None and fulfilled(row.type) in MOVES[row.type].get(row.state, ()):
                done = Move(fulfilled(row.type), PAID if nothing_left else SETTLED_EARLY, "")
                act.moved(row, done, max(row.paid_on or payment.on, since(row)))
        return row, Paid(made, ref, payment), True

    def find(self, agreement_id: str, issuers: Collection[str]) -> AgreementRow:
        """The agreement, or `NotFound`: also when it is on another issuer's account."""
        with self.documents.database.read() as session:
            return _seen(session.get(AgreementRow, agreement_id), issuers)

    def of_document(self, document_id: str) -> str | None:
        """The id of the agreement that this document began, None when it began none."""
        with self.documents.database.read() as session:
            return session.scalar(select(AgreementRow.id).where(AgreementRow.document_id == document_id))

    def said(self, row: AgreementRow) -> tuple[agreed.Kept, Sequence[Paid]]:
        """What was agreed, how it was signed, what was said with each move, and every payment. Personal data."""
        key = self.registry.case_keys.open(row.account_id)
        with self.documents.database.read() as session:
            return agreed.read(row, key), agreed.payments(session, row, key)

    def executed_file(self, row: AgreementRow) -> bytes:
        """The file that came back signed, or `NotFound`. Whether it is the recorded one, the caller asks."""
        if row.executed_blob is None or row.document_id is None:
            raise NotFound("no signed file is kept of the agreement")
        case_id = self.documents.find(row.document_id, None).case_id
        return self.documents.blobs.get(row.executed_blob, case_id, self.documents.case_keys.open(case_id))

    def page(
        self, issuers: Collection[str], state: str | None, before: str | None, limit: int
    ) -> Sequence[AgreementRow]:
        """Those of these issuers, the newest first; `before` is the id of the last one seen."""
        query = select(AgreementRow).where(AgreementRow.issuer.in_(sorted(issuers)))
        if state is not None:
            query = query.where(AgreementRow.state == state)
        if before is not None:
            query = query.where(AgreementRow.id < before)
        with self.documents.database.read() as session:
            return session.scalars(query.order_by(AgreementRow.id.desc()).limit(limit)).all()

    def _take(self, act: Act, row: AgreementRow, made: AgreementPaymentRow, payment: Payment) -> Standing:
        """The payment, if it is one on this agreement; and where performance stands after it."""
        if row.state not in PAYABLE[row.type]:
            raise IllegalAgreement({"paid_on": [f"{STATES[row.state]}，不登记还款"]})
        terms = agreed.terms_of(agreed.read(row, act.key))
        before = [one.payment for one in agreed.payments(act.session, row, act.key)]
        if payment.amount.as_tuple().exponent != -PLACES[terms.currency]:
            raise InvalidRequest({"amount": ["小数位数与币种不符"]})
        if wrong := payment_fault(terms, before, payment, row.agreed_on, beijing_day(act.at)):
            raise InvalidRequest({wrong[0]: [wrong[1]]})
        now = standing(terms, [*before, payment])
        row.next_on, row.defaults_on, row.paid_on = now.next_on, now.defaults_on, now.paid_on
        act.paid(row, made, payment)
        return now

    def _act(self, session: Session, row: AgreementRow, role: str, actor: Actor, at: datetime) -> Act:
        key = self.registry.case_keys.open(row.account_id)
        return Act(session, self.documents.journal, key, role, actor, at)

    def _stop(self, act: Act, row: AgreementRow, ends: Collection[str]) -> None:
        """Withdraw the letters that are not posted yet, if collection stops."""
        if stops_collection(row.type, row.state):
            deliveries = Deliveries(self.registry.database, self.registry.case_keys, act.journal)
            deliveries.withdraw_unposted(act.session, row.account_id, ends, WITHDRAWN_FOR, act.at, act.actor)

    def _came_back(self, row: AgreementRow, returned: Returned) -> bool:
        """Whether it was executed by this very return."""
        said = agreed.read(row, self.registry.case_keys.open(row.account_id))["executed"]
        if said is None:
            return False
        same = ("means", "sha256", "amount_disputed", "objection")
        return all(said[name] == getattr(returned, name) for name in same)

    def _keep(self, row: AgreementRow, content: bytes) -> str:
        """The signed file is durable before anybody is told of it; a crash in between leaves a blob without a row."""
        case_id = self.documents.find(row.document_id or "", None).case_id
        return self.documents.blobs.put(BytesIO(content), case_id, self.documents.case_keys.open(case_id))


def _seen(row: AgreementRow | None, issuers: Collection[str]) -> AgreementRow:
    if row is None or row.issuer not in issuers:
        raise NotFound("there is no such agreement")
    return row
