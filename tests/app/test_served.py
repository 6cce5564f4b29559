"""The service as it is run: gunicorn, real sockets, real signals."""

import json
import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from app.config import ROOT, cores
from app.first_start import initialise
from app.serve import arguments, first_keys
from app.worker import WITHIN
from tests.wiring import settings_here

pytestmark = pytest.mark.slow
THREADS = 4 * cores()


@dataclass(frozen=True)
class Served:
    """A running gunicorn and its folder."""

    process: "subprocess.Popen[bytes]"
    port: int
    home: Path
    keys: Any

    def connect(self, *sent: bytes) -> socket.socket:
        client = socket.create_connection(("127.0.0.1", self.port), timeout=60)
        for piece in sent:
            client.sendall(piece)
        return client

    def answer(self, *sent: bytes) -> bytes:
        """Everything that comes until the server closes."""
        with self.connect(*sent) as client:
            return whole(client)

    def alive_within(self) -> float:
        began = time.monotonic()
        assert self.answer(got("/livez")).startswith(b"HTTP/1.1 200 ")
        return time.monotonic() - began

    def lines(self) -> list[dict[str, Any]]:
        """What was written on stderr: every line of it is JSON."""
        return [json.loads(line) for line in (self.home / "told").read_text("utf-8").splitlines()]

    def metrics(self) -> str:
        key = f"Authorization: Bearer {self.keys['monitor']}"
        return self.answer(got("/metrics", key)).decode()

    def rooms(self) -> set[Path]:
        return {path for path in (self.home / "work").glob("[0-9]*-*") if (path / ".lock").exists()}


def whole(client: socket.socket, end: bytes = b"") -> bytes:
    """What comes until `end`, or until the server closes."""
    received = b""
    while not (end and received.endswith(end)) and (piece := client.recv(65536)):
        received += piece
    return received


def eventually(held: Callable[[], object], within: float = 30) -> bool:
    until = time.monotonic() + within
    while not (seen := bool(held())) and time.monotonic() < until:
        time.sleep(0.05)
    return seen


@contextmanager
def serving(home: Path, **changes: str) -> Iterator[Served]:
    settings = settings_here(home, **changes)
    initialise(settings)
    keys = first_keys(settings)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    environment = {key: value for key, value in os.environ.items() if not key.startswith("DULY_")}
    environment |= {"DULY_HOME": str(home)} | {f"DULY_{key.upper()}": value for key, value in changes.items()}
    command = [sys.executable, *arguments(f"127.0.0.1:{port}")]
    told = home / "told"
    with told.open("wb") as stderr, subprocess.Popen(command, cwd=ROOT, env=environment, stderr=stderr) as process:
        served = Served(process, port, home, keys)
        try:
            assert eventually(lambda: len(served.rooms()) == cores(), 60)
            served.alive_within()
            yield served
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(timeout=60)


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with serving(tmp_path_factory.mktemp("served"), soffice="/bin/false", deadline="2") as running:
        yield running


def got(path: str, *more: str) -> bytes:
    return "\r\n".join((f"GET {path} HTTP/1.1", "Host: duly.example", "Connection: close", *more, "", "")).encode()


def posted(served: Served, *more: bytes) -> bytes:
    return b"\r\n".join(
        (
            b"POST /v1/documents/dunning_letter HTTP/1.1",
            b"Host: duly.example",
            b"Authorization: Bearer " + served.keys["upstream"].encode(),
            b"Content-Type: application/json",
            b"Connection: close",
            *more,
        )
    )


@pytest.mark.parametrize(
    "body", [b"zz\r\n{}\r\n0\r\n\r\n", b"2\r\n{}XX0\r\n\r\n", b"-1\r\n{}\r\n", b"5;\x00\r\n{}\r\n0\r\n\r\n"]
)
def test_chunks_that_cannot_be_made_out_are_the_caller_s_fault(served: Served, body: bytes) -> None:
    answer = served.answer(posted(served, b"Transfer-Encoding: chunked", b"", body))

    assert answer.startswith(b"HTTP/1.1 400 ")
    assert json.loads(answer.partition(b"\r\n\r\n")[2])["code"] == "request.unreadable"


def test_a_body_that_is_cut_off_is_the_caller_s_fault(served: Served) -> None:
    with served.connect(posted(served, b"Content-Length: 100", b"", b'{"a":')) as client:
        client.shutdown(socket.SHUT_WR)
        answer = whole(client)

    assert answer.startswith(b"HTTP/1.1 400 ")
    assert b"request.unreadable" in answer


