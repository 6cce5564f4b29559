"""What every answer of every route says to browsers and caches."""

import re
from collections.abc import Iterator

import pytest
from flask import Flask

from app.api.openapi import PAGES
from tests.app.api.conftest import Service, opened

WANTED = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}


@pytest.fixture(scope="module")
def secure(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    home = tmp_path_factory.mktemp("secure")
    yield from opened(home, soffice="/bin/false", deadline="2", public_url="https://duly.example")


def everything(app: Flask) -> Iterator[tuple[str, str]]:
    """(method, path) of every route, with something in the place of each variable, and of some that do not exist."""
    for rule in app.url_map.iter_rules():
        path = re.sub(r"<uuid:[a-z_]+>", "0195b2f0-0000-7000-8000-000000000000", rule.rule)
        for method in sorted(rule.methods or ()):
            yield method, re.sub(r"<[^>]+>", "index.html", path)
    yield from (("GET", "/nowhere"), ("DELETE", "/livez"), ("GET", PAGES))


@pytest.mark.parametrize("role", ["admin", "upstream", "nobody"])
def test_every_answer_of_every_route_carries_them(secure: Service, role: str) -> None:
    asked = list(everything(secure.http.application))
    assert len(asked) > 30

    for method, path in asked:
        key = secure.keys.get(role, "duly_wrong")
        answer = secure.http.open(path, method=method, headers={"Authorization": f"Bearer {key}"})
        headers, where = answer.headers, (method, path, answer.status_code)
        assert {name: headers.get(name) for name in WANTED} == WANTED, where
        assert headers["Strict-Transport-Security"] == "max-age=31536000", where
        assert headers["Content-Security-Policy"].startswith("default-src 'none'; "), where
        assert "frame-ancestors 'none'; base-uri 'none'; form-action 'none'" in headers["Content-Security-Policy"]
        assert ("unsafe" in headers["Content-Security-Policy"]) == path.startswith(PAGES), where
        assert (headers.get("Cache-Control") == "no-store") != path.startswith(PAGES), where
        assert re.fullmatch(r"([a-z-]+=\(\)(, )?)+", headers["Permissions-Policy"]), where
        assert {"camera=()", "geolocation=()", "microphone=()"} <= set(headers["Permissions-Policy"].split(", "))
        assert headers["X-Request-Id"], where
        assert "Access-Control-Allow-Origin" not in headers, where
        assert "Set-Cookie" not in headers, where


def test_over_plain_http_no_browser_is_told_to_insist_on_https(deaf: Service) -> None:
    for method, path in everything(deaf.http.application):
        assert "Strict-Transport-Security" not in deaf.http.open(path, method=method).headers
