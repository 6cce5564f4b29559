"""The profile that a signed file of ours meets (签名核验), whoever holds it: ours alone, and stricter than PDF's.

pyHanko says whether a signature is sound; stock verdicts still accept trailing bytes, altered padding and an exchanged
Info dictionary. So, in this order:

    1  framed       starts %PDF-, ends with %%EOF and at most one end of line
    2  plain        a strict parser reads it; not encrypted; two revisions: the pages, and the signature
    3  single       exactly one signature
    4  covered      [0 a b c] is the whole file, and the gap is exactly one hexadecimal string in capitals
    5  locked       PAdES, certified, and the catalogue says so: no change allowed, or, where there are empty fields for
                    further signers, none but filling them (DocMDP 2; whether a later file keeps to it: executed.py)
    6  added        nothing came with the signature but the signature and these fields (additions.py)
    7  B-B          one signer and the chain of its certificate, SHA-256, nothing unsigned beside the signature, all in
                    the one encoding that DER allows, and zeros behind it
    8  sound        intact and valid, by the signer's own certificate, meant for documents, and valid when it signed

What a signature leaves open all the same: certificates above the signer's are enclosed and not signed (one may be left
out, or exchanged for another by the same issuer), and an ECDSA value has a twin that verifies as well. Only the digest
in the log is exact to the byte: the signature shows who and when, the log shows that this is the file. Whose the
certificate is, nothing here can know: anybody can make one with any name in it. Compare `certificate_sha256`, or ask
the log.
"""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import BinaryIO

from asn1crypto import cms, core
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from pyhanko.pdf_utils.misc import PdfError
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.fields import MDPPerm, SigSeedSubFilter
from pyhanko.sign.general import SigningError
from pyhanko.sign.validation.errors import SignatureValidationError
from pyhanko.sign.validation.pdf_embedded import EmbeddedPdfSignature
from pyhanko.sign.validation.status import SignatureCoverageLevel

from app.errors import StepFailed
from app.signing import certificate as certificates
from app.signing import der
from app.signing.additions import only_the_signature_was_added
from app.signing.soundness import certificate_of, examined, time_of, was_valid

DIGEST = "sha256"
LEVEL = "B-B"
_MECHANISMS = {"ec": "sha256_ecdsa", "rsa": "sha256_rsa"}
CAPITALS = re.compile(rb"(?:[0-9A-F]{2})+")  # as we write it: another case would be another file
ANY_CASE = re.compile(rb"(?:[0-9A-Fa-f]{2})+")  # as others do
# What parsers throw at bytes that nobody foresaw. A parser that trips over a file has not proven it.
TRIPPED = (
    PdfError, SigningError, SignatureValidationError, OSError, ArithmeticError, AssertionError, AttributeError,
    LookupError, NotImplementedError, RecursionError, TypeError, ValueError,
)  # fmt: skip


@dataclass(frozen=True)
class Sound:
    """A signed file that meets the profile."""

    certificate: x509.Certificate
    signed_at: datetime  # as the signer's own clock had it
    further: int  # fields that are left empty for others


@dataclass(frozen=True)
class Verification:
    """The answer about one file. Unless it is `whole`, nothing else is known and `problem` says why."""

    whole: bool
    signed_at: datetime | None = None
    subject: str = ""
    certificate_sha256: str = ""
    specimen: bool = False
    level: str = ""
    further_fields: int = 0  # left empty for those who sign after us
    problem: str = ""


def verify(path: Path) -> Verification:
    """Verify a signed PDF standing alone. A no is an answer here, not an error."""
    try:
        sound = examine(path)
    except StepFailed as failure:
        return Verification(whole=False, problem=failure.detail)
    return Verification(
        whole=True,
        signed_at=sound.signed_at,
        subject=sound.certificate.subject.rfc4514_string(),
        certificate_sha256=certificates.digest(sound.certificate),
        specimen=certificates.is_specimen(sound.certificate),
        level=LEVEL,
        further_fields=sound.further,
    )


def examine(path: Path, further: int | None = None) -> Sound:
    """Hold the file against the profile; `StepFailed` says which point it does not meet.

    `further` is how many empty fields it must have for further signers; None takes the file's word.
    """
    with _tripping(), path.open("rb") as stream:
        framed(stream)
        reader = PdfFileReader(stream, strict=True)
        _plain(reader)
        signature = _single(reader)
        covered(stream, signature)
        if further is None:
            further = max(len(reader.root["/AcroForm"]["/Fields"]) - 1, 0)
        _locked(reader, signature, further)
        only_the_signature_was_added(reader, further)
        _baseline(signature)
        return _sound(signature, further)


@contextmanager
def _tripping() -> Iterator[None]:
    try:
        yield
    except TRIPPED as error:
        raise unsound(f"the file cannot be read as a signed PDF: {type(error).__name__}") from error


def unsound(reason: str) -> StepFailed:
    return StepFailed("sign", reason, status=500)


def framed(stream: BinaryIO) -> None:
    """From its first byte to its last it is a PDF."""
    if stream.read(5) != b"%PDF-":
        raise unsound("the file does not start as a PDF")
    stream.seek(-7, 2)
    if not stream.read().endswith((b"%%EOF", b"%%EOF\n", b"%%EOF\r", b"%%EOF\r\n")):
        raise unsound("the file does not end where the PDF ends")


