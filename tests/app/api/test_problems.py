"""What a caller reads off an error besides its body."""

import pytest
from flask import Flask

from app.api import problems
from app.errors import StepFailed


@pytest.mark.parametrize(
    ("failure", "retry_after"),
    [
        (StepFailed("convert", "too many wait", retry_after=17), "17"),
        (StepFailed("seal", "the disk is full"), "5"),
        (StepFailed("convert", "quarantined", status=500), None),
    ],
)
def test_a_step_that_may_be_tried_again_says_when(failure: StepFailed, retry_after: str | None) -> None:
    app = Flask("test")
    problems.register(app)

    @app.get("/")
    def fail() -> str:
        raise failure

    answer = app.test_client().get("/")

    assert answer.status_code == failure.status
    assert answer.headers.get("Retry-After") == retry_after
    assert answer.get_json()["step"] == failure.step
