"""A returned file is the issued one with further signatures, or a no that says why."""

from datetime import timedelta
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from app.errors import StepFailed
from app.signing import FurtherSignature, UnsafeSpecimenSigner
from app.signing.answers import (
    ANOTHER,
    BEFORE_OURS,
    BROKEN,
    CHANGED,
    OF_ANOTHER_USE,
    ONE_KEY,
    OUT_OF_TIME,
    UNCOVERED,
    UNDATED,
    UNREADABLE,
    UNSIGNED,
    Executed,
)
from app.signing.examination import examination
from app.signing.held import HeldKey
from app.signing.specimen import make_specimen_person
from tests.app.signing.made import NOW, Key, certificate, tiny_pdf
from tests.app.signing.returned import answer, gap, issued, signed, signed_anew


class Person(HeldKey):
    """Somebody with a certificate of an authority."""

    specimen = False


def person(key: Key, **differently: object) -> Person:
    return Person(key, certificate(key, ORGANIZATION_NAME="", **{"COMMON_NAME": "李样本", **differently}), ())  # type: ignore[arg-type]  # as each test needs it


@pytest.fixture
def agreement(letter: Path, specimen_signer: UnsafeSpecimenSigner, tmp_path: Path) -> Path:
    return issued(letter, specimen_signer, tmp_path)


def yes(issued: Path, content: bytes) -> Executed:
    found = answer(issued, content)
    assert isinstance(found, Executed), found
    return found


def test_all_have_signed(agreement: Path) -> None:
    one, other = make_specimen_person("李样本", at=NOW), make_specimen_person("张示范", at=NOW)
    later = NOW + timedelta(hours=2)
    content = signed(agreement.read_bytes(), "Signer2", person=one)

    found = yes(agreement, signed(content, "Signer1", person=other, at=later))

    assert found.unsigned == ()
    assert found.signatures == (
        FurtherSignature("Signer2", one.certificate_sha256, NOW, True, frozenset({"李样本"})),
        FurtherSignature("Signer1", other.certificate_sha256, later, True, frozenset({"张示范"})),
    )


@pytest.mark.parametrize(("field", "missing"), [("Signer1", "Signer2"), ("Signer2", "Signer1")])
def test_who_has_not_signed_yet_is_told(field: str, missing: str, agreement: Path) -> None:
    found = yes(agreement, signed(agreement.read_bytes(), field))

    assert ([one.field for one in found.signatures], found.unsigned) == ([field], (missing,))


@pytest.mark.parametrize("kind", ["ec_key", "rsa_key"])
def test_a_certificate_of_an_authority_is_no_specimen(
    kind: str, agreement: Path, request: pytest.FixtureRequest
) -> None:
    somebody = person(request.getfixturevalue(kind))

    (found,) = yes(agreement, signed(agreement.read_bytes(), person=somebody)).signatures

    assert (found.specimen, found.certificate_sha256) == (False, somebody.certificate_sha256)


@pytest.mark.parametrize(
    ("subject", "names", "number"),
    [
        ("李样本", {"李样本"}, ""),
        ("051@张示范@11010119900101000X@1", {"张示范"}, "11010119900101000X"),
        ("051@张示范@11010119900101000X", {"张示范"}, "11010119900101000X"),
        ("051@张示范@1", {"张示范"}, ""),
        ("somebody@example.com", {"somebody@example.com"}, ""),
        ("051@张示范@李样本@110101199001010000@1", set(), ""),
        ("051@张示范@李样本@1", set(), ""),
        ("051@@1", set(), ""),
        (("张示范", "李样本"), set(), ""),
        ((), set(), ""),
    ],
)
def test_a_certificate_names_one_person_or_nobody(
    subject: str, names: set[str], number: str, agreement: Path, ec_key: ec.EllipticCurvePrivateKey
) -> None:
    somebody = person(ec_key, COMMON_NAME=subject)

    (found,) = yes(agreement, signed(agreement.read_bytes(), person=somebody)).signatures

    assert (found.names, found.number) == (frozenset(names), number)
    assert not [said for said in (*names, number) if said and said in repr(found)]


