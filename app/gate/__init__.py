"""The gate (合规审查): may this document exist at all? All reasons why not are named at once.

No rule in force is not a yes: an empty pack refuses.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from app.catalogue import BLOCK, REVIEW, WARN, Rule
from app.errors import ConfigurationError, Finding, Refused
from app.gate.account_checks import collection_has_not_ended, no_performing_agreement
from app.gate.checks import CHECKS, NAMES, nothing_forbidden_is_said
from app.gate.question import Fault, Question
from app.wording import day

__all__ = ["Question", "Verdict", "ended_by", "fits", "gated", "hears", "pass_gate", "unsaid"]

ENDS, STOPS = collection_has_not_ended.__name__, no_performing_agreement.__name__


@dataclass(frozen=True)
class Verdict:
    """Nothing forbids the document. `passed` are the ids of the rules that had nothing to say.

    `reviews` want a human before the document may exist; `warnings` are told and recorded, no more.
    """

    passed: tuple[str, ...]
    reviews: tuple[Finding, ...] = ()
    warnings: tuple[Finding, ...] = ()


def pass_gate(rules: Sequence[Rule], question: Question) -> Verdict:
    """Ask every rule (those about the type, in force on the day). `Refused` with all findings if one forbids it."""
    if not rules:  # nobody has written the law down yet; that is not a yes
        nothing = "没有适用于该文书的规则。"
        raise Refused([Finding("gate.empty", BLOCK, "", nothing, "No rule speaks about this document.")])
    asked = [
        (rule, [_finding(rule, fault) for fault in CHECKS[rule.use](question, rule.given)]) for rule in gated(rules)
    ]
    findings = [finding for _, found in asked for finding in found]
    if any(finding.severity == BLOCK for finding in findings):
        raise Refused(findings)
    return Verdict(
        passed=tuple(rule.id for rule, found in asked if not found),
        reviews=tuple(finding for finding in findings if finding.severity == REVIEW),
        warnings=tuple(finding for finding in findings if finding.severity == WARN),
    )


def gated(rules: Iterable[Rule]) -> list[Rule]:
    """The rules that the gate answers; the others are proven on the page, by the signature, or in the log."""
    return [rule for rule in rules if rule.proven_by == "gate"]


def unsaid(rules: Iterable[Rule]) -> frozenset[str]:
    """The categories of forbidden language that these rules keep out of a document's text."""
    return frozenset(category for rule in rules if hears(rule) for category in rule.given["categories"])


def ended_by(rules: Iterable[Rule]) -> Mapping[str, frozenset[str]]:
    """What is told of an account -> the document types that these rules then forbid: they are not posted any more."""
    ends: dict[str, frozenset[str]] = {}
    for rule in rules:
        kinds = {ENDS: [*rule.given.get("ends", ())], STOPS: ["agreement"]}.get(rule.use, [])
        for kind in kinds:
            ends[kind] = ends.get(kind, frozenset()) | {*rule.applies_to}
    return ends


def hears(rule: Rule) -> bool:
    """Whether the rule is about wording."""
    return rule.use == nothing_forbidden_is_said.__name__


def fits(rules: Iterable[Rule], samples: Mapping[str, Question]) -> None:
    """Refuse to start with a rule that names a check nobody wrote, or that cannot be asked about a type's sample."""
    for rule in gated(rules):
        if rule.use not in CHECKS:
            raise ConfigurationError(f"{rule.place}: rule {rule.id} uses the unknown check {rule.use!r}")
        for document_type in rule.applies_to:
            try:
                list(CHECKS[rule.use](samples[document_type], rule.given))
                _worded(rule, Fault(""))
            except (LookupError, TypeError, ValueError) as error:
                fault = f"rule {rule.id}: its parameters do not fit: {error!r}"
                raise ConfigurationError(f"{rule.place}: {fault}") from error


def _finding(rule: Rule, fault: Fault) -> Finding:
    if hit := fault.hit:  # the line of the lexicon says more exactly than the rule what is wrong, and by which law
        line = hit.line
        return Finding(
            rule=rule.id,
            severity=rule.severity,
            source=str(line.source),
            message=line.message,
            message_en=line.message_en,
            at=fault.at,
            phrase=line.id,
            category=line.category,
            start=hit.start,
            end=hit.end,
        )
    message, message_en = _worded(rule, fault)
    return Finding(
        rule=rule.id,
        severity=rule.severity,
        source=str(rule.source),
        message=message,
        message_en=message_en,
        at=fault.at,
    )


def _worded(rule: Rule, fault: Fault) -> tuple[str, str]:
    """The rule's message in Chinese and in English, with its parameters and the days that the fault names."""
    days = {name: fault.named.get(name) for name in NAMES.get(rule.use, ())}
    chinese = {name: day(told) if told else "未告知" for name, told in days.items()}
    english = {name: told.isoformat() if told else "not told" for name, told in days.items()}
    return rule.message.format_map({**rule.given, **chinese}), rule.message_en.format_map({**rule.given, **english})
