"""One reading process (阅读进程): where PDFium meets files that a forger may have made.

It is a Python of our own in a process group of its own, which knows no setting and no secret, reaches no network where
the machine allows that (app/isolation.py), writes no file, and has a limit on memory and on time. What it writes to
its output is thrown away. Promises that nothing of it outlives `stop`, and that it dies with us.
Refuses to be waited for: what is not answered by its time, or is no answer, is `ReadingFailed`; the caller stops it.
"""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from app.disclosures.asking import Answer, BadAnswer, Question
from app.disclosures.framing import BadMessage, receive, send

READY = b"ready"
_HOUSE = Path(__file__).parents[2]
_CODE = "import sys; sys.path.insert(0, sys.argv[1]); from app.disclosures.child import main; main(*sys.argv[2:])"
_MIB = 1 << 20


@dataclass(frozen=True)
class Limits:
    """Start values; measured: 0.1 s for a letter of two pages, 330 MiB resident (mostly fonts), 510 MiB reserved."""

    seconds: float = 12  # for one question; and to wait until it is one's turn
    start: float = 20  # from launch until it is ready
    address_space: int = 2048 * _MIB
    answer: int = 4 * _MIB  # bytes: some 50,000 boxes
    questions: int = 500  # in one life
    memory: int = 800 * _MIB  # resident; beyond it another process takes over


class ReadingFailed(Exception):
    """It did not start, did not answer in time, ended, or said what is no answer. The text quotes nothing."""


class Process:
    """Started by `Process.launch`; ended by `stop`, whatever happened to it."""

    def __init__(self, process: "subprocess.Popen[bytes]", connected: socket.socket, limits: Limits) -> None:
        self._process = process
        self._connected = connected
        self._limits = limits
        self._questions = 0

    @classmethod
    def launch(cls, limits: Limits, prefix: Sequence[str] = (), code: str = _CODE) -> "Process":
        """Start it and wait until it is ready. The thread that starts it must live as long as it shall."""
        ours, theirs = socket.socketpair()
        with theirs:
            try:
                process = subprocess.Popen(  # noqa: S603 -- our own interpreter and our own words
                    [*prefix, sys.executable, "-I", "-c", code, str(_HOUSE), *_bounds(limits)],
                    stdin=theirs.fileno(),
                    stdout=subprocess.DEVNULL,
                    stderr=subprocess.DEVNULL,
                    cwd="/",
                    env=_environment(),
                    start_new_session=True,
                )
            except OSError as error:
                ours.close()
                raise ReadingFailed(f"it cannot be started: {error.strerror}") from error
        made = cls(process, ours, limits)
        try:
            if made._receive(time.monotonic() + limits.start) != READY:
                raise ReadingFailed("it did not start as it should")
        except ReadingFailed:
            made.stop()
            raise
        return made

    @property
    def pid(self) -> int:
        """Also the number of its process group."""
        return self._process.pid

    def ask(self, question: Question, until: float) -> Answer:
        """`StepFailed` if the files cannot be looked at; then, too, the caller stops it: they may have broken it."""
        self._questions += 1
        try:
            send(self._connected, question.written(), until)
        except OSError as error:
            raise ReadingFailed(_why(error)) from error
        try:
            return Answer.read(self._receive(until), question)
        except BadAnswer as error:
            raise ReadingFailed(f"its answer is none: {error}") from error

    def alive(self) -> bool:
        """Whether it runs. A frozen one does: only a question shows, by its deadline."""
        if self._process.returncode is not None:
            return False
        try:  # without reaping, so that the number stays ours until the group has been killed
            return os.waitid(os.P_PID, self.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is None
        except ChildProcessError:  # reaped by `stop` at this very moment
            return False

    def worn(self) -> bool:
        """Whether its time has come."""
        return self._questions >= self._limits.questions or _resident(self.pid) > self._limits.memory

    def kill(self) -> None:
        """Kill the whole group. Any thread may; whoever waits for an answer is told at once that there is none."""
        if self._process.returncode is None:
            with suppress(ProcessLookupError):
                os.killpg(self.pid, signal.SIGKILL)

    def stop(self) -> None:
        """Kill it and wait for its end."""
        self.kill()
        self._process.wait()
        self._connected.close()

    def _receive(self, until: float) -> bytes:
        try:
            return receive(self._connected, self._limits.answer, until)
        except (OSError, BadMessage) as error:
            raise ReadingFailed(_why(error)) from error


def _why(error: OSError | BadMessage) -> str:
    if isinstance(error, TimeoutError):
        return "it did not answer in time"
    return str(error) if isinstance(error, BadMessage) else "it has ended"


def _bounds(limits: Limits) -> tuple[str, str]:
    """What the process holds itself to, for the case that nobody is left to kill it."""
    return str(limits.address_space), str(int(limits.seconds) + 1)


def _environment() -> dict[str, str]:
    """All that it may know of ours: no setting, no key, no proxy, no home of a real user. One thread is enough."""
    return {"PATH": "/usr/bin:/bin", "LANG": "C.UTF-8", "TZ": "UTC", "HOME": "/", "OPENBLAS_NUM_THREADS": "1"}


def _resident(pid: int) -> int:
    try:
        return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    except (OSError, IndexError, ValueError):
        return 0
