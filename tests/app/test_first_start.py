"""The first start makes everything once; later, whatever is missing stops the start by its setting's name."""

import shutil
import sqlite3
import stat
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from app import pipeline
from app.config import Settings
from app.errors import ConfigurationError
from app.first_start import desk, initialise
from app.house import open_house
from app.store.api_keys import OPERATOR
from audit import checkpoint
from tests.wiring import catalogue_here, settings_here


def keys_of(settings: Settings) -> Path:
    return Path(settings.case_keys.removeprefix("sqlite:///"))


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    made = settings_here(tmp_path / "home", soffice="/bin/false")
    assert initialise(made)
    return made


def opens(settings: Settings) -> None:
    open_house(settings).close()


def test_a_first_start_leaves_a_house_that_opens(settings: Settings) -> None:
    opens(settings)


def test_a_second_start_makes_nothing_and_changes_no_key(settings: Settings) -> None:
    before = settings.master_key.read_bytes(), settings.log_key.read_bytes()

    assert initialise(settings) == []
    assert (settings.master_key.read_bytes(), settings.log_key.read_bytes()) == before


def test_a_specimen_key_comes_with_one_authorisation_of_the_stamp_and_says_so(tmp_path: Path) -> None:
    settings = settings_here(tmp_path / "home", soffice="/bin/false")

    said = [line for line in initialise(settings) if "stamp" in line]

    with desk(settings) as office:
        [row] = office.stamps.listed()
    assert len(said) == 1
    assert row.id in said[0]
    assert "do not exist" in said[0]
    assert (row.issuer, row.types, len(row.approvers)) == ("demo_bank", sorted(catalogue_here().types), 2)
    assert (row.until - row.since, row.used) == (timedelta(days=90 + 365), 0)


def test_a_crash_before_the_authorisation_is_made_good_and_a_revoked_one_is_not_replaced(settings: Settings) -> None:
    with sqlite3.connect(settings.home / "duly.db") as connection:
        connection.execute("DELETE FROM stamp_authorisation")
    assert len(initialise(settings)) == 1
    with desk(settings) as office:
        [row] = office.stamps.listed()
        assert office.stamps.revoke(row.id, OPERATOR, pipeline.utc_now())

    assert initialise(settings) == []


def test_with_real_keys_nobody_has_authorised_anything(tmp_path: Path) -> None:
    settings = settings_here(tmp_path / "home", signing="pkcs12", signing_passphrase="of-the-bank")

    said = initialise(settings)

    with desk(settings) as office:
        assert office.stamps.listed() == []
    assert [line for line in said if "stamp" in line] == []


def test_secrets_are_readable_by_their_owner_only(settings: Settings) -> None:
    for path in (settings.master_key, settings.log_key, settings.signing_keys / "demo_bank.p12"):
        assert stat.S_IMODE(path.stat().st_mode) == 0o600, path.name


@pytest.mark.parametrize(
    ("missing", "named"),
    [
        ("keys/master.key", "DULY_MASTER_KEY"),
        ("keys/log.pem", "DULY_LOG_KEY"),
        ("keys/signing/demo_bank.p12", "DULY_SIGNING_KEYS"),
        ("duly.db", "DULY_DATABASE_URL"),
        ("checkpoints", "DULY_CHECKPOINTS"),
    ],
)
def test_whatever_is_missing_stops_the_start_and_is_named(settings: Settings, missing: str, named: str) -> None:
    path = settings.home / missing
    shutil.rmtree(path) if path.is_dir() else path.unlink()
    if missing == "checkpoints":  # a log of more than its beginning, so that an empty folder hides something
        _append_a_key(settings)

    with pytest.raises(ConfigurationError, match=named):
        opens(settings)


def test_a_lost_key_is_not_quietly_made_anew(settings: Settings) -> None:
    settings.master_key.unlink()

    with pytest.raises(ConfigurationError, match="DULY_MASTER_KEY"):
        initialise(settings)


def test_missing_templates_stop_the_start(settings: Settings, tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="nothing is there"):
        opens(settings_here(settings.home, templates=str(tmp_path / "empty")))


def test_another_log_s_name_stops_the_start(settings: Settings) -> None:
    with pytest.raises(ConfigurationError, match="DULY_LOG_ORIGIN"):
        opens(settings_here(settings.home, log_origin="other.example/audit"))


def test_the_key_of_another_log_stops_the_start(settings: Settings) -> None:
    settings.log_key.write_bytes(checkpoint.new_key())

    with pytest.raises(ConfigurationError, match="DULY_LOG_KEY"):
        opens(settings)


