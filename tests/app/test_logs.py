"""A line of the log is JSON, says where it belongs, and repeats nothing that somebody else wrote."""

import io
import json
import logging
import subprocess
import sys
from typing import Any

import pytest

from app import logs
from app.config import ROOT

SECRET = "王小明 6259000000000005"


def line(name: str, message: object, *args: object, error: BaseException | None = None, **extra: Any) -> dict[str, Any]:
    info = (type(error), error, error.__traceback__) if error else None
    record = logging.LogRecord(name, logging.ERROR, "/somewhere/base.py", 7, message, args, info)
    vars(record).update(extra)
    written = logs.Lines().format(record)
    assert "\n" not in written
    assert SECRET not in written
    found: dict[str, Any] = json.loads(written)
    return found


def test_our_own_record_says_what_where_and_how_long() -> None:
    with logs.about("an id", "/v1/documents"):
        said = line("duly.steps", "done", step="render", seconds=0.2, status=201, method="POST", client=SECRET)

    assert said.pop("time").endswith("+00:00")
    assert said == {
        **{"level": "error", "logger": "duly.steps", "message": "done", "request_id": "an id"},
        **{"route": "/v1/documents", "status": 201, "seconds": 0.2, "step": "render", "method": "POST"},
    }


def test_what_is_said_outside_a_request_belongs_to_none() -> None:
    with logs.about("an id", "/v1/documents"):
        pass

    said = line("duly.upkeep", "gave up")
    assert (said["request_id"], said["route"]) == ("-", "-")


def test_a_stranger_s_words_are_not_repeated_and_its_place_is() -> None:
    said = line("sqlalchemy.engine", SECRET)

    assert (said["message"], said["at"]) == ("?", "base:7")
    assert line("sqlalchemy.engine", "found %s", SECRET)["message"] == "?"
    assert line("gunicorn.error", f"Invalid request: {SECRET}")["message"] == "?"
    assert line("dulyish", SECRET)["message"] == "?"


def test_of_gunicorn_the_templates_are_kept_with_numbers_alone() -> None:
    assert line("gunicorn.error", "Error handling request %s", SECRET)["message"] == "Error handling request ?"
    assert line("gunicorn.error", "Listening at: %s (%s)", SECRET, 12)["message"] == "Listening at: ? (12)"
    assert line("gunicorn.error", "%d", SECRET)["message"] == "?"
    assert line("gunicorn.error", "%(name)s", {"name": SECRET})["message"] == "?"


@pytest.mark.parametrize("name", ["duly.api", "gunicorn.error", "other"])
def test_an_exception_is_told_by_type_and_place(name: str) -> None:
    try:
        raise ValueError(SECRET)
    except ValueError as error:
        said = line(name, "failed", error=error)

    assert said["exception"].startswith("ValueError at ")
    assert "test_logs.py:" in said["exception"]


def test_a_record_that_cannot_be_written_is_lost_and_not_printed(capsys: pytest.CaptureFixture[str]) -> None:
    stream = io.StringIO()
    handler = logs.Handler(stream)
    handler.setFormatter(logs.Lines())

    handler.handle(logging.LogRecord("duly.api", logging.ERROR, "x.py", 1, "%d", (SECRET,), None))

    assert json.loads(stream.getvalue())["message"] == "a record was lost"
    assert capsys.readouterr().err == ""


PROGRAM = """
import logging, sys, threading, warnings
from app import logs
logs.configure()
logs.configure()
def broken():
    raise ValueError("SECRET")
class Unraisable:
    def __del__(self):
        broken()
logging.getLogger("gunicorn.access").info('"GET /?name=SECRET"')
logging.getLogger("other").error("SECRET")
warnings.warn("SECRET")
thread = threading.Thread(target=broken, name="SECRET")
thread.start()
thread.join()
Unraisable()
broken()
"""


def test_a_process_prints_only_lines_and_none_quotes_anything() -> None:
    command = [sys.executable, "-c", PROGRAM.replace("SECRET", SECRET)]
    ran = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)

    lines = [json.loads(said) for said in ran.stderr.splitlines()]
    assert [said["logger"] for said in lines] == ["other", "py.warnings", *["duly.process"] * 3]
    assert [said["message"].partition(":")[0] for said in lines[2:]] == ["a thread ended", "ignored", "uncaught"]
    assert SECRET not in ran.stderr + ran.stdout
    assert ran.returncode == 1
