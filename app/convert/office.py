"""One warm LibreOffice in a process group and a folder of its own (转换进程).

Promises: nothing of it outlives `stop` - no process, no profile, no temporary file, no socket; and when the service
itself is killed, the processes end by themselves and sweep.py takes their folders at the next start.
Refuses to be waited for: whatever has not answered by its time is `OfficeFailed`, and the caller stops it.
"""

import json
import os
import select
import shutil
import signal
import subprocess
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from app.convert.sweep import MARK, office_folder, remove

WORKER = Path(__file__).with_name("worker.py")
PROFILE = Path(__file__).with_name("profile.xcu")


@dataclass(frozen=True)
class Program:
    """What is started, and under what: `prefix` is isolation.py's, `address_space` bounds each process in bytes."""

    python: Path  # the one that can import uno
    soffice: Path
    prefix: tuple[str, ...] = ()
    address_space: int = 4 << 30


class OfficeFailed(Exception):
    """It did not start, did not answer in time, ended, or said no. The text names no person."""


class Office:
    """Started by `Office.launch`; every instance is stopped in the end by `stop`, whatever happened to it."""

    def __init__(self, process: "subprocess.Popen[bytes]", folder: Path) -> None:
        self._process = process
        self._folder = folder
        self._unread = b""
        self.version = ""

    @classmethod
    def launch(cls, program: Program, pool: Path) -> "Office":
        """Start the processes without waiting until they are ready: that is `wait_ready`."""
        try:
            folder = _with_profile(office_folder(pool))
        except OSError as error:
            raise OfficeFailed(f"no folder for LibreOffice: {error.strerror}") from error
        try:
            process = subprocess.Popen(  # noqa: S603 -- configured paths and our own folder, no shell
                _command(program, folder),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                cwd=folder / "tmp",
                env=_environment(folder),
                start_new_session=True,  # one group, so that one kill takes soffice and its launcher too
                bufsize=0,
            )
        except OSError as error:
            remove(folder)
            raise OfficeFailed(f"{program.python} cannot be started: {error.strerror}") from error
        return cls(process, folder)

    @property
    def pid(self) -> int:
        """The worker's; it is also the number of the process group."""
        return self._process.pid

    @property
    def folder(self) -> Path:
        return self._folder

    def members(self) -> frozenset[int]:
        """The processes of its group. They do not change once it is ready."""
        numbers = (int(entry.name) for entry in Path("/proc").glob("[0-9]*"))
        return frozenset(number for number in numbers if _group(number) == self.pid)

    def wait_ready(self, until: float) -> None:
        answer = self._answer(until)
        if "ready" not in answer:
            raise OfficeFailed(str(answer.get("failed")))
        self.version = str(answer["ready"])

    def convert(self, parts: Sequence[tuple[Path, Path]], until: float) -> None:
        """Each docx to its PDF. One job at a time: LibreOffice does no better with more."""
        job = {"parts": [[str(source), str(target)] for source, target in parts]}
        try:
            _pipe(self._process.stdin).write(json.dumps(job).encode() + b"\n")
        except OSError as error:
            raise OfficeFailed("LibreOffice has ended") from error
        answer = self._answer(until)
        if answer.get("done") != len(parts):
            raise OfficeFailed(f"LibreOffice said: {answer.get('failed')}")

    def alive(self) -> bool:
        """Whether its processes run. A frozen one does: only a conversion shows, by its deadline."""
        if self._process.returncode is not None:
            return False
        try:  # without reaping, so that the number stays ours until the group has been killed
            return os.waitid(os.P_PID, self.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is None
        except ChildProcessError:  # reaped by `stop` at this very moment
            return False

    def kill(self) -> None:
        """Kill the whole group. Any thread may; whoever waits for an answer is told at once that there is none."""
        if self._process.returncode is None:
            with suppress(ProcessLookupError):
                os.killpg(self.pid, signal.SIGKILL)

    def stop(self) -> None:
        """Kill, wait for the end, and remove the folder. For the owner alone, as nothing can be asked afterwards."""
        self.kill()
        self._process.wait()
        _pipe(self._process.stdin).close()
        _pipe(self._process.stdout).close()
        remove(self._folder)

    def _answer(self, until: float) -> dict[str, Any]:
        output = _pipe(self._process.stdout)
        poll = select.poll()
        poll.register(output, select.POLLIN | select.POLLHUP)
        while b"\n" not in self._unread:
            if not poll.poll(max(0.0, until - time.monotonic()) * 1000):
                raise OfficeFailed("LibreOffice did not answer in time")
            if not (read := os.read(output.fileno(), 65536)):
                raise OfficeFailed("LibreOffice has ended")
            self._unread += read
        line, _, self._unread = self._unread.partition(b"\n")
        try:
            return dict(json.loads(line))
        except (TypeError, ValueError) as error:
            raise OfficeFailed("the worker's answer cannot be read") from error


def _with_profile(folder: Path) -> Path:
    (folder / "tmp").mkdir()
    (folder / "profile" / "user").mkdir(parents=True)
    shutil.copyfile(PROFILE, folder / "profile" / "user" / "registrymodifications.xcu")
    return folder


def _command(program: Program, folder: Path) -> list[str]:
    """-I: no user's packages, no PYTHON* variables."""
    start = [str(program.python.absolute()), "-I", str(WORKER), str(folder), str(program.address_space)]
    return [*start, *program.prefix, str(program.soffice.absolute())]


def _environment(folder: Path) -> dict[str, str]:
    """All that the processes may know of ours: no setting, no key, no proxy, no home of a real user."""
    return {
        "PATH": "/usr/bin:/bin",
        "LANG": "C.UTF-8",
        "TZ": "UTC",
        MARK: str(folder),
        "HOME": str(folder),
        "TMPDIR": str(folder / "tmp"),
        "SAL_USE_VCLPLUGIN": "svp",  # draws without a display
    }


def _group(pid: int) -> int:
    with suppress(OSError):
        return os.getpgid(pid)
    return 0


def _pipe(stream: Any) -> Any:
    """`Popen` types its pipes as perhaps absent; ours were asked for."""
    return stream
