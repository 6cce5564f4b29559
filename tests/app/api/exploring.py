"""schemathesis in the hands of a test: every phase, every check, the same cases each time, realistic where it matters.

JSON Schema cannot say check digits, sums, the order of days, that a party spoken of exists, or that a case passes the
rules of law. The descriptions say it; here `realistic` makes those cases that schemathesis means to be valid into ones
that are. What JSON Schema does say whole is left as schemathesis made it, and so is what it means to be invalid.
"""

import hashlib
import itertools
import json
import urllib.error
import urllib.request
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

import schemathesis
from schemathesis.config import SchemathesisConfig
from schemathesis.core.parameters import ParameterLocation
from schemathesis.engine import events, from_schema
from schemathesis.hooks import GLOBAL_HOOK_DISPATCHER

from app import pipeline, wording
from tests.app.api.conftest import LETTERS
from tests.samples import make

SEED = 20261123
# What a valid request asks for here depends on what was told before (an objection that is being verified, an approval
# that waits, a letter that is on its way), on check digits alone, or on rows that follow from one another: a drawn one
# is answered 404, 409 or 422 as well. Every other check holds for them, and tests of their own issue, tell and decide.
DEPENDENT = (
    *("tell_events", "find_account", "take_deliveries", "move_delivery", "decide_approval"),
    *("tell_objection", "move_objection", "issue_payment_reminder", "issue_objection_reply"),
    *("issue_promise_to_pay", "issue_instalment_agreement"),
    *("compute_schedule", "tell_agreement", "move_agreement", "tell_payment", "execute_agreement"),
)
OFFICERS = (
    *("list_approvals", "read_approval", "decide_approval", "read_account", "list_deliveries"),
    *("list_objections", "read_objection", "move_objection"),
    *("list_agreements", "read_agreement", "move_agreement", "execute_agreement", "download_executed"),
)
ISSUING = f"POST {LETTERS}"
_KEY_LENGTH = 200


@dataclass
class Exploration:
    """What came of it."""

    failures: list[str] = field(default_factory=list)
    phases: dict[str, str] = field(default_factory=dict)
    answers: dict[str, set[int]] = field(default_factory=lambda: defaultdict(set))  # by operation
    links: set[str] = field(default_factory=set)  # names of those that were followed


def explore(
    spec: Mapping[str, Any],
    url: str,
    keys: Mapping[str, str],
    checks: Mapping[str, Any] = MappingProxyType({}),
    operations: Sequence[Mapping[str, Any]] = (),
    without: Sequence[str] = (),
    sequences: int = 20,
) -> Exploration:
    """Every phase but those `without`, every check; `checks` and `operations` are schemathesis' own settings."""
    settings = {
        "seed": SEED,
        "base-url": url,
        "headers": _bearer(keys["upstream"]),
        "operations": [
            {"include-operation-id": "read_entries", "headers": _bearer(keys["compliance"])},
            {"include-operation-id": "export_log", "headers": _bearer(keys["admin"])},
            {"include-operation-id": "metrics", "headers": _bearer(keys["monitor"])},
            *({"include-operation-id": name, "headers": _bearer(keys["compliance"])} for name in OFFICERS),
            *(
                {"include-operation-id": name, "checks": {"positive_data_acceptance": {"enabled": False}}}
                for name in DEPENDENT
            ),
            *operations,
        ],
        "generation": {"max-examples": 5, "deterministic": True},
        "suppress-health-check": ["filter_too_much"],  # a letter's request has a hundred patterns that must all hold
        "phases": {
            **{phase: {"enabled": False} for phase in without},
            "stateful": {"enabled": "stateful" not in without, "generation": {"max-examples": sequences}},
        },
        "checks": dict(checks),
    }
    schema = schemathesis.openapi.from_dict(dict(spec), config=SchemathesisConfig.from_dict(settings))
    found = Exploration()
    with _realistic_cases(url, keys["upstream"]):
        for event in from_schema(schema).execute():
            _note(found, event)
    return found


