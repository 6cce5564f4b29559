"""`create_app`: the faces on top of an opened house. Imported by wsgi.py and the tests, and by nothing else."""

import logging

from flask import Flask, Response

from app.api import audit_log, documents, guard, health, openapi, problems
from app.api.strict import BODY_LIMIT
from app.house import House


def create_app(house: House) -> Flask:
    """The web application of an opened house."""
    app = Flask(__name__, static_folder=None)
    app.config.update(MAX_CONTENT_LENGTH=BODY_LIMIT, TRAP_HTTP_EXCEPTIONS=False)
    vars(app.json)["ensure_ascii"] = False  # Chinese as Chinese
    app.extensions["duly"] = house
    logging.getLogger("duly").setLevel(logging.INFO)

    api = openapi.make(app, house.settings.public_url)
    api.register_blueprint(documents.blueprint(house))
    api.register_blueprint(audit_log.blueprint())
    health.register(app)
    openapi.register(app, api)
    problems.register(app)
    app.before_request(guard.name_request)
    app.after_request(_private_answer)
    return app


def _private_answer(response: Response) -> Response:
    """Nothing of ours belongs into a cache, a frame or a guessing browser."""
    response.headers.setdefault("Cache-Control", "no-store")
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["X-Frame-Options"] = "DENY"
    response.headers["Referrer-Policy"] = "no-referrer"
    response.headers["X-Request-Id"] = guard.request_id()
    return response
