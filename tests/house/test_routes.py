"""Every route says who may call it and is described, and every error code that can leave is explained."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from werkzeug.exceptions import MethodNotAllowed, NotFound, RequestEntityTooLarge, UnsupportedMediaType
from werkzeug.test import TestResponse

from app import errors
from app.api import answers, openapi, problems
from app.api.guard import PUBLIC
from app.application import create_app
from app.config import ROOT
from app.first_start import initialise
from app.house import open_house
from app.store.api_keys import ROLES
from tests.app.api.description import Description
from tests.wiring import settings_here

OPEN = {"livez", "readyz", "openapi"}
PAGES = "/docs"  # static files of the installed package
CALLED = {
    "internal",
    "method_not_allowed",
    "rate.exceeded",
    "step.failed",
    "unauthenticated",
}  # with a key, by any role
# No business of a new letter.
ELSEWHERE = {
    *("not_found", "approval.closed", "approval.void"),
    *("delivery.illegal_move", "objection.illegal_move", "agreement.illegal_move"),
}
IMPLIED = {"HEAD", "OPTIONS"}  # Flask's own, of every address


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Flask:
    home: Path = tmp_path_factory.mktemp("routes")
    settings = settings_here(home, soffice="/bin/false")
    initialise(settings)
    house = open_house(settings)
    house.close()
    return create_app(house)


def test_every_route_says_which_roles_may_call_it(app: Flask) -> None:
    for rule in app.url_map.iter_rules():
        if rule.rule.startswith(PAGES):
            continue
        allowed = getattr(app.view_functions[rule.endpoint], "allowed_roles", None)
        assert allowed, rule.rule
        assert set(allowed) <= {*ROLES, PUBLIC}, rule.rule
        assert (allowed == (PUBLIC,)) == (rule.endpoint in OPEN), rule.rule


@pytest.mark.parametrize("document", ["README.md", "docs/README.zh-CN.md"])
def test_every_error_code_is_explained(document: str) -> None:
    text = (ROOT / document).read_text("utf-8")

    assert [code for code in problems.CODES if f"`{code}`" not in text] == []


def test_every_code_of_the_error_family_is_known_to_the_problem_documents() -> None:
    source = (ROOT / "app" / "errors.py").read_text("utf-8")
    codes = {line.split('"')[1] for line in source.splitlines() if line.strip().startswith('code = "')}

    assert codes - {"document.error"} <= problems.CODES.keys()


def routes(app: Flask) -> set[tuple[str, str]]:
    """(METHOD, address) of everything but the pages."""
    rules = [rule for rule in app.url_map.iter_rules() if not rule.rule.startswith(PAGES)]
    return {(method, openapi.address(rule.rule)) for rule in rules for method in (rule.methods or set()) - IMPLIED}


def described(app: Flask) -> dict[tuple[str, str], Any]:
    paths = app.test_client().get("/openapi.json").get_json()["paths"]
    return {(method.upper(), path): said for path, item in paths.items() for method, said in item.items()}


def test_every_route_is_described_and_every_described_operation_has_a_route(app: Flask) -> None:
    assert described(app).keys() == routes(app)


def test_a_route_that_nobody_described_is_noticed(app: Flask) -> None:
    other = create_app(app.extensions["duly"])
    other.add_url_rule("/v1/secret", view_func=lambda: "", methods=["PUT"])

    assert routes(other) - described(app).keys() == {("PUT", "/v1/secret")}


def test_every_code_has_its_statuses_and_every_status_is_one_that_the_error_can_have() -> None:
    family = {error.code: error.status for error in kinds(errors.DocumentError)}

    assert answers.STATUSES.keys() == problems.CODES.keys()
    assert [code for code, status in family.items() if status not in answers.STATUSES[code]] == ["disclosure.missing"]
    assert answers.STATUSES["disclosure.missing"] == (errors.DisclosureMissing({}).status,)
    for status, code in problems._BY_STATUS.items():
        assert answers.STATUSES[code] == (status,)


def test_a_view_cannot_name_a_code_that_does_not_exist() -> None:
    with pytest.raises(ValueError, match="no such codes: teapot"):
        answers.gives("refused", "teapot")


def kinds(error: type[errors.DocumentError]) -> Iterator[type[errors.DocumentError]]:
    for kind in error.__subclasses__():
        yield kind
        yield from kinds(kind)


def codes(said: Any) -> set[str]:
    """The error codes that a described operation names."""
    schemas = {answers.schema_name(code): code for code in problems.CODES}
    found = set()
    for response in said["responses"].values():
        shape = response["content"].get(problems.MEDIA_TYPE, {}).get("schema", {})
        found |= {schemas[one["$ref"].rpartition("/")[2]] for one in shape.get("oneOf", [shape] if shape else [])}
    return found


def test_every_error_code_is_in_the_description_of_some_operation(app: Flask) -> None:
    assert set().union(*map(codes, described(app).values())) == problems.CODES.keys()


@pytest.mark.parametrize(
    ("operation", "expected"),
    [
        (("GET", "/livez"), {"internal", "method_not_allowed"}),
        (("GET", "/v1/audit/checkpoint"), CALLED),
        (
            ("GET", "/v1/documents"),
            CALLED | {"forbidden", "request.invalid"},
        ),
        (
            ("GET", "/v1/documents/{document_id}/receipt"),
            CALLED | {"forbidden", "not_found"},
        ),
        (("POST", "/v1/documents/dunning_letter"), problems.CODES.keys() - ELSEWHERE),
    ],
)
def test_an_operation_is_described_with_the_codes_that_it_can_give(
    app: Flask, operation: tuple[str, str], expected: set[str]
) -> None:
    assert codes(described(app)[operation]) == expected


FINDING = errors.Finding("R01", "block", "示例办法第十条", "不得出具", "no", "on")
RAISED: dict[str, list[Exception]] = {
    "request.unreadable": [errors.UnreadableRequest("not JSON")],
    "request.media_type": [UnsupportedMediaType()],
    "request.too_large": [RequestEntityTooLarge()],
    "request.invalid": [errors.InvalidRequest({"on": ["no"]})],
    "unauthenticated": [errors.Unauthenticated("no key")],
    "forbidden": [errors.Forbidden("not this key")],
    "not_found": [errors.NotFound("no such thing"), NotFound()],
    "method_not_allowed": [MethodNotAllowed(["GET"])],
    "idempotency.running": [errors.Conflict("0190a1b2-0000-7000-8000-000000000000")],
    "delivery.illegal_move": [errors.IllegalMove({"to": ["no"]})],
    "objection.illegal_move": [errors.IllegalAnswer({"to": ["no"]})],
    "agreement.illegal_move": [errors.IllegalAgreement({"to": ["no"]})],
    "approval.closed": [errors.ApprovalClosed("granted")],
    "approval.void": [errors.ApprovalVoid("pack_changed")],
    "idempotency.reused": [errors.KeyReused("another request")],
    "refused": [errors.Refused([FINDING])],
    "step.failed": [errors.StepFailed("convert", "busy"), errors.StepFailed("verify", "ours", status=500)],
    "rate.exceeded": [errors.RateExceeded(7)],
    "disclosure.missing": [errors.DisclosureMissing({"cn.letter.D01": "not there"})],
    "internal": [RuntimeError("bug")],
}


@pytest.mark.parametrize("code", problems.CODES)
def test_an_error_leaves_every_operation_that_names_it_as_it_is_described(app: Flask, code: str) -> None:
    """Raised where the view would have answered: status, headers and body are those of the description."""
    description = Description(app.test_client().get("/openapi.json").get_json())
    naming = [(method, path) for (method, path), said in described(app).items() if code in codes(said)]

    for error in RAISED[code]:
        for method, path in naming:
            assert description.faults(answered(app, method, path, error)) == [], (method, path)


def answered(app: Flask, method: str, path: str, error: Exception) -> TestResponse:
    """What comes of an error behind an operation."""

    def fail(**_: object) -> str:
        raise error

    filled = re.sub(r"\{[a-z]+_id\}", "0190a1b2-0000-7000-8000-000000000000", path).replace("{name}", "letter.pdf")
    broken = create_app(app.extensions["duly"])
    endpoint, _ = broken.url_map.bind("").match(filled, method)
    broken.view_functions[endpoint] = fail
    return broken.test_client().open(filled, method=method)
