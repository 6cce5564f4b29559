"""Numbers that carry their own proof: identity numbers, company codes, card numbers, telephones.

A checksum proves form only, not that the number is anyone's. Whether a number agrees with what else is said of the
person is for the gate.
"""

import re
from datetime import date
from typing import Any

from stdnum import luhn
from stdnum.cn import uscc
from stdnum.iso7064 import mod_11_2

from app.facts.fields import Pattern, says


class ResidentId(Pattern):
    """公民身份号码 (GB 11643). stdnum.cn.ric is not asked: it refuses a number whose county was founded after its
    holder was born, and so most people of Shenzhen over fifty."""

    pattern = r"[1-9][0-9]{16}[0-9X]"
    proof = "第7至14位为真实存在的出生日期，末位为校验码（GB 11643，ISO 7064 MOD 11-2）"
    default_error_messages = says(invalid="公民身份号码的格式、出生日期或校验码不正确")

    def read(self, value: Any) -> str:
        number = super().read(value)
        if not mod_11_2.is_valid(number) or born_on(number) is None:
            raise self.make_error("invalid")
        return number


class Uscc(Pattern):
    """统一社会信用代码 (GB 32100)."""

    pattern = r"[0-9]{8}[0-9A-HJ-NPQRTUWXY]{10}"
    proof = "末位为校验码（GB 32100）"
    default_error_messages = says(invalid="统一社会信用代码的格式或校验码不正确")

    def read(self, value: Any) -> str:
        code = super().read(value)
        if not uscc.is_valid(code):
            raise self.make_error("invalid")
        return code


class CardNumber(Pattern):
    """卡号: 13 to 19 digits that pass Luhn."""

    pattern = r"[1-9][0-9]{12,18}"
    proof = "末位为校验码（Luhn）"
    default_error_messages = says(invalid="卡号的格式或校验码不正确")

    def read(self, value: Any) -> str:
        number = super().read(value)
        if not luhn.is_valid(number):
            raise self.make_error("invalid")
        return number


class Phone(Pattern):
    """A mobile number, a bank's 95xxx, a 400 or 800 number, or a landline with its area code."""

    pattern = r"1[3-9][0-9]{9}|95[0-9]{3}|(?:400|800)-?[0-9]{3}-?[0-9]{4}|0[0-9]{2,3}-?[0-9]{7,8}"
    default_error_messages = says(invalid="不是有效的电话号码")


class ServicePhone(Phone):
    """Those, and the short numbers of public bodies such as 12378."""

    pattern = Phone.pattern + r"|12[0-9]{3}"


OLDEST = 1900  # nobody alive was born before


def born_on(number: str) -> date | None:
    """The day of birth in an identity number, None if there is no such day."""
    said = re.fullmatch(r"[0-9]{6}([0-9]{4})([0-9]{2})([0-9]{2}).{4}", number)
    try:
        found = date(*map(int, said.groups())) if said else None
    except ValueError:
        return None
    return found if found and found.year >= OLDEST else None
