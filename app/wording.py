"""Write amounts, days and numbers the way Chinese letters write them; the only formatter.

Promises one canonical form of each, and reads the capital form (人民币大写) back. Refuses with ValueError whatever it
would have to guess at: floats, more decimals than the currency has, unknown currencies, days with a time of day.
No message repeats the value, which may be a person's.

Capitals follow 支付结算办法附一《正确填写票据和结算凭证的基本规定》: 整 after 元 and, our choice, after 角; one 零
for a run of zeros; where the rule leaves 零 open (万位或元位是零而千位或角位不是零) we write none and read both.
"""

import re
from collections.abc import Callable, Mapping
from datetime import date, datetime, timedelta, timezone
from decimal import Decimal
from itertools import product
from types import MappingProxyType

# Decimal places (ISO 4217) and Chinese name of each currency that a card may owe in. The name is also the prefix of the
# capital form, so no name may be the beginning of another.
_CURRENCIES: Mapping[str, tuple[int, str]] = {
    "CNY": (2, "人民币"),
    "USD": (2, "美元"),
    "EUR": (2, "欧元"),
    "GBP": (2, "英镑"),
    "HKD": (2, "港元"),
    "JPY": (0, "日元"),
    "AUD": (2, "澳大利亚元"),
    "CAD": (2, "加拿大元"),
    "SGD": (2, "新加坡元"),
    "CHF": (2, "瑞士法郎"),
    "MOP": (2, "澳门元"),
    "TWD": (2, "新台币"),
    "KRW": (0, "韩元"),
    "NZD": (2, "新西兰元"),
    "THB": (2, "泰铢"),
}
PLACES: Mapping[str, int] = MappingProxyType({code: places for code, (places, _) in _CURRENCIES.items()})

CAPITALS_LIMIT = Decimal(10) ** 12  # capitals are written below this: 亿 is the largest unit that needs no second 亿

_CANONICAL = re.compile(r"(0|[1-9][0-9]*)(\.[0-9]+)?")
_ISO_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_BEIJING = timezone(timedelta(hours=8))  # no summer time since 1991, before any instant of ours
_DIGITS = "零壹贰叁肆伍陆柒捌玖"
_WITHIN = {"仟": Decimal(1000), "佰": Decimal(100), "拾": Decimal(10), "角": Decimal("0.1"), "分": Decimal("0.01")}
_CLOSING = {"亿": Decimal(10**8), "万": Decimal(10**4), "元": Decimal(1)}
_OPEN = "?"  # stands where the rule lets the writer choose between one 零 and none


def currency_name(currency: str) -> str:
    """人民币, 美元, 港元 ..."""
    if currency not in _CURRENCIES:
        raise ValueError("the currency is not known")
    return _CURRENCIES[currency][1]


def amount(value: str | Decimal, currency: str = "CNY") -> str:
    """小写: 38256.47 -> 38,256.47, with the places of the currency."""
    return f"{_exact(value, currency):,f}"


def canonical(value: str | Decimal, currency: str = "CNY") -> str:
    """As amounts travel: 38256.47, with the places of the currency and no marks."""
    return f"{_exact(value, currency):f}"


def capitals(value: str | Decimal, currency: str = "CNY") -> str:
    """大写: 38256.47 -> 人民币叁万捌仟贰佰伍拾陆元肆角柒分, in the canonical form."""
    return currency_name(currency) + _pattern(_exact(value, currency)).replace(_OPEN, "")


def capitals_variants(value: str | Decimal, currency: str = "CNY") -> frozenset[str]:
    """Every way of writing the amount in capitals that the rule allows, the canonical one among them."""
    pattern = _pattern(_exact(value, currency))
    pieces = pattern.split(_OPEN)
    bodies = {
        "".join(piece + zero for piece, zero in zip(pieces, (*zeros, ""), strict=True))
        for zeros in product(("", "零"), repeat=len(pieces) - 1)
    }
    if pattern.endswith("整"):
        bodies |= {body[:-1] + "正" for body in bodies}
    if pattern.endswith("角整"):
        bodies |= {body[:-1] for body in bodies}
    return frozenset(currency_name(currency) + body for body in bodies)


