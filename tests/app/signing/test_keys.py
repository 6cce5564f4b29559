"""Which keys the service starts with, and which it does not."""

from datetime import timedelta
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import BestAvailableEncryption, pkcs12

from app.catalogue import Issuer
from app.errors import ConfigurationError
from app.signing import Pkcs12Signer, UnsafeSpecimenSigner, make_specimen
from tests.app.signing.made import BANK, NOW, PASSPHRASE, certificate, pkcs12_file


def why_not(path: Path, bank: Issuer, passphrase: bytes = PASSPHRASE) -> str:
    with pytest.raises(ConfigurationError) as refusal:
        Pkcs12Signer.load(path, passphrase, bank, at=NOW)
    assert str(refusal.value).startswith(f"DULY_SIGNING_KEYS: {path}: ")
    return str(refusal.value)


def test_a_key_for_the_issuer_is_taken(ec_signer: Pkcs12Signer, rsa_signer: Pkcs12Signer) -> None:
    assert not ec_signer.specimen
    assert ec_signer.own.subject.rfc4514_string() == f"CN=电子签章,O={BANK['legal_name']}"
    assert len(ec_signer.certificate_sha256) == 64
    assert len(rsa_signer.sign_raw(b"message")) == 384


def test_a_key_does_not_show_itself(ec_signer: Pkcs12Signer) -> None:
    assert "key=" not in repr(ec_signer)


def test_a_missing_file_is_refused(tmp_path: Path, bank: Issuer) -> None:
    assert why_not(tmp_path / "none.p12", bank).endswith("missing or unreadable")


@pytest.mark.parametrize("passphrase", [b"another", b""])
def test_a_wrong_passphrase_is_refused_and_its_setting_named(
    tmp_path: Path, bank: Issuer, ec_key: ec.EllipticCurvePrivateKey, passphrase: bytes
) -> None:
    path = pkcs12_file(tmp_path / "key.p12", ec_key, certificate(ec_key))

    assert "DULY_SIGNING_PASSPHRASE" in why_not(path, bank, passphrase)


def test_a_file_that_is_no_key_store_is_refused(tmp_path: Path, bank: Issuer) -> None:
    path = tmp_path / "key.p12"
    path.write_bytes(b"not a key")

    assert "not a PKCS#12 file" in why_not(path, bank)


def test_a_certificate_without_its_key_is_refused(
    tmp_path: Path, bank: Issuer, ec_key: ec.EllipticCurvePrivateKey
) -> None:
    path = tmp_path / "key.p12"
    encryption = BestAvailableEncryption(PASSPHRASE)
    path.write_bytes(pkcs12.serialize_key_and_certificates(None, None, None, [certificate(ec_key)], encryption))

    assert "does not hold a key" in why_not(path, bank)


@pytest.mark.parametrize(
    "key",
    [
        ec.generate_private_key(ec.SECP256K1()),
        rsa.generate_private_key(65537, 1024),  # noqa: S505 - weak on purpose: it must be refused
    ],
    ids=["a curve of other trades", "RSA-1024"],
)
def test_a_key_of_another_kind_is_refused(
    tmp_path: Path, bank: Issuer, key: ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey
) -> None:
    path = pkcs12_file(tmp_path / "key.p12", key, certificate(key))

    assert "neither EC" in why_not(path, bank)


@pytest.mark.parametrize(
    ("since", "until", "reason"),
    [
        (timedelta(days=-9), timedelta(seconds=-1), "has expired"),
        (timedelta(seconds=1), timedelta(days=9), "is not yet valid"),
    ],
)
def test_a_certificate_out_of_its_time_is_refused(
    tmp_path: Path, bank: Issuer, ec_key: ec.EllipticCurvePrivateKey, since: timedelta, until: timedelta, reason: str
) -> None:
    own = certificate(ec_key, since=NOW + since, until=NOW + until)

    assert why_not(pkcs12_file(tmp_path / "key.p12", ec_key, own), bank).endswith(reason)


@pytest.mark.parametrize("usage", [("key_encipherment",), ("key_cert_sign", "crl_sign"), ()])
def test_a_certificate_that_is_not_for_documents_is_refused(
    tmp_path: Path, bank: Issuer, ec_key: ec.EllipticCurvePrivateKey, usage: tuple[str, ...]
) -> None:
    path = pkcs12_file(tmp_path / "key.p12", ec_key, certificate(ec_key, usage=usage))

    assert "key usage" in why_not(path, bank)


def test_non_repudiation_alone_is_enough(tmp_path: Path, bank: Issuer, ec_key: ec.EllipticCurvePrivateKey) -> None:
    path = pkcs12_file(tmp_path / "key.p12", ec_key, certificate(ec_key, usage=("content_commitment",)))

    assert Pkcs12Signer.load(path, PASSPHRASE, bank, at=NOW)


@pytest.mark.parametrize("name", ["另一银行股份有限公司", "示范银行股份有限公司上海分行", ""])
def test_a_certificate_of_somebody_else_is_refused(
    tmp_path: Path, bank: Issuer, ec_key: ec.EllipticCurvePrivateKey, name: str
) -> None:
    path = pkcs12_file(tmp_path / "key.p12", ec_key, certificate(ec_key, ORGANIZATION_NAME=name))

    assert why_not(path, bank).endswith("does not name the issuer")


