"""Random promises to pay and instalment agreements (随机样例), every one of which each rule lets pass."""

from collections.abc import Mapping
from datetime import date, timedelta
from decimal import ROUND_DOWN, Decimal
from random import Random
from typing import Any

from app.clauses import ASKED_BY, CAUSES, COURTS, EXPLAINED, MEANS, SPOKEN
from app.months import after_months
from app.schedule import EQUAL_INSTALMENTS, EQUAL_PRINCIPAL
from app.wording import PLACES, canonical
from tests.samples.make import account, obligor, person, resident_id

LEAST = 1000  # of the debt, and smallest units of the currency that an instalment pays


def random_promise(random: Random, today: date) -> dict[str, Any]:
    """Of some or all of one of the debts, in a few payments."""
    body = _bound(random, today)
    debt = random.choice(body["account"]["debts"])
    total, currency = Decimal(debt["total"]), debt["currency"]
    count = random.randrange(1, 7) if total >= 100 else 1
    each = _rounded(total / count, currency)
    days = sorted(random.sample(range(1, 330), k=count))
    rows = [{"due_on": (today + timedelta(days=day)).isoformat(), "amount": canonical(each, currency)} for day in days]
    return {
        **body,
        "promisor": random.choice(body["account"]["obligors"])["party"],
        "promise": {"currency": currency, "rows": rows},
        "service_address": _address(random),
    }


def random_agreement(random: Random, today: date) -> dict[str, Any]:
    """By one of the two computed methods, free of interest or not, with or without fees, for up to sixty months."""
    body = _bound(random, today)
    debt = max(body["account"]["debts"], key=lambda one: Decimal(one["principal"]))
    if Decimal(debt["principal"]) < LEAST:
        return random_agreement(random, today)  # nobody needs an agreement for so little
    currency, owed = debt["currency"], Decimal(debt["total"])
    waived = _rounded(owed / 10, currency) if random.random() < 0.5 else Decimal(0)
    total = owed - waived
    bearing = min(total, Decimal(debt["principal"]) + Decimal(debt["unbilled_instalment_principal"]))
    units = int(total.scaleb(PLACES[currency]))
    method = random.choice((EQUAL_INSTALMENTS, EQUAL_PRINCIPAL))
    first = today + timedelta(days=random.randrange(1, 41))
    most = 60 if first <= after_months(today, 1) else 59  # five years at the most
    count = random.randrange(2, max(3, min(most, units // LEAST) + 1))
    oral = random.random() < 0.3
    signers = ["p1", *(one["party"] for one in body["account"]["obligors"][1:] if random.random() < 0.7)]
    return {
        **body,
        "account": {**body["account"], "debts": [debt]},
        "signers": [{"party": party} for party in signers[:4]],
        "hardship": {
            "cause": random.choice([*CAUSES]),
            "description": random.choice(
                ("持卡人所在企业停产，没有工资收入。", "持卡人患病住院，医疗支出较大，正在康复。")
            ),
            "affordable": canonical(owed - 1, currency),
            "evidence": [{"name": "收入证明", "sha256": "11" * 32}],
        },
        "negotiation": {
            "asked_by": random.choice([*ASKED_BY]),
            "held_on": (today - timedelta(days=random.randrange(90))).isoformat(),
            "means": random.choice(SPOKEN) if oral else random.choice([one for one in MEANS if one not in SPOKEN]),
            "officer": "E10010",
            "willing": True,
            "record_sha256": "22" * 32,
            **({"recording": {"sha256": "33" * 32, "kept_until_paid_off": True}} if oral else {}),
        },
        "plan": {
            "currency": currency,
            "total": canonical(total, currency),
            "method": method,
            "starts_on": today.isoformat(),
            "first_due_on": first.isoformat(),
            "count": count,
            "annual_percent": random.choice(("0", "9", "12.5")),
            "interest_free": canonical(total - bearing, currency),
        },
        "terms": {
            "waived": canonical(waived, currency),
            "annual_fee": _fee(random, total, currency),
            "other_fees": _fee(random, total, currency, kind="value_added"),
            "default": {"missed": random.randrange(1, min(6, count) + 1), "grace_days": random.randrange(31)},
            "court": random.choice([*COURTS]),
        },
        "explanation": {
            "explained_on": today.isoformat(),
            "means": random.choice([*EXPLAINED]),
            "officer": "E10010",
            "evidence_sha256": "44" * 32,
        },
        "service_address": _address(random),
    }


def _bound(random: Random, today: date) -> dict[str, Any]:
    """The envelope, and an account whose obligors are persons that can be told apart."""
    others = [person(random, f"p{number}") for number in range(2, 2 + random.choice((0, 0, 1, 2)))]
    parties = [person(random, "p1"), *others]
    for party in parties:
        born_on = today - timedelta(days=random.randrange(20 * 366, 80 * 365))
        sex = random.choice(("male", "female"))
        identity = {"type": "resident_id", "number": resident_id(random, born_on, sex)}
        party |= {"sex": sex, "born_on": born_on.isoformat(), "identity": identity}
    obligors = [{"party": "p1", "role": "cardholder"}, *(obligor(random, today, other) for other in others)]
    return {
        "client_ref": f"AGREED-{random.randrange(10**9):09d}",
        "requested_by": {"employee_no": f"E{random.randrange(10**5):05d}", "unit": "信用卡中心资产保全部"},
        "issuer": "demo_bank",
        "parties": parties,
        "account": account(random, today, obligors),
    }


def _fee(random: Random, total: Decimal, currency: str, **named: str) -> Mapping[str, Any]:
    """So little that all costs together stay what nobody has to look at."""
    fee = _rounded(total / 2000, currency)
    if not fee or random.random() < 0.6:
        return {"charged": False}
    return {"charged": True, "amount": canonical(fee, currency), **named}


def _address(random: Random) -> dict[str, Any]:
    address = {"province": "示范省", "city": "示范市", "district": "样例区", "line": "虚构路7号3幢2单元501室"}
    address |= {"postcode": f"999{random.randrange(1000):03d}", "phone": f"138000{random.randrange(10**5):05d}"}
    return address | ({"email": "sample@example.com"} if random.random() < 0.5 else {})


def _rounded(value: Decimal, currency: str) -> Decimal:
    """Down, in the currency's places."""
    return value.quantize(Decimal(1).scaleb(-PLACES[currency]), ROUND_DOWN)
