"""Blobs: filed under the digest of what is stored, durable, and never handed out altered."""

import hashlib
import io
import os
import stat
from pathlib import Path

import pytest

from app.errors import StepFailed
from app.store.blobs import Blobs, Library

CASE = "00000000-0000-0000-0000-000000000001"
KEY = bytes(32)


def test_a_blob_comes_back_and_is_filed_under_the_digest_of_the_stored_bytes(blobs: Blobs) -> None:
    address = blobs.put(io.BytesIO(b"letter"), CASE, KEY)

    stored = (blobs.folder / address[:2] / address).read_bytes()
    assert hashlib.sha256(stored).hexdigest() == address
    assert blobs.get(address, CASE, KEY) == b"letter"


def test_what_is_stored_does_not_show_the_content(blobs: Blobs) -> None:
    address = blobs.put(io.BytesIO("王小明".encode() * 100), CASE, KEY)

    assert "王小明".encode() not in (blobs.folder / address[:2] / address).read_bytes()


def test_the_same_content_twice_has_two_addresses_so_that_nobody_can_test_a_guess(blobs: Blobs) -> None:
    assert blobs.put(io.BytesIO(b"same"), CASE, KEY) != blobs.put(io.BytesIO(b"same"), CASE, KEY)


def test_an_altered_blob_is_refused(blobs: Blobs) -> None:
    address = blobs.put(io.BytesIO(b"letter"), CASE, KEY)
    path = blobs.folder / address[:2] / address
    path.write_bytes(path.read_bytes()[:-1] + b"x")

    with pytest.raises(StepFailed):
        blobs.get(address, CASE, KEY)


def test_another_file_under_this_name_is_refused_even_when_it_decrypts(blobs: Blobs) -> None:
    one, other = (blobs.put(io.BytesIO(content), CASE, KEY) for content in (b"one", b"other"))
    (blobs.folder / one[:2] / one).write_bytes((blobs.folder / other[:2] / other).read_bytes())

    with pytest.raises(StepFailed):
        blobs.get(one, CASE, KEY)


@pytest.mark.parametrize("address", ["", "../../etc/passwd", "A" * 64, "0" * 63])
def test_what_is_not_an_address_never_becomes_a_path(blobs: Blobs, address: str) -> None:
    with pytest.raises(StepFailed):
        blobs.get(address, CASE, KEY)


def test_a_blob_is_readable_by_its_owner_only(blobs: Blobs) -> None:
    address = blobs.put(io.BytesIO(b"letter"), CASE, KEY)

    assert stat.S_IMODE((blobs.folder / address[:2] / address).stat().st_mode) == 0o600


def test_a_failed_write_leaves_no_file_behind(blobs: Blobs, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(StepFailed):
        blobs.put(io.BytesIO(b"letter"), CASE, KEY)

    assert [path for path in blobs.folder.rglob("*") if path.is_file()] == []


def test_the_library_keeps_what_documents_were_made_with(tmp_path: Path) -> None:
    library = Library(tmp_path / "library")

    digest = library.keep(b"template")

    assert digest == hashlib.sha256(b"template").hexdigest()
    assert (library.folder / digest).read_bytes() == b"template"
    assert library.keep(b"template") == digest
