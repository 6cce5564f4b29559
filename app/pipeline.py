"""issue(): the whole way of a document on one screen (出具).

Each step accepts only what the step before it made. A refusal or a failure is written to the log before it leaves,
nothing half-made is handed on, and the working folder is gone whatever happens.
"""

import errno
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import ParamSpec, TypeVar

from app.artifacts import (
    Approved,
    Assembled,
    Attempt,
    Awaiting,
    Converted,
    Earlier,
    Order,
    Rendered,
    Sealed,
    Signed,
    Verified,
)
from app.errors import Refused, StepFailed

P = ParamSpec("P")
T = TypeVar("T")
_DISK = {errno.ENOSPC, errno.EDQUOT, errno.EIO, errno.EROFS, errno.EFBIG}  # not the document's fault


@dataclass(frozen=True)
class Steps:
    """The rooms, as the wiring hands them over. Working files go into the folder that a step is given."""

    begin: Callable[[Order, datetime], Attempt | Earlier]
    approve: Callable[[Attempt, datetime], Approved | Awaiting]
    wait: Callable[[Attempt, Awaiting, datetime], None]
    render: Callable[[Approved, Path], Rendered]
    convert: Callable[[Rendered, Path], Converted]
    assemble: Callable[[Converted], Assembled]
    verify: Callable[[Assembled], Verified]
    sign: Callable[[Verified, Path, datetime], Signed]
    seal: Callable[[Attempt, Signed, datetime], Sealed]
    refuse: Callable[[Attempt, Refused, datetime], None]
    fail: Callable[[Attempt, StepFailed, datetime], None]
    work: Path
    now: Callable[[], datetime]


def issue(order: Order, step: Steps) -> str:
    """Issue one document and return its id; the same idempotency key returns the document that it already has."""
    attempt = step.begin(order, step.now())
    if isinstance(attempt, Attempt):
        carry_out(attempt, step)
    return attempt.document_id


def carry_out(attempt: Attempt, step: Steps) -> None:
    """From the gate on: for what was just asked, and again for what a human has decided to allow."""
    with _recording(attempt, step), _folder(step.work) as folder:
        approved = step.approve(attempt, step.now())
        if isinstance(approved, Awaiting):
            step.wait(attempt, approved, step.now())
            return
        rendered = step.render(approved, folder)
        converted = step.convert(rendered, folder)
        assembled = step.assemble(converted)
        verified = step.verify(assembled)
        signed = step.sign(verified, folder, step.now())
        step.seal(attempt, signed, step.now())


def letter_is_its_part(converted: Converted) -> Assembled:
    """Assemble a document that consists of nothing but its own parts."""
    return Assembled(converted, converted.parts)


def bordered(name: str, step: Callable[P, T]) -> Callable[P, T]:
    """The step, with a disk that is full or broken told as what it is: the step failed, and may be tried again."""

    def call(*arguments: P.args, **named: P.kwargs) -> T:
        with _border(name):
            return step(*arguments, **named)

    return call


@contextmanager
def _border(name: str) -> Iterator[None]:
    """No `OSError` crosses it; one that a step has already told as a fault of ours may be the disk's after all."""
    try:
        yield
    except OSError as error:
        raise StepFailed(name, f"{type(error).__name__} {error.errno}") from error
    except StepFailed as failure:
        cause = failure.__cause__
        if isinstance(cause, OSError) and cause.errno in _DISK:
            raise StepFailed(name, f"{type(cause).__name__} {cause.errno}") from cause
        raise


@contextmanager
def _recording(attempt: Attempt, step: Steps) -> Iterator[None]:
    """Write the outcome down before the error leaves. Failing to write it is worse than the error, and hides it."""
    try:
        yield
    except Refused as refusal:
        step.refuse(attempt, refusal, step.now())
        raise
    except StepFailed as failure:
        step.fail(attempt, failure, step.now())
        raise
    except Exception as bug:
        step.fail(attempt, StepFailed("bug", type(bug).__name__, status=500), step.now())
        raise


@contextmanager
def _folder(work: Path) -> Iterator[Path]:
    """A folder for one attempt: it holds personal data in the clear, so it is private and does not outlive it."""
    with _border("work"):
        folder = Path(tempfile.mkdtemp(dir=work))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def utc_now() -> datetime:
    return datetime.now(UTC)
