"""After a crash at any point the sweep leaves no attempt open, no key locked, and tells of every file that is gone."""

import os
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from io import BytesIO
from pathlib import Path

import pytest

from app.artifacts import Attempt, Earlier
from app.errors import Conflict
from app.store import recovery
from app.store.blobs import ASIDE
from app.store.documents import Documents
from audit import entry, log
from tests.app.store.made import LEASE, order, sealed

NOW = datetime(2026, 11, 25, 4, 0, tzinfo=UTC)
LATER = NOW + LEASE
CASE = "00000000-0000-0000-0000-000000000001"
OLD = (NOW - 2 * recovery.OLD).timestamp()


def actions(documents: Documents) -> list[str]:
    with documents.database.read() as session:
        return [str(entry.parse(row.leaf).payload["action"]) for row in log.read(session.connection(), 1)]


def begun(documents: Documents, key: str | None = None) -> Attempt:
    attempt = documents.begin(order(key), NOW)
    assert isinstance(attempt, Attempt)
    return attempt


def aged(path: Path) -> Path:
    os.utime(path, (OLD, OLD))
    return path


def test_an_intent_without_an_outcome_is_aborted_once_its_lease_has_ended(documents: Documents) -> None:
    attempt = begun(documents)

    assert recovery.sweep(documents, LATER - timedelta(seconds=1)) == 0
    assert recovery.sweep(documents, LATER) == 1
    assert recovery.sweep(documents, LATER) == 0
    assert documents.find(attempt.document_id, None).status == "aborted"
    assert actions(documents) == ["intended", "aborted"]


def test_more_attempts_than_one_transaction_takes_are_all_given_up(documents: Documents) -> None:
    for _ in range(5):
        begun(documents)

    assert documents.give_up(LATER, limit=2) == 2
    assert recovery.stuck(documents, LATER) == 3
    assert recovery.sweep(documents, LATER) == 3
    assert recovery.stuck(documents, LATER) == 0


def test_a_key_is_locked_for_no_longer_than_the_lease(documents: Documents) -> None:
    begun(documents, "key")
    with pytest.raises(Conflict):
        documents.begin(order("key"), LATER - timedelta(seconds=1))

    recovery.sweep(documents, LATER)

    assert isinstance(documents.begin(order("key"), LATER), Attempt)


def test_an_issued_document_is_nobody_s_to_give_up(documents: Documents, tmp_path: Path) -> None:
    attempt = sealed(documents, tmp_path, NOW, "key")

    assert recovery.sweep(documents, LATER + timedelta(days=1)) == 0
    assert documents.begin(order("key"), LATER) == Earlier(attempt.document_id)


def test_a_blob_that_no_row_names_is_set_aside_and_kept(documents: Documents, tmp_path: Path) -> None:
    attempt = sealed(documents, tmp_path, NOW)
    address = documents.blobs.put(BytesIO(b"bytes of a letter"), CASE, bytes(32))
    folder = documents.blobs.folder
    for path in folder.glob("??/*"):
        aged(path)

    swept = recovery.look_through(documents, NOW)

    assert (swept.set_aside, swept.missing) == (1, ())
    assert (folder / ASIDE / address).is_file()
    assert documents.read_file(documents.find(attempt.document_id, None), "letter.pdf")


def test_a_young_blob_may_belong_to_an_attempt_that_is_about_to_be_recorded(documents: Documents) -> None:
    documents.blobs.put(BytesIO(b"bytes of a letter"), CASE, bytes(32))

    assert recovery.look_through(documents, datetime.now(UTC)) == recovery.Swept()


def test_half_written_files_are_removed_when_they_are_old(documents: Documents) -> None:
    folder = documents.blobs.folder
    folder.mkdir()
    for name in ("a.part", "b.part"):
        (folder / name).write_bytes(b"half")
    aged(folder / "a.part")

    assert recovery.look_through(documents, datetime.now(UTC)).removed == 1
    assert [path.name for path in folder.glob("*.part")] == ["b.part"]


def test_an_issued_document_whose_file_is_gone_is_told_at_every_look(documents: Documents, tmp_path: Path) -> None:
    lost, whole = sealed(documents, tmp_path, NOW), sealed(documents, tmp_path, NOW)
    row = documents.find(lost.document_id, None)
    (documents.blobs.folder / row.files[0].blob[:2] / row.files[0].blob).unlink()

    assert recovery.look_through(documents, NOW).missing == (lost.document_id,)
    assert recovery.look_through(documents, NOW).missing == (lost.document_id,)
    assert documents.find(whole.document_id, None).status == "issued"


def test_two_servers_may_sweep_at_once(documents: Documents) -> None:
    begun(documents)
    other = replace(documents)

    assert sorted((recovery.sweep(documents, LATER), recovery.sweep(other, LATER))) == [0, 1]
    assert actions(documents).count("aborted") == 1


def test_a_file_that_gets_its_name_while_a_sweep_looks_at_it_is_not_missed(
    documents: Documents, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = documents.blobs.folder
    folder.mkdir()
    names = ("a.part", "b.part")
    for name in names:
        (folder / name).touch()
        aged(folder / name)
    monkeypatch.setattr(Path, "glob", lambda *_: iter([folder / "gone.part", *(folder / name for name in names)]))

    assert documents.blobs.drop_parts(NOW.timestamp()) == 2
