"""Receipts: built only from what belongs together, verified without the log."""

import json
from pathlib import Path

import pytest
from sqlalchemy import Connection, text

from audit import checkpoint, log, verify
from audit.errors import Altered, ReceiptRefused
from audit.receipt import build, disclosure_mac
from audit.verify import Options, verify_receipt
from tests.audit import logs


def labels(receipt: bytes, folder: Path, **options: object) -> list[str]:
    path = folder / "receipt.json"
    path.write_bytes(receipt)
    return [found.label() for found in verify_receipt(path, Options(**options)).findings]  # type: ignore[arg-type]  # keywords of a tuple


def test_a_keyed_digest_is_the_one_of_the_format() -> None:
    """HMAC-SHA256 of "a", a zero byte and "b" under a key of 32 zero bytes, as openssl computes it."""
    assert disclosure_mac(bytes(32), "a", "b") == "5f4c8963bfc503bf0ef713905dd7bfdda9467de404901ca908222c4938d0f385"


def test_each_entry_has_a_receipt_under_every_checkpoint_that_covers_it(connection: Connection, tmp_path: Path) -> None:
    notes = {}
    for size in range(1, 20):
        logs.grown(connection, size)
        notes[size] = logs.note_of(connection)
    for size, note in notes.items():
        for seq in {0, size // 2, size - 1}:
            assert labels(build(connection, seq, note), tmp_path) == []


def test_a_receipt_says_what_was_issued_and_which_files_it_expects(story: Connection, tmp_path: Path) -> None:
    (tmp_path / "receipt.json").write_bytes(build(story, 3, logs.note_of(story), logs.DISCLOSURE_KEY, logs.TEXTS))
    report = verify_receipt(tmp_path / "receipt.json", Options())

    assert report.facts["document"] == logs.uuid_of("document one")
    assert logs.issued(3, "one", 2)["files"][0]["sha256"] in report.facts["files"][0]
    assert any("not presented: letter.pdf; expected sha256" in notice for notice in report.notices)
    assert "no outside reference" in verify.as_text(report)
    assert "无外部参照" in verify.as_text(report)
    assert "files                            NOT PRESENTED\n" in verify.as_text(report)
    said = "RESULT: OK / 完好; a file NOT PRESENTED (give --pdf) / 有文件未出示（--pdf）\n"
    assert verify.as_text(report).endswith(said)


def test_an_earlier_checkpoint_under_a_key_that_was_replaced_is_not_compared(tmp_path: Path) -> None:
    """A rotation of the log's key is no fraud: what a receipt cannot judge, it does not judge."""
    second = checkpoint.vkey(logs.ORIGIN, logs.OTHER_KEY)
    with logs.database() as connection:
        logs.create(connection)
        logs.grown(connection, 3)
        (tmp_path / "earlier").write_text(logs.note_of(connection))
        log.append(connection, logs.names_key(3, "log.key_added", second, logs.KEY))
        log.append(connection, logs.names_key(4, "log.key_retired", logs.VKEY, logs.OTHER_KEY))
        receipt = build(connection, 1, logs.note_of(connection, logs.OTHER_KEY))

    assert labels(receipt, tmp_path, checkpoints=[str(tmp_path / "earlier")]) == []
    report = verify_receipt(tmp_path / "receipt.json", Options(checkpoints=[str(tmp_path / "earlier")]))
    assert verify.NOT_COMPARED in report.left_out


def test_an_outside_checkpoint_of_the_same_size_must_agree(story: Connection, tmp_path: Path) -> None:
    receipt = build(story, 3, logs.note_of(story), logs.DISCLOSURE_KEY, logs.TEXTS)
    (tmp_path / "same").write_text(logs.note_of(story))
    with logs.database() as other:
        logs.create(other)
        logs.grown(other, 12)
        (tmp_path / "fork").write_text(logs.note_of(other))
        logs.grown(other, 13)
        (tmp_path / "larger").write_text(logs.note_of(other))

    assert labels(receipt, tmp_path, checkpoints=[str(tmp_path / "same")]) == []
    assert labels(receipt, tmp_path, checkpoints=[str(tmp_path / "fork")]) == ["FORKED"]
    report = verify_receipt(tmp_path / "receipt.json", Options(checkpoints=[str(tmp_path / "larger")]))
    assert (report.findings, report.outside) == ([], [])
    assert "was NOT COMPARED: it covers 13 entries, the receipt's checkpoint 12" in report.notices[-1]
    said = verify.as_text(report)
    assert "outside reference                NOT COMPARED\n" in said
    assert said.endswith("; an outside checkpoint NOT COMPARED / 外部检查点未比对\n")
    assert json.loads(verify.as_json(report))["left_out"] == [
        "a file NOT PRESENTED (give --pdf)",
        "an outside checkpoint NOT COMPARED",
    ]


def test_a_checkpoint_that_does_not_cover_the_entry_gives_no_receipt(connection: Connection) -> None:
    note = logs.note_of(connection)
    logs.grown(connection, 3)
    for seq in (1, 2, 99):
        with pytest.raises(ReceiptRefused, match="cover"):
            build(connection, seq, note)


def test_a_checkpoint_of_another_history_or_key_gives_no_receipt(connection: Connection) -> None:
    logs.grown(connection, 3)
    with logs.database() as other:
        logs.create(other)
        log.append(other, logs.intended(1, "something else"))
        logs.grown(other, 3)
        with pytest.raises(ReceiptRefused, match="signed tree"):
            build(connection, 1, logs.note_of(other))
    with pytest.raises(ReceiptRefused, match="key of this log"):
        build(connection, 1, logs.note_of(connection, logs.OTHER_KEY))


@logs.on_sqlite
def test_an_altered_entry_gives_no_receipt(story: Connection) -> None:
    note = logs.note_of(story)
    story.execute(text("DROP TRIGGER entry_is_never_changed"))
    story.execute(text("UPDATE entry SET leaf = CAST(replace(leaf, 'B-B', 'B-T') AS BLOB) WHERE seq = 3"))
    with pytest.raises(ReceiptRefused, match="signed tree"):
        build(story, 3, note, logs.DISCLOSURE_KEY, logs.TEXTS)


@pytest.mark.parametrize("change", ["DELETE FROM entry WHERE seq = 2", "DROP TABLE entry"])
def test_a_log_with_holes_gives_an_alarm_and_no_receipt(story: Connection, change: str) -> None:
    note = logs.note_of(story)
    logs.unprotected(story, change)
    with pytest.raises(Altered):
        build(story, 3, note, logs.DISCLOSURE_KEY, logs.TEXTS)


@pytest.mark.parametrize(
    ("key", "texts"),
    [
        pytest.param(logs.DISCLOSURE_KEY, logs.TEXTS[:2], id="one wording too few"),
        pytest.param(logs.DISCLOSURE_KEY, (*logs.TEXTS, logs.TEXTS[0]), id="one too many"),
        pytest.param(logs.DISCLOSURE_KEY, logs.TEXTS[::-1], id="another order"),
        pytest.param(logs.DISCLOSURE_KEY, (("D01", "李四先生"), *logs.TEXTS[1:]), id="another name"),
        pytest.param(logs.DISCLOSURE_KEY, (), id="none"),
        pytest.param(bytes(32), logs.TEXTS, id="another key"),
        pytest.param(b"", logs.TEXTS, id="no key"),
        pytest.param(logs.DISCLOSURE_KEY + b"\0", logs.TEXTS, id="a key that HMAC takes for the same"),
    ],
)
def test_wording_that_is_not_the_entrys_gives_no_receipt(
    story: Connection, key: bytes, texts: tuple[tuple[str, str], ...]
) -> None:
    with pytest.raises(ReceiptRefused):
        build(story, 3, logs.note_of(story), key, texts)


def test_an_entry_without_disclosures_takes_no_key(story: Connection) -> None:
    with pytest.raises(ReceiptRefused, match="32 bytes"):
        build(story, 2, logs.note_of(story), logs.DISCLOSURE_KEY)


def test_a_member_of_a_later_format_is_named_and_not_examined(story: Connection, tmp_path: Path) -> None:
    receipt = json.loads(build(story, 2, logs.note_of(story)))
    receipt["witnesses"] = []
    data = json.dumps(receipt, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode() + b"\n"

    assert labels(data, tmp_path) == []
    assert "witnesses" in verify_receipt(tmp_path / "receipt.json", Options()).notices[0]


@pytest.mark.parametrize("what", ["entry", "signature", "origin"])
def test_what_is_not_proven_is_not_shown(story: Connection, tmp_path: Path, what: str) -> None:
    receipt = json.loads(build(story, 3, logs.note_of(story), logs.DISCLOSURE_KEY, logs.TEXTS))
    if what == "entry":
        receipt["entry"] = receipt["entry"].replace("第000123号", "第000124号")
    elif what == "signature":
        receipt["log_vkey"] = checkpoint.vkey(logs.ORIGIN, logs.OTHER_KEY)
    else:
        receipt["origin"] = "other.example/log"
    data = json.dumps(receipt, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode() + b"\n"

    assert labels(data, tmp_path) != []
    said = verify.as_text(verify_receipt(tmp_path / "receipt.json", Options()))
    assert "not shown: it is not proven" in said
    assert not [word for word in ("letter.pdf", "示范催函", logs.uuid_of("document one"), "issued") if word in said]


def test_a_report_does_not_steer_the_terminal_of_its_reader(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The key holder signs an entry whose texts would clear the screen, turn the writing round or write a result."""
    hostile = "\u202e\u2066\u200b\u2028\ufeff\U000e0041\nRESULT: OK"
    with logs.database() as connection:
        logs.create(connection)
        with monkeypatch.context() as unasked:
            unasked.setattr("audit.fields.check", lambda _: None)
            log.append(connection, logs.intended(1, "one", number=hostile, **{"x" * 5000: 1}))
        (tmp_path / "receipt.json").write_bytes(build(connection, 1, logs.note_of(connection)))
    (tmp_path / "\x1b[2J\u202egood").write_text("not a note")

    assert verify.main([str(tmp_path / "receipt.json")]) == 0
    said = capsys.readouterr().out
    assert "number: \\u202e\\u2066\\u200b\\u2028\\ufeff\\U000e0041\\nRESULT: OK\n" in said
    assert all(sign.isprintable() for sign in said.replace("\n", ""))
    assert max(map(len, said.split("\n"))) < 2100
    assert verify.main([str(tmp_path / "receipt.json"), "--json"]) == 0
    assert capsys.readouterr().out.isascii()
    assert verify.main([str(tmp_path / "receipt.json"), "--checkpoint", str(tmp_path / "\x1b[2J\u202egood")]) == 2
    assert verify.main([str(tmp_path / "\x1b[2J\u202egood")]) == 2
    assert all(sign.isprintable() for sign in capsys.readouterr().out.replace("\n", ""))
