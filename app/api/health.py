"""/livez: the process answers. /readyz: it could issue a document now; which part could not, otherwise."""

from typing import Any

from flask import Flask, jsonify

from app.api.guard import PUBLIC, house, roles


def register(app: Flask) -> None:
    @app.get("/livez")
    @roles(PUBLIC)
    def livez() -> Any:
        return jsonify(status="live")

    @app.get("/readyz")
    @roles(PUBLIC)
    def readyz() -> Any:
        parts = house().ready()
        ready = all(parts.values())
        return jsonify(status="ready" if ready else "not ready", parts=parts), 200 if ready else 503
