"""The border of a step: a disk's failure is told as one, and may be tried again; everything else stays what it was."""

import errno

import pytest

from app.errors import StepFailed
from app.pipeline import bordered


def failing(error: Exception, cause: Exception | None = None) -> StepFailed:
    """What comes over the border of `sign` when its step raises `error`."""

    def step() -> None:
        raise error from cause

    with pytest.raises(StepFailed) as caught:
        bordered("sign", step)()
    return caught.value


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EDQUOT, errno.EIO, errno.EROFS])
def test_a_full_or_broken_disk_is_a_step_that_may_be_tried_again(number: int) -> None:
    disk = OSError(number, "said by the system", "letter.pdf")

    for error, cause in ((disk, None), (StepFailed("sign", "a part could not be signed", status=500), disk)):
        told = failing(error, cause)
        assert (told.step, told.status) == ("sign", 503)
        assert "letter" not in told.detail


def test_a_fault_of_ours_stays_one() -> None:
    ours = StepFailed("sign", "the certificate has expired", status=500)

    assert failing(ours) is ours
    assert failing(ours, ValueError("not of the disk")) is ours


def test_what_is_not_of_the_disk_crosses_unchanged() -> None:
    with pytest.raises(ZeroDivisionError):
        bordered("sign", lambda: 1 // 0)()
