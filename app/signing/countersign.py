"""Sign a specimen after us, as somebody else would (样本签署): for the tests and the demonstration alone.

With a certificate that says 样本 in its own name, made up on the spot, in a file whose first certificate says so too.
It refuses any other file: a made-up signature has no place in a real agreement.
"""

import asyncio
import shutil
from datetime import UTC, datetime
from pathlib import Path

from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.misc import PdfError
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.general import SigningError

from app.signing.certificate import is_specimen
from app.signing.hand import fill
from app.signing.soundness import certificate_of
from app.signing.specimen import make_specimen_person
from app.signing.strict import unsound

REASON = "样本签署，不具效力"


def countersign_specimen(issued: Path, field: str, name: str, target: Path, at: datetime) -> None:
    """Write to `target` the file with one more signature, in that empty field and under that name.

    pyHanko's own writer is used, which dates Info and XMP anew as signing software does.
    """
    try:
        with issued.open("rb") as source:
            signatures = PdfFileReader(source, strict=True).embedded_signatures
            if not signatures or not is_specimen(certificate_of(signatures[0])):
                raise unsound("only a specimen is signed with a specimen")
            source.seek(0)
            with target.open("xb") as copy:
                shutil.copyfileobj(source, copy)
        person, at = make_specimen_person(name, at=at), at.astimezone(UTC).replace(microsecond=0)
        with target.open("r+b") as stream:
            asyncio.run(fill(IncrementalPdfFileWriter(stream), field, person, REASON, at))
    except (OSError, PdfError, SigningError, ValueError) as error:
        raise unsound(f"the specimen could not be signed: {type(error).__name__}") from error
