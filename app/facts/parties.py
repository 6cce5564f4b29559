"""Parties (当事人): persons and organisations, each with a kind. Who they are to an account is said in the account."""

from typing import Any

from marshmallow import ValidationError

from app.facts.fact import Fact, rule
from app.facts.fields import Choice, Day, Identifier, One
from app.facts.names import Name
from app.facts.numbers import Phone, ResidentId, Uscc

NATURAL_PERSON = "natural_person"
KINDS = (NATURAL_PERSON, "bank", "branch", "law_firm", "agency", "assignee", "organisation")


class Identity(Fact):
    """身份证件."""

    type = Choice(["resident_id"], "证件种类：resident_id 居民身份证", "resident_id")
    number = ResidentId("证件号码", "99000019491231078X")


class Party(Fact):
    """当事人: only a natural person has an identity card, a sex and a birthday; only an organisation has a code."""

    class Meta:
        description = "自然人没有统一社会信用代码。非自然人须填写统一社会信用代码，没有性别、出生日期和身份证件。"

    id = Identifier("在本请求内唯一的编号", "p1")
    kind = Choice(
        KINDS,
        "种类：natural_person 自然人，bank 银行，branch 分支机构，law_firm 律师事务所，agency 受托机构，"
        "assignee 受让人，organisation 其他单位",
        NATURAL_PERSON,
    )
    name = Name(80, "姓名或者名称，与登记一致", "欧阳·买买提")
    sex = Choice(["male", "female"], "性别", "female", optional=True)
    born_on = Day("出生日期", "1949-12-31", optional=True)
    identity = One(Identity, "身份证件", optional=True)
    uscc = Uscc("统一社会信用代码，非自然人必填", "91990000MA0AAAA050", optional=True)
    phone = Phone("电话", "13800000000", optional=True)

    @rule("kind")
    def numbers_fit_the_kind(self, data: dict[str, Any]) -> None:
        """What is unsound is not in `data` at all, and is not blamed twice."""
        if data["kind"] == NATURAL_PERSON:
            unfit = {"uscc": "自然人没有统一社会信用代码"} if data.get("uscc") is not None else {}
        else:
            personal = [name for name in ("sex", "born_on", "identity") if data.get(name) is not None]
            unfit = dict.fromkeys(personal, "只有自然人有此项")
            if data.get("uscc", "") is None:
                unfit["uscc"] = "非自然人须填写统一社会信用代码"
        if unfit:
            raise ValidationError({name: [message] for name, message in unfit.items()})
