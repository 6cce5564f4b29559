"""A signed file that was touched, in every way one would touch it, is not whole."""

import logging
import re
from collections.abc import Callable, Iterator
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from asn1crypto import cms, core, parser
from asn1crypto import x509 as asn1
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding
from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter

from app.catalogue import Issuer
from app.errors import StepFailed
from app.signing import Pkcs12Signer, Verification, sign, verify
from app.signing.strict import examine
from tests.app.signing.made import NOW, PASSPHRASE, certificate, pkcs12_file, tiny_pdf, unchanged, verified

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
        ("white space in the gap", "the gap in the covered bytes is not one hexadecimal string in capitals"),
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
    assert ec_signer.own.subject.rfc4514_string() not in repr(
        answer(tmp_path / "touched.pdf", signed_letter.read_bytes() + b"junk")
    )


def with_cms(content: bytes, change: Callable[[cms.ContentInfo], bytes]) -> bytes:
    """The file with another CMS object in the gap, which no signature covers."""
    start, end = the_signature(content)
    other = change(cms.ContentInfo.load(bytes.fromhex(content[start:end].decode()))).hex().upper().encode()
    return content[:start] + other.ljust(end - start, b"0") + content[end:]


def enclosing(*certificates: x509.Certificate) -> Callable[[cms.ContentInfo], bytes]:
    """The same signature among other certificates."""

    def change(info: cms.ContentInfo) -> bytes:
        written = [asn1.Certificate.load(each.public_bytes(Encoding.DER)) for each in certificates]
        info["content"]["certificates"] = [cms.CertificateChoices(name="certificate", value=each) for each in written]
        return bytes(info.dump(force=True))

    return change


def test_digits_in_small_letters_are_another_file(signed_letter: Path, tmp_path: Path) -> None:
    content = signed_letter.read_bytes()
    start, end = the_signature(content)
    small = content[:start] + content[start:end].lower() + content[end:]

    assert answer(tmp_path / "small.pdf", small).problem == (
        "the gap in the covered bytes is not one hexadecimal string in capitals"
    )


def headers(der: bytes, at: int = 0, inside: tuple[int, ...] = ()) -> Iterator[tuple[int, ...]]:
    """Where each element begins, with those that it lies in."""
    while at < len(der):
        yield (*inside, at)
        element = parser.peek(der[at:])
        head = len(parser.parse(der[at : at + element])[3])
        if der[at] & 0x20:
            yield from headers(der[: at + element], at + head, (*inside, at))
        at += element


def wasteful(der: bytes, path: tuple[int, ...]) -> bytes:
    """The element at the end of the path gets a length of one byte more than it needs; those around it grow along."""
    outside = parser.parse(der[: path[0] + parser.peek(der[path[0] :])][path[0] :])
    _, _, _, header, contents, _ = outside
    start = path[0]
    if len(path) > 1:
        first = start + len(header)
        contents = wasteful(der[first : start + len(header) + len(contents)], tuple(at - first for at in path[1:]))
        length = len(contents).to_bytes((len(contents).bit_length() + 7) // 8, "big")
        size = bytes([len(contents)]) if len(contents) < 128 else bytes([0x80 | len(length)]) + length
    else:
        length = len(contents).to_bytes(max(1, (len(contents).bit_length() + 7) // 8), "big")
        longer = length if len(contents) < 128 else b"\0" + length
        size = bytes([0x80 | len(longer)]) + longer
    whole = header[:1] + size + contents
    return bytes(der[:start] + whole + der[start + len(header) + len(outside[4]) :])


def test_a_length_written_with_more_bytes_than_it_needs_is_found_anywhere(signed_letter: Path, tmp_path: Path) -> None:
    content = signed_letter.read_bytes()
    start, end = the_signature(content)
    blob = bytes.fromhex(content[start:end].decode())
    der = blob[: parser.peek(blob)]
    places = list(headers(der))

    assert len(places) > 100
    assert answer(tmp_path / "same.pdf", with_cms(content, lambda info: bytes(info.dump()))).whole
    for path in places[::4]:
        other = with_cms(content, lambda _, path=path: wasteful(der, path))  # type: ignore[misc]  # bound at once
        assert other != content
        assert not answer(tmp_path / "wasteful.pdf", other).whole, path


def test_the_enclosed_certificates_are_the_signers_chain(
    letter: Path, tmp_path: Path, bank: Issuer, rsa_key: rsa.RSAPrivateKey
) -> None:
    key, middle_key, stranger_key = (ec.generate_private_key(ec.SECP256R1()) for _ in range(3))
    above = ("key_cert_sign",)
    root = certificate(rsa_key, usage=above, COMMON_NAME="根证书")
    middle = certificate(middle_key, signed_by=(root, rsa_key), usage=above, COMMON_NAME="中级证书")
    own = certificate(key, signed_by=(middle, middle_key))
    stranger = certificate(stranger_key, usage=above, COMMON_NAME="根证书")  # the root's name, another's key
    path = pkcs12_file(tmp_path / "chain.p12", key, own, [root, middle])
    signer = Pkcs12Signer.load(path, PASSPHRASE, bank, at=NOW)
    content = sign(verified(letter), signer, tmp_path, NOW, unchanged).parts[0].file.path.read_bytes()

    for chain in ((own, middle, root), (own, middle), (own,)):
        assert answer(tmp_path / "chain.pdf", with_cms(content, enclosing(*chain))).whole
    for others in (
        (root,),
        (middle, root, stranger),
        (middle, stranger),
        (middle, middle),
        (own,),
        (middle, root, own),
    ):
        found = answer(tmp_path / "others.pdf", with_cms(content, enclosing(own, *others)))
        assert found.problem == "the signature encloses other certificates than the chain of its signer's"


def test_attribute_certificates_and_revocation_lists_have_no_place(signed_letter: Path, tmp_path: Path) -> None:
    def other_kind(info: cms.ContentInfo) -> bytes:
        certificates = info["content"]["certificates"]
        kind = cms.OtherCertificateFormat({"other_cert_format": "1.2.3", "other_cert": core.Integer(1)})
        certificates.append(cms.CertificateChoices(name="other", value=kind))
        return bytes(info.dump(force=True))

    def revocations(info: cms.ContentInfo) -> bytes:
        info["content"]["crls"] = cms.RevocationInfoChoices([])
        return bytes(info.dump(force=True))

    content = signed_letter.read_bytes()
    assert "something else than certificates" in answer(tmp_path / "o.pdf", with_cms(content, other_kind)).problem
    assert "more or other matter" in answer(tmp_path / "r.pdf", with_cms(content, revocations)).problem
