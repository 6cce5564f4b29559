"""What a document agrees to, out of its facts; and who agrees, and when."""

from datetime import date
from decimal import Decimal

import pytest

from app import facts
from app.agreeing import cardholder_signs, period_was_over, signers_of, terms_of
from app.agreement import INSTALMENT, PROMISE, Due
from app.artifacts import Actor, Attempt, Granted
from app.facts import SAMPLE_PLAN
from tests import agreements
from tests.wiring import catalogue_here


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


@pytest.mark.parametrize(
    ("kind", "said", "signers", "signs"),
    [
        (PROMISE, {"promisor": "p1"}, ["p1"], True),
        (PROMISE, {"promisor": "p2"}, ["p2"], False),
        (INSTALMENT, {"signers": [{"party": "p2"}, {"party": "p1"}]}, ["p2", "p1"], True),
        (INSTALMENT, {"signers": [{"party": "p2"}]}, ["p2"], False),
    ],
)
def test_the_cardholder_agrees_who_is_among_the_signers(
    kind: str, said: dict[str, object], signers: list[str], signs: bool
) -> None:
    said = {"account": {"holder": "p1"}, **said}

    assert signers_of(kind, said) == signers
    assert cardholder_signs(kind, said) is signs


@pytest.mark.parametrize(
    ("granted", "over"),
    [
        (None, False),
        (frozenset[tuple[str, str]](), False),
        (frozenset({("R17", "registry.objections")}), False),
        (frozenset({("R34", "limitation")}), True),
    ],
)
def test_the_period_was_over_when_a_human_let_it_be_issued_all_the_same(
    granted: frozenset[tuple[str, str]] | None, over: bool
) -> None:
    actor = Actor("key:1", "key", "1", "1")
    asking = agreements.order(catalogue_here(), "1", PROMISE, actor, date(2026, 12, 31))
    approval = None if granted is None else Granted("1", granted)

    assert period_was_over(Attempt(asking, "1", "1", "1", "1", 1, approval)) is over
