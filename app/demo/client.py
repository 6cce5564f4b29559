"""The service as in use, on loopback, with a state of its own; and one who calls it."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from app.config import ROOT
from app.serve import arguments

START_TIMEOUT = 120  # seconds until the first LibreOffice stands
REFUSED = 422


@dataclass(frozen=True)
class Client:
    """One caller of the running service. Whatever is not answered as it should be ends the demonstration."""

    address: str
    key: str

    def get(self, path: str) -> bytes:
        return self._send(urllib.request.Request(self.address + path))[1]  # noqa: S310 -- our own loopback address

    def post(self, path: str, said: Any, idempotency_key: str) -> Any:
        """The answer's JSON."""
        return json.loads(self._send(self._request(path, said, idempotency_key))[1])

    def send(self, path: str, content: bytes, media_type: str) -> Any:
        """The answer's JSON to a file that is no JSON."""
        request = urllib.request.Request(  # noqa: S310 -- our own loopback address
            self.address + path, content, {"Content-Type": media_type}, method="POST"
        )
        return json.loads(self._send(request)[1])

    def refused(self, path: str, said: Any, idempotency_key: str) -> Any:
        """The problem document of a request that must be refused."""
        status, answer = self._send(self._request(path, said, idempotency_key), REFUSED)
        if status != REFUSED:
            sys.exit(f"POST {path}: {status} where a refusal was to come\n{answer.decode()}")
        return json.loads(answer)

    def _request(self, path: str, said: Any, idempotency_key: str) -> urllib.request.Request:
        headers = {"Content-Type": "application/json", "Idempotency-Key": idempotency_key}
        body = json.dumps(said, ensure_ascii=False).encode()
        return urllib.request.Request(self.address + path, body, headers, method="POST")  # noqa: S310 -- as above

    def _send(self, request: urllib.request.Request, may_be: int = 0) -> tuple[int, bytes]:
        request.add_header("Authorization", f"Bearer {self.key}")
        try:
            with urllib.request.urlopen(request, timeout=120) as answer:  # noqa: S310 -- as above
                return answer.status, answer.read()
        except urllib.error.HTTPError as error:
            said = error.read()
            if error.code != may_be:
                sys.exit(f"{request.get_method()} {request.full_url}: {error.code}\n{said.decode()}")
            return error.code, said


def free_port() -> int:
    """One that nobody uses at this moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def service(home: str, port: int) -> Iterator[str]:
    """gunicorn on what lies in `home`; stopped with everything it started. Yields its address when it is ready."""
    address = f"http://127.0.0.1:{port}"
    environment = {key: value for key, value in os.environ.items() if not key.startswith("DULY_")}
    environment |= {"DULY_HOME": home, "DULY_PUBLIC_URL": address}
    command = [sys.executable, *arguments(f"127.0.0.1:{port}")]
    process = subprocess.Popen(command, cwd=ROOT, env=environment, stderr=subprocess.DEVNULL)  # noqa: S603 -- ourselves
    try:
        _await_ready(address, process)
        yield address
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(timeout=30)


def _await_ready(address: str, process: "subprocess.Popen[bytes]") -> None:
    deadline = time.monotonic() + START_TIMEOUT
    while time.monotonic() < deadline:
        if process.poll() is not None:
            sys.exit("the service did not start; `make serve` shows why")
        try:
            with urllib.request.urlopen(f"{address}/readyz", timeout=5):  # noqa: S310 -- our own loopback address
                return
        except OSError:
            time.sleep(0.2)
    sys.exit("the service was not ready in time")
