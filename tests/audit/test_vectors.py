"""The frozen logs and receipts: the verifier of today judges them as on the day they were made."""

import json
from pathlib import Path

import pytest

from audit import verify
from tests.audit import make_vectors

RUNS = [
    pytest.param(folder, run, id=f"{folder.name}: {' '.join(run['arguments'])[:60]}")
    for folder in sorted(make_vectors.FOLDER.iterdir())
    if folder.is_dir()
    for run in json.loads((folder / "expected.json").read_text())["runs"]
]


@pytest.mark.parametrize(("folder", "run"), RUNS)
def test_a_vector_gets_its_verdict(
    folder: Path, run: dict[str, object], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(folder)
    arguments = run["arguments"]
    assert isinstance(arguments, list)
    status = verify.main([*arguments, "--json"])

    report = json.loads(capsys.readouterr().out)
    assert status == run["exit"]
    assert [finding["label"] for finding in report.get("findings", [])] == run["labels"]


def test_todays_writer_makes_the_same_bytes(tmp_path: Path) -> None:
    make_vectors.make(tmp_path)

    made = {path.relative_to(tmp_path): path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}
    kept = {
        path.relative_to(make_vectors.FOLDER): path.read_bytes()
        for path in make_vectors.FOLDER.rglob("*")
        if path.is_file() and path.name != "README.md"
    }
    assert made == kept


def test_every_verdict_is_shown_by_a_vector() -> None:
    shown = {label.partition("@")[0] for param in RUNS for label in param.values[1]["labels"]}  # type: ignore[index]  # pytest types parameters as object

    # These need a file that cannot be read as what it is; test_mangled.py has them.
    assert set(verify.VERDICTS) - shown == {"MANIFEST_INVALID", "CHECKPOINT_INVALID"}
