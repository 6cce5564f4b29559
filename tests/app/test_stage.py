"""What may be issued on an account, what not, and from which day on: the gate, asked ahead."""

import dataclasses
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app import facts, gate
from app.gate import cases
from app.gate.checks import CHECKS
from app.registry.tally import cycle_start
from app.stage import HORIZON, UNTOLD, Days, Outlook, stage
from app.templates import question, read_sample
from tests.wiring import catalogue_here

CATALOGUE = catalogue_here()
BANK = CATALOGUE.issuers["demo_bank"]
ON = date(2026, 11, 23)
AT = cases.moment(ON, 12)
ALL = [*CATALOGUE.types]
ASKED_ANYWAY = {"no_open_objection", "account_is_known", "collection_has_not_ended"}
CALL = {"kind": "collection", "channel": "call", "on": "today"}


def known(**said: Any) -> Any:
    all_types = {"authorisations": [{"types": ALL, "until": "2027-11-23"}]}
    return cases.known(all_types | facts.at_day(said, ON), ON, stamp=BANK.stamp_sha256)


def days(overdue: int, billing_day: int = 19) -> Days:
    """Overdue for so many days, and billed on the last billing day ten days or more before that."""
    due_on = ON - timedelta(days=overdue)
    return Days(due_on, cycle_start(due_on - timedelta(days=10), billing_day), 3)


def outlooks(overdue: Days, at: datetime = AT, **said: Any) -> dict[str, Outlook]:
    return {one.type: one for one in stage(CATALOGUE, BANK, known(**said), overdue, at)}


def dunning(overdue: Days, at: datetime = AT, **said: Any) -> Outlook:
    return outlooks(overdue, at, **said)["dunning_letter"]


def told(one: Outlook) -> dict[str, Any]:
    return {found.finding.rule: found.changes_on for found in one.obstacles}


def test_on_an_account_in_order_a_letter_and_a_reminder_may_go_out_and_nothing_is_to_be_answered() -> None:
    found = outlooks(days(45))

    assert found["dunning_letter"].verdict == found["payment_reminder"].verdict == "passes"
    assert found["objection_reply"].verdict == "refused"
    assert (found["dunning_letter"].tier, found["dunning_letter"].possible_on) == ("L2", ON)
    assert told(found["objection_reply"]) == {"R17.reply": None}


@pytest.mark.parametrize(
    ("said", "overdue", "rule", "changes_on"),
    [
        ({"letters": [{"on": "today-3"}]}, 45, "R16.letters", date(2026, 12, 19)),
        ({"objections": [{"state": "received", "received_on": "today-1", "due_on": "today+14"}]}, 45, "R17", None),
        ({"events": [{"kind": "agreement", "on": "today-9", "outcome": "performing"}]}, 45, "R18", None),
        ({"events": [{"kind": "payoff", "on": "today-1"}]}, 45, "R01.ended", None),
        ({"baseline": None}, 45, "R17.known", None),
        ({"fed": "today-5"}, 45, "R17.known", None),
        ({}, 2, "R05", ON + timedelta(days=2)),
        ({}, 95, "R20.litigation", None),
        ({}, 181, "R20.tier", None),
        ({"events": [CALL | {"outcome": "unreached"}] * 7}, 45, "R16.attempts", ON + timedelta(days=1)),
        ({"events": [CALL | {"outcome": "reached"}] * 4}, 45, "R16.calls", ON + timedelta(days=1)),
        ({"authorisations": [{"since": "today+9", "until": "today+90"}]}, 45, "R09.stamp", ON + timedelta(days=9)),
    ],
)
def test_the_rule_that_says_no_is_named_with_the_day_on_which_it_stops(
    said: dict[str, Any], overdue: int, rule: str, changes_on: date | None
) -> None:
    found = dunning(days(overdue), **said)

    assert found.verdict == "refused"
    assert told(found) == {rule: changes_on}
    assert found.possible_on == changes_on


def test_several_rules_each_have_their_day_and_the_document_has_the_last() -> None:
    found = dunning(days(45), letters=[{"on": "today-3"}], authorisations=[{"since": "today+9", "until": "today+90"}])

    assert told(found) == {"R16.letters": date(2026, 12, 19), "R09.stamp": ON + timedelta(days=9)}
    assert found.possible_on == date(2026, 12, 19)


def test_a_day_on_which_one_rule_stops_and_another_begins_is_not_promised() -> None:
    """The letter of the cycle is in the way until the 19th; from then on it would be a notice before action."""
    found = dunning(days(70), letters=[{"on": "today-3"}])

    assert told(found) == {"R16.letters": date(2026, 12, 19)}
    assert found.possible_on is None


