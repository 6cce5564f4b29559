"""A PostgreSQL cluster of the tests' own: made in a temporary folder, reached over a socket in it, thrown away.

It forces commits to disk as a real one does. PostgreSQL does not run as root, so under root it runs as `nobody`.
"""

import os
import secrets
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg
from psycopg import sql

OWNER, SERVICE = "duly_owner", "duly"  # who makes the tables; who runs the service


@dataclass(frozen=True)
class Cluster:
    """A running server. Every database is new and empty, owned by OWNER."""

    sockets: Path

    def database(self) -> str:
        """The name of a new database."""
        name = f"test_{secrets.token_hex(6)}"
        with psycopg.connect(self._admin("postgres"), autocommit=True) as connection:
            made = sql.SQL("CREATE DATABASE {} OWNER {}").format(sql.Identifier(name), sql.Identifier(OWNER))
            connection.execute(made)
        return name

    def url(self, name: str, role: str = OWNER) -> str:
        return f"postgresql://{role}@/{name}?host={self.sockets}"

    def drop(self, name: str) -> None:
        with psycopg.connect(self._admin("postgres"), autocommit=True) as connection:
            connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))

    def _admin(self, database: str) -> str:
        return f"postgresql://postgres@/{database}?host={self.sockets}"


@contextmanager
def running() -> Iterator[Cluster]:
    """Make, start, and in the end throw away a cluster."""
    folder = Path(tempfile.mkdtemp(prefix="duly-pg-"))  # short: the path of a socket has at most 107 bytes
    try:
        if os.getuid() == 0:
            shutil.chown(folder, "nobody", "nogroup")
        _run("initdb", "-D", str(folder / "data"), "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C", "-N")
        options = f"-c listen_addresses= -c unix_socket_directories={folder} -c max_connections=200"
        control = ("pg_ctl", "-D", str(folder / "data"), "-w", "-s")
        _run(*control, "-o", options, "-l", str(folder / "log"), "start")
        try:
            cluster = Cluster(folder)
            with psycopg.connect(cluster._admin("postgres"), autocommit=True) as connection:
                for role in (OWNER, SERVICE):
                    connection.execute(sql.SQL("CREATE ROLE {} LOGIN").format(sql.Identifier(role)))
            yield cluster
        finally:
            _run(*control, "-m", "immediate", "stop")
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _run(program: str, *arguments: str) -> None:
    who = {"user": "nobody", "group": "nogroup"} if os.getuid() == 0 else {}
    environment = {"PATH": os.defpath, "LC_ALL": "C"}
    command = [str(_programs() / program), *arguments]
    done = subprocess.run(command, env=environment, cwd="/", capture_output=True, check=False, **who)  # type: ignore[call-overload]  # user and group, or neither
    assert done.returncode == 0, done.stderr.decode()


def _programs() -> Path:
    """Debian keeps the server's programs off the path, in a folder for each version."""
    found = [Path(path).parent for path in (shutil.which("pg_ctl"),) if path]
    found += sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: float(path.parent.name))
    assert found, "PostgreSQL's server is not installed: run `make setup-dev`"
    return found[-1]
