"""What the service says to the log: the fields that every entry carries, and what each outcome says.

Nothing personal and nothing guessable goes in: random ids, digests of signed files, keyed digests of the rest.
"""

import secrets
import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy.orm import Session

from app.artifacts import Actor, Attempt, Order, Signed
from app.catalogue import Pack
from app.errors import DisclosureMissing, Finding, Refused, StepFailed
from audit import log

SYSTEM = Actor(id="system", kind="system", organisation="", request_id="-")


@dataclass(frozen=True)
class Journal:
    """Writes entries inside the caller's transaction, as its last act before the commit."""

    host: str
    version: str

    def common(self, actor: Actor, at: datetime) -> dict[str, Any]:
        """The fields of every entry. Whether the clock is synchronised is not known here, and the entry says so."""
        return {
            "v": 1,
            "id": str(uuid7(at)),
            "ts": instant(at),
            "clock": {"source": "system", "synchronised": "unknown"},
            "actor": actor.id,
            "actor_kind": actor.kind,
            "org": actor.organisation,
            "req": actor.request_id,
            "host": self.host,
            "app_version": self.version,
        }

    def write(self, session: Session, actor: Actor, at: datetime, action: str, **fields: Any) -> log.Appended:
        session.flush()  # the rows go first: the entry is the last act before the commit
        return log.append(session.connection(), self.common(actor, at) | {"action": action} | fields)

    def write_run(
        self, session: Session, actor: Actor, at: datetime, entries: Sequence[tuple[str, Mapping[str, Any]]]
    ) -> list[log.Appended]:
        """Several entries for one commit: (action, fields) each."""
        session.flush()
        payloads = [{**self.common(actor, at), "action": action, **fields} for action, fields in entries]
        return log.append_run(session.connection(), payloads)


def intended(order: Order, document_id: str, case_id: str, number: str, tokens: Mapping[str, str]) -> dict[str, Any]:
    return {
        "document": document_id,
        "case": case_id,
        "type": order.type.name,
        "number": number,
        "on": order.on.isoformat(),
        "on_given": order.on_given,
        "specimen": order.specimen,
        "template_sha256": order.type.sha256,
        "issuer_sha256": order.issuer.sha256,
        "pack": pack_named(order.pack),
        **tokens,
        **_subject(order),
    }


def refused(attempt: Attempt, refusal: Refused) -> dict[str, Any]:
    named = {"findings": entered(refusal.findings), "pack": pack_named(attempt.order.pack)}
    return _outcome(attempt) | named | granted(attempt)


def failed(attempt: Attempt, failure: StepFailed) -> dict[str, Any]:
    missing = {"missing": sorted(failure.missing)} if isinstance(failure, DisclosureMissing) else {}
    return _outcome(attempt) | {"step": failure.step} | missing


def issued(
    attempt: Attempt,
    signed: Signed,
    *,
    facts_mac: str,
    check_sha256: str,
    disclosures: list[dict[str, Any]],
    fonts_sha256: str,
) -> dict[str, Any]:
    order, verified = attempt.order, signed.verified
    warnings = entered(verified.assembled.converted.rendered.approved.warnings)
    files = [
        {
            "name": part.released_as,
            "sha256": part.file.sha256,
            "size": part.file.size,
            "pages": verified.pages[part.name],
            **({"segments": verified.segments[part.name]} if part.name in verified.segments else {}),
        }
        for part in signed.parts
    ]
    return _outcome(attempt) | {
        "type": order.type.name,
        "number": attempt.number,
        "on": order.on.isoformat(),
        "facts_mac": facts_mac,
        "check_sha256": check_sha256,
        "files": files,
        "disclosures": disclosures,
        "rules": list(verified.assembled.converted.rendered.approved.rules),
        "pack": pack_named(order.pack),
        "template_sha256": order.type.sha256,
        "issuer_sha256": order.issuer.sha256,
        "converter": verified.assembled.converted.converter,
        "fonts_sha256": fonts_sha256,
        "signature": {
            "level": signed.level,
            "certificate_sha256": signed.certificate_sha256,
            "specimen": order.specimen,
        },
        **_subject(order),
        **granted(attempt),
        **({"warnings": warnings} if warnings else {}),
    }


def entered(findings: Iterable[Finding]) -> list[dict[str, str]]:
    """Findings as an entry has them: which rule and its law, not the words."""
    return [{"rule": f.rule, "severity": f.severity, "source": f.source} for f in findings]


def instant(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def pack_named(pack: Pack) -> dict[str, str]:
    return {"id": pack.jurisdiction, "version": pack.version, "sha256": pack.digest}


def _outcome(attempt: Attempt) -> dict[str, Any]:
    return {"document": attempt.document_id, "case": attempt.case_id, "intent_seq": attempt.intent_seq}


def _subject(order: Order) -> dict[str, str]:
    if order.subject is None:
        return {}
    return {"for_account": order.subject.account_id} | ({"tier": order.subject.tier} if order.subject.tier else {})


def granted(attempt: Attempt) -> dict[str, str]:
    """The approval that let the document go on, if one had to."""
    return {"approval": attempt.granted.approval_id} if attempt.granted else {}


def uuid7(at: datetime) -> uuid.UUID:
    """RFC 9562 version 7: 48 bits of milliseconds, the rest random, so that ids sort by time."""
    milliseconds = int(at.timestamp() * 1000)
    random = secrets.randbits(62)
    return uuid.UUID(int=(milliseconds << 80) | (0x7 << 76) | (secrets.randbits(12) << 64) | (0b10 << 62) | random)
