"""What a payment reminder is asked with: card, statements, mailing and short message."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from app import facts
from app.errors import InvalidRequest
from app.facts.sample import at_day
from app.gate.cases import changed
from tests.app.facts.conftest import TODAY, flat
from tests.templates import letters

NAME = "payment_reminder"
SCHEMA = facts.request_schema(NAME, letters.kind(NAME).facts)


def found(change: dict[str, Any]) -> dict[str, list[str]]:
    try:
        facts.validate(SCHEMA, changed(letters.sample(name=NAME), change))
    except InvalidRequest as refusal:
        return dict(flat(refusal.messages))
    return {}


def test_the_sample_loads_as_dates_decimals_and_instants() -> None:
    loaded = facts.validate(SCHEMA, letters.sample(name=NAME))

    assert loaded["statements"][0]["statement_balance"] == Decimal("12680.35")
    assert loaded["sms"]["scheduled_at"] == datetime(2026, 11, 24, 2, tzinfo=UTC)
    assert facts.validate(SCHEMA, facts.plain(SCHEMA, loaded)) == loaded


@pytest.mark.parametrize(
    ("change", "at", "said"),
    [
        ({"statements.0.minimum_payment": "12680.36"}, "statements.0.minimum_payment", "最低还款额大于本期应还款额"),
        ({"statements.0.minimum_payment": "0.00"}, "statements.0.minimum_payment", "应大于零"),
        ({"statements.0.statement_balance": "0.00"}, "statements.0.statement_balance", "应大于零"),
        ({"statements.0.statement_balance": "-1.00"}, "statements.0.statement_balance", "金额只能由"),
        ({"statements.0.statement_balance": "12680.3"}, "statements.0.statement_balance", "须有 2 位小数"),
        ({"statements.0.currency": "JPY"}, "statements.0.minimum_payment", "没有小数"),
        ({"statements.0.billed_on": "2026-11-29"}, "statements.0.billed_on", "账单日应早于到期还款日"),
        ({"statements": []}, "statements", "应有 1 至 5 项"),
        ({"card.holder": "p9"}, "card.holder", "当事人中没有此编号"),
        ({"card.card_number": "9998000000000014"}, "card.card_number", "卡号的格式或校验码不正确"),
        ({"card.debts": []}, "card.debts", "没有此项"),
        ({"delivery.method": "pigeon"}, "delivery.method", "不在可选值之内"),
        ({"sms.number": "01012345678"}, "sms.number", "应为 11 位手机号码"),
        ({"sms.number": None}, "sms.number", "缺少此项"),
        ({"sms.owner": "p9"}, "sms.owner", "当事人中没有此编号"),
        ({"sms.reserved": "yes"}, "sms.reserved", "应为 true 或 false"),
        ({"sms.scheduled_at": "2026-11-24T10:00:00"}, "sms.scheduled_at", "不是有效的时间"),
        ({"sms.scheduled_at": "2026-11-24"}, "sms.scheduled_at", "不是有效的时间"),
        ({"sms.scheduled_at": "2026-11-31T10:00:00+08:00"}, "sms.scheduled_at", "不是有效的时间"),
        ({"account": {}}, "account", "没有此项"),
    ],
)
def test_what_is_unsound_is_refused_at_its_place(change: dict[str, Any], at: str, said: str) -> None:
    messages = found(change)

    assert set(messages) >= {at}
    assert any(said in message for message in messages[at])


def test_a_currency_stands_once() -> None:
    again = letters.sample(name=NAME)["statements"][0]

    assert found({"statements.1": again}) == {"statements.1.currency": ["重复"]}


def test_a_dunning_letter_still_goes_by_registered_mail() -> None:
    schema = facts.request_schema(letters.DUNNING, letters.kind().facts)
    with pytest.raises(InvalidRequest) as refusal:
        facts.validate(schema, changed(letters.sample(), {"delivery.method": "ordinary_mail"}))

    assert dict(flat(refusal.value.messages)) == {"delivery.method": ["不在可选值之内"]}


def test_a_statement_in_a_currency_that_the_issuer_has_no_account_for_cannot_be_paid() -> None:
    loaded = facts.validate(SCHEMA, changed(letters.sample(name=NAME), {"statements.0.currency": "THB"}))

    assert facts.unpayable(loaded, letters.issuer()) == {
        "statements": {0: {"currency": ["发卡银行未登记该币种的还款账户"]}}
    }


def test_a_moment_of_a_sample_moves_with_its_day() -> None:
    assert at_day("today+1T10:00:00+08:00", TODAY) == "2026-11-24T10:00:00+08:00"
    assert at_day("todayT08:00:00Z", TODAY) == "2026-11-23T08:00:00Z"
    assert at_day("today at noon", TODAY) == "today at noon"
