"""A tiny letter, the issuer, and a signer of each kind."""

from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from app.catalogue import Issuer
from app.signing import Pkcs12Signer, UnsafeSpecimenSigner, make_specimen, sign
from tests.app.signing.made import BANK, NOW, PASSPHRASE, certificate, pkcs12_file, tiny_pdf, unchanged, verified


@pytest.fixture
def bank() -> Issuer:
    return Issuer("demo_bank", BANK, b"")


@pytest.fixture(scope="session")
def ec_key() -> ec.EllipticCurvePrivateKey:
    return ec.generate_private_key(ec.SECP256R1())


@pytest.fixture(scope="session")
def rsa_key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(65537, 3072)


@pytest.fixture
def ec_signer(tmp_path: Path, bank: Issuer, ec_key: ec.EllipticCurvePrivateKey) -> Pkcs12Signer:
    path = pkcs12_file(tmp_path / "ec.p12", ec_key, certificate(ec_key))
    return Pkcs12Signer.load(path, PASSPHRASE, bank, at=NOW)


@pytest.fixture
def rsa_signer(tmp_path: Path, bank: Issuer, rsa_key: rsa.RSAPrivateKey) -> Pkcs12Signer:
    path = pkcs12_file(tmp_path / "rsa.p12", rsa_key, certificate(rsa_key))
    return Pkcs12Signer.load(path, PASSPHRASE, bank, at=NOW)


@pytest.fixture
def specimen_signer(tmp_path: Path, bank: Issuer) -> UnsafeSpecimenSigner:
    make_specimen(tmp_path / "specimen.p12", PASSPHRASE, bank, at=NOW)
    return UnsafeSpecimenSigner.load(tmp_path / "specimen.p12", PASSPHRASE, bank, at=NOW)


@pytest.fixture
def letter(tmp_path: Path) -> Path:
    path = tmp_path / "letter.pdf"
    path.write_bytes(tiny_pdf())
    return path


@pytest.fixture
def signed_letter(letter: Path, ec_signer: Pkcs12Signer, tmp_path: Path) -> Path:
    return sign(verified(letter), ec_signer, tmp_path, NOW, unchanged).parts[0].file.path
