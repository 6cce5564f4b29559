"""The log in a database: one order, nothing changed, nothing after the fact."""

from pathlib import Path

import pytest
from sqlalchemy import Connection, delete, text, update
from sqlalchemy.exc import IntegrityError, OperationalError

from audit import checkpoint, entry, log, tables, tree
from audit.errors import Alarm, Altered, EntryRefused, HeadMoved, LogExists, LogMissing
from tests.audit import logs
from tests.audit.test_tree import reference_path, reference_root


def test_each_entry_links_to_the_one_before_and_the_head_to_the_last(story: Connection) -> None:
    rows = log.read(story)
    parsed = [entry.parse(row.leaf) for row in rows]

    assert [found.seq for found in parsed] == list(range(12))
    assert [found.prev for found in parsed[1:]] == [row.hash for row in rows[:-1]]
    assert all(row.hash == tree.leaf_hash(row.leaf) and row.agrees for row in rows)
    assert log.head(story).last_hash == rows[-1].hash
    assert log.head(story).frontier.root() == reference_root([row.hash for row in rows])


def test_what_was_appended_is_told_and_stands_there(connection: Connection) -> None:
    done = log.append(connection, logs.intended(1, "one"))

    stored = log.read(connection, done.seq)[0]
    assert (done.seq, done.ts) == (1, "2026-11-23T20:15:31.123456Z")
    assert done.entry_hash == stored.hash.hex()
    assert entry.parse(stored.leaf).payload == logs.intended(1, "one")


def test_a_log_is_created_once() -> None:
    with logs.database() as connection:
        logs.create(connection)
        with pytest.raises(LogExists):
            logs.create(connection)
        connection.execute(delete(tables.heads))
        with pytest.raises(LogExists):  # the head was removed, the entries are still there
            logs.create(connection)


def test_without_a_log_nothing_is_appended() -> None:
    with logs.database() as connection:
        tables.metadata.create_all(connection)
        with pytest.raises(LogMissing):
            log.append(connection, logs.intended(1, "one"))


def test_only_entry_0_creates_the_log(connection: Connection) -> None:
    beginning = entry.parse(log.read(connection, 0)[0].leaf).payload
    with pytest.raises(EntryRefused, match="entry 0"):
        log.append(connection, beginning)


def test_a_run_is_the_same_as_its_entries_one_by_one(connection: Connection) -> None:
    payloads = logs.story()
    done = log.append_run(connection, payloads)
    with logs.database() as other:
        logs.create(other)
        singly = [log.append(other, payload) for payload in payloads]
        assert log.head(connection) == log.head(other)
        assert [row.leaf for row in log.read(connection)] == [row.leaf for row in log.read(other)]
    assert done == singly


def test_a_run_of_none_appends_nothing(connection: Connection) -> None:
    assert log.append_run(connection, []) == []
    assert log.head(connection).size == 1


def test_a_run_is_written_whole_or_not_at_all(connection: Connection) -> None:
    twice = [logs.intended(1, "one"), logs.issued(2, "one", 1), logs.issued(3, "one", 1)]
    with pytest.raises(EntryRefused, match="has its outcome"):
        log.append_run(connection, twice)
    with pytest.raises(EntryRefused, match="not an intent"):
        log.append_run(connection, [logs.intended(1, "one"), logs.issued(2, "two", 1)])
    with pytest.raises(EntryRefused, match="not an intent"):
        log.append_run(connection, [logs.issued(1, "one", 1), logs.intended(2, "one")])

    assert len(log.read(connection)) == log.head(connection).size == 1


def test_a_key_is_not_named_in_the_middle_of_a_run(connection: Connection) -> None:
    other = checkpoint.vkey(logs.ORIGIN, logs.OTHER_KEY)
    key = logs.names_key(2, "log.key_added", other, logs.KEY)
    with pytest.raises(EntryRefused, match="first entry of a transaction"):
        log.append_run(connection, [logs.intended(1, "one"), key])


def test_time_in_a_run_never_runs_backwards(connection: Connection) -> None:
    done = log.append_run(connection, [logs.intended(5, "one"), logs.intended(3, "two")])

    assert done[0].ts == done[1].ts


