"""Returned files of every kind: signed as they should be, and with whatever else somebody may add."""

import asyncio
import hashlib
import re
from collections.abc import Callable
from datetime import datetime
from io import BytesIO
from pathlib import Path
from typing import Any

from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter

from app.signing import Signer, UnsafeSpecimenSigner, sign, signature_fields
from app.signing.answers import Executed, NotExecuted, read
from app.signing.hand import Hand, fill
from app.signing.reading import _answered
from app.signing.specimen import make_specimen_person
from tests.app.signing.made import NOW, unchanged, verified

Change = Callable[[Any], None]  # of the revision under way
SIZE = 1 << 20


def issued(letter: Path, signer: UnsafeSpecimenSigner, folder: Path, fields: int = 2) -> Path:
    """An agreement that so many others are to sign."""
    given = verified(letter, specimen=True, signature_fields=signature_fields(fields))
    return sign(given, signer, folder, NOW, unchanged).parts[0].file.path


def signed(
    content: bytes,
    field: str = "Signer1",
    change: Change = lambda _: None,
    *,
    person: Signer | None = None,
    kind: Callable[[BytesIO], IncrementalPdfFileWriter] = IncrementalPdfFileWriter,
    at: datetime = NOW,
) -> bytes:
    """The file with one more sound signature; `change` adds to the same revision."""
    stream = BytesIO(content)
    person = person or make_specimen_person("李样本", at=NOW)
    asyncio.run(fill(kind(stream), field, person, "同意", at, beside=change))
    return stream.getvalue()


def unsigned(content: bytes, change: Change) -> bytes:
    """The file with one more revision that nobody has signed."""
    stream = BytesIO(content)
    writer: Any = IncrementalPdfFileWriter(stream)  # half of its types are not published
    change(writer)
    writer.write_in_place()
    return stream.getvalue()


def gap(content: bytes) -> tuple[int, int]:
    """Where the digits of the last signature begin and end."""
    *_, found = re.finditer(rb"/Contents <([0-9A-Fa-f]+)>", content)
    return found.span(1)


def signed_anew(content: bytes, covered: tuple[int, int, int, int] | None = None) -> bytes:
    """The file with its last signature made again, over these ranges if they are given: sound for what it covers."""
    *_, found = re.finditer(rb"/ByteRange \[([0-9 ]+)\] *", content)
    ranges = covered or tuple(int(each) for each in found[1].split())
    text = b"/ByteRange [%d %d %d %d]" % ranges
    content = content[: found.start()] + text.ljust(found.end() - found.start()) + content[found.end() :]
    first, rest = content[ranges[0] :][: ranges[1]], content[ranges[2] :][: ranges[3]]
    digest = hashlib.sha256(first + rest)
    der: bytes = asyncio.run(Hand(make_specimen_person("李样本", at=NOW)).cms(digest.digest())).dump()
    start, end = gap(content)
    return content[:start] + der.hex().upper().encode().ljust(end - start, b"0") + content[end:]


def answer(issued: Path, content: bytes) -> Executed | str:
    """What is said of the returned file, without a process: the yes, or the reason of the no."""
    returned = issued.parent / "returned.pdf"
    returned.write_bytes(content)
    try:
        found = read(_answered(issued, returned, SIZE))
    except NotExecuted as refusal:
        return refusal.reason
    assert found, "the issued file is unfit"
    return found
