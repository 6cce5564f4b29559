"""A signature that brings something along is refused, however sound it is."""

import asyncio
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from pyhanko.pdf_utils import generic, writer
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign.fields import MDPPerm, SigFieldSpec, SigSeedSubFilter
from pyhanko.sign.signers.cms_embedder import PdfCMSEmbedder, SigIOSetup, SigMDPSetup, SigObjSetup
from pyhanko.sign.signers.pdf_byterange import SignatureObject

from app.signing import Pkcs12Signer, sign, verify
from app.signing.fields import FIELD
from app.signing.hand import Hand
from app.signing.pades import _SignatureOnly
from tests.app.signing.made import NOW, tiny_pdf, unchanged, verified

pdf: Any = generic  # half of its types are not published
pdf_writer: Any = writer
Extra = Callable[[Any, Any], None]  # the revision under way, and the signature's field


def signed_otherwise(
    signer: Pkcs12Signer,
    extra: Extra = lambda *_: None,
    *,
    kind: type[IncrementalPdfFileWriter] = _SignatureOnly,
    box: tuple[int, int, int, int] | None = None,
    certify: bool = True,
    permission: MDPPerm = MDPPerm.NO_CHANGES,
    subfilter: SigSeedSubFilter = SigSeedSubFilter.PADES,
) -> bytes:
    """A sound signature over a tiny letter, made as pades.py makes it but for what is asked; `extra` gets the field."""

    async def embed() -> bytes:
        stream, hand = BytesIO(tiny_pdf()), Hand(signer)
        revision = kind(stream)
        embedding: Any = PdfCMSEmbedder(SigFieldSpec(FIELD, box=box)).write_cms(FIELD, revision)
        extra(revision, next(embedding).get_object())
        placeholder = SignatureObject(timestamp=NOW, subfilter=subfilter, bytes_reserved=8192)
        lock = SigMDPSetup(md_algorithm="sha256", certify=certify, docmdp_perms=permission)
        embedding.send(SigObjSetup(placeholder, mdp_setup=lock))
        prepared, _ = embedding.send(SigIOSetup(md_algorithm="sha256", in_place=True))
        embedding.send(await hand.cms(prepared.document_digest))
        return stream.getvalue()

    return asyncio.run(embed())


def problem(tmp_path: Path, content: bytes) -> str:
    (tmp_path / "otherwise.pdf").write_bytes(content)
    return verify(tmp_path / "otherwise.pdf").problem


def object_in(revision: Any, number: int) -> Any:
    at = pdf.Reference(number, 0, revision)
    revision.mark_update(at)
    return revision.get_object(at)


def an_object_too_many(revision: Any, _: Any) -> None:
    revision.add_object(pdf.pdf_string("a stowaway"))


def another_producer(revision: Any, _: Any) -> None:
    object_in(revision, 4)[pdf.pdf_name("/Producer")] = pdf.pdf_string("somebody else")


def another_page_size(revision: Any, _: Any) -> None:
    object_in(revision, 3)[pdf.pdf_name("/MediaBox")] = pdf.ArrayObject(
        pdf.NumberObject(side) for side in (0, 0, 50, 50)
    )


def another_page_tree(revision: Any, _: Any) -> None:
    object_in(revision, 2)[pdf.pdf_name("/Rotate")] = pdf.NumberObject(90)


def a_second_annotation(revision: Any, _: Any) -> None:
    note = pdf.DictionaryObject(
        {pdf.pdf_name("/Type"): pdf.pdf_name("/Annot"), pdf.pdf_name("/Subtype"): pdf.pdf_name("/Text")}
    )
    object_in(revision, 3)["/Annots"].append(note)


def an_action_on_opening(revision: Any, _: Any) -> None:
    revision.root[pdf.pdf_name("/OpenAction")] = pdf.DictionaryObject({pdf.pdf_name("/S"): pdf.pdf_name("/JavaScript")})
    revision.update_root()


def a_version(revision: Any, _: Any) -> None:
    revision.root[pdf.pdf_name("/Version")] = pdf.pdf_name("/2.0")
    revision.update_root()


def a_usage_right(revision: Any, _: Any) -> None:
    revision.root[pdf.pdf_name("/Perms")] = pdf.DictionaryObject({pdf.pdf_name("/UR3"): pdf.NumberObject(1)})
    revision.update_root()


def a_form_entry(revision: Any, _: Any) -> None:
    revision.root["/AcroForm"][pdf.pdf_name("/XFA")] = pdf.pdf_string("a form of another kind")


