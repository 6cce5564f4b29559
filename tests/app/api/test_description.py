"""/openapi.json: valid, true to the routes, with examples that hold and links that lead somewhere."""

import copy
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import jsonschema_rs
import pytest
import schemathesis

from app import pipeline, wording
from app.application import create_app
from tests.app.api.conftest import LETTERS, Service
from tests.app.api.description import Description


@pytest.fixture(scope="module")
def spec(deaf: Service) -> Any:
    return deaf.description.spec


def schemas(node: Any) -> Iterator[dict[str, Any]]:
    """Every schema at and below the node, references unfollowed. A property may be called `type` as well."""
    if isinstance(node, dict):
        if {"type", "$ref", "anyOf", "oneOf"} & node.keys():
            yield node
        for name, inner in node.items():
            if name not in {"example", "examples"}:
                yield from schemas([*inner.values()] if name == "properties" else inner)
    elif isinstance(node, list):
        for inner in node:
            yield from schemas(inner)


def reached(spec: dict[str, Any], node: Any, seen: set[str]) -> Iterator[dict[str, Any]]:
    """Every schema that a request is made of, references followed once each."""
    for schema in schemas(node):
        yield schema
        name = schema.get("$ref", "").rpartition("/")[2]
        if name and name not in seen:
            seen.add(name)
            yield from reached(spec, spec["components"]["schemas"][name], seen)


def wrong_examples(spec: dict[str, Any]) -> list[Any]:
    """Examples that are not valid against the schema beside them."""
    measure = Description(spec).measure
    pairs = [(schema, example) for schema in schemas(spec) for example in schema.get("examples", ())]
    body = spec["paths"][LETTERS]["post"]["requestBody"]["content"]["application/json"]
    pairs.append((body["schema"], body["example"]))
    assert len(pairs) > 40
    return [example for schema, example in pairs if not measure(schema).is_valid(example)]


def test_the_description_is_valid_openapi(spec: dict[str, Any]) -> None:
    schemathesis.openapi.from_dict(spec).validate()


def test_an_invalid_description_is_told_from_a_valid_one(spec: dict[str, Any]) -> None:
    broken = copy.deepcopy(spec)
    broken["paths"][LETTERS]["post"]["parameters"][0]["in"] = "heart"

    with pytest.raises(jsonschema_rs.ValidationError):
        schemathesis.openapi.from_dict(broken).validate()


def test_every_example_is_valid_against_its_schema(spec: dict[str, Any]) -> None:
    assert wrong_examples(spec) == []


def test_a_wrong_example_is_found(spec: dict[str, Any]) -> None:
    broken = copy.deepcopy(spec)
    broken["components"]["schemas"]["Debt"]["properties"]["total"]["examples"] = ["38,256.47"]

    assert wrong_examples(broken) == ["38,256.47"]


def test_the_sample_has_days_of_the_day_on_which_it_is_asked_for(deaf: Service) -> None:
    days: list[timedelta] = []

    def now() -> datetime:
        return pipeline.utc_now() + sum(days, timedelta())

    http = create_app(replace(deaf.house, steps=replace(deaf.house.steps, now=now))).test_client()
    days.append(timedelta(days=40))
    body = http.get("/openapi.json").get_json()["paths"][LETTERS]["post"]["requestBody"]
    [debt] = body["content"]["application/json"]["example"]["account"]["debts"]

    assert debt["as_of"] == (wording.beijing_day(now()) - timedelta(days=1)).isoformat()


def test_every_object_of_a_request_refuses_unknown_fields(spec: dict[str, Any]) -> None:
    body = spec["paths"][LETTERS]["post"]["requestBody"]["content"]["application/json"]["schema"]
    objects = [schema for schema in reached(spec, body, set()) if "properties" in schema]

    assert len(objects) > 10
    assert [schema for schema in objects if schema["additionalProperties"] is not False] == []


def test_every_text_of_a_request_has_a_form_and_every_list_an_end(spec: dict[str, Any]) -> None:
    body = spec["paths"][LETTERS]["post"]["requestBody"]["content"]["application/json"]["schema"]
    found = list(reached(spec, body, set()))
    texts = [schema for schema in found if "string" in schema.get("type", "")]
    lists = [schema for schema in found if schema.get("type") == "array"]

    assert len(texts) > 40
    assert [schema for schema in texts if not {"pattern", "enum"} & schema.keys()] == []
    assert [schema for schema in lists if not {"minItems", "maxItems"} <= schema.keys()] == []


