"""The keeper signs on demand, and refuses to sign a second history."""

import os
from concurrent.futures import ThreadPoolExecutor
from multiprocessing import get_context
from pathlib import Path

import pytest
from sqlalchemy import Connection

from audit import checkpoint, log, tables
from audit import keeper as keeping
from audit.checkpoint import Checkpoint
from audit.errors import Alarm, Altered, CheckpointsMissing, Forked, LogMissing, RolledBack, WrongKey
from audit.keeper import Keeper
from tests.audit import logs


def size_of(note: str) -> int:
    return checkpoint.verify(note, [logs.VKEY]).size


def test_a_checkpoint_covers_the_whole_log_and_lies_outside_the_database(
    connection: Connection, keeper: Keeper
) -> None:
    logs_root = log.head(connection).frontier.root()
    note = keeper.cover(connection, 0)

    assert checkpoint.verify(note, [logs.VKEY]) == Checkpoint(logs.ORIGIN, 1, logs_root)
    kept = keeper.folder / "0000000000000000" / "00000000000000000001.note"
    assert kept.read_text() == note == keeper.latest()


def test_a_kept_checkpoint_that_covers_the_entry_is_used_again(connection: Connection, keeper: Keeper) -> None:
    keeper.cover(connection, 0)
    logs.grown(connection, 5)
    note = keeper.cover(connection, 2)

    assert size_of(note) == 5  # one for all who wait
    logs.grown(connection, 7)
    assert keeper.cover(connection, 4) == note
    assert size_of(keeper.cover(connection, 5)) == 7


