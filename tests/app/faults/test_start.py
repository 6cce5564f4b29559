"""A start whose disk fails at any write ends in one line that names the setting; the next one finds or makes it all."""

import shutil
from contextlib import closing
from pathlib import Path

import pytest

from app.config import Settings
from app.errors import ConfigurationError, StepFailed
from app.first_start import initialise
from app.house import open_house
from app.store import recovery
from app.store.blobs import Library
from tests.app.faults.disk import DONE, FAULTS, Disk, watching
from tests.wiring import catalogue_here, settings_here

pytestmark = pytest.mark.slow
PROBE = ("write library 1",)  # that the folder takes a file at all
KEEP = ("open library 2", "write library 2", "fsync library 1", "close library 2", "replace library 1")
NAME = ("fsync library 2", "fsync home 1")


@pytest.fixture(scope="module")
def set_up(tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = tmp_path_factory.mktemp("start") / "home"
    initialise(settings_here(home))
    return home


@pytest.fixture
def settings(set_up: Path, tmp_path: Path) -> Settings:
    """Set up and never opened, so that its library is empty."""
    home = shutil.copytree(set_up, tmp_path / "home")
    return settings_here(home, converter="gotenberg", gotenberg_url="http://127.0.0.1:9")


def kept(settings: Settings) -> set[str]:
    return {path.name for path in settings.library.iterdir() if path.suffix != ".part"}


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("act", PROBE + KEEP + NAME)
def test_a_library_that_cannot_be_written_stops_the_start_and_the_next_one_fills_it(
    settings: Settings, act: str, fault: str
) -> None:
    with watching(Disk(settings.home, {}, act, fault)) as disk, pytest.raises(ConfigurationError, match="DULY_LIBRARY"):
        open_house(settings)
    assert disk.broke
    left = kept(settings)

    with closing(open_house(settings)):
        wanted = {Library(settings.home / "other").keep(content) for content in catalogue_here().bundles.values()}
        assert left < wanted == kept(settings) or (left == wanted and len(wanted) == 1)


def test_a_name_in_the_library_that_may_not_be_on_disk_is_forced_there_at_the_next_start(settings: Settings) -> None:
    with watching(Disk(settings.home, {}, "replace library 1", DONE)), pytest.raises(ConfigurationError):
        open_house(settings)
    assert len(kept(settings)) == 1

    with watching(Disk(settings.home, {})) as disk, closing(open_house(settings)):
        files = len(kept(settings))

    synced = [act for act in disk.acts if act.startswith("fsync library")]
    assert len(synced) >= 1 + 2 * (files - 1)  # the one that was there: its folder; the others: file and folder


def test_a_database_that_cannot_be_written_stops_the_start_in_one_line(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> int:
        raise StepFailed("store", "database: OperationalError")

    monkeypatch.setattr(recovery, "sweep", broken)

    with pytest.raises(ConfigurationError, match="DULY_DATABASE_URL: cannot be written to: database"):
        open_house(settings)
