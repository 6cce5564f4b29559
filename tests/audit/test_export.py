"""The export and the commands: what is in the database goes out as it is, and nothing else."""

from pathlib import Path

import pytest
from sqlalchemy import Connection, text

from audit import __main__ as command
from audit import export as exporting
from audit import log
from audit.export import ExportRefused, export
from audit.keeper import Keeper
from audit.receipt import build
from audit.verify import Options, verify_export
from tests.audit import logs


def labels(folder: Path) -> list[str]:
    return [found.label() for found in verify_export(folder, Options()).findings]


def test_an_export_holds_the_exact_bytes_and_nothing_else(story: Connection, tmp_path: Path) -> None:
    note = logs.note_of(story)
    done = export(story, note, tmp_path)

    assert done == exporting.Exported(12, ())
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        "checkpoint",
        "entries.jsonl",
        "keys.json",
        "manifest.json",
    ]
    assert (tmp_path / "entries.jsonl").read_bytes() == b"".join(row.leaf + b"\n" for row in log.read(story))
    assert (tmp_path / "checkpoint").read_text() == note
    assert labels(tmp_path) == []


def test_an_export_is_read_in_pages(connection: Connection, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(exporting, "PAGE", 7)
    logs.grown(connection, 40)

    assert export(connection, logs.note_of(connection), tmp_path).entries == 40
    assert labels(tmp_path) == []


def test_entries_after_the_checkpoint_stay_out(connection: Connection, tmp_path: Path) -> None:
    logs.grown(connection, 5)
    note = logs.note_of(connection)
    logs.grown(connection, 9)

    assert export(connection, note, tmp_path).entries == 5
    assert labels(tmp_path) == []


def test_an_export_does_not_share_its_folder(story: Connection, tmp_path: Path) -> None:
    (tmp_path / "something").touch()
    with pytest.raises(ExportRefused):
        export(story, logs.note_of(story), tmp_path)


@logs.on_sqlite
@pytest.mark.parametrize(
    ("change", "found", "disagreeing"),
    [
        ("UPDATE entry SET leaf = CAST(replace(leaf, 'cn', 'us') AS BLOB) WHERE seq = 2", ["CONTENT_ALTERED@2"], (2,)),
        ("DELETE FROM entry WHERE seq > 8", ["TRUNCATED"], ()),
        ("DELETE FROM entry WHERE seq = 1", ["SEQ_GAP@1", "TRUNCATED"], ()),
        ("UPDATE entry SET org = 'elsewhere' WHERE seq = 6", [], (6,)),
        (
            "UPDATE entry SET leaf = x'7b0a7d' WHERE seq = 0",
            ["NON_CANONICAL@0", "NON_CANONICAL@1", "CONTENT_ALTERED@0"],
            (0,),
        ),
    ],
)
def test_a_damaged_log_is_exported_as_it_lies_there(
    story: Connection, tmp_path: Path, change: str, found: list[str], disagreeing: tuple[int, ...]
) -> None:
    note = logs.note_of(story)
    story.execute(text("DROP TRIGGER entry_is_never_changed"))
    story.execute(text("DROP TRIGGER entry_is_never_deleted"))
    story.execute(text(change))

    assert export(story, note, tmp_path).disagreeing == disagreeing
    assert labels(tmp_path)[: len(found)] == found or "NON_CANONICAL@0" in labels(tmp_path)
    assert bool(labels(tmp_path)) == bool(found)


@pytest.fixture
def installed(tmp_path: Path) -> Path:
    """A database and its checkpoints on disk."""
    with logs.database(tmp_path / "log.db") as connection:
        logs.create(connection)
        connection.commit()
        keeper = Keeper(tmp_path / "checkpoints", logs.KEY, logs.ORIGIN)
        keeper.cover(connection, 0)
        for payload in logs.story():
            log.append(connection, payload)
        connection.commit()
        keeper.cover(connection, 11)
    return tmp_path


def exported_by_command(folder: Path) -> int:
    database, out = f"sqlite:///{folder / 'log.db'}", str(folder / "out")
    return command.main(["export", "--database", database, "--checkpoints", str(folder / "checkpoints"), out])


def test_the_commands_export_and_verify(installed: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert exported_by_command(installed) == 0
    assert command.main(["verify", str(installed / "out"), "--key", logs.VKEY]) == 0
    assert "RESULT: OK" in capsys.readouterr().out
    assert command.main(["verify", str(installed / "log.db")]) == 2


def test_the_command_says_which_rows_have_wrong_columns(installed: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with logs.database(installed / "log.db") as connection:
        connection.execute(text("DROP TRIGGER entry_is_never_changed"))
        connection.execute(text("UPDATE entry SET actor = 'somebody' WHERE seq = 5"))
        connection.commit()

    assert exported_by_command(installed) == 1
    assert "PROJECTION_MISMATCH@5" in capsys.readouterr().out


def test_the_command_exports_a_rolled_back_log_for_the_verifier_to_judge(installed: Path) -> None:
    (installed / "log.db").unlink()
    with logs.database(installed / "log.db") as connection:
        logs.create(connection)
        connection.commit()

    assert exported_by_command(installed) == 1
    assert command.main(["verify", str(installed / "out")]) == 1


@pytest.mark.parametrize("missing", ["log.db", "checkpoints"])
def test_the_command_without_log_or_checkpoints_is_unreadable(
    installed: Path, missing: str, capsys: pytest.CaptureFixture[str]
) -> None:
    (installed / missing).rename(installed / "away")
    assert exported_by_command(installed) == 2
    assert "not exported" in capsys.readouterr().err


@pytest.mark.parametrize("arguments", [[], ["anchor"], ["--help"]])
def test_an_unknown_command_explains_the_known_ones(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert command.main(arguments) == 2
    assert "python -m audit verify" in capsys.readouterr().err


def test_the_command_verifies_a_receipt(tmp_path: Path, story: Connection) -> None:
    (tmp_path / "receipt.json").write_bytes(build(story, 3, logs.note_of(story), logs.DISCLOSURE_KEY, logs.TEXTS))
    (tmp_path / "letter.pdf").write_bytes(logs.LETTER)
    (tmp_path / "other.pdf").write_bytes(logs.LETTER + b" ")
    receipt = str(tmp_path / "receipt.json")

    assert command.main(["receipt", receipt, "--pdf", str(tmp_path / "letter.pdf")]) == 0
    assert command.main(["receipt", receipt, "--pdf", str(tmp_path / "other.pdf")]) == 1
    assert command.main(["receipt", receipt, "--pdf", str(tmp_path / "no.pdf")]) == 2