def test_checkpoints_are_grouped_and_the_newest_is_found(
    connection: Connection, keeper: Keeper, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("audit.keeper.PER_FOLDER", 10)
    for size in (1, 9, 10, 11, 25, 257, 300):
        logs.grown(connection, size)
        assert size_of(keeper.cover(connection, size - 1)) == size
    (keeper.folder / f"{31:016d}").mkdir()  # what a crash may leave
    (keeper.folder / f"{30:016d}" / ".x.note.unfinished").write_text("half a no")

    assert size_of(keeper.latest() or "") == 300


def test_a_new_keeper_goes_on_where_the_last_one_stopped(connection: Connection, keeper: Keeper) -> None:
    keeper.cover(connection, 0)
    logs.grown(connection, 3)

    assert size_of(Keeper(keeper.folder, logs.KEY, logs.ORIGIN).cover(connection, 2)) == 3


def test_a_rolled_back_database_is_not_signed(connection: Connection, keeper: Keeper, tmp_path: Path) -> None:
    keeper.cover(connection, 0)
    logs.grown(connection, 4)
    keeper.cover(connection, 3)
    with logs.database() as restored:  # yesterday's backup
        logs.create(restored)
        logs.grown(restored, 2)
        with pytest.raises(RolledBack, match="4 entries is kept, the log has 2"):
            keeper.cover(restored, 1)

    assert len(list(keeper.folder.rglob("*.note"))) == 2


def test_a_database_that_grew_another_way_is_not_signed(connection: Connection, keeper: Keeper) -> None:
    keeper.cover(connection, 0)
    logs.grown(connection, 4)
    keeper.cover(connection, 3)
    with logs.database() as other:
        logs.create(other)
        log.append(other, logs.intended(1, "something else"))
        logs.grown(other, 9)
        for seq in (1, 8):  # neither the kept note nor a new one
            with pytest.raises(Forked, match="root at 4"):
                keeper.cover(other, seq)

    assert size_of(keeper.latest() or "") == 4


@logs.on_sqlite
@pytest.mark.parametrize(
    "change",
    [
        pytest.param("UPDATE entry SET hash = randomblob(32) WHERE seq = 2", id="a hash under the kept root"),
        pytest.param("UPDATE entry SET hash = randomblob(32) WHERE seq = 5", id="a hash that came later"),
        pytest.param("UPDATE entry SET leaf = CAST(replace(leaf, '-23', '-22') AS BLOB) WHERE seq = 5", id="bytes"),
        pytest.param("UPDATE entry SET leaf = 'text' WHERE seq = 5", id="text where bytes belong"),
        pytest.param("UPDATE entry SET hash = 'text' WHERE seq = 2", id="text where a hash belongs"),
        pytest.param("DELETE FROM entry WHERE seq = 0", id="a missing beginning"),
        pytest.param("UPDATE entry SET leaf = x'7b7d' WHERE seq = 0", id="another beginning"),
        pytest.param("UPDATE head SET frontier = 'text'", id="text where a frontier belongs"),
        pytest.param("UPDATE entry SET prev = randomblob(32) WHERE seq = 5", id="a link's column"),
        pytest.param("UPDATE entry SET action = 'issued' WHERE seq = 5", id="a column"),
        pytest.param("DELETE FROM entry WHERE seq = 5", id="a missing entry"),
        pytest.param("DELETE FROM entry WHERE seq = 2", id="a missing entry under the kept root"),
        pytest.param("UPDATE head SET size = 5", id="a smaller head"),
        pytest.param("UPDATE head SET last_hash = randomblob(32)", id="another last hash"),
        pytest.param("UPDATE head SET frontier = randomblob(length(frontier))", id="another frontier"),
        pytest.param("UPDATE head SET size = 'seven'", id="text where a size belongs"),
        pytest.param("UPDATE entry SET ts = CAST(x'ff' AS TEXT) WHERE seq = 5", id="text that is none"),
        pytest.param("UPDATE entry SET leaf = CAST(replace(leaf, '-23', '-22') AS BLOB) WHERE seq = 3", id="old bytes"),
        pytest.param("UPDATE entry SET org = 'other' WHERE seq = 3", id="an old column"),
        pytest.param("DELETE FROM head", id="no head"),
        pytest.param("DROP TABLE head", id="no table of heads"),
        pytest.param("DROP TABLE entry", id="no table of entries"),
    ],
)
def test_an_altered_log_is_not_signed(connection: Connection, keeper: Keeper, change: str) -> None:
    keeper.cover(connection, 0)
    logs.grown(connection, 4)
    keeper.cover(connection, 3)
    logs.grown(connection, 7)
    logs.unprotected(connection, change)

    with pytest.raises(Alarm):
        keeper.cover(connection, 6)
    assert size_of(keeper.latest() or "") == 4


@logs.on_sqlite
def test_an_altered_entry_at_the_end_of_a_full_row_is_not_built_upon(connection: Connection, keeper: Keeper) -> None:
    """The kept root of 256 entries comes from one subtree row; the entry to link to is proven under it all the same."""
    keeper.cover(connection, 0)
    logs.grown(connection, 256)
    keeper.cover(connection, 255)
    logs.grown(connection, 257)
    logs.unprotected(connection, "UPDATE entry SET hash = randomblob(32) WHERE seq = 255")

    with pytest.raises(Alarm):
        keeper.cover(connection, 256)


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        pytest.param({"remark": "x"}, "none that an append writes", id="an unknown field"),
        pytest.param({"number": "张三"}, "none that an append writes", id="a name"),
        pytest.param({"action": "deleted"}, "none that an append writes", id="another action"),
        pytest.param({"ts": "2026-11-23T20:15:32.000000Z"}, "earlier than the one before", id="an earlier time"),
    ],
)
def test_an_entry_that_the_log_would_not_have_taken_is_not_signed(
    connection: Connection, keeper: Keeper, monkeypatch: pytest.MonkeyPatch, changes: dict[str, str], why: str
) -> None:
    """Somebody appended past the log's questions: chained, with head and columns that fit."""
    logs.grown(connection, 2)
    keeper.begin(connection)
    log.append(connection, logs.intended(2, "two"))
    with monkeypatch.context() as unasked:
        unasked.setattr(log, "_not_earlier", lambda _ts, payload: payload)
        unasked.setattr(log, "_follows", lambda *_: None)
        unasked.setattr("audit.fields.check", lambda _: None)
        log.append(connection, logs.intended(3, "three", **changes))

    with pytest.raises(Altered, match=why):
        keeper.cover(connection, 3)
    assert size_of(keeper.latest() or "") == 2


