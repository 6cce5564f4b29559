"""What comes with a further signature is refused, however sound the signature is."""

from contextlib import suppress
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.fields import SigFieldSpec, append_signature_field
from pyhanko.sign.general import SigningError

from app.signing import UnsafeSpecimenSigner
from app.signing.answers import CHANGED, UNCOVERED, UNREADABLE, Executed, NotExecuted
from app.signing.growth import filled_field
from app.signing.pades import _SignatureOnly
from app.signing.soundness import examined
from tests.app.signing.made import NOW
from tests.app.signing.returned import Change, answer, issued, signed, signed_anew, unsigned
from tests.app.signing.test_additions import (
    a_second_annotation,
    a_usage_right,
    an_action_on_opening,
    an_object_too_many,
    another_page_size,
    another_page_tree,
    object_in,
)

pdf: Any = generic


@pytest.fixture
def agreement(letter: Path, specimen_signer: UnsafeSpecimenSigner, tmp_path: Path) -> Path:
    return issued(letter, specimen_signer, tmp_path)


def field(revision: Any, place: int) -> Any:
    """Ours is at 0."""
    at = revision.root["/AcroForm"]["/Fields"].raw_get(place)
    revision.mark_update(at)
    return at.get_object()


def another_field(revision: Any) -> None:
    append_signature_field(revision, SigFieldSpec("Signer3"))


def a_text_field(revision: Any) -> None:
    form = {"/FT": pdf.pdf_name("/Tx"), "/T": pdf.pdf_string("amount"), "/V": pdf.pdf_string("0")}
    added = pdf.DictionaryObject({pdf.pdf_name(key): value for key, value in form.items()})
    revision.root["/AcroForm"]["/Fields"].append(revision.add_object(added))
    revision.update_container(revision.root["/AcroForm"]["/Fields"])


def set_in(place: int, key: str, value: Any) -> Change:
    def change(revision: Any) -> None:
        field(revision, place)[pdf.pdf_name(key)] = value

    return change


def our_signature_again(revision: Any) -> None:
    signature = field(revision, 0).raw_get("/V")
    revision.mark_update(signature)
    signature.get_object()[pdf.pdf_name("/Reason")] = pdf.pdf_string("made of something else")


def one_signature_for_two(revision: Any) -> None:
    field(revision, 2)[pdf.pdf_name("/V")] = pdf.IndirectObject(13, 0, revision)


def our_signature_in_their_field(revision: Any) -> None:
    field(revision, 2)[pdf.pdf_name("/V")] = field(revision, 0).raw_get("/V")


def validation_data(revision: Any) -> None:
    certificates = pdf.ArrayObject([revision.add_object(pdf.StreamObject(stream_data=b"\x30\x00"))])
    store = pdf.DictionaryObject({pdf.pdf_name("/Certs"): certificates})
    revision.root[pdf.pdf_name("/DSS")] = revision.add_object(store)
    revision.update_root()


def another_title(revision: Any) -> None:
    object_in(revision, 4)[pdf.pdf_name("/Title")] = pdf.pdf_string("收据")


def no_certification(revision: Any) -> None:
    del revision.root["/Perms"]
    revision.update_root()


def another_form(revision: Any) -> None:
    revision.root["/AcroForm"][pdf.pdf_name("/NeedAppearances")] = pdf.BooleanObject(True)
    revision.update_container(revision.root["/AcroForm"])


def a_page_as_metadata(revision: Any) -> None:
    revision.root[pdf.pdf_name("/Metadata")] = pdf.IndirectObject(3, 0, revision)
    revision.update_root()


def metadata_of_another_kind(revision: Any) -> None:
    stream = pdf.StreamObject({pdf.pdf_name("/Type"): pdf.pdf_name("/EmbeddedFile")}, stream_data=b"")
    revision.root[pdf.pdf_name("/Metadata")] = revision.add_object(stream)
    revision.update_root()


def an_extension_elsewhere(revision: Any) -> None:
    revision.root[pdf.pdf_name("/Extensions")] = revision.add_object(pdf.DictionaryObject())
    revision.update_root()


def a_version_of_its_own(revision: Any) -> None:
    revision.root[pdf.pdf_name("/Version")] = pdf.pdf_name("/3.0")
    revision.update_root()


def a_trailer_entry(revision: Any) -> None:
    revision.set_custom_trailer_entry(pdf.pdf_name("/Extra"), pdf.NumberObject(1))


def appearance(data: bytes, subtype: str = "/Form") -> Change:
    def change(revision: Any) -> None:
        drawn = pdf.StreamObject(
            {
                pdf.pdf_name("/Type"): pdf.pdf_name("/XObject"),
                pdf.pdf_name("/Subtype"): pdf.pdf_name(subtype),
                pdf.pdf_name("/BBox"): pdf.ArrayObject([pdf.NumberObject(0)] * 4),
            },
            stream_data=data,
        )
        drawn = pdf.DictionaryObject({pdf.pdf_name("/N"): revision.add_object(drawn)})
        field(revision, 1)[pdf.pdf_name("/AP")] = drawn

    return change