def test_the_server_does_not_tell_its_version(served: Served) -> None:
    head = served.answer(got("/livez")).partition(b"\r\n\r\n")[0]

    [server] = [line for line in head.split(b"\r\n") if line.lower().startswith(b"server:")]
    assert server == b"Server: gunicorn"


def test_clients_that_say_nothing_hold_no_thread(served: Served) -> None:
    silent = [served.connect() for _ in range(3 * THREADS)]

    assert served.alive_within() < 2

    for client in silent:
        client.close()


@pytest.mark.parametrize("where", ["in the head", "in the body"])
def test_clients_that_never_finish_are_let_go(served: Served, where: str) -> None:
    begun = posted(served) if where == "in the head" else posted(served, b"Content-Length: 100", b"", b"{")
    began = time.monotonic()
    slow = [served.connect(begun) for _ in range(THREADS)]

    served.alive_within()
    ends = [ended(client) for client in slow]

    assert time.monotonic() - began < 2 * WITHIN + 5  # the threads may have been given to one worker first
    assert set(ends) <= ({"reset"} if where == "in the head" else {"HTTP/1.1 400 BAD REQUEST"})


def ended(client: socket.socket) -> str:
    """How the server ended it: with an answer, or without one."""
    with client:
        try:
            return whole(client).partition(b"\r\n")[0].decode() or "reset"
        except ConnectionResetError:
            return "reset"


def test_a_client_that_drips_is_let_go_like_one_that_stops(served: Served) -> None:
    began = time.monotonic()
    with (
        served.connect(b"GET /livez HTTP/1.1\r\nX-Slow: ") as client,
        pytest.raises((BrokenPipeError, ConnectionResetError)),
    ):
        while time.monotonic() < began + 3 * WITHIN:
            client.sendall(b"x")
            time.sleep(0.2)

    assert time.monotonic() - began < WITHIN + 5


def test_a_connection_that_is_kept_answers_again(served: Served) -> None:
    with served.connect() as client:
        for _ in range(3):
            client.sendall(b"GET /livez HTTP/1.1\r\nHost: duly.example\r\n\r\n")
            assert whole(client, b"}\n").startswith(b"HTTP/1.1 200 ")


def test_what_a_killed_worker_left_is_gone_when_the_next_one_stands(served: Served) -> None:
    room, other = sorted(served.rooms())[:2] if len(served.rooms()) > 1 else (next(iter(served.rooms())), None)
    (room / "attempt").mkdir()
    (room / "attempt" / "letter.docx").write_text("a letter")

    os.kill(int(room.name.partition("-")[0]), signal.SIGKILL)

    assert eventually(lambda: not room.exists())
    assert eventually(lambda: len(served.rooms()) == cores())
    assert other is None or other.exists()


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        (b"GET /x 6259000000000005 HTTP/1.1\r\n\r\n", b"400"),
        (b"GET\xe5 /6259000000000005 HTTP/1.1\r\n\r\n", b"400"),
        (b"GET / HTTP/6259000000000005\r\n\r\n", b"400"),
        (b"GET / HTTP/1.1\r\n6259000000000005 x: y\r\n\r\n", b"400"),
        (b"GET / HTTP/1.1\r\nTransfer-Encoding: x6259000000000005\r\n\r\n", b"501"),
        (b"GET / HTTP/1.1\r\nExpect: 6259000000000005\r\n\r\n", b"417"),
        (b"GET /" + b"6259000000000005" * 1000 + b" HTTP/1.1\r\n\r\n", b"414"),
        (b"GET / HTTP/1.1\r\nX: " + b"6259000000000005" * 1000 + b"\r\n\r\n", b"431"),
    ],
)
def test_what_is_no_request_is_quoted_neither_in_the_answer_nor_in_the_log(
    served: Served, sent: bytes, status: bytes
) -> None:
    before = len(served.lines())

    answer = served.answer(sent)

    assert answer.startswith(b"HTTP/1.1 " + status), answer
    assert b"6259000000000005" not in answer
    assert eventually(lambda: len(served.lines()) > before)
    assert any(line["message"].startswith("not a request: ") for line in served.lines()[before:])
    assert "6259000000000005" not in (served.home / "told").read_text("utf-8")


