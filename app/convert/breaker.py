"""Not asking again and again of what does not start (熔断).

Counts only fresh processes that failed to start or to convert the built-in document: then it is the machine, not
somebody's letter. After `failures` in a row it is open, and callers are told at once instead of waiting. When the
pause is over one start is tried; if that fails too, the next pause is twice as long.
"""

import math
import threading
import time


class Breaker:
    """Closed at first. Threads may share it."""

    def __init__(self, failures: int = 3, pause: float = 1.0, longest: float = 60.0) -> None:
        self._most, self._first, self._longest = failures, pause, longest
        self._lock = threading.Lock()
        self._failed = 0
        self._until = 0.0
        self.reason = ""  # of the last failure

    def failed(self, reason: str) -> None:
        with self._lock:
            self._failed += 1
            self.reason = reason
            if (times := self._failed - self._most) >= 0:
                self._until = time.monotonic() + min(self._longest, self._first * 2 ** min(times, 16))

    def succeeded(self) -> None:
        with self._lock:
            self._failed, self._until, self.reason = 0, 0.0, ""

    @property
    def open(self) -> bool:
        """Until a start has succeeded; also while one is tried after the pause."""
        return self._failed >= self._most

    def pause(self) -> float:
        """Seconds until a start may be tried; 0 is now."""
        return max(0.0, self._until - time.monotonic())

    def retry_after(self) -> int:
        """What a caller is told: after the pause, and the start that it will take."""
        return math.ceil(self.pause()) + 2
