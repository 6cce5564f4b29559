"""The returned file is read in a process of its own, which may do what it likes: without an answer there is no yes."""

import subprocess
import sys
import time
import zlib
from pathlib import Path

import pytest

from app.errors import StepFailed
from app.signing import Executed, NotExecuted, UnsafeSpecimenSigner, countersign_specimen, executed, verify
from app.signing.answers import REASONS, TOO_LARGE, UNREADABLE, UNSIGNED, read, refused, unfit
from app.signing.executed import Limits
from tests.app.signing.made import NOW
from tests.app.signing.returned import issued, signed
from tests.app.test_served import eventually

MIB = 1 << 20


@pytest.fixture
def agreement(letter: Path, specimen_signer: UnsafeSpecimenSigner, tmp_path: Path) -> Path:
    return issued(letter, specimen_signer, tmp_path)


def why_not(agreement: Path, content: bytes, limits: Limits | None = None) -> str:
    path = agreement.parent / "returned.pdf"
    path.write_bytes(content)
    with pytest.raises(NotExecuted) as refusal:
        executed(agreement, path, limits)
    assert refusal.value.reason in REASONS
    return refusal.value.reason


def test_a_signed_file_is_told_from_an_unsigned_one(agreement: Path) -> None:
    (agreement.parent / "returned.pdf").write_bytes(signed(agreement.read_bytes()))

    found = executed(agreement, agreement.parent / "returned.pdf")

    assert ([one.field for one in found.signatures], found.unsigned) == (["Signer1"], ("Signer2",))
    assert found.signatures[0].names == {"李样本"}
    assert (found.signatures[0].signed_at, found.signatures[0].specimen) == (NOW, True)
    assert why_not(agreement, agreement.read_bytes()) == UNSIGNED


def test_a_letter_has_nobody_to_sign_it(letter: Path, specimen_signer: UnsafeSpecimenSigner) -> None:
    closed = issued(letter, specimen_signer, letter.parent, fields=0)
    (letter.parent / "returned.pdf").write_bytes(closed.read_bytes() + b"more")

    with pytest.raises(StepFailed) as failure:
        executed(closed, letter.parent / "returned.pdf")

    assert (failure.value.step, failure.value.status) == ("countersign", 500)


def test_a_file_that_is_too_large_is_not_read(agreement: Path) -> None:
    content = signed(agreement.read_bytes())

    assert why_not(agreement, content, Limits(size=len(content) - 1)) == TOO_LARGE


def test_a_missing_file_is_not_read(agreement: Path) -> None:
    with pytest.raises(NotExecuted, match=UNREADABLE):
        executed(agreement, agreement.parent / "none.pdf")


def test_what_takes_too_long_is_killed(agreement: Path) -> None:
    begun = time.monotonic()

    assert why_not(agreement, signed(agreement.read_bytes()), Limits(seconds=0.05)) == UNREADABLE
    assert time.monotonic() - begun < 5


def test_what_takes_too_much_memory_is_no_yes(agreement: Path) -> None:
    assert why_not(agreement, signed(agreement.read_bytes()), Limits(memory=24 * MIB)) == UNREADABLE


def test_a_file_that_unpacks_into_more_than_there_is_is_no_yes(agreement: Path) -> None:
    """A cross-reference table, as a stream of nothing."""
    packer = zlib.compressobj(9)
    packed = b"".join(packer.compress(bytes(MIB)) for _ in range(600)) + packer.flush()
    head = b"99 0 obj\n<</Type/XRef/W[1 4 2]/Size 100/Root 1 0 R/Filter/FlateDecode/Length %d>>\nstream\n" % len(packed)
    content = agreement.read_bytes()
    bomb = content + head + packed + b"\nendstream\nendobj\nstartxref\n%d\n%%%%EOF\n" % len(content)

    assert why_not(agreement, bomb, Limits(memory=512 * MIB)) == UNREADABLE


def test_what_nests_without_end_is_no_yes(agreement: Path) -> None:
    content = agreement.read_bytes()
    nested = b"99 0 obj\n" + b"[" * 100_000 + b"]" * 100_000 + b"\nendobj\nstartxref\n%d\n%%%%EOF\n" % len(content)

    assert why_not(agreement, content + nested) == UNREADABLE


CHILD = """
import os, signal, sys
sys.path.insert(0, sys.argv[1])
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
from pathlib import Path
from app.signing import reading
def told(*_):
    said = []
    try:
        Path("/tmp/duly-was-here").write_text("x")
    except OSError:
        said.append("no file")
    if not [key for key in os.environ if "DULY" in key]:
        said.append("no setting")
    return ",".join(said).encode()
reading._answered = told
reading.main("/", "/", "1", str(1 << 30), "20")
"""


