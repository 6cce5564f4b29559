"""What a document agrees to, out of its facts."""

from datetime import date
from decimal import Decimal

from app import facts
from app.agreeing import terms_of
from app.agreement import INSTALMENT, PROMISE, Due
from app.facts import SAMPLE_PLAN


def test_an_instalment_is_its_principal_and_its_charge_and_the_trigger_is_the_agreed_one() -> None:
    plan = facts.validate(facts.RepaymentPlan, SAMPLE_PLAN)
    terms = terms_of(INSTALMENT, {"plan": plan, "terms": {"default": {"missed": 3, "grace_days": 7}}})

    assert terms
    assert (terms.currency, terms.missed, terms.grace_days, len(terms.dues)) == ("CNY", 3, 7, 12)
    assert terms.dues[0].on == date(2026, 12, 31)
    assert terms.total > plan["total"]
    assert sum(due.charge for due in terms.dues) == terms.total - plan["total"]


def test_a_promise_is_broken_on_the_day_after_its_first_unpaid_row() -> None:
    rows = [
        {"due_on": date(2027, 1, 31), "amount": Decimal("2.00")},
        {"due_on": date(2026, 12, 31), "amount": Decimal("1.00")},
    ]
    terms = terms_of(PROMISE, {"promise": {"currency": "CNY", "rows": rows}})

    assert terms
    assert terms.dues == (Due(date(2026, 12, 31), Decimal("1.00")), Due(date(2027, 1, 31), Decimal("2.00")))
    assert (terms.missed, terms.grace_days) == (1, 0)


def test_a_letter_agrees_to_nothing() -> None:
    assert terms_of("dunning_letter", {}) is None
