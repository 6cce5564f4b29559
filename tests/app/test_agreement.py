"""The table of an agreement's moves, and whether it is performed: for any instalments, payments and trigger."""

from datetime import date, timedelta
from decimal import Decimal
from itertools import product
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.agreement import (
    BROKEN,
    COMPLETED,
    DEFAULTED,
    EXECUTED,
    INSTALMENT,
    ISSUED,
    KEPT,
    LAPSED,
    MAY,
    MOVES,
    NAMES,
    ORAL,
    PAYABLE,
    PERFORMING,
    PROMISE,
    REASONS,
    STATES,
    TERMINATED,
    TYPES,
    Due,
    Move,
    Payment,
    Terms,
    allocated,
    fault,
    fulfilled,
    limitation,
    payment_fault,
    payoff,
    standing,
    stops_collection,
)

AGREED = {
    (ISSUED, EXECUTED),
    (ISSUED, LAPSED),
    (EXECUTED, PERFORMING),
    (EXECUTED, COMPLETED),
    (EXECUTED, TERMINATED),
    (PERFORMING, COMPLETED),
    (PERFORMING, DEFAULTED),
    (PERFORMING, TERMINATED),
    (DEFAULTED, PERFORMING),
    (DEFAULTED, COMPLETED),
    (DEFAULTED, TERMINATED),
}
PROMISED = {(ISSUED, EXECUTED), (ISSUED, LAPSED), (EXECUTED, KEPT), (EXECUTED, BROKEN)}
LEGAL = {PROMISE: PROMISED, INSTALMENT: AGREED, ORAL: AGREED | {(EXECUTED, DEFAULTED)}}

DAY = date(2026, 11, 23)
CENTS = st.integers(1, 1_000_00).map(lambda cents: Decimal(cents).scaleb(-2))
PAID_ON = st.integers(0, 500).map(lambda days: DAY + timedelta(days=days))


def dues_of(parts: list[tuple[int, Decimal, Decimal]]) -> tuple[Due, ...]:
    return tuple(
        Due(DAY + timedelta(days=sum(gap for gap, _, _ in parts[: index + 1])), principal + charge, charge)
        for index, (_, principal, charge) in enumerate(parts)
    )


def some_dues(charges: st.SearchStrategy[Decimal]) -> st.SearchStrategy[tuple[Due, ...]]:
    return st.lists(st.tuples(st.integers(1, 40), CENTS, charges), min_size=1, max_size=12).map(dues_of)


DUES = some_dues(st.just(Decimal()))
TERMS = st.builds(Terms, st.just("CNY"), DUES, st.integers(1, 6), st.integers(0, 30))
CHARGED = st.builds(Terms, st.just("CNY"), some_dues(st.just(Decimal()) | CENTS), st.integers(1, 6), st.just(0))
PAYMENTS = st.lists(st.builds(Payment, PAID_ON, CENTS), max_size=6)


def terms(missed: int = 2, grace_days: int = 3) -> Terms:
    days = (date(2026, 12, 31), date(2027, 1, 31), date(2027, 2, 28))
    return Terms("CNY", tuple(Due(day, Decimal("100.00")) for day in days), missed, grace_days)


def paid(*amounts: str) -> tuple[Payment, ...]:
    return tuple(Payment(DAY + timedelta(days=index), Decimal(amount)) for index, amount in enumerate(amounts))


@pytest.mark.parametrize(("kind", "state", "to"), list(product(TYPES, STATES, STATES)))
def test_only_the_moves_of_the_table_are_legal(kind: str, state: str, to: str) -> None:
    reasons = MOVES[kind].get(state, {}).get(to, ("other",))
    found = fault(kind, state, Move(to, reasons[0], "x"))

    assert (found is None) == ((state, to) in LEGAL[kind])
    if found:
        assert found == ("to", f"{NAMES[kind]}{STATES[state]}，不能改为{STATES[to]}")


@pytest.mark.parametrize(("kind", "state", "to"), [(kind, *pair) for kind in TYPES for pair in sorted(LEGAL[kind])])
def test_a_legal_move_has_one_of_its_own_reasons(kind: str, state: str, to: str) -> None:
    faults = {reason: fault(kind, state, Move(to, reason, "x")) for reason in REASONS}

    assert {reason for reason, found in faults.items() if found is None} == {*MOVES[kind][state][to]}
    assert {found[0] for found in faults.values() if found} == {"reason"}


def test_an_agreement_that_is_performed_ends_by_agreement_and_one_in_default_also_without() -> None:
    assert fault(INSTALMENT, PERFORMING, Move(TERMINATED, "ended_after_default", "x")) is not None
    assert fault(INSTALMENT, DEFAULTED, Move(TERMINATED, "ended_after_default", "x")) is None


