"""A process without a network (隔离): which way this machine offers, found out by trying.

For LibreOffice and for the reading process (app/disclosures/process.py). LibreOffice's profile forbids it to fetch
anything and app/convert/intake.py refuses documents that ask for it; this wall holds when both have a hole: a network
namespace in which nothing is reachable, not even this machine's loopback. UNO still works, because its pipe is a socket
in the file system.

Each way is proven: a program started in it must fail to reach an address here that it reaches without it. Where none
is offered (containers often forbid namespaces), they run without this wall, and `make doctor` says so.
"""

import socket
import subprocess
import sys
from dataclasses import dataclass
from functools import cache

_SECONDS = 10
_DIAL = "import socket, sys; socket.create_connection(('127.0.0.1', int(sys.argv[1])), 2)"


@dataclass(frozen=True)
class Isolation:
    """`prefix` stands before the command that is to run without a network."""

    name: str
    prefix: tuple[str, ...]


NONE = Isolation("none", ())
WAYS = (
    Isolation("network namespace", ("unshare", "--net", "--")),  # root
    # Others need a user namespace too. Our own user in it, not root: LibreOffice names its sockets by the user.
    Isolation("user and network namespace", ("unshare", "--map-current-user", "--net", "--")),
    Isolation("bubblewrap", ("bwrap", "--dev-bind", "/", "/", "--unshare-net", "--die-with-parent", "--")),
)


@cache
def best_isolation() -> Isolation:
    """The first way that works here. Asked once in the life of a process, some 50 ms."""
    return first_that_holds(WAYS)


def first_that_holds(ways: tuple[Isolation, ...]) -> Isolation:
    return next((way for way in ways if holds(way)), NONE)


def holds(way: Isolation) -> bool:
    """Whether a program runs this way and reaches nothing, while the same program reaches us without it."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port = str(listening.getsockname()[1])
        return _runs(way) and _dials(NONE, port) and not _dials(way, port)


def _runs(way: Isolation) -> bool:
    return _ends_well([*way.prefix, sys.executable, "-I", "-S", "-c", ""])


def _dials(way: Isolation, port: str) -> bool:
    return _ends_well([*way.prefix, sys.executable, "-I", "-S", "-c", _DIAL, port])


def _ends_well(command: list[str]) -> bool:
    try:
        done = subprocess.run(command, capture_output=True, check=False, timeout=_SECONDS)  # noqa: S603 -- our own words
    except (OSError, subprocess.SubprocessError):
        return False
    return done.returncode == 0