def test_the_process_writes_no_file_and_knows_no_setting(monkeypatch: pytest.MonkeyPatch, agreement: Path) -> None:
    """The same bounds, and something else to do in them."""
    module = sys.modules["app.signing.executed"]
    monkeypatch.setattr(module, "_CODE", CHILD)
    monkeypatch.setenv("DULY_SIGNING_PASSPHRASE", "secret")

    assert module._answer([], Limits()) == b"no file,no setting"


STARTS_ANOTHER = """
import subprocess, time
print(subprocess.Popen(["sleep", "77"]).pid, flush=True)
time.sleep(99)
"""


def test_whatever_is_started_is_gone_afterwards(monkeypatch: pytest.MonkeyPatch) -> None:
    module = sys.modules["app.signing.executed"]
    monkeypatch.setattr(module, "_CODE", STARTS_ANOTHER)

    status = Path(f"/proc/{int(module._answer([], Limits(seconds=2)))}/status")

    assert eventually(lambda: _dead(status), 10)  # it was told to die, and the kernel may be busy


def _dead(status: Path) -> bool:
    """Gone, or not buried yet."""
    try:
        return "State:\tZ" in status.read_text()
    except (FileNotFoundError, ProcessLookupError):
        return True


@pytest.mark.parametrize(
    "said",
    [
        b"",
        b"{",
        b"null",
        b"[]",
        b"{}",
        b'{"reason": "it is fine"}',
        b'{"signatures": []}',
        b'{"signatures": [{}], "unsigned": []}',
    ],
)
def test_what_is_no_answer_is_no_yes(said: bytes) -> None:
    with pytest.raises(NotExecuted, match=UNREADABLE):
        read(said)


def test_an_answer_arrives_as_it_was_given(agreement: Path) -> None:
    (agreement.parent / "returned.pdf").write_bytes(signed(agreement.read_bytes()))
    found = executed(agreement, agreement.parent / "returned.pdf")

    assert read(found.written()) == found
    assert read(Executed((), ()).written()) == Executed((), ())
    assert read(unfit()) is None
    for reason in REASONS:
        with pytest.raises(NotExecuted, match=reason):
            read(refused(reason))


def test_a_refusal_says_nothing_of_the_file(agreement: Path) -> None:
    with pytest.raises(NotExecuted) as refusal:
        executed(agreement, agreement)

    assert str(refusal.value) == UNSIGNED


def pdfsig(path: Path) -> str:
    return subprocess.run(["pdfsig", "-nocert", path], capture_output=True, text=True, check=True).stdout


def test_another_program_finds_both_signatures_valid(letter: Path, specimen_signer: UnsafeSpecimenSigner) -> None:
    agreement, returned = issued(letter, specimen_signer, letter.parent, fields=1), letter.parent / "returned.pdf"
    countersign_specimen(agreement, "Signer1", "李样本", returned, NOW)

    said = pdfsig(returned)

    assert executed(agreement, returned).unsigned == ()
    assert (said.count("Signature #"), said.count("Signature is Valid.")) == (2, 2)
    assert said.count("  - Total document signed") == 1


@pytest.mark.office
def test_a_page_from_the_real_converter_is_signed_by_others(
    specimen_signer: UnsafeSpecimenSigner, tmp_path: Path
) -> None:
    text = tmp_path / "letter.txt"
    text.write_text("还款协议\n共三期，每期人民币1,000.00元", encoding="utf-8")
    profile = f"-env:UserInstallation=file://{tmp_path}/profile"  # its own, or it would wait for another's
    pdf_a = 'pdf:writer_pdf_Export:{"SelectPdfVersion":{"type":"long","value":"2"}}'
    command = ["soffice", profile, "--headless", "--convert-to", pdf_a, "--outdir", str(tmp_path), str(text)]
    subprocess.run(command, check=True, capture_output=True, timeout=120)
    agreement = issued(tmp_path / "letter.pdf", specimen_signer, tmp_path)

    countersign_specimen(agreement, "Signer2", "李样本", tmp_path / "one.pdf", NOW)
    countersign_specimen(tmp_path / "one.pdf", "Signer1", "051@张示范@110101199001010000@1", tmp_path / "two.pdf", NOW)

    found = executed(agreement, tmp_path / "two.pdf")
    assert [one.field for one in found.signatures] == ["Signer2", "Signer1"]
    assert "张示范" in found.signatures[1].names
    assert verify(agreement).further_fields == 2
    assert pdfsig(tmp_path / "two.pdf").count("Signature is Valid.") == 3
