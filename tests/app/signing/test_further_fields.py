"""Empty fields for those who sign after us: as many as asked for, empty, invisible, and the certification to match."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from pyhanko.pdf_utils import generic
from pyhanko.sign.fields import MDPPerm, SigFieldSpec, append_signature_field

from app.artifacts import File
from app.errors import StepFailed
from app.signing import Pkcs12Signer, sign, signature_fields, verify
from app.signing.prove import prove
from tests.app.signing.made import BANK, NOW, tiny_pdf, unchanged, verified
from tests.app.signing.test_additions import Extra, problem, signed_otherwise

pdf: Any = generic
ANOTHER_KIND = "a signature's field is not an empty place without a size"
ANOTHER_NAME = "a signature's field has another name or page than it should"


def with_fields(change: Callable[[Any], None] = lambda _: None, *names: str) -> Extra:
    """An extra that adds these empty fields (Signer1 alone unless told otherwise) and changes the last of them."""

    def add(revision: Any, _: Any) -> None:
        for name in names or ("Signer1",):
            append_signature_field(revision, SigFieldSpec(name))
        change(revision.root["/AcroForm"]["/Fields"][-1])

    return add


def entry(key: str, value: Any) -> Callable[[Any], None]:
    def change(field: Any) -> None:
        field[pdf.pdf_name(key)] = value

    return change


def agreement(signer: Pkcs12Signer, further: tuple[str, ...] = ("Signer1",), change: Any = lambda _: None) -> bytes:
    return signed_otherwise(signer, with_fields(change, *further), permission=MDPPerm.FILL_FORMS)


@pytest.mark.parametrize("signers", [0, 1, 2, 7])
def test_a_file_has_a_field_for_each_who_signs_after_us(
    signers: int, letter: Path, ec_signer: Pkcs12Signer, tmp_path: Path
) -> None:
    given = verified(letter, signature_fields=signature_fields(signers))

    path = sign(given, ec_signer, tmp_path, NOW, unchanged).parts[0].file.path

    found = verify(path)
    assert (found.whole, found.further_fields, found.problem) == (True, signers, "")
    assert path.read_bytes().startswith(tiny_pdf())
    assert path.read_bytes().count(b"/FT /Sig") == 1 + signers
    assert (b"/P 2\n>>" in path.read_bytes(), b"/P 1\n>>" in path.read_bytes()) == (signers > 0, signers == 0)


def test_a_page_with_annotations_keeps_them(letter: Path, ec_signer: Pkcs12Signer, tmp_path: Path) -> None:
    letter.write_bytes(tiny_pdf(page=b"/Annots 5 0 R"))
    given = verified(letter, signature_fields=signature_fields(2))

    assert verify(sign(given, ec_signer, tmp_path, NOW, unchanged).parts[0].file.path).further_fields == 2


@pytest.mark.parametrize("names", [("Signer2",), ("Signer2", "Signer1"), ("张示范",), ("Signer1", "Signer1")])
def test_fields_with_other_names_are_not_made(
    names: tuple[str, ...], letter: Path, ec_signer: Pkcs12Signer, tmp_path: Path
) -> None:
    with pytest.raises(StepFailed) as failure:
        sign(verified(letter, signature_fields=names), ec_signer, tmp_path, NOW, unchanged)

    assert failure.value.detail == "the further fields are not named as they should be"


def test_the_ruler_itself_is_sound(ec_signer: Pkcs12Signer, tmp_path: Path) -> None:
    assert problem(tmp_path, agreement(ec_signer)) == ""
    assert problem(tmp_path, agreement(ec_signer, ("Signer1", "Signer2"))) == ""


CHANGES: dict[str, tuple[Any, str]] = {
    "a value": (entry("/V", pdf.DictionaryObject()), ANOTHER_KIND),
    "a text": (entry("/V", pdf.pdf_string("signed")), "the file cannot be read as a signed PDF: AttributeError"),
    "a size": (entry("/Rect", pdf.ArrayObject(pdf.NumberObject(side) for side in (0, 0, 50, 50))), ANOTHER_KIND),
    "an appearance": (entry("/AP", pdf.DictionaryObject()), ANOTHER_KIND),
    "an action": (entry("/A", pdf.DictionaryObject()), ANOTHER_KIND),
    "an additional action": (entry("/AA", pdf.DictionaryObject()), ANOTHER_KIND),
    "a lock": (entry("/Lock", pdf.DictionaryObject()), ANOTHER_KIND),
    "a seed value": (entry("/SV", pdf.DictionaryObject()), ANOTHER_KIND),
    "other flags": (entry("/F", pdf.NumberObject(4)), ANOTHER_KIND),
    "another kind": (entry("/FT", pdf.pdf_name("/Tx")), ANOTHER_KIND),
    "another name": (entry("/T", pdf.pdf_string("张示范")), ANOTHER_NAME),
}  # fmt: skip


@pytest.mark.parametrize(("change", "why"), CHANGES.values(), ids=CHANGES.keys())
def test_a_field_that_is_more_than_empty_is_refused(
    change: Any, why: str, ec_signer: Pkcs12Signer, tmp_path: Path
) -> None:
    assert problem(tmp_path, agreement(ec_signer, change=change)) == why


@pytest.mark.parametrize("names", [("Signer2",), ("Signer2", "Signer1"), ("Signer1", "Signer3")])
def test_fields_out_of_order_are_refused(names: tuple[str, ...], ec_signer: Pkcs12Signer, tmp_path: Path) -> None:
    assert problem(tmp_path, agreement(ec_signer, names)) == ANOTHER_NAME


@pytest.mark.parametrize("permission", [MDPPerm.NO_CHANGES, MDPPerm.ANNOTATE])
def test_an_agreement_is_certified_at_level_two(permission: MDPPerm, ec_signer: Pkcs12Signer, tmp_path: Path) -> None:
    content = signed_otherwise(ec_signer, with_fields(), permission=permission)

    assert problem(tmp_path, content) == "the signature does not forbid every later change but further signatures"


def proven(content: bytes, further: int, signer: Pkcs12Signer, letter: Path, tmp_path: Path) -> str:
    """What the step has against the file when so many are to sign after us."""
    (tmp_path / "made.pdf").write_bytes(content)
    try:
        prove(tmp_path / "made.pdf", File.at(letter), signer, BANK, NOW, further)
    except StepFailed as failure:
        return failure.detail
    return ""


def test_the_step_knows_how_many_fields_there_must_be(letter: Path, ec_signer: Pkcs12Signer, tmp_path: Path) -> None:
    two = agreement(ec_signer, ("Signer1", "Signer2"))
    number = "the form holds more or fewer fields than are to be signed"

    found = [proven(two, further, ec_signer, letter, tmp_path) for further in (1, 2, 3)]

    assert found == [number, "", number]


def test_the_step_takes_no_letter_for_an_agreement_and_no_agreement_for_a_letter(
    letter: Path, ec_signer: Pkcs12Signer, tmp_path: Path
) -> None:
    open_letter = signed_otherwise(ec_signer, permission=MDPPerm.FILL_FORMS)
    closed_agreement = signed_otherwise(ec_signer, with_fields())

    for content in (open_letter, agreement(ec_signer)):
        found = proven(content, 0, ec_signer, letter, tmp_path)
        assert found == "the signature does not forbid every later change"
    for content in (closed_agreement, signed_otherwise(ec_signer)):
        found = proven(content, 1, ec_signer, letter, tmp_path)
        assert found == "the signature does not forbid every later change but further signatures"


def test_one_field_listed_twice_is_not_two(ec_signer: Pkcs12Signer, tmp_path: Path) -> None:
    def twice(revision: Any, field: Any) -> None:
        with_fields()(revision, field)
        fields = revision.root["/AcroForm"]["/Fields"]
        fields.append(fields.raw_get(1))

    content = signed_otherwise(ec_signer, twice, permission=MDPPerm.FILL_FORMS)

    assert problem(tmp_path, content) == "the form holds more or fewer fields than are to be signed"


def test_what_is_said_of_a_file_that_is_not_whole_counts_no_fields(ec_signer: Pkcs12Signer, tmp_path: Path) -> None:
    (tmp_path / "touched.pdf").write_bytes(agreement(ec_signer) + b"junk")

    assert verify(tmp_path / "touched.pdf").further_fields == 0


def test_the_fields_are_named_by_their_place_alone() -> None:
    assert signature_fields(0) == ()
    assert signature_fields(3) == ("Signer1", "Signer2", "Signer3")
