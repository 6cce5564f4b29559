"""`make bench`: every promise about speed, as a ratio of two things measured in the same run (性能).

    python -m bench [PART ...]       letter agreement throughput appends verifier memory gate; all without a name
    python -m bench --keep           writes docs/benchmarks.md, with the machine it ran on

Prints each ratio with the numbers behind it and what it should be. Exit 1 when one is missed.
"""

import argparse
import os
import platform
import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from app import pipeline, wording
from app.config import ROOT, Settings
from app.templates import load_catalogue
from bench import appends, gate, letters, verifier
from bench.service import running
from tests import cluster

PAGE = ROOT / "docs" / "benchmarks.md"


@dataclass(frozen=True)
class Line:
    """One promise. `bound` is at least for `>=`, at most for `<=`."""

    what: str
    numbers: str
    value: float
    sign: str
    bound: float

    @property
    def held(self) -> bool:
        return self.value >= self.bound if self.sign == ">=" else self.value <= self.bound


def letter(folder: Path) -> Iterator[Line]:
    with running(folder) as service:
        found = letters.one_letter(service)
    numbers = f"{1000 * found.letter:.0f} ms, bare {1000 * found.bare:.0f} ms"
    yield Line("one letter over HTTP / one bare conversion, p50", numbers, found.ratio, "<=", 2)


def agreement(folder: Path) -> Iterator[Line]:
    with running(folder) as service:
        found = letters.one_agreement(service, folder)
    numbers = f"{1000 * found.letter:.0f} ms, bare {1000 * found.bare:.0f} ms"
    yield Line("an agreement of 60 instalments / its own bare conversion, p50", numbers, found.ratio, "<=", 2.5)


def throughput(folder: Path) -> Iterator[Line]:
    with running(folder) as service:
        found = letters.throughput(service)
    numbers = f"{found.service:.2f}/s, docxtpl + soffice {found.cold:.2f}/s"
    yield Line("letters, a client per core / docxtpl + soffice one by one", numbers, found.ratio, ">=", 10)


def append(folder: Path) -> Iterator[Line]:
    yield from _appends("SQLite", appends.measure(f"sqlite:///{folder / 'bench.db'}"))
    with cluster.running() as started:
        yield from _appends("PostgreSQL", appends.measure(started.url(started.database())))


def _appends(name: str, found: appends.Appends) -> Iterator[Line]:
    numbers = f"{found.ours:.0f}/s, bare {found.bare:.0f}/s"
    yield Line(f"appends of {appends.PROCESSES} processes on {name} / bare inserts", numbers, found.ratio, ">=", 0.4)
    yield Line(f"  the least busy process / the busiest, {name}", numbers, found.fairness, ">=", 0.2)


def verify(folder: Path) -> Iterator[Line]:
    found = verifier.measure(folder)
    yield Line("verify.py, chain and tree, entries a second", "a million entries", found.quick, ">=", 400_000)
    yield Line("verify.py --deep, entries a second", "a million entries", found.deep, ">=", 90_000)
    numbers = f"{found.peak >> 20} MiB, a tenth of the entries {found.peak_of_tenth >> 20} MiB"
    yield Line("  its memory / that for a tenth of the entries", numbers, found.peak / found.peak_of_tenth, "<=", 1.2)


def memory(folder: Path) -> Iterator[Line]:
    with running(folder) as service:
        for found in letters.memory(service):
            if isinstance(found, int):
                print(f"\r  {found} letters", end="", flush=True, file=sys.stderr)
                continue
            print(file=sys.stderr)
            numbers = f"{found.first >> 20} MiB after 200 letters, {found.last >> 20} MiB after 2,000"
            yield Line("growth of the service's memory", numbers, found.growth, "<=", 0.15)


def compliance(folder: Path) -> Iterator[Line]:
    with running(folder) as service:
        letter = letters.one_letter(service, rounds=20).letter
    at = pipeline.utc_now()
    now, tenfold = gate.measure(load_catalogue(Settings.read({})), wording.beijing_day(at), at)
    for cost, what in ((now, "gate and forbidden language"), (tenfold, "  the same with a pack ten times the size")):
        numbers = (
            f"{1000 * cost.letter:.1f} ms of {1000 * letter:.0f} ms: {cost.rules} rules in {1000 * cost.gate:.2f} ms,"
            f" twice; the text of all pages in {1000 * cost.text:.2f} ms, four times"
        )
        yield Line(f"{what} / one letter over HTTP", numbers, cost.letter / letter, "<=", 0.05)


PARTS: dict[str, Callable[[Path], Iterator[Line]]] = {
    "letter": letter,
    "agreement": agreement,
    "throughput": throughput,
    "appends": append,
    "verifier": verify,
    "memory": memory,
    "gate": compliance,
}


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__.splitlines()[0])
    parser.add_argument("parts", nargs="*", metavar="PART", help=f"of {', '.join(PARTS)}")
    parser.add_argument("--keep", action="store_true", help="write docs/benchmarks.md")
    given = parser.parse_args()
    if unknown := set(given.parts) - set(PARTS):
        parser.error(f"no such part: {', '.join(sorted(unknown))}")
    lines: list[Line] = []
    for name in given.parts or PARTS:
        print(f"{name} ...", flush=True)
        with tempfile.TemporaryDirectory(prefix="duly-bench-") as folder:
            for line in PARTS[name](Path(folder)):
                lines.append(line)
                print(_told(line), flush=True)
    if given.keep:
        PAGE.write_text(_page(lines, [name for name in PARTS if given.parts and name not in given.parts]), "utf-8")
    sys.exit(0 if all(line.held for line in lines) else 1)


def _told(line: Line) -> str:
    mark = "held  " if line.held else "MISSED"
    return (
        f"  {mark}  {line.what}: {_number(line.value)} (should be {line.sign} {_number(line.bound)})   {line.numbers}"
    )


def _number(value: float) -> str:
    return f"{value:,.0f}" if value >= 1000 else f"{value:.2f}"


def _page(lines: list[Line], left_out: list[str]) -> str:
    rows = [
        f"| {line.what.strip()} | {_number(line.value)} | {line.sign} {_number(line.bound)} | {line.numbers} |"
        f" {'yes' if line.held else '**no**'} |"
        for line in lines
    ]
    return "\n".join(
        [
            "# Benchmarks",
            "",
            "`make bench` measures each as a ratio of two things in one run; `bench/` says what the denominators are.",
            f"This run: {datetime.now(UTC):%Y-%m-%d}, {_machine()}.",
            *([f"Not measured in it: {', '.join(left_out)}."] if left_out else []),
            "",
            "| what | ratio | should be | numbers | held |",
            "|---|---|---|---|---|",
            *rows,
            "",
        ]
    )


def _machine() -> str:
    with Path("/proc/meminfo").open() as stream:
        memory = int(stream.readline().split()[1]) >> 20
    system = f"{platform.system()} {platform.machine()}, Python {platform.python_version()}"
    return f"{os.cpu_count()} cores, {memory} GiB, {system}"


if __name__ == "__main__":
    main()
