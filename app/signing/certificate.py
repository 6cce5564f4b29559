"""What is asked of a signing certificate (签名证书), at start-up and again at every signature.

It is valid on that instant, it is meant for signing documents, and it names the issuer: article 69 asks for the
issuer's own 印章, and a sound signature of somebody else is none.
"""

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.x509.oid import NameOID

SPECIMEN_MARK = "样本 SPECIMEN"  # organisational unit of every made-up certificate, and of no real one
_REGISTERED_IN_CHINA = "NTRCN-"  # how ETSI EN 319 412-1 writes a Chinese register number as an organisation identifier


def is_specimen(certificate: x509.Certificate) -> bool:
    return SPECIMEN_MARK in _named(certificate, NameOID.ORGANIZATIONAL_UNIT_NAME)


def digest(certificate: x509.Certificate) -> str:
    return certificate.fingerprint(hashes.SHA256()).hex()


def unfit(certificate: x509.Certificate, issuer: Mapping[str, Any], at: datetime) -> str | None:
    """Why this certificate may not sign for the issuer at this instant; None if it may."""
    if at < certificate.not_valid_before_utc:
        return "the certificate is not yet valid"
    if at > certificate.not_valid_after_utc:
        return "the certificate has expired"
    if not meant_for_documents(certificate):
        return "the certificate's key usage has neither digitalSignature nor nonRepudiation"
    return _misnamed(certificate, issuer)


def are_its_chain(others: Collection[x509.Certificate], own: x509.Certificate) -> bool:
    """Whether the others, in any order, are those above this certificate, each once, and nobody else's."""
    left = set(others) - {own}
    if len(left) != len(others):
        return False
    above: x509.Certificate | None = own
    while left and above is not None:
        above = next((other for other in left if _issued(other, above)), None)
        left -= {above}
    return not left


def _issued(above: x509.Certificate, below: x509.Certificate) -> bool:
    try:
        below.verify_directly_issued_by(above)
    except (InvalidSignature, UnsupportedAlgorithm, TypeError, ValueError):
        return False
    return True


def meant_for_documents(certificate: x509.Certificate) -> bool:
    """A certificate that does not say what its key is for is not meant for this."""
    try:
        usage = certificate.extensions.get_extension_for_class(x509.KeyUsage).value
    except x509.ExtensionNotFound:
        return False
    return usage.digital_signature or usage.content_commitment


def _misnamed(certificate: x509.Certificate, issuer: Mapping[str, Any]) -> str | None:
    names = _named(certificate, NameOID.ORGANIZATION_NAME) | _named(certificate, NameOID.COMMON_NAME)
    if issuer["legal_name"] not in names:
        return "the certificate's subject does not name the issuer"
    numbers = _named(certificate, NameOID.ORGANIZATION_IDENTIFIER) | _named(certificate, NameOID.SERIAL_NUMBER)
    if any(number.removeprefix(_REGISTERED_IN_CHINA) != issuer["uscc"] for number in numbers):
        return "the certificate's subject carries another organisation's number"
    return None


def _named(certificate: x509.Certificate, part: x509.ObjectIdentifier) -> set[str]:
    return {str(attribute.value) for attribute in certificate.subject.get_attributes_for_oid(part)}