def a_second_field(revision: Any, _: Any) -> None:
    field = pdf.DictionaryObject(
        {pdf.pdf_name("/FT"): pdf.pdf_name("/Tx"), pdf.pdf_name("/T"): pdf.pdf_string("amount")}
    )
    revision.root["/AcroForm"]["/Fields"].append(revision.add_object(field))


def a_field_with_an_action(_: Any, field: Any) -> None:
    field[pdf.pdf_name("/AA")] = pdf.DictionaryObject()


def a_field_with_an_appearance(_: Any, field: Any) -> None:
    field[pdf.pdf_name("/AP")] = pdf.DictionaryObject()


def a_trailer_entry(revision: Any, _: Any) -> None:
    revision.set_custom_trailer_entry(pdf.pdf_name("/Extra"), pdf.NumberObject(1))


EXTRAS: dict[Extra, str] = {
    an_object_too_many: "other objects than those of a signature were added or changed",
    another_producer: "other objects than those of a signature were added or changed",
    another_page_tree: "other objects than those of a signature were added or changed",
    another_page_size: "a page was changed beyond its annotations",
    a_second_annotation: "other annotations than the signature's fields were added or changed",
    an_action_on_opening: "the catalogue was changed beyond the form and the certification",
    a_version: "the catalogue was changed beyond the form and the certification",
    a_usage_right: "the catalogue gives other permissions than the certification",
    a_form_entry: "the form holds more than fields for signatures",
    a_second_field: "the signature does not forbid every later change but further signatures",
    a_field_with_an_action: "a signature's field is not an empty place without a size",
    a_field_with_an_appearance: "a signature's field is not an empty place without a size",
    a_trailer_entry: "the trailer was changed",
}


def test_the_ruler_itself_is_sound(ec_signer: Pkcs12Signer, tmp_path: Path) -> None:
    assert problem(tmp_path, signed_otherwise(ec_signer)) == ""


@pytest.mark.parametrize(("extra", "why"), EXTRAS.items(), ids=[extra.__name__ for extra in EXTRAS])
def test_what_comes_with_the_signature_is_refused(
    extra: Extra, why: str, ec_signer: Pkcs12Signer, tmp_path: Path
) -> None:
    assert problem(tmp_path, signed_otherwise(ec_signer, extra)) == why


def test_metadata_written_anew_is_refused(ec_signer: Pkcs12Signer, tmp_path: Path) -> None:
    """pyHanko's own writer dates Info anew and raises the version in the catalogue."""
    assert problem(tmp_path, signed_otherwise(ec_signer, kind=IncrementalPdfFileWriter)) != ""


def test_a_visible_field_is_refused(ec_signer: Pkcs12Signer, tmp_path: Path) -> None:
    assert "without a size" in problem(tmp_path, signed_otherwise(ec_signer, box=(10, 10, 90, 90)))


@pytest.mark.parametrize("permission", [MDPPerm.FILL_FORMS, MDPPerm.ANNOTATE])
def test_a_certification_that_allows_changes_is_refused(
    permission: MDPPerm, ec_signer: Pkcs12Signer, tmp_path: Path
) -> None:
    assert "forbid every later change" in problem(tmp_path, signed_otherwise(ec_signer, permission=permission))


def test_a_signature_that_does_not_certify_is_refused(ec_signer: Pkcs12Signer, tmp_path: Path) -> None:
    assert "forbid every later change" in problem(tmp_path, signed_otherwise(ec_signer, certify=False))


def test_a_signature_that_is_not_pades_is_refused(ec_signer: Pkcs12Signer, tmp_path: Path) -> None:
    other = signed_otherwise(ec_signer, subfilter=SigSeedSubFilter.ADOBE_PKCS7_DETACHED)

    assert problem(tmp_path, other) == "the signature is not a PAdES signature"


def test_a_file_whose_table_is_an_object_is_signed_all_the_same(ec_signer: Pkcs12Signer, tmp_path: Path) -> None:
    made = pdf_writer.PdfFileWriter(stream_xrefs=True)
    content = made.add_object(pdf.StreamObject(stream_data=b""))
    made.insert_page(pdf_writer.PageObject(contents=content, media_box=(0, 0, 100, 100)))
    with (tmp_path / "letter.pdf").open("wb") as stream:
        made.write(stream)

    path = sign(verified(tmp_path / "letter.pdf"), ec_signer, tmp_path, NOW, unchanged).parts[0].file.path

    assert verify(path).problem == ""
