"""Starts the service again and again, quickly: a process that has made a letter, and forks a gunicorn when told.

What `make serve` runs is `python *arguments(bind)`; here the same gunicorn is given the same arguments, in a session
of its own, and its workers import `wsgi` afresh and open the house. What is saved are the seconds that loading the
libraries and reading the fonts takes. Nothing of the service is open when it forks.

    python -m tests.app.faults.warm GOTENBERG
    <- {"bind", "environment", "ahead", "hold", "passed", "log"}, a line for each start
    -> the number of the process, which is that of its group
"""

import json
import os
import signal
import sys
import tempfile
from datetime import timedelta
from pathlib import Path
from typing import Any

from gunicorn.app import wsgiapp

from app import application, cli, pipeline, upkeep, worker
from app.serve import arguments
from tests.app.api.conftest import opened
from tests.app.faults.places import hold_at

LOADED = (application, cli, upkeep, worker)  # what wsgi.py and gunicorn will import


def main() -> None:
    _make_a_letter(sys.argv[1])
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # nobody waits for the killed
    for line in sys.stdin:
        told = json.loads(line)
        pid = os.fork()
        if pid == 0:
            _serve(told)
        print(pid, flush=True)


def _make_a_letter(gotenberg: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        for service in opened(Path(folder), converter="gotenberg", gotenberg_url=gotenberg):
            assert service.post(service.fresh()).status_code == 201


def _serve(told: dict[str, Any]) -> None:
    os.setsid()
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    nothing = os.open(os.devnull, os.O_RDWR)
    log = os.open(told["log"], os.O_WRONLY | os.O_APPEND | os.O_CREAT)
    for old, new in ((0, nothing), (1, log), (2, log)):
        os.dup2(new, old)
    os.environ.update(told["environment"])
    _put_ahead(timedelta(seconds=told["ahead"]))
    hold_at(told["hold"], Path(told["passed"]))
    _, _, *given = arguments(told["bind"])
    sys.argv = ["gunicorn", *given]
    wsgiapp.run()
    sys.exit()  # by way of atexit, like any program


def _put_ahead(by: timedelta) -> None:
    """The service's clock: as if the machine had been down so long."""
    real = pipeline.utc_now
    pipeline.utc_now = lambda: real() + by


if __name__ == "__main__":
    main()
