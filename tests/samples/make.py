"""Make synthetic, valid requests for dunning letters.

`request(today)` is the sample that ships with the letter; what a test is about is changed by name:

    request(today, account__debts__0__total="1.00", run_id=...)     # ... leaves the field out

`random_request` gives a different valid case for each seed: names that break careless programs, several currencies,
guarantors, joint obligors and successors, long addresses. Nobody's numbers: the region 990000 is no county's, and no
bank's cards begin with 9998.
"""

import copy
import json
from collections.abc import Mapping
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from random import Random
from types import EllipsisType
from typing import Any

from stdnum import luhn
from stdnum.cn import uscc
from stdnum.iso7064 import mod_11_2

from app.facts import at_day
from app.facts.debt import COMPONENTS
from app.wording import PLACES, canonical

TEMPLATES = Path(__file__).parents[2] / "templates"
SAMPLE = TEMPLATES / "documents" / "dunning_letter" / "sample.json"
FACTS = {"parties": "parties", "addressee": "addressee", "account": "account", "delivery": "delivery", "note": "note"}

NAMES = (
    "赵示范",
    "A&B <有限公司>",
    "𠮷田",
    "欧阳·买买提",
    "古丽米热·阿卜杜热合曼",
    "O'Brien & Söhne, Ltd.",
    "㐂久",
    "王五",
)
COMPANIES = ("样例融资担保有限公司", "A&B <有限公司>", "示范＆样例（集团）股份有限公司")
CURRENCIES = ("CNY", "USD", "EUR", "HKD", "JPY")  # those that the demo bank takes
PAPERS = {"guarantor": "最高额保证合同", "joint_obligor": "共同还款承诺书", "legal_successor": "继承权公证书"}
SEPARATOR = "__"


def request(today: date, **changes: Any) -> dict[str, Any]:
    """The sample on this day, with fields changed by their path."""
    body = at_day(json.loads(SAMPLE.read_text("utf-8")), today)
    for path, value in changes.items():
        change(body, path.split(SEPARATOR), value)
    return dict(body)


def change(body: Any, path: list[str], value: Any) -> None:
    """Set, append or (with ...) take away what lies at the path; numbers are places in a list."""
    *above, last = path
    for step in above:
        body = body[int(step)] if isinstance(body, list) else body[step]
    if isinstance(value, EllipsisType):
        del body[int(last) if isinstance(body, list) else last]
    elif isinstance(body, list) and int(last) == len(body):
        body.append(copy.deepcopy(value))
    else:
        body[int(last) if isinstance(body, list) else last] = copy.deepcopy(value)


def seeded(seed: int) -> Random:
    """The same cases for the same seed, on every machine."""
    return Random(seed)  # noqa: S311 -- to make samples, not secrets


def resident_id(random: Random, born_on: date, sex: str) -> str:
    order = random.randrange(0, 1000, 2) + (sex == "male")
    number = f"990000{born_on:%Y%m%d}{order:03d}"
    return number + mod_11_2.calc_check_digit(number)


def uscc_code(random: Random) -> str:
    code = "91990000" + "".join(random.choices("0123456789ABCDEFGHJKLMNPQRTUWXY", k=9))
    return code + uscc.calc_check_digit(code)


def card_number(random: Random) -> str:
    number = "9998" + "".join(random.choices("0123456789", k=random.choice((11, 11, 14))))
    return number + luhn.calc_check_digit(number)


def random_request(random: Random, today: date) -> dict[str, Any]:
    """A valid case that every rule of the pack lets pass."""
    holder = person(random, "p1")
    others = [_other(random, f"p{number}") for number in range(2, 2 + random.choice((0, 0, 1, 2)))]
    obligors = [{"party": "p1", "role": "cardholder"}, *(obligor(random, today, other) for other in others)]
    parties = [holder, *others]
    addressee = random.choice(parties)
    made = account(random, today, obligors)
    return {
        "client_ref": f"CASE-{random.randrange(10**9):09d}",
        **({"run_id": f"RUN-{random.randrange(10**6)}"} if random.random() < 0.5 else {}),
        "requested_by": {"employee_no": f"E{random.randrange(10**5):05d}", "unit": "信用卡中心资产保全部"},
        "issuer": "demo_bank",
        "parties": parties,
        "addressee": addressee["id"],
        "account": made,
        "delivery": _delivery(random, addressee),
        **_stage(random, today, made),
    }


def _stage(random: Random, today: date, account: Mapping[str, Any]) -> dict[str, Any]:
    """What the days overdue ask for: a recorded review before a letter may speak of litigation; sometimes a term."""
    oldest = min(date.fromisoformat(debt["oldest_unpaid_due_on"]) for debt in account["debts"])
    days = (today - oldest).days
    more: dict[str, Any] = {}
    if random.random() < 0.3:
        more["respond_by"] = (today + timedelta(days=random.randrange(7, 60))).isoformat()
    if days > 90:
        reviewed_on = (today - timedelta(days=random.randrange(0, 60))).isoformat()
        more["litigation_review"] = {"reviewed_by": "E20001", "reviewed_on": reviewed_on, "decision": "may_litigate"}
    if days > 120:
        first = today + timedelta(days=random.randrange(7, 60))
        window = {"window_from": first.isoformat(), "window_until": (first + timedelta(days=30)).isoformat()}
        more["litigation_review"] |= {"decision": "filing_planned", **window}
    return more


