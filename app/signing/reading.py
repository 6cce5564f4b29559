"""The process that reads a returned file, from within (签署核验进程): started for one file, and gone after it.

Promises nothing to those who ask but that it cannot take more than its limits. It answers in one of the fixed words of
answers.py; no trace of a file leaves in an error.
"""

import ctypes
import resource
import signal
import sys
from pathlib import Path

from app.errors import StepFailed
from app.signing.answers import TOO_LARGE, UNREADABLE, NotExecuted, refused, unfit
from app.signing.examination import examination

_PDEATHSIG, _DUMPABLE, _NO_NEW_PRIVILEGES = 1, 4, 38  # <linux/prctl.h>


def main(issued: str, returned: str, size: str, memory: str, seconds: str) -> None:
    _confine(int(memory), int(seconds))
    sys.stdout.buffer.write(_answered(Path(issued), Path(returned), int(size)))


def _answered(issued: Path, returned: Path, size: int) -> bytes:
    try:
        with returned.open("rb") as stream:
            content = stream.read(size + 1)
        if len(content) > size:
            return refused(TOO_LARGE)
        return examination(issued, content).written()
    except NotExecuted as refusal:
        return refused(refusal.reason)
    except StepFailed:
        return unfit()
    except Exception:  # its text may quote the file
        return refused(UNREADABLE)


def _confine(memory: int, seconds: int) -> None:
    libc = ctypes.CDLL(None, use_errno=True)
    libc.prctl(_PDEATHSIG, signal.SIGKILL, 0, 0, 0)  # it does not outlive who asked
    libc.prctl(_DUMPABLE, 0, 0, 0, 0)  # nobody looks into it
    libc.prctl(_NO_NEW_PRIVILEGES, 1, 0, 0, 0)
    limits = {
        resource.RLIMIT_CORE: 0,  # a core file would hold an agreement
        resource.RLIMIT_FSIZE: 0,  # it writes no file
        resource.RLIMIT_NPROC: 0,  # and starts nothing; root is exempt
        resource.RLIMIT_AS: memory,
        resource.RLIMIT_CPU: seconds,
    }
    for kind, most in limits.items():
        given = resource.getrlimit(kind)[1]
        least = most if given == resource.RLIM_INFINITY else min(most, given)  # a stricter one stays
        resource.setrlimit(kind, (least, least))
