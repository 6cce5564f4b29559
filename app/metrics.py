"""What the service counts and times (指标), for Prometheus. Nothing personal: every label is of a closed set.

Several processes count into files of one folder, each into its own, and any of them answers for all. The folder is that
of their common parent, so a new start begins with an empty one; folders that no living process holds are removed.
Without `share` a process counts in its own memory, for itself alone.
"""

import fcntl
import logging
import os
import shutil
import time
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import ParamSpec, TypeVar

from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest, values
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.exposition import CONTENT_TYPE_LATEST
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector

from app.convert import Observer
from app.errors import ConfigurationError, Refused
from app.workroom import one_at_a_time, remove_unless_held

P = ParamSpec("P")
T = TypeVar("T")
CONTENT_TYPE = CONTENT_TYPE_LATEST
FOLDER = "metrics"  # under DULY_WORK
OTHER = "other"  # what is in no closed set
METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
OUTCOMES = ("issued", "refused", "failed")
RESTARTS = ("documents", "memory", "age", "died", "unwell", "failed")  # lifetime.py's words
PARTS = ("wait", "turn", "commit")  # of an append: for the turn; in the turn; of that, the commit

_FOLDER = "PROMETHEUS_MULTIPROC_DIR"
_ROOM = 1 << 20  # bytes of a process's file, taken at once: on a full disk a hole in it would kill the process
_SECONDS = (0.001, 0.005, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 30, 60)
_log = logging.getLogger("duly.steps")


def share(home: Path) -> None:
    """From now on count together with the other processes of the same parent. Call it once, before `Metrics`."""
    try:
        _share(home)
    except OSError as error:
        raise ConfigurationError(f"DULY_WORK: {error.filename}: {error.strerror}") from error


def _share(home: Path) -> None:
    parent = os.getppid()
    folder = home / f"{parent}-{_began(parent)}"
    home.mkdir(parents=True, exist_ok=True, mode=0o700)
    with one_at_a_time(home):
        folder.mkdir(exist_ok=True, mode=0o700)
        lock = os.open(folder / ".lock", os.O_RDWR | os.O_CREAT, 0o600)
        fcntl.flock(lock, fcntl.LOCK_SH)  # held until this process ends, however it ends
        for left in home.glob("[0-9]*-*"):
            if left != folder:
                remove_unless_held(left)
    for kind in ("counter", "histogram"):
        _take_room(folder / f"{kind}_{os.getpid()}.db")
    os.environ[_FOLDER] = str(folder)
    values.ValueClass = values.MultiProcessValue()  # type: ignore[no-untyped-call]  # theirs has no types


def clear(home: Path) -> None:
    """Begin anew: for whoever knows that nobody counts here."""
    shutil.rmtree(home, ignore_errors=True)


class Metrics(Observer):
    """Counters of one house. It is a converter's observer too."""

    def __init__(self, types: Collection[str] = (), rules: Collection[str] = ()) -> None:
        """`types` and `rules` are the closed sets of the catalogue."""
        self._registry = CollectorRegistry()
        self._types, self._rules = frozenset(types), frozenset(rules)
        self._requests = self._counter("requests", "Requests answered", "route", "method", "status")
        self._request = self._histogram("request_seconds", "From a request's head to its answer", "route", "method")
        self._steps = self._histogram("step_seconds", "Steps of the way of a document", "step", "result")
        self._appends = self._histogram("append_seconds", "Writing to database and log", "part")
        self._documents = self._counter("documents", "Outcomes", "type", "outcome")
        self._refusals = self._counter("refusals", "Rules that said no", "rule")
        self._exceeded = self._counter("rate_exceeded", "Requests over a limit", "limit")
        self._waits = self._histogram("convert_wait_seconds", "Waiting for a LibreOffice")
        self._starts = self._histogram("convert_start_seconds", "From launch to the first proof")
        self._conversions = self._histogram("convert_seconds", "Converting a document, all its parts")
        self._restarts = self._counter("convert_restarts", "LibreOffices that were replaced", "reason")
        for rule in self._rules:
            self._refusals.labels(rule)
        for kind in self._types:
            for outcome in OUTCOMES:
                self._documents.labels(kind, outcome)

    def answered(self, route: str, method: str, status: int, seconds: float) -> None:
        """`route` is a rule's template; what was asked for never comes here."""
        method = _known(method, METHODS)
        self._requests.labels(route, method, str(status)).inc()
        self._request.labels(route, method).observe(seconds)

    def outcome(self, document_type: str, outcome: str) -> None:
        self._documents.labels(_known(document_type, self._types), _known(outcome, OUTCOMES)).inc()

    def refused(self, rule: str) -> None:
        self._refusals.labels(_known(rule, self._rules)).inc()

    def exceeded(self, limit: str) -> None:
        self._exceeded.labels(limit).inc()

    def appended(self, part: str, seconds: float) -> None:
        self._appends.labels(_known(part, PARTS)).observe(seconds)

    def waited(self, seconds: float) -> None:
        self._waits.observe(seconds)

    def started(self, seconds: float) -> None:
        self._starts.observe(seconds)

    def converted(self, seconds: float) -> None:
        self._conversions.observe(seconds)

    def restarted(self, reason: str) -> None:
        self._restarts.labels(_known(reason, RESTARTS)).inc()

    def timed(self, name: str, step: Callable[P, T]) -> Callable[P, T]:
        """The step, with its time counted and told, however it ends."""

        def call(*arguments: P.args, **named: P.kwargs) -> T:
            with self._timing(name):
                return step(*arguments, **named)

        return call

    def text(self, figures: Mapping[str, int | None]) -> bytes:
        """All of it for Prometheus, and `figures` as they are now: one that could not be read is missing."""
        shared = os.environ.get(_FOLDER) if values.ValueClass is not values.MutexValue else None
        registry = self._registry
        if shared:
            registry = CollectorRegistry()
            MultiProcessCollector(registry, shared)  # type: ignore[no-untyped-call]  # as above
        now = CollectorRegistry()
        now.register(_Figures(figures))
        return generate_latest(registry) + generate_latest(now)

    @contextmanager
    def _timing(self, name: str) -> Iterator[None]:
        began, result = time.monotonic(), "failed"
        try:
            yield
            result = "done"
        except Refused:
            result = "refused"
            raise
        finally:
            seconds = time.monotonic() - began
            self._steps.labels(name, result).observe(seconds)
            _log.info(result, extra={"step": name, "seconds": round(seconds, 4)})

    def _counter(self, name: str, about: str, *labels: str) -> Counter:
        return Counter(f"duly_{name}", about, labels, registry=self._registry)

    def _histogram(self, name: str, about: str, *labels: str) -> Histogram:
        return Histogram(f"duly_{name}", about, labels, registry=self._registry, buckets=_SECONDS)


class _Figures(Collector):
    """What is read when somebody asks, and by one process alone."""

    def __init__(self, figures: Mapping[str, int | None]) -> None:
        self._figures = figures

    def collect(self) -> Iterator[GaugeMetricFamily]:
        for name, value in self._figures.items():
            if value is not None:
                yield GaugeMetricFamily(f"duly_{name}", name.replace("_", " ").capitalize(), value)


def _known(word: str, closed: Collection[str]) -> str:
    return word if word in closed else OTHER


def _began(process: int) -> str:
    """When a process began, in ticks since the machine did: a number that is used again is told apart by it."""
    try:
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[19]
    except (OSError, IndexError):
        return "0"


def _take_room(path: Path) -> None:
    with path.open("ab") as stream:
        os.posix_fallocate(stream.fileno(), 0, _ROOM)
