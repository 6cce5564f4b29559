"""One more signature and nothing else (逐次增量核查): the last revision of a file that others sign after us.

Promises that it fills exactly one of the empty fields which our own revision left, with a signature of its own, and
gives the name of that field. What signing software rewrites besides may differ: the date and the producer in Info, XMP,
version and extensions in the catalogue, and in the field an appearance that draws nothing.

Refuses everything else, object by object: another field (a certification at level 2 would allow to add one and sign in
it), a changed page, annotation, form or signature, an object that nothing asks for, and whatever is stored so that two
readers could find two different things (revision.py). Validation data (DSS) is refused too. It comes behind the
signature it is for, so no signature covers it; nothing here would look at it; and its streams are room for anything.
Whoever needs it for an archive can keep it beside the file.
"""

import re

from pyhanko.pdf_utils.generic import (
    ByteStringObject,
    DictionaryObject,
    IndirectObject,
    Reference,
    StreamObject,
    TextStringObject,
)
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.fields import SigSeedSubFilter

from app.signing.additions import listed_fields
from app.signing.objects import Number, changed, dictionary, number, reference, same_trailer, written
from app.signing.revision import no, one_more

_CATALOGUE = {"/Version", "/Extensions", "/Metadata"}
_VERSION = re.compile(r"/[12]\.[0-7]")
_INFO = {"/ModDate", "/Producer"}
_SIGNATURE = {
    "/Type", "/Filter", "/SubFilter", "/Contents", "/ByteRange", "/M", "/Name", "/Reason", "/Location", "/ContactInfo",
    "/Prop_Build",
}  # fmt: skip
_SUBFILTERS = {SigSeedSubFilter.PADES.value, SigSeedSubFilter.ADOBE_PKCS7_DETACHED.value}
_APPEARANCE = {"/Type", "/Subtype", "/FormType", "/BBox", "/Matrix", "/Resources", "/Length", "/Filter"}
_COMMENT = re.compile(rb"%[^\r\n]*")


def filled_field(before: PdfFileReader, after: PdfFileReader, size: int) -> str:
    """Walk the one revision that `after` has more than `before`, which is so many bytes long."""
    revision = one_more(before, after, size)
    fields = {number(at) for at in listed_fields(dictionary(reference(before.root, "/AcroForm")))}
    rewritten = {at for at in revision.again if not _is_the_same(before, after, at)}
    filled = rewritten & fields
    if len(filled) != 1:
        no()
    (field_at,) = filled
    added = _field(before, after, field_at) | _catalogue(before.root, after.root)
    may_be = {field_at, number(after.root_ref), *_info(before, after), *_metadata(after)}
    if not rewritten <= may_be or revision.added != added:
        no()
    same_trailer(before.trailer.flatten(), after.trailer.flatten())
    return str(dictionary(Reference(*field_at, before))["/T"])


def _is_the_same(before: PdfFileReader, after: PdfFileReader, at: Number) -> bool:
    """Written once more as it was, which some software does with a page or a form. No stream, which can hide more."""
    old, new = (Reference(*at, reader).get_object() for reader in (before, after))
    return type(old) is type(new) is DictionaryObject and written(old) == written(new)


def _field(before: PdfFileReader, after: PdfFileReader, at: Number) -> set[Number]:
    """The field gains its signature, and at most an appearance that draws nothing. Gives these two objects."""
    old, new = (dictionary(Reference(*at, reader)) for reader in (before, after))
    if not {"/V"} <= changed(old, new) <= {"/V", "/AP"} or "/V" in old:
        no()
    signature_at = reference(new, "/V")
    _signature(dictionary(signature_at))
    return {number(signature_at), *(_nothing_drawn(new) if "/AP" in new else ())}


def _signature(signature: DictionaryObject) -> None:
    if isinstance(signature, StreamObject) or not signature.keys() <= _SIGNATURE:
        no()
    if signature.get("/Type") != "/Sig" or signature.get("/SubFilter") not in _SUBFILTERS:
        no()


def _nothing_drawn(field: DictionaryObject) -> set[Number]:
    """Some software gives one even to a field without a size."""
    given = field["/AP"]
    if given.keys() != {"/N"}:
        no()
    at = reference(given, "/N")
    drawn = dictionary(at)
    if not isinstance(drawn, StreamObject) or not drawn.keys() <= _APPEARANCE or drawn.get("/Subtype") != "/Form":
        no()
    if _COMMENT.sub(b"", drawn.data).strip():
        no()
    return {number(at)}


def _catalogue(before: DictionaryObject, after: DictionaryObject) -> set[Number]:
    """Gives the XMP, where it is another object than it was: then a new one."""
    differing = changed(before, after)
    if not differing <= _CATALOGUE:
        no()
    if "/Version" in differing and not _VERSION.fullmatch(str(after.get("/Version"))):
        no()
    if "/Extensions" in differing and type(after.raw_get("/Extensions")) is not DictionaryObject:
        no()
    return {number(reference(after, "/Metadata"))} if "/Metadata" in differing else set()


def _metadata(after: PdfFileReader) -> set[Number]:
    if "/Metadata" not in after.root:
        return set()
    at = reference(after.root, "/Metadata")
    given = dictionary(at)
    if not isinstance(given, StreamObject) or (given.get("/Type"), given.get("/Subtype")) != ("/Metadata", "/XML"):
        no()
    return {number(at)}


def _info(before: PdfFileReader, after: PdfFileReader) -> set[Number]:
    if "/Info" not in before.trailer:
        return set()
    at = after.trailer.raw_get("/Info")
    if not isinstance(at, IndirectObject):
        no()
    old, new = (dictionary(Reference(at.idnum, at.generation, reader)) for reader in (before, after))
    differing = changed(old, new)
    text = all(isinstance(new.raw_get(key), TextStringObject | ByteStringObject) for key in differing & new.keys())
    if not differing <= _INFO or not text:
        no()
    return {number(at)}
