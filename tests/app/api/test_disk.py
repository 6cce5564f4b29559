"""A disk that is full or gone: 503, nothing released, an outcome in the log where it can be written; /readyz tells."""

import errno
import io
import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.app.api.conftest import Service, opened, problem, told


@pytest.fixture
def alone(tmp_path: Path) -> Iterator[Service]:
    """A house of one's own to break, without LibreOffice."""
    yield from opened(tmp_path / "alone", soffice="/bin/false", deadline="2")


def full(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No file can be opened for writing under `folder` any more."""
    real = io.open

    def opening(file: Any, mode: str = "r", *arguments: Any, **named: Any) -> Any:
        if not isinstance(file, int) and Path(file).is_relative_to(folder) and set(mode) & set("wxa+"):
            raise OSError(errno.ENOSPC, "No space left on device", str(file))
        return real(file, mode, *arguments, **named)

    monkeypatch.setattr(io, "open", opening)
    monkeypatch.setattr("builtins.open", opening)


def newest(service: Service) -> tuple[str, str]:
    """What the log says last: action and step."""
    entry = json.loads(told(service.get("/v1/audit/entries?limit=1000", role="admin"))["entries"][-1]["entry"])
    return entry["action"], entry.get("step", "")


def test_a_full_disk_while_rendering_fails_the_step_and_is_logged(
    alone: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    full(alone.house.room.folder, monkeypatch)

    body = problem(alone.post(alone.sample()), 503, "step.failed")

    assert body["step"] == "render"
    assert newest(alone) == ("failed", "render")


def test_a_working_folder_that_is_gone_fails_the_step_and_is_logged(alone: Service) -> None:
    shutil.rmtree(alone.house.room.folder)

    body = problem(alone.post(alone.sample()), 503, "step.failed")

    assert body["step"] == "work"
    assert newest(alone) == ("failed", "work")


def test_a_database_on_a_full_disk_fails_the_step_and_writes_nothing(alone: Service) -> None:
    with alone.house.database.read() as session:
        connection = session.connection()
        pages = connection.exec_driver_sql("PRAGMA page_count").scalar()
    alone.house.database.close()
    sizes = set_pages(alone, pages)

    answers = [alone.post(alone.sample()) for _ in range(20)]

    broken = [answer for answer in answers if told(answer)["step"] == "store"]
    assert broken, [answer.text for answer in answers]
    problem(broken[-1], 503, "step.failed")
    sizes.undo()
    alone.house.database.close()
    assert alone.get("/v1/audit/checkpoint").status_code == 200  # the log is whole: every new entry was hashed anew


def set_pages(service: Service, pages: Any) -> pytest.MonkeyPatch:
    """SQLite says `database or disk is full` beyond so many pages."""
    patch = pytest.MonkeyPatch()
    engine = service.house.database.engine
    real = engine.raw_connection

    def limited(*arguments: Any) -> Any:
        connection = real(*arguments)
        connection.cursor().execute(f"PRAGMA max_page_count = {pages}")
        return connection

    patch.setattr(engine, "raw_connection", limited)
    return patch


@pytest.mark.parametrize("part", ["blobs", "checkpoints", "work"])
def test_a_folder_that_takes_no_file_is_not_ready_but_alive(alone: Service, part: str) -> None:
    folder = alone.house.room.folder if part == "work" else alone.house.settings.home / part
    assert told(alone.http.get("/readyz"))["parts"][part] is True
    shutil.rmtree(folder)

    answer = alone.http.get("/readyz")

    assert answer.status_code == 503
    assert told(answer)["parts"][part] is False
    assert not folder.exists()
    assert alone.http.get("/livez").status_code == 200


def test_a_database_that_is_gone_is_not_ready_but_alive(alone: Service) -> None:
    path = Path(alone.house.database.place)
    alone.house.database.close()
    path.unlink()
    path.mkdir()

    assert told(alone.http.get("/readyz"))["parts"]["database"] is False
    assert alone.http.get("/livez").status_code == 200
    problem(alone.get("/v1/documents"), 503, "step.failed")


def test_an_export_that_finds_no_room_is_a_failed_step(alone: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    full(alone.house.room.folder, monkeypatch)

    assert problem(alone.get("/v1/audit/export", role="admin"), 503, "step.failed")["step"] == "export"
