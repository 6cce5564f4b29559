"""A made-up key for trying things out (样本证书): proves that the bytes are whole, and nothing about who sent them.

Its certificate says so in its own name, is signed by nobody but itself, and goes with pages that say 样本. It refuses
to hold a real certificate: then the mark on the page would be a lie.
"""

import os
import tempfile
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Literal

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import BestAvailableEncryption, pkcs12
from cryptography.x509.oid import NameOID

from app.catalogue import Issuer
from app.errors import ConfigurationError
from app.signing.certificate import SPECIMEN_MARK, is_specimen
from app.signing.held import PASSPHRASE_SETTING, HeldKey, refused, unlock

LIFE = timedelta(days=3650)
SLACK = timedelta(days=1)  # a machine whose clock is a little behind can use it at once


@dataclass(frozen=True)
class UnsafeSpecimenSigner(HeldKey):
    specimen: Literal[True] = True

    @classmethod
    def load(cls, path: Path, passphrase: bytes, issuer: Issuer, *, at: datetime) -> "UnsafeSpecimenSigner":
        """Load a key that `make_specimen` wrote. `ConfigurationError` names the setting and the reason."""
        held = unlock(path, passphrase, issuer, at)
        if not is_specimen(held.own):
            raise refused(path, "a real certificate cannot sign specimens")
        return cls(held.key, held.own, held.others)


def make_specimen(path: Path, passphrase: bytes, issuer: Issuer, *, at: datetime) -> None:
    """Write a specimen key for this issuer, readable by its owner only. A file that is already there stays as it is."""
    if not passphrase:
        raise ConfigurationError(f"{PASSPHRASE_SETTING} is empty: even a specimen key is not stored in the clear")
    if path.exists():
        return
    key = ec.generate_private_key(ec.SECP256R1())
    certificate = _self_signed(key, _named(issuer), at)
    content = pkcs12.serialize_key_and_certificates(
        b"specimen", key, certificate, None, BestAvailableEncryption(passphrase)
    )
    try:
        _publish(path, content)
    except OSError as error:
        raise refused(path, "cannot be written") from error


def make_specimen_person(name: str, *, at: datetime) -> UnsafeSpecimenSigner:
    """A specimen key for somebody who signs after us, under this name: in memory, and nowhere else."""
    key = ec.generate_private_key(ec.SECP256R1())
    return UnsafeSpecimenSigner(key, _self_signed(key, _specimen_name(name), at), ())


def _named(issuer: Issuer) -> x509.Name:
    legal_name, uscc = issuer.record["legal_name"], issuer.record["uscc"]
    return _specimen_name(
        f"{legal_name} 样本",
        x509.NameAttribute(NameOID.ORGANIZATION_NAME, legal_name),
        x509.NameAttribute(NameOID.ORGANIZATION_IDENTIFIER, uscc),
    )


def _specimen_name(name: str, *organisation: x509.NameAttribute[str]) -> x509.Name:
    return x509.Name(
        [
            x509.NameAttribute(NameOID.COUNTRY_NAME, "CN"),
            *organisation,
            x509.NameAttribute(NameOID.ORGANIZATIONAL_UNIT_NAME, SPECIMEN_MARK),
            x509.NameAttribute(NameOID.COMMON_NAME, name),
        ]
    )


def _self_signed(key: ec.EllipticCurvePrivateKey, name: x509.Name, at: datetime) -> x509.Certificate:
    return (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(at - SLACK)
        .not_valid_after(at + LIFE)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_for_documents(), critical=True)
        .sign(key, hashes.SHA256())
    )


def _for_documents() -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=True,
        content_commitment=True,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=False,
        crl_sign=False,
        encipher_only=False,
        decipher_only=False,
    )


def _publish(path: Path, content: bytes) -> None:
    """Write aside, then link into place: of several workers that start at once, one wins and nobody reads half a key.

    A crash before the link leaves a stray private file, never a key that cannot be opened.
    """
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    descriptor, aside = tempfile.mkstemp(dir=path.parent)  # created with 0600
    try:
        with os.fdopen(descriptor, "wb") as stream:
            stream.write(content)
            stream.flush()
            os.fsync(stream.fileno())
        path.hardlink_to(aside)
    except FileExistsError:
        return  # another worker was first
    finally:
        Path(aside).unlink()
