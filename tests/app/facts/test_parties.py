"""Parties, their numbers, who is bound by what, and where letters go."""

from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.facts.numbers import born_on
from tests.app.facts.conftest import Faults, find
from tests.samples import make

IDENTITY = "parties.0.identity.number"
COMPANY = {"id": "p2", "kind": "bank", "name": "样例银行股份有限公司", "uscc": "91990000MA0AAAA050"}

births = st.dates(date(1900, 1, 1), date(2026, 1, 1))


def identity(number: Any) -> dict[str, list[str]]:
    return find(parties__0__identity__number=number)


@pytest.mark.parametrize("number", ["99000019491231078X", "990000197001010018", "990000198001010012"])
def test_identity_numbers_that_hold_are_accepted(faults: Faults, number: str) -> None:
    """Their county is in no list, as is that of many who were born before theirs was founded."""
    assert identity(number) == {}


@pytest.mark.parametrize(
    "number",
    ["990000194912310781", "99000019491231078x", "990000194902300781", "990000491231078", "99000019491231078X ", "",
     990000180001010017, "990000180001010017", "\uff19900001949123107X", "090000194912310781"],
)  # fmt: skip
def test_identity_numbers_that_do_not_hold_are_refused(faults: Faults, number: Any) -> None:
    assert identity(number).keys() == {IDENTITY}


@given(births, st.sampled_from(["male", "female"]), st.integers(0, 2**32))
def test_identity_numbers_with_right_checksums_are_accepted(born: date, sex: str, seed: int) -> None:
    number = make.resident_id(make.seeded(seed), born, sex)

    assert identity(number) == {}
    assert born_on(number) == born


@given(births, st.integers(0, 2**32), st.integers(0, 17), st.integers(1, 9))
def test_identity_numbers_with_one_digit_changed_are_refused(born: date, seed: int, place: int, by: int) -> None:
    number = make.resident_id(make.seeded(seed), born, "male")
    digit = "X" if number[place] == "X" else str((int(number[place]) + by) % 10)
    changed = number[:place] + digit + number[place + 1 :]

    if changed != number:
        assert identity(changed).keys() == {IDENTITY}


@given(births, st.integers(0, 2**32), st.integers(0, 16))
def test_identity_numbers_with_two_neighbours_exchanged_are_refused(born: date, seed: int, place: int) -> None:
    number = make.resident_id(make.seeded(seed), born, "female")
    changed = number[:place] + number[place + 1] + number[place] + number[place + 2 :]

    if changed != number:
        assert identity(changed).keys() == {IDENTITY}


def test_a_day_of_birth_that_does_not_exist_is_no_day() -> None:
    assert born_on("990000202302290001") is None
    assert born_on("not a number") is None


@pytest.mark.parametrize(
    "code", ["91990000MA0AAAA28B", "91990000M000100Y4N", "91990000MA0AAAA050", "91990000MA0DEM0BX3"]
)
def test_company_codes_that_hold_are_accepted(faults: Faults, code: str) -> None:
    """Among them the one whose sum is a multiple of 31, which careless programs refuse."""
    assert faults(parties__1=COMPANY | {"uscc": code}) == {}


@pytest.mark.parametrize(
    "code",
    ["91990000MA0AAAA28A", "91990000MA0AAAA28b", "91990000MA0AAAA2", "91990000MA0AAAA280", "91-990000-MA0AAAA28B", "",
     "I1990000MA0AAAA28B", "91990000MA0AAAA05V", 919900007996550587],
)  # fmt: skip
def test_company_codes_that_do_not_hold_are_refused(faults: Faults, code: Any) -> None:
    assert faults(parties__1=COMPANY | {"uscc": code}).keys() == {"parties.1.uscc"}


@pytest.mark.parametrize("kind", ["bank", "branch", "law_firm", "agency", "assignee", "organisation"])
def test_organisations_need_a_company_code(faults: Faults, kind: str) -> None:
    party = {"id": "p2", "kind": kind, "name": "样例银行股份有限公司"}

    assert faults(parties__1=party) == {"parties.1.uscc": ["非自然人须填写统一社会信用代码"]}


def test_a_faulty_company_code_is_not_also_called_missing(faults: Faults) -> None:
    assert faults(parties__1=COMPANY | {"uscc": "1"}) == {"parties.1.uscc": ["统一社会信用代码的格式或校验码不正确"]}


def test_a_person_has_no_company_code(faults: Faults) -> None:
    assert faults(parties__0__uscc="91990000MA0AAAA050") == {"parties.0.uscc": ["自然人没有统一社会信用代码"]}


@pytest.mark.parametrize(
    ("name", "value"),
    [("sex", "male"), ("born_on", "1985-03-14"), ("identity", {"type": "resident_id", "number": "99000019491231078X"})],
)
def test_only_a_person_has_what_persons_have(faults: Faults, name: str, value: Any) -> None:
    assert faults(parties__1=COMPANY | {name: value}) == {f"parties.1.{name}": ["只有自然人有此项"]}


