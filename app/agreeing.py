"""What a document agrees to (约定): its instalments and its trigger of default, out of the facts of the request.

And who agrees: whether the cardholder does, and whether after the limitation period.
"""

from collections.abc import Mapping
from typing import Any

from app import schedule
from app.agreement import INSTALMENT, PROMISE, SIGNED_BY, Due, Terms
from app.artifacts import Attempt

PERIOD = "within_limitation"  # the check whose `years` are the limitation period


def terms_of(kind: str, said: Mapping[str, Any]) -> Terms | None:
    """The terms of a document of this type with these loaded facts; None for a type that agrees to nothing."""
    if kind == INSTALMENT:
        return planned(said["plan"], said["terms"]["default"])
    if kind == PROMISE:
        return promised(said["promise"])
    return None


def signers_of(kind: str, said: Mapping[str, Any]) -> list[str]:
    """The ids of the parties who sign beside the issuer, in the order of their fields."""
    named = said[SIGNED_BY[kind]]
    return [named] if isinstance(named, str) else [one["party"] for one in named]


def cardholder_signs(kind: str, said: Mapping[str, Any]) -> bool:
    """Whether the cardholder is one of them: what a guarantor promises is the guarantor's word alone."""
    return said["account"]["holder"] in signers_of(kind, said)


def period_was_over(attempt: Attempt) -> bool:
    """Whether a human let it be issued although the limitation period had run out."""
    asked = {rule.id for rule in attempt.order.pack.rules if rule.use == PERIOD}
    return attempt.granted is not None and any(rule in asked for rule, _ in attempt.granted.findings)


def planned(plan: Mapping[str, Any], default: Mapping[str, Any]) -> Terms:
    """An agreement by a plan, as a loaded fact."""
    dues = tuple(Due(row.due_on, row.amount, row.charge) for row in schedule.rows(schedule.plan_of(plan)))
    return Terms(plan["currency"], dues, default["missed"], default["grace_days"])


def promised(promise: Mapping[str, Any]) -> Terms:
    """A promise: it is broken on the day after the first row that is not paid."""
    dues = (Due(row["due_on"], row["amount"]) for row in promise["rows"])
    return Terms(promise["currency"], tuple(sorted(dues, key=lambda due: due.on)))
