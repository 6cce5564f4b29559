"""Read every amount of money that a text states (金额), however it is written.

38,256.47 and 38256.47元, ￥38256, CNY 3.8万, 三万八千元 are read as values. Capitals (大写) are read as written:
the rule allows few forms of each amount, and any other is a fault of its own. Dates, rates and counts are no amounts.
"""

import re
from collections.abc import Iterable, Iterator
from decimal import Decimal
from math import prod

from app.wording import CAPITALS_LIMIT, PLACES, capitals_variants, currency_name

Amount = tuple[Decimal, str]  # value, currency

_NAMES = "|".join(currency_name(code) for code in PLACES)
_CODES = "|".join((*PLACES, "RMB"))
_GROUPS = r"\d{1,3}(?:[,，]\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?"
# 38,256.47 or 38256.47 or 38,256, but not 18.25%, 2026.11.20 or a piece of a longer number.
_PLAIN = re.compile(r"(?<![\d.,])(?:\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+\.\d{2})(?!\s*[%‰]|\d|[.,]\d)")
# With its unit behind: 元旦, 元月 and 日元旦 are days.
_YUAN = r"\s*(?:元|圆|块)"
_SIZED = rf"\s*(?P<more>[万亿])(?:{_YUAN})?|(?P<tens>[十百千拾佰仟]万?){_YUAN}"
_UNIT = rf"(?:{_SIZED}|{_YUAN}|[ ]?(?:{_NAMES}|{_CODES}))(?![旦月宵])"
_BEHIND = re.compile(rf"(?<![\d.,])(?P<number>{_GROUPS}){_UNIT}", re.IGNORECASE)
# With its sign in front; not the next line's number, and no day: 人民币2026年.
_SIGN = rf"(?:[¥$€£]|(?<![A-Za-z])(?:{_CODES})|{_NAMES})[ :：]*"
_BEFORE = re.compile(rf"{_SIGN}(?P<number>{_GROUPS})(?P<more>[ ]?[万亿])?(?!\d|[.,]\d|\s*[年月号天%‰])", re.IGNORECASE)
_WORDS = re.compile(
    rf"([零〇一二两三四五六七八九十百千万亿]*[一二两三四五六七八九十][零〇一二两三四五六七八九十百千万亿]*)[多余]?(?:元|圆|块|{_NAMES})"
)
_CAPITALS = re.compile(rf"({_NAMES})?([零壹贰叁肆伍陆柒捌玖拾][零壹贰叁肆伍陆柒捌玖拾佰仟万亿元角分整正]*)")

_TIMES = {"十": 10, "拾": 10, "百": 100, "佰": 100, "千": 1000, "仟": 1000, "万": 10**4, "亿": 10**8}
_DIGITS = {character: value for value, character in enumerate("零一二三四五六七八九")} | {"\u3007": 0, "两": 2}
_TENS = {"十": 10, "百": 100, "千": 1000}


def values(text: str) -> Iterator[Decimal]:
    """The amounts in digits and in everyday numerals."""
    for found in _PLAIN.finditer(text):
        yield _number(found[0])
    for pattern in (_BEHIND, _BEFORE):
        for found in pattern.finditer(text):
            times = (found["more"] or found.groupdict().get("tens") or "").strip()
            yield _number(found["number"]) * prod(_TIMES[character] for character in times)
    for found in _WORDS.finditer(re.sub(r"\s", "", text)):
        yield _worded(found[1])


def capitals(text: str) -> Iterator[str]:
    """The amounts in capitals, with the name of the currency if it stands before them."""
    for name, body in _CAPITALS.findall(re.sub(r"\s", "", text).replace("圆", "元")):
        if re.search("[元角分]", body):
            yield name + body


def written(amounts: Iterable[Amount]) -> frozenset[str]:
    """Every form in capitals that these amounts may have, with the name of the currency and without."""
    forms = {form for value, code in amounts if value < CAPITALS_LIMIT for form in capitals_variants(value, code)}
    return frozenset(forms | {re.sub(f"^(?:{_NAMES})", "", form) for form in forms})


def _number(written_as: str) -> Decimal:
    return Decimal(re.sub("[,，]", "", written_as))


def _worded(numeral: str) -> Decimal:
    """三万八千二百 -> 38200."""
    total = section = digit = 0
    for character in numeral:
        if character in _DIGITS:
            digit = 10 * digit + _DIGITS[character]  # 三〇〇 is 300
        elif character in _TENS:
            section, digit = section + (digit or 1) * _TENS[character], 0
        else:
            total, section, digit = (total + section + digit) * _TIMES[character], 0, 0
    return Decimal(total + section + digit)