def test_every_number_that_is_asked_for_has_bounds(spec: dict[str, Any]) -> None:
    parameters = [
        parameter["schema"]
        for item in spec["paths"].values()
        for operation in item.values()
        for parameter in operation.get("parameters", ())
        if parameter["schema"]["type"] == "integer"
    ]

    assert len(parameters) == 8
    assert [schema for schema in parameters if not {"minimum", "maximum"} <= schema.keys()] == []


def test_every_error_is_a_problem_document_and_names_its_codes(spec: dict[str, Any]) -> None:
    for path, item in spec["paths"].items():
        for operation in item.values():
            for status, response in operation["responses"].items():
                if status[0] in "45" and path != "/readyz":
                    assert list(response["content"]) == ["application/problem+json"], (path, status)
                    assert response["description"].startswith("`"), (path, status)


def test_every_503_of_a_document_says_when_to_come_back(spec: dict[str, Any]) -> None:
    for path, item in spec["paths"].items():
        for operation in item.values():
            if path.startswith("/v1/"):
                assert "Retry-After" in operation["responses"]["503"]["headers"], path


def test_every_link_leads_to_an_operation_and_to_its_parameters(spec: dict[str, Any]) -> None:
    operations = {operation["operationId"]: operation for item in spec["paths"].values() for operation in item.values()}
    links = [
        link
        for operation in operations.values()
        for response in operation["responses"].values()
        for link in response.get("links", {}).values()
    ]

    assert {link["operationId"] for link in links} >= {
        *("read_document", "download_file", "read_receipt", "read_disclosures"),
        *("list_documents", "read_entries"),
    }
    for link in links:
        known = {parameter["name"] for parameter in operations[link["operationId"]]["parameters"]}
        assert link["parameters"].keys() <= known, link


@pytest.mark.office
def test_every_link_of_an_issued_document_leads_to_what_is_there(service: Service) -> None:
    answer = service.post(service.fresh())
    assert answer.status_code == 201, answer.text
    paths = {
        operation["operationId"]: path
        for path, item in service.description.spec["paths"].items()
        for operation in item.values()
    }
    links = service.description.spec["paths"][LETTERS]["post"]["responses"]["201"]["links"]

    assert links.keys() == {"document", "file", "receipt", "disclosures"}
    for link in links.values():
        address = paths[link["operationId"]]
        for name, expression in link["parameters"].items():
            address = address.replace(f"{{{name}}}", found(answer.get_json(), expression))
        assert service.get(address).status_code == 200, address


def found(body: Any, expression: str) -> str:
    """What a runtime expression such as $response.body#/files/0/name finds in the body."""
    for step in expression.removeprefix("$response.body#/").split("/"):
        body = body[int(step)] if isinstance(body, list) else body[step]
    return str(body)


def test_public_operations_say_so_and_the_others_name_their_roles(spec: dict[str, Any]) -> None:
    security = {
        operation["operationId"]: [role for need in operation["security"] for role in need["key"]]
        for item in spec["paths"].values()
        for operation in item.values()
    }

    assert [name for name, roles in security.items() if not roles] == ["livez", "openapi", "readyz"]
    assert security["issue_dunning_letter"] == ["upstream"]
    assert security["export_log"] == ["admin"]


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        ({"status": 418}, "418 is not described"),
        ({"content_type": "text/html"}, "text/html is not described"),
        ({"without": "X-Request-Id"}, "X-Request-Id is missing"),
        (
            {"data": b'{"status": "live", "name": "x"}'},
            ": Additional properties are not allowed ('name' was unexpected)",
        ),
    ],
)
def test_an_answer_that_is_not_described_is_noticed(deaf: Service, change: dict[str, Any], fault: str) -> None:
    answer = deaf.http.get("/livez")
    assert deaf.description.faults(answer) == []

    if "status" in change:
        answer.status_code = change["status"]
    if "content_type" in change:
        answer.content_type = change["content_type"]
    if "without" in change:
        del answer.headers[change["without"]]
    if "data" in change:
        answer.data = change["data"]

    assert deaf.description.faults(answer) == [fault]
