"""A signing key in memory: loaded and checked once, held for the life of the process.

Once, because checking an RSA-3072 key costs a quarter of a second, and pyHanko's own signer does it at every signature.
Refuses, naming the setting: a file that is missing, a passphrase that does not open it, a key of a kind or a size we do
not sign with, a key that is not the certificate's, certificates beside its chain, a certificate that is unfit
(certificate.py).
"""

from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.serialization import Encoding, pkcs12

from app.catalogue import Issuer
from app.errors import ConfigurationError
from app.signing import certificate as certificates

SETTING = "DULY_SIGNING_KEYS"
PASSPHRASE_SETTING = "DULY_SIGNING_PASSPHRASE"  # noqa: S105 -- the setting's name, not a passphrase
CURVES = (ec.SECP256R1, ec.SECP384R1, ec.SECP521R1)
RSA_BITS = range(2048, 4096 + 1)

Key = ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey


@dataclass(frozen=True)
class HeldKey:
    key: Key = field(repr=False)
    own: x509.Certificate
    others: tuple[x509.Certificate, ...]

    @property
    def certificate(self) -> bytes:
        return self.own.public_bytes(Encoding.DER)

    @property
    def certificate_sha256(self) -> str:
        return certificates.digest(self.own)

    @property
    def chain(self) -> tuple[bytes, ...]:
        return tuple(other.public_bytes(Encoding.DER) for other in self.others)

    def sign_raw(self, message: bytes) -> bytes:
        if isinstance(self.key, ec.EllipticCurvePrivateKey):
            return self.key.sign(message, ec.ECDSA(hashes.SHA256()))
        return self.key.sign(message, padding.PKCS1v15(), hashes.SHA256())


def unlock(path: Path, passphrase: bytes, issuer: Issuer, at: datetime) -> HeldKey:
    """Read a PKCS#12 file and check that it may sign for this issuer."""
    held = _opened(path, passphrase)
    try:
        reason = certificates.unfit(held.own, issuer.record, at)
    except ValueError as error:  # an extension that cannot be read
        raise refused(path, "the certificate cannot be read") from error
    if reason:
        raise refused(path, reason)
    return held


def refused(path: Path, reason: str) -> ConfigurationError:
    return ConfigurationError(f"{SETTING}: {path}: {reason}")


def _opened(path: Path, passphrase: bytes) -> HeldKey:
    try:
        content = path.read_bytes()
    except OSError as error:
        raise refused(path, "missing or unreadable") from error
    try:
        key, own, others = pkcs12.load_key_and_certificates(content, passphrase)
    except ValueError as error:
        raise refused(path, f"not a PKCS#12 file, or {PASSPHRASE_SETTING} does not open it") from error
    if key is None or own is None:
        raise refused(path, "does not hold a key and its certificate")
    if not isinstance(key, Key) or not _strong(key):
        raise refused(path, "the key is neither EC P-256, P-384 or P-521 nor RSA of 2048 to 4096 bits")
    if key.public_key() != own.public_key():
        raise refused(path, "the key is not the certificate's")
    if not certificates.are_its_chain(others, own):
        raise refused(path, "holds other certificates than the chain of its own")
    return HeldKey(key, own, tuple(others))


def _strong(key: Key) -> bool:
    if isinstance(key, ec.EllipticCurvePrivateKey):
        return isinstance(key.curve, CURVES)
    return key.key_size in RSA_BITS
