"""A stand-in that speaks Gotenberg's API and really converts, through the pool; and one that misbehaves."""

import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from pypdf import PdfReader, PdfWriter

from app.artifacts import File, Part, Rendered
from app.catalogue import TEXT
from app.convert import Gotenberg, Pool, exchange, gotenberg
from app.errors import ConfigurationError, StepFailed
from tests.app.convert.conftest import rendered, text, word
from tests.app.convert.stand_in import PDF, Answer, StandIn, converting, listening


@pytest.fixture
def server() -> Iterator[StandIn]:
    with listening() as stand_in:
        yield stand_in


def refused(url: str, folder: Path, deadline: float = 5) -> StepFailed:
    with pytest.raises(StepFailed) as failure:
        Gotenberg(url, deadline).convert(rendered(folder, letter=word("甲")), folder)
    assert not (folder / "letter.pdf").exists()
    assert failure.value.step == "convert"
    return failure.value


@pytest.mark.office
def test_every_part_comes_back_as_pdfa_under_its_name(server: StandIn, pool: Pool, tmp_path: Path) -> None:
    (tmp_path / "there").mkdir()
    server.answer = converting(pool, tmp_path / "there")
    backend = Gotenberg(f"{server.url}/", 20)

    converted = backend.convert(rendered(tmp_path, first=word("甲"), second=word("乙")), tmp_path)

    assert [(part.name, text(part.file.path)) for part in converted.parts] == [("first", "甲"), ("second", "乙")]
    assert "/OutputIntents" in PdfReader(converted.parts[0].file.path).root_object
    assert (converted.converter, backend.version) == ("Gotenberg 8.21.1", "Gotenberg 8.21.1")
    assert server.asked == [("GET", "/version"), *[("POST", "/forms/libreoffice/convert")] * 2]


@pytest.mark.office
def test_a_text_stays_here(server: StandIn, pool: Pool, tmp_path: Path) -> None:
    (tmp_path / "there").mkdir()
    server.answer = converting(pool, tmp_path / "there")
    (tmp_path / "sms.txt").write_text("【示范银行】还款提醒")
    sms = Part("sms", File.at(tmp_path / "sms.txt"), TEXT)
    given = rendered(tmp_path, letter=word("甲"))

    converted = Gotenberg(server.url, 20).convert(Rendered(given.approved, (*given.parts, sms)), tmp_path)

    assert converted.parts[1] == sms
    assert server.asked == [("GET", "/version"), ("POST", "/forms/libreoffice/convert")]


def test_pdfa_is_asked_for_and_nothing_but_the_docx_is_sent(server: StandIn, tmp_path: Path) -> None:
    refused(server.url, tmp_path)  # it answers with no whole PDF

    (form,) = server.forms
    assert form.pop("letter.docx") == (tmp_path / "letter.docx").read_bytes()
    assert form == {name: value.encode() for name, value in gotenberg.OPTIONS.items()}
    assert form["pdfa"] == b"PDF/A-2b"


@pytest.mark.office
def test_what_comes_back_is_looked_at_like_our_own(server: StandIn, pool: Pool, tmp_path: Path) -> None:
    whole = converting(pool, tmp_path)

    def with_an_attachment(form: dict[str, bytes]) -> Answer:
        status, headers, _ = whole(form)
        writer = PdfWriter(clone_from=tmp_path / "sent.pdf")
        writer.add_attachment("a.txt", b"a")
        writer.write(tmp_path / "more.pdf")
        return status, headers, (tmp_path / "more.pdf").read_bytes()

    server.answer = with_an_attachment

    failure = refused(server.url, tmp_path, deadline=20)

    assert (failure.status, failure.detail) == (500, "the PDF has what it may not have: /Names")


def test_a_docx_that_reaches_outside_is_not_even_sent(server: StandIn, tmp_path: Path) -> None:
    document = word("甲")
    document.part.relate_to("http://127.0.0.1:9/x.png", "x/image", is_external=True)

    with pytest.raises(StepFailed, match="points outside"):
        Gotenberg(server.url, 5).convert(rendered(tmp_path, letter=document), tmp_path)

    assert server.asked == []


