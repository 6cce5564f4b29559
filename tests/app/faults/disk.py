"""A disk and a database that fail when they are told to: before the act, or after it, with a word that is not true.

Every act that leaves something behind is counted while a `Disk` is watching: files opened for writing, their bytes,
fsync, names given and taken away, folders, rows, commits. An act is called by what it does and where, and by its turn:
`fsync blobs 2`.
"""

import builtins
import errno
import io
import os
import re
import sqlite3
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psycopg
import pytest
from sqlalchemy import Engine

NOT_DONE, DONE, FULL = "fails", "is done and said to fail", "finds no room"
FAULTS = (NOT_DONE, DONE, FULL)
_WRITING = re.compile(r"(INSERT INTO|UPDATE|DELETE FROM) (\w+)")


@dataclass
class Disk:
    """`acts` is what was done in order; the one called `act` goes wrong, once, in the manner of `fault`."""

    home: Path
    engines: dict[str, Engine]
    act: str = ""
    fault: str = NOT_DONE
    acts: list[str] = field(default_factory=list)
    _turns: Counter[str] = field(default_factory=Counter)

    @property
    def broke(self) -> bool:
        return self.act in self.acts

    def doing(self, what: str, where: object, act: Callable[[], Any], error: Callable[[bool], Exception]) -> Any:
        """Count it, and do it unless it is its turn to fail."""
        place = self._place(where)
        if place is None:
            return act()
        name = f"{what} {place}"
        self._turns[name] += 1
        self.acts.append(f"{name} {self._turns[name]}")
        if self.acts[-1] != self.act:
            return act()
        if self.fault == DONE:
            act()
        raise error(self.fault == FULL)

    def _place(self, where: object) -> str | None:
        """Which store, or None for what lies elsewhere; working files by their name."""
        if where in self.engines.values():
            return next(name for name, engine in self.engines.items() if engine is where)
        if isinstance(where, str) and where.split()[0] in self.engines:
            return where
        path = Path(f"/proc/self/fd/{where}").readlink() if isinstance(where, int) else Path(str(where))
        if not path.is_relative_to(self.home):
            return None
        store, *rest = path.relative_to(self.home).parts or ("home",)
        return f"{store}/{rest[-1]}" if store == "work" and len(rest) > 2 else store


def on_disk(full: bool) -> OSError:
    number = errno.ENOSPC if full else errno.EIO
    return OSError(number, os.strerror(number))


def in_database(engine: Engine) -> Callable[[bool], Exception]:
    if engine.dialect.name == "sqlite":
        return in_sqlite
    return lambda full: psycopg.errors.DiskFull("no space left") if full else psycopg.OperationalError("gone")


def in_sqlite(full: bool) -> sqlite3.OperationalError:
    error = sqlite3.OperationalError("database or disk is full" if full else "disk I/O error")
    error.sqlite_errorname = "SQLITE_FULL" if full else "SQLITE_IOERR"
    return error


class Written:
    """A file, its first write and its closing counted."""

    def __init__(self, stream: Any, path: object, disk: Disk) -> None:
        self.__dict__.update(_stream=stream, _path=path, _disk=disk, _begun=False)

    def write(self, content: Any) -> Any:
        if self._begun:
            return self._stream.write(content)
        self.__dict__["_begun"] = True
        return self._disk.doing("write", self._path, lambda: self._stream.write(content), on_disk)

    def close(self) -> None:
        if not self._stream.closed:
            try:
                self._disk.doing("close", self._path, self._stream.close, on_disk)
            finally:
                self._stream.close()

    def __enter__(self) -> "Written":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def __iter__(self) -> Iterator[Any]:
        return iter(self._stream)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.__dict__["_stream"], name)

    def __setattr__(self, name: str, value: Any) -> None:
        setattr(self._stream, name, value)


@contextmanager
def watching(disk: Disk) -> Iterator[Disk]:
    """While the block runs, all that this process leaves behind goes through `disk`."""
    with pytest.MonkeyPatch.context() as patch:
        _files(patch, disk)
        for place, at in (("fsync", 0), ("mkdir", 0), ("unlink", 0), ("replace", 1), ("rename", 1), ("link", 1)):
            _named(patch, disk, place, at)
        for name, engine in disk.engines.items():
            _database(patch, disk, name, engine)
        yield disk


def _named(patch: pytest.MonkeyPatch, disk: Disk, what: str, at: int) -> None:
    real = getattr(os, what)

    def call(*arguments: Any, **named: Any) -> Any:
        if "dir_fd" in named and named["dir_fd"] is not None:
            return real(*arguments, **named)  # the clearing away of a working folder, which may fail in silence
        return disk.doing(what, arguments[at], lambda: real(*arguments, **named), on_disk)

    patch.setattr(os, what, call)


def _files(patch: pytest.MonkeyPatch, disk: Disk) -> None:
    real = io.open

    def opening(file: Any, mode: str = "r", *arguments: Any, **named: Any) -> Any:
        if isinstance(file, int) or not set(mode) & set("wxa+") or disk._place(file) is None:
            return real(file, mode, *arguments, **named)
        stream = disk.doing("open", file, lambda: real(file, mode, *arguments, **named), on_disk)
        return Written(stream, file, disk)

    patch.setattr(io, "open", opening)
    patch.setattr(builtins, "open", opening)


def _database(patch: pytest.MonkeyPatch, disk: Disk, name: str, engine: Engine) -> None:
    dialect: Any = engine.dialect
    error = in_database(engine)
    commit, execute, many = dialect.do_commit, dialect.do_execute, dialect.do_executemany

    def committing(connection: Any) -> None:
        disk.doing("commit", engine, lambda: commit(connection), error)

    def executing(real: Any) -> Callable[..., None]:
        def call(cursor: Any, statement: str, parameters: Any, context: Any = None) -> None:
            found = _WRITING.match(statement)
            if found:
                what, where = found[1].split()[0].lower(), f"{name} {found[2]}"
                disk.doing(what, where, lambda: real(cursor, statement, parameters, context), error)
            else:
                real(cursor, statement, parameters, context)

        return call

    patch.setattr(dialect, "do_commit", committing)
    patch.setattr(dialect, "do_execute", executing(execute))
    patch.setattr(dialect, "do_executemany", executing(many))
