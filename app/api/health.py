"""/livez: the process answers. /readyz: it could issue a document now; which part could not, otherwise.

/metrics is for a key of the role `monitor`, which may do nothing else, or `admin`: the numbers tell how much business
is done here. It is not left open on loopback: behind a proxy on the same machine everybody comes from there. A key of
its own, because whoever watches need not be able to export the log.
"""

from typing import Any

from flask import Flask, Response, jsonify

from app.api.guard import PUBLIC, house, roles
from app.metrics import CONTENT_TYPE


def register(app: Flask) -> None:
    @app.get("/livez")
    @roles(PUBLIC, counted=False)
    def livez() -> Any:
        return jsonify(status="live")

    @app.get("/readyz")
    @roles(PUBLIC)
    def readyz() -> Any:
        parts = house().ready()
        ready = all(parts.values())
        if ready:
            return jsonify(status="ready", parts=parts)
        return jsonify(status="not ready", parts=parts), 503, {"Retry-After": "5"}

    @app.get("/metrics")
    @roles("monitor", "admin")
    def metrics() -> Any:
        return Response(house().metrics.text(house().figures()), content_type=CONTENT_TYPE)
