"""Which converter the settings open."""

from pathlib import Path

import pytest

from app import fonts
from app.convert import Gotenberg, Pool
from app.errors import ConfigurationError
from app.opening import open_converter, require_tools
from tests.wiring import settings_here


def test_by_default_libreoffice_on_this_machine(tmp_path: Path) -> None:
    converter = open_converter(settings_here(tmp_path, soffice="/bin/false"))
    converter.close()

    assert isinstance(converter, Pool)


def test_a_server_if_it_is_configured_and_then_nothing_is_needed_here(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fonts, "missing", list)
    settings = settings_here(
        tmp_path, converter="gotenberg", gotenberg_url="http://127.0.0.1:3000", soffice=str(tmp_path / "no-soffice")
    )

    require_tools(settings)
    assert isinstance(open_converter(settings), Gotenberg)


def test_a_server_that_has_no_address_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="DULY_GOTENBERG_URL"):
        open_converter(settings_here(tmp_path, converter="gotenberg", gotenberg_url="gotenberg:3000"))
