"""The service as `make serve` runs it, in a folder of its own, for measuring."""

import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil

from app import pipeline, wording
from app.config import ROOT, Settings
from app.demo.client import free_port
from app.first_start import initialise
from app.serve import arguments, first_keys
from app.templates import load_catalogue, read_sample
from tests import accounts

LETTERS = 4000  # at most, in one run
SIXTY = {"count": 60}  # instalments, the most that an agreement may have
PATIENCE = 120.0  # seconds to start, and for one letter


@dataclass(frozen=True)
class Service:
    """A running service, a key for it, and requests that it answers with a document, by type."""

    port: int
    key: str
    requests: Mapping[str, Any]
    cards: Iterator[str]  # an account for each letter: there is one letter in a statement cycle
    master: psutil.Process

    def letter(self, reference: str) -> float:
        return self.issue("dunning_letter", reference)

    def issue(self, kind: str, reference: str) -> float:
        """Issue one document over a connection of its own; seconds until the whole answer was there."""
        request = self.requests[kind]
        account = request["account"] | {"card_number": next(self.cards)}
        body = json.dumps(request | {"client_ref": reference, "account": account}, ensure_ascii=False).encode()
        headers = {"Authorization": f"Bearer {self.key}", "Content-Type": "application/json", "Connection": "close"}
        began = time.perf_counter()
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE)
        try:
            connection.request("POST", f"/v1/documents/{kind}", body, headers)
            answer = connection.getresponse()
            said = answer.read()
        finally:
            connection.close()
        if answer.status != 201:
            raise RuntimeError(f"the service answered {answer.status}: {said.decode()}")
        return time.perf_counter() - began

    def memory(self) -> int:
        """Bytes in memory over all processes of the service, LibreOffice included; shared pages count once (PSS)."""
        processes = [self.master, *self.master.children(recursive=True)]
        return sum(process.memory_full_info().pss for process in processes)


@contextmanager
def running(home: Path, changes: Mapping[str, str] | None = None) -> Iterator[Service]:
    """A first start in `home`, gunicorn with a worker for each core, and the end of all of it."""
    environment = {"DULY_HOME": str(home), "DULY_RATE_DOCUMENTS": "1000000"} | dict(changes or {})
    settings = Settings.read(environment)
    initialise(settings)
    key = first_keys(settings)["upstream"]
    kinds, today = load_catalogue(settings).types, wording.beijing_day(pipeline.utc_now())
    requests = {name: read_sample(kinds[name], today) for name in ("dunning_letter", "instalment_agreement")}
    requests["instalment_agreement"]["plan"] |= SIXTY
    cards = iter(accounts.in_advance(settings, LETTERS))
    port = free_port()
    command = [sys.executable, *arguments(f"127.0.0.1:{port}")]
    others = {name: value for name, value in os.environ.items() if not name.startswith("DULY_")}
    with (home / "service.log").open("wb") as told:
        process = subprocess.Popen(command, cwd=ROOT, env=others | environment, stdout=told, stderr=told)  # noqa: S603
    try:
        _wait(port)
        yield Service(port, key, requests, cards, psutil.Process(process.pid))
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(timeout=PATIENCE)


def _wait(port: int) -> None:
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until:
        try:
            with socket.create_connection(("127.0.0.1", port), timeout=5):
                return
        except OSError:
            time.sleep(0.1)
    raise RuntimeError("the service did not start")
