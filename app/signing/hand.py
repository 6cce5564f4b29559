"""The hand that signs (签名之手): a signer of ours as pyHanko wants to hold it, and how it fills a field.

Made anew for each signature, because pyHanko's objects change in use.
"""

from collections.abc import Callable
from datetime import datetime

from asn1crypto import x509
from asn1crypto.cms import ContentInfo
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign import signers
from pyhanko.sign.fields import MDPPerm, SigFieldSpec, SigSeedSubFilter
from pyhanko.sign.general import SigningError
from pyhanko.sign.signers.cms_embedder import PdfCMSEmbedder, SigIOSetup, SigMDPSetup, SigObjSetup
from pyhanko.sign.signers.pdf_byterange import SignatureObject

from app.signing.interface import Signer
from app.signing.strict import DIGEST

LOCATION = "中国"
BESIDE_CERTIFICATES = 1024  # bytes of a CMS object: 512 for RSA-4096, the rest for attributes and serial numbers


class Hand(signers.Signer):
    def __init__(self, signer: Signer) -> None:
        own = x509.Certificate.load(signer.certificate)
        super().__init__(signing_cert=own)
        for certificate in signer.chain:  # its own is added by pyHanko
            self.cert_registry.register(x509.Certificate.load(certificate))
        # A CMS object holds the certificates, and names the issuer of the first one twice.
        self.room = sum(len(der) for der in (signer.certificate, *signer.chain)) + 2 * len(own.issuer.dump())
        self._signer = signer

    async def async_sign_raw(self, data: bytes, digest_algorithm: str, dry_run: bool = False) -> bytes:
        if digest_algorithm != DIGEST or dry_run:
            raise SigningError("something else than one signature over SHA-256 was asked for")
        return self._signer.sign_raw(data)

    async def cms(self, digest: bytes) -> ContentInfo:
        return await self.async_sign(digest, DIGEST, use_pades=True)


async def fill(
    revision: IncrementalPdfFileWriter,
    field: str,
    signer: Signer,
    reason: str,
    at: datetime,
    *,
    certify: MDPPerm | None = None,
    beside: Callable[[IncrementalPdfFileWriter], None] = lambda _: None,
) -> None:
    """Sign in the field and write the revision to its file, in place.

    Where it certifies, the field is made, without a box: it is invisible. Where not, it is there and empty.
    `beside` adds what else belongs to the revision.
    """
    hand = Hand(signer)
    placeholder = SignatureObject(
        timestamp=at,
        subfilter=SigSeedSubFilter.PADES,
        reason=reason,
        location=LOCATION,
        bytes_reserved=2 * (hand.room + BESIDE_CERTIFICATES),  # in hexadecimal
    )
    embedding = PdfCMSEmbedder(SigFieldSpec(field)).write_cms(field, revision, existing_fields_only=certify is None)
    next(embedding)
    beside(revision)
    lock = SigMDPSetup(md_algorithm=DIGEST, certify=True, docmdp_perms=certify) if certify else None
    embedding.send(SigObjSetup(placeholder, mdp_setup=lock))
    prepared, _ = embedding.send(SigIOSetup(md_algorithm=DIGEST, in_place=True))
    embedding.send(await hand.cms(prepared.document_digest))
