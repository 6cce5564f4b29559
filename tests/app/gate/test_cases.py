"""The law's own scenarios: each rule passes and refuses as cases.yaml says, and names the facts at fault."""

import dataclasses
from datetime import date
from typing import Any

import pytest

from app import facts
from app.catalogue import Rule
from app.catalogue.load import Catalogue
from app.errors import Refused
from app.facts.sample import at_day
from app.gate import Case, pass_gate
from app.gate.cases import Scenario, changed
from app.house import read_cases, read_sample, request_schema
from tests.wiring import catalogue_here, settings_here

ON = date(2026, 11, 23)
CATALOGUE: Catalogue = catalogue_here()
SCENARIOS = [scenario for name in CATALOGUE.packs for scenario in read_cases(settings_here(), name)]
RULES = {rule.id: rule for pack in CATALOGUE.packs.values() for rule in pack.rules}


def loaded(scenario: Scenario) -> dict[str, Any]:
    kind = CATALOGUE.types[scenario.document]
    request = changed(read_sample(kind, ON), at_day(dict(scenario.change), ON))
    return facts.validate(request_schema(kind), request)


@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda scenario: f"{scenario.rule}-{scenario.case}")
def test_a_scenario_has_the_verdict_that_the_law_s_authors_wrote_down(scenario: Scenario) -> None:
    rule = RULES[scenario.rule]
    case = Case(loaded(scenario), ON)
    if scenario.passes:
        assert pass_gate([rule], case, scenario.document) == (rule.id,)
        return
    with pytest.raises(Refused) as refusal:
        pass_gate([rule], case, scenario.document)

    assert {finding.at for finding in refusal.value.findings} == set(scenario.at)
    assert {finding.source for finding in refusal.value.findings} == {str(rule.source)}


@pytest.mark.parametrize("rule", RULES.values(), ids=lambda rule: rule.id)
def test_every_rule_has_a_passing_and_a_refusing_case(rule: Rule) -> None:
    verdicts = {scenario.passes for scenario in SCENARIOS if scenario.rule == rule.id}

    assert verdicts == {True, False}


@pytest.mark.parametrize("rule", RULES.values(), ids=lambda rule: rule.id)
def test_a_rule_is_not_asked_before_it_was_in_force(rule: Rule) -> None:
    refused = next(scenario for scenario in SCENARIOS if scenario.rule == rule.id and not scenario.passes)
    later = dataclasses.replace(rule, since=date(2027, 1, 1))
    always = dataclasses.replace(RULES["R05"], id="other", use="is_overdue", since=date(2000, 1, 1))
    case = Case(loaded(refused), ON)
    if rule.id != "R05":
        assert pass_gate([later, always], case, refused.document) == ("other",)


def test_no_rule_in_force_is_not_a_yes() -> None:
    with pytest.raises(Refused) as refusal:
        pass_gate([], Case({}, ON), "dunning_letter")

    assert [finding.rule for finding in refusal.value.findings] == ["gate.empty"]


def test_all_findings_are_named_at_once() -> None:
    kind = CATALOGUE.types["dunning_letter"]
    change = {"delivery.reserved": False, "delivery.address_kind": "work", "account.debts.0.as_of": "2026-11-24"}
    case = Case(facts.validate(request_schema(kind), changed(read_sample(kind, ON), change)), ON)
    with pytest.raises(Refused) as refusal:
        pass_gate(CATALOGUE.packs["cn"].rules, case, "dunning_letter")

    assert {(finding.rule, finding.at) for finding in refusal.value.findings} == {
        ("R03", "delivery.reserved"),
        ("R03", "delivery.address_kind"),
        ("R10", "account.debts.0.as_of"),
    }


def test_the_sum_is_recomputed_by_the_gate_itself() -> None:
    kind = CATALOGUE.types["dunning_letter"]
    request = facts.validate(request_schema(kind), read_sample(kind, ON))
    request["account"]["debts"][0]["total"] += 1
    with pytest.raises(Refused) as refusal:
        pass_gate([RULES["R10"]], Case(request, ON), "dunning_letter")

    assert [finding.at for finding in refusal.value.findings] == ["account.debts.0.total"]


@pytest.mark.parametrize(
    ("path", "at"),
    [
        (("account", "card_number"), "account.card_number"),
        (("parties", 0, "identity", "number"), "parties.0.identity.number"),
    ],
)
def test_the_checksums_are_recomputed_by_the_gate_itself(path: tuple[Any, ...], at: str) -> None:
    kind = CATALOGUE.types["dunning_letter"]
    request = facts.validate(request_schema(kind), read_sample(kind, ON))
    place: Any = request
    for step in path[:-1]:
        place = place[step]
    place[path[-1]] = place[path[-1]][:-1] + ("1" if place[path[-1]][-1] != "1" else "2")
    with pytest.raises(Refused) as refusal:
        pass_gate([RULES["R38"]], Case(request, ON), "dunning_letter")

    assert at in [finding.at for finding in refusal.value.findings]
