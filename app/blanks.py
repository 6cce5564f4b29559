"""Fill blanks in wording (填空): the one Jinja environment, strict on what is missing, plain data only.

It stands on the ground floor, not in render, because the wording that the law requires (disclosures.yaml) is filled
from the same facts by the same formatter, without a word of the template. A blank without a value raises; a value of
None, a yes or no, a list or a mapping raises when it is printed; nothing is ever printed as nothing.

`build` makes the data that blanks are filled from: masked (脱敏) first, so that no template can ask for what its
document type must not show. `offered` is the same data as a shape, and `asked` reads from wording which blanks it has:
together they tell before start-up whether a template asks for anything that will not be there.

A shape is plain data in which only the structure counts: a mapping, a list of one element, or a leaf.
"""

import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from functools import lru_cache
from typing import Any

from jinja2 import StrictUndefined, Template, TemplateError, nodes
from jinja2.sandbox import ImmutableSandboxedEnvironment

from app.errors import ConfigurationError, StepFailed
from app.objection import reference
from app.wording import FILTERS, currency_name, tail

Shape = Mapping[str, Any] | list[Any] | None

ROLES = {
    "cardholder": "持卡人",
    "supplementary_cardholder": "附属卡持卡人",
    "joint_obligor": "共同债务人",
    "guarantor": "担保人",
    "legal_successor": "权利义务承受人",
}
_SALUTATIONS = {"male": "先生", "female": "女士"}
_DOCUMENT = ("number", "title", "on", "check_code", "check_address", "specimen")
_AGENCY = ("name", "uscc")
_PARTY = ("id", "kind", "name", "salutation")
_REPAYMENT = ("currency", "account_name", "bank", "note")


class WordingError(ValueError):
    """The wording is not one that we fill: an unclosed block, an unknown filter, an expression beyond our few."""

    def __init__(self, detail: str, line: int | None = None) -> None:
        super().__init__(detail)
        self.line = line  # counted from 1


def _printable(value: object) -> object:
    if value is None or isinstance(value, bool | Mapping | list | tuple):
        raise TemplateError("a blank was printed that has no value of its own")
    return value


def environment(*, autoescape: bool) -> ImmutableSandboxedEnvironment:
    """An environment with our filters and nothing else: no globals, no tests beyond Jinja's own."""
    made = ImmutableSandboxedEnvironment(undefined=StrictUndefined, autoescape=autoescape, finalize=_printable)
    made.globals.clear()
    made.filters.clear()
    made.filters.update(FILTERS)
    return made


_PLAIN = environment(autoescape=False)
_MARKUP = environment(autoescape=True)


@lru_cache(maxsize=4096)  # the wording of the templates and packs loaded at start-up: it is never unbounded
def compiled(wording: str, *, markup: bool = False) -> Template:
    """Wording ready to be filled; `markup` escapes what is filled in. Templates may be filled by several threads."""
    try:
        return (_MARKUP if markup else _PLAIN).from_string(wording)
    except TemplateError as error:
        raise WordingError(error.message or type(error).__name__, getattr(error, "lineno", None)) from error


def fill(wording: str, blanks: Mapping[str, Any]) -> str:
    """Fill one clause of plain text."""
    try:
        return compiled(wording).render(blanks)
    except (TemplateError, ValueError, TypeError) as error:
        raise StepFailed("verify", f"a required clause cannot be filled: {type(error).__name__}", status=500) from error


def build(
    document: Mapping[str, Any],
    issuer: Mapping[str, Any],
    facts: Mapping[str, Any],
    masking: Mapping[str, str],
    on: date,
    wording_of_tier: Sequence[str] = (),
) -> dict[str, Any]:
    """The data that templates and required wording are filled from, NFC-normalised; `facts` are plain (app/facts).

    The stage's own lines are filled from the same data, and stand in it as `document.wording`.
    """
    derived = dict(facts)
    if "account" in facts:
        derived["account"] = _account(facts, issuer, on)
    if "card" in facts:
        derived["card"] = {**facts["card"], "holder": _party(facts, facts["card"]["holder"])}
    if "statements" in facts:
        derived["statements"] = [_payable(statement, issuer) for statement in facts["statements"]]
    if "addressee" in facts:
        derived["addressee"] = _addressee(facts)
    if "objection" in facts:
        derived["objection"] = _objection(facts["objection"])
    if facts.get("agency"):
        agency = next(party for party in facts["parties"] if party["id"] == facts["agency"])
        derived["agency"] = {name: agency[name] for name in _AGENCY}
    blanks = _normalise({**_mask(derived, masking), "document": document, "issuer": issuer})
    wording = [fill(line, blanks) for line in wording_of_tier]
    return {**blanks, "document": {**blanks["document"], "wording": wording}}


