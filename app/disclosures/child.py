"""The reading process from within (阅读进程内部): the only place where PDFium runs.

Reads questions from its standard input, a socket, and answers each in JSON, one at a time; a second thread judges what
the first has drawn. Promises nothing to those who ask but that it cannot take more than its limits: they may not trust
it (asking.py). Whatever goes wrong is one of the fixed words; no trace of a file leaves in an error. It ends when the
service does.
"""

import ctypes
import os
import resource
import select
import signal
import socket
import sys
import threading

from app import fonts
from app.disclosures.asking import Question, failed
from app.disclosures.framing import receive, send
from app.disclosures.process import READY
from app.disclosures.proving import answer, begin
from app.disclosures.reasons import BUG, FAULTS, NO_MEMORY
from app.errors import StepFailed

_QUESTION = 64 << 20  # bytes: from the service, which is trusted
_TURN = 0.0005  # seconds that the thread which judges may let the one which draws wait
_PDEATHSIG, _DUMPABLE, _NO_NEW_PRIVILEGES = 1, 4, 38  # <linux/prctl.h>
_LIMITS = {
    resource.RLIMIT_CORE: 0,  # a core file would hold letters
    resource.RLIMIT_FSIZE: 0,  # it writes no file
    resource.RLIMIT_NPROC: 0,  # and starts nothing; root is exempt
}


def main(address_space: str, seconds: str) -> None:
    asked = socket.socket(fileno=0)
    _die_with_the_service(asked)
    if fonts.missing():  # found now, as it takes a process
        return
    begin()
    sys.setswitchinterval(_TURN)
    _confine(int(address_space))
    send(asked, READY)
    while True:
        question = receive(asked, _QUESTION)
        _allow(int(seconds))
        send(asked, _answered(question))


def _answered(question: bytes) -> bytes:
    try:
        return answer(Question.read(question)).written()
    except StepFailed as failure:
        return failed(failure.detail if failure.detail in FAULTS else BUG)
    except MemoryError:
        return failed(NO_MEMORY)
    except Exception:  # its text may quote the document
        return failed(BUG)


def _die_with_the_service(asked: socket.socket) -> None:
    """By a signal from the kernel; and, where another program stands between, when nobody holds the other end."""
    _prctl(_PDEATHSIG, signal.SIGKILL)
    threading.Thread(target=_watch, args=[asked.fileno()], daemon=True).start()


def _watch(descriptor: int) -> None:
    poll = select.poll()
    poll.register(descriptor, select.POLLRDHUP)
    poll.poll()
    os.killpg(0, signal.SIGKILL)


def _confine(address_space: int) -> None:
    _prctl(_DUMPABLE, 0)  # nobody looks into it
    _prctl(_NO_NEW_PRIVILEGES, 1)
    for kind, most in {**_LIMITS, resource.RLIMIT_AS: address_space}.items():
        _limit(kind, most, most)


def _allow(seconds: int) -> None:
    """Processor time for one question, on top of what is used already."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    _limit(resource.RLIMIT_CPU, int(used.ru_utime + used.ru_stime) + 1 + seconds, resource.RLIM_INFINITY)


def _limit(kind: int, soft: int, hard: int) -> None:
    """A limit that is stricter already stays."""
    given = resource.getrlimit(kind)[1]
    if given != resource.RLIM_INFINITY:
        hard = given if hard == resource.RLIM_INFINITY else min(hard, given)
        soft = min(soft, hard)
    resource.setrlimit(kind, (soft, hard))


def _prctl(option: int, value: int) -> None:
    ctypes.CDLL(None, use_errno=True).prctl(option, value, 0, 0, 0)
