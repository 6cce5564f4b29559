"""Settings: one place, no guessing."""

import pytest

from app import config
from app.config import Settings
from app.errors import ConfigurationError
from audit.fields import SHORT


def test_everything_lies_under_home_unless_told_otherwise() -> None:
    settings = Settings.read({"DULY_HOME": "/srv/duly", "DULY_CHECKPOINTS": "/mnt/other/checkpoints"})

    assert settings.database_url == "sqlite:////srv/duly/duly.db"
    assert str(settings.blobs) == "/srv/duly/blobs"
    assert str(settings.checkpoints) == "/mnt/other/checkpoints"


@pytest.mark.parametrize(
    ("environment", "named"),
    [
        ({"DULY_BLOBBS": "x"}, "DULY_BLOBBS"),
        ({"DULY_SIGNING": "hope"}, "DULY_SIGNING"),
        ({"DULY_SIGNING": "pkcs12"}, "DULY_SIGNING_PASSPHRASE"),
        ({"DULY_DEADLINE": "soon"}, "DULY_DEADLINE"),
        ({"DULY_DEADLINE": "-1"}, "DULY_DEADLINE"),
        ({"DULY_APPROVAL_DAYS": "0"}, "DULY_APPROVAL_DAYS"),
        ({"DULY_APPROVAL_DAYS": "100"}, "DULY_APPROVAL_DAYS"),
        ({"DULY_SLOTS": "0"}, "DULY_SLOTS"),
        ({"DULY_SLOTS": "nan"}, "DULY_SLOTS"),
        ({"DULY_SLOTS": "0.5"}, "DULY_SLOTS"),
        ({"DULY_SLOTS": "1.5"}, "DULY_SLOTS"),
        ({"DULY_SLOTS": "-1"}, "DULY_SLOTS"),
        ({"DULY_SLOTS": ""}, "DULY_SLOTS"),
        ({"DULY_WORK": ""}, "DULY_WORK is empty"),
        ({"DULY_HOME": ""}, "DULY_HOME is empty"),
        ({"DULY_DATABASE_URL": ""}, "DULY_DATABASE_URL is empty"),
        ({"DULY_QUEUE": "0"}, "DULY_QUEUE"),
        ({"DULY_CONVERTER": "word"}, "DULY_CONVERTER"),
        ({"DULY_CONVERTER": "gotenberg"}, "DULY_GOTENBERG_URL"),
        ({"DULY_GOTENBERG_URL": "http://127.0.0.1:3000"}, "DULY_CONVERTER"),
        ({"WEB_CONCURRENCY": "many"}, "WEB_CONCURRENCY"),
        ({"WEB_CONCURRENCY": "0"}, "WEB_CONCURRENCY"),
        ({"DULY_HOST": "two\nlines"}, "DULY_HOST"),
        ({"DULY_HOST": "王小明"}, "DULY_HOST"),
        ({"DULY_HOST": "a13800138000"}, "DULY_HOST"),
        ({"DULY_HOST": "x" * 65}, "DULY_HOST"),
        ({"DULY_HOST": ""}, "DULY_HOST"),
        ({"DULY_LOG_ORIGIN": "Not An Origin"}, "DULY_LOG_ORIGIN"),
        ({"DULY_LOG_ORIGIN": "a" * 201}, "DULY_LOG_ORIGIN"),
        ({"DULY_PUBLIC_URL": "ftp://example"}, "DULY_PUBLIC_URL"),
    ],
)
def test_a_setting_that_cannot_be_meant_is_refused_by_name(environment: dict[str, str], named: str) -> None:
    with pytest.raises(ConfigurationError, match=named):
        Settings.read(environment)


@pytest.mark.parametrize("host", ["local", "app-1.duly.example:8080", "h" * 63])
def test_a_host_is_one_that_the_log_takes(host: str) -> None:
    assert Settings.read({"DULY_HOST": host}).host == host
    assert SHORT(host)


@pytest.mark.parametrize(("workers", "slots"), [(None, 1), ("8", 1), ("4", 2), ("3", 2), ("1", 8), ("100", 1)])
def test_the_workers_share_the_cores_for_their_libreoffices(
    workers: str | None, slots: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(config, "cores", lambda: 8)
    given = {"WEB_CONCURRENCY": workers} if workers else {}

    assert Settings.read(given).slots == slots
    assert Settings.read({**given, "DULY_SLOTS": "5"}).slots == 5


def test_variables_of_others_are_left_alone() -> None:
    assert Settings.read({"PATH": "/bin", "HOME": "/root"}) == Settings.read({})
