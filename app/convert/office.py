"""One warm LibreOffice in a process group and a folder of its own (转换进程).

Promises: nothing of it outlives `stop` - no process, no profile, no temporary file, no socket; and when the service
itself is killed, the processes end by themselves and `sweep` takes their folders at the next start.
Refuses to be waited for: whatever has not answered by its time is `OfficeFailed`, and the caller stops it.
"""

import fcntl
import hashlib
import json
import os
import select
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

WORKER = Path(__file__).with_name("worker.py")
PROFILE = Path(__file__).with_name("profile.xcu")
SOCKETS = Path("/tmp")  # noqa: S108 - where LibreOffice puts them is compiled in
GONE_WITHIN = 2.0  # seconds that killed processes may go on writing into their folder


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
    def launch(cls, python: Path, soffice: Path, home: Path) -> "Office":
        """Start the processes without waiting until they are ready: that is `wait_ready`."""
        try:
            folder, lock = _own_folder(home)
        except OSError as error:
            raise OfficeFailed(f"no folder for LibreOffice: {error.strerror}") from error
        try:
            process = subprocess.Popen(  # noqa: S603 - configured paths and our own folder, no shell
                [python.absolute(), "-I", WORKER, soffice.absolute(), folder],  # -I: no user's packages, no PYTHON*
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                cwd=folder / "tmp",
                env=_environment(folder),
                start_new_session=True,  # one group, so that one kill takes soffice and its launcher too
                pass_fds=[lock],  # the folder stays locked for as long as the worker lives
                bufsize=0,
            )
        except OSError as error:
            _remove(folder)
            raise OfficeFailed(f"{python} cannot be started: {error.strerror}") from error
        finally:
            os.close(lock)
        return cls(process, folder)

    @property
    def pid(self) -> int:
        """The worker's; it is also the number of the process group."""
        return self._process.pid

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
        _remove(self._folder)

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


def sweep(home: Path) -> None:
    """Remove folders whose worker is gone: a service that was killed could not. They may hold parts of letters."""
    with _locked(home):
        for folder in home.resolve().glob("office-*"):
            descriptor = os.open(folder, os.O_RDONLY)
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                continue  # a neighbour's, at work
            finally:
                os.close(descriptor)
            _remove(folder)


def _own_folder(home: Path) -> tuple[Path, int]:
    """A private folder with a fresh profile, locked from its first moment against the sweep of a neighbour."""
    with _locked(home):
        folder = Path(tempfile.mkdtemp(prefix="office-", dir=home)).resolve()
        lock = os.open(folder, os.O_RDONLY)
        fcntl.flock(lock, fcntl.LOCK_EX)
    (folder / "tmp").mkdir()
    (folder / "profile" / "user").mkdir(parents=True)
    shutil.copyfile(PROFILE, folder / "profile" / "user" / "registrymodifications.xcu")
    return folder, lock


@contextmanager
def _locked(home: Path) -> Iterator[None]:
    home.mkdir(parents=True, exist_ok=True, mode=0o700)
    descriptor = os.open(home, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def _environment(folder: Path) -> dict[str, str]:
    """All that the processes may know of ours: no setting, no key, no proxy, no home of a real user."""
    return {
        "PATH": "/usr/bin:/bin",
        "LANG": "C.UTF-8",
        "TZ": "UTC",
        "HOME": str(folder),
        "TMPDIR": str(folder / "tmp"),
        "SAL_USE_VCLPLUGIN": "svp",  # draws without a display
    }


def _remove(folder: Path) -> None:
    """Folder and sockets; again while the last writes of killed processes come in."""
    for socket in _sockets(folder):
        socket.unlink(missing_ok=True)
    until = time.monotonic() + GONE_WITHIN
    while folder.exists() and time.monotonic() < until:
        shutil.rmtree(folder, ignore_errors=True)


def _sockets(folder: Path) -> tuple[Path, Path]:
    """What its soffice listens on: for us, and for a second soffice on the same profile (named as desktop/ does)."""
    profile = (folder / "profile").as_uri().encode("utf-16-le")
    single = "".join(f"{byte:x}" for byte in hashlib.md5(profile, usedforsecurity=False).digest())
    owner = SOCKETS / f"OSL_PIPE_{os.getuid()}_"
    return Path(f"{owner}{folder.name}"), Path(f"{owner}SingleOfficeIPC_{single}")


def _pipe(stream: Any) -> Any:
    """`Popen` types its pipes as perhaps absent; ours were asked for."""
    return stream
