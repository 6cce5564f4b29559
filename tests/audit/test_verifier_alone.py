"""The verifier is one file: the standard library, any folder, any user, a bare Python."""

import ast
import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from audit import verify
from tests.audit.make_vectors import FOLDER

SOURCE = Path(verify.__file__)
BARE = Path("/usr/bin/python3")


def test_the_verifier_imports_the_standard_library_only() -> None:
    imported = set()
    for node in ast.walk(ast.parse(SOURCE.read_text())):
        if isinstance(node, ast.Import):
            imported |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0
            imported.add((node.module or "").partition(".")[0])

    assert imported <= sys.stdlib_module_names
    assert not imported & {"subprocess", "socket", "urllib", "os", "importlib", "ctypes", "pickle"}


def test_the_verifier_keeps_to_python_3_9() -> None:
    ast.parse(SOURCE.read_text(), feature_version=(3, 9))


def test_the_writer_does_not_use_the_verifier() -> None:
    users = {
        path.name
        for path in SOURCE.parent.glob("*.py")
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.ImportFrom) and any(alias.name == "verify" for alias in node.names)
        if path.name != "verify.py"
    }
    assert users == {"__main__.py"}


@pytest.mark.skipif(not BARE.exists(), reason="no system Python here")
def test_it_runs_as_a_lone_file_in_an_empty_folder(tmp_path: Path) -> None:
    shutil.copy(SOURCE, tmp_path / "verify.py")
    sound = FOLDER / "sound"

    def call(*arguments: str) -> subprocess.CompletedProcess[bytes]:
        # -I: no user packages, no PYTHON* variables; LC_ALL=C: a terminal that knows no Chinese
        command = [str(BARE), "-I", "-B", "verify.py", *arguments]
        return subprocess.run(command, cwd=tmp_path, capture_output=True, env={"LC_ALL": "C"}, check=False)

    export = call(str(sound / "export"))
    receipt = call(str(sound / "receipt.json"), "--pdf", str(sound / "letter.pdf"), "--json")
    assert (export.returncode, export.stderr) == (0, b"")
    assert b"no outside reference" in export.stdout
    assert (receipt.returncode, json.loads(receipt.stdout)["result"]) == (0, "OK")
    assert call(str(FOLDER / "content_altered" / "export")).returncode == 1
    assert call(str(sound / "letter.pdf")).returncode == 2
    assert call().returncode == 2
    assert call(str(sound / "export"), "--pdf", "x").returncode == 2
    assert sorted(path.name for path in tmp_path.iterdir()) == ["verify.py"]
