"""Account (账户): one card, who is bound by it and by what paper, what is owed and at which rates."""

from collections.abc import Mapping
from typing import Any

from marshmallow import ValidationError

from app.facts.debt import Debt
from app.facts.fact import Fact, rule
from app.facts.fields import Choice, Day, Many, One, Reference
from app.facts.names import Clause, Title
from app.facts.numbers import CardNumber
from app.facts.rates import Rates

CARDHOLDER = "cardholder"
ROLES = (CARDHOLDER, "supplementary_cardholder", "joint_obligor", "guarantor", "legal_successor")


class Contract(Fact):
    """领用合约."""

    title = Title(60, "合同名称，不带书名号", "示范银行信用卡领用合约")
    clause = Clause(40, "约定还款义务的条款", "第五条")


class Liability(Fact):
    """承担责任的依据."""

    document = Title(60, "文件名称，不带书名号", "最高额保证合同")
    signed_on = Day("签署日；权利义务承受人为文书作出日", "2024-05-06")
    guarantee_until = Day("约定的保证期间届满日，没有约定的不填", "2027-05-06", optional=True)
    claimed_on = Day("保证期间内已要求承担保证责任的日期", "2026-10-20", optional=True)


class Obligor(Fact):
    """债务人: anyone but the cardholder must have signed, or succeeded to, something that binds them."""

    class Meta:
        description = "非持卡人须填写承担责任的依据。同一当事人不得重复。"

    party = Reference("当事人编号", "p1")
    role = Choice(
        ROLES,
        "身份：cardholder 持卡人，supplementary_cardholder 附属卡持卡人，joint_obligor 共同债务人，guarantor 担保人，"
        "legal_successor 权利义务承受人",
        CARDHOLDER,
    )
    liability = One(Liability, "承担责任的依据，非持卡人必填", optional=True)

    @rule("role")
    def others_are_bound_by_a_document(self, data: dict[str, Any]) -> None:
        if data["role"] != CARDHOLDER and data.get("liability", "") is None:
            raise ValidationError("非持卡人须填写承担责任的依据", "liability")


class Account(Fact):
    """账户."""

    class Meta:
        description = "开户日不晚于任何账单日和还款日。同一币种的欠款不得重复。"

    holder = Reference("持卡人的当事人编号", "p1")
    card_number = CardNumber("卡号", "9998000000000005")
    product = Title(60, "卡产品名称", "示范银行标准信用卡金卡")
    opened_on = Day("开户日", "2019-03-18", optional=True)
    contract = One(Contract, "领用合约")
    obligors = Many(Obligor, 20, "对本账户承担还款责任的人", unique="party")
    debts = Many(Debt, 5, "欠款，每个币种一项", unique="currency")
    rates = One(Rates, "利率")

    @rule("opened_on", "debts")
    def opened_before_all_else(self, data: dict[str, Any]) -> None:
        """No bill and no payment is older than the account."""
        debts = [debt for debt in data["debts"] if isinstance(debt, Mapping)]  # what is unsound may be there in part
        paid = [debt["last_payment"] for debt in debts if debt.get("last_payment")]
        days = [debt.get("billed_on") for debt in debts] + [payment.get("paid_on") for payment in paid]
        if any(day is not None and day < data["opened_on"] for day in days):
            raise ValidationError("开户日晚于账单日或者还款日", "opened_on")
