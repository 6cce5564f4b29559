"""What every converter promises (转换), and who may watch it.

Two keep the promise: `Pool` runs LibreOffice on this machine, `Gotenberg` asks a service that speaks Gotenberg's
HTTP. Both hand over nothing that intake.py and output.py have not looked at.
"""

import logging
from collections.abc import Callable
from pathlib import Path
from typing import Any, Protocol

from app.artifacts import Converted, Rendered

_log = logging.getLogger("duly.convert")


class Converter(Protocol):
    """Open it after a fork, close it at the end. Threads may share it."""

    @property
    def version(self) -> str:
        """Name and version as the program itself says, "" until it has said so."""

    def ready(self) -> bool:
        """Whether a conversion could be done now."""

    def convert(self, rendered: Rendered, folder: Path) -> Converted:
        """All parts as PDF, in `folder`; or `StepFailed`, in bounded time, and no PDF."""

    def close(self) -> None:
        """End all that belongs to it."""


class Observer:
    """Is told numbers as they arise, from any thread, and returns at once. This one does nothing with them."""

    def waited(self, seconds: float) -> None:
        """A caller waited so long for a process."""

    def started(self, seconds: float) -> None:
        """A process needed so long until it had proven that it converts."""

    def converted(self, seconds: float) -> None:
        """A document needed so long, all its parts together."""

    def restarted(self, reason: str) -> None:
        """A process was ended, and another takes its place; `reason` is one of lifetime.py's words."""


class Unfailing(Observer):
    """Passes on what it is told; whoever counts cannot make a conversion fail."""

    def __init__(self, observer: Observer | None) -> None:
        self._observer = observer or Observer()

    def waited(self, seconds: float) -> None:
        _told(self._observer.waited, seconds)

    def started(self, seconds: float) -> None:
        _told(self._observer.started, seconds)

    def converted(self, seconds: float) -> None:
        _told(self._observer.converted, seconds)

    def restarted(self, reason: str) -> None:
        _told(self._observer.restarted, reason)


def _told(tell: Callable[[Any], None], value: float | str) -> None:
    try:
        tell(value)
    except Exception as error:
        _log.error("observer: %s", type(error).__name__)
