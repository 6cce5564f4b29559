"""Sign verified pages (数字签名): PAdES B-B, a certification that allows no further change, in an incremental update.

Promises that the signed file begins with exactly the bytes that were verified, and proves it again before anything is
handed on (prove.py). Refuses a file that is no longer what was verified, and a key that is not of the document's kind:
a specimen key for pages without 样本, or a real key for pages with it.
"""

import asyncio
import shutil
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, BinaryIO

from asn1crypto import x509
from asn1crypto.cms import ContentInfo
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.misc import PdfError
from pyhanko.sign import signers
from pyhanko.sign.fields import MDPPerm, SigFieldSpec, SigSeedSubFilter
from pyhanko.sign.general import SigningError
from pyhanko.sign.signers.cms_embedder import PdfCMSEmbedder, SigIOSetup, SigMDPSetup, SigObjSetup
from pyhanko.sign.signers.pdf_byterange import SignatureObject

from app.artifacts import File, Part, Signed, Verified
from app.catalogue import PDF
from app.errors import StepFailed
from app.signing.interface import Signer
from app.signing.prove import prove
from app.signing.strict import DIGEST, FIELD, LEVEL

REASON = "签发本文书"
LOCATION = "中国"
BESIDE_CERTIFICATES = 1024  # bytes of a CMS object: 512 for RSA-4096, the rest for attributes and serial numbers


def sign(verified: Verified, signer: Signer, folder: Path, at: datetime) -> Signed:
    """Sign each PDF part into `folder`; a text part goes along as it was verified. `at` is the signing time."""
    approved = verified.assembled.converted.rendered.approved
    if signer.specimen != approved.specimen:
        raise _failed("the key and the pages do not agree on 样本")
    if not any(_is_pdf(part) for part in verified.assembled.parts):
        raise _failed("there is nothing to sign")
    at = at.astimezone(UTC).replace(microsecond=0)  # the PDF's clock has no finer hand
    try:
        parts = tuple(
            _finished(part, signer, approved.blanks["issuer"], folder, at) for part in verified.assembled.parts
        )
    except (OSError, PdfError, SigningError, ValueError) as error:
        raise _failed(f"a part could not be signed: {type(error).__name__}") from error
    return Signed(verified, parts, signer.certificate_sha256, LEVEL)


def _finished(part: Part, signer: Signer, issuer: Mapping[str, Any], folder: Path, at: datetime) -> Part:
    if not _is_pdf(part):
        _still_as_verified(part.file.path, part.file)
        return part
    target = folder / f"{part.name}.signed.pdf"
    with part.file.path.open("rb") as source, target.open("xb") as copy:
        shutil.copyfileobj(source, copy)
    _still_as_verified(target, part.file)  # the copy is what we sign, so the copy is what we look at
    with target.open("r+b") as stream:
        asyncio.run(_embed(stream, signer, at))
    prove(target, part.file, signer, issuer, at)
    return Part(part.name, File.at(target))


def _is_pdf(part: Part) -> bool:
    return part.kind == PDF


def _still_as_verified(path: Path, verified: File) -> None:
    if File.at(path).sha256 != verified.sha256:
        raise _failed("a part is no longer what was verified")


async def _embed(stream: BinaryIO, signer: Signer, at: datetime) -> None:
    """Append one signature revision to the file, in place."""
    hand = _Hand(signer)
    placeholder = SignatureObject(
        timestamp=at,
        subfilter=SigSeedSubFilter.PADES,
        reason=REASON,
        location=LOCATION,
        bytes_reserved=2 * (hand.room + BESIDE_CERTIFICATES),  # in hexadecimal
    )
    # No box: the field is invisible. What the reader sees is the stamp, which was on the page when it was verified.
    embedding = PdfCMSEmbedder(SigFieldSpec(FIELD)).write_cms(FIELD, _SignatureOnly(stream))
    next(embedding)
    lock = SigMDPSetup(md_algorithm=DIGEST, certify=True, docmdp_perms=MDPPerm.NO_CHANGES)
    embedding.send(SigObjSetup(placeholder, mdp_setup=lock))
    prepared, _ = embedding.send(SigIOSetup(md_algorithm=DIGEST, in_place=True))
    embedding.send(await hand.cms(prepared.document_digest))


class _Hand(signers.Signer):
    """Our signer, as pyHanko wants to hold it: made anew for each signature, because its objects change in use."""

    def __init__(self, signer: Signer) -> None:
        own = x509.Certificate.load(signer.certificate)
        super().__init__(signing_cert=own)
        for certificate in signer.chain:  # its own is added by pyHanko
            self.cert_registry.register(x509.Certificate.load(certificate))
        # A CMS object holds the certificates, and names the issuer of the first one twice.
        self.room = sum(len(der) for der in (signer.certificate, *signer.chain)) + 2 * len(own.issuer.dump())
        self._signer = signer

    async def async_sign_raw(self, data: bytes, digest_algorithm: str, dry_run: bool = False) -> bytes:
        if digest_algorithm != DIGEST or dry_run:
            raise SigningError("something else than one signature over SHA-256 was asked for")
        return self._signer.sign_raw(data)

    async def cms(self, digest: bytes) -> ContentInfo:
        return await self.async_sign(digest, DIGEST, use_pades=True)


class _SignatureOnly(IncrementalPdfFileWriter):
    """Writes the objects of the signature and nothing else.

    Left to itself, pyHanko dates Info and XMP anew and raises the version in the catalogue: changes to verified content
    that no signature needs. prove.py refuses the file on the day this stops working.
    """

    output_version = (1, 0)  # below every file's own, so that none is raised

    def _update_meta(self) -> None:
        """Leave Info and XMP as they were verified."""


def _failed(reason: str) -> StepFailed:
    return StepFailed("sign", reason, status=500)
