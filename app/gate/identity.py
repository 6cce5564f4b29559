"""What a citizen's number says of its holder (公民身份号码, GB 11643)."""

from datetime import date

from stdnum.iso7064 import mod_11_2


def birth(number: str) -> date | None:
    """The date of birth in a sound identity number (GB 11643), or None.

    The county code is left alone: genuine numbers carry counties that were founded, renamed or dissolved since.
    """
    if not mod_11_2.is_valid(number):
        return None
    try:
        return date(int(number[6:10]), int(number[10:12]), int(number[12:14]))
    except ValueError:
        return None
