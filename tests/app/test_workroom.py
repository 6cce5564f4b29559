"""Working files do not outlive their process, however it ended."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from app.config import ROOT
from app.workroom import Workroom

OPENED = """
import sys, time
from pathlib import Path
from app.workroom import Workroom
room = Workroom.open(Path(sys.argv[1]))
(room.folder / "attempt").mkdir()
(room.folder / "attempt" / "letter.docx").write_text("a letter")
print(room.folder, flush=True)
time.sleep(600)
"""


@contextmanager
def process(home: Path) -> Iterator[tuple["subprocess.Popen[str]", Path]]:
    """A living process with a letter in its room."""
    command = [sys.executable, "-c", OPENED, str(home)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as running:
        assert running.stdout is not None
        try:
            yield running, Path(running.stdout.readline().strip())
        finally:
            running.kill()


def test_what_a_killed_process_left_is_removed_and_a_living_neighbour_s_is_not(tmp_path: Path) -> None:
    with process(tmp_path) as (killed, left), process(tmp_path) as (_, neighbour):
        os.kill(killed.pid, signal.SIGKILL)
        killed.wait()
        assert (left / "attempt" / "letter.docx").exists()

        room = Workroom.open(tmp_path)

        assert not left.exists()
        assert (neighbour / "attempt" / "letter.docx").exists()
        assert room.folder.is_dir()
        room.close()


def test_a_closed_room_leaves_nothing(tmp_path: Path) -> None:
    room = Workroom.open(tmp_path)
    (room.folder / "letter.docx").write_text("a letter")

    room.close()

    assert list(tmp_path.iterdir()) == []


def test_a_room_is_private_and_leaves_what_is_not_its_own(tmp_path: Path) -> None:
    (tmp_path / "office").mkdir()

    room = Workroom.open(tmp_path)

    assert room.folder.stat().st_mode & 0o777 == 0o700
    assert (tmp_path / "office").is_dir()
    room.close()


def test_a_folder_whose_owner_died_before_it_was_locked_is_removed(tmp_path: Path) -> None:
    (tmp_path / "123-abc").mkdir()

    Workroom.open(tmp_path).close()

    assert list(tmp_path.iterdir()) == []


def test_a_stranger_s_folder_stays_whatever_its_name(tmp_path: Path) -> None:
    (tmp_path / "2026-backup").mkdir()
    (tmp_path / "2026-backup" / "keep.txt").write_text("theirs")

    Workroom.open(tmp_path).close()

    assert [path.name for path in (tmp_path / "2026-backup").iterdir()] == ["keep.txt"]
