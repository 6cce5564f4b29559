"""Which fields an entry has: one table per action. An unknown action or field is refused at append (拒绝写入).

The patterns also keep personal data out, as far as patterns can: a name does not fit into an identifier, and no label
holds eleven digits in a row, so no telephone, card or identity number does. What a label may say beyond its
pattern is the writer's duty (FORMAT.md 4.3). Later, patterns of labels may be
widened and optional fields added; nothing is ever narrowed.
"""

import re
from collections.abc import Callable, Mapping
from datetime import date, datetime
from typing import Any

from audit.errors import EntryRefused

Check = Callable[[Any], bool]
Form = Check | Mapping[str, Any] | list[Any]  # a check, an object of forms (`name?` may be absent), or an array of one


def _text(pattern: str) -> Check:
    compiled = re.compile(pattern)
    return lambda value: type(value) is str and compiled.fullmatch(value) is not None


def _label(pattern: str) -> Check:
    fits = _text(pattern)
    return lambda value: fits(value) and re.search(r"[0-9]{11}", value.replace(" ", "")) is None


def _one_of(*values: object) -> Check:
    return lambda value: any(type(value) is type(known) and value == known for known in values)


def _at_least(least: int) -> Check:
    return lambda value: type(value) is int and value >= least


def _day(value: Any) -> bool:
    return DAY_TEXT(value) and _readable(date.fromisoformat, value)


def _instant(value: Any) -> bool:
    return INSTANT_TEXT(value) and _readable(lambda text: datetime.strptime(text, "%Y-%m-%dT%H:%M:%S.%fZ"), value)


def _readable(reader: Callable[[str], object], value: str) -> bool:
    try:
        reader(value)
    except ValueError:
        return False
    return True


