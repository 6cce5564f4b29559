"""duly-file/v1: what comes back is what went in, or nothing."""

import io
import os
import uuid

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.store import encrypted_file

CASE = str(uuid.UUID(int=7))
KEY = bytes(range(32))


def encrypted(content: bytes) -> bytes:
    target = io.BytesIO()
    encrypted_file.write(io.BytesIO(content), target, CASE, KEY)
    return target.getvalue()


def opened(content: bytes, case: str = CASE, key: bytes = KEY) -> bytes:
    return b"".join(encrypted_file.read(io.BytesIO(content), case, key))


@given(st.binary(max_size=2000))
def test_what_was_written_is_read_back(content: bytes) -> None:
    assert opened(encrypted(content)) == content


@pytest.mark.parametrize(
    "size", [0, 1, encrypted_file.CHUNK - 1, encrypted_file.CHUNK, encrypted_file.CHUNK + 1, 2 * encrypted_file.CHUNK]
)
def test_sizes_around_the_chunk_come_back_whole(size: int) -> None:
    content = os.urandom(size)

    assert opened(encrypted(content)) == content


def test_every_changed_byte_is_found() -> None:
    whole = encrypted(b"a short secret")
    for place in range(len(whole)):
        changed = bytearray(whole)
        changed[place] ^= 1
        with pytest.raises(encrypted_file.Unreadable):
            opened(bytes(changed))


def test_a_cut_off_tail_is_found_even_at_a_chunk_border() -> None:
    whole = encrypted(os.urandom(2 * encrypted_file.CHUNK))
    border = encrypted_file.HEADER + encrypted_file.CHUNK + encrypted_file.TAG
    for length in (0, 10, encrypted_file.HEADER, border, len(whole) - 1):
        with pytest.raises(encrypted_file.Unreadable):
            opened(whole[:length])


def test_swapped_chunks_are_found() -> None:
    whole = encrypted(os.urandom(3 * encrypted_file.CHUNK))
    step = encrypted_file.CHUNK + encrypted_file.TAG
    header, chunks = whole[: encrypted_file.HEADER], whole[encrypted_file.HEADER :]
    swapped = header + chunks[step : 2 * step] + chunks[:step] + chunks[2 * step :]
    with pytest.raises(encrypted_file.Unreadable):
        opened(swapped)


def test_another_key_opens_nothing() -> None:
    with pytest.raises(encrypted_file.Unreadable):
        opened(encrypted(b"secret"), key=bytes(32))


def test_another_case_opens_nothing() -> None:
    with pytest.raises(encrypted_file.Unreadable):
        opened(encrypted(b"secret"), case=str(uuid.UUID(int=8)))


def test_a_file_of_today_is_still_read_in_years() -> None:
    """The format is final: these bytes were written once and must open for ever."""
    kept = (
        "64756c792d66696c652f76310a00" + "00000000000000000000000000000007" + "11" * 32
        + "04d5d7b0ab94b6bc588e569055a786d9744bef24"
    )  # fmt: skip

    assert opened(bytes.fromhex(kept)) == b"kept"
