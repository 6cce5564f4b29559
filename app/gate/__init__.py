"""The gate (合规审查): may this document exist at all? All reasons why not are named at once.

No rule in force is not a yes: an empty pack refuses.
"""

from collections.abc import Iterable, Mapping, Sequence

from app.catalogue import Rule
from app.errors import ConfigurationError, Finding, Refused
from app.gate.checks import CHECKS, Fault, Question, nothing_forbidden_is_said

__all__ = ["Question", "fits", "pass_gate", "unsaid"]


def pass_gate(rules: Sequence[Rule], question: Question) -> tuple[str, ...]:
    """The ids of the rules (those about the type, in force on the day) or `Refused` with every finding of them all."""
    if not rules:  # nobody has written the law down yet; that is not a yes
        nothing = "没有适用于该文书的规则。"
        raise Refused([Finding("gate.empty", "block", "", nothing, "No rule speaks about this document.")])
    if findings := [_finding(rule, fault) for rule in rules for fault in CHECKS[rule.use](question, rule.given)]:
        raise Refused(findings)
    return tuple(rule.id for rule in rules)


def unsaid(rules: Iterable[Rule]) -> frozenset[str]:
    """The categories of forbidden language that these rules keep out of a document's text."""
    asking = [rule for rule in rules if rule.use == nothing_forbidden_is_said.__name__]
    return frozenset(category for rule in asking for category in rule.given["categories"])


def fits(rules: Iterable[Rule], samples: Mapping[str, Question]) -> None:
    """Refuse to start with a rule that names a check nobody wrote, or that cannot be asked about a type's sample."""
    for rule in rules:
        if rule.use not in CHECKS:
            raise ConfigurationError(f"rule {rule.id} uses the unknown check {rule.use!r}")
        for document_type in rule.applies_to:
            try:
                list(CHECKS[rule.use](samples[document_type], rule.given))
                rule.message.format_map(rule.given), rule.message_en.format_map(rule.given)
            except (LookupError, TypeError, ValueError) as error:
                raise ConfigurationError(f"rule {rule.id}: its parameters do not fit: {error!r}") from error


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
    return Finding(
        rule=rule.id,
        severity=rule.severity,
        source=str(rule.source),
        message=rule.message.format_map(rule.given),
        message_en=rule.message_en.format_map(rule.given),
        at=fault.at,
    )
