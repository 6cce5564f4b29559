"""One line for every request that was answered, and its count. The route's template stands for what was asked."""

import logging
import time

from flask import Response, g, request

from app import logs
from app.api.guard import house, route
from app.metrics import METHODS, OTHER

_log = logging.getLogger("duly.access")


def tell(response: Response) -> Response:
    """After everything else."""
    seconds = time.monotonic() - g.began
    method = request.method if request.method in METHODS else OTHER  # any word can be a method
    said = {"method": method, "status": response.status_code, "seconds": round(seconds, 4)}
    _log.info("answered", extra=said)
    house().metrics.answered(route(), method, response.status_code, seconds)
    return response


def forget(_: BaseException | None) -> None:
    """What this thread says next belongs to no request."""
    logs.end()
