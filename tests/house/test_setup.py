"""The set-up says plainly what a machine lacks, and touches nothing when it may not."""

import subprocess
from pathlib import Path

import pytest

from app.config import ROOT


@pytest.fixture
def bare(tmp_path: Path) -> Path:
    """A folder with the few programs of a bare machine: nothing that the set-up would have to install."""
    programs = tmp_path / "bin"
    programs.mkdir()
    for name in ("bash", "cat", "dirname", "readlink", "flock", "id", "head", "grep"):
        (programs / name).symlink_to(f"/usr/bin/{name}")
    return programs


def fake(path: Path, text: str) -> None:
    path.unlink(missing_ok=True)
    path.write_text(f"#!/bin/bash\n{text}\n")
    path.chmod(0o755)


def setup(programs: Path, *arguments: str, **variables: str) -> "subprocess.CompletedProcess[str]":
    nowhere = {"DULY_SOFFICE": "/nowhere/soffice", "DULY_UNO_PYTHON": "/nowhere/python3"}
    environment = {"PATH": str(programs), **nowhere, **variables}
    command = ["/bin/bash", str(ROOT / ".ci" / "setup"), *arguments]
    return subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60, check=False)


def test_without_apt_it_lists_all_that_is_missing_at_once(bare: Path) -> None:
    fake(bare / "python3", '[[ "$*" != *ensurepip* ]]')
    fake(bare / "apt-get", f"touch {bare}/called")

    ran = setup(bare, "run", SKIP_APT="1")

    assert ran.returncode == 1
    for package in (
        *("libreoffice-writer-nogui", "python3-uno", "fontconfig", "fonts-noto-cjk", "poppler-utils", "python3-venv"),
    ):
        assert f"(Debian and Ubuntu: {package})" in ran.stderr
    assert "SKIP_APT=1: install these" in ran.stderr
    assert not (bare / "called").exists()


def test_only_the_tests_need_a_postgresql_on_this_machine(bare: Path) -> None:
    fake(bare / "python3", "true")
    (bare / "ls").symlink_to("/usr/bin/false")  # nothing under /usr/lib/postgresql

    assert "(Debian and Ubuntu: postgresql)" not in setup(bare, "run", SKIP_APT="1").stderr
    assert "(Debian and Ubuntu: postgresql)" in setup(bare, "dev", SKIP_APT="1").stderr


def test_a_python_that_is_too_old_is_named(bare: Path) -> None:
    fake(bare / "python3", '[ "$1" = -V ] && echo "Python 3.9.2" && exit 0; exit 1')

    ran = setup(bare, "run")

    assert (ran.returncode, ran.stderr) == (
        1,
        f"setup: python3 must be 3.11 or later; {bare}/python3 is Python 3.9.2\n",
    )


def test_without_python_it_says_so(bare: Path) -> None:
    assert setup(bare, "run").stderr == "setup: there is no python3\n"


def test_it_installs_what_is_missing_and_does_not_believe_that_it_worked(bare: Path) -> None:
    fake(bare / "python3", '[[ "$*" != *ensurepip* ]]')
    fake(bare / "env", f'echo "$@" >> {bare}/called')
    fake(bare / "sudo", '"$@"')

    ran = setup(bare, "run")
    fake(bare / "apt-get", "true")
    installed = setup(bare, "run")

    assert (ran.returncode, "there is no apt-get here" in ran.stderr) == (1, True)
    assert (installed.returncode, "installed, and still missing:" in installed.stderr) == (1, True)
    update, install = (bare / "called").read_text().splitlines()
    assert update.endswith("update")
    assert "--no-install-recommends libreoffice-writer-nogui python3-uno" in install


def test_who_is_neither_root_nor_has_sudo_is_told_the_command(bare: Path) -> None:
    fake(bare / "python3", "true")
    fake(bare / "id", "echo 1000")
    fake(bare / "apt-get", "true")

    assert "as root: apt-get install --no-install-recommends libreoffice-writer-nogui" in setup(bare, "run").stderr


def test_another_word_than_run_or_dev_is_refused(bare: Path) -> None:
    assert setup(bare, "all").stderr == "setup: say 'run' or 'dev'\n"
