"""Find telephone numbers and addresses of the net that nobody gave (外来联系方式).

A reader calls what is printed. Promises every number, web address, mail address or account of a messenger on a page
that neither the facts nor the issuer's record nor the required wording holds. Wording filled with known contacts may
break over lines; a known one that is carried on by further characters is another one.
"""

import re
from collections.abc import Collection, Iterable, Sequence

from app.text import BROKEN_HYPHEN

_CALL = r"(?:电话|热线|致电|拨打|客服|手机|座机|联系|咨询|短信|传真|请按|Tel|TEL)[^\d\n。；，、]{0,8}?"
_APART = "[ .·-]"  # between the groups of a number
_ADDRESS = r"[A-Za-z0-9._~:/?#@!$&*+=%-]"
_PATTERNS = tuple(
    re.compile(pattern)
    for pattern in (
        rf"https?://{_ADDRESS}+",
        r"[A-Za-z0-9_.+-]+@[A-Za-z0-9_-]+(?:\.[A-Za-z0-9_-]+)+",
        rf"(?<![A-Za-z0-9_@.-])(?:[A-Za-z0-9-]+\.)+[A-Za-z]{{2,}}(?:/{_ADDRESS}*)?",
        rf"(?<![\d.,])(?:\+?86{_APART}?)?1[3-9]\d{_APART}?\d{{4}}{_APART}?\d{{4}}(?![\d]|[.,]\d)",
        rf"(?<![\d.,])[48]00{_APART}?\d{{3}}{_APART}?\d{{4}}(?![\d]|[.,]\d)",
        rf"(?<![\d.,])[48]00{_APART}\d{{4}}{_APART}\d{{3}}(?!\d)",
        r"(?<!\d)[(（]?0\d{2,3}[)） -][ ]?\d{7,8}(?!\d)",
        rf"{_CALL}(\d[\d-]{{3,}}\d)",
        r"(?:微信号?|WeChat)[:： ]{0,2}([A-Za-z0-9_-]{5,})",
        r"(?<![A-Za-z0-9])(?:VX|vx|Vx|wx|WX)[:：] ?([A-Za-z0-9_-]{5,})",
        r"(?<![A-Za-z0-9])(?:QQ|qq)群?[:： ]{0,2}(\d{5,})",  # QQ is nothing but two letters in a check code
    )
)
_BREAK = rf"[\s{BROKEN_HYPHEN}]*"
_BREAKS = re.compile(_BREAK)
_LONGER = r"(?![A-Za-z0-9_@?&=#%/-]|\.[A-Za-z0-9])"


def strangers(pages: Iterable[str], said: Iterable[str]) -> bool:
    """Whether a page has a contact that is not among those in what the facts and the wording say."""
    leaves = list(said)
    known = {found for leaf in leaves for found in _found(leaf)} | {leaf for leaf in leaves if _dialled(leaf)}
    longest_first = [(one, _closed(one)) for one in sorted(known, key=len, reverse=True)]
    numbers = {_digits(one) for one in known if _dialled(one)}
    return any(_stranger(page, longest_first, numbers) for page in pages)


def _stranger(page: str, known: Sequence[tuple[str, str]], numbers: Collection[str]) -> bool:
    """`known` are the contacts, each as it is and closed."""
    together, rest = _closed(page), page
    for one, closed in known:
        if closed in together:  # a plan has hundreds of dates and amounts, and each page few of them
            rest = _pattern(one).sub("。", rest)  # an end, beyond which no other number belongs to its words
    return any(not (_dialled(one) and _digits(one) in numbers) for one in _found(rest))


def _found(text: str) -> list[str]:
    return [match[match.lastindex or 0].rstrip(".,;:") for one in _PATTERNS for match in one.finditer(text)]


def _pattern(contact: str) -> re.Pattern[str]:
    """The contact as it may be broken over lines."""
    before = r"(?<![A-Za-z0-9_.@/-])"
    return re.compile(before + _BREAK.join(map(re.escape, contact)) + _LONGER)


def _closed(text: str) -> str:
    """Without anything that may break a contact: where this lacks one, its pattern finds none."""
    return _BREAKS.sub("", text)


def _dialled(text: str) -> bool:
    return bool(re.fullmatch(r"\+?[\d() （）.·-]{5,}", text))


def _digits(text: str) -> str:
    return re.sub(r"\D", "", text)
