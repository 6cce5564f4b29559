"""A reading process that is always there (看护): one for each worker, started before it is needed.

    with Reader() as reader: reader.ask(question)

Threads take turns. A question that the process does not answer as it should costs the process its life: its whole group
is killed, and a thread of this module's own starts another. So it does when one has grown old, before that one goes.
Every process is started by that one thread, which lives as long as they do: the kernel kills them when it ends.
Open it after a fork; a fork may not share it.
"""

import logging
import os
import threading
import time
from types import TracebackType
from typing import Self

from app.disclosures.asking import Answer, Question
from app.disclosures.process import Limits, Process, ReadingFailed
from app.errors import StepFailed
from app.isolation import best_isolation

_log = logging.getLogger("duly.reader")

PAUSE = 1.0  # seconds before a start that failed is tried again


class Reader:
    """Answers questions about finished files. `StepFailed`: 500 if a file costs the process, 503 if there is none."""

    def __init__(self, limits: Limits | None = None) -> None:
        self._limits = limits or Limits()
        self._changed = threading.Condition()  # over what follows
        self._living: Process | None = None
        self._idle = False  # the living one, to be had
        self._trouble = ""  # why there is none
        self._owner = 0
        self._thread = threading.Thread(target=self._keep, name="reader-keeper", daemon=True)

    def open(self) -> Self:
        """Begin to start the process, and return at once."""
        self._owner = os.getpid()
        self._thread.start()
        return self

    def close(self) -> None:
        """Kill it, at work or not. In a forked child this does nothing: it is not its own."""
        if self._owner != os.getpid():
            return
        with self._changed:
            self._owner = 0
            if self._living:
                self._living.kill()
            self._changed.notify_all()
        self._thread.join()

    def __enter__(self) -> Self:
        return self.open()

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    def ready(self) -> bool:
        """Whether there is a process."""
        with self._changed:
            return self._here() and self._living is not None and self._living.alive()

    def ask(self, question: Question) -> Answer:
        """The answer, in bounded time, or `StepFailed`."""
        process = self._take(time.monotonic() + self._limits.seconds)
        try:
            answer = process.ask(question, time.monotonic() + self._limits.seconds)
        except ReadingFailed as failure:
            self._lose(process)
            if not self._here():
                raise _nobody("it was closed") from failure
            _log.error("a finished file cost a reading process: %s", failure)
            raise StepFailed("verify", f"the finished file was not read: {failure}", status=500) from failure
        except BaseException:
            self._lose(process)
            raise
        self._give_back()
        return answer

    def _here(self) -> bool:
        return self._owner == os.getpid()

    def _take(self, until: float) -> Process:
        with self._changed:
            while self._here():
                if self._idle and self._living:
                    if self._living.alive():
                        self._idle = False
                        return self._living
                    self._forget(self._living)
                if self._living is None and self._trouble:
                    raise _nobody(self._trouble)
                if not self._changed.wait(until - time.monotonic()) and time.monotonic() >= until:
                    raise _nobody("others are before this one")
        raise _nobody("it is not open in this process")

    def _give_back(self) -> None:
        with self._changed:
            self._idle = True
            self._changed.notify_all()

    def _lose(self, process: Process) -> None:
        with self._changed:
            self._forget(process)

    def _forget(self, process: Process) -> None:
        process.stop()
        if self._living is process:
            self._living, self._idle = None, False
        self._changed.notify_all()

    # --- the thread that keeps it

    def _keep(self) -> None:
        while self._wait_until_one_is_wanted():
            try:
                made, trouble = Process.launch(self._limits, best_isolation().prefix), ""
            except Exception as error:  # it may not end: nobody else starts anything
                made, trouble = None, str(error) if isinstance(error, ReadingFailed) else type(error).__name__
                _log.error("no reading process: %s", trouble)
            self._put(made, trouble)
            if trouble:
                time.sleep(PAUSE)
        with self._changed:
            if self._living:
                self._forget(self._living)

    def _wait_until_one_is_wanted(self) -> bool:
        with self._changed:
            while self._here():
                if self._living is None or (self._idle and self._living.worn()):
                    return True
                self._changed.wait()
        return False

    def _put(self, made: Process | None, trouble: str) -> None:
        """In the place of the old one, when that is idle."""
        with self._changed:
            self._trouble = trouble
            if made:
                while self._living and not self._idle:
                    self._changed.wait()
                if self._living:
                    self._living.stop()
                self._living, self._idle = made, True
            self._changed.notify_all()


def _nobody(why: str) -> StepFailed:
    return StepFailed("verify", f"there is no reading process: {why}")