def _plain(reader: PdfFileReader) -> None:
    if reader.encrypted:
        raise unsound("the file is encrypted")
    if reader.total_revisions != 2 or reader.xrefs.hybrid_xrefs_present:
        raise unsound("the file does not consist of its pages and one signature revision")


def _single(reader: PdfFileReader) -> EmbeddedPdfSignature:
    signatures: list[EmbeddedPdfSignature] = reader.embedded_signatures
    if len(signatures) != 1:
        raise unsound("the file does not carry exactly one signature")
    return signatures[0]


def covered(stream: BinaryIO, signature: EmbeddedPdfSignature, digits: re.Pattern[bytes] = CAPITALS) -> None:
    """The signature leaves out nothing of the file but its own place, which holds such digits and nothing else."""
    start, before, after, rest = (int(number) for number in signature.byte_range)
    size = stream.seek(0, 2)
    if start != 0 or not 0 < before < after or rest <= 0 or after + rest != size:
        raise unsound("the signature does not cover the whole file")
    stream.seek(before)
    gap = stream.read(after - before)
    if gap[:1] != b"<" or gap[-1:] != b">" or not digits.fullmatch(gap, 1, len(gap) - 1):
        raise unsound("the gap in the covered bytes is not one hexadecimal string in capitals")
    content = bytes.fromhex(gap[1:-1].decode("ascii"))
    if content != signature.pkcs7_content:
        raise unsound("the gap in the covered bytes is not the signature")


def _locked(reader: PdfFileReader, signature: EmbeddedPdfSignature, further: int) -> None:
    written = signature.sig_object
    if written.get("/Type") != "/Sig" or written.get("/SubFilter") != SigSeedSubFilter.PADES.value:
        raise unsound("the signature is not a PAdES signature")
    if not further and signature.docmdp_level is not MDPPerm.NO_CHANGES:
        raise unsound("the signature does not forbid every later change")
    if further and signature.docmdp_level is not MDPPerm.FILL_FORMS:
        raise unsound("the signature does not forbid every later change but further signatures")
    if reader.root["/Perms"].raw_get("/DocMDP") != signature.sig_field.raw_get("/V"):
        raise unsound("the catalogue does not name the signature as the one that certifies")


def _baseline(signature: EmbeddedPdfSignature) -> None:
    """The whole CMS object, written again from what is signed in it, must be the bytes in the file."""
    written = signature.pkcs7_content
    expected = _baseline_object(signature)
    if written[: len(expected)] != expected:
        raise unsound("the signature holds more or other matter than PAdES B-B needs")
    if any(written[len(expected) :]):
        raise unsound("the padding behind the signature is not empty")


def _baseline_object(signature: EmbeddedPdfSignature) -> bytes:
    """What a signer makes of its certificates, the signed attributes and the signature value: nothing else is free.

    Written with DER's few rules alone (RFC 5652, 5.1 and 5.3): asn1crypto's own objects take ten times as long.
    """
    own, given = signature.signer_cert, signature.signer_info
    version, digest = core.Integer(1).dump(), _algorithm(DIGEST)
    signer = der.sequence(
        version,
        der.sequence(own.issuer.dump(), core.Integer(own.serial_number).dump()),
        digest,
        der.implicit_set(0, [der.shortest(attribute.dump()) for attribute in given["signed_attrs"]]),
        _mechanism(own.public_key.algorithm),
        core.OctetString(given["signature"].native).dump(),
    )
    content = der.sequence(
        version,
        der.set_of([digest]),
        der.sequence(cms.ContentType("data").dump()),
        der.implicit_set(0, _chain(signature)),
        der.set_of([signer]),
    )
    return der.sequence(cms.ContentType("signed_data").dump(), der.explicit(0, content))


@cache
def _algorithm(name: str) -> bytes:
    return bytes(cms.DigestAlgorithm({"algorithm": name}).dump())


@cache
def _mechanism(kind: str) -> bytes:
    return bytes(cms.SignedDigestAlgorithm({"algorithm": _MECHANISMS[kind]}).dump())


def _chain(signature: EmbeddedPdfSignature) -> list[bytes]:
    """The enclosed certificates, written again: the signer's own and those above it, each once, and nothing else."""
    enclosed = list(signature.signed_data["certificates"])
    if any(choice.name != "certificate" for choice in enclosed):
        raise unsound("the signature encloses something else than certificates")
    found = [x509.load_der_x509_certificate(choice.chosen.dump()) for choice in enclosed]
    own = x509.load_der_x509_certificate(signature.signer_cert.dump())
    others = [certificate for certificate in found if certificate != own]
    if len(found) != len(others) + 1 or not certificates.are_its_chain(others, own):
        raise unsound("the signature encloses other certificates than the chain of its signer's")
    return [certificate.public_bytes(Encoding.DER) for certificate in found]


def _sound(signature: EmbeddedPdfSignature, further: int) -> Sound:
    certificate, signed_at = certificate_of(signature), time_of(signature)
    if signed_at is None:
        raise unsound("the signature does not say when it was made")
    if not was_valid(certificate, signed_at):
        raise unsound("the certificate was not valid when it signed")
    if not certificates.meant_for_documents(certificate):
        raise unsound("the certificate is not meant for signing documents")
    status = examined(signature, signed_at)
    if not status.bottom_line or status.coverage is not SignatureCoverageLevel.ENTIRE_FILE:
        raise unsound("the signature does not fit its bytes")
    return Sound(certificate, signed_at, further)
