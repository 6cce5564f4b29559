"""A specimen is signed with a specimen, and nothing else is."""

from pathlib import Path

import pytest

from app.errors import StepFailed
from app.signing import Pkcs12Signer, UnsafeSpecimenSigner, countersign_specimen, sign
from app.signing.certificate import SPECIMEN_MARK
from app.signing.specimen import make_specimen_person
from tests.app.signing.made import NOW, unchanged, verified
from tests.app.signing.returned import issued


def why_not(issued: Path, field: str, target: Path) -> str:
    with pytest.raises(StepFailed) as failure:
        countersign_specimen(issued, field, "李样本", target, NOW)
    return failure.value.detail


def test_a_real_document_is_not_signed_with_a_specimen(letter: Path, ec_signer: Pkcs12Signer, tmp_path: Path) -> None:
    real = sign(verified(letter, signature_fields=("Signer1",)), ec_signer, tmp_path, NOW, unchanged).parts[0].file.path

    assert why_not(real, "Signer1", tmp_path / "returned.pdf") == "only a specimen is signed with a specimen"
    assert not (tmp_path / "returned.pdf").exists()


def test_pages_that_nobody_has_signed_are_not_signed(letter: Path, tmp_path: Path) -> None:
    assert why_not(letter, "Signer1", tmp_path / "returned.pdf") == "only a specimen is signed with a specimen"


def test_only_an_empty_field_of_ours_is_signed(
    letter: Path, specimen_signer: UnsafeSpecimenSigner, tmp_path: Path
) -> None:
    agreement = issued(letter, specimen_signer, tmp_path, fields=1)
    countersign_specimen(agreement, "Signer1", "李样本", tmp_path / "one.pdf", NOW)

    for number, (file, field) in enumerate(
        [(agreement, "Signer2"), (agreement, "Signature"), (tmp_path / "one.pdf", "Signer1")]
    ):
        assert why_not(file, field, tmp_path / f"{number}.pdf").startswith("the specimen could not be signed")


def test_nothing_is_written_over(letter: Path, specimen_signer: UnsafeSpecimenSigner, tmp_path: Path) -> None:
    agreement = issued(letter, specimen_signer, tmp_path, fields=1)

    assert why_not(agreement, "Signer1", agreement).endswith("FileExistsError")


def test_a_specimen_persons_certificate_says_so_in_its_own_name() -> None:
    made = make_specimen_person("李样本", at=NOW)

    assert made.specimen
    assert made.own.subject.rfc4514_string() == f"CN=李样本,OU={SPECIMEN_MARK},C=CN"
    assert made.own.issuer == made.own.subject
