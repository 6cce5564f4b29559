"""Is a signature sound (签名有效): it fits its bytes, by its signer's own certificate, on the day that it names.

Its own certificate is the root of trust: who stands behind it is asked elsewhere, and nothing is fetched. The time is
what the signer's own clock had, or what the signer wanted it to have.
"""

from datetime import UTC, datetime

from cryptography import x509
from pyhanko.sign.validation import validate_pdf_signature
from pyhanko.sign.validation.pdf_embedded import EmbeddedPdfSignature
from pyhanko.sign.validation.status import PdfSignatureStatus, SignatureCoverageLevel
from pyhanko_certvalidator import ValidationContext


def certificate_of(signature: EmbeddedPdfSignature) -> x509.Certificate:
    return x509.load_der_x509_certificate(signature.signer_cert.dump())


def time_of(signature: EmbeddedPdfSignature) -> datetime | None:
    """None if the signature does not say when it was made, or not in which zone."""
    at = signature.self_reported_timestamp
    return at.astimezone(UTC) if at and at.tzinfo else None


def was_valid(certificate: x509.Certificate, at: datetime) -> bool:
    return certificate.not_valid_before_utc <= at <= certificate.not_valid_after_utc


def fits(signature: EmbeddedPdfSignature, at: datetime) -> bool:
    """Whether it is intact, valid by its own certificate, and covers the whole file.

    A timestamp that it may bear beside is not looked at.
    """
    status = examined(signature, at)
    sound = status.intact and status.valid and status.trusted
    return sound and status.coverage is SignatureCoverageLevel.ENTIRE_FILE


def examined(signature: EmbeddedPdfSignature, at: datetime) -> PdfSignatureStatus:
    """What pyHanko says of it, with what came after it in the file.

    It does not ask what a root of trust is for, and each is its own: `meant_for_documents` (certificate.py) does.
    """
    return validate_pdf_signature(
        signature,
        ValidationContext(trust_roots=[signature.signer_cert], moment=at, allow_fetching=False),
    )
