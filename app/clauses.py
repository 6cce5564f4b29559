"""Words of agreements (协议用语): what each choice in their facts is called on paper.

Whoever reads a fact (app/facts) takes the choices from here, whoever fills a paper (app/derived.py) the words.
"""

from collections.abc import Mapping, Sequence
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
SPOKEN = ("phone", "video")  # what was said like this is only in a recording
ASKED_BY = {"cardholder": "持卡人申请", "issuer": "甲方提议"}
COURTS = {"issuer": "甲方住所地人民法院", "cardholder": "持卡人住所地人民法院"}
# What may be charged beside a plan. A closed list: a name of the caller's own could say anything.
OTHER_FEES = {"value_added": "增值服务费", "messages": "短信服务费", "new_card": "补换卡工本费"}
EXPLAINED = {
    "read_aloud": "逐条宣读",
    "video": "宣读并录音录像",
    "handwritten": "由乙方抄写",
    "initialled": "由乙方逐条签注",
}
METHODS = {EQUAL_INSTALMENTS: "等额本息", EQUAL_PRINCIPAL: "等额本金", CUSTOM: "按约定金额"}


def listed(words: Mapping[str, str]) -> str:
    """The choices with their words, for the description of a field."""
    return "，".join(f"{code} {said}" for code, said in words.items())


def fees(terms: Mapping[str, Any], times: Sequence[Decimal]) -> list[tuple[Decimal, Decimal]]:
    """(years after the start, amount) of what is charged beside a plan whose rows are due after `times` years.

    The other fees once with the first row; the annual fee with it too, and again each year until the last.
    """
    annual, other = terms["annual_fee"], terms["other_fees"]
    first = [(times[0], Decimal(other["amount"]))] if other["charged"] else []
    years = range(int(times[-1] - times[0]) + 1) if annual["charged"] else ()
    return [*((times[0] + year, Decimal(annual["amount"])) for year in years), *first]
