"""What the tests are made from: certificates of every kind, a PDF written by hand, a step's output without the step."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import BestAvailableEncryption, pkcs12
from cryptography.x509.oid import NameOID

from app.artifacts import Approved, Assembled, Converted, File, Part, Rendered, Verified
from app.catalogue import PDF, TEXT

NOW = datetime(2026, 11, 23, 10, 0, 0, tzinfo=UTC)
PASSPHRASE = b"made-up passphrase"
BANK = {"legal_name": "示范银行股份有限公司", "uscc": "91990000100000000G"}
USAGES = (
    "digital_signature", "content_commitment", "key_encipherment", "data_encipherment", "key_agreement",
    "key_cert_sign", "crl_sign", "encipher_only", "decipher_only",
)  # fmt: skip

Key = ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey


def certificate(
    key: Key,
    *,
    signed_by: tuple[x509.Certificate, Key] | None = None,
    usage: tuple[str, ...] = ("digital_signature",),
    since: datetime = NOW - timedelta(days=1),
    until: datetime = NOW + timedelta(days=365),
    **subject: str | tuple[str, ...],
) -> x509.Certificate:
    """A certificate of the demo bank, unless told otherwise. An empty part of the subject is left out."""
    parts: dict[str, str | tuple[str, ...]] = {
        "ORGANIZATION_NAME": BANK["legal_name"],
        "COMMON_NAME": "电子签章",
        **subject,
    }
    each = [(part, one) for part, said in parts.items() for one in ([said] if isinstance(said, str) else said)]
    name = x509.Name([x509.NameAttribute(getattr(NameOID, part), one) for part, one in each if one])
    above, hand = signed_by or (None, key)
    builder = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(above.subject if above else name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(since)
        .not_valid_after(until)
    )
    if usage:
        builder = builder.add_extension(x509.KeyUsage(**{each: each in usage for each in USAGES}), critical=True)
    return builder.sign(hand, hashes.SHA256())


def pkcs12_file(path: Path, key: Key, own: x509.Certificate, above: list[x509.Certificate] | None = None) -> Path:
    content = pkcs12.serialize_key_and_certificates(b"key", key, own, above, BestAvailableEncryption(PASSPHRASE))
    path.write_bytes(content)
    return path


def tiny_pdf(*, page: bytes = b"") -> bytes:
    """One empty page, written by hand: catalogue 1, pages 2, page 3, Info 4, a link 5 for pages that want one."""
    objects = [
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 100 100]" + page + b">>",
        b"<</Producer(by hand)>>",
        b"[<</Type/Annot/Subtype/Link/Rect[1 1 9 9]>>]",
    ]
    content, places = b"%PDF-1.6\n", []
    for number, written in enumerate(objects, 1):
        places.append(len(content))
        content += b"%d 0 obj\n%s\nendobj\n" % (number, written)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    trailer = b"<</Size 6/Root 1 0 R/Info 4 0 R/ID[<01><01>]>>"
    start = len(content)
    return content + b"xref\n0 6\n0000000000 65535 f \n%strailer\n%s\nstartxref\n%d\n%%%%EOF\n" % (
        table,
        trailer,
        start,
    )


def verified(*paths: Path, specimen: bool = False, signature_fields: tuple[str, ...] = ()) -> Verified:
    """What the step before hands over, when these files were found in order."""
    parts = tuple(Part(path.stem, File.at(path), TEXT if path.suffix == ".txt" else PDF) for path in paths)
    approved = Approved(
        document_id="00000000-0000-4000-8000-000000000000",
        type="dunning_letter",
        issuer="demo_bank",
        number="示范催函〔2026〕1号",
        on=date(2026, 11, 23),
        specimen=specimen,
        facts={},
        blanks={"issuer": BANK},
        rules=(),
        signature_fields=signature_fields,
    )
    converted = Converted(Rendered(approved, ()), parts, "by hand")
    return Verified(Assembled(converted, parts), (), {part.name: 1 for part in parts})


def unchanged(_: Sequence[Part]) -> bool:
    """What the reading process says of signed parts whose pages are still the verified ones."""
    return True
