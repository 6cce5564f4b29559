"""Is the returned file our issued one, grown only by signatures (签署核验)? In this order:

    1  same        it begins with exactly the bytes of the issued file, and is longer
    2  ours        the issued file meets the profile (strict.py) and leaves fields for others
    3  stations    each further signature ends a part of the file from its first byte on: the last one's is the whole
    4  covered     the signature leaves out nothing of that part but its own place
    5  grown       that part, read by itself, has one revision more than the one before it, and the revision holds one
                   signature in one of our empty fields and nothing else (growth.py)
    6  sound       intact and valid by the signer's own certificate, meant for documents, and valid when it signed,
                   which was after us
    7  apart       no two signatures, ours among them, are by one key
    8  certified   another program's opinion: our certification holds for the whole file

Each part is read as a file of its own, so that no revision can be spoken for by what came after it. Everything that is
read here may have been made to harm the reader: it runs in a process that can be killed (reading.py).
"""

import re
from datetime import datetime
from io import BytesIO
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from cryptography.x509.oid import NameOID
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.validation.pdf_embedded import EmbeddedPdfSignature

from app.errors import StepFailed
from app.signing import certificate as certificates
from app.signing.answers import (
    ANOTHER,
    BEFORE_OURS,
    BROKEN,
    CHANGED,
    CLOCKS,
    OF_ANOTHER_USE,
    ONE_KEY,
    OUT_OF_TIME,
    UNCOVERED,
    UNDATED,
    UNSIGNED,
    Executed,
    FurtherSignature,
    NotExecuted,
)
from app.signing.fields import signature_fields
from app.signing.growth import filled_field
from app.signing.soundness import certificate_of, examined, fits, time_of, was_valid
from app.signing.strict import ANY_CASE, TRIPPED, covered, examine, framed, unsound

# How Chinese authorities put together a person's common name: a code, the name, the number of a document, a count.
_CODED = re.compile(r"[0-9]+@")
_PERSONAL = re.compile(r"[0-9]+@(?P<name>[^@]+)(?:@(?P<number>[^@]{8,}))?(?:@[0-9]{1,4})?")


def examination(issued: Path, returned: bytes) -> Executed:
    """The yes, or `NotExecuted`. `StepFailed` if it is the issued file that does not meet its profile."""
    before = issued.read_bytes()
    _same(before, returned)
    further = examine(issued).further
    if not further:
        raise unsound("nobody is to sign the issued file after us")
    signatures = []
    reader, size = PdfFileReader(BytesIO(before), strict=True), len(before)
    since = time_of(reader.embedded_signatures[0])
    if since is None:
        raise unsound("the issued file does not say when it was signed")
    for station in _stations(returned):
        stream = BytesIO(returned[:station])
        grown = PdfFileReader(stream, strict=True)
        try:
            field = filled_field(reader, grown, size)
        except StepFailed as failure:
            raise NotExecuted(CHANGED) from failure
        signatures.append(_sound(stream, grown, field, since - CLOCKS))
        reader, size = grown, station
    _apart(reader)
    _certified(reader)
    signed = {signature.field for signature in signatures}
    return Executed(tuple(signatures), tuple(name for name in signature_fields(further) if name not in signed))


def _same(issued: bytes, returned: bytes) -> None:
    if returned == issued:
        raise NotExecuted(UNSIGNED)
    if not returned.startswith(issued):
        raise NotExecuted(ANOTHER)


def _stations(returned: bytes) -> list[int]:
    """Where the parts end that the further signatures cover, in order."""
    ends = sorted(_end(signature) for signature in PdfFileReader(BytesIO(returned), strict=True).embedded_signatures)
    if len(ends) < 2:  # longer, and yet not signed; the first is ours
        raise NotExecuted(CHANGED)
    if ends[-1] != len(returned):
        raise NotExecuted(UNCOVERED)
    return ends[1:]


def _end(signature: EmbeddedPdfSignature) -> int:
    *_, start, length = (int(each) for each in signature.byte_range)
    return start + length


def _sound(stream: BytesIO, reader: PdfFileReader, field: str, since: datetime) -> FurtherSignature:
    signature = next(each for each in reader.embedded_signatures if each.field_name == field)
    try:
        stream.seek(0)
        framed(stream)
        covered(stream, signature, ANY_CASE)
    except StepFailed as failure:
        raise NotExecuted(UNCOVERED) from failure
    try:
        return _by_its_certificate(signature, field, since)
    except TRIPPED as error:  # a kind of signature that nobody here can verify (SM2), or none
        raise NotExecuted(BROKEN) from error


def _by_its_certificate(signature: EmbeddedPdfSignature, field: str, since: datetime) -> FurtherSignature:
    certificate, signed_at = certificate_of(signature), time_of(signature)
    if signed_at is None:
        raise NotExecuted(UNDATED)
    if signed_at < since:
        raise NotExecuted(BEFORE_OURS)
    if not was_valid(certificate, signed_at):
        raise NotExecuted(OUT_OF_TIME)
    if not certificates.meant_for_documents(certificate):
        raise NotExecuted(OF_ANOTHER_USE)
    if not fits(signature, signed_at):
        raise NotExecuted(BROKEN)
    specimen = certificates.is_specimen(certificate)
    return FurtherSignature(field, certificates.digest(certificate), signed_at, specimen, *_named(certificate))


def _named(certificate: x509.Certificate) -> tuple[frozenset[str], str]:
    """The one person whom it names, and the number of their document; nobody if it names several."""
    common = [str(each.value) for each in certificate.subject.get_attributes_for_oid(NameOID.COMMON_NAME)]
    if len(common) != 1:
        return frozenset(), ""
    if not _CODED.match(common[0]):
        return frozenset(common), ""
    found = _PERSONAL.fullmatch(common[0])
    return (frozenset({found["name"]}), found["number"] or "") if found else (frozenset(), "")


def _apart(reader: PdfFileReader) -> None:
    """A certificate is renewed for the same key: keys are compared, which no two people share."""
    keys = [
        certificate_of(signature).public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
        for signature in reader.embedded_signatures
    ]
    if len(set(keys)) < len(keys):
        raise NotExecuted(ONE_KEY)


def _certified(reader: PdfFileReader) -> None:
    ours = min(reader.embedded_signatures, key=_end)
    at = time_of(ours)
    if at is None or not examined(ours, at).bottom_line:
        raise NotExecuted(CHANGED)