@pytest.mark.parametrize(
    ("status", "headers", "ours", "retry_after"),
    [
        (400, {}, 500, 5),
        (401, {}, 500, 5),
        (404, {}, 500, 5),
        (429, {"Retry-After": "17"}, 503, 17),
        (429, {"Retry-After": "99999"}, 503, 300),
        (429, {"Retry-After": "Wed, 21 Oct 2026 07:28:00 GMT"}, 503, 5),
        (500, {}, 503, 5),
        (503, {"Retry-After": "2"}, 503, 2),
        (504, {}, 503, 5),
    ],
)
def test_its_errors_become_ours_without_their_text(
    server: StandIn, tmp_path: Path, status: int, headers: dict[str, str], ours: int, retry_after: int
) -> None:
    server.answer = lambda _: (status, headers, "王小明".encode())

    failure = refused(server.url, tmp_path)

    assert (failure.status, failure.detail) == (ours, f"the server answered {status}")
    assert failure.retry_after == retry_after


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_is_not_followed(server: StandIn, tmp_path: Path, status: int) -> None:
    server.answer = lambda _: (status, {"Location": f"{server.url}/elsewhere"}, b"")

    failure = refused(server.url, tmp_path)

    assert (failure.status, failure.detail) == (500, f"the server answered {status}")
    assert len(server.asked) == 2  # the version, and the document once


@pytest.mark.parametrize(
    ("headers", "body", "why"),
    [
        ({"Content-Type": "text/html"}, PDF, "is no PDF"),
        ({"Content-Type": "application/zip"}, PDF, "is no PDF"),
        ({"Content-Type": "application/pdf"}, b"<html>", "did not write a PDF"),
        ({"Content-Type": "application/pdf"}, b"", "did not write a PDF"),
        ({"Content-Type": "application/pdf", "Content-Length": "999"}, PDF, "no answer|cut off"),
    ],
)
def test_an_answer_that_is_no_whole_pdf_is_refused(
    server: StandIn, tmp_path: Path, headers: dict[str, str], body: bytes, why: str
) -> None:
    server.answer = lambda _: (200, headers, body)

    with pytest.raises(StepFailed, match=why):
        Gotenberg(server.url, 3).convert(rendered(tmp_path, letter=word("甲")), tmp_path)


def test_an_answer_that_is_too_large_is_refused(
    server: StandIn, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(gotenberg, "LARGEST", 1000)
    server.answer = lambda _: (200, {"Content-Type": "application/pdf"}, PDF + b" " * 1000)

    assert refused(server.url, tmp_path).detail == "the server gave an answer that is too large"


@pytest.mark.parametrize("drip", [0.1, 30])
def test_the_deadline_holds_to_the_last_byte(server: StandIn, tmp_path: Path, drip: float) -> None:
    def slowly(_: dict[str, bytes]) -> Answer:
        server.drip = drip
        return 200, {"Content-Type": "application/pdf"}, PDF * 100

    server.answer = slowly
    began = time.monotonic()

    failure = refused(server.url, tmp_path, deadline=1.5)

    assert 1.5 <= time.monotonic() - began < 3
    assert (failure.status, failure.detail) == (503, "the server gave no answer in time")


def test_a_server_that_is_not_there_is_not_ready_and_costs_no_time(tmp_path: Path) -> None:
    began = time.monotonic()

    failure = refused("http://127.0.0.1:9", tmp_path)

    assert (failure.status, failure.detail) == (503, "the server gave no answer: ConnectionRefusedError")
    assert not Gotenberg("http://127.0.0.1:9", 5).ready()
    assert time.monotonic() - began < 2


def test_it_is_ready_as_the_server_says(server: StandIn) -> None:
    backend = Gotenberg(f"{server.url}/behind/a/path", 5)
    said = [backend.ready()]
    server.healthy = 503
    said.append(backend.ready())

    assert said == [True, False]
    assert server.asked[0] == ("GET", "/behind/a/path/health")


@pytest.mark.parametrize("version", [b"", b"<html>", "王小明".encode(), b"8" * 50])
def test_a_version_that_is_none_is_not_written_down(server: StandIn, tmp_path: Path, version: bytes) -> None:
    server.version = version

    assert refused(server.url, tmp_path).detail == "the server does not say its version"


@pytest.mark.parametrize(
    "url",
    ["", "gotenberg:3000", "ftp://host", "http://", "http://user:secret@host", "http://host/?a=b", "http://host#a"],
)
def test_an_address_that_is_none_is_refused_at_the_start(url: str) -> None:
    with pytest.raises(ConfigurationError, match="DULY_GOTENBERG_URL") as refusal:
        Gotenberg(url, 5)

    assert "secret" not in str(refusal.value)


def test_nobody_waits_for_an_answer_after_its_time(server: StandIn) -> None:
    with pytest.raises(exchange.ExchangeFailed, match="in time"):
        exchange.Server.read(server.url).ask("GET", "/version", time.monotonic() - 1, 10)

    assert server.asked == []