def a_second_appearance(revision: Any) -> None:
    appearance(b"")(revision)
    given = field(revision, 1)["/AP"]
    given[pdf.pdf_name("/D")] = given.raw_get("/N")


XMP = b'<x:xmpmeta xmlns:x="adobe:ns:meta/"/>'
HUNDRED = pdf.ArrayObject([pdf.NumberObject(side) for side in (0, 0, 100, 100)])
CHANGES: dict[str, Change] = {
    "another page": lambda revision: another_page_size(revision, None),
    "another page tree": lambda revision: another_page_tree(revision, None),
    "an annotation": lambda revision: a_second_annotation(revision, None),
    "an action": lambda revision: an_action_on_opening(revision, None),
    "a usage right": lambda revision: a_usage_right(revision, None),
    "an object that nothing asks for": lambda revision: an_object_too_many(revision, None),
    "another field": another_field,
    "a text field": a_text_field,
    "a value in a field": set_in(2, "/V", pdf.DictionaryObject()),
    "a size for a field": set_in(1, "/Rect", HUNDRED),
    "a size for another field": set_in(2, "/Rect", HUNDRED),
    "a lock": set_in(1, "/Lock", pdf.DictionaryObject()),
    "an action of a field": set_in(1, "/AA", pdf.DictionaryObject()),
    "another name for a field": set_in(1, "/T", pdf.pdf_string("Signer9")),
    "our field with a size": set_in(0, "/Rect", HUNDRED),
    "our signature again": our_signature_again,
    "one signature for two": one_signature_for_two,
    "our signature in their field": our_signature_in_their_field,
    "validation data": validation_data,
    "another title": another_title,
    "no certification": no_certification,
    "another form": another_form,
    "an extension elsewhere": an_extension_elsewhere,
    "a version of its own": a_version_of_its_own,
    "a trailer entry": a_trailer_entry,
    "a second appearance": a_second_appearance,
    "something drawn": appearance(b"0 0 m 99 99 l S"),
    "a picture drawn": appearance(b"", "/Image"),
}


def test_the_ruler_itself_is_sound(agreement: Path) -> None:
    assert isinstance(answer(agreement, signed(agreement.read_bytes())), Executed)
    assert isinstance(answer(agreement, signed(agreement.read_bytes(), kind=_SignatureOnly)), Executed)


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES.keys())
def test_what_comes_with_a_further_signature_is_refused(change: Change, agreement: Path) -> None:
    assert answer(agreement, signed(agreement.read_bytes(), "Signer1", change)) == CHANGED


def test_a_text_in_the_place_of_a_signature_is_refused(agreement: Path) -> None:
    text = set_in(2, "/V", pdf.pdf_string("同意"))

    assert answer(agreement, signed(agreement.read_bytes(), "Signer1", text)) == UNREADABLE
    assert answer(agreement, unsigned(agreement.read_bytes(), text)) == UNREADABLE


@pytest.mark.parametrize("change", [a_page_as_metadata, metadata_of_another_kind])
def test_metadata_is_metadata(change: Change, agreement: Path) -> None:
    """With a writer that has none of its own."""
    assert answer(agreement, signed(agreement.read_bytes(), "Signer1", change, kind=_SignatureOnly)) == CHANGED


def signed_somewhere(content: bytes) -> bytes:
    """In the first of our fields that still can be signed."""
    for name in ("Signer1", "Signer2"):
        with suppress(SigningError):
            return signed(content, name)
    return content


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES.keys())
def test_what_comes_without_a_signature_is_refused_before_one_and_after_one(change: Change, agreement: Path) -> None:
    content = agreement.read_bytes()

    for returned in (
        unsigned(content, change),
        signed_somewhere(unsigned(content, change)),
        unsigned(signed(content, "Signer2"), change),
        signed_somewhere(unsigned(signed(content, "Signer2"), change)),
    ):
        assert not isinstance(answer(agreement, returned), Executed)


def test_a_field_that_was_added_and_signed_is_refused_by_us_alone(agreement: Path) -> None:
    """The certification allows it: another program finds nothing wrong with it."""

    def with_another(stream: BytesIO) -> IncrementalPdfFileWriter:
        revision = IncrementalPdfFileWriter(stream)
        another_field(revision)
        return revision

    returned = signed(signed(agreement.read_bytes()), "Signer3", kind=with_another)
    (agreement.parent / "three.pdf").write_bytes(returned)

    with (agreement.parent / "three.pdf").open("rb") as stream:
        ours = PdfFileReader(stream).embedded_signatures[0]
        assert examined(ours, NOW).bottom_line
    assert answer(agreement, returned) == CHANGED


