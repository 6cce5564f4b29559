"""Known names, numbers, addresses and keys go through every route and every error, and come out nowhere.

What is searched: all records of all loggers as they are written, /metrics, every answer but the document and its
receipt, the entries of the log, the names of all files, and the counts of the limits. That the search finds a leak is
tested too.
"""

import io
import json
import logging
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from flask import request
from werkzeug.test import TestResponse

from app import disclosures, logs, rates, render, signing
from app.api import access, guard, problems
from app.errors import InvalidRequest, StepFailed
from app.gate.cases import changed
from app.store.blobs import Blobs
from app.store.documents import Documents
from tests import accounts
from tests.app.api.conftest import Service, opened, told
from tests.samples import make

SEED = 6  # a case whose address is not that of the sample, which everybody is shown
# One account has one letter in a statement cycle, and the account of the case may have had it: the number of another.
ANOTHER = next(accounts.card_numbers())
WORD = "duly-secret-word-6259000000000005"  # in whatever a caller may invent
NAME = "司徒虚构"
UNKNOWN_KEY = "duly_c2VjcmV0LXdvcmQtb2YtYS1jYWxsZXI"
ID = "0195b2f0-0000-7000-8000-000000000000"


@dataclass
class Watched:
    """A service, and all that it said."""

    service: Service
    stream: io.StringIO
    answers: list[str] = field(default_factory=list)

    def keep(self, answer: TestResponse) -> TestResponse:
        self.answers.append(f"{answer.status} {answer.headers}\n{answer.data.decode(errors='replace')}")
        return answer

    def said(self) -> dict[str, str]:
        """By where it was said."""
        home = self.service.house.settings.home
        return {
            "logs": self.stream.getvalue(),
            "metrics": self.service.get("/metrics", role="monitor").text,
            "answers": "\n".join(self.answers),
            "entries": self.service.get("/v1/audit/entries?limit=1000", role="admin").text,
            "names": "\n".join(name for _, folders, files in os.walk(home) for name in folders + files),
            "counts": (home / "work" / rates.FILE).read_bytes().decode("utf-8", "replace"),
        }


def case(service: Service) -> Any:
    """A case of its own: what the description gives as an example is told to everybody."""
    drawn = make.random_request(make.seeded(SEED), service.today())
    for number in (drawn["account"]["card_number"], ANOTHER):
        if service.house.registry.find("demo_bank", number) is None:
            accounts.register(service.house.registry, service.house.documents.journal, [number])
    return changed(drawn, {"parties.0.name": NAME, "delivery.recipient.name": NAME})


def personal(service: Service) -> list[str]:
    """What must come out nowhere."""
    sample = case(service)
    person = sample["parties"][0]
    return [
        person["name"],
        person["identity"]["number"],
        person["phone"],
        sample["account"]["card_number"],
        ANOTHER,
        sample["client_ref"],
        sample["requested_by"]["employee_no"],
        sample["delivery"]["recipient"]["line"],
        sample["account"]["debts"][0]["total"],
        *service.keys.values(),
        *(WORD, "6259000000000005", UNKNOWN_KEY),
    ]


def leaks(watched: Watched) -> dict[str, list[str]]:
    """Where something personal came out: as it is, or as JSON or a URL would write it."""
    found: dict[str, list[str]] = {}
    for place, text in watched.said().items():
        for value in personal(watched.service):
            if any(written in text for written in (value, json.dumps(value)[1:-1], quote(value))):
                found.setdefault(place, []).append(value)
    return found


@pytest.fixture(scope="module", params=["deaf", pytest.param("issuing", marks=pytest.mark.office)])
def watched(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Watched]:
    changes = {"soffice": "/bin/false", "deadline": "2"} if request.param == "deaf" else {}
    stream = io.StringIO()
    handler = logs.Handler(stream)
    handler.setFormatter(logs.Lines())
    root = logging.getLogger()
    before = root.level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)  # of every library too
    try:
        for service in opened(tmp_path_factory.mktemp("watched"), **changes):
            yield Watched(service, stream)
    finally:
        root.removeHandler(handler)
        root.setLevel(before)


@pytest.fixture
def through(watched: Watched) -> Watched:
    """After each request there is, by a caller who puts something personal wherever one can."""
    watched.answers.clear()
    send_bodies(watched)
    send_addresses(watched)
    send_heads(watched)
    return watched


