"""/openapi.json and /docs: the description of the interface, served from the package's own files."""

import copy
from typing import Any

from flask import Flask, jsonify
from flask_smorest import Api
from flask_swagger_ui import get_swaggerui_blueprint

from app.api import problems, schemas
from app.api.guard import PUBLIC, roles
from app.config import VERSION

PAGES = "/docs"

DESCRIPTION = """\
Duly 函正 issues documents about overdue credit cards: it decides whether the document may exist, fills it, converts it
to PDF, proves on the finished pages that every required disclosure is there and visible, signs it, and records it in a
log that anyone can verify with one file. Errors are RFC 9457 problem documents with a stable `code`.
"""


class DulyApi(Api):
    ERROR_SCHEMA = schemas.Problem


def make(app: Flask, public_url: str) -> DulyApi:
    """The collector of routes; the description itself is served by `register`."""
    app.config.update(API_TITLE="Duly 函正", API_VERSION=VERSION, OPENAPI_VERSION="3.1.0")
    api = DulyApi(
        app,
        spec_kwargs={"info": {"description": DESCRIPTION}, "servers": [{"url": public_url}], "security": [{"key": []}]},
    )
    api.spec.components.security_scheme("key", {"type": "http", "scheme": "bearer"})
    return api


def register(app: Flask, api: DulyApi) -> None:
    """Serve the description and its pages. Swagger UI comes from the installed package, and asks no outside host."""

    @app.get("/openapi.json")
    @roles(PUBLIC)
    def openapi() -> Any:
        return jsonify(described(api))

    pages = get_swaggerui_blueprint(PAGES, "/openapi.json", config={"validatorUrl": None, "app_name": "Duly 函正"})
    app.register_blueprint(pages, url_prefix=PAGES)


def described(api: DulyApi) -> dict[str, Any]:
    """The OpenAPI document, with every error said to be what it is: a problem document."""
    spec: dict[str, Any] = copy.deepcopy(api.spec.to_dict())  # it shares objects with the collector
    for response in spec["components"].get("responses", {}).values():
        for schema in [response["content"].pop("application/json", None)] if "content" in response else []:
            response["content"][problems.MEDIA_TYPE] = schema
    return spec