@pytest.mark.parametrize(("identifier", "serial"), [("91310000100000000Y", ""), ("", "91310000100000000Y")])
def test_a_certificate_with_another_organisations_number_is_refused(
    tmp_path: Path, bank: Issuer, ec_key: ec.EllipticCurvePrivateKey, identifier: str, serial: str
) -> None:
    own = certificate(ec_key, ORGANIZATION_IDENTIFIER=identifier, SERIAL_NUMBER=serial)

    assert "another organisation's number" in why_not(pkcs12_file(tmp_path / "key.p12", ec_key, own), bank)


@pytest.mark.parametrize("number", [BANK["uscc"], f"NTRCN-{BANK['uscc']}"])
def test_the_issuers_own_number_is_taken(
    tmp_path: Path, bank: Issuer, ec_key: ec.EllipticCurvePrivateKey, number: str
) -> None:
    own = certificate(ec_key, ORGANIZATION_IDENTIFIER=number)

    assert Pkcs12Signer.load(pkcs12_file(tmp_path / "key.p12", ec_key, own), PASSPHRASE, bank, at=NOW)


def test_the_issuer_may_be_named_by_the_common_name(
    tmp_path: Path, bank: Issuer, ec_key: ec.EllipticCurvePrivateKey
) -> None:
    own = certificate(ec_key, ORGANIZATION_NAME="", COMMON_NAME=BANK["legal_name"])

    assert Pkcs12Signer.load(pkcs12_file(tmp_path / "key.p12", ec_key, own), PASSPHRASE, bank, at=NOW)


def test_a_specimen_says_so_in_its_name(specimen_signer: UnsafeSpecimenSigner) -> None:
    assert specimen_signer.specimen
    assert "OU=样本 SPECIMEN" in specimen_signer.own.subject.rfc4514_string()
    assert f"O={BANK['legal_name']}" in specimen_signer.own.subject.rfc4514_string()


def test_a_specimen_is_refused_as_a_real_key(
    specimen_signer: UnsafeSpecimenSigner, tmp_path: Path, bank: Issuer
) -> None:
    assert "specimen certificate cannot sign real" in why_not(tmp_path / "specimen.p12", bank)


def test_a_real_key_is_refused_as_a_specimen(ec_signer: Pkcs12Signer, tmp_path: Path, bank: Issuer) -> None:
    with pytest.raises(ConfigurationError, match="a real certificate cannot sign specimens"):
        UnsafeSpecimenSigner.load(tmp_path / "ec.p12", PASSPHRASE, bank, at=NOW)


def test_a_specimen_file_is_its_owners_alone(specimen_signer: UnsafeSpecimenSigner, tmp_path: Path) -> None:
    assert (tmp_path / "specimen.p12").stat().st_mode & 0o777 == 0o600
    assert [path.name for path in tmp_path.iterdir()] == ["specimen.p12"]


def test_a_specimen_that_is_there_stays(specimen_signer: UnsafeSpecimenSigner, tmp_path: Path, bank: Issuer) -> None:
    before = (tmp_path / "specimen.p12").read_bytes()

    make_specimen(tmp_path / "specimen.p12", PASSPHRASE, bank, at=NOW)

    assert (tmp_path / "specimen.p12").read_bytes() == before


def test_a_specimen_of_another_worker_stays(tmp_path: Path, bank: Issuer, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "specimen.p12"

    def slower(*_: object) -> None:
        path.write_bytes(b"written by another worker meanwhile")
        raise FileExistsError

    monkeypatch.setattr(Path, "hardlink_to", slower)
    make_specimen(path, PASSPHRASE, bank, at=NOW)

    assert [each.name for each in tmp_path.iterdir()] == ["specimen.p12"]
    assert path.read_bytes() == b"written by another worker meanwhile"


def test_a_specimen_is_not_stored_in_the_clear(tmp_path: Path, bank: Issuer) -> None:
    with pytest.raises(ConfigurationError, match="DULY_SIGNING_PASSPHRASE"):
        make_specimen(tmp_path / "specimen.p12", b"", bank, at=NOW)


def test_a_specimen_that_cannot_be_written_names_the_setting(tmp_path: Path, bank: Issuer) -> None:
    (tmp_path / "keys").write_bytes(b"a file where the folder should be")

    with pytest.raises(ConfigurationError, match="DULY_SIGNING_KEYS"):
        make_specimen(tmp_path / "keys" / "specimen.p12", PASSPHRASE, bank, at=NOW)


def test_a_file_with_certificates_of_others_is_refused(
    tmp_path: Path, bank: Issuer, ec_key: ec.EllipticCurvePrivateKey, rsa_key: rsa.RSAPrivateKey
) -> None:
    """Each signature would enclose them, and be refused: better no start."""
    root = certificate(rsa_key, usage=("key_cert_sign",), COMMON_NAME="根证书")
    stranger = certificate(rsa_key, COMMON_NAME="无关证书")
    own = certificate(ec_key, signed_by=(root, rsa_key))

    assert Pkcs12Signer.load(pkcs12_file(tmp_path / "key.p12", ec_key, own, [root]), PASSPHRASE, bank, at=NOW)
    for others in ([root, stranger], [stranger], [root, root], [own]):
        path = pkcs12_file(tmp_path / "key.p12", ec_key, own, others)
        assert why_not(path, bank).endswith("holds other certificates than the chain of its own")
