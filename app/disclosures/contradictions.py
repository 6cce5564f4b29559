"""Nothing on the pages may contradict the required wording (相互矛盾), and no full number may stand there.

An amount that no fact gives (金额), in digits or in capitals, refuses the document, even where nobody looks at it: a
letter that states the total correctly and another total below it is worse than none. A run of digits as long as a
card or identity number (证件号、卡号) refuses it too, unless it is part of what the template was given: that is masked.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any

from stdnum import luhn

from app.disclosures.reader import Sheet
from app.wording import CAPITALS_LIMIT, PLACES, capitals_variants, currency_name

AMOUNTS, IDENTIFIERS = "amounts", "identifiers"
STRANGE_AMOUNT = "contradicting amount"
LONG_NUMBER = "a number as long as a card's or a person's"

_Amount = tuple[Decimal, str]  # value, currency
_NARROW = {chr(0xFF10 + digit): str(digit) for digit in range(10)} | {chr(0xFF0E): ".", chr(0xFF05): "%"}

# 38,256.47 or 38256.47 or 38,256, but not 18.25%, 2026.11.20 or a piece of a longer number.
_MONEY = re.compile(r"(?<![\d.,])(?:\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+\.\d{2})(?!\s*[%‰]|\d|[.,]\d)")
_NAMES = "|".join(currency_name(code) for code in PLACES)
_CAPITALS = re.compile(rf"(?:{_NAMES})[零壹贰叁肆伍陆柒捌玖][零壹贰叁肆伍陆柒捌玖拾佰仟万亿元角分整正]*")
_CANONICAL = re.compile(r"\d+(?:\.\d+)?")
_PLAIN_RUN = re.compile(r"\d{15,19}")
_GROUPED_RUN = re.compile(r"(?<!\d)\d{4}(?:[ -]\d{4}){2,3}(?:[ -]\d{1,3})?(?!\d)")
_BROKEN_RUN = re.compile(r"(?<!\d)\d+(?:\r?\n\d+)+(?!\d)")


def contradictions(sheets: Sequence[Sheet], blanks: Mapping[str, Any], texts: Iterable[str]) -> dict[str, str]:
    """What is wrong, by the id under which it is reported. `texts` is the required wording: it contradicts nothing."""
    pages = [_narrow(sheet.text) for sheet in sheets]
    amounts = frozenset(_amounts(blanks, ""))
    leaves = [_narrow(leaf) for leaf in _leaves(blanks)]
    # A figure among the facts is no excuse for that figure as an amount: amounts are compared as amounts.
    said = "\n".join([leaf for leaf in leaves if not _CANONICAL.fullmatch(leaf)] + list(texts))
    found: dict[str, str] = {}
    if any(_strange_in_digits(page, amounts, said) or _strange_in_capitals(page, amounts) for page in pages):
        found[AMOUNTS] = STRANGE_AMOUNT
    given = "\n".join(leaves)
    if any(run not in given for page in pages for run in _long_runs(page)):
        found[IDENTIFIERS] = LONG_NUMBER
    return found


def _strange_in_digits(page: str, amounts: frozenset[_Amount], said: str) -> bool:
    values = {value for value, _ in amounts}
    tokens = (token for token in _MONEY.findall(page) if token not in said)
    return any(Decimal(token.replace(",", "")) not in values for token in tokens)


def _strange_in_capitals(page: str, amounts: frozenset[_Amount]) -> bool:
    tokens = _CAPITALS.findall(re.sub(r"\s", "", page))
    if not tokens:
        return False
    written = {form for value, code in amounts if value < CAPITALS_LIMIT for form in capitals_variants(value, code)}
    return any(token not in written for token in tokens)


def _amounts(value: Any, currency: str) -> Iterator[_Amount]:
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


def _long_runs(page: str) -> Iterator[str]:
    yield from (match[0] for match in _PLAIN_RUN.finditer(page))
    yield from (match[0] for match in _GROUPED_RUN.finditer(page))
    for match in _BROKEN_RUN.finditer(page):
        # Short numbers stand below one another in every table; only a valid card number was one number.
        run = re.sub(r"\s", "", match[0])
        if 15 <= len(run) <= 19 and luhn.is_valid(run):
            yield run


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
    """Full-width digits and stops as narrow ones; a full-width comma parts two numbers and stays."""
    return "".join(_NARROW.get(character, character) for character in text)
