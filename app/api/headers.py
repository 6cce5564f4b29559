"""What every answer says to browsers and caches: nothing of ours is kept, framed, embedded, guessed at or told onwards.

Whether the service is reached over https, its proxy knows and `DULY_PUBLIC_URL` says: only then may a browser be told
to insist on it. Hosts below or beside ours are not bound, they are others' to decide about.
"""

from collections.abc import Callable

from flask import Response, request

from app.api.guard import request_id
from app.api.openapi import PAGES

NOTHING = "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'"
# Swagger UI: its page has one script and its code has styles in the line. It asks our own address and no other.
SWAGGER = (
    "default-src 'none'; script-src 'self' 'unsafe-inline'; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data:; connect-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'"
)

NO_FEATURES = ", ".join(
    f"{feature}=()"
    for feature in (
        *("accelerometer", "autoplay", "browsing-topics", "camera", "display-capture", "encrypted-media", "fullscreen"),
        *("geolocation", "gyroscope", "magnetometer", "microphone", "midi", "payment", "picture-in-picture"),
        *("publickey-credentials-get", "screen-wake-lock", "usb", "xr-spatial-tracking"),
    )
)
ALWAYS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": NO_FEATURES,
}
REDIRECTS = {301, 302, 303, 307, 308}
ONLY_HTTPS = "max-age=31536000"  # a year


def adder(public_url: str) -> Callable[[Response], Response]:
    """What adds them to an answer, whatever it is."""
    https = {"Strict-Transport-Security": ONLY_HTTPS} if public_url.startswith("https://") else {}

    def add(response: Response) -> Response:
        response.headers.update(ALWAYS | https)
        return _added(response)

    return add


def _added(response: Response) -> Response:
    if response.status_code in REDIRECTS:  # Flask's own repeats the whole address, query and all
        response.location = (response.location or "").partition("?")[0]
        response.set_data(b"")
    on_pages = request.path == PAGES or request.path.startswith(f"{PAGES}/")
    response.headers["Content-Security-Policy"] = SWAGGER if on_pages else NOTHING
    response.headers["X-Request-Id"] = request_id()
    if not on_pages:  # those are files of an installed package
        response.headers["Cache-Control"] = "no-store"
    return response
