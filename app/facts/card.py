"""Card (信用卡): whose card it is and under which contract.

A smaller fact than the account, for papers about nothing owed beyond its day: it asks for no debts, no rates and
nobody who is bound besides its holder.
"""

from app.facts.account import Contract
from app.facts.fact import Fact
from app.facts.fields import One, Reference
from app.facts.names import Title
from app.facts.numbers import CardNumber


class Card(Fact):
    """信用卡."""

    holder = Reference("持卡人的当事人编号", "p1")
    card_number = CardNumber("卡号", "9998000000000005")
    product = Title(60, "卡产品名称", "示范银行标准信用卡金卡")
    contract = One(Contract, "领用合约")