def test_two_logs_of_different_origin_share_no_hash() -> None:
    hashes = []
    for origin in ("a.example/log", "b.example/log"):
        with logs.database() as connection:
            hashes.append(logs.create(connection, checkpoint.vkey(origin, logs.KEY), origin).entry_hash)
    assert hashes[0] != hashes[1]


def test_a_clock_that_runs_backwards_is_clamped_and_the_entry_says_so(connection: Connection) -> None:
    log.append(connection, logs.intended(10, "one"))
    done = log.append(connection, logs.intended(5, "two"))
    after = log.append(connection, logs.intended(11, "three"))

    payloads = [entry.parse(row.leaf).payload for row in log.read(connection, 1)]
    assert done.ts == payloads[0]["ts"] == payloads[1]["ts"]
    assert [payload.get("ts_clamped") for payload in payloads] == [None, True, None]
    assert after.ts > done.ts


@pytest.mark.parametrize("column", ["9999-12-31T23:59:59.999999Z", "0001-01-01T00:00:00.000000Z", 5, b"\xff"])
def test_the_last_time_is_the_one_in_the_bytes_whatever_the_column_says(connection: Connection, column: object) -> None:
    logs.unprotected(connection)
    connection.execute(text("UPDATE entry SET ts = :ts WHERE seq = 0"), {"ts": column})

    assert log.append(connection, logs.intended(1, "one")).ts == "2026-11-23T20:15:31.123456Z"
    assert log.append(connection, logs.intended(0, "two")).ts == "2026-11-23T20:15:31.123456Z"


@logs.on_sqlite
@pytest.mark.parametrize(
    "change",
    [
        pytest.param("UPDATE entry SET leaf = CAST(replace(leaf, '2026', '9999') AS BLOB) WHERE seq = 11", id="a time"),
        pytest.param("UPDATE entry SET leaf = 'text' WHERE seq = 11", id="text"),
        pytest.param("UPDATE entry SET leaf = 7 WHERE seq = 11", id="a number"),
        pytest.param("DELETE FROM entry WHERE seq = 11", id="nothing"),
        pytest.param("UPDATE head SET last_hash = randomblob(32)", id="a head that names another"),
    ],
)
def test_nothing_follows_an_entry_that_is_not_the_one_the_head_names(story: Connection, change: str) -> None:
    logs.unprotected(story, change)
    with pytest.raises(Altered):
        log.append(story, logs.intended(12, "six"))


def test_nothing_follows_an_entry_that_no_append_wrote(story: Connection) -> None:
    """The head was made to fit, too; only the fields give it away."""
    leaf = log.read(story, 11)[0].leaf.replace(b'"ts":"2026-11-23T', b'"ts":"later     T')
    changed = {"leaf": leaf, "hash": tree.leaf_hash(leaf)}
    logs.unprotected(story)
    story.execute(update(tables.entries).where(tables.entries.c.seq == 11).values(changed))
    story.execute(update(tables.heads).values(last_hash=changed["hash"]))
    with pytest.raises(Altered, match="none that was appended"):
        log.append(story, logs.intended(12, "six"))


@logs.on_sqlite
@pytest.mark.parametrize(
    "change",
    [
        "UPDATE head SET size = 'twelve'",
        "UPDATE head SET size = 1.5",
        "UPDATE head SET size = -1",
        "UPDATE head SET last_hash = 5",
        "UPDATE head SET frontier = 5",
        "DROP TABLE head",
        "DROP TABLE entry",
        "ALTER TABLE entry RENAME COLUMN prev TO before",
        "UPDATE entry SET hash = CAST(x'ff' AS TEXT) WHERE seq = 11",
        "UPDATE entry SET action = 'log.key_added' WHERE seq = 5",
        "UPDATE entry SET leaf = 7 WHERE seq = 0",
    ],
)
def test_a_database_that_no_append_left_is_an_alarm_to_those_who_read(story: Connection, change: str) -> None:
    logs.unprotected(story, change)
    with pytest.raises(Alarm):
        log.head(story)
        log.read(story)
        log.key_history(story)


def test_a_missing_table_is_an_alarm_to_the_writer(connection: Connection) -> None:
    logs.grown(connection, 255)
    logs.unprotected(connection, "DROP TABLE subtree")
    with pytest.raises(Altered, match="a table of the log"):
        logs.grown(connection, 256)


