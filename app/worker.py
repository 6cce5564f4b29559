"""gunicorn's worker, for when no proxy stands in front: who is slow holds no thread for long (慢连接).

gunicorn's own threads wait without end for the rest of a request that has begun. Here
- a connection that says nothing costs no thread at all: the poller waits for its first byte;
- a request is read, and its answer taken, within `WITHIN` seconds, however many small pieces it comes in; then the
  connection is reset.
A client with very many connections can still take all threads for that long, one after another: against an attack a
proxy is needed. TLS is the proxy's too: gunicorn's own would put another socket in the place of ours.
"""

import errno
import functools
import selectors
import socket
import time
from typing import Any

from gunicorn.workers import gthread

WITHIN = 10.0  # seconds for a request of up to 1 MiB; and for each piece of an answer


class Worker(gthread.ThreadWorker):
    """`--worker-class app.worker.Worker`."""

    def accept(self, listener: socket.socket) -> None:
        """Take a connection, and let the poller wait for its first byte."""
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
        kept = super().handle(conn)
        if kept is False:
            conn.close(graceful=True)
        return kept

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
