"""While the service runs, what a crash left behind is put right, by one process at a time, whatever fails meanwhile."""

import fcntl
import logging
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from app.store import recovery
from app.upkeep import Upkeep

AT = datetime(2026, 11, 25, tzinfo=UTC)


class Recording:
    """Stands in the place of the sweeps; they are tested where they live."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, *, failing: int = 0) -> None:
        self.calls: list[str] = []
        self.failing = failing
        monkeypatch.setattr(recovery, "sweep", lambda *_: self._called("sweep", 3))
        found = recovery.Swept(aborted=1, set_aside=2, removed=3, missing=("a document's id",))
        monkeypatch.setattr(recovery, "look_through", lambda *_: self._called("through", found))

    def _called(self, name: str, answer: Any) -> Any:
        self.calls.append(name)
        if len(self.calls) <= self.failing:
            raise OSError("with the name of 张三 in it")
        return answer


def kept_up(recording: Recording, lock: Path, calls: int) -> None:
    """Run until so many calls were made."""
    nothing: Any = None
    upkeep = Upkeep(nothing, lock, lambda: AT, every=0.001).start()
    deadline = time.monotonic() + 20
    while len(recording.calls) < calls and time.monotonic() < deadline:
        time.sleep(0.001)
    upkeep.stop()
    assert len(recording.calls) >= calls


def test_it_looks_through_everything_first_and_then_sweeps(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    recording = Recording(monkeypatch)
    kept_up(recording, tmp_path / "lock", 62)

    assert recording.calls[:61] == ["through", *["sweep"] * 59, "through"]
    assert "1 attempts given up, 2 files set aside, 3 removed" in caplog.text
    assert "document a document's id is issued and its files are not there" in caplog.text
    assert "gave up 3 attempts" in caplog.text


def test_a_failure_is_told_without_its_words_and_tried_again(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    recording = Recording(monkeypatch, failing=2)
    with caplog.at_level(logging.ERROR):
        kept_up(recording, tmp_path / "lock", 4)

    assert "upkeep failed: OSError" in caplog.text
    assert "张三" not in caplog.text


def test_one_process_at_a_time(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    recording = Recording(monkeypatch)
    nothing: Any = None
    with (tmp_path / "lock").open("a") as other:
        fcntl.flock(other, fcntl.LOCK_EX)
        upkeep = Upkeep(nothing, tmp_path / "lock", lambda: AT, every=0.001).start()
        time.sleep(0.1)
        assert recording.calls == []
    deadline = time.monotonic() + 20
    while not recording.calls and time.monotonic() < deadline:
        time.sleep(0.001)
    upkeep.stop()
    assert recording.calls
