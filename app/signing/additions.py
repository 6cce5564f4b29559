"""Only the signature was added (增量核查): the last revision of a signed file, object by object.

Promises that it holds the signature, its invisible field, the form that lists the field, the catalogue with that form
and the certification, and one page (or its list of annotations) with the field's empty place: nothing else, and nothing
else in any of these. Info and XMP are those that were verified. Refuses an object too many, a freed object, a changed
entry, a field with a size, an appearance or an action.
"""

from io import BytesIO
from typing import NoReturn

from pyhanko.pdf_utils.generic import DictionaryObject, IndirectObject, PdfObject, Reference
from pyhanko.pdf_utils.reader import HistoricalResolver, PdfFileReader
from pyhanko.pdf_utils.xref import XRefSectionType

from app.errors import StepFailed

Number = tuple[int, int]  # object number and generation

# Print and Locked. PDF/A asks for the first; Hidden, which it forbids, is not needed by a field without a size.
_FIELD = {
    "/FT": b"/Sig",
    "/Type": b"/Annot",
    "/Subtype": b"/Widget",
    "/Rect": b"[ 0 0 0 0 ]",
    "/F": b"132",
}
_FIELD_OWN = {"/T", "/P", "/V"}
_SIGNATURE = {"/Type", "/Filter", "/SubFilter", "/Contents", "/ByteRange", "/M", "/Reason", "/Location", "/Reference"}
_TRAILER = {"/Size", "/Prev", "/ID"}
_TRAILER_STREAM = {"/Type", "/W", "/Index", "/Length", "/Filter", "/DecodeParms"}  # where the table is itself an object


def only_the_signature_was_added(reader: PdfFileReader) -> None:
    """Walk the last revision of a file that has two."""
    before = reader.get_historical_resolver(0)
    form_at = _reference(reader.root, "/AcroForm")
    form = _dictionary(form_at)
    field_at = _only_field(form)
    field = _dictionary(field_at)
    signature_at = _reference(field, "/V")
    page_at = _reference(field, "/P")

    _catalogue(before.root, reader.root, signature_at)
    _field(field, _dictionary(signature_at))
    annotations_at = _page(before, page_at, field_at)
    _trailer(reader)
    _objects(
        reader,
        added={_number(form_at), _number(field_at), _number(signature_at)},
        rewritten={_number(reader.root_ref), _number(annotations_at or page_at)},
    )


def _objects(reader: PdfFileReader, added: set[Number], rewritten: set[Number]) -> None:
    known = {_number(at) for at in reader.xrefs.explicit_refs_in_revision(0)}
    given = {_number(at) for at in reader.xrefs.explicit_refs_in_revision(1)}
    if reader.xrefs.get_xref_data(1).freed.keys() - {0}:
        _no("objects were taken away")
    if added & known or given - _table(reader) != added | rewritten:
        _no("other objects than those of a signature were added or changed")


def _table(reader: PdfFileReader) -> set[Number]:
    """The cross-reference table, where it is itself an object of the last revision."""
    section = reader.xrefs.get_xref_container_info(1)
    at = section.stream_ref
    return {_number(at)} if section.xref_section_type is XRefSectionType.STREAM and at is not None else set()


def _catalogue(before: DictionaryObject, after: DictionaryObject, signature_at: IndirectObject) -> None:
    if _changed(before, after) != {"/AcroForm", "/Perms"} or {"/AcroForm", "/Perms"} & before.keys():
        _no("the catalogue was changed beyond the form and the certification")
    if _entries(after["/Perms"]) != {"/DocMDP": _bytes(signature_at)}:
        _no("the catalogue gives other permissions than the certification")


def _only_field(form: DictionaryObject) -> IndirectObject:
    listed = form["/Fields"]
    if form.keys() != {"/Fields", "/SigFlags"} or form["/SigFlags"] != 3 or len(listed) != 1:
        _no("the form holds more than the signature's field")
    field_at = listed.raw_get(0)
    if not isinstance(field_at, IndirectObject):
        _no("the form does not refer to the signature's field")
    return field_at


def _field(field: DictionaryObject, signature: DictionaryObject) -> None:
    entries = _entries(field)
    if entries.keys() != _FIELD.keys() | _FIELD_OWN or any(entries[key] != value for key, value in _FIELD.items()):
        _no("the signature's field is not an empty place without a size")
    if not signature.keys() <= _SIGNATURE:
        _no("the signature carries unknown entries")


def _page(before: HistoricalResolver, page_at: IndirectObject, field_at: IndirectObject) -> IndirectObject | None:
    """The page gains the field and nothing else. Gives the list of annotations, where that is an object of its own."""
    old = before(page_at.reference)
    new = _dictionary(page_at)
    if old["/Type"] != "/Page" or not _changed(old, new) <= {"/Annots"}:
        _no("a page was changed beyond its annotations")
    listed = [_bytes(annotation) for annotation in old["/Annots"]] if "/Annots" in old else []
    if [_bytes(annotation) for annotation in new["/Annots"]] != [*listed, _bytes(field_at)]:
        _no("other annotations than the signature's field were added or changed")
    at = new.raw_get("/Annots")
    return at if isinstance(at, IndirectObject) else None


def _trailer(reader: PdfFileReader) -> None:
    before, after = reader.trailer.flatten(0), reader.trailer.flatten(1)
    if not _changed(before, after) <= _TRAILER | _TRAILER_STREAM:
        _no("the trailer was changed")
    if "/ID" in before and _bytes(before["/ID"].raw_get(0)) != _bytes(after["/ID"].raw_get(0)):
        _no("the file's identity was changed")


def _changed(before: DictionaryObject, after: DictionaryObject) -> set[str]:
    """The keys whose entries are not the same, as written, in both."""
    return {key for key, _ in _entries(before).items() ^ _entries(after).items()}


def _entries(dictionary: DictionaryObject) -> dict[str, bytes]:
    return {str(key): _bytes(dictionary.raw_get(key)) for key in dictionary}


def _bytes(entry: PdfObject) -> bytes:
    """An entry as it is written, references unresolved."""
    written = BytesIO()
    entry.write_to_stream(written)
    return written.getvalue()


def _reference(dictionary: DictionaryObject, key: str) -> IndirectObject:
    at = dictionary.raw_get(key)
    if not isinstance(at, IndirectObject):
        _no(f"{key} does not refer to an object")
    return at


def _dictionary(at: IndirectObject) -> DictionaryObject:
    found = at.reference.get_object()
    if not isinstance(found, DictionaryObject):
        _no("an object of the signature is not a dictionary")
    return found


def _number(at: Reference | IndirectObject) -> Number:
    return at.idnum, at.generation


def _no(reason: str) -> NoReturn:
    raise StepFailed("sign", reason, status=500)
