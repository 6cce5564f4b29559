"""A signed file that was touched, in every way one would touch it, is not whole."""

import logging
import re
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter

from app.errors import StepFailed
from app.signing import Pkcs12Signer, Verification, verify
from app.signing.strict import examine
from tests.app.signing.made import tiny_pdf

Touch = Callable[[bytes], bytes]


def answer(path: Path, content: bytes) -> Verification:
    path.write_bytes(content)
    found = verify(path)
    if not found.whole:  # then nothing may look as if it had been proven
        assert found == Verification(whole=False, problem=found.problem)
        assert found.problem
    return found


def the_signature(content: bytes) -> tuple[int, int]:
    """Where its hexadecimal digits begin and end."""
    found = re.search(rb"/Contents <([0-9A-F]+)>", content)
    assert found
    return found.span(1)


def later_revision(content: bytes) -> bytes:
    """The file with one more revision, as any editor would save it."""
    stream = BytesIO(content)
    writer: Any = IncrementalPdfFileWriter(stream)  # half of its types are not published
    writer.root["/Lang"] = generic.pdf_string("zh")
    writer.update_root()
    writer.write_in_place()
    return stream.getvalue()


def padding_used(content: bytes) -> bytes:
    end = the_signature(content)[1]
    return content[: end - 1] + b"1" + content[end:]


def padding_with_a_message(content: bytes) -> bytes:
    end = the_signature(content)[1]
    return content[: end - 8] + b"CAFEBABE" + content[end:]


def mixed_case(content: bytes) -> bytes:
    start, end = the_signature(content)
    place = next(place for place in range(start, end) if content[place] in b"ABCDEF")
    return content[:place] + content[place : place + 1].lower() + content[place + 1 :]


def white_space_in_the_gap(content: bytes) -> bytes:
    end = the_signature(content)[1]
    return content[: end - 2] + b"  " + content[end:]


def shorter_range(content: bytes) -> bytes:
    numbers = re.search(rb"/ByteRange \[0 (\d+) (\d+) (\d+)\]", content)
    assert numbers
    rest = int(numbers[3])
    return content.replace(b" %d]" % rest, b" %d]" % (rest - 1))


TOUCHES: dict[str, Touch] = {
    "one more line end": lambda content: content + b"\n",
    "a space behind": lambda content: content + b" ",
    "junk behind": lambda content: content + b"junk",
    "junk and a second end": lambda content: content + b"junk\n%%EOF\n",
    "a comment behind": lambda content: content + b"% paid in full\n%%EOF\n",
    "a later revision": later_revision,
    "the last byte gone": lambda content: content[:-1],
    "the end gone": lambda content: content[:-40],
    "half of it": lambda content: content[: len(content) // 2],
    "a byte in front": lambda content: b"\n" + content,
    "the last digit of the padding": padding_used,
    "a message in the padding": padding_with_a_message,
    "digits of mixed case": mixed_case,
    "white space in the gap": white_space_in_the_gap,
    "a shorter range": shorter_range,
    "another page size": lambda content: content.replace(b" 100 100 ]", b" 100 900 ]").replace(
        b"[0 0 100 100]", b"[0 0 100 900]"
    ),
    "another signing time": lambda content: content.replace(b"20261123100000Z", b"20261124100000Z"),
    "forms allowed": lambda content: content.replace(b"/P 1\n", b"/P 2\n"),
    "never signed": lambda _: tiny_pdf(),
    "empty": lambda _: b"",
    "five bytes": lambda _: b"%PDF-",
    "no PDF": lambda _: b"%PDF-1.6\n" + bytes(200) + b"\n%%EOF\n",
}


def test_an_untouched_file_is_whole(signed_letter: Path, tmp_path: Path) -> None:
    assert answer(tmp_path / "copy.pdf", signed_letter.read_bytes()).whole


@pytest.mark.parametrize("touch", TOUCHES.values(), ids=TOUCHES.keys())
def test_a_touched_file_is_not_whole(touch: Touch, signed_letter: Path, tmp_path: Path) -> None:
    content = signed_letter.read_bytes()
    touched = touch(content)

    assert touched != content
    assert not answer(tmp_path / "touched.pdf", touched).whole


@pytest.mark.parametrize(
    ("touch", "problem"),
    [
        ("junk behind", "the file does not end where the PDF ends"),
        ("a byte in front", "the file does not start as a PDF"),
        ("never signed", "the file does not consist of its pages and one signature revision"),
        ("a later revision", "the file does not consist of its pages and one signature revision"),
        ("the last byte gone", "the signature does not cover the whole file"),
        ("white space in the gap", "the gap in the covered bytes is not one hexadecimal string"),
        ("the last digit of the padding", "the padding behind the signature is not empty"),
        ("forms allowed", "the signature does not forbid every later change"),
        ("another page size", "the signature does not fit its bytes"),
    ],
)
def test_the_answer_says_which_point_is_not_met(touch: str, problem: str, signed_letter: Path, tmp_path: Path) -> None:
    assert answer(tmp_path / "touched.pdf", TOUCHES[touch](signed_letter.read_bytes())).problem == problem


def test_any_flipped_bit_is_found(signed_letter: Path, tmp_path: Path) -> None:
    """A sample of the places, all over the file; in the CMS object every bit was tried once (EC and RSA)."""
    content = signed_letter.read_bytes()
    for place in range(0, len(content), 29):
        flipped = bytearray(content)
        flipped[place] ^= 1 << place % 8

        assert not answer(tmp_path / "flipped.pdf", bytes(flipped)).whole, place


def test_a_missing_file_is_not_whole(tmp_path: Path) -> None:
    assert not verify(tmp_path / "none.pdf").whole


def test_a_broken_file_is_a_failure_for_the_step(tmp_path: Path, letter: Path) -> None:
    with pytest.raises(StepFailed) as failure:
        examine(letter)

    assert (failure.value.step, failure.value.status) == ("sign", 500)


class Ear(logging.Handler):
    def __init__(self) -> None:
        super().__init__()
        self.heard: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.heard.append(record.getMessage())


def test_what_pyhanko_says_about_a_file_goes_nowhere(
    signed_letter: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    unknown = signed_letter.read_bytes().replace(b"/ETSI.CAdES.detached", b"/ETSI.Unknown.detach")
    ours, theirs = Ear(), Ear()
    logging.getLogger().addHandler(ours)
    logging.getLogger("pyhanko").addHandler(theirs)

    assert not answer(tmp_path / "unknown.pdf", unknown).whole
    logging.getLogger().removeHandler(ours)
    logging.getLogger("pyhanko").removeHandler(theirs)
    assert theirs.heard
    assert ours.heard == []
    assert capfd.readouterr() == ("", "")


def test_what_is_not_whole_shows_nothing(ec_signer: Pkcs12Signer, signed_letter: Path, tmp_path: Path) -> None:
    assert ec_signer.subject not in repr(answer(tmp_path / "touched.pdf", signed_letter.read_bytes() + b"junk"))
