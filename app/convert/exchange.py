"""One HTTP question and its answer, within bounds (往返): to a total deadline, up to a size, to one place only.

The library's own timeouts begin anew with every byte, so a server that drips would hold a caller for ever; here the
connection is cut when the time is over, wherever the exchange is by then. No proxy, no redirect, no cookie, and no
connection that outlives its question.
"""

import http.client
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from urllib.parse import urlsplit


class ExchangeFailed(Exception):
    """No whole answer in time. The text names no content."""


@dataclass(frozen=True)
class Answer:
    status: int
    kind: str  # media type, without parameters
    retry_after: int  # seconds, 0 if the server does not say
    body: bytes


@dataclass(frozen=True)
class Server:
    """Where to ask. `read` refuses what is no plain address."""

    secure: bool
    host: str
    port: int | None
    path: str

    @classmethod
    def read(cls, url: str) -> "Server":
        """`ValueError` unless it is http(s)://host[:port][/path]; a password would end up in a process list."""
        parts = urlsplit(url)
        if parts.scheme not in {"http", "https"} or not parts.hostname or "@" in url or parts.query or parts.fragment:
            raise ValueError("not http(s)://host[:port][/path]")
        return cls(parts.scheme == "https", parts.hostname, parts.port, parts.path.rstrip("/"))

    def ask(self, method: str, path: str, until: float, most: int, body: bytes = b"", kind: str = "") -> Answer:
        """The whole answer, of up to `most` bytes, before `until`; else `ExchangeFailed`."""
        headers = {"Connection": "close"} | ({"Content-Type": kind} if kind else {})
        connection = self._connection(until)
        try:
            connection.connect()
            with _cut_at(until, connection.sock):
                connection.request(method, self.path + path, body or None, headers)
                answer = _read(connection.getresponse(), most)
        except (OSError, http.client.HTTPException, ExchangeFailed) as error:
            _require_time(until)
            why = str(error) if isinstance(error, ExchangeFailed) else f"no answer: {type(error).__name__}"
            raise ExchangeFailed(why) from error
        finally:
            connection.close()
        _require_time(until)  # one that was cut may look whole
        return answer

    def _connection(self, until: float) -> http.client.HTTPConnection:
        _require_time(until)
        seconds = max(0.01, until - time.monotonic())
        kind = http.client.HTTPSConnection if self.secure else http.client.HTTPConnection  # https checks certificates
        return kind(self.host, self.port, timeout=seconds)


def _require_time(until: float) -> None:
    if time.monotonic() >= until:
        raise ExchangeFailed("no answer in time")


def _read(response: http.client.HTTPResponse, most: int) -> Answer:
    body = response.read(most + 1)
    if len(body) > most:
        raise ExchangeFailed("an answer that is too large")
    if response.length:  # more was announced
        raise ExchangeFailed("an answer that was cut off")
    said = response.headers.get("Retry-After", "")
    retry_after = int(said) if said.isascii() and said.isdigit() and len(said) < 6 else 0
    return Answer(response.status, response.headers.get_content_type(), retry_after, body)


@contextmanager
def _cut_at(until: float, connected: socket.socket) -> Iterator[None]:
    """Ends the exchange from outside; whoever reads or writes at that moment gets an error."""
    timer = threading.Timer(max(0.0, until - time.monotonic()), _cut, [connected])
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()


def _cut(connected: socket.socket) -> None:
    with suppress(OSError):
        connected.shutdown(socket.SHUT_RDWR)
