"""The reading process hangs, dies, eats, lies or talks without end: the letter fails in time, the next one passes."""

import hashlib
import logging
import os
import signal
import subprocess
import sys
import threading
import time
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from app.config import ROOT
from app.disclosures import Limits, Reader, verify
from app.disclosures.asking import Question
from app.disclosures.process import Process, ReadingFailed
from app.errors import DisclosureMissing, StepFailed
from app.isolation import NONE, best_isolation
from tests.app.convert.conftest import members, wait_for
from tests.app.disclosures import letters
from tests.app.disclosures.test_by_hand import BALANCE, BLANKS, SOUND

QUICK = Limits(seconds=3, start=20, address_space=1 << 30)
STAND_IN = """
import os, signal, socket, struct, sys, time
sys.path.insert(0, sys.argv[1])
from app.disclosures.framing import receive, send
asked = socket.socket(fileno=0)
send(asked, b"ready")
receive(asked, 1 << 26)
"""
REAL = "import os, sys; sys.path.insert(0, sys.argv[1]); from app.disclosures import child"
GO = "\nchild.main(*sys.argv[2:])"


@pytest.fixture
def page(tmp_path: Path) -> Path:
    path = tmp_path / "王五.pdf"
    path.write_bytes(letters.by_hand(SOUND))
    return path


@pytest.fixture
def reader() -> Iterator[Reader]:
    with Reader(QUICK) as opened:
        wait_for(opened.ready)
        yield opened


