"""Fill blanks in wording (填空): the one Jinja environment, strict on what is missing, plain data only.

It stands on the ground floor, not in render, because the wording that the law requires (disclosures.yaml) is filled
from the same facts by the same formatter, without a word of the template. A blank without a value raises; a value of
None, a yes or no, a list or a mapping raises when it is printed; nothing is ever printed as nothing.

`build` makes the data that blanks are filled from: the facts and what follows from them (derived.py), masked (脱敏)
first, so that no template can ask for what its document type must not show. `offered` is the same data as a shape, and
`asked` reads from wording which blanks it has: together they tell before start-up whether a template asks for anything
that will not be there.

A shape is plain data in which only the structure counts: a mapping, a list of one element, or a leaf.
"""

import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from functools import lru_cache
from typing import Any

from jinja2 import StrictUndefined, Template, TemplateError, nodes
from jinja2.sandbox import ImmutableSandboxedEnvironment

from app.derived import derive, derived_shape
from app.errors import ConfigurationError, StepFailed
from app.wording import FILTERS, tail

Shape = Mapping[str, Any] | list[Any] | None

_DOCUMENT = ("number", "title", "on", "check_code", "check_address", "specimen")


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
    derived = derive(facts, issuer, on)
    blanks = _normalise({**_mask(derived, masking), "document": document, "issuer": issuer})
    wording = [fill(line, blanks) for line in wording_of_tier]
    return {**blanks, "document": {**blanks["document"], "wording": wording}}


def offered(facts: Mapping[str, Any], issuer: Mapping[str, Any], masking: Mapping[str, str]) -> dict[str, Any]:
    """The shape of what `build` gives, from the shape of the facts and of an issuer's record."""
    derived = derived_shape(_leaves(facts))
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
