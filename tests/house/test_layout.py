"""The top level is what it is meant to be, and no file names a machine or a registry."""

import re
import subprocess

import pytest

from app.config import ROOT

TOP_LEVEL = {
    "app", "audit", "bench", "docs", "templates", "tests", "wsgi.py",
    "requirements.in", "requirements.txt", "requirements-dev.in", "requirements-dev.txt",
    "README.md", "CHANGELOG.md", "LICENSE", "Makefile", "pyproject.toml",
    ".ci", ".gitignore", ".gitattributes", ".pre-commit-config.yaml",
}  # fmt: skip


def tracked() -> list[str]:
    done = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True)
    return done.stdout.splitlines()


def test_nothing_lies_at_the_top_level_that_does_not_belong_there() -> None:
    assert {path.split("/")[0] for path in tracked()} <= TOP_LEVEL


def test_no_file_names_a_package_registry_or_this_machine() -> None:
    forbidden = re.compile(r"--(?:extra-)?index-url[ =]\S|https?://[^\s\"']*(?:pypi|npmjs)\.[a-z]+/simple")
    for name in tracked():
        path = ROOT / name
        if path.suffix in {".docx", ".png", ".pdf"} or not path.is_file():
            continue
        text = path.read_text("utf-8", errors="replace")
        assert forbidden.search(text) is None, name
        assert str(ROOT.parent) + "/" not in text, name


@pytest.mark.parametrize("requirements", ["requirements.txt", "requirements-dev.txt"])
def test_every_requirement_is_pinned_with_a_hash(requirements: str) -> None:
    text = (ROOT / requirements).read_text("utf-8")
    pinned = re.findall(r"^[a-z0-9][^\s=]*==\S+ \\\n    --hash=sha256:[0-9a-f]{64}", text, re.MULTILINE)
    named = re.findall(r"^[a-z0-9].*", text, re.MULTILINE)

    assert len(pinned) == len(named) > 5
