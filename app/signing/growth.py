"""One more signature and nothing else (逐次增量核查): the last revision of a file that others sign after us.

Promises that it fills exactly one of the empty fields which our own revision left, with a signature of its own, and
gives the name of that field. What signing software rewrites besides may differ: the date and the producer in Info, XMP,
version and extensions in the catalogue, and in the field an appearance that draws nothing.

Refuses everything else, object by object: another field (a certification at level 2 would allow to add one and sign in
it), a changed page, annotation, form or signature, a freed object, an object that nothing asks for, an object that lies
in an earlier revision's bytes. Validation data (DSS) is refused too. It comes behind the signature it is for, so no
signature covers it; nothing here would look at it; and its streams are room for anything. A signer's archive can keep
it.
"""

import re
from collections.abc import Collection
from typing import NoReturn

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
from app.signing.answers import CHANGED, NotExecuted
from app.signing.objects import Number, changed, dictionary, number, reference, same_trailer, table, written

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
    last = _one_more_revision(before, after, size)
    given = {number(at) for at in after.xrefs.explicit_refs_in_revision(last)}
    known = _known(before)
    containers = _containers(after, last)
    if {each for each, _ in known} & {each for each, _ in (given - known) | containers}:
        _no()  # an old number for something new: in another generation, some readers take it for the old object
    given -= containers
    fields = {number(at) for at in listed_fields(dictionary(reference(before.root, "/AcroForm")))}
    rewritten = {at for at in given & known if not _is_the_same(before, after, at)}
    filled = rewritten & fields
    if len(filled) != 1:
        _no()
    (field_at,) = filled
    added = _field(before, after, field_at)
    added |= _catalogue(before.root, after.root, known)
    may_be = {field_at, number(after.root_ref), *_info(before, after), *_metadata(after)}
    if not rewritten <= may_be or given - known != added:
        _no()
    same_trailer(before.trailer.flatten(), after.trailer.flatten())
    return str(dictionary(Reference(*field_at, before))["/T"])


def _no() -> NoReturn:
    raise NotExecuted(CHANGED)


def _one_more_revision(before: PdfFileReader, after: PdfFileReader, size: int) -> int:
    """The number of the last revision: those before it are the same, and all that it brings lies behind them."""
    last = int(before.xrefs.total_revisions)
    if after.xrefs.total_revisions != last + 1 or after.encrypted or after.xrefs.hybrid_xrefs_present:
        _no()
    for revision in range(last):
        one, other = (reader.xrefs.get_xref_container_info(revision) for reader in (before, after))
        if (one.start_location, one.end_location) != (other.start_location, other.end_location):
            _no()
    data = after.xrefs.get_xref_data(last)
    elsewhere = [offset for _, offset in data.standard_xrefs.values() if offset < size]
    if data.freed or elsewhere or not data.obj_streams_used <= data.standard_xrefs.keys():
        _no()
    if after.xrefs.get_xref_container_info(last).start_location < size:
        _no()
    return last


def _containers(reader: PdfFileReader, revision: int) -> set[Number]:
    """What holds other objects: streams of objects, and the cross-reference table."""
    return {(at, 0) for at in reader.xrefs.get_xref_data(revision).obj_streams_used} | table(reader, revision)


def _known(reader: PdfFileReader) -> set[Number]:
    revisions = range(reader.xrefs.total_revisions)
    return {number(at) for revision in revisions for at in reader.xrefs.explicit_refs_in_revision(revision)}


def _is_the_same(before: PdfFileReader, after: PdfFileReader, at: Number) -> bool:
    """Written once more as it was, which some software does."""
    old, new = (Reference(*at, reader).get_object() for reader in (before, after))
    return type(old) is type(new) and written(old) == written(new)


def _field(before: PdfFileReader, after: PdfFileReader, at: Number) -> set[Number]:
    """The field gains its signature, and at most an appearance that draws nothing. Gives these two objects."""
    old, new = (dictionary(Reference(*at, reader)) for reader in (before, after))
    if not {"/V"} <= changed(old, new) <= {"/V", "/AP"} or "/V" in old:
        _no()
    signature_at = reference(new, "/V")
    _signature(dictionary(signature_at))
    return {number(signature_at), *(_nothing_drawn(new) if "/AP" in new else ())}


def _signature(signature: DictionaryObject) -> None:
    if isinstance(signature, StreamObject) or not signature.keys() <= _SIGNATURE:
        _no()
    if signature.get("/Type") != "/Sig" or signature.get("/SubFilter") not in _SUBFILTERS:
        _no()


def _nothing_drawn(field: DictionaryObject) -> set[Number]:
    """Some software gives one even to a field without a size."""
    given = field["/AP"]
    if given.keys() != {"/N"}:
        _no()
    at = reference(given, "/N")
    drawn = dictionary(at)
    if not isinstance(drawn, StreamObject) or not drawn.keys() <= _APPEARANCE or drawn.get("/Subtype") != "/Form":
        _no()
    if _COMMENT.sub(b"", drawn.data).strip():
        _no()
    return {number(at)}


def _catalogue(before: DictionaryObject, after: DictionaryObject, known: Collection[Number]) -> set[Number]:
    """Gives the XMP, where it is another object than it was."""
    differing = changed(before, after)
    if not differing <= _CATALOGUE:
        _no()
    if "/Version" in differing and not _VERSION.fullmatch(str(after.get("/Version"))):
        _no()
    if "/Extensions" in differing and type(after.raw_get("/Extensions")) is not DictionaryObject:
        _no()
    if "/Metadata" not in differing:
        return set()
    at = number(reference(after, "/Metadata"))
    if at in known:  # it may be new, or be what it was: not something else that the file holds
        _no()
    return {at}


def _metadata(after: PdfFileReader) -> set[Number]:
    if "/Metadata" not in after.root:
        return set()
    at = reference(after.root, "/Metadata")
    given = dictionary(at)
    if not isinstance(given, StreamObject) or (given.get("/Type"), given.get("/Subtype")) != ("/Metadata", "/XML"):
        _no()
    return {number(at)}


def _info(before: PdfFileReader, after: PdfFileReader) -> set[Number]:
    if "/Info" not in before.trailer:
        return set()
    at = after.trailer.raw_get("/Info")
    if not isinstance(at, IndirectObject):
        _no()
    old, new = (dictionary(Reference(at.idnum, at.generation, reader)) for reader in (before, after))
    differing = changed(old, new)
    text = all(isinstance(new.raw_get(key), TextStringObject | ByteStringObject) for key in differing & new.keys())
    if not differing <= _INFO or not text:
        _no()
    return {number(at)}