@pytest.fixture
def first(monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """The first process that is started is made from this code; all others are what they should be."""
    launch = Process.launch

    def prepare(code: str) -> None:
        codes = [code]

        def stand_in(limits: Limits, prefix: tuple[str, ...] = ()) -> Process:
            return launch(limits, prefix, codes.pop()) if codes else launch(limits, prefix)

        monkeypatch.setattr(Process, "launch", stand_in)

    return prepare


def prove(path: Path, reader: Reader) -> list[str]:
    return [proof.text for proof in verify(letters.assembled(path, blanks=BLANKS), BALANCE, {}, reader).proofs]


def failure_of(path: Path, reader: Reader, within: float = 10) -> StepFailed:
    began = time.monotonic()
    with pytest.raises(StepFailed) as failure:
        prove(path, reader)
    assert time.monotonic() - began < within
    assert failure.value.step == "verify"
    assert not isinstance(failure.value, DisclosureMissing)
    return failure.value


def process_of(reader: Reader) -> int:
    wait_for(reader.ready)
    assert reader._living
    return reader._living.pid


def test_a_letter_is_read_by_another_process(page: Path, reader: Reader) -> None:
    assert prove(page, reader) == ["Balancedue8,256.47"]
    assert os.getpgid(process_of(reader)) == process_of(reader) != os.getpgid(0)


@pytest.mark.parametrize(
    ("does", "told"),
    [
        ("time.sleep(60)", "it did not answer in time"),
        ("while True: pass", "it did not answer in time"),
        ("os.kill(os.getpid(), signal.SIGSTOP)", "it did not answer in time"),
        ("asked.sendall(struct.pack('!I', 1000))\nwhile True: asked.send(b' '); time.sleep(0.1)", "in time"),
        ("sys.exit()", "a message that was cut off"),
        ("os.abort()", "a message that was cut off"),
        ("os.kill(os.getpid(), signal.SIGKILL)", "a message that was cut off"),
        ("asked.sendall(struct.pack('!I', 1000) + b'{'); sys.exit()", "a message that was cut off"),
        ("send(asked, '王五'.encode())", "its answer is none: it is not JSON"),
        ('send(asked, b\'{"failed": "Wang Wu"}\')', "its answer is none: it has a word that is not ours"),
        ("send(asked, b'[' * 1000000)", "its answer is none: it is not JSON"),
        ("asked.sendall(struct.pack('!I', 1 << 31))\nwhile True: asked.send(b' ' * 65536)", "too large"),
    ],
)
def test_a_process_that_does_not_answer_costs_its_letter_and_no_other(
    page: Path, first: Callable[[str], None], caplog: pytest.LogCaptureFixture, does: str, told: str
) -> None:
    first(STAND_IN + does)
    with Reader(QUICK) as reader:
        bad = process_of(reader)

        failure = failure_of(page, reader)

        assert failure.status == 500
        assert told in failure.detail
        assert not members(bad)
        assert prove(page, reader) == ["Balancedue8,256.47"]
    logged = [record.getMessage() for record in caplog.records if record.levelno >= logging.ERROR]
    assert len(logged) == 1
    assert not any(word in logged[0] + failure.detail for word in ("王五", "Wang", str(page)))


def test_a_real_process_that_is_frozen_costs_its_letter_and_no_other(page: Path, reader: Reader) -> None:
    os.kill(process_of(reader), signal.SIGSTOP)

    assert failure_of(page, reader).status == 500
    assert prove(page, reader) == ["Balancedue8,256.47"]


def test_a_frozen_process_is_not_waited_for_by_whoever_sends_much(page: Path, reader: Reader) -> None:
    os.kill(process_of(reader), signal.SIGSTOP)
    pictures = {"stamp": bytes(8 << 20)}  # more than any pipe holds

    began = time.monotonic()
    with pytest.raises(StepFailed):
        verify(letters.assembled(page, blanks=BLANKS), BALANCE, pictures, reader)
    assert time.monotonic() - began < 10


def test_a_process_that_died_while_idle_is_nobodys_fault(page: Path, reader: Reader) -> None:
    os.kill(process_of(reader), signal.SIGKILL)
    wait_for(lambda: not reader.ready())

    assert prove(page, reader) == ["Balancedue8,256.47"]


def test_a_process_that_eats_memory_is_stopped_by_its_limit(page: Path, first: Callable[[str], None]) -> None:
    first(REAL + "\nchild.answer = lambda question: bytearray(4 << 30)" + GO)
    with Reader(QUICK) as reader:
        failure = failure_of(page, reader)

        assert (failure.status, failure.detail) == (500, "the pages need more memory than reading them may take")
        assert prove(page, reader) == ["Balancedue8,256.47"]


def test_an_error_in_the_process_says_nothing_of_the_document(page: Path, first: Callable[[str], None]) -> None:
    first(REAL + "\ndef wrong(question): raise ValueError(question.files)\nchild.answer = wrong" + GO)
    with Reader(QUICK) as reader:
        failure = failure_of(page, reader)

    assert (failure.status, failure.detail) == (500, "the pages could not be judged")


def test_a_file_that_cannot_be_read_costs_the_process_too(page: Path, reader: Reader) -> None:
    before = process_of(reader)
    page.write_bytes(b"%PDF-1.7 but broken")

    assert failure_of(page, reader).detail == "the finished file is not a readable PDF"
    wait_for(lambda: reader.ready() and process_of(reader) != before)


def test_a_process_that_cannot_be_started_is_no_fault_of_the_file(page: Path, first: Callable[[str], None]) -> None:
    first("import sys; sys.exit(1)")
    with Reader(QUICK) as reader:
        assert failure_of(page, reader).status == 503
        wait_for(reader.ready)
        assert prove(page, reader) == ["Balancedue8,256.47"]


def test_a_program_that_is_not_there_cannot_be_started(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "executable", "/nowhere/python")

    with pytest.raises(ReadingFailed, match="it cannot be started"):
        Process.launch(QUICK)


def test_it_answers_nobody_before_it_is_opened_after_it_is_closed_or_in_a_fork(page: Path) -> None:
    reader = Reader(QUICK)
    assert failure_of(page, reader).status == 503
    with reader:
        group = process_of(reader)
        reader._owner += 1  # what a forked child would see
        assert failure_of(page, reader).status == 503
        reader.close()
        assert members(group)
        reader._owner -= 1
    assert failure_of(page, reader).status == 503
    assert not members(group)


def test_closing_ends_a_letter_at_work(page: Path, first: Callable[[str], None]) -> None:
    first(STAND_IN + "time.sleep(60)")
    with Reader(Limits(seconds=30)) as reader:
        group = process_of(reader)
        threading.Timer(0.3, reader.close).start()
        assert failure_of(page, reader).status == 503
    assert not members(group)


def test_it_is_replaced_when_it_has_grown_old(page: Path) -> None:
    with Reader(Limits(questions=2)) as reader:
        before = process_of(reader)
        assert [prove(page, reader) for _ in range(2)] == [["Balancedue8,256.47"]] * 2
        wait_for(lambda: process_of(reader) != before)
        assert not members(before)
    with Reader(Limits(memory=1)) as reader:
        before = process_of(reader)
        prove(page, reader)
        wait_for(lambda: process_of(reader) != before)


def test_it_knows_no_setting_of_ours(page: Path, first: Callable[[str], None], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DULY_SIGNING_PASSPHRASE", "made-up secret")
    tells = (  # all that an answer has room for is a digest
        "\nimport hashlib\nfrom app.disclosures.asking import Answer"
        "\nknown = hashlib.sha256(repr(sorted(os.environ.items())).encode()).hexdigest()"
        "\nchild.answer = lambda question: Answer((), (), ((known,),))"
    )
    first(REAL + tells + GO)
    expected = {"PATH": "/usr/bin:/bin", "LANG": "C.UTF-8", "TZ": "UTC", "HOME": "/", "OPENBLAS_NUM_THREADS": "1"}
    with Reader(QUICK) as reader:
        ((told,),) = reader.ask(Question((str(page),))).prints

    assert told == hashlib.sha256(repr(sorted(expected.items())).encode()).hexdigest()


def test_it_writes_no_file_and_its_output_goes_nowhere(reader: Reader) -> None:
    folder = Path(f"/proc/{process_of(reader)}")
    limits = (folder / "limits").read_text()

    assert "Max file size             0                    0" in limits
    assert "Max core file size        0                    0" in limits
    assert f"Max address space         {QUICK.address_space} " in limits
    opened = {name: (folder / "fd" / name).readlink() for name in ("1", "2")}
    assert {str(path) for path in opened.values()} == {"/dev/null"}
    assert {path.name for path in (folder / "fd").iterdir()} == {"0", "1", "2"}


@pytest.mark.skipif(best_isolation() is NONE, reason="this machine offers no way; `make doctor` says so")
def test_it_reaches_no_network(reader: Reader) -> None:
    own = Path("/proc/self/ns/net").readlink()

    assert Path(f"/proc/{process_of(reader)}/ns/net").readlink() != own


def test_it_dies_with_the_service_frozen_or_not(tmp_path: Path) -> None:
    program = (
        "import time\nfrom app.disclosures import Reader\nreader = Reader().open()\n"
        "while not reader.ready(): time.sleep(0.02)\nprint(reader._living.pid, flush=True)\ntime.sleep(60)"
    )
    for frozen in (False, True):
        command = [sys.executable, "-c", program]
        with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as service:
            assert service.stdout
            group = int(service.stdout.readline())
            assert members(group)
            if frozen:
                os.kill(group, signal.SIGSTOP)
            service.kill()
        wait_for(lambda group=group: not members(group))  # type: ignore[misc] # a default names no type


def test_nothing_that_draws_is_loaded_into_the_service() -> None:
    program = "import sys\nfrom app import house\nprint(sorted({'numpy', 'pypdfium2'} & sys.modules.keys()))"

    done = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True)

    assert done.stdout == "[]\n"


# --- bombs


def pdf(*bodies: bytes) -> bytes:
    """Objects 1 and 2 are the catalogue and its pages, 3 is the page; its content is object 4."""
    made, offsets = b"%PDF-1.7\n", []
    first_three = (
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 300 200]/Contents 4 0 R/Resources<</XObject<</A 5 0 R>>>>>>",
    )
    for number, body in enumerate((*first_three, *bodies), 1):
        offsets.append(len(made))
        made += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    table = b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
    tail = b"xref\n0 %d\n0000000000 65535 f \n%strailer<</Size %d/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF"
    return made + tail % (len(offsets) + 1, table, len(offsets) + 1, len(made))