def _bearer(key: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {key}"}


def _note(found: Exploration, event: Any) -> None:
    match event:
        case events.NonFatalError():
            found.failures.append(f"{event.label}: {event.info.title} {event.info.message}")
        case events.FatalError():
            found.failures.append(f"schemathesis itself: {event.exception!r}")
        case events.PhaseFinished():
            found.phases[event.phase.name.value] = event.status.value
        case events.ScenarioFinished():
            _note_scenario(found, event)


def _note_scenario(found: Exploration, event: events.ScenarioFinished) -> None:
    recorder = event.recorder
    for case_id, checks in recorder.checks.items():
        found.failures += [
            f"{recorder.label} {check.name}: {check.failure_info.failure.message}\n{check.failure_info.code_sample}"
            for check in checks
            if check.failure_info is not None
        ]
        node, interaction = recorder.cases[case_id], recorder.interactions.get(case_id)
        if interaction is None or interaction.response is None:
            continue
        label = node.value.operation.label
        if interaction.request.method == node.value.operation.method.upper():
            found.answers[label].add(interaction.response.status_code)
        if node.transition is not None:
            found.links.add(node.transition.id)
        # A negative case that reaches the gate was let in; a realistic one passes it. Neither may end there.
        if label == ISSUING and b'"code": "refused"' in (interaction.response.content or b""):
            found.failures.append(f"{label}: a case reached the gate that should not have been refused there")


@contextmanager
def _realistic_cases(url: str, key: str) -> Iterator[None]:
    """schemathesis takes this hook for the whole process only, so it is there as long as the exploration is."""
    numbers = itertools.count()

    def make_realistic(context: Any, case: Any, kwargs: Any) -> None:  # names that schemathesis demands
        if case.operation.path != LETTERS or case.meta is None or not isinstance(case.body, dict):
            return
        # JSON Schema cannot say check digits, sums, days and references: see above.
        if not case.meta.is_negative_at(ParameterLocation.BODY):
            case.body = realistic(case.body, next(numbers))
            _opened(url, key, case.body["account"]["card_number"])
        # Nor that a key belongs to one body: what differs in its body has another key.
        given = (case.headers or {}).get("Idempotency-Key")
        if given is not None and not case.meta.is_negative_at(ParameterLocation.HEADER):
            case.headers["Idempotency-Key"] = f"{_digest(case.body)[:16]}{given}"[:_KEY_LENGTH]

    GLOBAL_HOOK_DISPATCHER.register_hook_with_name(make_realistic, "before_call")
    try:
        yield
    finally:
        GLOBAL_HOOK_DISPATCHER.unregister(make_realistic)


def _opened(url: str, key: str, card_number: str) -> None:
    """Tell that the account was opened: on one of which nothing is known no letter goes out."""
    now = pipeline.utc_now().strftime("%Y-%m-%dT%H:%M:%SZ")
    event = {"ref": f"OPENED-{card_number}", "card_number": card_number, "kind": "opened", "at": "2000-01-01T00:00:00Z"}
    body = json.dumps({"issuer": "demo_bank", "as_of": now, "events": [event]}).encode()
    headers = _bearer(key) | {"Content-Type": "application/json"}
    request = urllib.request.Request(f"{url}/v1/events", body, headers)  # noqa: S310 -- our own loopback address
    with suppress(urllib.error.HTTPError), urllib.request.urlopen(request, timeout=30):  # noqa: S310 -- as above
        pass  # a key that may not tell may not issue either


def realistic(body: Mapping[str, Any], number: int = 0) -> dict[str, Any]:
    """A case that holds, another for each body and number; what JSON Schema says whole is the body's own."""
    seed = int(_digest([body, number]), 16)
    made = make.random_request(make.seeded(seed), wording.beijing_day(pipeline.utc_now()))
    for name in ("client_ref", "run_id"):
        made.pop(name, None)
        if name in body:
            made[name] = body[name]
    made["requested_by"]["employee_no"] = body["requested_by"]["employee_no"]
    made["delivery"]["recipient"]["postcode"] = body["delivery"]["recipient"]["postcode"]
    if "phone" in body["parties"][0]:
        made["parties"][0]["phone"] = body["parties"][0]["phone"]
    return made


def _digest(body: Any) -> str:
    return hashlib.sha256(json.dumps(body, sort_keys=True).encode()).hexdigest()
