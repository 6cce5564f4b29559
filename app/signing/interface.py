"""What a signer is: a certificate and a hand that signs bytes. It knows nothing of PDF."""

from typing import Protocol


class Signer(Protocol):
    @property
    def specimen(self) -> bool:
        """Whether this is a made-up key: then, and only then, the pages say 样本."""

    @property
    def certificate(self) -> bytes:
        """The signing certificate, DER."""

    @property
    def certificate_sha256(self) -> str:
        """Its digest, as the record and the log name it."""

    @property
    def chain(self) -> tuple[bytes, ...]:
        """The certificates above it that go into the file, DER."""

    def sign_raw(self, message: bytes) -> bytes:
        """Sign the SHA-256 of `message`: ECDSA, or RSA with PKCS#1 v1.5. Safe to call from several threads."""