def test_what_a_human_has_to_decide_is_no_refusal() -> None:
    again = {"state": "received", "received_on": "today-1", "due_on": "today+14", "repeats": True}
    found = dunning(days(45), objections=[again])

    assert (found.verdict, told(found), found.possible_on) == ("needs_approval", {"R17.repeats": None}, ON)


def test_an_objection_that_is_being_verified_may_be_answered() -> None:
    waiting = {"state": "verifying", "received_on": "today-5", "due_on": "today+10"}
    found = outlooks(days(45), objections=[waiting])

    assert found["objection_reply"].verdict == "passes"
    assert found["dunning_letter"].verdict == "refused"


@pytest.mark.parametrize("state", ["rejected", "upheld"])
def test_a_decision_that_reached_nobody_may_be_told_again_and_holds_letters_back_until_then(state: str) -> None:
    lost = {"state": state, "received_on": "today-5", "due_on": "today+10", "lost": True}
    found = outlooks(days(45), objections=[lost])

    assert found["objection_reply"].verdict == "passes"
    assert told(found["dunning_letter"]) == {"R17": None}


def test_without_the_days_nothing_is_said_of_what_depends_on_them() -> None:
    found = dunning(Days())

    assert (found.verdict, found.tier, found.possible_on) == ("unknown", "", None)
    assert set(found.unasked) == {"R05", "R16.letters", "R20.tier", "R20.litigation", "R20.policy", "R34"}
    assert dunning(Days(), events=[{"kind": "payoff", "on": "today-1"}]).verdict == "unknown"
    assert dunning(Days(), events=[{"kind": "death", "on": "today-1"}]).verdict == "refused"
    assert outlooks(Days())["payment_reminder"].verdict == "passes"


def test_one_of_the_days_alone_answers_what_it_can() -> None:
    assert dunning(Days(oldest_unpaid_due_on=ON - timedelta(days=45))).unasked == ("R16.letters",)
    assert dunning(Days(oldest_unpaid_due_on=ON - timedelta(days=45))).tier == "L2"
    assert told(dunning(Days(billed_on=ON), letters=[{"on": "today"}])) == {"R16.letters": date(2026, 12, 23)}


def test_every_check_that_looks_at_those_days_is_known_to() -> None:
    kind = CATALOGUE.types["dunning_letter"]
    issuer = {"suit_policy": {"least_total": "1.00", "collections": 1, "months_unpaid": 1}}
    asked = question(kind, CATALOGUE, read_sample(kind, ON), ON, AT, known())
    debts = [
        {name: value for name, value in debt.items() if name not in {"oldest_unpaid_due_on", "billed_on"}}
        for debt in asked.facts["account"]["debts"]
    ]
    bare = dataclasses.replace(asked, facts={**asked.facts, "account": {**asked.facts["account"], "debts": debts}})
    looking = set()
    for rule in gate.gated(CATALOGUE.packs["cn"].rules_for("dunning_letter", ON)):
        for tier in ("", "L5"):
            try:
                list(CHECKS[rule.use](dataclasses.replace(bare, tier=tier, issuer=issuer), rule.given))
            except KeyError:
                looking.add(rule.use)

    # Two look at the stage, which follows from the days.
    assert (looking | {"tier_fits", "litigation_is_reviewed"}) - ASKED_ANYWAY == set().union(*UNTOLD.values())


def test_today_is_the_day_in_beijing() -> None:
    late = datetime.fromisoformat("2026-11-22T16:30:00+00:00")  # half past midnight there

    assert dunning(days(45), late).possible_on == ON


@settings(max_examples=30)
@given(st.integers(0, 400), st.integers(1, 31), st.integers(-35, 0))
def test_the_day_that_is_promised_is_the_first_on_which_nothing_forbids_it(
    overdue: int, billing_day: int, ago: int
) -> None:
    told_days = days(overdue, billing_day)
    said: dict[str, Any] = {"letters": [{"on": f"today{ago}" if ago else "today"}]}
    found = dunning(told_days, AT, **said)
    ahead = (found.possible_on - ON).days if found.possible_on else HORIZON + 1

    for later in {0, ahead // 2, ahead - 1, ahead} & set(range(HORIZON + 1)):
        then = AT + timedelta(days=later)
        fed = dataclasses.replace(known(**said), fed_at=then)
        [one] = [one for one in stage(CATALOGUE, BANK, fed, told_days, then) if one.type == "dunning_letter"]
        assert (one.verdict != "refused") == (later == ahead)
