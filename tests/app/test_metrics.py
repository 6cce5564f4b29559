"""What is counted is right with one process and with several, and its labels are of closed sets."""

import subprocess
import sys
from pathlib import Path

import pytest

from app.artifacts import Attempt
from app.config import ROOT
from app.convert import lifetime
from app.errors import ConfigurationError, Finding, Refused, StepFailed
from app.metrics import OTHER, RESTARTS, Metrics, share

COUNTING = """
import sys
from pathlib import Path
from app import metrics
metrics.share(Path(sys.argv[1]))
counts = metrics.Metrics(["letter"], ["R01"])
for _ in range(int(sys.argv[2])):
    counts.outcome("letter", "issued")
    counts.appended("commit", 0.01)
print(counts.text({}).decode())
"""


def told(metrics: Metrics) -> list[str]:
    return metrics.text({}).decode().splitlines()


def counted(home: Path, times: int) -> list[str]:
    """What a process of its own says after it counted so often. All of them have this one as their parent."""
    command = [sys.executable, "-c", COUNTING, str(home), str(times)]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout.splitlines()


def test_what_several_processes_counted_is_told_by_any_of_them(tmp_path: Path) -> None:
    counted(tmp_path, 2)

    said = counted(tmp_path, 3)

    assert 'duly_documents_total{outcome="issued",type="letter"} 5.0' in said
    assert 'duly_append_seconds_count{part="commit"} 5.0' in said


def test_a_new_start_begins_with_nothing_and_removes_what_the_dead_left(tmp_path: Path) -> None:
    earlier = tmp_path / "1-1"
    earlier.mkdir()
    (earlier / "counter_1.db").write_bytes(b"")
    (earlier / ".lock").touch()

    said = counted(tmp_path, 1)

    assert 'duly_documents_total{outcome="issued",type="letter"} 1.0' in said
    assert not earlier.exists()


def test_the_folder_of_a_living_process_stays(tmp_path: Path) -> None:
    waiting = COUNTING.replace("print(", "print('ready', flush=True); sys.stdin.read(); print(")
    command = ["/bin/sh", "-c", '"$@"; true', "-", sys.executable, "-c", waiting, str(tmp_path), "1"]  # another parent
    with subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as other:
        assert other.stdout
        assert other.stdin
        assert other.stdout.readline() == "ready\n"
        counted(tmp_path, 1)
        other.stdin.close()
        said = other.stdout.read().splitlines()

    assert 'duly_documents_total{outcome="issued",type="letter"} 1.0' in said
    assert len(list(tmp_path.iterdir())) == 2


def test_a_place_where_nothing_can_be_counted_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")

    with pytest.raises(ConfigurationError, match=r"DULY_WORK.*file"):
        share(tmp_path / "file")


def test_a_label_that_is_in_no_closed_set_is_other() -> None:
    metrics = Metrics(["letter"], ["R01"])

    metrics.refused("王小明")
    metrics.refused("R01")
    metrics.outcome("6259000000000005", "issued")
    metrics.restarted("王小明")
    metrics.answered("/livez", "WANG6259000000000005", 405, 0.1)

    said = "\n".join(told(metrics))
    assert f'duly_refusals_total{{rule="{OTHER}"}} 1.0' in said
    assert 'duly_refusals_total{rule="R01"} 1.0' in said
    assert f'method="{OTHER}"' in said
    assert not any(private in said for private in ("王小明", "6259000000000005"))


def test_the_reasons_for_a_restart_are_those_of_the_converter() -> None:
    known = {"DOCUMENTS", "MEMORY", "AGE", "DIED", "UNWELL", "FAILED"}

    assert set(RESTARTS) == {getattr(lifetime, name) for name in known}


@pytest.mark.parametrize(
    ("error", "result"),
    [
        (None, "done"),
        (Refused([Finding("R01", "block", "", "", "")]), "refused"),
        (StepFailed("render", ""), "failed"),
        (RuntimeError("王小明"), "failed"),
    ],
    ids=["done", "refused", "failed", "bug"],
)
def test_a_step_is_timed_however_it_ends(error: Exception | None, result: str) -> None:
    metrics = Metrics()

    def step(attempt: type[Attempt]) -> type[Attempt]:
        if error:
            raise error
        return attempt

    timed = metrics.timed("render", step)
    if error:
        with pytest.raises(type(error)):
            timed(Attempt)
    else:
        assert timed(Attempt) is Attempt

    assert f'duly_step_seconds_count{{result="{result}",step="render"}} 1.0' in told(metrics)


def test_a_figure_that_could_not_be_read_is_missing_and_not_naught() -> None:
    said = Metrics().text({"log_entries": None, "stuck_documents": 0}).decode()

    assert "duly_stuck_documents 0.0" in said
    assert "log_entries" not in said