@pytest.mark.parametrize(("minutes", "reason"), [(-10, ""), (-11, BEFORE_OURS), (60 * 24 * 300, "")])
def test_nobody_signs_what_was_not_issued_yet(minutes: int, reason: str, agreement: Path) -> None:
    content = signed(agreement.read_bytes(), at=NOW + timedelta(minutes=minutes))

    if reason:
        assert answer(agreement, content) == reason
    else:
        assert yes(agreement, content).signatures[0].signed_at == NOW + timedelta(minutes=minutes)


def test_no_two_signatures_are_by_one_key_whatever_their_certificates_say(
    agreement: Path, ec_key: ec.EllipticCurvePrivateKey, specimen_signer: UnsafeSpecimenSigner
) -> None:
    one = person(ec_key)
    content = signed(agreement.read_bytes(), person=one)

    assert answer(agreement, signed(content, "Signer2", person=one)) == ONE_KEY
    assert answer(agreement, signed(content, "Signer2", person=person(ec_key, COMMON_NAME="张示范"))) == ONE_KEY
    assert answer(agreement, signed(content, "Signer2", person=specimen_signer)) == ONE_KEY  # ours
    assert yes(agreement, signed(content, "Signer2")).unsigned == ()


def test_digits_in_small_letters_are_as_good(agreement: Path) -> None:
    content = signed(agreement.read_bytes())
    start, end = gap(content)

    yes(agreement, content[:start] + content[start:end].lower() + content[end:])


def test_the_issued_file_itself_is_signed_by_nobody_else(agreement: Path) -> None:
    assert answer(agreement, agreement.read_bytes()) == UNSIGNED


def test_another_document_is_refused(agreement: Path, specimen_signer: UnsafeSpecimenSigner, tmp_path: Path) -> None:
    (tmp_path / "other").mkdir()
    (tmp_path / "other.pdf").write_bytes(tiny_pdf(page=b"/Rotate 90"))
    other = issued(tmp_path / "other.pdf", specimen_signer, tmp_path / "other")

    assert answer(agreement, signed(other.read_bytes())) == ANOTHER


@pytest.mark.parametrize("content", [b"", b"%PDF-", b"no PDF", tiny_pdf()])
def test_what_does_not_begin_as_ours_is_another_document(content: bytes, agreement: Path) -> None:
    assert answer(agreement, content) == ANOTHER


def test_any_byte_of_ours_that_differs_is_refused(agreement: Path) -> None:
    content, size = signed(agreement.read_bytes()), agreement.stat().st_size

    for place in [*range(0, size, 101), size - 1]:
        other = bytearray(content)
        other[place] ^= 1
        assert answer(agreement, bytes(other)) == ANOTHER


def test_bytes_between_ours_and_theirs_do_not_come_through(agreement: Path) -> None:
    content = agreement.read_bytes()

    assert answer(agreement, content + b"\n") == CHANGED
    assert answer(agreement, content[:-1]) == ANOTHER
    assert answer(agreement, content + signed(content)) in {CHANGED, UNCOVERED, UNREADABLE}


def test_a_signature_over_a_part_of_the_file_is_refused(agreement: Path) -> None:
    """It is sound for what it covers, and leaves out some bytes behind its own place, before it, or at the end."""
    content = signed(agreement.read_bytes())
    start, end = gap(content)
    size = len(content)

    yes(agreement, signed_anew(content))
    for covered in (
        (0, start - 1, end + 21, size - end - 21),
        (0, start - 21, end + 1, size - end - 1),
        (0, start - 1, end + 1, size - end - 2),
        (1, start - 2, end + 1, size - end - 1),
    ):
        assert answer(agreement, signed_anew(content, covered)) == UNCOVERED


def test_a_signature_that_covers_less_than_the_next_one_needs_is_refused(agreement: Path) -> None:
    """What it leaves out at its end, the next signature covers."""
    content = signed(agreement.read_bytes())
    start, end = gap(content)
    short = signed_anew(content, (0, start - 1, end + 1, len(content) - end - 7))

    assert answer(agreement, signed(short, "Signer2")) in {CHANGED, UNCOVERED, UNREADABLE}


def test_a_signature_over_spaces_behind_the_end_is_refused(agreement: Path) -> None:
    content = signed(agreement.read_bytes())
    start, end = gap(content)

    longer = signed_anew(content + b"  ", (0, start - 1, end + 1, len(content) + 2 - end - 1))

    assert answer(agreement, longer) == UNCOVERED