def stream(content: bytes, more: bytes = b"") -> bytes:
    return b"<</Length %d%s>>stream\n%s\nendstream" % (len(content), more, content)


def form(drawing: bytes, inner: int) -> bytes:
    more = b"/Type/XObject/Subtype/Form/BBox[0 0 300 200]/Resources<</XObject<</A %d 0 R>>>>" % inner
    return stream(drawing, more)


def expanding() -> bytes:
    """Twenty million rectangles in some hundred kilobytes."""
    press, piece = zlib.compressobj(6), b"0 0 1 1 re f\n" * 100_000
    content = b"".join(press.compress(piece) for _ in range(200)) + press.flush()
    return pdf(stream(content, b"/Filter/FlateDecode"), stream(b""))


def multiplying() -> bytes:
    """Each form draws the next ten times: 10 to the power of 12 rectangles in three kilobytes."""
    forms = [form(b"/A Do " * 10, number + 1) for number in range(5, 17)]
    return pdf(stream(b"/A Do"), *forms, form(b"0 0 1 1 re f", 5))


def deep() -> bytes:
    """Each form draws the next, five thousand times."""
    forms = [form(b"/A Do", number + 1) for number in range(5, 5005)]
    return pdf(stream(b"/A Do"), *forms, form(b"0 0 1 1 re f", 5))


def wide() -> bytes:
    """A page whose picture is ten thousand times that of a letter's."""
    return pdf(stream(b""), stream(b"")).replace(b"[0 0 300 200]", b"[0 0 99999 99999]")


@pytest.mark.parametrize("bomb", [expanding, multiplying, deep, wide])
def test_a_bomb_is_refused_within_the_limits(page: Path, reader: Reader, bomb: Callable[[], bytes]) -> None:
    page.write_bytes(bomb())

    began = time.monotonic()
    with pytest.raises(StepFailed) as failure:
        prove(page, reader)

    assert time.monotonic() - began < QUICK.seconds + 2
    assert (failure.value.step, failure.value.status) == ("verify", 500)
    page.write_bytes(letters.by_hand(SOUND))
    assert prove(page, reader) == ["Balancedue8,256.47"]
