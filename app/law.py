"""What every line of law has in common: where it comes from (依据) and when it is in force (施行)."""

from dataclasses import dataclass
from datetime import date
from typing import Protocol


@dataclass(frozen=True)
class Source:
    """Where a rule comes from (依据). `confidence` is high | medium | low | policy, as the text was seen."""

    instrument: str
    article: str
    confidence: str
    number: str = ""

    def __str__(self) -> str:
        return f"{self.instrument}{f'（{self.number}）' if self.number else ''}{self.article}"


class Dated(Protocol):
    @property
    def since(self) -> date: ...
    @property
    def until(self) -> date | None: ...


def in_force(line: Dated, on: date) -> bool:
    """Whether this line of law is in force (施行) on the legal day; both ends belong to it."""
    return line.since <= on and (line.until is None or on <= line.until)
