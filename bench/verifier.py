"""`audit/verify.py` on a million entries (核验速度): chain and tree, and every entry's form, on one core.

Entries per second of CPU time, so that what else the machine does counts little. Memory is the verifier's peak, for a
million entries against that for a tenth of them: a verifier that streams needs no more.
"""

import os
import subprocess
from dataclasses import dataclass
from pathlib import Path

from app.config import ROOT
from bench import make_log

VERIFY = ROOT / "audit" / "verify.py"
PYTHON = "/usr/bin/python3"  # the system's bare one, as an outsider has it


@dataclass(frozen=True)
class Verified:
    """Entries per second, and peak memory in bytes for all entries and for a tenth."""

    quick: float
    deep: float
    peak: int
    peak_of_tenth: int


def measure(folder: Path, count: int = 1_000_000) -> Verified:
    make_log.make(count, folder / "all")
    make_log.make(count // 10, folder / "tenth")
    quick, peak = _run(folder / "all", "--quick")
    deep, _ = _run(folder / "all", "--deep")
    _, tenth = _run(folder / "tenth", "--quick")
    return Verified(count / quick, count / deep, peak, tenth)


def _run(export: Path, how: str) -> tuple[float, int]:
    """CPU seconds and peak memory of one verification that finds the log sound."""
    process = subprocess.Popen([PYTHON, "-I", str(VERIFY), str(export), how], stdout=subprocess.DEVNULL)  # noqa: S603
    _, status, used = os.wait4(process.pid, 0)
    if os.waitstatus_to_exitcode(status) != 0:
        raise RuntimeError("the verifier does not find a sound log sound")
    return used.ru_utime + used.ru_stime, used.ru_maxrss * 1024