def test_a_log_without_a_first_key_takes_no_second(connection: Connection) -> None:
    logs.unprotected(connection, "UPDATE entry SET action = 'intended' WHERE seq = 0")
    second = checkpoint.vkey(logs.ORIGIN, logs.OTHER_KEY)
    with pytest.raises(Altered, match="first key"):
        log.append(connection, logs.names_key(1, "log.key_added", second, logs.KEY))


def test_a_busy_database_is_busy_and_no_alarm(tmp_path: Path) -> None:
    with logs.database(tmp_path / "log.db") as connection:
        logs.create(connection)
        connection.commit()
        with logs.database(tmp_path / "log.db") as other:
            other.execute(text("PRAGMA busy_timeout = 0"))
            connection.execute(text("BEGIN EXCLUSIVE"))
            with pytest.raises(OperationalError, match="locked"):
                log.head(other)


def test_a_caller_cannot_claim_that_a_time_was_clamped(connection: Connection) -> None:
    log.append(connection, {**logs.intended(1, "one"), "ts_clamped": True})

    assert "ts_clamped" not in entry.parse(log.read(connection, 1)[0].leaf).payload


@pytest.mark.parametrize(
    ("intent", "document"),
    [
        pytest.param(2, "five", id="of another document"),
        pytest.param(1, "one", id="no intent"),
        pytest.param(99, "one", id="later"),
    ],
)
def test_an_outcome_without_its_intent_is_refused(story: Connection, intent: int, document: str) -> None:
    with pytest.raises(EntryRefused, match="not an intent of this document"):
        log.append(story, logs.issued(12, document, intent))


@logs.on_sqlite
@pytest.mark.parametrize(
    "change",
    [
        pytest.param("UPDATE entry SET document = :five, case_id = :case WHERE seq = 6", id="the columns of another"),
        pytest.param("UPDATE entry SET leaf = CAST(replace(leaf, :three, :five) AS BLOB) WHERE seq = 6", id="bytes"),
        pytest.param("UPDATE entry SET leaf = x'7b7d' WHERE seq = 6", id="no entry"),
        pytest.param("DELETE FROM entry WHERE seq = 6", id="nothing"),
    ],
)
def test_an_intent_is_what_its_bytes_say(story: Connection, change: str) -> None:
    logs.unprotected(story, "DELETE FROM entry WHERE seq = 7")
    words = {"five": "document five", "three": "document three", "case": "case five"}
    story.execute(text(change), {name: logs.uuid_of(word) for name, word in words.items() if f":{name}" in change})
    with pytest.raises(Altered, match="entry 6"):
        log.append(story, logs.issued(12, "five", 6))


def test_an_intent_has_one_outcome(story: Connection) -> None:
    log.append(story, logs.issued(12, "five", 11))
    for late in (logs.issued(13, "five", 11), logs.outcome(13, "aborted", "five", 11, reason="lease_expired")):
        with pytest.raises(EntryRefused, match="has its outcome"):
            log.append(story, late)


@logs.on_sqlite
def test_the_database_itself_refuses_a_second_outcome_and_a_second_successor(story: Connection) -> None:
    row = story.execute(text("SELECT * FROM entry WHERE seq = 3")).mappings().one()
    for unique in ("intent", "prev", "hash"):
        other = {**row, "seq": 99, "hash": b"h" * 32, "prev": b"p" * 32, "intent": 77, unique: row[unique]}
        with pytest.raises(IntegrityError):
            story.execute(tables.entries.insert().values(other))


@logs.on_sqlite
@pytest.mark.parametrize(
    "change",
    [
        "UPDATE entry SET leaf = x'00' WHERE seq = 2",
        "UPDATE entry SET action = 'issued' WHERE seq = 2",
        "DELETE FROM entry WHERE seq = 2",
        "DELETE FROM entry",
        "UPDATE subtree SET hash = x'00'",
        "DELETE FROM subtree",
    ],
)
def test_old_rows_are_neither_changed_nor_deleted(connection: Connection, change: str) -> None:
    logs.grown(connection, 257)
    with pytest.raises(IntegrityError, match="append-only"):
        connection.execute(text(change))


