"""Only the signature was added (增量核查): the last revision of a signed file, object by object.

Promises that it holds the signature, its invisible field, as many empty fields of the same kind as others are to sign
in, the form that lists these fields, the catalogue with that form and the certification, and one page (or its list of
annotations) with the fields' places: nothing else, and nothing else in any of these. Info and XMP are those that were
verified. Refuses an object too many, a freed object, a changed entry, a field too many or too few, a field with a size,
an appearance, an action, a lock, a seed value or another name, an empty field with a value.
"""

from pyhanko.pdf_utils.generic import DictionaryObject, IndirectObject
from pyhanko.pdf_utils.reader import HistoricalResolver, PdfFileReader

from app.signing.fields import FIELD, signature_fields
from app.signing.objects import (
    Number,
    changed,
    dictionary,
    entries,
    no,
    number,
    reference,
    same_trailer,
    table,
    written,
)

# Print and Locked. PDF/A asks for the first; Hidden, which it forbids, is not needed by a field without a size.
_FIELD = {
    "/FT": b"/Sig",
    "/Type": b"/Annot",
    "/Subtype": b"/Widget",
    "/Rect": b"[ 0 0 0 0 ]",
    "/F": b"132",
}
_SIGNATURE = {"/Type", "/Filter", "/SubFilter", "/Contents", "/ByteRange", "/M", "/Reason", "/Location", "/Reference"}


def only_the_signature_was_added(reader: PdfFileReader, further: int) -> None:
    """Walk the last revision of a file that has two and leaves so many further fields empty."""
    before = reader.get_historical_resolver(0)
    form_at = reference(reader.root, "/AcroForm")
    fields_at = listed_fields(dictionary(form_at))
    own = dictionary(fields_at[0])
    signature_at = reference(own, "/V")
    page_at = reference(own, "/P")

    _catalogue(before.root, reader.root, signature_at)
    _fields(fields_at, further, page_at)
    if not dictionary(signature_at).keys() <= _SIGNATURE:
        no("the signature carries unknown entries")
    annotations_at = _page(before, page_at, fields_at)
    same_trailer(reader.trailer.flatten(0), reader.trailer.flatten(1))
    _objects(
        reader,
        added={number(at) for at in (form_at, signature_at, *fields_at)},
        rewritten={number(reader.root_ref), number(annotations_at or page_at)},
    )


def listed_fields(form: DictionaryObject) -> list[IndirectObject]:
    """The fields of a form that is made up of signatures: ours first, then the further ones."""
    fields = form["/Fields"]
    if form.keys() != {"/Fields", "/SigFlags"} or form["/SigFlags"] != 3 or not len(fields):
        no("the form holds more than fields for signatures")
    at = [fields.raw_get(place) for place in range(len(fields))]
    if not all(isinstance(each, IndirectObject) for each in at):
        no("the form does not refer to the signature's field")
    return at


def _objects(reader: PdfFileReader, added: set[Number], rewritten: set[Number]) -> None:
    known = {number(at) for at in reader.xrefs.explicit_refs_in_revision(0)}
    given = {number(at) for at in reader.xrefs.explicit_refs_in_revision(1)}
    if reader.xrefs.get_xref_data(1).freed.keys() - {0}:
        no("objects were taken away")
    if added & known or given - table(reader, 1) != added | rewritten:
        no("other objects than those of a signature were added or changed")


def _catalogue(before: DictionaryObject, after: DictionaryObject, signature_at: IndirectObject) -> None:
    if changed(before, after) != {"/AcroForm", "/Perms"} or {"/AcroForm", "/Perms"} & before.keys():
        no("the catalogue was changed beyond the form and the certification")
    if entries(after["/Perms"]) != {"/DocMDP": written(signature_at)}:
        no("the catalogue gives other permissions than the certification")


def _fields(fields_at: list[IndirectObject], further: int, page_at: IndirectObject) -> None:
    """Ours, which is signed, and the further ones in their order, which are not; each is listed once."""
    if len(fields_at) != 1 + further or len({number(at) for at in fields_at}) != len(fields_at):
        no("the form holds more or fewer fields than are to be signed")
    for name, at in zip((FIELD, *signature_fields(further)), fields_at, strict=True):
        field = dictionary(at)
        own = {"/T", "/P", "/V"} if at == fields_at[0] else {"/T", "/P"}
        given = entries(field)
        if given.keys() != _FIELD.keys() | own or any(given[key] != value for key, value in _FIELD.items()):
            no("a signature's field is not an empty place without a size")
        if field["/T"] != name or given["/P"] != written(page_at):
            no("a signature's field has another name or page than it should")


def _page(
    before: HistoricalResolver, page_at: IndirectObject, fields_at: list[IndirectObject]
) -> IndirectObject | None:
    """The page gains the fields and nothing else. Gives the list of annotations, where that is an object of its own."""
    old = before(page_at.reference)
    new = dictionary(page_at)
    if old["/Type"] != "/Page" or not changed(old, new) <= {"/Annots"}:
        no("a page was changed beyond its annotations")
    listed = [written(annotation) for annotation in old["/Annots"]] if "/Annots" in old else []
    if [written(annotation) for annotation in new["/Annots"]] != [*listed, *(written(at) for at in fields_at)]:
        no("other annotations than the signature's fields were added or changed")
    at = new.raw_get("/Annots")
    return at if isinstance(at, IndirectObject) else None
