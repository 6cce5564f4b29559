"""Sign verified pages (数字签名): PAdES B-B, a certification that allows no further change, in an incremental update.

Where others are to sign after us, each has an empty field, and the certification allows to fill these (DocMDP 2).
Promises that the signed file begins with exactly the bytes that were verified, and proves it again before anything is
handed on (prove.py). Refuses a file that is no longer what was verified, and a key that is not of the document's kind:
a specimen key for pages without 样本, or a real key for pages with it.
"""

import asyncio
import shutil
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO

from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.misc import PdfError
from pyhanko.sign.fields import MDPPerm, SigFieldSpec, append_signature_field
from pyhanko.sign.general import SigningError

from app.artifacts import Approved, File, Part, Signed, Verified
from app.catalogue import PDF
from app.errors import StepFailed
from app.signing.fields import FIELD, signature_fields
from app.signing.hand import fill
from app.signing.interface import Signer
from app.signing.prove import prove
from app.signing.strict import LEVEL

REASON = "签发本文书"


def sign(
    verified: Verified, signer: Signer, folder: Path, at: datetime, unchanged: Callable[[Sequence[Part]], bool]
) -> Signed:
    """Sign each PDF part into `folder`; a text part goes along as it was verified. `at` is the signing time.

    `unchanged` says whether the signed parts show the pages that were verified. It is asked while the signatures are
    proven; both must say yes.
    """
    approved = verified.assembled.converted.rendered.approved
    if signer.specimen != approved.specimen:
        raise _failed("the key and the pages do not agree on 样本")
    if not any(_is_pdf(part) for part in verified.assembled.parts):
        raise _failed("there is nothing to sign")
    if approved.signature_fields != signature_fields(len(approved.signature_fields)):
        raise _failed("the further fields are not named as they should be")
    at = at.astimezone(UTC).replace(microsecond=0)  # the PDF's clock has no finer hand
    with _ours():
        parts = tuple(_signed(part, signer, approved, folder, at) for part in verified.assembled.parts)
    with ThreadPoolExecutor(1, "unchanged") as beside:  # it waits for the reading process, which has its own core
        looked = beside.submit(unchanged, parts)
        with _ours():
            _prove(verified.assembled.parts, parts, signer, approved, at)
    if not looked.result():
        raise _failed("signing changed what the pages show")
    return Signed(verified, parts, signer.certificate_sha256, LEVEL)


@contextmanager
def _ours() -> Iterator[None]:
    try:
        yield
    except (OSError, PdfError, SigningError, ValueError) as error:
        raise _failed(f"a part could not be signed: {type(error).__name__}") from error


def _signed(part: Part, signer: Signer, approved: Approved, folder: Path, at: datetime) -> Part:
    if not _is_pdf(part):
        _still_as_verified(part.file.path, part.file)
        return part
    target = folder / f"{part.name}.signed.pdf"
    with part.file.path.open("rb") as source, target.open("xb") as copy:
        shutil.copyfileobj(source, copy)
    _still_as_verified(target, part.file)  # the copy is what we sign, so the copy is what we look at
    with target.open("r+b") as stream:
        asyncio.run(_embed(stream, signer, at, approved.signature_fields))
    return Part(part.name, File.at(target))


def _prove(before: Sequence[Part], made: Sequence[Part], signer: Signer, approved: Approved, at: datetime) -> None:
    issuer, further = approved.blanks["issuer"], len(approved.signature_fields)
    for verified, part in zip(before, made, strict=True):
        if _is_pdf(part):
            prove(part.file.path, verified.file, signer, issuer, at, further)


def _is_pdf(part: Part) -> bool:
    return part.kind == PDF


def _still_as_verified(path: Path, verified: File) -> None:
    if File.at(path).sha256 != verified.sha256:
        raise _failed("a part is no longer what was verified")


async def _embed(stream: BinaryIO, signer: Signer, at: datetime, fields: tuple[str, ...]) -> None:
    """Append one signature revision to the file, in place."""

    def empty_fields(revision: IncrementalPdfFileWriter) -> None:
        for name in fields:
            append_signature_field(revision, SigFieldSpec(name))

    # What the reader sees is the stamp, which was on the page when it was verified: the field is invisible.
    level = MDPPerm.FILL_FORMS if fields else MDPPerm.NO_CHANGES
    await fill(_SignatureOnly(stream), FIELD, signer, REASON, at, certify=level, beside=empty_fields)


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
