"""Where on its way a document can be when the machine dies, and a way to hold the service just there.

`hold_at` puts a mark in front of or behind functions of the product, which stay what they are: each passing is written
to a file, and whoever passes the place that is asked for stays there until it is killed.
"""

import functools
import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from app import house, upkeep
from app.convert import gotenberg
from app.store import blobs, documents, journal, recovery
from audit import keeper

FOR_EVER = 60.0  # seconds; whoever holds the service kills it long before

Owner = Any  # a class or a module
PLACES: dict[str, tuple[Owner, str, str]] = {
    "sweeping": (recovery, "sweep", "before"),
    "looking after the store": (upkeep.Upkeep, "_once", "before"),
    "before the intent": (documents.Documents, "_intend", "before"),
    "before the intent's commit": (documents.Documents, "_intend", "after"),
    "after the intent": (documents.Documents, "begin", "after"),
    "converting": (gotenberg.Gotenberg, "_convert", "before"),
    "converted": (gotenberg.Gotenberg, "_convert", "after"),
    "a blob half-written": (blobs, "_publish", "before"),
    "between blobs and row": (journal, "issued", "after"),
    "the row written, the entry not": (documents, "_file_row", "after"),
    "between commit and checkpoint": (documents.Documents, "seal", "after"),
    "before the checkpoint's name": (keeper, "_publish", "before"),
    "releasing": (house.House, "cover", "after"),
}


def hold_at(place: str, passed: Path) -> None:
    """From now on, in this process and its children: tell in `passed` who passes where; at `place`, stay."""
    for name, (owner, function, when) in PLACES.items():
        marked = _marked(getattr(owner, function), functools.partial(_pass, name, place, passed), when)
        setattr(owner, function, marked)


def _marked(function: Callable[..., Any], mark: Callable[[], None], when: str) -> Callable[..., Any]:
    @functools.wraps(function)
    def call(*arguments: Any, **named: Any) -> Any:
        if when == "before":
            mark()
        result = function(*arguments, **named)
        if when == "after":
            mark()
        return result

    return call


def _pass(name: str, place: str, passed: Path) -> None:
    line = os.open(passed, os.O_WRONLY | os.O_APPEND | os.O_CREAT)
    os.write(line, f"{name}\n".encode())
    os.close(line)
    if name == place:
        time.sleep(FOR_EVER)
