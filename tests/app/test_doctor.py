"""`make doctor` says what is missing, what differs, and nothing else."""

import shutil
from importlib import metadata
from pathlib import Path

import pytest

from app import doctor, fonts
from app.config import ROOT, Settings
from app.doctor import DIFFERS, MISSING, OK, Found, examine, report, toolchain
from app.isolation import NONE, WAYS


def settings(folder: Path, said: str = doctor.LIBREOFFICE, uno: str = "3.11.2") -> Settings:
    """Settings whose two programs only say their versions."""
    for name, line in (("soffice", f"{said} 40(Build:2)"), ("python3", uno)):
        (folder / name).write_text(f"#!/bin/sh\necho '{line}'\n")
        (folder / name).chmod(0o755)
    return Settings.read({"DULY_SOFFICE": str(folder / "soffice"), "DULY_UNO_PYTHON": str(folder / "python3")})


def state_of(name: str, found: list[Found]) -> str:
    (line,) = (line for line in found if line.name == name)
    return line.state


@pytest.fixture(autouse=True)
def _installed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Isolation, fonts and pdfsig as pinned, whatever this machine has."""
    monkeypatch.setattr(doctor, "best_isolation", lambda: WAYS[0])
    monkeypatch.setattr(fonts, "missing", list)
    monkeypatch.setattr(fonts, "unpinned", list)
    monkeypatch.setattr(fonts, "digest", lambda: "52ba367c97418c6a")
    monkeypatch.setattr(shutil, "which", lambda name: f"/usr/bin/{name}")


def test_a_machine_as_pinned_has_one_good_line_each(tmp_path: Path) -> None:
    found = examine(settings(tmp_path))

    assert [(line.name, line.state) for line in found] == [
        (name, OK) for name in ("LibreOffice", "uno", "isolation", "fonts", "pdfsig", "packages")
    ]


def test_another_libreoffice_differs_and_says_from_what(tmp_path: Path) -> None:
    (line, *_) = examine(settings(tmp_path, said="LibreOffice 24.2.7.2"))

    assert line == Found(
        "LibreOffice", DIFFERS, "LibreOffice 24.2.7.2; page pictures were made with LibreOffice 7.4.7.2"
    )


@pytest.mark.parametrize(("program", "name"), [("soffice", "LibreOffice"), ("python3", "uno")])
def test_a_program_that_is_not_there_is_missing(tmp_path: Path, program: str, name: str) -> None:
    given = settings(tmp_path)
    (tmp_path / program).unlink()

    assert state_of(name, examine(given)) == MISSING


def test_a_python_that_cannot_import_uno_is_missing(tmp_path: Path) -> None:
    given = settings(tmp_path)
    (tmp_path / "python3").write_text("#!/bin/sh\nexit 1\n")

    assert state_of("uno", examine(given)) == MISSING


def test_fonts_that_are_not_there_are_missing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fonts, "missing", lambda: ["NotoSerifCJKsc-Bold"])

    assert state_of("fonts", examine(settings(tmp_path))) == MISSING


def test_fonts_of_another_version_differ(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fonts, "unpinned", lambda: ["NotoSerifCJKsc-Bold"])

    assert state_of("fonts", examine(settings(tmp_path))) == DIFFERS


def test_a_machine_on_which_libreoffice_would_have_a_network_differs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(doctor, "best_isolation", lambda: NONE)

    assert state_of("isolation", examine(settings(tmp_path))) == DIFFERS


def test_where_a_server_converts_nothing_is_asked_of_a_libreoffice_here() -> None:
    given = Settings.read({"DULY_CONVERTER": "gotenberg", "DULY_GOTENBERG_URL": "http://127.0.0.1:3000"})

    assert [line.name for line in examine(given)][:2] == ["fonts", "pdfsig"]


def test_pdfsig_that_is_not_there_is_missing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "which", lambda _: None)

    assert state_of("pdfsig", examine(settings(tmp_path))) == MISSING


def test_packages_that_are_missing_or_differ_are_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    right = f"pypdf=={metadata.version('pypdf')}"
    pins = f"# a comment==1\nno-such-package==1.0 \\\n    --hash=sha256:00\nflask==0.1 \\\n{right}\n"
    (tmp_path / "requirements.txt").write_text(pins)
    given = settings(tmp_path)
    monkeypatch.setattr(doctor, "ROOT", tmp_path)

    assert [(line.name, line.state, line.said) for line in examine(given)[5:]] == [
        ("packages", OK, "1 as pinned in requirements.txt"),
        ("no-such-package", MISSING, "1.0 is pinned"),
        ("flask", DIFFERS, f"{metadata.version('flask')}; 0.1 is pinned"),
    ]


def test_every_pin_of_the_project_is_read() -> None:
    hashed = (ROOT / "requirements.txt").read_text("utf-8").count("==")

    assert len(doctor._pins(ROOT / "requirements.txt")) == hashed


def test_the_report_has_colour_only_where_it_is_asked_for() -> None:
    found = [Found("uno", OK, "3.11"), Found("LibreOffice", MISSING, "gone")]

    assert report(found, colour=False) == "ok       uno          3.11\nmissing  LibreOffice  gone"
    assert "\033[31mmissing  LibreOffice  gone\033[0m" in report(found, colour=True)


@pytest.mark.parametrize(
    ("found", "code"),
    [
        ([Found("uno", OK, "")], 0),
        ([Found("uno", OK, ""), Found("fonts", DIFFERS, "")], 0),
        ([Found("uno", MISSING, ""), Found("fonts", OK, "")], 1),
    ],
)
def test_it_ends_with_1_only_if_something_is_missing(
    found: list[Found], code: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(doctor, "examine", lambda _: found)

    with pytest.raises(SystemExit) as ended:
        doctor.main()

    assert ended.value.code == code


def test_the_toolchain_names_all_that_decides_how_a_page_looks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    given = settings(tmp_path)
    monkeypatch.setattr(doctor, "from_environment", lambda: given)

    assert toolchain() == {
        "libreoffice": "LibreOffice 7.4.7.2",
        "fonts": "52ba367c97418c6a",
        "pypdfium2": metadata.version("pypdfium2"),
    }