def test_a_signature_with_one_byte_changed_is_refused(agreement: Path) -> None:
    content = signed(agreement.read_bytes())
    used = content.rindex(b"3045" if b"3045" in content[-3500:] else b"3046" if b"3046" in content[-3500:] else b"3044")
    other = bytearray(content)
    other[used + 20] = ord("0") if other[used + 20] != ord("0") else ord("1")

    assert answer(agreement, bytes(other)) == BROKEN


def test_a_changed_reason_is_refused(agreement: Path) -> None:
    content = signed(agreement.read_bytes())
    place = content.rindex(b"/Location")

    assert answer(agreement, content[:place] + b"/Reason  " + content[place + 9 :]) != ""
    assert answer(agreement, content[: place + 12] + b"2" + content[place + 13 :]) == BROKEN


@pytest.mark.parametrize(
    ("since", "until"), [(-10, -1), (1, 10)], ids=["a certificate that has ended", "one that has not begun"]
)
def test_a_certificate_out_of_its_time_is_refused(
    since: int, until: int, agreement: Path, ec_key: ec.EllipticCurvePrivateKey
) -> None:
    somebody = person(ec_key, since=NOW + timedelta(days=since), until=NOW + timedelta(days=until))

    assert answer(agreement, signed(agreement.read_bytes(), person=somebody)) == OUT_OF_TIME


def test_a_certificate_for_something_else_than_signing_is_refused(
    agreement: Path, ec_key: ec.EllipticCurvePrivateKey
) -> None:
    for usage in ((), ("key_encipherment",)):
        somebody = person(ec_key, usage=usage)
        assert answer(agreement, signed(agreement.read_bytes(), person=somebody)) == OF_ANOTHER_USE


def test_a_key_that_is_not_the_certificates_is_refused(
    agreement: Path, ec_key: ec.EllipticCurvePrivateKey, rsa_key: rsa.RSAPrivateKey
) -> None:
    other = ec.generate_private_key(ec.SECP256R1())
    thief = Person(other, person(ec_key).own, ())

    assert answer(agreement, signed(agreement.read_bytes(), person=thief)) == BROKEN


def test_a_signature_that_does_not_say_when_is_refused(agreement: Path) -> None:
    content = signed(agreement.read_bytes())
    place = content.rindex(b"/M (D")
    undated = signed_anew(content[:place] + b"/Name(" + content[place + 6 :])

    assert answer(agreement, undated) == UNDATED


def test_more_signatures_than_fields_are_refused(letter: Path, specimen_signer: UnsafeSpecimenSigner) -> None:
    agreement = issued(letter, specimen_signer, letter.parent, fields=1)
    two = issued(letter, specimen_signer, _folder(letter.parent / "two"), fields=2)

    assert answer(agreement, signed(signed(two.read_bytes()), "Signer2")) == ANOTHER
    assert yes(agreement, signed(agreement.read_bytes())).unsigned == ()


def test_a_letter_is_signed_by_nobody_else(letter: Path, specimen_signer: UnsafeSpecimenSigner) -> None:
    closed = issued(letter, specimen_signer, letter.parent, fields=0)

    with pytest.raises(StepFailed, match="nobody is to sign"):
        examination(closed, closed.read_bytes() + b"more")


def test_an_issued_file_that_is_not_ours_is_our_fault(letter: Path) -> None:
    with pytest.raises(StepFailed):
        examination(letter, letter.read_bytes() + b"more")


@pytest.mark.slow
@pytest.mark.parametrize("bit", [0, 5])
def test_a_flipped_bit_is_refused_or_means_nothing(bit: int, agreement: Path) -> None:
    """No yes to anything else: digits in the other case, and the padding behind a signature, are not its meaning."""
    content, size = signed(agreement.read_bytes()), agreement.stat().st_size
    expected = yes(agreement, content)
    start, end = gap(content)
    accepted = []

    for place in range(size, len(content), 13):
        other = bytearray(content)
        other[place] ^= 1 << bit
        found = answer(agreement, bytes(other))
        assert found == expected if isinstance(found, Executed) else found, place
        accepted += [place] if isinstance(found, Executed) else []

    assert all(start <= place < end for place in accepted)


def _folder(path: Path) -> Path:
    path.mkdir()
    return path
