"""Every byte of a small log and of its receipt is changed, one at a time, and each change is found."""

import functools
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import Connection

from audit import log, verify
from audit.export import export
from audit.receipt import build
from audit.verify import Options, Report, Unreadable, verify_export, verify_receipt
from tests.audit import forge, logs

pytestmark = pytest.mark.slow

MASKS = (0x01, 0x20, 0x80)  # a neighbour, the other case, outside ASCII


@pytest.fixture
def small(connection: Connection, monkeypatch: pytest.MonkeyPatch) -> Connection:
    """A log of five entries. One signature is checked once: the thousands of equal ones need not be."""
    monkeypatch.setattr(verify, "ed25519_verify", functools.cache(verify.ed25519_verify))
    for payload in (
        logs.intended(1, "one"),
        logs.issued(2, "one", 1),
        logs.intended(3, "two"),
        logs.outcome(4, "failed", "two", 3, step="convert"),
    ):
        log.append(connection, payload)
    return connection


def found(judge: Callable[[], Report]) -> bool:
    try:
        return judge().status == 1
    except Unreadable:
        return True


def unnoticed(file: Path, judge: Callable[[], Report]) -> list[tuple[int, int]]:
    """Which changed bytes of a file were not found: position and mask. In a long file the masks take turns."""
    whole = file.read_bytes()
    missed = []
    for at in range(len(whole)):
        for mask in MASKS if len(whole) < 1000 else [MASKS[at % 3]]:
            file.write_bytes(whole[:at] + bytes([whole[at] ^ mask]) + whole[at + 1 :])
            if not found(judge):
                missed.append((at, mask))
    file.write_bytes(whole)
    return missed


@pytest.mark.parametrize("name", ["entries.jsonl", "checkpoint", "keys.json", "manifest.json"])
def test_every_changed_byte_of_an_export_is_found(small: Connection, tmp_path: Path, name: str) -> None:
    export(small, logs.note_of(small), tmp_path)
    judge = functools.partial(verify_export, tmp_path, Options())
    assert judge().status == 0

    assert unnoticed(tmp_path / name, judge) == []


@pytest.mark.parametrize("name", ["entries.jsonl", "checkpoint", "keys.json"])
def test_every_changed_byte_is_found_when_the_manifest_was_made_to_fit(
    small: Connection, tmp_path: Path, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    export(small, logs.note_of(small), tmp_path)
    monkeypatch.setattr(verify, "_files_fit", lambda *_: True)  # as if the manifest agreed

    assert unnoticed(tmp_path / name, functools.partial(verify_export, tmp_path, Options(deep=False))) == []


def test_every_changed_byte_of_a_receipt_is_found(small: Connection, tmp_path: Path) -> None:
    receipt, letter = tmp_path / "receipt.json", tmp_path / "letter.pdf"
    receipt.write_bytes(build(small, 2, logs.note_of(small), logs.DISCLOSURE_KEY, logs.TEXTS))
    letter.write_bytes(logs.LETTER)
    judge = functools.partial(verify_receipt, receipt, Options(pdfs=[str(letter)]))
    assert judge().status == 0

    assert unnoticed(receipt, judge) == []
    assert unnoticed(letter, judge) == []


def test_every_cut_of_a_receipt_and_of_an_export_is_found(small: Connection, tmp_path: Path) -> None:
    folder, receipt = tmp_path / "export", tmp_path / "receipt.json"
    export(small, logs.note_of(small), folder)
    receipt.write_bytes(build(small, 2, logs.note_of(small), logs.DISCLOSURE_KEY, logs.TEXTS))
    cases = [(receipt, functools.partial(verify_receipt, receipt, Options()))]
    cases += [(file, functools.partial(verify_export, folder, Options())) for file in folder.iterdir()]
    for file, judge in cases:
        whole = file.read_bytes()
        for length in range(0, len(whole), 7):
            file.write_bytes(whole[:length])
            assert found(judge), (file.name, length)
        for more in (b"\n", b"{}", b"\x00"):
            file.write_bytes(whole + more)
            assert found(judge), (file.name, more)
        file.write_bytes(whole)


def test_every_entry_deleted_doubled_or_swapped_is_found_with_and_without_new_links(
    exported: Path, tmp_path: Path
) -> None:
    whole = forge.lines(exported)
    changes = [[*whole[:n], *whole[n + 1 :]] for n in range(len(whole))]
    changes += [[*whole[: n + 1], *whole[n:]] for n in range(len(whole))]
    changes += [
        [*whole[:a], whole[b], *whole[a + 1 : b], whole[a], *whole[b + 1 :]]
        for a in range(len(whole))
        for b in range(a + 1, len(whole))
    ]
    changes += [whole[:n] for n in range(len(whole))]
    for changed in changes:
        for lines in (changed, forge.rechained(changed)):
            forge.rewrite(exported, lines)
            assert verify_export(exported, Options(deep=False)).status == 1
    forge.rewrite(exported, whole)
    assert verify_export(exported, Options()).status == 0
