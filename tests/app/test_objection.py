"""The table of an objection's moves: every pair of states, who may make them, when a reply is due, what repeats."""

from itertools import product

import pytest

from app.objection import DECIDED, MAY, MOVES, OPEN, REASONS, STATES, Move, fault, reference, repeats, reply_is_due

LEGAL = {
    ("received", "annotated"),
    ("annotated", "verifying"),
    ("verifying", "upheld"),
    ("verifying", "partly_upheld"),
    ("verifying", "rejected"),
}
ONWARD = sorted({to for onward in MOVES.values() for to in onward})


@pytest.mark.parametrize(("state", "to"), list(product(STATES, ONWARD)))
def test_only_the_moves_of_the_table_are_legal(state: str, to: str) -> None:
    found = fault(state, Move(to, next(iter(REASONS[to])), "x"))

    assert (found is None) == ((state, to) in LEGAL)
    if found:
        assert found == ("to", f"异议{STATES[state]}，不能改为{STATES[to]}")


def test_an_open_objection_moves_on_and_a_decided_one_does_not() -> None:
    assert {state for state, onward in MOVES.items() if onward} == set(OPEN)
    assert {state for state, onward in MOVES.items() if not onward} == set(DECIDED)


def test_whoever_asks_for_letters_only_annotates() -> None:
    assert {to for to, roles in MAY.items() if "upstream" in roles} == {"annotated"}
    assert all({"compliance", "counsel"} <= set(roles) for roles in MAY.values())


@pytest.mark.parametrize(
    ("channel", "to", "due"),
    [
        ("letter", "upheld", True),
        ("email", "upheld", True),
        ("regulator", "upheld", True),
        ("court", "upheld", True),
        ("phone", "upheld", False),
        ("counter", "upheld", False),
        ("phone", "partly_upheld", True),
        ("counter", "rejected", True),
    ],
)
def test_a_no_is_always_told_in_writing_and_a_yes_the_way_it_was_asked(channel: str, to: str, due: bool) -> None:
    assert reply_is_due(channel, to) is due


@pytest.mark.parametrize(
    ("grounds", "new_facts", "earlier", "found"),
    [
        (["amount_wrong"], False, [("rejected", ["amount_wrong", "rate_or_fee"])], True),
        (["amount_wrong"], False, [("partly_upheld", ["amount_wrong"])], True),
        (["amount_wrong"], True, [("rejected", ["amount_wrong"])], False),
        (["amount_wrong", "fraud"], False, [("rejected", ["amount_wrong"])], False),
        (["amount_wrong", "fraud"], False, [("rejected", ["amount_wrong"]), ("rejected", ["fraud"])], False),
        (["amount_wrong"], False, [("verifying", ["amount_wrong"])], False),
        (["amount_wrong"], False, [("upheld", ["amount_wrong"])], False),
        (["amount_wrong"], False, [], False),
    ],
)
def test_an_objection_repeats_what_was_answered_and_is_not_new(
    grounds: list[str], new_facts: bool, earlier: list[tuple[str, list[str]]], found: bool
) -> None:
    assert repeats(grounds, new_facts, earlier) is found


def test_what_is_printed_of_an_id_is_its_random_end() -> None:
    assert reference("0197f1d8-2f00-7000-8000-2f00a1c3e5d7") == "2F00-A1C3-E5D7"
