"""The commands of the log.

    python -m audit verify EXPORT [--key VKEY] [--checkpoint FILE] [--json] [--deep | --quick]
    python -m audit receipt RECEIPT [--pdf FILE ...] [--key VKEY] [--checkpoint FILE] [--json]
    python -m audit export --database URL --checkpoints DIR OUT

Exit status: 0 sound, 1 broken, 2 unreadable. `verify` and `receipt` are audit/verify.py itself.
"""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from sqlalchemy import create_engine
from sqlalchemy.exc import SQLAlchemyError

from audit import checkpoint, keeper, verify
from audit.errors import AuditError
from audit.export import export


def main(arguments: Sequence[str]) -> int:
    """Run one command and return its exit status."""
    command, rest = arguments[:1], list(arguments[1:])
    if command in (["verify"], ["receipt"]):
        return verify.main(rest)
    if command == ["export"]:
        return _export(rest)
    sys.stderr.write(__doc__ or "")
    return 2


def _export(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m audit export")
    parser.add_argument("--database", required=True, metavar="URL")
    parser.add_argument("--checkpoints", required=True, type=Path, metavar="DIR")
    parser.add_argument("out", type=Path, metavar="OUT")
    options = parser.parse_args(arguments)
    try:
        return _write(options.database, options.checkpoints, options.out)
    except (AuditError, SQLAlchemyError, OSError, ValueError) as error:
        sys.stderr.write(f"not exported: {type(error).__name__}: {error}\n")
        return 2


def _write(database: str, checkpoints: Path, out: Path) -> int:
    """Export under the newest kept checkpoint, whoever signed it: the verifier judges."""
    note = keeper.latest(checkpoints)
    if note is None:
        sys.stderr.write("not exported: no checkpoint is kept in this folder\n")
        return 2
    engine = create_engine(database)
    with engine.connect() as connection:
        done = export(connection, note, out)
    engine.dispose()
    size = checkpoint.parse(note).checkpoint.size
    sys.stdout.write(f"{done.entries} of {size} entries exported\n")
    for seq in done.disagreeing:
        sys.stdout.write(f"PROJECTION_MISMATCH@{seq}\n")
    return 1 if done.disagreeing or done.entries != size else 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