def test_a_field_is_not_signed_twice(agreement: Path) -> None:
    once = signed(agreement.read_bytes())

    def empty_again(revision: Any) -> None:
        del field(revision, 1)["/V"]

    assert answer(agreement, signed(unsigned(once, empty_again))) == CHANGED


def test_signing_software_may_write_a_blank_appearance_and_metadata(agreement: Path) -> None:
    def metadata(revision: Any) -> None:
        kind = {pdf.pdf_name("/Type"): pdf.pdf_name("/Metadata"), pdf.pdf_name("/Subtype"): pdf.pdf_name("/XML")}
        revision.root[pdf.pdf_name("/Metadata")] = revision.add_object(pdf.StreamObject(kind, stream_data=XMP))
        revision.root[pdf.pdf_name("/Extensions")] = pdf.DictionaryObject()
        revision.update_root()

    def the_page_as_it_was(revision: Any) -> None:
        object_in(revision, 3)

    for change in (appearance(b""), appearance(b"% DSBlank\n"), metadata, the_page_as_it_was):
        returned = signed(agreement.read_bytes(), "Signer1", change, kind=_SignatureOnly)
        assert isinstance(answer(agreement, returned), Executed)


def test_bytes_behind_the_last_signature_are_refused(agreement: Path) -> None:
    once = signed(agreement.read_bytes())

    assert answer(agreement, once + b"\n") == UNCOVERED
    assert answer(agreement, once + b"\n% paid in full\n%%EOF\n") == UNREADABLE
    assert answer(agreement, once + bytes(9)) in {UNCOVERED, UNREADABLE}


def test_the_other_program_has_its_say_on_the_certification(agreement: Path) -> None:
    """It reads XMP, which we do not."""
    kind = {pdf.pdf_name("/Type"): pdf.pdf_name("/Metadata"), pdf.pdf_name("/Subtype"): pdf.pdf_name("/XML")}

    def no_xmp(revision: Any) -> None:
        revision.root[pdf.pdf_name("/Metadata")] = revision.add_object(pdf.StreamObject(kind, stream_data=b"<x/>"))
        revision.update_root()

    returned = signed(agreement.read_bytes(), "Signer1", no_xmp, kind=_SignatureOnly)

    assert filled(agreement.read_bytes(), returned) == "Signer1"
    assert answer(agreement, returned) == CHANGED


def filled(before: bytes, after: bytes) -> str:
    """The field that the last revision fills, whatever else the file is."""
    return filled_field(PdfFileReader(BytesIO(before)), PdfFileReader(BytesIO(after)), len(before))


@pytest.mark.parametrize("place", [0, 1])
def test_a_field_that_is_signed_is_not_signed_anew(place: int, agreement: Path) -> None:
    once = signed(agreement.read_bytes(), "Signer1")

    def empty(stream: BytesIO) -> IncrementalPdfFileWriter:
        revision = IncrementalPdfFileWriter(stream)
        del field(revision, place)["/V"]
        return revision

    with pytest.raises(NotExecuted, match=CHANGED):
        filled(once, signed(once, ("Signature", "Signer1")[place], kind=empty))
    assert filled(once, signed(once, "Signer2")) == "Signer2"


def test_a_stream_that_was_there_is_not_written_again(agreement: Path) -> None:
    """Not even as it was: between its length and its end there is room."""
    stream = b"5 0 obj\n<<\n/Length 0\n>>\nstream\n\nendstream\nendobj"
    content = agreement.read_bytes()
    place = content.index(b"5 0 obj\n[")
    content = content[:place] + stream + content[place + len(stream) :]

    with pytest.raises(NotExecuted, match=CHANGED):
        filled(content, signed(content, "Signer1", lambda revision: object_in(revision, 5)))
    assert filled(content, signed(content, "Signer1", lambda revision: object_in(revision, 3))) == "Signer1"


def last_replaced(content: bytes, old: bytes, new: bytes) -> bytes:
    place = content.rindex(old)
    return signed_anew(content[:place] + new.ljust(len(old)) + content[place + len(old) :])


def test_a_signature_is_a_signature_and_says_nothing_else(agreement: Path) -> None:
    content = signed(agreement.read_bytes())

    for old, new in (
        (b"/Location (", b"/Attached ("),
        (b"/Type /Sig\n", b"/Type /Obj\n"),
        (b"/ETSI.CAdES.detached", b"/ETSI.RFC3161"),
        (b"/ETSI.CAdES.detached", b"/adbe.x509.rsa_sha1"),
    ):
        assert not isinstance(answer(agreement, last_replaced(content, old, new)), Executed), new
        with pytest.raises(NotExecuted, match=CHANGED):
            filled(agreement.read_bytes(), last_replaced(content, old, new))


def test_the_producer_is_words(agreement: Path) -> None:
    def counted(revision: Any) -> None:
        object_in(revision, 4)[pdf.pdf_name("/Producer")] = pdf.NumberObject(1)

    assert answer(agreement, signed(agreement.read_bytes(), "Signer1", counted, kind=_SignatureOnly)) == CHANGED
