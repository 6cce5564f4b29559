"""The order of the procedure is held by types: every wrong order is refused by the type checker."""

import inspect
import itertools
from pathlib import Path

import pytest
from mypy import api

from app import pipeline
from app.config import ROOT

pytestmark = pytest.mark.slow
ARTIFACTS = ("Attempt", "Awaiting", "Approved", "Rendered", "Converted", "Assembled", "Verified", "Signed", "Sealed")
# step -> (the artifact it takes, the call with that artifact written as `given`)
STEPS = {
    "approve": ("Attempt", "step.approve(given, at)"),
    "wait": ("Awaiting", "step.wait(attempt, given, at)"),
    "render": ("Approved", "step.render(given, folder)"),
    "convert": ("Rendered", "step.convert(given, folder)"),
    "assemble": ("Converted", "step.assemble(given)"),
    "verify": ("Assembled", "step.verify(given)"),
    "sign": ("Verified", "step.sign(given, folder, at)"),
    "seal": ("Signed", "step.seal(attempt, given, at)"),
}
HEAD = """
from datetime import datetime
from pathlib import Path
from app.artifacts import Approved, Assembled, Attempt, Awaiting, Converted, Rendered, Sealed, Signed, Verified
from app.pipeline import Steps

"""


def call(step: str, artifact: str) -> str:
    arguments = f"step: Steps, given: {artifact}, attempt: Attempt, folder: Path, at: datetime"
    return f"def {step}_{artifact}({arguments}) -> None:\n    {STEPS[step][1]}\n"


def complaints(code: str, folder: Path) -> list[str]:
    path = folder / "orders.py"
    path.write_text(code)
    said, _, _ = api.run(["--config-file", str(ROOT / "pyproject.toml"), "--no-error-summary", str(path)])
    return [line for line in said.splitlines() if "orders.py" in line and "error" in line]


def test_every_wrong_order_is_refused_and_the_right_one_is_not(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    pairs = list(itertools.product(STEPS, ARTIFACTS))
    wrong = [(step, artifact) for step, artifact in pairs if STEPS[step][0] != artifact]
    right = [(step, artifact) for step, artifact in pairs if STEPS[step][0] == artifact]

    assert complaints(HEAD + "".join(call(*pair) for pair in right), tmp_path) == []
    assert len(complaints(HEAD + "".join(call(*pair) for pair in wrong), tmp_path)) == len(wrong) == 64


def test_the_procedure_walks_the_steps_in_this_order() -> None:
    said = inspect.getsource(pipeline.carry_out)
    places = [said.index(f"step.{step}(") for step in STEPS]

    assert places == sorted(places)
