"""The law's own scenarios: each rule passes and refuses as cases.yaml says, and names the facts at fault."""

import dataclasses
from datetime import date, timedelta
from typing import Any

import pytest

from app import facts
from app.catalogue import Rule, in_force
from app.catalogue.load import Catalogue
from app.errors import ConfigurationError, Finding, Refused
from app.facts.sample import at_day
from app.gate import Question, cases, fits, pass_gate
from app.gate.cases import Scenario, changed, scenarios
from app.registry import Known
from app.templates import read_cases, read_sample, request_schema
from app.wiring import tier_of
from tests.wiring import catalogue_here, settings_here

ON = date(2026, 11, 23)
CATALOGUE: Catalogue = catalogue_here()
SCENARIOS = [scenario for name in CATALOGUE.packs for scenario in read_cases(settings_here(), name)]
RULES = [rule for pack in CATALOGUE.packs.values() for rule in pack.rules]


def ruled(rule_id: str, document_type: str = "dunning_letter", on: date = ON) -> Rule:
    """The line of this rule about the type that is in force on the day."""
    lines = [rule for rule in RULES if rule.id == rule_id and document_type in rule.applies_to]
    [rule] = [rule for rule in lines if in_force(rule, on)]
    return rule


def question(scenario: Scenario) -> Question:
    on = scenario.on or ON
    known = cases.known(at_day(dict(scenario.known), on), on, scenario.document)
    return sampled(dict(scenario.change), scenario.document, known, on, scenario.hour)


def sampled(
    change: dict[str, Any],
    document_type: str = "dunning_letter",
    known: Known | None = None,
    on: date = ON,
    hour: int = 12,
) -> Question:
    kind = CATALOGUE.types[document_type]
    loaded = facts.validate(request_schema(kind), changed(read_sample(kind, on), at_day(change, on)))
    tier = tier_of(kind, facts.plain(request_schema(kind), loaded), on)
    issuer = CATALOGUE.issuers["demo_bank"].record
    known = known or cases.known({}, on, document_type)
    about = (document_type, tier.id if tier else "", issuer, kind.sha256)
    return Question(loaded, on, cases.moment(on, hour), known, *about)


@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda scenario: f"{scenario.rule}-{scenario.case}")
def test_a_scenario_has_the_verdict_that_the_law_s_authors_wrote_down(scenario: Scenario) -> None:
    asked = question(scenario)
    rule = ruled(scenario.rule, scenario.document, asked.on)
    findings = found(rule, asked)

    assert {finding.severity for finding in findings} == ({scenario.severity} if scenario.severity else set())
    assert {finding.at for finding in findings} == set(scenario.at)
    assert {finding.source for finding in findings} <= {str(rule.source)}


def found(rule: Rule, asked: Question) -> tuple[Finding, ...]:
    try:
        verdict = pass_gate([rule], asked)
    except Refused as refusal:
        return refusal.findings
    assert verdict.passed == (() if verdict.reviews or verdict.warnings else (rule.id,))
    return verdict.reviews + verdict.warnings


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: f"{rule.id}-{rule.since}")
def test_every_rule_has_a_passing_and_a_refusing_case_while_it_is_in_force(rule: Rule) -> None:
    own = [scenario for scenario in SCENARIOS if scenario.rule == rule.id and in_force(rule, scenario.on or ON)]

    assert {scenario.passes for scenario in own} == {True, False}


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: f"{rule.id}-{rule.since}")
def test_a_rule_counts_from_its_first_day_on_and_not_before(rule: Rule) -> None:
    pack = CATALOGUE.packs["cn"]
    before = rule.since - timedelta(days=1)

    for document_type in rule.applies_to:
        assert rule in pack.rules_for(document_type, rule.since)
        assert rule not in pack.rules_for(document_type, before)
    ended = dataclasses.replace(rule, until=rule.since)
    assert (in_force(ended, rule.since), in_force(ended, rule.since + timedelta(days=1))) == (True, False)


def test_no_rule_in_force_is_not_a_yes() -> None:
    with pytest.raises(Refused) as refusal:
        pass_gate([], Question({}, ON, cases.moment(ON, 12)))

    assert [finding.rule for finding in refusal.value.findings] == ["gate.empty"]


def test_a_rule_speaks_about_its_own_types_only() -> None:
    assert CATALOGUE.packs["cn"].rules_for("love_letter", ON) == []


def test_all_findings_are_named_at_once() -> None:
    change = {"delivery.reserved": False, "delivery.address_kind": "work", "account.debts.0.as_of": "2026-11-24"}
    with pytest.raises(Refused) as refusal:
        pass_gate(CATALOGUE.packs["cn"].rules_for("dunning_letter", ON), sampled(change))

    assert {(finding.rule, finding.at) for finding in refusal.value.findings} == {
        ("R03", "delivery.reserved"),
        ("R03", "delivery.address_kind"),
        ("R10", "account.debts.0.as_of"),
    }


def test_the_sum_is_recomputed_by_the_gate_itself() -> None:
    asked = sampled({})
    asked.facts["account"]["debts"][0]["total"] += 1
    with pytest.raises(Refused) as refusal:
        pass_gate([ruled("R10")], asked)

    assert [finding.at for finding in refusal.value.findings] == ["account.debts.0.total"]


@pytest.mark.parametrize(
    ("path", "at"),
    [
        (("account", "card_number"), "account.card_number"),
        (("parties", 0, "identity", "number"), "parties.0.identity.number"),
    ],
)
def test_the_checksums_are_recomputed_by_the_gate_itself(path: tuple[Any, ...], at: str) -> None:
    asked = sampled({})
    place: Any = asked.facts
    for step in path[:-1]:
        place = place[step]
    place[path[-1]] = place[path[-1]][:-1] + ("1" if place[path[-1]][-1] != "1" else "2")
    with pytest.raises(Refused) as refusal:
        pass_gate([ruled("R38")], asked)

    assert at in [finding.at for finding in refusal.value.findings]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"use": "ask_an_oracle"}, "unknown check"),
        ({"given": {}}, "do not fit"),
        ({"message": "超过{weeks}周"}, "do not fit"),
        ({"given": {"days": "seven", "components": []}}, "do not fit"),
    ],
)
def test_a_rule_that_cannot_be_asked_stops_the_start(change: dict[str, Any], said: str) -> None:
    rule = dataclasses.replace(ruled("R10"), **change)
    with pytest.raises(ConfigurationError, match=said):
        fits([rule], {"dunning_letter": sampled({})})


@pytest.mark.parametrize("line", [{"case": "x"}, {"verdict": "maybe"}, {"weight": 3}])
def test_a_mistake_in_a_scenario_is_refused(line: dict[str, Any]) -> None:
    sound = {"case": "x", "rule": "R01", "document": "dunning_letter", "change": {}, "verdict": "passes"}
    broken = {"case": "x"} if line == {"case": "x"} else sound | line
    with pytest.raises(ConfigurationError, match="cases"):
        scenarios([broken])