def offered(facts: Mapping[str, Any], issuer: Mapping[str, Any], masking: Mapping[str, str]) -> dict[str, Any]:
    """The shape of what `build` gives, from the shape of the facts and of an issuer's record."""
    derived: dict[str, Any] = _leaves(facts)
    party = dict.fromkeys(_PARTY)
    more = {"currency_name": None, "unit": None, "repayment": dict.fromkeys(_REPAYMENT)}
    if account := derived.get("account"):
        account["holder"] = party
        account["debts"] = [account["debts"][0] | more | {"days_overdue": None}]
    if card := derived.get("card"):
        card["holder"] = party
    if statements := derived.get("statements"):
        derived["statements"] = [statements[0] | more]
    if "addressee" in derived:
        liability = dict.fromkeys(("document", "signed_on", "guarantee_until", "claimed_on"))
        derived["addressee"] = {**party, "role": None, "role_name": None, "liability": liability}
    if objection := derived.get("objection"):
        objection |= {"reference": None, "unchanged": None}
        objection["corrected"] |= {"currency_name": None, "unit": None}
    if "agency" in derived:
        derived["agency"] = dict.fromkeys(_AGENCY)
    document = {**dict.fromkeys(_DOCUMENT), "wording": [None]}
    return {**_mask(derived, masking), "document": document, "issuer": _leaves(issuer)}


def known(path: str, shape: Shape) -> bool:
    """Whether the shape has the path that `asked` gave, such as `account.debts[].total`."""
    for step in path.replace("[]", ".[]").split("."):
        if step == "[]":
            if not isinstance(shape, list) or not shape:
                return False
            shape = shape[0]
        elif isinstance(shape, Mapping) and step in shape:
            shape = shape[step]
        else:
            return False
    return True


def asked(wording: str, bound: Mapping[str, str] | None = None) -> frozenset[str]:
    """The dotted blanks that the wording asks for, loop variables resolved; `bound` names those already bound.

    `{% for debt in account.debts %}{{ debt.total }}{% endfor %}` asks for `account.debts[]`, `account.debts[].total`.
    """
    compiled(wording)  # raises for what cannot be parsed, and for an unknown filter, which parsing does not notice
    return frozenset(_asked(_PLAIN.parse(wording), bound or {}))


def _account(facts: Mapping[str, Any], issuer: Mapping[str, Any], on: date) -> dict[str, Any]:
    account = facts["account"]
    debts = [_debt(debt, issuer, on) for debt in account["debts"]]
    return {**account, "holder": _party(facts, account["holder"]), "debts": debts}


def _debt(debt: Mapping[str, Any], issuer: Mapping[str, Any], on: date) -> dict[str, Any]:
    days = (on - date.fromisoformat(debt["oldest_unpaid_due_on"])).days
    return {**_payable(debt, issuer), "days_overdue": days}


def _payable(owed: Mapping[str, Any], issuer: Mapping[str, Any]) -> dict[str, Any]:
    """What is owed in one currency, with how that currency is written and paid."""
    currency = owed["currency"]
    into = [account for account in issuer.get("repayment_accounts", ()) if account["currency"] == currency]
    return {
        **owed,
        **_unit(currency),
        "repayment": into[0] if into else None,  # None raises when printed: an issuer must take what it claims
    }


def _objection(objection: Mapping[str, Any]) -> dict[str, Any]:
    corrected = objection["corrected"]
    return {
        **objection,
        "reference": reference(objection["id"]),
        "unchanged": corrected is None,
        "corrected": corrected and {**corrected, **_unit(corrected["currency"])},
    }