def test_the_first_entry_to_cover_is_not_earlier_than_the_last_signed_one(
    connection: Connection, keeper: Keeper, monkeypatch: pytest.MonkeyPatch
) -> None:
    logs.grown(connection, 3)
    keeper.begin(connection)
    with monkeypatch.context() as unasked:
        unasked.setattr(log, "_not_earlier", lambda _ts, payload: payload)
        log.append(connection, logs.intended(1, "three"))

    with pytest.raises(Altered, match="entry 3 is earlier"):
        keeper.cover(connection, 3)


def test_an_empty_folder_beside_a_log_that_has_grown_is_an_alarm(connection: Connection, keeper: Keeper) -> None:
    logs.grown(connection, 3)
    with pytest.raises(CheckpointsMissing):
        keeper.cover(connection, 2)

    assert size_of(keeper.begin(connection)) == 3  # a human said so
    with pytest.raises(Forked, match="already"):
        keeper.begin(connection)


def test_a_key_that_the_log_does_not_name_signs_nothing(connection: Connection, tmp_path: Path) -> None:
    with pytest.raises(WrongKey):
        Keeper(tmp_path, logs.OTHER_KEY, logs.ORIGIN).cover(connection, 0)
    assert list(tmp_path.rglob("*.note")) == []


def test_a_second_key_signs_once_the_log_names_it(connection: Connection, keeper: Keeper) -> None:
    keeper.cover(connection, 0)
    second = checkpoint.vkey(logs.ORIGIN, logs.OTHER_KEY)
    log.append(connection, logs.names_key(1, "log.key_added", second, logs.KEY))
    log.append(connection, logs.names_key(2, "log.key_retired", logs.VKEY, logs.KEY))
    connection.commit()

    with pytest.raises(WrongKey):
        keeper.cover(connection, 2)
    note = Keeper(keeper.folder, logs.OTHER_KEY, logs.ORIGIN).cover(connection, 2)
    assert checkpoint.verify(note, [second]).size == 3


def test_an_entry_that_is_not_there_is_not_covered(connection: Connection, keeper: Keeper) -> None:
    keeper.cover(connection, 0)
    with pytest.raises(RolledBack, match="not in the log"):
        keeper.cover(connection, 1)


def test_without_a_log_nothing_is_signed(keeper: Keeper) -> None:
    with logs.database() as connection:
        tables.metadata.create_all(connection)
        with pytest.raises(LogMissing):
            keeper.cover(connection, 0)


@pytest.mark.parametrize("damage", ["", "nonsense", "half", "\udcff", "9" * 2_000_000])
def test_a_damaged_newest_checkpoint_is_not_passed_over(connection: Connection, keeper: Keeper, damage: str) -> None:
    note = keeper.cover(connection, 0)
    logs.grown(connection, 3)
    keeper.cover(connection, 2)
    newest = keeper.folder / "0000000000000000" / "00000000000000000003.note"
    newest.write_text(note[:100] if damage == "half" else damage, errors="surrogateescape")

    with pytest.raises(Altered, match="a kept checkpoint cannot be read"):
        keeper.cover(connection, 2)
    newest.unlink()
    newest.mkdir()
    with pytest.raises(Altered, match="not a file"):
        keeper.cover(connection, 2)


def test_a_checkpoint_under_another_size_or_signature_is_not_believed(connection: Connection, keeper: Keeper) -> None:
    note = keeper.cover(connection, 0)
    logs.grown(connection, 3)
    newest = keeper.folder / "0000000000000000" / "00000000000000000003.note"
    forged = checkpoint.sign(Checkpoint(logs.ORIGIN, 3, log.root(connection, 3)), logs.OTHER_KEY)
    for content in (note, forged):
        newest.write_text(content)
        with pytest.raises(Altered):
            keeper.cover(connection, 2)


