"""The law's own scenarios: each rule passes and refuses as cases.yaml says, and names the facts at fault."""

import dataclasses
from datetime import date, timedelta
from typing import Any

import pytest

from app import templates
from app.catalogue import Rule, in_force
from app.catalogue.load import Catalogue
from app.errors import ConfigurationError, Finding, Refused
from app.facts.sample import at_day
from app.gate import Question, cases, fits, pass_gate, unsaid
from app.gate.cases import Scenario, changed, scenarios
from app.registry import Known
from app.templates import read_cases, read_sample
from tests.wiring import catalogue_here, settings_here

ON = date(2026, 11, 23)
CATALOGUE: Catalogue = catalogue_here()
SCENARIOS = [scenario for name in CATALOGUE.packs for scenario in read_cases(settings_here(), name)]
STAMP = CATALOGUE.issuers["demo_bank"].stamp_sha256
RULES = [rule for pack in CATALOGUE.packs.values() for rule in pack.rules]


def ruled(rule_id: str, document_type: str = "dunning_letter", on: date = ON) -> Rule:
    """The line of this rule about the type that is in force on the day."""
    lines = [rule for rule in RULES if rule.id == rule_id and document_type in rule.applies_to]
    [rule] = [rule for rule in lines if in_force(rule, on)]
    return rule


def question(scenario: Scenario) -> Question:
    on = scenario.on or ON
    known = cases.known(at_day(dict(scenario.known), on), on, scenario.document, STAMP)
    asked = sampled(dict(scenario.change), scenario.document, known, on, scenario.hour)
    return dataclasses.replace(asked, issuer={**asked.issuer, **scenario.issuer}, asker=scenario.asker)


def sampled(
    change: dict[str, Any],
    document_type: str = "dunning_letter",
    known: Known | None = None,
    on: date = ON,
    hour: int = 12,
) -> Question:
    kind = CATALOGUE.types[document_type]
    request = changed(read_sample(kind, on), at_day(change, on))
    known = known or cases.known({}, on, document_type, STAMP)
    return templates.question(kind, CATALOGUE, request, on, cases.moment(on, hour), known)


@pytest.mark.parametrize(
    "scenario", [one for one in SCENARIOS if one.paper is None], ids=lambda scenario: f"{scenario.rule}-{scenario.case}"
)
def test_a_scenario_has_the_verdict_that_the_law_s_authors_wrote_down(scenario: Scenario) -> None:
    asked = question(scenario)
    rule = ruled(scenario.rule, scenario.document, asked.on)
    findings = found(rule, asked)

    assert {finding.severity for finding in findings} == ({scenario.severity} if scenario.severity else set())
    assert {finding.at for finding in findings} == set(scenario.at)
    spoken = {line.id: str(line.source) for line in asked.lexicon.lines}
    assert all(finding.source == spoken.get(finding.phrase, str(rule.source)) for finding in findings)


def found(rule: Rule, asked: Question) -> tuple[Finding, ...]:
    try:
        verdict = pass_gate([rule], asked)
    except Refused as refusal:
        return refusal.findings
    assert verdict.passed == (() if verdict.reviews or verdict.warnings else (rule.id,))
    return verdict.reviews + verdict.warnings


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: f"{rule.id}-{rule.since}")
def test_every_rule_has_a_passing_and_a_refusing_case_while_it_is_in_force(rule: Rule) -> None:
    own = [
        scenario
        for scenario in SCENARIOS
        if scenario.rule == rule.id and scenario.document in rule.applies_to and in_force(rule, scenario.on or ON)
    ]

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
        pass_gate([], sampled({}))

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
    with pytest.raises(ConfigurationError, match=r"pack\.yaml:[0-9]+: rule R10"):
        fits([rule], {"dunning_letter": sampled({})})


@pytest.mark.parametrize("line", [{"case": "x"}, {"verdict": "maybe"}, {"weight": 3}])
def test_a_mistake_in_a_scenario_is_refused(line: dict[str, Any]) -> None:
    sound = {"case": "x", "rule": "R01", "document": "dunning_letter", "change": {}, "verdict": "passes"}
    broken = {"case": "x"} if line == {"case": "x"} else sound | line
    with pytest.raises(ConfigurationError, match="cases"):
        scenarios([broken])


def test_a_finding_of_forbidden_language_says_where_and_by_which_line_and_never_what() -> None:
    note = "您好，您就是老 賴。"
    asked = sampled({"note": note})
    with pytest.raises(Refused) as refusal:
        pass_gate(CATALOGUE.packs["cn"].rules_for("dunning_letter", ON), asked)
    [finding] = refusal.value.findings

    assert (finding.rule, finding.at, finding.phrase, finding.category) == ("R13", "note", "F-B.insult", "F-B")
    assert note[finding.start : finding.end] == "老 賴"
    assert not any("赖" in str(value) or "賴" in str(value) for value in vars(finding).values())


