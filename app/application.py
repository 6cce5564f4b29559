"""`create_app`: the faces on top of an opened house. Imported by wsgi.py and the tests, and by nothing else."""

import logging
from typing import Any

from flask import Flask
from werkzeug.middleware.proxy_fix import ProxyFix

from app.api import (
    access,
    accounts,
    agreements,
    approvals,
    audit_log,
    deliveries,
    documents,
    guard,
    headers,
    health,
    objections,
    openapi,
    problems,
    schedules,
)
from app.api.strict import BODY_LIMIT
from app.house import House


class Application(Flask):
    """Flask, which says of a bug what `problems` says and nothing more: its own traceback would quote the request."""

    def log_exception(self, exc_info: Any) -> None:
        problems.log_bug(exc_info[1])


def create_app(house: House) -> Flask:
    """The web application of an opened house."""
    app = Application("app", static_folder=None)
    app.config.update(MAX_CONTENT_LENGTH=BODY_LIMIT, TRAP_HTTP_EXCEPTIONS=False)
    vars(app.json)["ensure_ascii"] = False  # Chinese as Chinese
    app.extensions["duly"] = house
    logging.getLogger("duly").setLevel(logging.INFO)

    api = openapi.make(app, house.settings.public_url)
    api.register_blueprint(documents.blueprint(house))
    api.register_blueprint(accounts.blueprint())
    api.register_blueprint(deliveries.blueprint())
    api.register_blueprint(objections.blueprint())
    api.register_blueprint(agreements.blueprint())
    api.register_blueprint(approvals.blueprint())
    api.register_blueprint(schedules.blueprint())
    api.register_blueprint(audit_log.blueprint())
    health.register(app)
    openapi.register(app, api, house)
    problems.register(app)
    app.before_request(guard.name_request)
    app.after_request(access.tell)  # first registered, last called
    app.after_request(headers.adder(house.settings.public_url))
    app.teardown_request(access.forget)
    if proxies := house.settings.proxies:
        vars(app)["wsgi_app"] = ProxyFix(app.wsgi_app, x_for=proxies, x_proto=0, x_host=0)
    return app