def test_default_and_end_are_said_by_officers_and_what_follows_from_a_signature_or_a_payment_by_nobody() -> None:
    assert {to for to, roles in MAY.items() if "upstream" not in roles} == {DEFAULTED, TERMINATED, BROKEN}
    assert all({"compliance", "counsel"} <= {*roles} for roles in MAY.values())
    assert {to for kind in TYPES for onward in MOVES[kind].values() for to in onward} - MAY.keys() == {
        EXECUTED,
        COMPLETED,
        KEPT,
    }


@pytest.mark.parametrize(("kind", "state"), list(product(TYPES, STATES)))
def test_collection_stops_while_an_agreement_binds_and_never_for_a_promise(kind: str, state: str) -> None:
    assert stops_collection(kind, state) == (kind != PROMISE and state in {EXECUTED, PERFORMING})


def test_payments_are_taken_where_something_was_agreed_and_not_ended() -> None:
    assert PAYABLE == {
        PROMISE: (EXECUTED, BROKEN),
        INSTALMENT: (EXECUTED, PERFORMING, DEFAULTED),
        ORAL: (EXECUTED, PERFORMING, DEFAULTED),
    }
    assert [fulfilled(kind) for kind in TYPES] == [KEPT, COMPLETED, COMPLETED]


@given(DUES, CENTS)
def test_payments_go_to_the_instalments_in_their_order_to_the_cent(dues: tuple[Due, ...], amount: Decimal) -> None:
    parts = allocated(dues, amount)

    assert sum(parts) == min(amount, sum(due.amount for due in dues))
    assert all(0 <= part <= due.amount for part, due in zip(parts, dues, strict=True))
    begun = [part > 0 for part in parts]
    assert begun == sorted(begun, reverse=True)
    whole = [part == due.amount for part, due in zip(parts, dues, strict=True)]
    assert sum(not one for one in whole[: sum(begun)]) <= 1  # only the last that was reached is paid in part


@given(TERMS, st.lists(CENTS, max_size=6), st.randoms(use_true_random=False))
def test_where_performance_stands_does_not_hang_on_the_order_of_telling(
    made: Terms, amounts: list[Decimal], random: Random
) -> None:
    told = [Payment(DAY + timedelta(days=index), amount) for index, amount in enumerate(amounts)]
    first = standing(made, told)
    random.shuffle(told)

    assert standing(made, told) == first
    assert first.left == made.total - sum(amounts)
    assert first.paid_on == (max(one.on for one in told) if told else None)


@given(TERMS, CENTS)
def test_the_default_day_is_the_first_on_which_so_many_are_unpaid_for_longer_than_the_grace(
    made: Terms, amount: Decimal
) -> None:
    found = standing(made, [Payment(DAY, amount)])
    unpaid = [due.on for due, part in zip(made.dues, allocated(made.dues, amount), strict=True) if part < due.amount]

    def met(on: date) -> bool:
        late = [day for day in unpaid if on > day + timedelta(days=made.grace_days)]
        return bool(unpaid) and len(late) >= min(made.missed, len(unpaid))

    assert (found.next_on, found.defaults_on is None) == (unpaid[0] if unpaid else None, not unpaid)
    if found.defaults_on:
        assert met(found.defaults_on)
        assert not met(found.defaults_on - timedelta(days=1))


def owed(made: Terms, on: date) -> Decimal:
    """Counted from below: the principal of all, and the charges of those that are due."""
    return sum((due.amount - (due.charge if on < due.on else 0) for due in made.dues), Decimal())


@given(CHARGED, PAYMENTS, PAID_ON)
def test_who_pays_all_principal_and_the_charges_due_by_then_has_nothing_to_pay_any_more(
    made: Terms, before: list[Payment], day: date
) -> None:
    before = [Payment(min(one.on, day), one.amount) for one in before]
    wanted = payoff(made, before, day)

    assert standing(made, before).next_on is None if wanted == 0 else wanted > 0
    if wanted:
        settled = standing(made, [*before, Payment(day, wanted)])
        assert (settled.next_on, settled.defaults_on) == (None, None)
        assert settled.left == sum(due.charge for due in made.dues if due.on > day)
        assert payoff(made, [*before, Payment(day, wanted)], day) == 0
        cent_less = [*before, Payment(day, wanted - Decimal("0.01"))]
        assert standing(made, cent_less).next_on is not None
        assert payoff(made, cent_less, day) == Decimal("0.01")


@given(CHARGED, PAYMENTS, st.randoms(use_true_random=False))
def test_it_is_paid_off_on_a_day_of_a_payment_whatever_was_told_first(
    made: Terms, told: list[Payment], random: Random
) -> None:
    days = [one.on for one in told]
    enough = [day for day in days if sum(one.amount for one in told if one.on <= day) >= owed(made, day)]
    random.shuffle(told)

    assert (standing(made, told).next_on is None) == bool(enough)


