"""A letter over HTTP, against what LibreOffice alone needs (单份耗时、吞吐量、内存).

p50         one client, warm service / one warm bare conversion of reference.docx, taken in turns in one run
agreement   the same of an agreement with sixty instalments / of its own filled Word file
throughput  a client for each core / `docxtpl` and `soffice --convert-to pdf`, one letter after another
memory      the whole service after many letters / after the first of them
"""

import os
import subprocess
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from docxtpl import DocxTemplate

from app.config import Settings
from app.render import render
from bench.service import SIXTY as COUNT
from bench.service import Service
from tests.golden.letters import Letter, approved
from tests.templates import letters

REFERENCE = Path(__file__).with_name("reference.docx")
CORES = os.cpu_count() or 1


@dataclass(frozen=True)
class OneLetter:
    """Seconds, medians."""

    letter: float
    bare: float

    @property
    def ratio(self) -> float:
        return self.letter / self.bare


@dataclass(frozen=True)
class Throughput:
    """Letters per second."""

    service: float
    cold: float

    @property
    def ratio(self) -> float:
        return self.service / self.cold


@dataclass(frozen=True)
class Memory:
    """Bytes after `first` and after `last` letters."""

    first: int
    last: int

    @property
    def growth(self) -> float:
        return self.last / self.first - 1


def one_letter(service: Service, rounds: int = 40) -> OneLetter:
    return _in_turns(service, "dunning_letter", REFERENCE, rounds)


def one_agreement(service: Service, folder: Path, rounds: int = 30) -> OneLetter:
    """Of sixty instalments, against its own filled Word file."""
    frozen = approved(
        Letter("sixty", {f"plan.{name}": value for name, value in COUNT.items()}, type="instalment_agreement")
    )
    kind = letters.kind("instalment_agreement")
    [part] = render(frozen, kind, letters.pictures(frozen), folder).parts
    return _in_turns(service, "instalment_agreement", part.file.path, rounds)


def _in_turns(service: Service, kind: str, docx: Path, rounds: int) -> OneLetter:
    with _bare(docx) as bare:
        for at in range(5):  # both warm
            service.issue(kind, f"warm-{at}")
            next(bare)
        pairs = [(service.issue(kind, f"one-{at}"), next(bare)) for at in range(rounds)]
    return OneLetter(median(letter for letter, _ in pairs), median(alone for _, alone in pairs))


def throughput(service: Service, letters: int = 40, cold: int = 5) -> Throughput:
    with ThreadPoolExecutor(CORES) as clients:
        list(clients.map(service.letter, (f"warm-{at}" for at in range(8 * CORES))))  # every worker, until it is warm
        began = time.perf_counter()
        list(clients.map(service.letter, (f"many-{at}" for at in range(letters))))
        ours = letters / (time.perf_counter() - began)
    with tempfile.TemporaryDirectory() as folder:
        began = time.perf_counter()
        for at in range(cold):
            _cold(Path(folder), at)
        return Throughput(ours, cold / (time.perf_counter() - began))


def memory(service: Service, first: int = 200, last: int = 2000) -> Iterator[int | Memory]:
    """Yields the number of letters as it goes, and in the end what was measured."""
    taken: dict[int, int] = {}
    done = 0
    with ThreadPoolExecutor(CORES) as clients:
        while done < last:
            list(clients.map(service.letter, (f"memory-{done + at}" for at in range(50))))
            done += 50
            if done in (first, last):
                taken[done] = service.memory()
            yield done
    yield Memory(taken[first], taken[last])


@contextmanager
def _bare(docx: Path) -> Iterator[Iterator[float]]:
    """Each `next` is one bare conversion."""
    settings = Settings.read({})
    with tempfile.TemporaryDirectory() as folder:
        script = Path(__file__).with_name("bare.py")
        command = [str(settings.uno_python), str(script), str(settings.soffice), folder, str(docx)]
        with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:  # noqa: S603 -- configured paths, no shell
            yield _timed(process)
            process.communicate()


def _timed(process: "subprocess.Popen[str]") -> Iterator[float]:
    if process.stdin is None or process.stdout is None:
        raise RuntimeError("no pipes")
    while True:
        process.stdin.write("\n")
        process.stdin.flush()
        yield float(process.stdout.readline())


def _cold(folder: Path, at: int) -> None:
    """What a script does that has no service: fill the Word file, start soffice, wait for its end."""
    docx = folder / f"{at}.docx"
    template = DocxTemplate(REFERENCE)
    template.render({})
    template.save(docx)
    soffice = str(Settings.read({}).soffice)
    command = [soffice, "--headless", "--convert-to", "pdf", "--outdir", str(folder), str(docx)]
    subprocess.run(command, check=True, capture_output=True)  # noqa: S603 -- as above
    if not docx.with_suffix(".pdf").is_file():
        raise RuntimeError("soffice made no PDF")