def read_capitals(text: str) -> Decimal:
    """Read an amount in capitals of any known currency; only forms that `capitals_variants` writes."""
    for code, (places, name) in _CURRENCIES.items():
        if text.startswith(name):
            value = _value(text.removeprefix(name)).quantize(Decimal(1).scaleb(-places))
            if text in capitals_variants(value, code):
                return value
    raise ValueError("not an amount in capitals")


def day(value: str | date) -> str:
    """2026-11-03 -> 2026年11月3日, without padding."""
    if isinstance(value, str) and _ISO_DAY.fullmatch(value):
        value = date.fromisoformat(value)
    if type(value) is not date:  # a datetime is one too, and hides in which zone its day was
        raise ValueError("a day must be a date or YYYY-MM-DD")
    return f"{value.year}年{value.month}月{value.day}日"


def percent(value: str | Decimal) -> str:
    """18.25 -> 18.25%."""
    return f"{_number(value):f}%"


def tail(card_number: str) -> str:
    """The last four digits, which is all that a letter may show of a card number."""
    if not re.fullmatch(r"[0-9]{12,}", card_number):
        raise ValueError("a card number has digits only, at least twelve")
    return card_number[-4:]


def beijing_day(at: datetime) -> date:
    """The legal day of an instant: the day in Beijing."""
    return beijing_time(at).date()


def beijing_time(at: datetime) -> datetime:
    """What the clocks in Beijing say at that instant."""
    if at.tzinfo is None:
        raise ValueError("an instant must know its time zone")
    return at.astimezone(_BEIJING)


FILTERS: Mapping[str, Callable[..., str]] = MappingProxyType(
    {"amount": amount, "capitals": capitals, "currency_name": currency_name, "day": day, "percent": percent}
)


def _number(value: str | Decimal) -> Decimal:
    if isinstance(value, str) and _CANONICAL.fullmatch(value):
        value = Decimal(value)
    if not isinstance(value, Decimal) or not value.is_finite() or value.is_signed():
        raise ValueError("an amount must be a Decimal or a canonical string, not negative")
    return value


def _exact(value: str | Decimal, currency: str) -> Decimal:
    """The value with exactly the places of its currency. Nothing is ever rounded."""
    currency_name(currency)
    number = _number(value)
    if number >= Decimal(10) ** 20:  # well inside what Decimal keeps exactly
        raise ValueError("the amount is too large")
    exact = number.quantize(Decimal(1).scaleb(-PLACES[currency]))
    if exact != number:
        raise ValueError("the amount has more places than its currency")
    return exact


def _pattern(value: Decimal) -> str:
    """The capital form without its prefix, with `_OPEN` where a 零 may stand or not."""
    if value >= CAPITALS_LIMIT:
        raise ValueError("the amount is too large to be written in capitals")
    whole, cents = divmod(int(value.scaleb(2)), 100)
    jiao, fen = divmod(cents, 10)
    text = f"{_whole(whole)}元" if whole else ""
    if not cents:
        return f"{text or '零元'}整"
    if jiao:
        text += (_OPEN if whole and whole % 10 == 0 else "") + f"{_DIGITS[jiao]}角"
    elif whole:
        text += "零"
    return text + (f"{_DIGITS[fen]}分" if fen else "整")


def _whole(number: int) -> str:
    text, above = "", ""  # above: the four digits just before these
    for unit, power in (("亿", 8), ("万", 4), ("", 0)):
        digits = f"{number // 10**power % 10000:04d}"
        if digits != "0000":
            if text and (digits[0] == "0" or above == "0000"):
                text += "零"
            elif text and above[-1] == "0":
                text += _OPEN
            text += _four(digits) + unit
        above = digits
    return text


def _four(digits: str) -> str:
    written = "".join(
        _DIGITS[int(digit)] + (unit if digit != "0" else "")
        for digit, unit in zip(digits, ("仟", "佰", "拾", ""), strict=True)
    )
    return re.sub("零+", "零", written).strip("零")


def _value(body: str) -> Decimal:
    """What the characters add up to. Generous: `read_capitals` compares with what we would have written."""
    total = section = digit = Decimal(0)
    for character in body:
        if character in _DIGITS:
            digit = Decimal(_DIGITS.index(character))
        elif character in _WITHIN:
            section += digit * _WITHIN[character]
            digit = Decimal(0)
        elif character in _CLOSING:
            total += (section + digit) * _CLOSING[character]
            section = digit = Decimal(0)
        elif character not in "整正":
            raise ValueError("not an amount in capitals")
    return total + section
