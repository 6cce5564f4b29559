"""Find an account and gather what is known of it (账户档案).

Accounts are found by a keyed token of issuer and card number, persons and contact points by tokens under the same key;
none of them can be guessed from the database. An account that nobody told us about is made when it is first asked for,
without a baseline: then nothing is known, and the gate is told so.
"""

import re
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.artifacts import Order, Subject
from app.registry import gathered, stamps
from app.registry.known import Known
from app.store.case_keys import CaseKeys
from app.store.database import Database
from app.store.models import AccountRow, BlockedContactRow, ObjectionRow
from app.text import fold

_TELEPHONE = re.compile(r"[+0-9(][0-9()./ -]{4,24}")


@dataclass(frozen=True)
class Registry:
    """The registry of one installation. Threads and processes may share it."""

    database: Database
    case_keys: CaseKeys

    def subject(self, order: Order, tier: str = "", *, make: bool = True) -> Subject | None:
        """Of whom the request speaks: account, addressee and contact point as tokens. None when it has no account.

        An account that nobody has asked about is made, unless `make` is false: then its id is "".
        """
        account = order.plain.get("account") or order.plain.get("card")
        if not account:
            return None
        look = self.account_id if make else self.find
        account_id = look(order.issuer.id, account["card_number"]) or ""
        names = {party["id"]: party["name"] for party in order.plain["parties"]}
        name = names[order.plain["addressee"]] if "addressee" in order.plain else ""
        delivery = order.plain.get("delivery") or {}
        return Subject(
            account_id=account_id,
            addressee=self.party(account_id, name) if name else "",
            contact=self.contact(account_id, delivery.get("recipient") or {}),
            tier=tier,
            number=self.number(account_id, order.plain),
        )

    def account_id(self, issuer: str, card_number: str) -> str:
        """The account's random id; made now when it is new. A crash in between leaves a key that nothing uses."""
        found = self.find(issuer, card_number)
        return found or self._make_account(issuer, card_number)

    def _make_account(self, issuer: str, card_number: str) -> str:
        fresh, token = str(uuid.uuid4()), self._account_token(issuer, card_number)
        self.case_keys.ensure(fresh)
        with self.database.write() as session:
            found = _find(session, issuer, token)  # somebody else may have been quicker
            if found is None:
                found = AccountRow(id=fresh, issuer=issuer, token=token)
                session.add(found)
        return found.id

    def find(self, issuer: str, card_number: str) -> str | None:
        """The account's id, or None when nobody has spoken of it yet."""
        with self.database.read() as session:
            found = _find(session, issuer, self._account_token(issuer, card_number))
        return found.id if found else None

    def issuer_of(self, session: Session, account_id: str) -> str | None:
        row = session.get(AccountRow, account_id)
        return row.issuer if row else None

    def known_of(self, session: Session, account_id: str, issuer: str) -> Known:
        """What is known of the account, whoever asks and whatever for."""
        return self.known(session, Subject(account_id, "", "", ""), issuer)

    def _account_token(self, issuer: str, card_number: str) -> str:
        return self.case_keys.token("account", issuer, card_number)

    def party(self, account_id: str, name: str) -> str:
        return self.case_keys.token("party", account_id, fold(name).text)

    def contact(self, account_id: str, place: Mapping[str, Any] | str) -> str:
        """The token of a telephone number, an e-mail address, or a postal address in its parts."""
        if not isinstance(place, str):
            place = "".join(str(place.get(part) or "") for part in ("province", "city", "district", "line"))
        return self.case_keys.token("contact", account_id, one_spelling(place)) if place else ""

    def number(self, account_id: str, plain: Mapping[str, Any]) -> str:
        """The token of the telephone that the request's short message goes to; "" when it has none."""
        sms = plain.get("sms") or {}
        return self.contact(account_id, sms["number"]) if sms else ""

    def known(self, session: Session, subject: Subject | None, issuer: str, document_id: str = "") -> Known:
        """What is known of the subject in this transaction, the document that is asking left out."""
        if subject is None:
            return Known(authorisations=stamps.authorisations(session, issuer))
        account_id = subject.account_id  # "" is an account that was not made
        row = session.get_one(AccountRow, account_id) if account_id else None
        return Known(
            baseline_on=row.baseline_on if row else None,
            fed_at=row.fed_at if row else None,
            addressee=subject.addressee,
            contact=subject.contact,
            number=subject.number,
            letters=gathered.letters(session, account_id, document_id),
            events=gathered.events(session, account_id),
            objections=gathered.objections(session, account_id),
            agreements=gathered.agreements(session, account_id),
            blocked=frozenset(
                session.scalars(select(BlockedContactRow.contact).where(BlockedContactRow.account_id == account_id))
            ),
            authorisations=stamps.authorisations(session, issuer),
        )

    def answer(self, session: Session, objection_id: str, document_id: str) -> None:
        """This document answers the objection; in the transaction that records it, after the gate was asked."""
        session.get_one(ObjectionRow, objection_id).reply_id = document_id

    def use_stamp(
        self, session: Session, document_id: str, stamp_sha256: str, template_sha256: str, at: datetime
    ) -> dict[str, Any]:
        """Count one use of the stamp down, in the transaction that records the document; what its entry says of it."""
        return stamps.use(session, document_id, stamp_sha256, template_sha256, at)


def one_spelling(place: str) -> str:
    """A contact point as it is compared: a telephone number by its digits alone, without the country's +86."""
    plain = fold(place).text.casefold()
    if _TELEPHONE.fullmatch(plain):
        return re.sub(r"^(?:0086|86(?=1[0-9]{10}$))", "", re.sub(r"[^0-9]", "", plain))
    return plain


def _find(session: Session, issuer: str, token: str) -> AccountRow | None:
    return session.scalar(select(AccountRow).where(AccountRow.issuer == issuer, AccountRow.token == token))