def test_a_request_is_one_line_with_its_template_and_gunicorn_writes_none_of_its_own(served: Served) -> None:
    name = "11112222-3333-4444-8555-666677778888"
    served.answer(
        got("/v1/documents/0195b2f0-0000-7000-8000-000000000001?name=6259000000000005", f"X-Request-Id: {name}")
    )

    assert eventually(lambda: [line for line in served.lines() if line["request_id"] == name])
    [line] = [line for line in served.lines() if line["request_id"] == name]
    assert 0 <= line.pop("seconds") < 10
    assert line.pop("time")
    assert line == {
        **{"level": "info", "logger": "duly.access", "message": "answered", "request_id": name},
        **{"route": "/v1/documents/<uuid:document_id>", "method": "GET", "status": 401},
    }
    assert "Booting worker with pid: " in "".join(line["message"] for line in served.lines())


def test_any_process_answers_for_all_of_them(served: Served) -> None:
    def asked() -> float:
        found = re.search(
            r'duly_requests_total\{method="GET",route="/openapi.json",status="200"\} (\S+)', served.metrics()
        )
        return float(found.group(1)) if found else 0.0

    before = asked()
    for _ in range(12):
        assert served.answer(got("/openapi.json")).startswith(b"HTTP/1.1 200 ")

    assert {asked() for _ in range(6)} == {before + 12}


def test_told_to_stop_it_answers_the_request_under_way_and_its_line_is_the_last_word_of_it(tmp_path: Path) -> None:
    """The body is still on its way when the signal comes."""
    with serving(tmp_path / "stopped", soffice="/bin/false", deadline="2") as running:
        name = b"X-Request-Id: 11112222-3333-4444-8555-666677778888"
        with running.connect(posted(running, name, b"Content-Length: 2", b"", b"{")) as client:
            time.sleep(0.5)  # a thread has it
            running.process.send_signal(signal.SIGTERM)
            time.sleep(0.5)
            client.sendall(b"}")
            answer = whole(client)

        assert answer.startswith(b"HTTP/1.1 422 "), answer
        assert b"request.invalid" in answer
        assert running.process.wait(timeout=30) == 0
        [line] = [line for line in running.lines() if line["request_id"] == name.decode().partition(": ")[2]]
        assert (line["route"], line["status"]) == ("/v1/documents/dunning_letter", 422)


def test_told_to_stop_it_leaves_no_working_folder(tmp_path: Path) -> None:
    with serving(tmp_path / "stopped", soffice="/bin/false", deadline="2") as running:
        running.process.send_signal(signal.SIGTERM)

        assert running.process.wait(timeout=30) == 0
        assert running.rooms() == set()


@pytest.mark.office
def test_told_to_stop_it_finishes_the_letter_under_way_and_then_stops_libreoffice(tmp_path: Path) -> None:
    home = tmp_path / "served"
    with serving(home) as running:
        assert eventually(lambda: running.answer(got("/readyz")).startswith(b"HTTP/1.1 200 "), 60)
        description = json.loads(running.answer(got("/openapi.json")).partition(b"\r\n\r\n")[2])
        operation = description["paths"]["/v1/documents/dunning_letter"]["post"]
        sample = json.dumps(operation["requestBody"]["content"]["application/json"]["example"]).encode()
        answers: list[bytes] = []
        request = posted(running, b"Content-Length: %d" % len(sample), b"", sample)
        caller = threading.Thread(target=lambda: answers.append(running.answer(request)))
        caller.start()
        assert eventually(lambda: under_way(running))

        running.process.send_signal(signal.SIGTERM)
        caller.join(timeout=60)

        assert answers[0].startswith(b"HTTP/1.1 201 "), answers
        assert running.process.wait(timeout=30) == 0
        steps = [line["step"] for line in running.lines() if line["logger"] == "duly.steps"]
        assert steps[-7:] == ["begin", "approve", "render", "convert", "verify", "sign", "seal"]
        answered = [line for line in running.lines() if line["logger"] == "duly.access"]
        assert (answered[-1]["route"], answered[-1]["status"]) == ("/v1/documents/dunning_letter", 201)
        assert of_this_home(home) == []


def under_way(running: Served) -> bool:
    return any(list(room.glob("tmp*")) for room in running.rooms())


def of_this_home(home: Path) -> list[str]:
    """Processes that were started in this folder: LibreOffice names its profile when it is called."""
    found = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            if str(home) in (said := path.read_bytes().replace(b"\0", b" ").decode(errors="replace")):
                found.append(said)
        except OSError:
            continue
    return found
