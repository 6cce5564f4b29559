"""Messages over a socket, each after its length (报文): within a deadline, and up to a size."""

import socket
import struct
import time

_LENGTH = struct.Struct("!I")


class BadMessage(Exception):
    """Too large, cut off, or not there in time. The text quotes nothing."""


def send(connected: socket.socket, message: bytes, until: float | None = None) -> None:
    """All of it before `until`; `OSError` or `BadMessage` otherwise."""
    _hurry(connected, until)
    connected.sendall(_LENGTH.pack(len(message)) + message)  # the time limit is for the whole


def receive(connected: socket.socket, most: int, until: float | None = None) -> bytes:
    """A message of up to `most` bytes before `until`; `OSError` or `BadMessage` otherwise."""
    (length,) = _LENGTH.unpack(_exactly(connected, _LENGTH.size, until))
    if length > most:
        raise BadMessage("a message that is too large")
    return _exactly(connected, length, until)


def _exactly(connected: socket.socket, length: int, until: float | None) -> bytes:
    received = bytearray()
    while len(received) < length:
        _hurry(connected, until)
        if not (piece := connected.recv(min(length - len(received), 1 << 20))):
            raise BadMessage("a message that was cut off")
        received += piece
    return bytes(received)


def _hurry(connected: socket.socket, until: float | None) -> None:
    left = None if until is None else until - time.monotonic()
    if left is not None and left <= 0:
        raise TimeoutError
    connected.settimeout(left)
