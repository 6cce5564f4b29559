"""Keys of the log: named by entries, brought in and retired only by a key in force."""

from typing import Any

import pytest
from sqlalchemy import Connection, text

from audit import checkpoint, entry, keys, log
from audit.errors import Altered, BadNote, EntryRefused
from audit.keeper import Keeper
from audit.keys import LogKey
from tests.audit import logs

SECOND = checkpoint.vkey(logs.ORIGIN, logs.OTHER_KEY)


def test_the_first_key_is_the_one_of_entry_0(connection: Connection) -> None:
    assert log.key_history(connection) == [LogKey(logs.VKEY, 1)]


def test_keys_overlap_and_are_retired(connection: Connection) -> None:
    log.append(connection, logs.names_key(1, "log.key_added", SECOND, logs.KEY))
    log.append(connection, logs.names_key(2, "log.key_retired", logs.VKEY, logs.OTHER_KEY))

    assert log.key_history(connection) == [LogKey(logs.VKEY, 1, 2), LogKey(SECOND, 2)]
    assert [log.log_keys(connection, size) for size in (1, 2, 3)] == [[logs.VKEY], [logs.VKEY, SECOND], [SECOND]]


@pytest.mark.parametrize(
    "payload",
    [
        pytest.param(logs.names_key(1, "log.key_added", SECOND, logs.OTHER_KEY), id="by itself"),
        pytest.param(logs.names_key(1, "log.key_retired", logs.VKEY, logs.OTHER_KEY), id="by a stranger"),
        pytest.param(logs.names_key(1, "log.key_added", logs.VKEY, logs.KEY), id="a key twice"),
        pytest.param(logs.names_key(1, "log.key_retired", SECOND, logs.KEY), id="a key that was never there"),
        pytest.param(
            logs.names_key(1, "log.key_added", SECOND, logs.KEY) | {"action": "log.key_retired"},
            id="for another action",
        ),
        pytest.param(
            logs.names_key(1, "log.key_added", SECOND, logs.KEY) | {"endorsement": "A" * 86 + "=="},
            id="a wrong signature",
        ),
        pytest.param(
            logs.names_key(1, "log.key_added", SECOND, logs.KEY) | {"endorsement": "A" * 85 + "B=="}, id="not base64"
        ),
        pytest.param(
            logs.names_key(1, "log.key_added", checkpoint.vkey("other.example", logs.OTHER_KEY), logs.KEY),
            id="of another log",
        ),
    ],
)
def test_a_key_that_no_key_in_force_endorsed_is_not_named(connection: Connection, payload: dict[str, Any]) -> None:
    with pytest.raises(EntryRefused, match="log_vkey"):
        log.append(connection, payload)
    assert log.head(connection).size == 1


def test_a_retired_key_brings_nothing_in_again(connection: Connection) -> None:
    log.append(connection, logs.names_key(1, "log.key_added", SECOND, logs.KEY))
    log.append(connection, logs.names_key(2, "log.key_retired", logs.VKEY, logs.OTHER_KEY))
    for again in ("log.key_added", "log.key_retired"):
        with pytest.raises(EntryRefused):
            log.append(connection, logs.names_key(3, again, logs.VKEY, logs.OTHER_KEY))
    with pytest.raises(EntryRefused, match="in force"):
        log.append(connection, logs.names_key(3, "log.key_retired", SECOND, logs.KEY))


@logs.on_sqlite
def test_a_key_written_into_the_database_is_an_alarm_to_the_keeper(connection: Connection, keeper: Keeper) -> None:
    keeper.cover(connection, 0)
    logs.grown(connection, 2)
    payload = logs.names_key(2, "log.key_added", SECOND, logs.KEY)
    log.append(connection, payload)
    connection.execute(text("DROP TRIGGER entry_is_never_changed"))
    stranger = logs.names_key(2, "log.key_added", SECOND, logs.OTHER_KEY)["endorsement"]
    changed = text("UPDATE entry SET leaf = CAST(replace(leaf, :old, :new) AS BLOB) WHERE seq = 2")
    connection.execute(changed, {"old": payload["endorsement"], "new": stranger})

    with pytest.raises(Altered, match="entry 2 names a key"):
        keeper.cover(connection, 2)
    with pytest.raises(Altered):
        log.log_keys(connection, 3)


def test_only_entry_0_brings_in_a_key_by_creating_the_log(connection: Connection) -> None:
    """Later, an entry of that name would bring in a key that nobody endorsed."""
    beginning = entry.parse(log.read(connection)[0].leaf).payload | {"log_vkey": SECOND}
    with pytest.raises(BadNote, match="entry 0"):
        keys.follow([LogKey(logs.VKEY, 1)], logs.ORIGIN, 1, beginning)
    with pytest.raises(BadNote, match="entry 0"):
        keys.follow([], logs.ORIGIN, 0, logs.names_key(0, "log.key_added", SECOND, logs.KEY))


def test_a_second_beginning_in_the_database_names_no_key(
    connection: Connection, keeper: Keeper, monkeypatch: pytest.MonkeyPatch
) -> None:
    keeper.cover(connection, 0)
    beginning = entry.parse(log.read(connection)[0].leaf).payload | {"log_vkey": SECOND}
    with monkeypatch.context() as unasked:
        unasked.setattr(log, "_follows", lambda *_: None)
        log.append(connection, beginning)

    with pytest.raises(Altered, match="entry 1 names a key"):
        log.log_keys(connection, 2)
    with pytest.raises(Altered, match="entry 1 names a key"):
        Keeper(keeper.folder, logs.OTHER_KEY, logs.ORIGIN).cover(connection, 1)
