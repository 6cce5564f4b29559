"""The gate (合规审查): may this document exist at all? All reasons why not are named at once.

No rule in force is not a yes: an empty pack refuses.
"""

from collections.abc import Iterable

from app.catalogue import Rule, in_force
from app.errors import ConfigurationError, Finding, Refused
from app.gate.checks import CHECKS, Case, Fault

__all__ = ["Case", "fits", "pass_gate"]


def pass_gate(rules: Iterable[Rule], case: Case, document_type: str) -> tuple[str, ...]:
    """The ids of the rules that passed, or `Refused` with every finding of every rule in force on the case's day."""
    current = [rule for rule in rules if document_type in rule.applies_to and in_force(rule, case.on)]
    if not current:  # nobody has written the law down yet; that is not a yes
        nothing = "没有适用于该文书的规则。"
        raise Refused([Finding("gate.empty", "block", "", nothing, "No rule speaks about this document.")])
    if findings := [_finding(rule, fault) for rule in current for fault in CHECKS[rule.use](case, rule.given)]:
        raise Refused(findings)
    return tuple(rule.id for rule in current)


def fits(rules: Iterable[Rule]) -> None:
    """Refuse to start with a rule that names a check nobody wrote."""
    for rule in rules:
        if rule.use not in CHECKS:
            raise ConfigurationError(f"rule {rule.id} uses the unknown check {rule.use!r}")


def _finding(rule: Rule, fault: Fault) -> Finding:
    return Finding(
        rule=rule.id,
        severity=rule.severity,
        source=str(rule.source),
        message=rule.message.format_map(rule.given),
        message_en=rule.message_en.format_map(rule.given),
        at=fault.at,
    )
