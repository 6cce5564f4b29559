"""gunicorn's worker, for when no proxy stands in front: who is slow holds no thread for long (慢连接).

gunicorn's own threads wait without end for the rest of a request that has begun. Here
- a connection that says nothing costs no thread at all: the poller waits for its first byte;
- a request is read, and its answer taken, within `WITHIN` seconds, however many small pieces it comes in; then the
  connection is reset;
- a worker that is at work lets another one take the next connection: each has its own LibreOffice, and of two letters
  in one worker the second would wait while the other worker idles.
A client with very many connections can still take all threads for that long, one after another: against an attack a
proxy is needed. TLS is the proxy's too: gunicorn's own would put another socket in the place of ours.
"""

import errno
import functools
import logging
import selectors
import socket
import time
from typing import Any

from gunicorn import util
from gunicorn.glogging import Logger
from gunicorn.http import errors
from gunicorn.workers import gthread

from app import logs

# Requests that never reach the application: kind -> status and reason; any other bad one is 400.
STATUS = {
    errors.LimitRequestLine: (414, "URI Too Long"),
    errors.LimitRequestHeaders: (431, "Request Header Fields Too Large"),
    errors.ExpectationFailed: (417, "Expectation Failed"),
    errors.UnsupportedTransferCoding: (501, "Not Implemented"),
    errors.ForbiddenProxyRequest: (403, "Forbidden"),
}
_log = logging.getLogger("duly.worker")
COURTESY = 0.003  # seconds that a worker at work waits before it takes a connection
WITHIN = 10.0  # seconds for a request of up to 1 MiB, or 20 MiB for a signed file; and for each piece of an answer


class Worker(gthread.ThreadWorker):
    """`--worker-class app.worker.Worker`."""

    at_work = 0  # requests in threads; a little wrong at times is no harm

    def accept(self, listener: socket.socket) -> None:
        """Take a connection, and let the poller wait for its first byte. Who is at work lets others go first."""
        if self.at_work:
            time.sleep(COURTESY)
        try:
            accepted, address = listener.accept()
        except OSError as error:
            if error.errno not in (errno.EAGAIN, errno.ECONNABORTED, errno.EWOULDBLOCK):
                raise
            return
        self.nr_conns += 1
        hurried = Hurried(fileno=accepted.detach())
        self._wait(Connection(self.cfg, hurried, address, listener.getsockname()))

    def handle(self, conn: "Connection") -> Any:
        """One request, in a thread; a connection that ends is closed here, so that nobody else waits for its client."""
        conn.sock.start()
        self.at_work += 1
        try:
            kept = super().handle(conn)
        finally:
            self.at_work -= 1
        if kept is False:
            conn.close(graceful=True)
        return kept

    def handle_error(self, req: Any, client: socket.socket, addr: Any, exc: BaseException) -> None:  # noqa: ARG002 -- gunicorn's signature
        """Answer what never reached the application. gunicorn's own answer and log line quote the request."""
        bad = isinstance(exc, errors.ParseException)
        status, reason = (400, "Bad Request") if bad else (500, "Internal Server Error")
        status, reason = STATUS.get(type(exc), (status, reason))
        _log.log(
            logging.WARNING if bad else logging.ERROR, "not a request: %s", logs.places(exc), extra={"status": status}
        )
        try:
            util.write_error(client, status, reason, "")
        except OSError:
            return  # whoever asked has gone

    def _wait(self, conn: "Connection") -> None:
        conn.timeout = time.monotonic() + self.cfg.keepalive
        self.pending_conns.append(conn)
        readable = functools.partial(self.on_pending_socket_readable, conn)
        self.poller.register(conn.sock, selectors.EVENT_READ, readable)


class Connection(gthread.TConn):
    """gunicorn closes in its main thread; what is closed already costs nothing there."""

    closed = False

    def close(self, graceful: bool = False) -> None:
        if not self.closed:
            self.closed = True
            super().close(graceful)


class Hurried(socket.socket):
    """A socket that reads against a deadline and writes each piece against another."""

    until = 0.0

    def start(self) -> None:
        """A request begins."""
        self.until = time.monotonic() + WITHIN

    def recv(self, size: int, flags: int = 0) -> bytes:
        given = self.gettimeout()
        left = max(self.until - time.monotonic(), 0.001)
        self.settimeout(left if given is None else min(left, given))
        try:
            return super().recv(size, flags)
        except TimeoutError:
            raise ConnectionResetError(errno.ECONNRESET, "too slow") from None
        finally:
            self.settimeout(given)

    def sendall(self, data: Any, flags: int = 0) -> None:
        given = self.gettimeout()
        self.settimeout(WITHIN)
        try:
            super().sendall(data, flags)
        except TimeoutError:
            raise ConnectionResetError(errno.ECONNRESET, "too slow") from None
        finally:
            self.settimeout(given)


class Log(Logger):
    """`--logger-class app.worker.Log`: gunicorn's lines go the way of ours, in the master too."""

    def setup(self, cfg: Any) -> None:
        """Not gunicorn's own: it would write each line once more, in words of its own."""
        level = self.LOG_LEVELS.get(cfg.loglevel.lower(), logging.INFO)
        logs.configure(level)
        self._access_log_enabled = False

    def log(self, lvl: Any, msg: Any, *args: Any, **kwargs: Any) -> None:
        level = lvl if isinstance(lvl, int) else self.LOG_LEVELS.get(str(lvl).lower(), logging.INFO)
        self._written(level, msg, args, kwargs)

    def debug(self, msg: Any, *args: Any, **kwargs: Any) -> None:
        self._written(logging.DEBUG, msg, args, kwargs)

    def info(self, msg: Any, *args: Any, **kwargs: Any) -> None:
        self._written(logging.INFO, msg, args, kwargs)

    def warning(self, msg: Any, *args: Any, **kwargs: Any) -> None:
        self._written(logging.WARNING, msg, args, kwargs)

    def error(self, msg: Any, *args: Any, **kwargs: Any) -> None:
        self._written(logging.ERROR, msg, args, kwargs)

    def critical(self, msg: Any, *args: Any, **kwargs: Any) -> None:
        self._written(logging.CRITICAL, msg, args, kwargs)

    def exception(self, msg: Any, *args: Any, **kwargs: Any) -> None:
        self._written(logging.ERROR, msg, args, {"exc_info": True} | kwargs)

    def _written(self, level: int, msg: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
        """The place that a line names is that of whoever wrote it, not gunicorn's wrapper around `logging`."""
        self.error_log.log(level, msg, *args, **{"stacklevel": 3} | kwargs)
