"""One line of JSON for each record, on stderr (运行日志), and nothing in it that somebody else wrote.

Ours (`duly.*`) say what they say: their words are checked where they are written. A stranger's record, gunicorn's or a
library's, may quote a request or an error: of its words only gunicorn's own templates are kept, with numbers filled in
and `?` for everything else; of all others only logger and place. An exception is told by its type and its places, never
by its text; that holds for warnings, for threads, and for whatever Python itself would print.
"""

import logging
import sys
import threading
import traceback
import types
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime
from typing import Any

from pythonjsonlogger.json import JsonFormatter

OURS = "duly"
TEMPLATES_OF = {"gunicorn.error"}  # whose messages with arguments were read, and are templates
FIELDS = ("status", "seconds", "step", "method")  # what a record of ours may add
_FRAMES = 6  # of a traceback, the innermost

_about: ContextVar[tuple[str, str]] = ContextVar("about", default=("-", "-"))
_log = logging.getLogger(f"{OURS}.process")


def configure(level: int = logging.INFO) -> None:
    """Take over all that is written in this process. Calling it again changes nothing."""
    handler = Handler(sys.stderr)
    handler.setFormatter(Lines())
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(logging.WARNING)
    logging.getLogger(OURS).setLevel(level)
    _take_over_gunicorn(level)
    logging.captureWarnings(True)
    sys.excepthook = _excepthook
    threading.excepthook = _thread_excepthook
    sys.unraisablehook = _unraisablehook


@contextmanager
def about(request_id: str, route: str) -> Iterator[None]:
    """Every record inside belongs to this request."""
    begin(request_id, route)
    try:
        yield
    finally:
        end()


def begin(request_id: str, route: str) -> None:
    """From here on the records of this thread belong to this request: its id, and its route's template."""
    _about.set((request_id, route))


def end() -> None:
    _about.set(("-", "-"))


class Lines(JsonFormatter):
    """A record as one line: fixed fields, of a closed set."""

    def format(self, record: logging.LogRecord) -> str:
        request_id, route = _about.get()
        line: dict[str, Any] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": _message(record),
            "request_id": request_id,
            "route": route,
        }
        if _ours(record):
            line |= {name: vars(record)[name] for name in FIELDS if name in vars(record)}
        else:
            line["at"] = f"{record.module}:{record.lineno}"
        if record.exc_info and record.exc_info[1]:
            line["exception"] = places(record.exc_info[1])
        return self.serialize_log_record(line)


class Handler(logging.StreamHandler[Any]):
    """Flushes each line, and says of a record that cannot be written only that there was one."""

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802, ARG002 -- logging's signature
        """Python's own would print the record and its arguments."""
        try:
            self.stream.write(f'{{"level": "error", "logger": "{OURS}.logs", "message": "a record was lost"}}\n')
        except (OSError, ValueError):
            return  # stderr is gone; there is nobody left to tell


def places(error: BaseException) -> str:
    """An exception by type and places only, the innermost first: its text may quote a person."""
    frames = traceback.extract_tb(error.__traceback__)[-_FRAMES:]
    where = " < ".join(f"{frame.filename}:{frame.lineno}" for frame in reversed(frames))
    return f"{type(error).__name__} at {where}"


def _ours(record: logging.LogRecord) -> bool:
    return record.name == OURS or record.name.startswith(f"{OURS}.")


def _message(record: logging.LogRecord) -> str:
    if _ours(record):
        return record.getMessage()
    if record.name not in TEMPLATES_OF or not isinstance(record.args, tuple) or not record.args:
        return "?"  # without arguments they may be filled in already
    try:
        return str(record.msg) % tuple(arg if type(arg) in (int, float) else _Hidden() for arg in record.args)
    except (TypeError, ValueError):
        return "?"


class _Hidden:
    def __repr__(self) -> str:
        return "?"


def _take_over_gunicorn(level: int) -> None:
    """Its errors go our way; its access lines, which quote addresses and what was asked, are never written."""
    errors, access = logging.getLogger("gunicorn.error"), logging.getLogger("gunicorn.access")
    errors.handlers, errors.propagate = [], True
    errors.setLevel(level)
    access.handlers, access.propagate = [logging.NullHandler()], False
    access.disabled = True


def _excepthook(kind: type[BaseException], error: BaseException, _: types.TracebackType | None) -> None:
    if issubclass(kind, KeyboardInterrupt):
        return
    _log.critical("uncaught: %s", places(error))


def _thread_excepthook(given: threading.ExceptHookArgs) -> None:
    if given.exc_value is not None:
        _log.error("a thread ended: %s", places(given.exc_value))


def _unraisablehook(given: "sys.UnraisableHookArgs") -> None:
    if given.exc_value is not None:
        _log.error("ignored: %s", places(given.exc_value))
