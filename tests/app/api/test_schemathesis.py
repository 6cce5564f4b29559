"""schemathesis against the running service: whatever the description lets one send gets an answer that it describes."""

import copy
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.app.api.conftest import LETTERS
from tests.app.api.exploring import DEPENDENT, explore
from tests.app.test_served import Served, eventually, got, serving

pytestmark = pytest.mark.slow
PHASES = {"examples", "coverage", "fuzzing", "stateful"}
ISSUE = f"POST {LETTERS}"
UNHURRIED = {"rate_documents": "1000000", "rate_reads": "1000000", "rate_failures": "1000000"}  # it asks without end


@pytest.fixture(scope="module")
def mute(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """Served without LibreOffice."""
    with serving(tmp_path_factory.mktemp("mute"), soffice="/bin/false", deadline="2", **UNHURRIED) as running:
        yield running


def url(running: Served) -> str:
    return f"http://127.0.0.1:{running.port}"


def described(running: Served) -> dict[str, Any]:
    body = running.answer(got("/openapi.json")).partition(b"\r\n\r\n")[2]
    spec: dict[str, Any] = json.loads(body)
    return spec


def expecting(positive: list[str], server: list[str]) -> dict[str, Any]:
    return {
        "positive_data_acceptance": {"expected-statuses": positive},
        "not_a_server_error": {"expected-statuses": ["2xx", "3xx", "4xx", *server]},
    }


def test_every_answer_of_every_operation_is_as_described(mute: Served) -> None:
    """Hundreds of requests are accepted, up to where LibreOffice is asked for, and hundreds refused."""
    # Valid: 404, for an id that is drawn is nobody's; 503, for the converter and /readyz say so without LibreOffice.
    checks = expecting(["2xx", "404", "503"], ["503"])

    found = explore(described(mute), url(mute), mute.keys, checks=checks)

    assert found.failures == []
    assert {phase: found.phases[phase] for phase in PHASES} == dict.fromkeys(PHASES, "success")
    assert found.answers[ISSUE] >= {400, 401, 415, 422, 503}
    assert found.answers["GET /v1/documents/{document_id}/receipt"] >= {401, 404}


@pytest.mark.office
def test_what_an_issued_document_leads_to_is_there_and_as_described(tmp_path: Path) -> None:
    with serving(tmp_path / "served", **UNHURRIED) as running:
        assert eventually(lambda: running.answer(got("/readyz")).startswith(b"HTTP/1.1 200 "), 60)
        # Every valid case of the coverage phase would be issued, a hundred letters: the test above has them.
        issuing = {"include-operation-id": "issue_dunning_letter", "phases": {"coverage": {"enabled": False}}}

        spec = described(running)
        checks = expecting(["2xx", "404"], [])
        found = explore(spec, url(running), running.keys, checks=checks, operations=[issuing])
        # Among all operations the links of a letter are rarely followed; among its own they are.
        its_own = {
            path: item
            for path, item in spec["paths"].items()
            if path in (LETTERS, "/v1/documents") or ("get" in item and path.startswith("/v1/documents/{document_id}"))
        }
        letters = spec | {"paths": its_own}
        led = explore(
            letters,
            url(running),
            running.keys,
            checks=checks,
            without=["examples", "coverage", "fuzzing"],
            sequences=60,
        )

    assert found.failures == led.failures == []
    assert {phase: found.phases[phase] for phase in PHASES} == dict.fromkeys(PHASES, "success")
    dependent = {
        f"{method.upper()} {path}"
        for path, item in spec["paths"].items()
        for method, said in item.items()
        if said["operationId"] in DEPENDENT
        or "{account_id}" in path
        or "{agreement_id}" in path
        or path.endswith("_id}")  # nothing is told there for a drawn id
    }
    silent = {label for label, statuses in found.answers.items() if statuses.isdisjoint({200, 201})}
    assert silent <= dependent
    assert len(found.answers) == sum(len(item) for item in spec["paths"].values())
    assert {link.split()[-4] for link in found.links | led.links} >= {"newest", "next_page", "disclosures", "file"}


@pytest.mark.parametrize("role", ["upstream", "counsel", "compliance", "monitor", "admin"])
def test_a_key_opens_what_the_description_says_that_its_role_opens(mute: Served, role: str) -> None:
    spec = described(mute)
    forbidden = {
        f"{method.upper()} {path}"
        for path, item in spec["paths"].items()
        for method, said in item.items()
        if said["security"] and {"key": [role]} not in said["security"]
    }
    checks = expecting(["2xx", "403", "404", "503"], ["503"])

    found = explore(
        spec, url(mute), dict.fromkeys(mute.keys, mute.keys[role]), checks=checks, without=["coverage", "stateful"]
    )

    assert found.failures == []
    assert {label for label, statuses in found.answers.items() if 403 in statuses} == forbidden
    assert [label for label in forbidden if found.answers[label] & {200, 201}] == []


def without_a_status(spec: dict[str, Any]) -> None:
    del spec["paths"]["/v1/documents"]["get"]["responses"]["422"]


def with_a_bound_too_far(spec: dict[str, Any]) -> None:
    spec["paths"]["/v1/documents"]["get"]["parameters"][1]["schema"]["maximum"] = 500


def with_a_bound_too_near(spec: dict[str, Any]) -> None:
    spec["paths"]["/v1/documents"]["get"]["parameters"][1]["schema"]["maximum"] = 20


def with_another_shape(spec: dict[str, Any]) -> None:
    spec["components"]["schemas"]["DocumentPage"]["properties"]["documents"]["type"] = "object"


def with_another_media_type(spec: dict[str, Any]) -> None:
    [content] = [spec["paths"]["/v1/documents"]["get"]["responses"]["200"]["content"]]
    content["text/csv"] = content.pop("application/json")


def with_a_header_too_many(spec: dict[str, Any]) -> None:
    headers = spec["paths"]["/v1/documents"]["get"]["responses"]["200"]["headers"]
    headers["X-Total"] = {"required": True, "schema": {"type": "integer"}}


@pytest.mark.parametrize(
    ("spoil", "check"),
    [
        (without_a_status, "status_code_conformance"),
        (with_a_bound_too_far, "positive_data_acceptance"),
        (with_a_bound_too_near, "negative_data_rejection"),
        (with_another_shape, "response_schema_conformance"),
        (with_another_media_type, "content_type_conformance"),
        (with_a_header_too_many, "response_headers_conformance"),
    ],
)
def test_a_description_that_is_not_true_is_found_out(
    mute: Served, spoil: Callable[[dict[str, Any]], None], check: str
) -> None:
    spec = copy.deepcopy(described(mute))
    spec["paths"] = {"/v1/documents": spec["paths"]["/v1/documents"]}
    spoil(spec)

    found = explore(spec, url(mute), mute.keys)

    assert [failure for failure in found.failures if f" {check}: " in failure]


def test_an_operation_that_is_said_to_need_a_key_and_needs_none_is_found_out(mute: Served) -> None:
    spec = copy.deepcopy(described(mute))
    spec["paths"] = {"/livez": spec["paths"]["/livez"]}
    spec["paths"]["/livez"]["get"]["security"] = [{"key": ["upstream"]}]

    found = explore(spec, url(mute), mute.keys)

    assert [failure for failure in found.failures if " ignored_auth: " in failure]