_UUID = r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"
DAY_TEXT = _text(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
INSTANT_TEXT = _text(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\.[0-9]{6}Z")
UUID = _text(_UUID)
UUID7 = _text(r"[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")
HEX = _text(r"[0-9a-f]{64}")
NAME = _label(r"[A-Za-z][A-Za-z0-9_.:/#-]{0,79}")
SHORT = _label(r"[A-Za-z0-9][A-Za-z0-9 ._:()+/,-]{0,119}")  # versions and builds
NUMBER = _label(r"(?=.*[0-9])[A-Za-z0-9\u3400-\u9fff〔〕（）()\[\]_/.-]{1,60}")  # a bare name has no digit
SOURCE = _label(r"[^\x00-\x1f@]{0,200}")  # an article of law, in the words of the rule pack
ORIGIN = _text(r"[a-z0-9][a-z0-9.:-]*(/[A-Za-z0-9._-]+)*")
VKEY = _text(r"[^+\s]{1,200}\+[0-9a-f]{8}\+[A-Za-z0-9+/]{44}")
SIGNATURE = _text(r"[A-Za-z0-9+/]{86}==")
FLAG = _one_of(True, False)

PACK = {"id": NAME, "version": SHORT, "sha256": HEX}
FINDINGS = [{"rule": NAME, "severity": NAME, "source": SOURCE}]
OUTCOME = {"document": UUID, "case": UUID, "intent_seq": _at_least(1)}

COMMON: dict[str, Form] = {
    "v": _one_of(1),
    "id": UUID7,
    "ts": _instant,
    "ts_clamped?": _one_of(True),
    "clock": {"source": NAME, "synchronised": _one_of("yes", "no", "unknown")},
    "actor": _text(rf"system|operator|(key|operator):{_UUID}"),
    "actor_kind": _one_of("system", "operator", "key"),
    "org": lambda value: value == "" or UUID(value) or NAME(value),
    "req": _text(rf"-|[0-9a-f]{{32}}|{_UUID}"),
    "host": lambda value: UUID(value) or SHORT(value),
    "app_version": SHORT,
    "action": NAME,
}

# No field sorts before `action`: it stands first in every entry, where verifiers look for it.
ACTIONS: dict[str, dict[str, Form]] = {
    "log.created": {
        "origin": ORIGIN,
        "format": _one_of("audit/v1"),
        "hash": _one_of("sha256"),
        "log_vkey": VKEY,
        "policy_sha256": HEX,
    },
    "log.key_added": {"log_vkey": VKEY, "endorsed_by": VKEY, "endorsement": SIGNATURE},
    "log.key_retired": {"log_vkey": VKEY, "endorsed_by": VKEY, "endorsement": SIGNATURE},
    "intended": {
        "document": UUID,
        "case": UUID,
        "type": NAME,
        "number": NUMBER,
        "on": _day,
        "on_given": FLAG,
        "specimen": FLAG,
        "requested_by": HEX,
        "run?": HEX,
        "request_mac": HEX,
        "template_sha256": HEX,
        "issuer_sha256?": HEX,
        "for_account?": UUID,
        "tier?": NAME,
        "pack": PACK,
    },
    "refused": {**OUTCOME, "findings": FINDINGS, "approval?": UUID, "pack": PACK},
    "failed": {**OUTCOME, "step": NAME, "missing?": [NAME]},
    "aborted": {**OUTCOME, "reason": NAME},
    "issued": {
        **OUTCOME,
        "type": NAME,
        "number": NUMBER,
        "on": _day,
        "facts_mac": HEX,
        "check_sha256": HEX,
        "files": [
            {"name": NAME, "sha256": HEX, "size": _at_least(1), "pages": _at_least(0), "segments?": _at_least(1)}
        ],
        "disclosures": [{"id": NAME, "source": SOURCE, "page": _at_least(0), "mac": HEX}],
        "rules": [NAME],
        "pack": PACK,
        "template_sha256": HEX,
        "issuer_sha256?": HEX,
        "converter": SHORT,
        "fonts_sha256": HEX,
        "signature": {"level": NAME, "certificate_sha256": HEX, "specimen": FLAG},
        "for_account?": UUID,
        "tier?": NAME,
        "warnings?": FINDINGS,
        "approval?": UUID,
        "stamp_use?": {"authorisation": UUID, "use": _at_least(1)},
    },
    "registry.imported": {
        "file_sha256": HEX,
        "counted": {"accounts": _at_least(0), "events": _at_least(0)},
        "origin": NAME,
        "as_of": _instant,
    },
    "event.recorded": {
        "event": UUID,
        "for_account": UUID,
        "kind": NAME,
        "on": _day,
        "channel?": NAME,
        "outcome?": NAME,
        "document?": UUID,
        "detail_mac": HEX,
    },
    "objection.received": {
        "objection": UUID,
        "for_account": UUID,
        "channel": NAME,
        "grounds": [NAME],
        "due": _day,
        "repeats": FLAG,
        "detail_mac": HEX,
    },
    "objection.moved": {
        "objection": UUID,
        "for_account": UUID,
        "from": NAME,
        "to": NAME,
        "role": NAME,
        "reason?": NAME,
        "reply?": UUID,
        "detail_mac?": HEX,
    },
    "agreement.opened": {
        "agreement": UUID,
        "for_account": UUID,
        "type": NAME,
        "document?": UUID,
        "state": NAME,
        "on": _day,
        "last_due": _day,
        "recording_sha256?": HEX,
        "detail_mac": HEX,
    },
    "agreement.executed": {
        "agreement": UUID,
        "for_account": UUID,
        "document": UUID,
        "means": NAME,
        "on": _day,
        "role": NAME,
        "executed?": {"sha256": HEX, "size": _at_least(1), "pages": _at_least(1)},
        "scan?": {"sha256": HEX, "pages": _at_least(1)},
        "certificates?": [HEX],
        "amount_disputed?": FLAG,
        "objection?": UUID,
        "detail_mac": HEX,
    },
    "agreement.moved": {
        "agreement": UUID,
        "for_account": UUID,
        "from": NAME,
        "to": NAME,
        "on": _day,
        "role": NAME,
        "reason": NAME,
        "copy_delivered?": _day,
        "proof_sha256?": HEX,
        "detail_mac?": HEX,
    },
    "agreement.paid": {
        "agreement": UUID,
        "for_account": UUID,
        "payment": UUID,
        "on": _day,
        "next_due?": _day,
        "detail_mac": HEX,
    },
    "approval.asked": {
        "approval": UUID,
        "document": UUID,
        "case": UUID,
        "findings": FINDINGS,
        "expires": _instant,
        "request_mac": HEX,
        "template_sha256": HEX,
        "pack": PACK,
    },
    "approval.decided": {
        "approval": UUID,
        "document": UUID,
        "case": UUID,
        "decision": _one_of("granted", "declined", "expired", "void"),
        "role": NAME,
        "reason": NAME,
        "reason_mac?": HEX,
    },
    "delivery.moved": {
        "document": UUID,
        "case": UUID,
        "from": NAME,
        "to": NAME,
        "on": _day,
        "reason?": NAME,
        "detail_mac?": HEX,
    },
    "stamp.authorised": {
        "authorisation": UUID,
        "stamp_sha256?": HEX,
        "issuer": NAME,
        "types": [NAME],
        "template_sha256?": HEX,
        "since": _day,
        "until": _day,
        "maximum": _at_least(1),
        "approvers": [HEX],
    },
    "stamp.revoked": {"authorisation": UUID, "used": _at_least(0)},
    "key.created": {"key": UUID, "role": NAME, "key_org": lambda value: UUID(value) or NAME(value)},
    "key.revoked": {"key": UUID, "role": NAME, "key_org": lambda value: UUID(value) or NAME(value)},
}


def check(payload: Mapping[str, Any]) -> None:
    """Refuse a payload that is not exactly one of the tables, naming the field and never its value."""
    action = payload.get("action")
    if type(action) is not str or action not in ACTIONS:
        raise EntryRefused("action: not one that the log knows")
    _check(COMMON | ACTIONS[action], payload, action)
    if payload["actor"].partition(":")[0] != payload["actor_kind"]:
        raise EntryRefused(f"{action}.actor_kind: another kind than the actor's")


def _check(form: Form, value: Any, path: str) -> None:
    if isinstance(form, Mapping):
        _check_object(form, value, path)
    elif isinstance(form, list):
        if type(value) is not list:
            raise EntryRefused(f"{path}: not a list")
        for index, item in enumerate(value):
            _check(form[0], item, f"{path}[{index}]")
    elif not form(value):
        raise EntryRefused(f"{path}: not a value that belongs here")


def _check_object(form: Mapping[str, Any], value: Any, path: str) -> None:
    if not isinstance(value, Mapping):
        raise EntryRefused(f"{path}: not an object")
    known = {name.removesuffix("?"): inner for name, inner in form.items()}
    if value.keys() - known.keys():
        raise EntryRefused(f"{path}: has a field that the table does not know")
    if missing := {name for name in form if not name.endswith("?")} - value.keys():
        raise EntryRefused(f"{path}: lacks {', '.join(sorted(missing))}")
    for name, inner in value.items():
        _check(known[name], inner, f"{path}.{name}")
