"""Did others sign what we issued, and nothing else (签署核验)? Asked when a file comes back.

The returned file may have been made to harm whoever reads it. It is read in a process of its own (reading.py), which
knows no setting and no key, reaches no network where the machine allows that, writes no file, starts nothing, and is
killed when its time is over. Whatever it does instead of answering is a no.

Both files lie in a folder of ours: between this yes and the moment the returned one is kept, nobody else may touch it.
"""

import os
import signal
import subprocess
import sys
import threading
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from app.errors import StepFailed
from app.isolation import best_isolation
from app.signing.answers import TOO_LARGE, UNREADABLE, Executed, NotExecuted, read

_HOUSE = Path(__file__).parents[2]
_CODE = "import sys; sys.path.insert(0, sys.argv[1]); from app.signing.reading import main; main(*sys.argv[2:])"
_MIB = 1 << 20
_ANSWER = 1 * _MIB  # bytes: some thousand signatures


@dataclass(frozen=True)
class Limits:
    """Start values; a file of two pages takes one second, most of it to start."""

    seconds: float = 20
    memory: int = 1024 * _MIB  # of address space
    size: int = 20 * _MIB  # of the returned file


def executed(issued: Path, returned: Path, limits: Limits | None = None) -> Executed:
    """The further signatures of the returned file. `NotExecuted` with one of its reasons for anything else.

    `StepFailed` if the issued file is not one that leaves fields for others, or no process can be started.
    """
    limits = limits or Limits()
    try:
        size = returned.stat().st_size
    except OSError as error:
        raise NotExecuted(UNREADABLE) from error
    if size > limits.size:
        raise NotExecuted(TOO_LARGE)
    found = read(_answer([str(issued.resolve()), str(returned.resolve())], limits))
    if found is None:
        raise StepFailed("countersign", "the issued file is not one that others sign after us", status=500)
    return found


def _answer(files: list[str], limits: Limits) -> bytes:
    """Whatever it says before its time is over; it does not outlive this call."""
    bounds = [str(limits.size), str(limits.memory), str(int(limits.seconds) + 1)]
    try:
        process = subprocess.Popen(  # noqa: S603 -- our own interpreter and our own words
            [*best_isolation().prefix, sys.executable, "-I", "-c", _CODE, str(_HOUSE), *files, *bounds],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,  # it may quote the file
            cwd="/",
            env={"PATH": "/usr/bin:/bin", "LANG": "C.UTF-8", "TZ": "UTC", "HOME": "/"},
            start_new_session=True,
        )
    except OSError as error:
        raise StepFailed("countersign", f"no process to read with: {type(error).__name__}") from error
    clock = threading.Timer(limits.seconds, _kill, [process])
    clock.start()
    try:
        assert process.stdout  # noqa: S101 -- it was asked for
        with process.stdout:
            return process.stdout.read(_ANSWER)
    finally:
        clock.cancel()
        clock.join()  # it may be killing: the number is ours until it has been waited for
        _kill(process)
        process.wait()


def _kill(process: "subprocess.Popen[bytes]") -> None:
    """With all that it has started."""
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
