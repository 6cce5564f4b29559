"""Words of agreements (协议用语): what each choice in their facts is called on paper.

Whoever reads a fact (app/facts) takes the choices from here, whoever fills a paper (app/derived.py) the words.
"""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from app.schedule import CUSTOM, EQUAL_INSTALMENTS, EQUAL_PRINCIPAL

CAUSES = {
    "illness": "本人或者家庭成员患病",
    "unemployment": "失业",
    "income_loss": "收入减少",
    "disaster": "自然灾害或者意外事件",
    "family": "家庭变故",
    "other": "其他特殊情况",
}
MEANS = {
    "counter": "在营业网点当面",
    "phone": "通过电话",
    "video": "通过视频",
    "letter": "以书面往来",
    "online": "通过网上渠道",
}
ORAL = ("phone", "video")  # what was said like this is only in a recording
ASKED_BY = {"cardholder": "乙方申请", "issuer": "甲方提议"}
COURTS = {
    "issuer": "甲方住所地人民法院",
    "cardholder": "持卡人住所地人民法院",
    "performance": "合同履行地人民法院",
}
EXPLAINED = {
    "read_aloud": "逐条宣读",
    "video": "宣读并录音录像",
    "handwritten": "乙方抄写",
    "initialled": "乙方逐条签注",
}
METHODS = {EQUAL_INSTALMENTS: "等额本息", EQUAL_PRINCIPAL: "等额本金", CUSTOM: "按约定金额"}
MONTHS_OF_YEAR = 12


def listed(words: Mapping[str, str]) -> str:
    """The choices with their words, for the description of a field."""
    return "，".join(f"{code} {said}" for code, said in words.items())


def fees(terms: Mapping[str, Any], count: int) -> list[tuple[int, Decimal]]:
    """(row from 0, amount) of what is charged beside a plan of so many months.

    The annual fee goes with every twelfth row, the other fees once with the first.
    """
    annual, other = terms["annual_fee"], terms["other_fees"]
    years = range(0, count, MONTHS_OF_YEAR) if annual["charged"] else ()
    first = [(0, Decimal(other["amount"]))] if other["charged"] else []
    return [*((row, Decimal(annual["amount"])) for row in years), *first]
