"""A server that speaks Gotenberg's API: it answers as a test tells it to, or converts for real, by a pool of ours."""

import email.parser
import email.policy
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from app.artifacts import File, Part, Rendered
from app.convert import Pool
from tests.app.convert.conftest import rendered

PDF = b"%PDF-1.7\n"
Answer = tuple[int, dict[str, str], bytes]


class StandIn:
    """`answer` gets the request's fields and its file, and gives status, headers and body."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, str]] = []
        self.forms: list[dict[str, bytes]] = []
        self.headers: list[dict[str, str]] = []
        self.version = b"8.21.1"
        self.healthy = 200
        self.answer: Callable[[dict[str, bytes]], Answer] = lambda _: (
            200,
            {"Content-Type": "application/pdf"},
            PDF,
        )
        self.drip = 0.0  # seconds between bytes
        self.url = ""

    def reply(self, method: str, path: str, form: dict[str, bytes]) -> Answer:
        self.asked.append((method, path))
        if path.endswith("/version"):
            return 200, {}, self.version
        if path.endswith("/health"):
            return self.healthy, {"Content-Type": "application/json"}, b'{"status":"up"}'
        self.forms.append(form)
        return self.answer(form)


def fields(kind: str, body: bytes) -> dict[str, bytes]:
    """The parts of a multipart body; the file under its own name."""
    head = f"Content-Type: {kind}\r\n\r\n".encode()
    message: Any = email.parser.BytesParser(policy=email.policy.HTTP).parsebytes(head + body)
    found = {}
    for part in message.iter_parts():
        name = part.get_filename() or part.get_param("name", header="content-disposition")
        found[name] = part.get_payload(decode=True)
    return found


@contextmanager
def listening() -> Iterator[StandIn]:
    stand_in = StandIn()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.reply({})

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            stand_in.headers.append(dict(self.headers))
            self.reply(fields(self.headers["Content-Type"], body))

        def reply(self, form: dict[str, bytes]) -> None:
            status, headers, body = stand_in.reply(self.command, self.path, form)
            self.send_response(status)
            for name, value in ({"Content-Length": str(len(body))} | headers).items():
                self.send_header(name, value)
            self.end_headers()
            with suppress(OSError):  # the other side has had enough
                for byte in body if stand_in.drip else [0]:
                    time.sleep(stand_in.drip)
                    self.wfile.write(bytes([byte]) if stand_in.drip else body)

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as http:
        threading.Thread(target=http.serve_forever, daemon=True).start()
        stand_in.url = f"http://127.0.0.1:{http.server_port}"
        try:
            yield stand_in
        finally:
            http.shutdown()


def converting(pool: Pool, folder: Path) -> Callable[[dict[str, bytes]], Answer]:
    """What a real server does with the file, done by our own pool, in `folder`; what was made last stays there."""
    lock = threading.Lock()

    def answer(form: dict[str, bytes]) -> Answer:
        (name,) = (name for name in form if name.endswith(".docx"))
        with lock:
            (folder / "sent.docx").write_bytes(form[name])
            sent = Rendered(rendered(folder).approved, (Part("sent", File.at(folder / "sent.docx")),))
            made = pool.convert(sent, folder).parts[0].file.path.read_bytes()
        return 200, {"Content-Type": "application/pdf"}, made

    return answer
