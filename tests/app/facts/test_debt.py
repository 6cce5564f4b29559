"""Debts add up, in the places of their currency, over days in their order; rates agree."""

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.facts.debt import COMPONENTS
from app.wording import PLACES, canonical
from tests.app.facts.conftest import TODAY, Faults, find
from tests.samples import make

DEBT = "account__debts__0__"
AT = "account.debts.0."

cents = st.integers(0, 10**11)


def amounts(values: dict[str, Any]) -> dict[str, Any]:
    return {f"{DEBT}{name}": value for name, value in values.items()}


@given(st.lists(cents, min_size=7, max_size=7))
def test_parts_that_add_up_are_accepted(parts: list[int]) -> None:
    values = dict(zip(COMPONENTS, (Decimal(part).scaleb(-2) for part in parts), strict=True))
    said = {name: canonical(value) for name, value in values.items()}

    assert (
        find(**amounts({**said, "total": canonical(sum(values.values(), Decimal())), "minimum_payment": "0.00"})) == {}
    )


@given(st.sampled_from(COMPONENTS), st.integers(1, 10**6), st.booleans())
def test_one_part_that_is_off_by_any_amount_is_noticed(name: str, cents_off: int, more: bool) -> None:
    debt = make.request(TODAY)["account"]["debts"][0]
    changed = Decimal(debt[name]) + (cents_off if more else -cents_off) * Decimal("0.01")

    if changed >= 0:
        assert find(**amounts({name: canonical(changed)})) == {f"{AT}total": ["各项之和与合计不一致"]}


@pytest.mark.parametrize(
    "value",
    [38256.47, 38256, 0, True, ["38256.47"], {"amount": "38256.47"},
     "38,256.47", "38256.47元", "+38256.47", "-38256.47", "3.825647e4", "038256.47", ".47", "38256.", " 38256.47",
     "38256.47\n", "NaN", "Infinity", "0x10", "\uff138256.47", "", "10000000000.00"],
)  # fmt: skip
def test_what_is_no_canonical_amount_is_refused(faults: Faults, value: Any) -> None:
    found = faults(**amounts({"total": value}))

    assert found.keys() == {f"{AT}total"}


@pytest.mark.parametrize("value", [38256.47, 38256])
def test_a_number_is_told_to_be_a_string(faults: Faults, value: Any) -> None:
    assert faults(**amounts({"total": value})) == {f"{AT}total": ["金额应为字符串"]}


@pytest.mark.parametrize("value", ["38256.4", "38256", "38256.470"])
def test_amounts_have_exactly_the_places_of_their_currency(faults: Faults, value: str) -> None:
    assert "该币种的金额须有 2 位小数" in faults(**amounts({"total": value}))[f"{AT}total"]


def test_yen_have_no_places(faults: Faults) -> None:
    found = faults(**amounts({"currency": "JPY", "last_payment": {"paid_on": "2026-09-01", "amount": "1.00"}}))

    assert set(found) == {f"{AT}{name}" for name in (*COMPONENTS, "total", "minimum_payment", "last_payment.amount")}
    assert found[f"{AT}principal"] == ["该币种的金额没有小数"]


@pytest.mark.parametrize("currency", sorted(PLACES))
def test_every_currency_is_accepted_in_its_places(faults: Faults, currency: str) -> None:
    values = dict.fromkeys(COMPONENTS, canonical("1", currency))
    more = {"currency": currency, "total": canonical("7", currency), "minimum_payment": canonical("1", currency)}

    assert faults(**amounts({**values, **more, "last_payment": None})) == {}


@pytest.mark.parametrize("currency", ["RMB", "cny", "XXX", "", None, 156])
def test_unknown_currencies_are_refused(faults: Faults, currency: Any) -> None:
    assert faults(**amounts({"currency": currency})).keys() == {f"{AT}currency"}


def test_two_debts_in_one_currency_are_refused(faults: Faults) -> None:
    debt = make.request(TODAY)["account"]["debts"][0]

    assert faults(account__debts__1=debt) == {"account.debts.1.currency": ["重复"]}


def test_no_debts_and_too_many_are_refused(faults: Faults) -> None:
    debt = make.request(TODAY)["account"]["debts"][0]

    assert faults(account__debts=[]) == {"account.debts": ["应有 1 至 5 项"]}
    assert faults(account__debts=[debt | {"currency": code} for code in list(PLACES)[:6]])["account.debts"] == [
        "应有 1 至 5 项"
    ]


def test_a_minimum_payment_above_the_total_is_refused(faults: Faults) -> None:
    assert faults(**amounts({"minimum_payment": "38256.47"})) == {}
    assert faults(**amounts({"minimum_payment": "38256.48"})) == {f"{AT}minimum_payment": ["最低还款额大于合计"]}


