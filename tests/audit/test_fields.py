"""What may stand in an entry: the tables say it, and everything else is refused at append."""

import re
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection

from audit import fields, log, verify
from audit.errors import AuditError
from tests.audit import logs

FORMAT = (Path(log.__file__).parent / "FORMAT.md").read_text()


def names(form: Any, path: str = "") -> set[str]:
    """Every place in a table, with its mark of absence."""
    if isinstance(form, dict):
        return {place for name, inner in form.items() for place in {f"{path}.{name}"} | names(inner, f"{path}.{name}")}
    return names(form[0], f"{path}[]") if isinstance(form, list) else set()


def test_the_verifiers_tables_have_the_writers_actions_and_fields() -> None:
    assert names(verify._COMMON) == names(fields.COMMON)
    assert verify._ACTIONS.keys() == fields.ACTIONS.keys()
    for action in fields.ACTIONS:
        assert names(verify._ACTIONS[action]) == names(fields.ACTIONS[action]), action


def test_the_format_describes_each_action_and_each_field() -> None:
    described = {word for span in re.findall(r"`([^`]+)`", FORMAT) for word in re.findall(r"[a-z0-9_.]+\??", span)}
    tables = [fields.COMMON, *fields.ACTIONS.values()]

    assert fields.ACTIONS.keys() <= described
    assert {re.split(r"[.\]]", place)[-1] for table in tables for place in names(table)} <= described


def test_an_entry_begins_with_its_action() -> None:
    assert {min(fields.COMMON | form) for form in fields.ACTIONS.values()} == {"action"}


@pytest.mark.parametrize(
    "changes",
    [
        pytest.param({"action": "deleted"}, id="an unknown action"),
        pytest.param({"action": None}, id="no action"),
        pytest.param({"remark": "x"}, id="an unknown field"),
        pytest.param({"pack": {**logs.PACK, "note": "x"}}, id="an unknown field further in"),
        pytest.param({"pack": {"id": "cn"}}, id="missing fields further in"),
        pytest.param({"pack": "cn"}, id="text where an object belongs"),
        pytest.param({"on_given": 0}, id="a number where a flag belongs"),
        pytest.param({"v": True}, id="a flag where a number belongs"),
        pytest.param({"v": 2}, id="another version"),
        pytest.param({"v": 1.0}, id="a float"),
        pytest.param({"on": "2026-02-30"}, id="a day that does not exist"),
        pytest.param({"on": "2026-11-3"}, id="a day written otherwise"),
        pytest.param({"ts": "2026-11-23T20:15:30Z"}, id="a time without microseconds"),
        pytest.param({"ts": "2026-11-23T24:15:30.000000Z"}, id="an hour that does not exist"),
        pytest.param({"ts": "2026-11-23T20:15:30.123456+08:00"}, id="a time in another zone"),
        pytest.param({"id": "3918c515-c21c-4292-af07-6db774338122"}, id="an id of another version"),
        pytest.param({"document": logs.uuid_of("x").upper()}, id="an id in capitals"),
        pytest.param({"request_mac": "ab"}, id="a short digest"),
        pytest.param({"actor_kind": "system"}, id="another kind than the actor's"),
        pytest.param({"ts_clamped": False, "ts": "?"}, id="a time that is none"),
        pytest.param({"number": "第1号\n"}, id="a newline in a label"),
        pytest.param({"number": "第1号\x00"}, id="a control character"),
        pytest.param({"number": "第1号" * 40}, id="a long label"),
        pytest.param({"type": "x" * 70_000}, id="a very long label"),
    ],
)
def test_a_payload_that_does_not_fit_its_table_is_not_appended(connection: Connection, changes: dict[str, Any]) -> None:
    with pytest.raises(AuditError):
        log.append(connection, logs.intended(1, "one", **changes))

    assert log.head(connection).size == 1


@pytest.mark.parametrize(
    "field", ["document", "ts", "clock", "actor", "org", "req", "host", "app_version", "pack", "v"]
)
def test_a_payload_that_lacks_a_field_is_not_appended(connection: Connection, field: str) -> None:
    with pytest.raises(AuditError, match=field):
        log.append(connection, logs.without(logs.intended(1, "one"), field))


PERSONAL = [
    "张三",
    "欧阳·买买提",
    "9998001234567890123",
    "9998 0012 3456 7890 123",
    "13800138000",
    "99000019491231078X",
]


@pytest.mark.parametrize("text", PERSONAL)
@pytest.mark.parametrize(
    "field", ["document", "case", "type", "number", "on", "requested_by", "run", "actor", "org", "req", "host"]
)
def test_what_looks_like_a_person_fits_no_field_of_an_intent(connection: Connection, field: str, text: str) -> None:
    with pytest.raises(AuditError) as refusal:
        log.append(connection, logs.intended(1, "one", **{field: text}))

    assert text not in str(refusal.value)


@pytest.mark.parametrize("text", PERSONAL)
@pytest.mark.parametrize(
    "place",
    [("files", "name"), ("disclosures", "id"), ("disclosures", "mac"), ("signature", "level"), ("pack", "version")],
)
def test_what_looks_like_a_person_fits_nowhere_further_in(story: Connection, place: tuple[str, str], text: str) -> None:
    payload = logs.issued(12, "five", 11)
    inner = payload[place[0]]
    changed = {**(inner[0] if isinstance(inner, list) else inner), place[1]: text}

    with pytest.raises(AuditError, match=f"{place[0]}.*{place[1]}"):
        log.append(story, {**payload, place[0]: [changed] if isinstance(inner, list) else changed})


def test_a_refusal_names_the_place_and_not_the_value(connection: Connection) -> None:
    with pytest.raises(AuditError) as refusal:
        log.append(connection, logs.intended(1, "one", pack={**logs.PACK, "version": "张三的版本"}))

    assert str(refusal.value) == "intended.pack.version: not a value that belongs here"


def test_what_is_said_in_a_text_stands_on_page_0_and_on_no_page_below(story: Connection) -> None:
    payload = logs.issued(12, "five", 11)
    [line, *_] = payload["disclosures"]
    [file, *_] = payload["files"]
    with pytest.raises(AuditError, match="page"):
        log.append(story, {**payload, "disclosures": [{**line, "page": -1}]})
    with pytest.raises(AuditError, match="segments"):
        log.append(story, {**payload, "files": [{**file, "segments": 0}]})

    text = {**file, "name": "sms.txt", "pages": 0, "segments": 3}
    log.append(story, {**payload, "files": [file, text], "disclosures": [{**line, "page": 0}]})
