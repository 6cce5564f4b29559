"""What a service leaves behind when it ends, well or badly, and who tidies it up."""

import fcntl
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from app.config import ROOT
from app.convert.sweep import MARK, SOCKETS, office_folder, pool_folder, sockets, sweep
from tests.app.convert.conftest import PYTHON, SOFFICE, members, wait_for

SERVICE = """
import sys, time
from pathlib import Path
from app.convert import Pool
pool = Pool(1, 20, Path({python!r}), Path({soffice!r}), Path({home!r})).open()
while not pool.ready():
    time.sleep(0.05)
(office,) = pool._offices
print(office.pid, flush=True)
{then}
"""


def service(home: Path, then: str) -> "subprocess.Popen[str]":
    """Another process that opens a pool, says the worker's number, and goes on with `then`."""
    program = SERVICE.format(python=str(PYTHON), soffice=str(SOFFICE), home=str(home), then=then)
    return subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, text=True, cwd=ROOT)


def group_of(process: "subprocess.Popen[str]") -> int:
    assert process.stdout is not None
    return int(process.stdout.readline())


@pytest.mark.office
def test_a_service_that_ends_without_closing_leaves_nothing(tmp_path: Path) -> None:
    with service(tmp_path / "office", "sys.exit(0)") as process:
        group = group_of(process)
        assert process.wait(10) == 0

    wait_for(lambda: not members(group), 2)
    assert list((tmp_path / "office").glob("pool-*")) == []


@pytest.mark.office
@pytest.mark.parametrize("frozen", ["soffice", "all"])
def test_what_a_killed_service_leaves_is_swept_at_the_next_start(tmp_path: Path, frozen: str) -> None:
    """Mostly its processes end by themselves. When the worker is frozen too, nothing of them can."""
    with service(tmp_path / "office", "time.sleep(1000)") as process:
        group = group_of(process)
        for pid, name in members(group).items():
            if frozen == "all" or name == "soffice.bin":
                os.kill(pid, signal.SIGSTOP)
        process.kill()

    if frozen == "soffice":
        wait_for(lambda: not members(group), 2)
    (left,) = (tmp_path / "office").glob("pool-*")
    used = [socket for folder in left.iterdir() for socket in sockets(folder)]
    assert bool(members(group)) == (frozen == "all")
    assert [left.exists(), *(socket.exists() for socket in used)] == [True] * 3

    def swept() -> bool:
        """The last thread of a killed process may hold the lock a moment longer than the process shows."""
        sweep(tmp_path / "office")
        return not left.exists()

    wait_for(swept, 5)
    wait_for(lambda: not members(group), 2)
    assert [left.exists(), *(socket.exists() for socket in used)] == [False] * 3


@pytest.mark.office
def test_an_orphaned_soffice_is_swept_with_its_folder(tmp_path: Path) -> None:
    with service(tmp_path / "office", "time.sleep(1000)") as process:
        group = group_of(process)
        os.kill(process.pid, signal.SIGSTOP)  # so that it does not notice
        os.kill(group, signal.SIGKILL)  # the worker alone
        process.kill()
    assert "soffice.bin" in members(group).values()

    def swept() -> bool:
        sweep(tmp_path / "office")
        return not members(group)

    wait_for(swept, 5)


def sleeper(folder: Path) -> "subprocess.Popen[bytes]":
    """A process that bears our mark for this folder."""
    return subprocess.Popen(["sleep", "1000"], env={MARK: str(folder), "PATH": "/usr/bin:/bin"})


def test_a_neighbours_folder_processes_and_sockets_are_not_swept_before_it_is_dead(tmp_path: Path) -> None:
    pool, lock = pool_folder(tmp_path)
    folder = office_folder(pool)
    used = sockets(folder)
    for socket in used:
        socket.touch()
    with sleeper(folder) as running:
        sweep(tmp_path)
        kept = [folder.exists(), running.poll() is None, *(socket.exists() for socket in used)]
        os.close(lock)
        sweep(tmp_path)

        assert running.wait(5) == -signal.SIGKILL
    assert kept == [True] * 4
    assert [folder.exists(), *(socket.exists() for socket in used)] == [False] * 3


def test_processes_and_files_that_do_not_bear_our_mark_are_left_alone(tmp_path: Path) -> None:
    pool, lock = pool_folder(tmp_path)
    other = tmp_path / "pool-of-flowers.txt"
    other.write_text("not ours to lock")
    stranger = SOCKETS / f"OSL_PIPE_{os.getuid()}_stranger-{os.getpid()}"
    stranger.touch()
    os.close(lock)
    with sleeper(Path(f"{pool}-of-another")) as running:
        sweep(tmp_path)

        assert running.poll() is None
        running.kill()
    assert stranger.exists()
    assert not pool.exists()
    stranger.unlink()


def test_a_folder_is_locked_from_its_first_moment(tmp_path: Path) -> None:
    pool, lock = pool_folder(tmp_path)
    descriptor = os.open(pool, os.O_RDONLY)

    with pytest.raises(BlockingIOError):
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)

    os.close(descriptor)
    os.close(lock)