def test_a_bill_is_older_than_its_due_day(faults: Faults) -> None:
    due_on = make.request(TODAY)["account"]["debts"][0]["oldest_unpaid_due_on"]

    assert faults(**amounts({"billed_on": due_on})) == {f"{AT}billed_on": ["账单日应早于到期还款日"]}


def test_a_due_day_after_the_day_of_counting_is_refused(faults: Faults) -> None:
    assert faults(**amounts({"oldest_unpaid_due_on": "2026-11-22"})) == {}
    assert faults(**amounts({"oldest_unpaid_due_on": "2026-11-23"})) == {
        f"{AT}oldest_unpaid_due_on": ["到期还款日晚于欠款计算截止日"]
    }


def test_a_payment_after_the_day_of_counting_is_refused(faults: Faults) -> None:
    assert faults(**amounts({"last_payment__paid_on": "2026-11-22"})) == {}
    assert faults(**amounts({"last_payment__paid_on": "2026-11-23"})) == {
        f"{AT}last_payment.paid_on": ["还款日晚于欠款计算截止日"]
    }


@pytest.mark.parametrize("days", [-1, 91, 3.0, "3", True, None])
def test_grace_days_are_a_small_whole_number(faults: Faults, days: Any) -> None:
    assert faults(**amounts({"grace_days": days})).keys() == {f"{AT}grace_days"}


@pytest.mark.parametrize(
    ("annual", "daily", "basis"),
    [("18.25", "0.05", 365), ("18.00", "0.05", 360), ("18", "0.05", 360), ("17.99", "0.0493", 365),
     ("17.9945", "0.0493", 365), ("18.25", None, 365), ("12.775", "0.035", 365)],
)  # fmt: skip
def test_rates_that_agree_are_accepted(faults: Faults, annual: str, daily: str | None, basis: int) -> None:
    rates = {"annual_percent": annual, "daily_percent": daily, "basis_days": basis}

    assert faults(account__rates=rates) == {}


@pytest.mark.parametrize(
    ("annual", "daily", "basis"),
    [
        ("18", "0.05", 365),
        ("18.3", "0.05", 365),
        ("18.24", "0.05", 365),
        ("18.25", "0.05", 360),
        ("17.98", "0.0493", 365),
    ],
)
def test_rates_that_disagree_are_refused(faults: Faults, annual: str, daily: str, basis: int) -> None:
    rates = {"annual_percent": annual, "daily_percent": daily, "basis_days": basis}

    assert faults(account__rates=rates) == {"account.rates.annual_percent": ["年化利率不等于日利率乘以计息天数"]}


@pytest.mark.parametrize("percent", [18.25, "18.25%", "-1", "1e1", "1000", "018.25", ""])
def test_what_is_no_canonical_percentage_is_refused(faults: Faults, percent: Any) -> None:
    assert faults(account__rates__annual_percent=percent).keys() == {"account.rates.annual_percent"}


@pytest.mark.parametrize("days", [361, 364, 30])
def test_a_basis_that_is_no_year_is_refused(faults: Faults, days: int) -> None:
    assert "account.rates.basis_days" in faults(account__rates__basis_days=days)


def test_an_account_is_older_than_its_bills_and_payments(faults: Faults) -> None:
    told = {"account.opened_on": ["开户日晚于账单日或者还款日"]}

    assert faults(account__opened_on="2026-09-07") == {}
    assert faults(account__opened_on="2026-09-08") == told
    assert faults(account__opened_on="2026-09-19", **amounts({"last_payment": None})) == {}
    assert faults(account__opened_on="2026-09-20", **amounts({"last_payment": None})) == told


def test_an_unsound_bill_does_not_blame_the_opening(faults: Faults) -> None:
    assert faults(account__opened_on="2026-10-01", **amounts({"billed_on": "soon", "last_payment": None})).keys() == {
        f"{AT}billed_on"
    }


@pytest.mark.parametrize(
    ("change", "path"),
    [
        ({"amount": "0.0050"}, "charges.0.amount"),
        ({"posted_on": "2199-12-31"}, "charges.0.posted_on"),
    ],
)
def test_a_charge_has_the_places_of_its_currency_and_was_posted_by_then(change: dict[str, Any], path: str) -> None:
    debt = make.request(TODAY)["account"]["debts"][0]
    charge = {"ref": "F-1", "code": "annual_fee", "posted_on": debt["billed_on"], "amount": "0.00", **change}

    assert f"{AT}{path}" in find(**amounts({"charges": [charge]}))


def test_a_payment_of_nothing_is_none() -> None:
    debt = make.request(TODAY)["account"]["debts"][0]

    assert f"{AT}last_payment.amount" in find(**amounts({"last_payment": debt["last_payment"] | {"amount": "0.00"}}))
