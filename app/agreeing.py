"""What a document agrees to (约定): its instalments and its trigger of default, out of the facts of the request."""

from collections.abc import Mapping
from typing import Any

from app import schedule
from app.agreement import INSTALMENT, PROMISE, Due, Terms


def terms_of(kind: str, said: Mapping[str, Any]) -> Terms | None:
    """The terms of a document of this type with these loaded facts; None for a type that agrees to nothing."""
    if kind == INSTALMENT:
        return planned(said["plan"], said["terms"]["default"])
    if kind == PROMISE:
        return promised(said["promise"])
    return None


def planned(plan: Mapping[str, Any], default: Mapping[str, Any]) -> Terms:
    """An agreement by a plan, as a loaded fact."""
    dues = tuple(Due(row.due_on, row.amount, row.charge) for row in schedule.rows(schedule.plan_of(plan)))
    return Terms(plan["currency"], dues, default["missed"], default["grace_days"])


def promised(promise: Mapping[str, Any]) -> Terms:
    """A promise: it is broken on the day after the first row that is not paid."""
    dues = (Due(row["due_on"], row["amount"]) for row in promise["rows"])
    return Terms(promise["currency"], tuple(sorted(dues, key=lambda due: due.on)))