def person(random: Random, party_id: str) -> dict[str, Any]:
    party: dict[str, Any] = {"id": party_id, "kind": "natural_person", "name": random.choice(NAMES)}
    if random.random() < 0.7:
        sex = random.choice(("male", "female"))
        born_on = date(1945, 1, 1) + timedelta(days=random.randrange(21000))
        party |= {"sex": sex, "born_on": born_on.isoformat()}
        party["identity"] = {"type": "resident_id", "number": resident_id(random, born_on, sex)}
    if random.random() < 0.5:
        party["phone"] = f"1{random.choice('3456789')}000{random.randrange(10**6):06d}"
    return party


def _other(random: Random, party_id: str) -> dict[str, Any]:
    if random.random() < 0.6:
        return person(random, party_id)
    kind = random.choice(("bank", "branch", "law_firm", "agency", "assignee", "organisation"))
    return {"id": party_id, "kind": kind, "name": random.choice(COMPANIES), "uscc": uscc_code(random)}


def obligor(random: Random, today: date, party: Mapping[str, Any]) -> dict[str, Any]:
    person = party["kind"] == "natural_person"
    role = random.choice(("guarantor", "joint_obligor", "legal_successor") if person else ("guarantor",))
    signed_on = today - timedelta(days=random.randrange(100, 2000))
    return {
        "party": party["id"],
        "role": role,
        "liability": {
            "document": PAPERS[role],
            "signed_on": signed_on.isoformat(),
        },
    }


def account(random: Random, today: date, obligors: list[dict[str, Any]]) -> dict[str, Any]:
    currencies = random.sample(CURRENCIES, k=random.choice((1, 1, 2, 3)))
    daily = random.choice(("0.05", "0.035", "0.0493"))
    annual = {"0.05": "18.25", "0.035": "12.775", "0.0493": "17.99"}[daily]
    rates = {"annual_percent": annual, "basis_days": 365}
    return {
        "holder": "p1",
        "card_number": card_number(random),
        "product": random.choice(("示范银行标准信用卡金卡", "示范银行全币种 Platinum 卡 <A&B 联名>")),
        **({"opened_on": "2019-03-18"} if random.random() < 0.5 else {}),
        "contract": {
            "title": "示范银行信用卡领用合约",
            "clause": random.choice(("第五条", "第十二条第三款第（二）项")),
        },
        "obligors": obligors,
        "debts": [_debt(random, today, currency) for currency in currencies],
        "rates": rates | ({"daily_percent": daily} if random.random() < 0.8 else {}),
    }


def _debt(random: Random, today: date, currency: str) -> dict[str, Any]:
    parts = {name: amount(random, currency) for name in COMPONENTS}
    parts["principal"] += 1  # something is owed
    total = sum(parts.values(), Decimal())
    as_of = today - timedelta(days=random.randrange(0, 8))
    due_on = as_of - timedelta(days=random.randrange(4, 171))  # beyond 180 days overdue there is no letter
    debt = {name: canonical(value, currency) for name, value in parts.items()}
    debt |= {"currency": currency, "total": canonical(total, currency), "as_of": as_of.isoformat()}
    debt |= {"billed_on": (due_on - timedelta(days=20)).isoformat(), "oldest_unpaid_due_on": due_on.isoformat()}
    debt |= {"minimum_payment": canonical(parts["principal"], currency)}
    paid: dict[str, Any] = {}
    if random.random() < 0.5:
        paid_on = as_of - timedelta(days=random.randrange(0, 300))
        paid = {"last_payment": {"paid_on": paid_on.isoformat(), "amount": canonical(parts["principal"], currency)}}
    return {**debt, "grace_days": random.randrange(0, 4), **paid}


def amount(random: Random, currency: str) -> Decimal:
    """Nothing, a little, or much; zeros inside, where capitals are hard."""
    places = PLACES[currency]
    cents = random.choice(
        (0, 0, 5, 107_000_53, 16_409_02, 100_001_000_00, random.randrange(10 ** random.randrange(1, 11)))
    )
    return Decimal(cents // 10 ** (2 - places)).scaleb(-places)


def _delivery(random: Random, addressee: Mapping[str, Any]) -> dict[str, Any]:
    line = random.choice(
        ("虚构路7号3幢2单元501室", "虚构大道1288号" + "样例科技产业园甲区" * 8 + "9号楼", "7/F, A&B <Tower>")
    )
    return {
        "method": "registered_mail",
        "owner": addressee["id"],
        "address_kind": "billing",
        "reserved": True,
        "recipient": {
            "name": addressee["name"],
            "province": "示范省",
            "city": "示范市",
            "district": "样例区",
            "line": line,
            "postcode": f"999{random.randrange(1000):03d}",
        },
    }
