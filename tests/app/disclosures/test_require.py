"""What must be seen: filled, one by one, and never nothing."""

import pytest

from app.catalogue import Disclosure, Requirement
from app.disclosures.require import sought
from app.errors import DisclosureMissing, StepFailed
from tests.app.disclosures.letters import disclosure

BLANKS = {"name": "张三", "debts": [{"total": "1.00"}, {"total": "2.00"}], "none": [], "off": None, "blank": ""}


def test_each_element_is_asked_for_on_its_own() -> None:
    required = disclosure("d", Requirement(texts=("合计{{ debt.total | amount }}",), each=("debt", "debts"), points=12))

    assert [(thing.texts, thing.points) for thing in sought([required], BLANKS)] == [
        (("合计1.00",), 12),
        (("合计2.00",), 12),
    ]


def test_alternatives_are_filled_and_folded() -> None:
    required = disclosure("d", Requirement(texts=("姓名 {{ name }}，", "{{ name }}")))

    assert sought([required], BLANKS)[0].texts == ("姓名张三,", "张三")


def test_what_must_stand_out_is_asked_for_as_such() -> None:
    required = disclosure("d", Requirement(texts=("甲",), conspicuous=True), Requirement(texts=("乙",)))

    assert [thing.conspicuous for thing in sought([required], BLANKS)] == [True, False]


def test_a_condition_leaves_out_what_does_not_apply() -> None:
    kept, left = Requirement(texts=("甲",)), Requirement(texts=("{{ off.name }}",), when="off")

    assert [thing.texts for thing in sought([disclosure("d", kept, left)], BLANKS)] == [("甲",)]


def test_a_condition_may_look_at_the_element() -> None:
    required = disclosure("d", Requirement(texts=("甲{{ debt.total }}",), each=("debt", "debts"), when="debt.total"))

    assert len(sought([required], BLANKS)) == 2


@pytest.mark.parametrize(
    "required",
    [
        [],
        [disclosure("d")],
        [disclosure("d", Requirement())],
        [disclosure("d", Requirement(texts=("{{ blank }}",)))],
        [disclosure("d", Requirement(texts=("甲", "{{ blank }}")))],
        [disclosure("d", Requirement(texts=("甲",), each=("one", "none")))],
        [disclosure("d", Requirement(texts=("甲",), when="off"))],
    ],
)
def test_a_yes_to_nothing_is_refused(required: list[Disclosure]) -> None:
    with pytest.raises(DisclosureMissing) as refusal:
        sought(required, BLANKS)

    assert set(refusal.value.missing.values()) == {"nothing to look for"}


@pytest.mark.parametrize(
    "requirement",
    [
        Requirement(texts=("{{ unknown }}",)),
        Requirement(texts=("{{ off }}",)),
        Requirement(texts=("甲",), when="unknown"),
        Requirement(texts=("甲",), each=("one", "unknown")),
        Requirement(texts=("甲",), pages="first"),
        Requirement(texts=("甲",), part="sms", conspicuous=True),
        Requirement(picture="stamp", conspicuous=True),
    ],
)
def test_wording_that_does_not_fit_the_facts_stops_the_document(requirement: Requirement) -> None:
    with pytest.raises(StepFailed):
        sought([disclosure("d", requirement)], BLANKS)
