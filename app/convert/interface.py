"""What every converter promises (转换), and who may watch it.

Two keep the promise: `Pool` runs LibreOffice on this machine, `Gotenberg` asks a service that speaks Gotenberg's
HTTP. Both hand over nothing that intake.py and output.py have not looked at.
"""

from pathlib import Path
from typing import Protocol

from app.artifacts import Converted, Rendered


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
    """Is told numbers as they arise, from any thread, and must return at once. This one does nothing with them."""

    def waited(self, seconds: float) -> None:
        """A caller waited so long for a process."""

    def started(self, seconds: float) -> None:
        """A process needed so long until it had proven that it converts."""

    def converted(self, seconds: float) -> None:
        """A document needed so long, all its parts together."""

    def restarted(self, reason: str) -> None:
        """A process was ended, and another takes its place; `reason` is one of lifetime.py's words."""
