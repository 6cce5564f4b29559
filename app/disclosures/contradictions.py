"""Nothing on the pages may contradict the required wording (相互矛盾), and nothing may stand there that nobody gave.

An amount that no fact gives (金额) refuses the document, even where nobody looks at it: a letter that states the total
correctly and another total below it is worse than none. So does a card or identity number in full (证件号、卡号), and a
telephone number or address that is not the issuer's (联系方式).
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any, Protocol

from app.disclosures.amounts import Amount, capitals, values, written
from app.disclosures.contacts import strangers
from app.disclosures.identifiers import numbers_in_full
from app.disclosures.reasons import AGAINST, AMOUNTS, CONTACTS, IDENTIFIERS
from app.text import BROKEN_HYPHEN
from app.wording import PLACES

_OURS = ("issuer", "document")  # not from the caller
_WIDE = (chr(code) for code in range(0xFF01, 0xFF5F) if chr(code) not in "，：；！？（）～")  # the dollar too
_NARROW = str.maketrans({wide: chr(ord(wide) - 0xFEE0) for wide in _WIDE} | {"￥": "¥", BROKEN_HYPHEN: "-"})
_CANONICAL = re.compile(r"\d+(?:\.\d+)?")


class Said(Protocol):
    """A page, or a text part."""

    @property
    def text(self) -> str: ...


def contradictions(sheets: Sequence[Said], blanks: Mapping[str, Any], texts: Iterable[str]) -> dict[str, str]:
    """What is wrong, by the id under which it is reported. `texts` is the required wording: it contradicts nothing."""
    wording = list(texts)
    pages = [_without_code(_narrow(sheet.text), blanks) for sheet in sheets]
    leaves = [_narrow(leaf) for leaf in _leaves(blanks)]
    own = [_narrow(leaf) for key in _OURS for leaf in _leaves(blanks.get(key))]
    found: dict[str, str] = {}
    if _strange_amounts(pages, blanks, leaves, wording):
        found[AMOUNTS] = AGAINST[AMOUNTS]
    if numbers_in_full(pages, wording, own):
        found[IDENTIFIERS] = AGAINST[IDENTIFIERS]
    if strangers(pages, leaves + wording):
        found[CONTACTS] = AGAINST[CONTACTS]
    return found


def _without_code(page: str, blanks: Mapping[str, Any]) -> str:
    """The page without its own check code: random characters may look like an amount or a number to call."""
    code = str(blanks.get("document", {}).get("check_code") or "")
    return page.replace(code, "。") if code else page


def _strange_amounts(
    pages: Sequence[str], blanks: Mapping[str, Any], leaves: Sequence[str], wording: Sequence[str]
) -> bool:
    amounts = frozenset(_amounts(blanks, ""))
    # A figure among the facts is no excuse for that figure as an amount: amounts are compared as amounts.
    said = [text for text in (*leaves, *wording) if not _CANONICAL.fullmatch(text)]
    sums = {value for value, _ in amounts}.union(value for text in said for value in values(text))
    forms = written(amounts).union(form for text in said for form in capitals(text))
    in_digits = any(value not in sums for page in pages for value in values(page))
    return in_digits or any(form not in forms for page in pages for form in capitals(page))


def _amounts(value: Any, currency: str) -> Iterator[Amount]:
    """Every amount among the blanks, with the currency of the record that it stands in."""
    if isinstance(value, Mapping):
        currency = str(value.get("currency") or currency)
        for inner in value.values():
            yield from _amounts(inner, currency)
    elif isinstance(value, list | tuple):
        for inner in value:
            yield from _amounts(inner, currency)
    elif isinstance(value, str) and currency in PLACES and _CANONICAL.fullmatch(value):
        number = Decimal(value)
        if number == number.quantize(Decimal(1).scaleb(-PLACES[currency])):
            yield number, currency


def _leaves(value: Any) -> Iterator[str]:
    if isinstance(value, Mapping):
        for inner in value.values():
            yield from _leaves(inner)
    elif isinstance(value, list | tuple):
        for inner in value:
            yield from _leaves(inner)
    elif isinstance(value, str):
        yield value


def _narrow(text: str) -> str:
    """Full-width digits, letters and signs as narrow ones; a full-width comma parts two numbers and stays."""
    return text.translate(_NARROW)