def send_bodies(watched: Watched) -> None:
    service, sample = watched.service, case(watched.service)
    text = json.dumps(sample, ensure_ascii=False)
    bad: list[tuple[Any, int]] = [
        (text[:-20].encode(), 400),
        (text.replace('"client_ref"', '"client_ref": "x", "client_ref"', 1).encode(), 400),
        (text.encode("utf-16"), 400),
        (changed(sample, {"parties.0.name": sample["parties"][0]["name"] + "\u0000"}), 422),
        (changed(sample, {"parties.0.identity.number": sample["parties"][0]["identity"]["number"][:-1] + "y"}), 422),
        (changed(sample, {"account.card_number": "6259000000000005" + "0"}), 422),
        (changed(sample, {"issuer": WORD}), 422),
        (sample | {sample["parties"][0]["name"]: 1, sample["account"]["card_number"]: 2, WORD: 3}, 422),
        (changed(sample, {"delivery.address_kind": "work"}), 422),
        (changed(sample, {"delivery.recipient.postcode": sample["parties"][0]["phone"]}), 422),
    ]
    for body, status in bad:
        assert watched.keep(service.post(body)).status_code == status
    watched.keep(service.post(text.encode(), Content_Type=f"text/{WORD}"))
    watched.keep(service.post(text.encode() + b" " * (1 << 20)))
    watched.keep(service.post(sample, Idempotency_Key=WORD))
    watched.keep(service.post(changed(sample, {"client_ref": WORD}), Idempotency_Key=WORD))
    watched.keep(service.post(sample, Idempotency_Key=WORD * 20))
    watched.keep(service.post(sample, role="unbound"))
    watched.keep(service.post(sample, role="counsel"))


def send_addresses(watched: Watched) -> None:
    service = watched.service
    name = case(service)["parties"][0]["name"]
    rules = [rule.rule for rule in service.http.application.url_map.iter_rules()]
    paths = [rule.replace("<uuid:document_id>", ID).replace("<name>", WORD) for rule in rules]
    paths += [rule.replace("<uuid:document_id>", WORD).replace("<name>", name) for rule in rules]
    paths += [
        "/docs",
        f"/{WORD}",
        f"/{name}",
        f"/docs/{name}",
        f"/v1/documents/{WORD}",
        f"/v1/documents/{name}/receipt",
    ]
    paths += [f"/v1/documents?limit={WORD}", f"/v1/documents?before={name}", f"/v1/audit/entries?start={WORD}"]
    for path in paths:
        address = path + ("&" if "?" in path else "?") + f"{WORD}={name}"
        for method in ("GET", "POST", "DELETE", "OPTIONS", WORD.upper()):
            for key in (service.keys["upstream"], service.keys["admin"], UNKNOWN_KEY):
                watched.keep(service.http.open(address, method=method, headers={"Authorization": f"Bearer {key}"}))


def send_heads(watched: Watched) -> None:
    service = watched.service
    name = case(service)["parties"][0]["name"].encode().decode("latin-1")
    for header in ("X-Request-Id", "User-Agent", "Referer", "X-Forwarded-For", "Cookie", "Accept", "Host", "Origin"):
        for value in (WORD, name):
            watched.keep(service.http.get("/v1/documents", headers={header: value}))
    for value in (UNKNOWN_KEY, f"Basic {WORD}", f"Bearer {WORD}", f"Bearer {name}"):
        watched.keep(service.http.get("/v1/documents", headers={"Authorization": value}))


def raising(error: Exception) -> Callable[..., Any]:
    def raises(*_: object, **__: object) -> Any:
        raise error

    return raises


def test_nothing_personal_comes_out_of_any_route_or_error(through: Watched) -> None:
    statuses = {answer.split(" ", 1)[0] for answer in through.answers}

    assert statuses >= {"200", "400", "401", "403", "404", "405", "413", "415", "422"}
    assert leaks(through) == {}


PLACES: list[tuple[object, str]] = [
    *((Documents, "_intend"), (Documents, "page"), (Documents, "find"), (Documents, "refuse"), (Documents, "fail")),
    *((render, "render"), (guard, "_known_caller"), (problems, "field_errors")),
]
ISSUING: list[tuple[object, str]] = [(disclosures, "verify"), (signing, "sign"), (Blobs, "put"), (Documents, "seal")]