@pytest.mark.parametrize("starts", [opens, initialise])
def test_lost_case_keys_stop_the_start_and_no_empty_store_takes_their_place(
    settings: Settings, starts: Callable[[Settings], object]
) -> None:
    keys_of(settings).unlink()

    with pytest.raises(ConfigurationError, match="DULY_CASE_KEYS"):
        starts(settings)
    assert not keys_of(settings).exists()


def test_checkpoints_without_their_database_are_no_first_start(settings: Settings) -> None:
    (settings.home / "duly.db").unlink()

    with pytest.raises(ConfigurationError, match="DULY_CHECKPOINTS"):
        initialise(settings)


@pytest.mark.parametrize("content", [b"this is a letter and not a database, however long it may be " * 100, None])
@pytest.mark.parametrize("starts", [opens, initialise])
def test_what_is_no_database_is_named(
    settings: Settings, content: bytes | None, starts: Callable[[Settings], object]
) -> None:
    path = settings.home / "duly.db"
    path.unlink()
    path.mkdir() if content is None else path.write_bytes(content)

    with pytest.raises(ConfigurationError, match="DULY_DATABASE_URL"):
        starts(settings)


def test_garbage_in_the_place_of_the_case_keys_is_named(settings: Settings) -> None:
    keys_of(settings).write_bytes(b"garbage" * 1000)

    with pytest.raises(ConfigurationError, match="DULY_CASE_KEYS"):
        opens(settings)


@pytest.mark.parametrize("name", ["soffice", "uno_python"])
@pytest.mark.parametrize("program", ["missing", "/etc/passwd", "/usr"])
def test_a_program_that_cannot_be_executed_is_named(settings: Settings, name: str, program: str) -> None:
    changes = {"soffice": "/bin/false"} | {name: program}

    with pytest.raises(ConfigurationError, match=f"DULY_{name.upper()}: {program}"):
        opens(settings_here(settings.home, **changes))


@pytest.mark.parametrize("name", ["blobs", "library", "work", "checkpoints"])
def test_a_folder_that_takes_no_file_is_named(settings: Settings, name: str, tmp_path: Path) -> None:
    occupied = tmp_path / "occupied"
    occupied.write_text("a file where a folder belongs")

    with pytest.raises(ConfigurationError, match=f"DULY_{name.upper()}: {occupied}"):
        opens(settings_here(settings.home, soffice="/bin/false", **{name: str(occupied)}))


@pytest.mark.parametrize("name", ["templates", "issuers"])
def test_a_fault_in_templates_is_told_with_its_setting_in_one_line(
    settings: Settings, name: str, tmp_path: Path
) -> None:
    copied = tmp_path / "copied"
    shutil.copytree(getattr(settings, name), copied)
    broken = next(copied.rglob("pack.yaml" if name == "templates" else "issuer.yaml"))
    broken.write_text("a: [\nb: {")

    with pytest.raises(ConfigurationError, match=f"^DULY_{name.upper()}: .*{broken.name}") as caught:
        opens(settings_here(settings.home, **{name: str(copied)}))
    assert len(str(caught.value).splitlines()) == 1


def test_yesterday_s_database_stops_the_start(settings: Settings, tmp_path: Path) -> None:
    yesterday = tmp_path / "yesterday.db"
    shutil.copy(settings.home / "duly.db", yesterday)
    _append_a_key(settings)
    opens(settings)  # signs a checkpoint of today
    shutil.copy(yesterday, settings.home / "duly.db")

    with pytest.raises(ConfigurationError, match="RolledBack"):
        opens(settings)


def test_a_real_key_is_asked_for_when_specimens_are_not_wanted(settings: Settings) -> None:
    with pytest.raises(ConfigurationError, match="DULY_SIGNING"):
        opens(settings_here(settings.home, signing="pkcs12", signing_passphrase="specimen"))


def test_an_altered_entry_behind_the_last_checkpoint_stops_the_start(settings: Settings) -> None:
    _append_a_key(settings)
    with sqlite3.connect(settings.home / "duly.db") as connection:
        connection.execute("DROP TRIGGER entry_is_never_changed")
        connection.execute(
            "UPDATE entry SET leaf = CAST(replace(leaf, 'admin', 'other') AS BLOB) WHERE action = 'key.created'"
        )

    with pytest.raises(ConfigurationError, match="Altered"):
        opens(settings)


def _append_a_key(settings: Settings) -> None:
    with desk(settings) as office:
        office.keys.make("示范银行", "bank", "admin", [], pipeline.utc_now())
