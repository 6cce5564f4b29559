"""The verifier's own Ed25519 against RFC 8032's vectors, another implementation, and forgeries."""

import base64
import hashlib

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given, settings
from hypothesis import strategies as st

from audit import verify

# RFC 8032, 7.1: public key, message, signature.
VECTORS = [
    (
        "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
        "",
        "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e06522490155"
        "5fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b",
    ),
    (
        "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
        "72",
        "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da"
        "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00",
    ),
    (
        "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025",
        "af82",
        "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac"
        "18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a",
    ),
    (
        "ec172b93ad5e563bf4932c70e1245034c35467ef2efd4d64ebf819683467e2bf",
        hashlib.sha512(b"abc").hexdigest(),
        "dc2a4459e7369633a52b1bf277839a00201009a3efbf3ecb69bea2186c26b589"
        "09351fc9ac90b3ecfdfbc7c66431e0303dca179c138ac17ad9bef1177331a704",
    ),
]
ORDER = 2**252 + 27742317777372353535851937790883648493


@pytest.mark.parametrize(("public", "message", "signature"), VECTORS)
def test_the_vectors_of_rfc_8032_verify(public: str, message: str, signature: str) -> None:
    assert verify.ed25519_verify(bytes.fromhex(public), bytes.fromhex(message), bytes.fromhex(signature))


@settings(max_examples=25, deadline=None)
@given(st.binary(min_size=32, max_size=32), st.binary(max_size=200), st.integers(0, 511))
def test_it_agrees_with_another_implementation_and_notices_one_changed_bit(
    seed: bytes, message: bytes, bit: int
) -> None:
    key = Ed25519PrivateKey.from_private_bytes(seed)
    public, signature = key.public_key().public_bytes_raw(), key.sign(message)
    flipped = (int.from_bytes(signature, "little") ^ 1 << bit).to_bytes(64, "little")

    assert verify.ed25519_verify(public, message, signature)
    assert not verify.ed25519_verify(public, message, flipped)
    assert not verify.ed25519_verify(public, message + b".", signature)


def test_a_note_signed_by_another_program_verifies() -> None:
    """The example of Go's sumdb/note package."""
    vkey = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
    text = "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n"
    line = "x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM="

    _, key_id, public = verify._parse_vkey(vkey)
    assert base64.b64decode(line)[:4] == key_id
    assert verify.ed25519_verify(public, text.encode(), base64.b64decode(line)[4:])


def test_a_signature_with_the_order_added_to_s_is_refused() -> None:
    public, message, signature = (bytes.fromhex(part) for part in VECTORS[1])
    s = int.from_bytes(signature[32:], "little") + ORDER

    assert not verify.ed25519_verify(public, message, signature[:32] + s.to_bytes(32, "little"))


@pytest.mark.parametrize(
    "public",
    [
        pytest.param((1).to_bytes(32, "little"), id="the neutral point"),
        pytest.param((2**255 - 20).to_bytes(32, "little"), id="the point of order two"),
        pytest.param((0).to_bytes(32, "little"), id="a point of order four"),
        pytest.param((2**255 - 19 + 1).to_bytes(32, "little"), id="the neutral point, not canonical"),
        pytest.param((1 | 1 << 255).to_bytes(32, "little"), id="x is zero and has a sign"),
        pytest.param((2).to_bytes(32, "little"), id="not on the curve"),
        pytest.param(b"\xff" * 32, id="above the field"),
        pytest.param(b"short", id="too short"),
    ],
)
def test_a_key_that_is_no_proper_point_verifies_nothing(public: bytes) -> None:
    neutral = (1).to_bytes(32, "little")

    assert not verify.ed25519_verify(public, b"anything", neutral + bytes(32))


@pytest.mark.parametrize("length", [0, 63, 65])
def test_a_signature_of_another_length_is_refused(length: int) -> None:
    assert not verify.ed25519_verify(bytes.fromhex(VECTORS[0][0]), b"", bytes(length))
