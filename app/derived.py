"""What follows from the facts of a request (推得), for filling papers: names for codes, days overdue, a plan's rows.

Plain data in, plain data out: `derive` gives the request's own fields with more in them, `derived_shape` the same for
shapes, so that a blank which nothing fills is known before anything is filled. Nothing is taken on trust that can be
computed: the rows of a plan are those of app/schedule.py, whoever sent them.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from datetime import date
from decimal import Decimal
from typing import Any

from app import schedule
from app.clauses import ASKED_BY, CAUSES, COURTS, EXPLAINED, MEANS, METHODS, OTHER_FEES, fees
from app.objection import reference
from app.schedule import CUSTOM, Plan, plan_of
from app.wording import canonical, currency_name

Plain = Mapping[str, Any]

ROLES = {
    "cardholder": "持卡人",
    "supplementary_cardholder": "附属卡持卡人",
    "joint_obligor": "共同债务人",
    "guarantor": "担保人",
    "legal_successor": "权利义务承受人",
}
_SALUTATIONS = {"male": "先生", "female": "女士"}
_AGENCY = ("name", "uscc")
_PARTY = ("id", "kind", "name", "salutation")
_REPAYMENT = ("currency", "account_name", "bank", "note")
_MONEY = ("amount", "principal", "charge", "balance_after")
_SHOWN = 4  # characters of an identity number that a paper shows


def derive(facts: Plain, issuer: Plain, on: date) -> dict[str, Any]:
    """The facts with what follows from them on that day; a fact that is absent, or null, stays as it is."""
    derived = dict(facts)
    for name, made in _MADE.items():
        if facts.get(name):
            derived[name] = made(facts, issuer, on)
    return derived


def derived_shape(shape: dict[str, Any]) -> dict[str, Any]:
    """The shape of what `derive` gives, from the shape of the facts."""
    return {name: _SHAPED[name](inner) if name in _SHAPED else inner for name, inner in shape.items()}


# --- the account and what is owed


def _account(facts: Plain, issuer: Plain, on: date) -> dict[str, Any]:
    account = facts["account"]
    debts = [_debt(debt, issuer, on) for debt in account["debts"]]
    return {**account, "holder": _party(facts, account["holder"]), "debts": debts}


def _debt(debt: Plain, issuer: Plain, on: date) -> dict[str, Any]:
    days = (on - date.fromisoformat(debt["oldest_unpaid_due_on"])).days
    return {**_payable(debt, issuer), "days_overdue": days}


def _card(facts: Plain, _: Plain, __: date) -> dict[str, Any]:
    return {**facts["card"], "holder": _party(facts, facts["card"]["holder"])}


def _statements(facts: Plain, issuer: Plain, _: date) -> list[dict[str, Any]]:
    return [_payable(statement, issuer) for statement in facts["statements"]]


def _payable(owed: Plain, issuer: Plain) -> dict[str, Any]:
    """What is owed in one currency, with how that currency is written and paid."""
    currency = owed["currency"]
    into = [account for account in issuer.get("repayment_accounts", ()) if account["currency"] == currency]
    return {
        **owed,
        **_unit(currency),
        "repayment": into[0] if into else None,  # None raises when printed: an issuer must take what it claims
    }


def _unit(currency: str) -> dict[str, str]:
    """人民币100.00元, but 美元100.00: the name says the unit."""
    return {"currency_name": currency_name(currency), "unit": "元" if currency == "CNY" else ""}


# --- persons


def _party(facts: Plain, party_id: str) -> dict[str, Any]:
    party = next(party for party in facts["parties"] if party["id"] == party_id)
    person = party["kind"] == "natural_person"
    salutation = _SALUTATIONS.get(party.get("sex") or "", "先生/女士") if person else ""
    return {"id": party["id"], "kind": party["kind"], "name": party["name"], "salutation": salutation}


def _bound(facts: Plain, party_id: str) -> dict[str, Any]:
    """A party with what binds them to the account: the holder of a card without debts is its cardholder."""
    holder = [{"party": facts["card"]["holder"], "role": "cardholder"}] if "card" in facts else []
    obligors = [*facts.get("account", {}).get("obligors", ()), *holder]
    bond: Plain = next((one for one in obligors if one["party"] == party_id), {})
    role = bond.get("role")
    return {
        **_party(facts, party_id),
        "role": role,
        "role_name": ROLES.get(role or ""),
        "liability": bond.get("liability"),
    }


def _addressee(facts: Plain, _: Plain, __: date) -> dict[str, Any]:
    return _bound(facts, facts["addressee"])


def _agency(facts: Plain, _: Plain, __: date) -> dict[str, Any]:
    agency = next(party for party in facts["parties"] if party["id"] == facts["agency"])
    return {name: agency[name] for name in _AGENCY}


def _signatory(facts: Plain, party_id: str) -> dict[str, Any]:
    """Who signs, told apart by the last characters of the identity number, which is all that the paper shows."""
    party = next(party for party in facts["parties"] if party["id"] == party_id)
    identity = party.get("identity")
    return {**_bound(facts, party_id), "identity_tail": identity["number"][-_SHOWN:] if identity else None}


def _signers(facts: Plain, _: Plain, __: date) -> list[dict[str, Any]]:
    return [_signatory(facts, signer["party"]) for signer in facts["signers"]]


def _promisor(facts: Plain, _: Plain, __: date) -> dict[str, Any]:
    return _signatory(facts, facts["promisor"])


# --- objections


def _objection(facts: Plain, _: Plain, __: date) -> dict[str, Any]:
    objection = facts["objection"]
    corrected = objection["corrected"]
    return {
        **objection,
        "reference": reference(objection["id"]),
        "unchanged": corrected is None,
        "corrected": corrected and {**corrected, **_unit(corrected["currency"])},
    }


# --- promises and agreements


def _promise(facts: Plain, issuer: Plain, _: date) -> dict[str, Any]:
    promise = facts["promise"]
    rows = [{**row, "number": number} for number, row in enumerate(promise["rows"], 1)]
    total = sum(Decimal(row["amount"]) for row in rows)
    return {**_payable(promise, issuer), "rows": rows, "count": len(rows), "total": str(total)}


def _plan(facts: Plain, issuer: Plain, _: date) -> dict[str, Any]:
    said = facts["plan"]
    plan = read_plan(said)
    rows = schedule.rows(plan)
    beside = fees(facts["terms"], schedule.times(plan, rows)) if "terms" in facts else ()
    return {
        **_payable(said, issuer),
        "method_name": METHODS[plan.method],
        "monthly": plan.method != CUSTOM,
        "bears_interest": bool(plan.annual_percent),
        "partly_free": bool(plan.annual_percent and plan.free),
        "last_due_on": rows[-1].due_on.isoformat(),
        "internal_percent": str(schedule.internal_percent(plan, rows, beside)),
        "amount": str(sum(row.amount for row in rows)),
        "charge": str(sum(row.charge for row in rows)),
        "rows": [_row(row, said["currency"]) for row in rows],
    }


def read_plan(said: Plain) -> Plan:
    """A plan as it travels: days and amounts are strings."""
    rows = [_read(row, ("due_on",), ("principal",)) for row in said.get("rows") or ()]
    free = Decimal(said["interest_free"]) if said.get("interest_free") else None
    read = _read(said, ("starts_on", "first_due_on"), ("total", "annual_percent"))
    return plan_of({**read, "rows": rows, "interest_free": free})


def _read(said: Plain, days: Sequence[str], amounts: Sequence[str]) -> dict[str, Any]:
    read = {name: date.fromisoformat(said[name]) for name in days}
    return {**said, **read, **{name: Decimal(said[name]) for name in amounts}}


def _row(row: schedule.Row, currency: str) -> dict[str, Any]:
    money = {name: canonical(getattr(row, name), currency) for name in _MONEY}
    return {**asdict(row), "due_on": row.due_on.isoformat(), **money}


def _terms(facts: Plain, _: Plain, __: date) -> dict[str, Any]:
    terms = facts["terms"]
    other = {**terms["other_fees"], "name": OTHER_FEES.get(terms["other_fees"]["kind"] or "")}
    named = {"other_fees": other, "court_name": COURTS[terms["court"]]}
    return {**terms, **named, "waives": Decimal(terms["waived"]) > 0}


def _hardship(facts: Plain, _: Plain, __: date) -> dict[str, Any]:
    return {**facts["hardship"], "cause_name": CAUSES[facts["hardship"]["cause"]]}


def _negotiation(facts: Plain, _: Plain, __: date) -> dict[str, Any]:
    said = facts["negotiation"]
    return {**said, "means_name": MEANS[said["means"]], "asked_by_name": ASKED_BY[said["asked_by"]]}


def _explanation(facts: Plain, _: Plain, __: date) -> dict[str, Any]:
    return {**facts["explanation"], "means_name": EXPLAINED[facts["explanation"]["means"]]}


_MADE: Mapping[str, Callable[[Plain, Plain, date], Any]] = {
    "account": _account,
    "card": _card,
    "statements": _statements,
    "addressee": _addressee,
    "objection": _objection,
    "agency": _agency,
    "signers": _signers,
    "promisor": _promisor,
    "promise": _promise,
    "plan": _plan,
    "terms": _terms,
    "hardship": _hardship,
    "negotiation": _negotiation,
    "explanation": _explanation,
}


# --- shapes

_NOBODY: Plain = dict.fromkeys(_PARTY)
_WRITTEN: Plain = dict.fromkeys(("currency_name", "unit"))
_OWED: Plain = {**_WRITTEN, "repayment": dict.fromkeys(_REPAYMENT)}
_LIABILITY: Plain = dict.fromkeys(("document", "signed_on", "guarantee_until", "claimed_on"))
_OBLIGED: Plain = {**_NOBODY, "role": None, "role_name": None, "liability": _LIABILITY}
_SIGNATORY: Plain = {**_OBLIGED, "identity_tail": None}
_COMPUTED = (
    "method_name",
    "monthly",
    "bears_interest",
    "partly_free",
    "last_due_on",
    "simple_percent",
    "internal_percent",
    "amount",
    "charge",
)


def _shape_of_account(account: Plain) -> Any:
    debt = {**account["debts"][0], **_OWED, "days_overdue": None}
    return {**account, "holder": _NOBODY, "debts": [debt]}


def _shape_of_objection(objection: Plain) -> Any:
    corrected = {**objection["corrected"], **_WRITTEN}
    return {**objection, "reference": None, "unchanged": None, "corrected": corrected}


def _shape_of_promise(promise: Plain) -> Any:
    row = {**promise["rows"][0], "number": None}
    return {**promise, **_OWED, "rows": [row], "count": None, "total": None}


def _shape_of_plan(plan: Plain) -> Any:
    row = {**plan["rows"][0], "number": None}
    return {**plan, **_OWED, **dict.fromkeys(_COMPUTED), "rows": [row]}


def _more(*names: str) -> Callable[[Plain], Any]:
    return lambda shape: {**shape, **dict.fromkeys(names)}


_SHAPED: Mapping[str, Callable[[Any], Any]] = {
    "account": _shape_of_account,
    "card": lambda card: {**card, "holder": _NOBODY},
    "statements": lambda statements: [{**statements[0], **_OWED}],
    "addressee": lambda _: _OBLIGED,
    "objection": _shape_of_objection,
    "agency": lambda _: dict.fromkeys(_AGENCY),
    "signers": lambda _: [_SIGNATORY],
    "promisor": lambda _: _SIGNATORY,
    "promise": _shape_of_promise,
    "plan": _shape_of_plan,
    "terms": lambda terms: {
        **terms,
        "other_fees": {**terms["other_fees"], "name": None},
        "waives": None,
        "court_name": None,
    },
    "hardship": _more("cause_name"),
    "negotiation": _more("means_name", "asked_by_name"),
    "explanation": _more("means_name"),
}
