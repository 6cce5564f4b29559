"""What is shown of an agreement: to everybody who may see it, and to officers."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from app.agreeing import PERIOD
from app.agreement import Limitation, Terms, allocated, limitation, payoff, standing, stops_collection
from app.api.guard import house
from app.catalogue import in_force
from app.errors import StepFailed
from app.registry import Paid, agreed
from app.store.models import AgreementRow
from app.wording import beijing_day, canonical

_INTERRUPTED = "《民法典》第一百九十五条第二项；《最高人民法院关于审理民事案件适用诉讼时效制度若干问题的规定》第十四条"
_LAST_DUE = "《民法典》第一百八十九条"
_ANEW = "《民法典》第一百九十五条"
_ENDS = "《民法典》第一百八十八条第一款"
_WAIVED = "《民法典》第一百九十二条；《最高人民法院关于审理民事案件适用诉讼时效制度若干问题的规定》第十九条"
_MAY_BE_WAIVED = (
    "出具时诉讼时效期间可能已经届满，不按中断重新起算；持卡人此时同意履行的，可能构成对时效抗辩的放弃，"
    "是否构成、范围如何，须结合其真实意思和具体情形认定。"
)


def summary(row: AgreementRow) -> dict[str, Any]:
    names = ("id", "issuer", "type", "state", "agreed_on", "executed_on", "next_on", "last_due_on", "defaults_on")
    return {name: getattr(row, name) for name in (*names, "defaulted_on", "paid_on")} | {
        "account": row.account_id,
        "organisation": row.organisation_id,
        "document": row.document_id,
        "stops_collection": stops_collection(row.type, row.state),
        "moves": [dict(step) for step in row.moves],
    }


def whole(row: AgreementRow, *, officer: bool) -> dict[str, Any]:
    """All of it; amounts, names and texts for officers alone."""
    said, payments = house().agreements.said(row)
    shown = summary(row) | {"limitation": _limitation(row, payments)}
    if not officer:
        return shown
    for step, text, proof in zip(shown["moves"], said["texts"], said["proofs"], strict=True):
        step.update(text=text, proof_sha256=proof)
    terms = agreed.terms_of(said)
    return shown | {
        "terms": _terms(terms, payments),
        "payments": [
            {
                "id": one.row.id,
                "ref": one.ref,
                "on": one.payment.on,
                "amount": canonical(one.payment.amount, terms.currency),
                "seq": one.row.seq,
            }
            for one in payments
        ],
        "executed": said["executed"],
        "told": said["told"] and {name: said["told"][name] for name in ("ref", "agreed_at", "recording")},
    }


def _terms(terms: Terms, payments: Sequence[Paid]) -> dict[str, Any]:
    made = [one.payment for one in payments]
    left, today = standing(terms, made).left, beijing_day(house().steps.now())
    paid = allocated(terms.dues, terms.total - left)
    return {
        "currency": terms.currency,
        "total": canonical(terms.total, terms.currency),
        "left": canonical(left, terms.currency),
        "payoff": canonical(payoff(terms, made, today), terms.currency),
        "missed": terms.missed,
        "grace_days": terms.grace_days,
        "dues": [
            {"on": due.on, "amount": canonical(due.amount, terms.currency), "paid": canonical(part, terms.currency)}
            for due, part in zip(terms.dues, paid, strict=True)
        ],
    }


def _limitation(row: AgreementRow, payments: Sequence[Paid]) -> dict[str, Any] | None:
    """Nothing of one that the cardholder did not sign: how long a guarantor is liable is not asked here."""
    days, years = [one.payment.on for one in payments], _years()
    if not row.cardholder_signs:
        return None
    found = limitation(row.type, row.state, row.executed_on, days, row.last_due_on, years)
    if found is None or row.executed_on is None:
        return None
    return _after_expiry(row.executed_on, years) if row.period_over else _sourced(found, years)


def _sourced(found: Limitation, years: int) -> dict[str, Any]:
    """Each line with its legal source."""
    return {
        "began": [{"on": day, "by": cause, "source": _INTERRUPTED} for day, cause in found.began],
        "runs_from": found.runs_from,
        "runs_from_source": _LAST_DUE if found.deferred else _ANEW,
        "years": years,
        "ends_on": found.ends_on,
        "ends_on_source": _ENDS,
        "after_expiry": None,
    }


def _after_expiry(on: date, years: int) -> dict[str, Any]:
    """A period that has run out does not begin anew, and when it ends is not to be told from this agreement."""
    return {
        "began": [],
        "runs_from": None,
        "runs_from_source": None,
        "years": years,
        "ends_on": None,
        "ends_on_source": None,
        "after_expiry": {"on": on, "note": _MAY_BE_WAIVED, "source": _WAIVED},
    }


def _years() -> int:
    """The length of the period: a parameter of the law as data."""
    service = house()
    today = beijing_day(service.steps.now())
    rules = [rule for pack in service.catalogue.packs.values() for rule in pack.rules if rule.use == PERIOD]
    years = {int(rule.given["years"]) for rule in rules if in_force(rule, today)}
    if len(years) != 1:
        raise StepFailed("agreement", "no one rule says how long the limitation period is", status=500)
    return years.pop()
