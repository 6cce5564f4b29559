"""What every answer says to browsers and caches: nothing of ours is kept, framed, guessed at or told onwards."""

from flask import Response, request

from app.api.guard import request_id
from app.api.openapi import PAGES

NOTHING = "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'"
# Swagger UI: its page has one script and its code has styles in the line. It asks our own address and no other.
SWAGGER = (
    "default-src 'none'; script-src 'self' 'unsafe-inline'; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data:; connect-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'"
)


def add(response: Response) -> Response:
    """Add them to an answer, whatever it is."""
    on_pages = request.path == PAGES or request.path.startswith(f"{PAGES}/")
    response.headers["Content-Security-Policy"] = SWAGGER if on_pages else NOTHING
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["X-Frame-Options"] = "DENY"
    response.headers["Referrer-Policy"] = "no-referrer"
    response.headers["X-Request-Id"] = request_id()
    if not on_pages:  # those are files of an installed package
        response.headers["Cache-Control"] = "no-store"
    return response
