"""Over HTTP: who asks too often waits, and nobody is let through uncounted."""

from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest
from werkzeug.test import TestResponse

from app import counts, rates
from app.counts import Counts
from tests.app.api.conftest import LETTERS, Service, opened, problem

KNOWN = {"rate_documents": "2", "rate_reads": "4", "rate_failures": "3", "soffice": "/bin/false", "deadline": "1"}


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    yield from opened(tmp_path_factory.mktemp("limited"), **KNOWN)


@pytest.fixture
def limited(running: Service, monkeypatch: pytest.MonkeyPatch) -> Service:
    """With nothing counted yet, always in the middle of a minute: over its end, one more may be let through."""
    monkeypatch.setattr(counts, "time", SimpleNamespace(time=lambda: 1_800_000_030.0))
    kept = Counts(running.house.settings.work / rates.FILE)
    kept.make()
    kept.reset()
    return running


def asked(service: Service, path: str = "/v1/documents", key: str = "duly_wrong", address: str = "") -> TestResponse:
    environ = {"REMOTE_ADDR": address} if address else {}
    return service.http.get(path, headers={"Authorization": f"Bearer {key}"}, environ_overrides=environ)


def exceeded(answer: TestResponse) -> None:
    problem(answer, 429, "rate.exceeded")
    assert 1 <= int(answer.headers["Retry-After"]) <= 60


def test_an_organisation_asks_for_so_many_documents_whatever_becomes_of_them(limited: Service) -> None:
    for _ in range(2):
        problem(limited.post(b"{"), 400, "request.unreadable")

    exceeded(limited.post(limited.sample()))
    problem(limited.post(b"{", role="stranger"), 400, "request.unreadable")
    assert limited.get("/v1/documents").status_code == 200


def test_a_role_that_may_not_ask_spends_nothing_of_its_organisation_s(limited: Service) -> None:
    for _ in range(4):
        problem(limited.post(b"{", role="counsel"), 403, "forbidden")

    exceeded(limited.post(b"{", role="counsel"))
    problem(limited.post(b"{"), 400, "request.unreadable")


def test_a_key_reads_so_often_and_another_key_of_the_same_organisation_too(limited: Service) -> None:
    assert [limited.get("/v1/documents").status_code for _ in range(4)] == [200] * 4

    exceeded(limited.get("/v1/documents"))
    assert limited.get("/v1/documents", role="counsel").status_code == 200


def test_an_address_that_fails_too_often_learns_nothing_more_not_even_of_a_working_key(limited: Service) -> None:
    for _ in range(3):
        problem(asked(limited), 401, "unauthenticated")

    exceeded(asked(limited))
    exceeded(asked(limited, key=limited.keys["upstream"]))
    assert asked(limited, key=limited.keys["upstream"], address="192.0.2.7").status_code == 200


def test_forwarded_addresses_are_believed_only_of_so_many_proxies(limited: Service, tmp_path: Path) -> None:
    def forwarded(service: Service, said: str) -> int:
        return service.http.get("/v1/documents", headers={"X-Forwarded-For": said}).status_code

    assert [forwarded(limited, f"192.0.2.{number}") for number in range(4)] == [401, 401, 401, 429]
    for behind in opened(tmp_path / "behind", **KNOWN, proxies="1"):
        assert [forwarded(behind, f"192.0.2.{number}") for number in range(4)] == [401] * 4
        assert [forwarded(behind, f"198.51.100.{number}, 192.0.2.9") for number in range(4)] == [401, 401, 401, 429]


@pytest.mark.parametrize("path", ["/readyz", "/openapi.json"])
def test_what_needs_no_key_is_counted_by_address(limited: Service, path: str) -> None:
    assert 429 not in {asked(limited, path).status_code for _ in range(4)}

    exceeded(asked(limited, path))
    assert asked(limited, path, address="192.0.2.7").status_code != 429


def test_whether_it_lives_may_be_asked_without_end(limited: Service) -> None:
    assert {limited.http.get("/livez").status_code for _ in range(50)} == {200}


@pytest.mark.parametrize("path", ["/v1/documents", LETTERS, "/metrics", "/readyz", "/openapi.json", "/v1/audit/export"])
def test_without_counts_nobody_is_let_through(limited: Service, path: str) -> None:
    (limited.house.settings.work / rates.FILE).unlink()

    for key in (limited.keys["upstream"], limited.keys["admin"], "duly_wrong"):
        headers = {"Authorization": f"Bearer {key}", "Content-Type": "application/json"}
        method = "POST" if path == LETTERS else "GET"
        body = problem(limited.http.open(path, method=method, headers=headers), 503, "step.failed")
        assert body["step"] == "rates"
    assert limited.http.get("/livez").status_code == 200


def test_no_address_and_no_key_stands_in_the_counts(limited: Service) -> None:
    asked(limited, address="192.0.2.77")
    asked(limited, key=limited.keys["upstream"], address="192.0.2.77")

    kept = (limited.house.settings.work / rates.FILE).read_bytes()
    assert b"failures/" in kept
    assert b"192.0.2.77" not in kept
    assert limited.keys["upstream"].encode() not in kept
