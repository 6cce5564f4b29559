"""/openapi.json and /docs: the description of the interface, served from the package's own files.

flask-smorest collects what the routes say of themselves. `described` completes it from what holds the routes to it: the
roles of each view, the errors it can give, the headers that every answer has. What is not so cannot be described.
"""

import copy
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from flask import Flask, jsonify
from flask_smorest import Api
from flask_swagger_ui import get_swaggerui_blueprint

from app import facts
from app.api import answers, components, schemas
from app.api.guard import PUBLIC, roles
from app.config import VERSION
from app.house import House

PAGES = "/docs"

DESCRIPTION = """\
Duly 函正 issues documents about overdue credit cards: it decides whether the document may exist, fills it, converts it
to PDF, proves on the finished pages that every required disclosure is there and visible, signs it, and records it in a
log that anyone can verify with one file. Errors are RFC 9457 problem documents with a stable `code`.

Each operation's security names the roles that may call it. A schema says of a request what JSON Schema can say; what it
cannot, such as check digits, sums and the order of days, is in the descriptions, and a request that breaks it is
answered like any other invalid field: 422, `request.invalid`, with the field's path.
"""
KEY = {
    "type": "http",
    "scheme": "bearer",
    "bearerFormat": "duly_ and 43 characters",
    "description": "A key belongs to an organisation and has one role: upstream, compliance, counsel, monitor, admin.",
}
# Shapes that no blueprint's route names.
SHAPES = {
    "Live": schemas.LiveSchema,
    "Ready": schemas.ReadySchema,
    "FieldError": schemas.FieldError,
    "Finding": schemas.FindingSchema,
    "ExecutedScan": facts.ExecutedScan,
}
_METHODS = ("get", "post", "put", "patch", "delete")


class DulyApi(Api):
    ERROR_SCHEMA = schemas.Problem


@dataclass(frozen=True)
class Operation:
    """One operation of the description, with the view that answers it."""

    path: str
    method: str
    said: dict[str, Any]
    view: Any

    @property
    def issues(self) -> bool:
        return bool(self.said["operationId"].startswith("issue_"))


def make(app: Flask, public_url: str) -> DulyApi:
    """The collector of routes; the description itself is served by `register`."""
    app.config.update(API_TITLE="Duly 函正", API_VERSION=VERSION, OPENAPI_VERSION="3.1.0")
    api = DulyApi(app, spec_kwargs={"info": {"description": DESCRIPTION}, "servers": [{"url": public_url}]})
    api.spec.components.security_scheme("key", KEY)
    api.spec.tag({"name": "service", "description": "Whether it works, and what it offers"})
    for name, schema in SHAPES.items():
        api.spec.components.schema(name, schema=schema)
    return api


def register(app: Flask, api: DulyApi, house: House) -> None:
    """Serve the description and its pages. Swagger UI comes from the installed package, and asks no outside host."""

    @app.get("/openapi.json")
    @roles(PUBLIC)
    def openapi() -> Any:
        """This description."""
        return jsonify(described(app, api, house))

    pages = get_swaggerui_blueprint(PAGES, "/openapi.json", config={"validatorUrl": None, "app_name": "Duly 函正"})
    app.register_blueprint(pages, url_prefix=PAGES)


def described(app: Flask, api: DulyApi, house: House) -> dict[str, Any]:
    """The OpenAPI document. Its sample requests have days that are counted from today."""
    spec: dict[str, Any] = copy.deepcopy(api.spec.to_dict())  # it shares objects with the collector
    spec["paths"] |= copy.deepcopy(dict(components.SERVICE))
    for operation in operations(app, spec):
        _complete(operation)
    for kind in house.catalogue.types.values():
        content = spec["paths"][f"/v1/documents/{kind.name}"]["post"]["requestBody"]["content"]
        content["application/json"]["example"] = house.sample(kind.name)
    parts = spec["components"]
    parts["headers"] = copy.deepcopy(dict(components.HEADERS))
    parts["schemas"] |= answers.problems(parts["schemas"].pop("Problem"))
    for shape in parts["schemas"].values():
        shape.setdefault("additionalProperties", False)  # apispec leaves it out where a schema has a description
    del parts["responses"], parts["schemas"]["PaginationMetadata"]  # the collector's own, of which none is left
    return spec


def operations(app: Flask, spec: dict[str, Any]) -> Iterator[Operation]:
    """Every operation of the description; one without a route is an error."""
    views = {
        (address(rule.rule), method.lower()): app.view_functions[rule.endpoint]
        for rule in app.url_map.iter_rules()
        for method in rule.methods or ()
    }
    for path, item in spec["paths"].items():
        shared = item.pop("parameters", [])
        for method in sorted(item.keys() & set(_METHODS)):
            said = item[method]
            if shared:
                said["parameters"] = [*copy.deepcopy(shared), *said.get("parameters", [])]
            yield Operation(path, method, said, views[path, method])


def address(rule: str) -> str:
    """/v1/documents/<uuid:document_id> -> /v1/documents/{document_id}"""
    return re.sub(r"<(?:[^:<>]+:)?([^<>]+)>", r"{\1}", rule)


def _complete(operation: Operation) -> None:
    said, allowed = operation.said, operation.view.allowed_roles
    said["security"] = [] if allowed == (PUBLIC,) else [{"key": [role]} for role in allowed]
    # What flask-smorest says of errors is a guess; the own answers of /readyz are none of those.
    own = {status: answer for status, answer in said["responses"].items() if "$ref" not in answer}
    said["responses"] = _joined(answers.responses(answers.codes_of(said, operation.view)), own)
    for status, answer in said["responses"].items():
        answer.setdefault("headers", {})["X-Request-Id"] = {"$ref": "#/components/headers/RequestId"}
        links = components.ISSUED if operation.issues else components.LINKS.get(said["operationId"])
        if status.startswith("2") and links:
            answer["links"] = copy.deepcopy(dict(links))


def _joined(problems: dict[str, Any], own: dict[str, Any]) -> dict[str, Any]:
    """Both; a status that an operation uses for an answer of its own may come as a problem document too."""
    joined = problems | own
    for status in problems.keys() & own.keys():
        joined[status] = {
            **problems[status],
            "description": f"{own[status]['description']} Or: {problems[status]['description']}",
        }
        joined[status]["content"] = problems[status]["content"] | own[status]["content"]
    return joined