def test_charges_that_fell_due_before_are_owed_by_whoever_pays_off_later() -> None:
    days = (date(2026, 12, 31), date(2027, 1, 31))
    made = Terms("CNY", tuple(Due(day, Decimal("110.00"), Decimal("10.00")) for day in days))

    assert [payoff(made, (), day) for day in (date(2026, 12, 30), days[0], days[1])] == [200, 210, 220]
    assert standing(made, [Payment(days[0], Decimal("200.00"))]).next_on == days[1]
    assert standing(made, [Payment(date(2026, 12, 30), Decimal("200.00"))]).next_on is None
    assert payment_fault(made, (), Payment(DAY, Decimal("220.00")), DAY, DAY) is None
    assert payment_fault(made, (), Payment(DAY, Decimal("220.01")), DAY, DAY) == ("amount", "超过尚未偿还的金额")


@given(TERMS, CENTS, CENTS)
def test_who_pays_more_is_never_in_default_sooner(made: Terms, amount: Decimal, more: Decimal) -> None:
    before = standing(made, [Payment(DAY, amount)]).defaults_on
    after = standing(made, [Payment(DAY, amount), Payment(DAY, more)]).defaults_on

    assert after is None or (before is not None and after >= before)


@pytest.mark.parametrize(
    ("amounts", "missed", "next_on", "defaults_on"),
    [
        ((), 1, "2026-12-31", "2027-01-04"),
        ((), 2, "2026-12-31", "2027-02-04"),
        (("99.99",), 2, "2026-12-31", "2027-02-04"),
        (("100.00",), 2, "2027-01-31", "2027-03-04"),
        (("100.00", "100.00"), 2, "2027-02-28", "2027-03-04"),  # one is left, and no second can be missed
        (("100.00", "199.99"), 1, "2027-02-28", "2027-03-04"),
        (("300.00",), 2, None, None),
    ],
)
def test_the_days_that_follow_from_what_was_paid(
    amounts: tuple[str, ...], missed: int, next_on: str | None, defaults_on: str | None
) -> None:
    found = standing(terms(missed), paid(*amounts))

    assert [day.isoformat() if day else None for day in (found.next_on, found.defaults_on)] == [next_on, defaults_on]


@pytest.mark.parametrize(
    ("payment", "path"),
    [
        (Payment(DAY, Decimal("200.00")), None),
        (Payment(DAY, Decimal("200.01")), "amount"),
        (Payment(DAY, Decimal("0.00")), "amount"),
        (Payment(DAY - timedelta(days=1), Decimal("1.00")), "paid_on"),
        (Payment(DAY + timedelta(days=8), Decimal("1.00")), None),
        (Payment(DAY + timedelta(days=9), Decimal("1.00")), "paid_on"),
    ],
)
def test_a_payment_beyond_what_is_left_before_the_agreement_or_to_come_is_none(
    payment: Payment, path: str | None
) -> None:
    found = payment_fault(terms(), paid("100.00"), payment, DAY, DAY + timedelta(days=8))

    assert (found[0] if found else None) == path


def test_limitation_is_counted_from_the_last_instalment_while_an_agreement_is_performed() -> None:
    last = date(2027, 2, 28)
    running = limitation(INSTALMENT, PERFORMING, DAY, [DAY + timedelta(days=38)], last, 3)

    assert running is not None
    assert running.began == ((DAY, "agreed"), (DAY + timedelta(days=38), "paid"))
    assert (running.deferred, running.runs_from, running.ends_on) == (True, last, date(2030, 2, 28))


@pytest.mark.parametrize(("kind", "state"), [(INSTALMENT, DEFAULTED), (ORAL, TERMINATED), (PROMISE, EXECUTED)])
def test_otherwise_it_is_counted_from_the_last_interruption(kind: str, state: str) -> None:
    paid_on = date(2026, 12, 31)
    running = limitation(kind, state, DAY, [paid_on, paid_on], date(2027, 2, 28), 3)

    assert running is not None
    assert running.began == ((DAY, "agreed"), (paid_on, "paid"))
    assert (running.deferred, running.runs_from, running.ends_on) == (False, paid_on, date(2029, 12, 31))


def test_one_that_nobody_signed_or_that_is_paid_has_no_period() -> None:
    assert limitation(INSTALMENT, ISSUED, None, [], DAY, 3) is None
    assert limitation(INSTALMENT, COMPLETED, DAY, [DAY], DAY, 3) is None
    assert limitation(PROMISE, KEPT, DAY, [DAY], DAY, 3) is None


def test_a_payment_on_the_last_day_counts_after_it() -> None:
    late = terms().dues[-1].on + timedelta(days=5)
    running = limitation(ORAL, PERFORMING, DAY, [late], terms().dues[-1].on, 3)

    assert running is not None
    assert (running.deferred, running.runs_from) == (False, late)
