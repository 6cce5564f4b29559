"""The signature fields of a document (签名域): our own, and those in which others sign after us."""

FIELD = "Signature"


def signature_fields(signers: int) -> tuple[str, ...]:
    """The names of the fields for so many who sign after us, in their order. None says who they are."""
    return tuple(f"Signer{number}" for number in range(1, signers + 1))
