"""Objects of a PDF as they are written (对象): what two revisions are compared by.

Bytes and references, nothing resolved: two entries are the same when they are written the same.
"""

from io import BytesIO
from typing import NoReturn

from pyhanko.pdf_utils.generic import DictionaryObject, IndirectObject, PdfObject, Reference
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.pdf_utils.xref import XRefSectionType

from app.errors import StepFailed

Number = tuple[int, int]  # object number and generation

# What a trailer may change with a revision, and what it holds where the table is itself an object.
TRAILER = {"/Size", "/Prev", "/ID"} | {"/Type", "/W", "/Index", "/Length", "/Filter", "/DecodeParms"}


def changed(before: DictionaryObject, after: DictionaryObject) -> set[str]:
    """The keys whose entries are not the same, as written, in both."""
    return {key for key, _ in entries(before).items() ^ entries(after).items()}


def entries(dictionary: DictionaryObject) -> dict[str, bytes]:
    return {str(key): written(dictionary.raw_get(key)) for key in dictionary}


def written(entry: PdfObject) -> bytes:
    """An entry as it is written, references unresolved."""
    stream = BytesIO()
    entry.write_to_stream(stream)
    return stream.getvalue()


def reference(dictionary: DictionaryObject, key: str) -> IndirectObject:
    """What the entry refers to. `StepFailed` if it is no reference."""
    at = dictionary.raw_get(key)
    if not isinstance(at, IndirectObject):
        no(f"{key} does not refer to an object")
    return at


def dictionary(at: IndirectObject | Reference) -> DictionaryObject:
    """The dictionary there. `StepFailed` if it is none."""
    found = (at.reference if isinstance(at, IndirectObject) else at).get_object()
    if not isinstance(found, DictionaryObject):
        no("an object of the signature is not a dictionary")
    return found


def number(at: Reference | IndirectObject) -> Number:
    return at.idnum, at.generation


def table(reader: PdfFileReader, revision: int) -> set[Number]:
    """The cross-reference table of a revision, where it is itself an object."""
    section = reader.xrefs.get_xref_container_info(revision)
    at = section.stream_ref
    return {number(at)} if section.xref_section_type is XRefSectionType.STREAM and at is not None else set()


def same_trailer(before: DictionaryObject, after: DictionaryObject) -> None:
    """The later trailer leads to the same objects, and the file is still the same one. `StepFailed` if not."""
    if not changed(before, after) <= TRAILER:
        no("the trailer was changed")
    if "/ID" in before and written(before["/ID"].raw_get(0)) != written(after["/ID"].raw_get(0)):
        no("the file's identity was changed")


def no(reason: str) -> NoReturn:
    raise StepFailed("sign", reason, status=500)