@pytest.mark.parametrize("scenario", [one for one in SCENARIOS if one.rule == "R13" and not one.passes], ids=str)
def test_a_refusing_case_of_forbidden_language_names_the_category_it_is_called_by(scenario: Scenario) -> None:
    with pytest.raises(Refused) as refusal:
        pass_gate([ruled("R13", scenario.document)], question(scenario))

    assert scenario.case[:3] in {finding.category for finding in refusal.value.findings}


def test_an_accent_that_was_spelled_apart_does_not_move_the_place() -> None:
    """Text is composed (NFC) at the door, and places are counted in what was kept."""
    asked = sampled({"note": "Jose\u0301 您就是老赖"})
    with pytest.raises(Refused) as refusal:
        pass_gate([ruled("R13")], asked)
    [finding] = refusal.value.findings

    assert asked.facts["note"][finding.start : finding.end] == "老赖"


def test_a_rule_about_a_category_that_the_lexicon_does_not_have_stops_the_start() -> None:
    rule = dataclasses.replace(ruled("R13"), given={"categories": ["F-Z"], "outside": []})
    with pytest.raises(ConfigurationError, match="do not fit"):
        fits([rule], {"dunning_letter": sampled({})})


def test_what_rules_keep_out_of_a_text_is_what_the_finished_pages_are_heard_for() -> None:
    pack = CATALOGUE.packs["cn"]

    assert unsaid(pack.rules_for("dunning_letter", ON)) == pack.lexicon.categories - {"F-N", "F-O", "F-P"}
    assert unsaid(pack.rules_for("payment_reminder", ON)) == pack.lexicon.categories - {"F-N", "F-P"}
    assert unsaid(pack.rules_for("objection_reply", ON)) == pack.lexicon.categories - {"F-N", "F-O"}
    assert unsaid([ruled("R01")]) == frozenset()


@pytest.mark.parametrize(
    ("known", "zh", "en"),
    [
        ({"agreements": [{"state": "performing", "next_on": "2026-12-09"}]}, "2026年12月9日", "2026-12-09"),
        ({"events": [{"kind": "agreement", "on": "2026-11-01", "outcome": "performing"}]}, "未告知", "not told"),
    ],
)
def test_the_refusal_for_an_agreement_says_when_the_next_instalment_is_due(
    known: dict[str, Any], zh: str, en: str
) -> None:
    with pytest.raises(Refused) as refusal:
        pass_gate([ruled("R18")], sampled({}, known=cases.known(known, ON, stamp=STAMP)))
    [finding] = refusal.value.findings

    assert f"（下一期还款日：{zh}）" in finding.message
    assert f"(next instalment due: {en})" in finding.message_en


def test_a_message_may_name_only_the_days_that_its_check_tells() -> None:
    rule = dataclasses.replace(ruled("R10"), message="下一期还款日：{next_due_on}")
    with pytest.raises(ConfigurationError, match="do not fit"):
        fits([rule], {"dunning_letter": sampled({})})


@pytest.mark.parametrize(
    ("known", "severities"),
    [
        ({"agreements": [{"state": "terminated", "terminated_on": "today"}]}, {"block"}),
        ({"agreements": [{"state": "terminated", "terminated_on": "today-1"}]}, set()),
        ({"events": [{"kind": "agreement", "on": "today", "outcome": "ended"}]}, {"block"}),
        ({"events": [{"kind": "agreement", "on": "today-1", "outcome": "ended"}]}, set()),
    ],
)
def test_a_letter_waits_after_an_end_as_it_does_after_a_default(known: dict[str, Any], severities: set[str]) -> None:
    asked = sampled({}, known=cases.known(at_day(known, ON), ON, stamp=STAMP))

    assert {finding.severity for finding in found(ruled("R18"), asked)} == severities


@pytest.mark.parametrize(("signs", "severities"), [(True, set()), (False, {"review"})])
def test_only_what_the_cardholder_signed_interrupts_the_period_against_the_cardholder(
    signs: bool, severities: set[str]
) -> None:
    for state in ("broken", "performing"):
        one = {"state": state, "executed_on": "today-400", "paid": ["today-300"], "cardholder_signs": signs}
        known = cases.known(at_day({"agreements": [one]}, ON), ON, stamp=STAMP)
        asked = sampled({"limitation": {"starts_on": "today-1200"}}, known=known)

        assert {finding.severity for finding in found(ruled("R34"), asked)} == severities