def test_the_same_size_with_another_root_is_an_alarm_and_the_first_stays(tmp_path: Path) -> None:
    first = Checkpoint(logs.ORIGIN, 5, b"1" * 32)
    second = Checkpoint(logs.ORIGIN, 5, b"2" * 32)
    keeping._publish(tmp_path, first, checkpoint.sign(first, logs.KEY))
    keeping._publish(tmp_path, first, checkpoint.sign(first, logs.KEY))
    with pytest.raises(Forked, match="another root is already signed"):
        keeping._publish(tmp_path, second, checkpoint.sign(second, logs.KEY))

    assert [path.read_text() for path in tmp_path.rglob("*") if path.is_file()] == [checkpoint.sign(first, logs.KEY)]


@pytest.mark.parametrize("call", ["os.fsync", "pathlib.Path.hardlink_to"])
def test_a_checkpoint_that_cannot_be_published_leaves_nothing_behind(
    connection: Connection, keeper: Keeper, monkeypatch: pytest.MonkeyPatch, call: str
) -> None:
    (keeper.folder / f"{0:016d}").mkdir()

    def full(*_: object) -> None:
        raise OSError(28, "no space left")

    with monkeypatch.context() as failing, pytest.raises(OSError, match="no space"):
        failing.setattr(call, full)
        keeper.cover(connection, 0)

    assert [path for path in keeper.folder.rglob("*") if path.is_file()] == []
    assert size_of(keeper.cover(connection, 0)) == 1


def test_a_name_that_may_not_be_on_disk_is_forced_there_before_the_checkpoint_is_handed_out(
    connection: Connection, keeper: Keeper, monkeypatch: pytest.MonkeyPatch
) -> None:
    forced: list[Path] = []
    monkeypatch.setattr(os, "fsync", lambda handle: forced.append(Path(f"/proc/self/fd/{handle}").readlink()))
    with monkeypatch.context() as dying, pytest.raises(OSError, match="right after the name was given"):
        dying.setattr(Keeper, "_settle", lambda *_: (_ for _ in ()).throw(OSError("right after the name was given")))
        keeper.cover(connection, 0)
    forced.clear()

    notes = [keeper.cover(connection, 0) for _ in range(2)]

    assert [size_of(note) for note in notes] == [1, 1]
    assert forced == [keeper.folder / f"{0:016d}", keeper.folder]  # once: what is on disk stays there


def test_a_damaged_checkpoint_of_the_same_size_is_not_taken_for_ours(tmp_path: Path) -> None:
    new = Checkpoint(logs.ORIGIN, 5, b"1" * 32)
    keeping._publish(tmp_path, new, checkpoint.sign(new, logs.KEY))
    keeping.path_of(tmp_path, 5).write_text("nonsense")
    with pytest.raises(Altered):
        keeping._publish(tmp_path, new, checkpoint.sign(new, logs.KEY))


def cover_in_a_process(database: Path, folder: Path, seq: int) -> str:
    with logs.database(database) as connection:
        return Keeper(folder, logs.KEY, logs.ORIGIN).cover(connection, seq)


def test_processes_and_threads_that_sign_at_once_agree(tmp_path: Path) -> None:
    database, folder = tmp_path / "log.db", tmp_path / "checkpoints"
    with logs.database(database) as connection:
        logs.create(connection)
        connection.commit()
        Keeper(folder, logs.KEY, logs.ORIGIN).cover(connection, 0)
        logs.grown(connection, 40)
    calls = [(database, folder, seq % 40) for seq in range(8)]
    with get_context("spawn").Pool(2) as pool, ThreadPoolExecutor(4) as threads:
        processes = pool.starmap_async(cover_in_a_process, calls)
        notes = {*threads.map(lambda call: cover_in_a_process(*call), calls), *processes.get(60)}

    assert {size_of(note) for note in notes} <= {1, 40}
    assert sorted(path.name for path in folder.rglob("*") if path.is_file()) == [
        f"{size:020d}.note" for size in (1, 40)
    ]
