"""Find numbers that belong to a person and may not be printed in full (证件号、卡号): only their last digits may.

Promises every run of digits as long as a card or identity number, plain or in groups, and broken over lines where its
check digit is right. The one long number that a letter may state is the issuer's own, where the law's wording asks for
it: its code, or the account that is paid into. One that a caller's facts bring along is refused if its check digit is
that of a card or a person, whatever field it came in.
"""

import re
from collections.abc import Iterable, Iterator

from stdnum import luhn
from stdnum.exceptions import ValidationError
from stdnum.iso7064 import mod_11_2

_PLAIN = re.compile(r"\d{17}[Xx]|\d{15,}")
_GROUPED = re.compile(r"(?<!\d)\d{4}(?:[ ./·-]\d{4}){2,3}(?:[ ./·-]\d{1,3})?(?!\d)")
_CHAIN = re.compile(r"(?<!\d)\d+(?:(?:[ \u00a0_·-]{1,2}|\r?\n)\d+)+(?:[ -]?[Xx])?(?![\d.,])")
_CARDS = "34569"  # with what a bank card's number begins


def numbers_in_full(pages: Iterable[str], texts: Iterable[str], own: Iterable[str]) -> bool:
    """Whether a page prints one. `texts` is the required wording, `own` what the issuer and the document bring."""
    asked, issued = set(_runs("\n".join(texts))), set(_runs("\n".join(own)))
    return any(run not in asked or (run not in issued and _personal(run)) for page in pages for run in _runs(page))


def _runs(text: str) -> Iterator[str]:
    for pattern in (_PLAIN, _GROUPED):
        yield from (_bare(match[0]) for match in pattern.finditer(text))
    # Short numbers stand side by side and below one another everywhere; only a valid one was one number.
    yield from (run for match in _CHAIN.finditer(text) if _personal(run := _bare(match[0])))


def _personal(run: str) -> bool:
    return _card(run) or _identity(run)


def _card(run: str) -> bool:
    return run.isdigit() and 15 <= len(run) <= 19 and run[0] in _CARDS and luhn.is_valid(run)


def _identity(run: str) -> bool:
    """A resident's number: the day of birth in the middle, the check digit at the end."""
    if not re.fullmatch(r"\d{6}(19|20)\d\d(0[1-9]|1[0-2])[0-3]\d{4}[\dX]", run):
        return False
    try:
        mod_11_2.validate(run)
    except ValidationError:
        return False
    return True


def _bare(run: str) -> str:
    return re.sub(r"[^\dXx]", "", run).upper()