@pytest.mark.parametrize(("name", "value"), [("kind", "spouse"), ("kind", ""), ("sex", "unknown"), ("sex", 1)])
def test_unknown_kinds_and_sexes_are_refused(faults: Faults, name: str, value: Any) -> None:
    assert faults(**{f"parties__0__{name}": value}).keys() == {f"parties.0.{name}"}


def test_other_papers_than_the_identity_card_are_refused(faults: Faults) -> None:
    assert faults(parties__0__identity__type="passport") == {"parties.0.identity.type": ["不在可选值之内"]}


@pytest.mark.parametrize("number", ["9998000000000005", "9998000000000000006", "999800000000000005", "9998000000006"])
def test_card_numbers_that_hold_are_accepted(faults: Faults, number: str) -> None:
    assert faults(account__card_number=number) == {}


@pytest.mark.parametrize(
    "number",
    [
        "9998000000000006",
        "9998 0000 0000 0005",
        "0000000000000000",
        "999800000000",
        "99980000000000000060",
        "",
        9998000000000005,
    ],
)
def test_card_numbers_that_do_not_hold_are_refused(faults: Faults, number: Any) -> None:
    assert faults(account__card_number=number).keys() == {"account.card_number"}


@given(st.integers(0, 2**32), st.integers(0, 14), st.integers(1, 9))
def test_card_numbers_with_one_digit_changed_are_refused(seed: int, place: int, by: int) -> None:
    number = make.card_number(make.seeded(seed))
    changed = number[:place] + str((int(number[place]) + by) % 10) + number[place + 1 :]

    assert find(account__card_number=number) == {}
    assert find(account__card_number=changed).keys() == {"account.card_number"}


@pytest.mark.parametrize(
    "phone", ["13800000000", "95000", "400-000-0001", "4000000001", "8000000001", "010-00000000", "07550000000"]
)
def test_phones_are_accepted(faults: Faults, phone: str) -> None:
    assert faults(parties__0__phone=phone) == {}


@pytest.mark.parametrize(
    "phone",
    [
        "12800000000",
        "1380000000",
        "138000000000",
        "+8613800000000",
        "138 0000 0000",
        "12378",
        "9500",
        "",
        13800000000,
        "13800000000\n",
    ],
)
def test_what_is_no_phone_is_refused(faults: Faults, phone: Any) -> None:
    assert faults(parties__0__phone=phone) == {
        "parties.0.phone": ["应为字符串" if isinstance(phone, int) else "不是有效的电话号码"]
    }


@pytest.mark.parametrize("role", ["supplementary_cardholder", "joint_obligor", "guarantor", "legal_successor"])
def test_whoever_is_not_the_cardholder_is_bound_by_a_document(faults: Faults, role: str) -> None:
    bound = {"document": "最高额保证合同", "signed_on": "2024-05-06"}

    assert faults(account__obligors__0__role=role) == {"account.obligors.0.liability": ["非持卡人须填写承担责任的依据"]}
    assert faults(account__obligors__0__role=role, account__obligors__0__liability=bound) == {}


def test_a_faulty_liability_is_not_also_called_missing(faults: Faults) -> None:
    found = faults(account__obligors__0__role="guarantor", account__obligors__0__liability={"document": "保证合同"})

    assert found == {"account.obligors.0.liability.signed_on": ["缺少此项"]}


def test_one_party_is_an_obligor_once(faults: Faults) -> None:
    assert faults(account__obligors__1={"party": "p1", "role": "cardholder"}) == {"account.obligors.1.party": ["重复"]}


@pytest.mark.parametrize("role", ["spouse", "contact", "employer", ""])
def test_roles_that_bind_nobody_are_refused(faults: Faults, role: str) -> None:
    assert faults(account__obligors__0__role=role) == {"account.obligors.0.role": ["不在可选值之内"]}


@pytest.mark.parametrize(
    ("name", "value"), [("method", "sms"), ("address_kind", "neighbour"), ("reserved", 1), ("reserved", "true")]
)
def test_other_ways_of_delivery_are_refused(faults: Faults, name: str, value: Any) -> None:
    assert faults(**{f"delivery__{name}": value}).keys() == {f"delivery.{name}"}


@pytest.mark.parametrize("postcode", ["99900", "9990000", "99900A", "\uff1999000", 999000])
def test_postcodes_have_six_digits(faults: Faults, postcode: Any) -> None:
    assert faults(delivery__recipient__postcode=postcode).keys() == {"delivery.recipient.postcode"}


def test_samples_are_people_of_any_age() -> None:
    born = {
        make.random_request(make.seeded(seed), date(2026, 11, 23))["parties"][0].get("born_on") for seed in range(50)
    }

    assert len(born) > 20
    assert all(day is None or date.fromisoformat(day) < date(2026, 11, 23) - timedelta(days=18 * 365) for day in born)
