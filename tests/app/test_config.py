"""Settings: one place, no guessing."""

import pytest

from app.config import Settings
from app.errors import ConfigurationError


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
        ({"DULY_SLOTS": "0"}, "DULY_SLOTS"),
        ({"DULY_SLOTS": "nan"}, "DULY_SLOTS"),
    ],
)
def test_a_setting_that_cannot_be_meant_is_refused_by_name(environment: dict[str, str], named: str) -> None:
    with pytest.raises(ConfigurationError, match=named):
        Settings.read(environment)


def test_variables_of_others_are_left_alone() -> None:
    assert Settings.read({"PATH": "/bin", "HOME": "/root"}) == Settings.read({})
