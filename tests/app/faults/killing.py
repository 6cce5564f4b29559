"""A service that is killed and started again, and clients who do not give up: a key is sent until it has its letter."""

import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from app.config import ROOT, Settings
from tests.app.api.conftest import LETTERS
from tests.app.convert.conftest import members, wait_for

GONE = (OSError, http.client.HTTPException)


@dataclass
class Machine:
    """One home, one port; `start` and `kill` as often as one likes. `ahead` is what its clock is ahead by."""

    settings: Settings
    environment: Mapping[str, str]
    warm: "subprocess.Popen[str]"
    port: int
    ahead: float = 0.0
    group: int = 0

    @property
    def passed(self) -> Path:
        return self.settings.home / "passed"

    def start(self, hold: str = "") -> None:
        """Begin to start; at `hold` (places.py) it will stay."""
        told = {
            "bind": f"127.0.0.1:{self.port}",
            "environment": dict(self.environment),
            "ahead": self.ahead,
            "hold": hold,
            "passed": str(self.passed),
            "log": str(self.settings.home / "service.log"),
        }
        self.passed.write_text("")
        assert self.warm.stdin is not None
        assert self.warm.stdout is not None
        print(json.dumps(told), file=self.warm.stdin, flush=True)
        self.group = int(self.warm.stdout.readline())

    def kill(self) -> list[str]:
        """kill -9 of all its processes; the places that were passed since it started."""
        os.killpg(self.group, signal.SIGKILL)
        wait_for(lambda: not members(self.group))
        self.group = 0
        return self.passed.read_text().splitlines()

    def stop(self) -> None:
        """SIGTERM to the first process, as an operator's service manager does; returns when all are gone."""
        os.kill(self.group, signal.SIGTERM)
        wait_for(lambda: not members(self.group), 60)
        self.group = 0

    def ask(self, method: str, path: str, key: str, body: bytes | None = None, **headers: str) -> tuple[int, bytes]:
        """One request over a connection of its own."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        given = {"Authorization": f"Bearer {key}", "Content-Type": "application/json", "Connection": "close"} | named
        try:
            connection.request(method, path, body, given)
            answer = connection.getresponse()
            return answer.status, answer.read()
        finally:
            connection.close()


@contextmanager
def machine(settings: Settings, **changes: str) -> Iterator[Machine]:
    """A home that is set up, and nothing running in it yet. Whatever still runs in the end is killed."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    given = {"DULY_HOME": str(settings.home)} | {f"DULY_{key.upper()}": value for key, value in changes.items()}
    clean = {key: value for key, value in os.environ.items() if not key.startswith("DULY_")}
    command = [sys.executable, "-m", "tests.app.faults.warm", changes["gotenberg_url"]]
    with subprocess.Popen(
        command, cwd=ROOT, env=clean, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as warm:
        made = Machine(settings, given, warm, port)
        try:
            yield made
        finally:
            if made.group:
                with suppress(ProcessLookupError):
                    os.killpg(made.group, signal.SIGKILL)
            assert warm.stdin is not None
            warm.stdin.close()


@dataclass
class Client:
    """Sends one letter after another, each with a key and a case of its own, and sends again what has no answer yet."""

    name: str
    machine: Machine
    key: str
    sample: Mapping[str, Any]
    cards: Sequence[str]  # an account for each letter
    waiting: list[str] = field(default_factory=list)
    letters: dict[str, str] = field(default_factory=dict)  # idempotency key -> id of its document
    statuses: set[int] = field(default_factory=set)
    changed: list[str] = field(default_factory=list)  # keys that were given a second document

    def work(self, stopping: threading.Event) -> None:
        """Until it is told to stop: first what waits, then new ones. While nobody answers, it asks again."""
        for known in list(self.waiting):
            self.send(known, stopping)
        while not stopping.is_set():
            self.waiting.append(f"{self.name}-{len(self.letters) + len(self.waiting)}")
            self.send(self.waiting[-1], stopping)

    def send(self, key: str, stopping: threading.Event) -> int:
        """Until there is an answer."""
        while not stopping.is_set():
            try:
                return self.post(key)
            except GONE:
                time.sleep(0.02)
        return 0

    def post(self, key: str) -> int:
        account = self.sample["account"] | {"card_number": self.cards[int(key.rpartition("-")[2])]}
        body = json.dumps(dict(self.sample) | {"client_ref": key, "account": account}).encode()
        status, answer = self.machine.ask("POST", LETTERS, self.key, body, Idempotency_Key=key)
        self.statuses.add(status)
        if status == 201:
            document = json.loads(answer)["id"]
            if self.letters.setdefault(key, document) != document:
                self.changed.append(key)
            if key in self.waiting:
                self.waiting.remove(key)
        return status
