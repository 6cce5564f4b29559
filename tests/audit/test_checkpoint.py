"""Checkpoints: read strictly, signed by the right key, never with extensions."""

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key
from hypothesis import given
from hypothesis import strategies as st

from audit import checkpoint, verify
from audit.checkpoint import Checkpoint
from audit.errors import BadNote
from tests.audit import logs

HELD = Checkpoint(logs.ORIGIN, 42, b"\x05" * 32)
NOTE = checkpoint.sign(HELD, logs.KEY)
BODY, LINE = NOTE.split("\n\n")


def test_a_signed_checkpoint_is_read_and_verified_by_writer_and_verifier() -> None:
    assert checkpoint.verify(NOTE, [logs.VKEY]) == HELD
    read = verify._parse_note(NOTE.encode())
    assert (read.origin, read.size, read.root) == (HELD.origin, HELD.size, HELD.root)
    assert verify._check_signatures(read, [logs.VKEY]) == 0


def test_a_verifier_key_has_the_id_that_other_programs_compute() -> None:
    """The public key of sum.golang.org."""
    read = checkpoint.parse_vkey("sum.golang.org+033de0ae+Ac4zctda0e5eza+HJyk9SxEdh+s3Ux18htTTAD8OuAn8")

    assert read.key_id.hex() == "033de0ae"


def test_the_same_checkpoint_gives_the_same_note() -> None:
    assert checkpoint.sign(HELD, logs.KEY) == NOTE


def test_another_key_or_name_does_not_verify() -> None:
    for vkey in (checkpoint.vkey(logs.ORIGIN, logs.OTHER_KEY), checkpoint.vkey("other.example", logs.KEY)):
        with pytest.raises(BadNote, match="not signed"):
            checkpoint.verify(NOTE, [vkey])
        with pytest.raises(ValueError, match="not signed"):
            verify._check_signatures(verify._parse_note(NOTE.encode()), [vkey])


def test_signatures_of_strangers_stand_beside_and_a_wrong_one_of_ours_spoils_the_note() -> None:
    theirs = checkpoint.sign(HELD, logs.OTHER_KEY).split("\n\n")[1]
    both = [logs.VKEY, checkpoint.vkey(logs.ORIGIN, logs.OTHER_KEY)]
    wrong = checkpoint.sign(Checkpoint(logs.ORIGIN, 43, HELD.root), logs.OTHER_KEY).split("\n\n")[1]

    assert checkpoint.verify(NOTE + theirs, [logs.VKEY]) == checkpoint.verify(NOTE + theirs, both) == HELD
    assert checkpoint.verify(NOTE + wrong, [logs.VKEY]) == HELD
    with pytest.raises(BadNote, match="does not verify"):
        checkpoint.verify(NOTE + wrong, both)
    with pytest.raises(ValueError, match="does not verify"):
        verify._check_signatures(verify._parse_note((NOTE + wrong).encode()), both)


MANGLED = {
    "nothing": "",
    "no signature": BODY + "\n\n",
    "no empty line": NOTE.replace("\n\n", "\n"),
    "an extension line": f"{BODY}\nextension\n\n{LINE}",
    "two empty lines": f"{BODY}\n\n\n{LINE}",
    "no newline at the end": NOTE[:-1],
    "something after the end": NOTE + "x",
    "a leading zero": NOTE.replace("\n42\n", "\n042\n"),
    "a sign": NOTE.replace("\n42\n", "\n+42\n"),
    "digits of another script": NOTE.replace("\n42\n", "\n\uff14\uff12\n"),
    "a huge size": NOTE.replace("\n42\n", "\n" + "9" * 30 + "\n"),
    "a carriage return": NOTE.replace("\n42\n", "\r\n42\r\n"),
    "a short root": NOTE.replace("BQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQU=", "BQUF"),
    "stray bits in the root": NOTE.replace("FBQU=", "FBQV="),
    "a root without padding": NOTE.replace("FBQU=", "FBQU"),
    "an origin with a space": NOTE.replace("example/", "example /"),
    "a hyphen for the dash": NOTE.replace("— ", "- "),
    "two lines by one key": NOTE + LINE,
    "sixty-five signatures": NOTE + "".join(f"— w{n} AAAAAAA=\n" for n in range(64)),
    "a signature of four bytes": NOTE + "— w AAAAAA==\n",
}


@pytest.mark.parametrize("mangled", MANGLED.values(), ids=MANGLED.keys())
def test_a_mangled_note_is_refused_by_writer_and_verifier(mangled: str) -> None:
    assert mangled != NOTE
    with pytest.raises(BadNote):
        checkpoint.parse(mangled)
    with pytest.raises(ValueError, match=r"."):
        verify._parse_note(mangled.encode())


@given(st.integers(0, len(NOTE) - 1), st.characters(codec="utf-8"))
def test_a_note_with_one_changed_character_verifies_for_nobody(at: int, character: str) -> None:
    changed = NOTE[:at] + character + NOTE[at + 1 :]
    if changed == NOTE:
        return
    with pytest.raises(BadNote):
        checkpoint.verify(changed, [logs.VKEY])
    with pytest.raises(ValueError, match=r"."):
        verify._check_signatures(verify._parse_note(changed.encode()), [logs.VKEY])


@pytest.mark.parametrize(
    "vkey",
    [
        "",
        logs.VKEY + "\n",
        logs.VKEY.replace("+ffff993b+", "+ffff993c+"),
        logs.VKEY.replace("+ffff993b+", "+FFFF993B+"),
        logs.VKEY.replace("+Ac", "+Bc"),
        logs.VKEY[:-1],
    ],
)
def test_a_mangled_verifier_key_is_refused(vkey: str) -> None:
    with pytest.raises(BadNote):
        checkpoint.parse_vkey(vkey)
    with pytest.raises(ValueError, match=r"."):
        verify._parse_vkey(vkey)


@pytest.mark.parametrize("origin", ["", "Has Space", "host/", "plus+sign", "UPPER.example", "x" * 201, "a\nb"])
def test_an_origin_that_does_not_fit_a_note_is_refused(origin: str) -> None:
    with pytest.raises(BadNote):
        checkpoint.vkey(origin, logs.KEY)


def test_a_new_key_is_pem_and_different_each_time() -> None:
    first, second = checkpoint.new_key(), checkpoint.new_key()

    assert first.startswith(b"-----BEGIN PRIVATE KEY-----")
    assert checkpoint.vkey("a.example", checkpoint.load_key(first)) != checkpoint.vkey(
        "a.example", checkpoint.load_key(second)
    )


def test_a_key_of_another_kind_is_refused() -> None:
    form = (serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    for pem in (generate_private_key(SECP256R1()).private_bytes(*form), b"", b"not a key"):
        with pytest.raises(BadNote):
            checkpoint.load_key(pem)