@logs.on_sqlite
def test_a_migration_can_make_the_triggers_again(connection: Connection) -> None:
    for name in ("entry_is_never_changed", "entry_is_never_deleted"):
        connection.execute(text(f"DROP TRIGGER {name}"))
    tables.protect(connection)
    tables.protect(connection)

    with pytest.raises(IntegrityError, match="append-only"):
        connection.execute(text("DELETE FROM entry"))


def test_an_append_that_is_rolled_back_leaves_nothing(connection: Connection) -> None:
    log.append(connection, logs.intended(1, "one"))
    connection.rollback()

    assert log.head(connection).size == len(log.read(connection)) == 1
    assert log.append(connection, logs.intended(2, "two")).seq == 1


def test_a_writer_without_the_lock_is_turned_away(connection: Connection, monkeypatch: pytest.MonkeyPatch) -> None:
    stale = log.head(connection)
    log.append(connection, logs.intended(1, "one"))
    monkeypatch.setattr(log, "_end", lambda _: (stale, ""))

    with pytest.raises(HeadMoved):
        log.append(connection, logs.intended(2, "two"))


def test_a_head_that_moves_during_the_append_is_noticed(
    connection: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    current = log.head(connection)
    connection.execute(update(tables.heads).values(size=7))
    monkeypatch.setattr(log, "_end", lambda _: (current, ""))

    with pytest.raises(HeadMoved, match="head moved"):
        log.append(connection, logs.intended(1, "one"))


def test_old_roots_and_proofs_come_from_the_rows(connection: Connection) -> None:
    logs.grown(connection, 600)
    hashes = [row.hash for row in log.read(connection, 0, 1000)]

    assert connection.execute(text("SELECT count(*) FROM subtree")).scalar() == 2
    for size in (0, 1, 255, 256, 257, 511, 512, 513, 600):
        assert log.root(connection, size) == reference_root(hashes[:size])
    for seq, size in ((0, 1), (0, 600), (255, 256), (256, 257), (511, 600), (599, 600), (300, 513)):
        assert log.inclusion(connection, seq, size) == reference_path(seq, hashes[:size])
    with pytest.raises(Altered, match="missing"):
        log.root(connection, 601)
    with pytest.raises(Altered, match="missing"):
        log.inclusion(connection, 5, 601)


def test_entries_are_read_in_pages_and_by_what_they_are_about(story: Connection) -> None:
    assert [row.seq for row in log.read(story, 4, 3)] == [4, 5, 6]
    assert log.read(story, 12) == []
    assert [row.seq for row in log.read(story, document=logs.uuid_of("document two"))] == [4, 5]
    assert [row.seq for row in log.read(story, case=logs.uuid_of("case one"), action="issued")] == [3]
    assert [row.seq for row in log.read(story, org="")] == [0, 1, 10]


@logs.on_sqlite
@pytest.mark.parametrize(
    "change",
    [
        "UPDATE entry SET action = 'issued' WHERE seq = 4",
        "UPDATE entry SET org = 'other' WHERE seq = 4",
        "UPDATE entry SET document = NULL WHERE seq = 4",
        "UPDATE entry SET hash = x'00' WHERE seq = 4",
        "UPDATE entry SET hash = 7 WHERE seq = 4",
        "UPDATE entry SET leaf = 'text where bytes belong' WHERE seq = 4",
        "UPDATE entry SET leaf = CAST(replace(leaf, 'cn', 'us') AS BLOB) WHERE seq = 4",
        "UPDATE entry SET intent = 1 WHERE seq = 4",
    ],
)
def test_a_column_that_is_not_what_the_bytes_say_is_noticed(story: Connection, change: str) -> None:
    story.execute(text("DROP TRIGGER entry_is_never_changed"))
    story.execute(text(change))

    assert [row.seq for row in log.read(story) if not row.agrees] == [4]


def test_a_log_in_a_file_goes_on_after_it_was_closed(tmp_path: Path) -> None:
    with logs.database(tmp_path / "log.db") as connection:
        logs.with_story(connection)
        before = log.head(connection)
    with logs.database(tmp_path / "log.db") as connection:
        assert log.head(connection) == before
        assert log.append(connection, logs.issued(12, "five", 11)).seq == 12
