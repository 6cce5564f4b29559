"""What is done to an agreement, within one transaction: its row and its entry go together."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy.orm import Session

from app.agreement import Move, Payment
from app.artifacts import Actor
from app.registry import agreed
from app.registry.agreed import Returned
from app.store.case_keys import commitment
from app.store.documents import canonical
from app.store.journal import Journal, instant
from app.store.models import AgreementPaymentRow, AgreementRow


@dataclass(frozen=True)
class Act:
    """Who does it, in which role and transaction, and when. `key` is the account's."""

    session: Session
    journal: Journal
    key: bytes
    role: str
    actor: Actor
    at: datetime

    def opened(self, row: AgreementRow, content: Mapping[str, Any], **more: str) -> None:
        """`content` is all that was agreed, as plain data."""
        fields = {
            "type": row.type,
            "state": row.state,
            "on": row.agreed_on.isoformat(),
            "last_due": row.last_due_on.isoformat(),
            "detail_mac": commitment(self.key, canonical(content)),
            **({"document": row.document_id} if row.document_id else {}),
            **more,
        }
        row.seq = self._write(row, "agreement.opened", fields)

    def executed(self, row: AgreementRow, to: str, returned: Returned) -> None:
        said = agreed.read(row, self.key)
        said["executed"] = agreed.executed_as(returned)
        said["texts"].append("")
        said["proofs"].append(None)
        agreed.write(row, self.key, said)
        fields = {
            "document": row.document_id,
            "means": returned.means,
            "on": returned.on.isoformat(),
            "role": self.role,
            "detail_mac": commitment(self.key, canonical({"agreement": row.id, **said["executed"]})),
            **_files(returned, self.key),
        }
        self._step(row, to, returned.means, returned.on, self._write(row, "agreement.executed", fields))

    def moved(self, row: AgreementRow, move: Move, on: date) -> None:
        """Without a text it followed from a payment."""
        said = agreed.read(row, self.key)
        said["texts"].append(move.text)
        said["proofs"].append(move.proof_sha256)
        agreed.write(row, self.key, said)
        mac = commitment(self.key, canonical({"agreement": row.id, "to": move.to, "text": move.text}))
        fields = {
            "from": row.state,
            "to": move.to,
            "on": on.isoformat(),
            "role": self.role,
            "reason": move.reason,
            **({"copy_delivered": move.copy_delivered_on.isoformat()} if move.copy_delivered_on else {}),
            **({"proof_sha256": move.proof_sha256} if move.proof_sha256 else {}),
            **({"detail_mac": mac} if move.text else {}),
        }
        self._step(row, move.to, move.reason, on, self._write(row, "agreement.moved", fields))

    def paid(self, row: AgreementRow, made: AgreementPaymentRow, payment: Payment) -> None:
        """After the row says what is due next."""
        self.session.add(made)
        content = {"payment": made.id, "on": payment.on.isoformat(), "amount": f"{payment.amount:f}"}
        fields = {
            "payment": made.id,
            "on": payment.on.isoformat(),
            "detail_mac": commitment(self.key, canonical(content)),
            **({"next_due": row.next_on.isoformat()} if row.next_on else {}),
        }
        made.seq = self._write(row, "agreement.paid", fields)

    def _write(self, row: AgreementRow, action: str, fields: Mapping[str, Any]) -> int:
        named = {"agreement": row.id, "for_account": row.account_id}
        return self.journal.write(self.session, self.actor, self.at, action, **named, **fields).seq

    def _step(self, row: AgreementRow, to: str, reason: str, on: date, seq: int) -> None:
        when = {"at": instant(self.at), "on": on.isoformat()}
        step = {"from": row.state, "to": to, **when, "role": self.role, "reason": reason, "seq": seq}
        row.state, row.moves = to, [*row.moves, step]


def _files(returned: Returned, key: bytes) -> dict[str, Any]:
    """What came back, by digest. A person's certificate is a person's: of it the log has keyed digests alone."""
    named = {"sha256": returned.sha256, "pages": returned.pages}
    if not returned.size:
        disputed = {} if returned.amount_disputed is None else {"amount_disputed": returned.amount_disputed}
        return {"scan": named, **disputed, **({"objection": returned.objection} if returned.objection else {})}
    certificates = [commitment(key, one.certificate_sha256.encode()) for one in returned.signatures]
    return {"executed": named | {"size": returned.size}, "certificates": certificates}