def _unit(currency: str) -> dict[str, str]:
    """人民币100.00元, but 美元100.00: the name says the unit."""
    return {"currency_name": currency_name(currency), "unit": "元" if currency == "CNY" else ""}


def _party(facts: Mapping[str, Any], party_id: str) -> dict[str, Any]:
    party = next(party for party in facts["parties"] if party["id"] == party_id)
    person = party["kind"] == "natural_person"
    salutation = _SALUTATIONS.get(party.get("sex") or "", "先生/女士") if person else ""
    return {"id": party["id"], "kind": party["kind"], "name": party["name"], "salutation": salutation}


def _addressee(facts: Mapping[str, Any]) -> dict[str, Any]:
    holder = [{"party": facts["card"]["holder"], "role": "cardholder"}] if "card" in facts else []
    obligors = [*facts.get("account", {}).get("obligors", ()), *holder]
    bond: Mapping[str, Any] = next((one for one in obligors if one["party"] == facts["addressee"]), {})
    role = bond.get("role")
    return {
        **_party(facts, facts["addressee"]),
        "role": role,
        "role_name": ROLES.get(role or ""),
        "liability": bond.get("liability"),
    }


def _mask(value: Any, masking: Mapping[str, str]) -> Any:
    if isinstance(value, list):
        return [_mask(element, masking) for element in value]
    if not isinstance(value, Mapping):
        return value
    made = {}
    for key, inner in value.items():
        match masking.get(key):
            case None:
                made[key] = _mask(inner, masking)
            case "none":
                pass
            case "tail":
                made["tail"] = inner and tail(inner)  # a leaf of a shape stays a leaf
            case _:
                raise ConfigurationError(f"unknown masking of {key}")
    return made


def _leaves(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: _leaves(inner) for key, inner in value.items()}
    return [_leaves(value[0])] if isinstance(value, list) and value else None


def _normalise(value: Any) -> Any:
    if isinstance(value, str):
        return unicodedata.normalize("NFC", value)
    if isinstance(value, Mapping):
        return {key: _normalise(inner) for key, inner in value.items()}
    return [_normalise(inner) for inner in value] if isinstance(value, list) else value


def _asked(node: nodes.Node, scope: Mapping[str, str]) -> Iterator[str]:
    match node:
        case nodes.Name() | nodes.Getattr() | nodes.Getitem():
            if path := _path(node, scope):
                yield path
        case nodes.For(target=nodes.Name(name=name), recursive=False):
            elements = f"{_path(node.iter, scope)}[]"
            yield elements
            inner = {**scope, name: elements, "loop": ""}
            for child in (*node.body, *node.else_, *([node.test] if node.test else [])):
                yield from _asked(child, inner)
        case nodes.Call(node=nodes.Getattr(node=value, attr="replace")):  # 整 and 正, in a clause's variants
            yield from _asked(value, scope)
        case _ if type(node) in _UNDERSTOOD:
            for child in node.iter_child_nodes():
                yield from _asked(child, scope)
        case _:
            problem = f"{type(node).__name__} is not among the expressions that wording may use"
            raise WordingError(problem, node.lineno)


_UNDERSTOOD = {
    nodes.Template, nodes.Output, nodes.TemplateData, nodes.Const, nodes.Filter, nodes.If, nodes.CondExpr,
    nodes.Compare, nodes.Operand, nodes.Not, nodes.And, nodes.Or,
}  # fmt: skip


def _path(node: nodes.Node, scope: Mapping[str, str]) -> str:
    """The dotted path of a name or of an attribute of one; "" for Jinja's own `loop`."""
    match node:
        case nodes.Name(name=name):
            return scope.get(name, name)
        case nodes.Getattr(node=parent, attr=attr):
            return (above := _path(parent, scope)) and f"{above}.{attr}"
        case nodes.Getitem(node=parent, arg=nodes.Const(value=str() as key)):
            return (above := _path(parent, scope)) and f"{above}.{key}"
        case _:
            raise WordingError("only names, attributes and keys can be asked for", node.lineno)