@pytest.mark.parametrize("kind", ["bug", "of the disk", "of the network"])
def test_nor_does_anything_come_out_of_a_bug_or_a_broken_tool(
    watched: Watched, kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    service = watched.service
    sample = case(service)
    said = f"{sample['parties'][0]['name']} {WORD} {sample['account']['card_number']}"
    errors = {
        "bug": RuntimeError(said),
        "of the disk": OSError(5, said, f"/{said}"),
        "of the network": ConnectionError(said),
    }
    watched.answers.clear()
    for place, name in PLACES + ISSUING:
        [card] = accounts.known(service.house)  # an attempt that broke off is under way for a while
        other = changed(sample, {"account.card_number": card})
        with monkeypatch.context() as patched:
            patched.setattr(place, name, raising(errors[kind]))
            for body in (other, changed(other, {"delivery.address_kind": "work"}), {"issuer": WORD}):
                watched.keep(service.post(body))
            watched.keep(service.get("/v1/documents"))
            watched.keep(service.get(f"/v1/documents/{ID}"))

    assert ("500" if kind == "bug" else "503") in {answer.split(" ", 1)[0] for answer in watched.answers}
    assert leaks(watched) == {}


@pytest.mark.office
def test_nor_out_of_a_letter_that_is_issued_and_read(watched: Watched) -> None:
    service = watched.service
    answer = service.post(changed(case(service), {"account.card_number": ANOTHER}))
    watched.keep(answer)
    if not service.house.pool.ready():
        assert answer.status_code == 503
        return
    assert answer.status_code == 201, answer.text
    shown = told(answer)
    for path in (f"/v1/documents/{shown['id']}", f"/v1/documents/{shown['id']}/disclosures", "/v1/documents"):
        assert watched.keep(service.get(path)).status_code == 200
    for path in (shown["receipt_url"], shown["files"][0]["url"]):  # those two are about the person
        answer = service.get(path)
        assert answer.status_code == 200
        watched.answers.append(str(answer.headers))

    assert leaks(watched) == {}


def log_a_name(watched: Watched, _: pytest.MonkeyPatch) -> None:
    logging.getLogger("duly.api").error("cannot read %s", case(watched.service)["parties"][0]["name"])


def log_the_address_asked_for(watched: Watched, patched: pytest.MonkeyPatch) -> None:
    patched.setattr(guard, "route", lambda: request.path)
    watched.service.get(f"/v1/{WORD}")


def count_by_the_address_asked_for(watched: Watched, patched: pytest.MonkeyPatch) -> None:
    patched.setattr(access, "route", lambda: request.path)
    watched.service.get(f"/v1/{WORD}")


def tell_an_error_s_text(watched: Watched, patched: pytest.MonkeyPatch) -> None:
    failure = StepFailed("render", f"cannot print {case(watched.service)['account']['card_number']}")
    patched.setattr(render, "render", raising(failure))
    watched.service.post(case(watched.service))


def quote_a_value(watched: Watched, patched: pytest.MonkeyPatch) -> None:
    patched.setattr(Documents, "_intend", raising(InvalidRequest({"issuer": [f"not {WORD}"]})))
    watched.keep(watched.service.post(case(watched.service)))


def name_a_file(watched: Watched, _: pytest.MonkeyPatch) -> None:
    (watched.service.house.settings.home / case(watched.service)["client_ref"]).touch()


def count_by_a_name(watched: Watched, patched: pytest.MonkeyPatch) -> None:
    patched.setattr("app.metrics._known", lambda word, _: word)
    watched.service.house.metrics.refused(WORD)


def put_a_key_into_the_counts(watched: Watched, _: pytest.MonkeyPatch) -> None:
    watched.service.house.rates.spend(rates.READS, watched.service.keys["upstream"])


@pytest.mark.parametrize(
    ("leak", "place"),
    [
        *((log_a_name, "logs"), (log_the_address_asked_for, "logs"), (tell_an_error_s_text, "logs")),
        *((count_by_the_address_asked_for, "metrics"), (count_by_a_name, "metrics")),
        *((quote_a_value, "answers"), (name_a_file, "names"), (put_a_key_into_the_counts, "counts")),
    ],
)
def test_a_leak_that_was_put_in_on_purpose_is_found(
    tmp_path: Path, leak: Callable[[Watched, pytest.MonkeyPatch], None], place: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    stream = io.StringIO()
    handler = logs.Handler(stream)
    handler.setFormatter(logs.Lines())
    logging.getLogger().addHandler(handler)
    try:
        for service in opened(tmp_path / "leaking", soffice="/bin/false", deadline="2"):
            watched = Watched(service, stream)
            assert leaks(watched) == {}
            leak(watched, monkeypatch)
            assert set(leaks(watched)) == {place}
    finally:
        logging.getLogger().removeHandler(handler)
