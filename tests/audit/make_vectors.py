"""Make the frozen logs and receipts of audit/vectors/ with their expected verdicts.

    python -m tests.audit.make_vectors

Keys, ids and times are fixed, so that the same bytes come out each time. A vector that exists is never written again:
what was readable once stays readable. To show something new, add a vector.
"""

import json
import shutil
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from audit import canonical, checkpoint, log
from audit.export import export
from audit.receipt import build
from tests.audit import forge, logs

FOLDER = Path(__file__).resolve().parents[2] / "audit" / "vectors"
Run = dict[str, Any]
Vector = Callable[[Path], list[Run]]
VECTORS: dict[str, Vector] = {}


def vector(make: Vector) -> Vector:
    VECTORS[make.__name__] = make
    return make


def run(*arguments: str, exit_status: int = 1, labels: tuple[str, ...] = ()) -> Run:
    """One call of verify.py inside the vector's folder. Labels are all findings, in order."""
    return {"arguments": list(arguments), "exit": exit_status, "labels": list(labels)}


def sound_export(folder: Path) -> Path:
    with logs.with_story(logs.database()) as connection:
        export(connection, logs.note_of(connection), folder / "export")
    return folder / "export"


def older_note(size: int) -> str:
    with logs.with_story(logs.database()) as connection:
        return checkpoint.sign(checkpoint.Checkpoint(logs.ORIGIN, size, log.root(connection, size)), logs.KEY)


def sound_receipt(folder: Path) -> Path:
    with logs.with_story(logs.database()) as connection:
        note = logs.note_of(connection)
        receipt = build(connection, logs.ISSUED_SEQ, note, logs.DISCLOSURE_KEY, logs.TEXTS)
    (folder / "receipt.json").write_bytes(receipt)
    (folder / "letter.pdf").write_bytes(logs.LETTER)
    return folder / "receipt.json"


@vector
def sound(folder: Path) -> list[Run]:
    sound_export(folder)
    sound_receipt(folder)
    (folder / "earlier.note").write_text(older_note(5))
    other_key = checkpoint.vkey(logs.ORIGIN, logs.OTHER_KEY)
    return [
        run("export", exit_status=0),
        run("export", "--quick", exit_status=0),
        run("export", "--deep", "--key", logs.VKEY, exit_status=0),
        run("export", "--checkpoint", "earlier.note", exit_status=0),
        run("export", "--key", other_key, labels=("KEY_MISMATCH",)),
        run("receipt.json", exit_status=0),
        run("receipt.json", "--pdf", "letter.pdf", "--key", logs.VKEY, exit_status=0),
        run("receipt.json", "--pdf", "earlier.note", labels=("PDF_MISMATCH",)),
        run("receipt.json", "--key", other_key, labels=("KEY_MISMATCH",)),
        run("letter.pdf", exit_status=2),
        run("nothing_here", exit_status=2),
        run("export", "--key", "not a key", exit_status=2),
        run("export", "--checkpoint", "letter.pdf", exit_status=2),
    ]


@vector
def only_the_first_entry(folder: Path) -> list[Run]:
    with logs.database() as connection:
        logs.create(connection)
        export(connection, logs.note_of(connection), folder / "export")
        (folder / "receipt.json").write_bytes(build(connection, 0, logs.note_of(connection)))
    return [run("export", exit_status=0), run("receipt.json", exit_status=0)]


@vector
def keys_rotated(folder: Path) -> list[Run]:
    second = checkpoint.vkey(logs.ORIGIN, logs.OTHER_KEY)
    with logs.with_story(logs.database()) as connection:
        (folder / "earlier.note").write_text(logs.note_of(connection))
        log.append(connection, logs.names_key(12, "log.key_added", second, logs.KEY))
        log.append(connection, logs.names_key(13, "log.key_retired", logs.VKEY, logs.OTHER_KEY))
        export(connection, logs.note_of(connection, logs.OTHER_KEY), folder / "export")
    shutil.copytree(folder / "export", folder / "signed_by_the_retired_key")
    entries = forge.lines(folder / "export")
    forge.resign(folder / "signed_by_the_retired_key", entries, logs.KEY)
    return [
        run("export", exit_status=0),
        run("export", "--checkpoint", "earlier.note", "--key", second, exit_status=0),
        run("signed_by_the_retired_key", labels=("CHECKPOINT_SIGNATURE_INVALID",)),
    ]


@vector
def key_brought_in_by_the_database(folder: Path) -> list[Run]:
    """An entry names a second key, chained and even signed over; but no key in force endorsed it."""
    made = sound_export(folder)
    second = checkpoint.vkey(logs.ORIGIN, logs.OTHER_KEY)
    payload = canonical.dumps(logs.names_key(12, "log.key_added", second, logs.OTHER_KEY), canonical.ENTRY_LIMIT)
    entries = forge.lines(made)
    entries = forge.rechained([*entries, entries[11][: entries[11].index(b'"action"')] + payload[1:]], 12)
    shutil.copytree(made, folder / "signed_by_it")
    forge.resign(made, entries)
    named = json.loads((made / "keys.json").read_bytes())
    named["keys"].append({"vkey": second, "from_size": 13, "until_size": None})
    (folder / "signed_by_it" / "keys.json").write_bytes(canonical.dumps(named, canonical.FILE_LIMIT) + b"\n")
    forge.resign(folder / "signed_by_it", entries, logs.OTHER_KEY)
    return [
        run("export", labels=("ENTRY_INVALID@12",)),
        run("signed_by_it", labels=("ENTRY_INVALID@12", "KEYS_MISMATCH")),
    ]


@vector
def unknown_to_this_verifier(folder: Path) -> list[Run]:
    """A later writer's action, field, file and second signature: said, and not taken for damage."""
    made = sound_export(folder)
    entries = forge.edited(forge.lines(made), 3, b'"app_version"', b'"added_later":1,"app_version"')
    entries = forge.rechained(forge.edited(entries, 1, b'"key.created"', b'"key.later"'), 1)
    (made / "anchors.json").write_bytes(b"[]\n")
    manifest = json.loads((made / "manifest.json").read_bytes())
    manifest["files"].insert(0, {"name": "anchors.json", "sha256": "", "size": 0})
    (made / "manifest.json").write_text(json.dumps(manifest))
    note = forge.signed(entries, logs.KEY)
    witness = note.rpartition("\n\n")[2].replace(logs.ORIGIN, "witness.example/w1")
    (made / "checkpoint").write_text(note + witness)
    forge.rewrite(made, entries)
    return [run("export", exit_status=0)]


@vector
def content_altered(folder: Path) -> list[Run]:
    forge.change(sound_export(folder), lambda e: forge.edited(e, 2, b'"2026-11-23"', b'"2026-11-22"'))
    return [run("export", labels=("CONTENT_ALTERED@2",)), run("export", "--quick", labels=("CONTENT_ALTERED@2",))]


@vector
def content_altered_and_manifest_left(folder: Path) -> list[Run]:
    made = sound_export(folder)
    left = (made / "manifest.json").read_bytes()
    forge.change(made, lambda e: forge.edited(e, 2, b'"2026-11-23"', b'"2026-11-22"'))
    (made / "manifest.json").write_bytes(left)
    return [run("export", labels=("FILE_ALTERED", "CONTENT_ALTERED@2"))]


@vector
def last_content_altered(folder: Path) -> list[Run]:
    forge.change(sound_export(folder), lambda e: forge.edited(e, 11, b'"2026-11-23"', b'"2026-11-22"'))
    return [run("export", labels=("ROOT_MISMATCH",))]


@vector
def link_altered(folder: Path) -> list[Run]:
    forge.change(
        sound_export(folder), lambda e: [*e[:5], forge.PREV.sub(b'{"_prev":"' + b"0" * 64 + b'"', e[5]), *e[6:]]
    )
    return [run("export", labels=("LINK_BROKEN@5", "LINK_BROKEN@6", "ROOT_MISMATCH"))]


@vector
def history_rewritten_from_an_entry(folder: Path) -> list[Run]:
    made = sound_export(folder)
    (folder / "kept.note").write_text((made / "checkpoint").read_text())
    forge.change(made, lambda e: forge.rechained(forge.edited(e, 2, b'"2026-11-23"', b'"2026-11-22"'), 3))
    return [
        run("export", labels=("ROOT_MISMATCH",)),
        run("export", "--checkpoint", "kept.note", labels=("ROOT_MISMATCH", "FORKED")),
    ]


@vector
def entry_deleted(folder: Path) -> list[Run]:
    forge.change(sound_export(folder), lambda e: e[:4] + e[5:])
    return [run("export", labels=("SEQ_GAP@4", "TRUNCATED", "ENTRY_INVALID@5"))]


@vector
def entry_deleted_and_rechained(folder: Path) -> list[Run]:
    forge.change(sound_export(folder), lambda e: forge.rechained(e[:10] + e[11:], 10))
    return [run("export", labels=("TRUNCATED",))]


@vector
def entry_duplicated(folder: Path) -> list[Run]:
    forge.change(sound_export(folder), lambda e: [*e[:7], e[6], *e[7:]])
    return [run("export", labels=("SEQ_GAP@7", "UNCOVERED@12", "ROOT_MISMATCH"))]


@vector
def entries_swapped(folder: Path) -> list[Run]:
    forge.change(sound_export(folder), lambda e: [*e[:8], e[9], e[8], *e[10:]])
    return [run("export", "--quick", labels=("SEQ_GAP@8", "SEQ_GAP@10", "SEQ_GAP@9", "ROOT_MISMATCH"))]


@vector
def tail_cut_off(folder: Path) -> list[Run]:
    forge.change(sound_export(folder), lambda e: e[:9])
    return [run("export", labels=("TRUNCATED",))]


@vector
def everything_cut_off(folder: Path) -> list[Run]:
    forge.change(sound_export(folder), lambda _: [])
    return [run("export", labels=("TRUNCATED", "ENTRY_INVALID@0", "KEYS_MISMATCH"))]


@vector
def entry_added_after_the_checkpoint(folder: Path) -> list[Run]:
    made = sound_export(folder)
    forge.change(made, lambda e: forge.rechained([*e, e[11]], 12))
    return [run("export", labels=("UNCOVERED@12",))]


@vector
def rolled_back(folder: Path) -> list[Run]:
    """An older state, sound in itself and truly signed: only what was kept outside shows that more was there."""
    made = sound_export(folder)
    (folder / "kept.note").write_text((made / "checkpoint").read_text())
    forge.resign(made, forge.lines(made)[:10])
    return [run("export", exit_status=0), run("export", "--checkpoint", "kept.note", labels=("ROLLED_BACK",))]


@vector
def forked_by_the_key_holder(folder: Path) -> list[Run]:
    """The holder of the log key signs a second history: only a kept checkpoint shows it, the key does not."""
    made = sound_export(folder)
    (folder / "kept.note").write_text((made / "checkpoint").read_text())
    forge.resign(made, forge.rechained(forge.edited(forge.lines(made), 2, b'"2026-11-23"', b'"2026-11-22"'), 3))
    return [
        run("export", "--key", logs.VKEY, exit_status=0),
        run("export", "--checkpoint", "kept.note", labels=("FORKED",)),
    ]


@vector
def made_anew_under_another_key(folder: Path) -> list[Run]:
    made = sound_export(folder)
    (folder / "kept.note").write_text((made / "checkpoint").read_text())
    shutil.rmtree(made)
    with logs.database() as connection:
        logs.create(connection, checkpoint.vkey(logs.ORIGIN, logs.OTHER_KEY))
        logs.grown(connection, 4)
        export(connection, logs.note_of(connection, logs.OTHER_KEY), made)
    return [
        run("export", exit_status=0),
        run("export", "--key", logs.VKEY, labels=("KEY_MISMATCH",)),
        run("export", "--checkpoint", "kept.note", labels=("CHECKPOINT_SIGNATURE_INVALID",)),
    ]


@vector
def checkpoint_by_a_stranger(folder: Path) -> list[Run]:
    made = sound_export(folder)
    forge.resign(made, forge.lines(made), logs.OTHER_KEY)
    return [run("export", labels=("CHECKPOINT_SIGNATURE_INVALID",))]


@vector
def checkpoint_of_another_root(folder: Path) -> list[Run]:
    made = sound_export(folder)
    note = (made / "checkpoint").read_text().split("\n")
    note[2] = older_note(5).split("\n")[2]
    (made / "checkpoint").write_text("\n".join(note))
    forge.refresh_manifest(made)
    return [run("export", labels=("CHECKPOINT_SIGNATURE_INVALID", "ROOT_MISMATCH"))]


@vector
def signed_but_not_canonical(folder: Path) -> list[Run]:
    """The writer's own fault: chained and signed, but two readers could read two things."""
    made = sound_export(folder)
    entries = forge.lines(made)
    entries = forge.edited(entries, 2, b'"on_given":false', b'"on_given": false')
    entries = forge.edited(entries, 4, b'"specimen":true', b'"specimen":true,"specimen":false')
    entries = forge.edited(entries, 6, b'"v":1}', b'"v":1.0}')
    forge.resign(made, forge.rechained(forge.edited(entries, 11, "示范".encode(), b"\\u793a\\u8303"), 1))
    labels = ("NON_CANONICAL@2", "ENTRY_INVALID@3", "NON_CANONICAL@4", "ENTRY_INVALID@5", "NON_CANONICAL@6")
    return [
        run("export", labels=(*labels, "ENTRY_INVALID@7", "NON_CANONICAL@11")),
        run("export", "--quick", exit_status=0),
    ]


@vector
def signed_but_not_allowed(folder: Path) -> list[Run]:
    """Two outcomes of one intent, a time that runs backwards, a missing field, a number that is text."""
    made = sound_export(folder)
    entries = forge.lines(made)
    entries = forge.edited(entries, 5, b'"intent_seq":4', b'"intent_seq":2')
    entries = forge.edited(entries, 7, b"20:15:37", b"20:15:30")
    entries = forge.edited(entries, 9, b'"reason":"lease_expired",', b"")
    forge.resign(made, forge.rechained(forge.edited(entries, 11, b'"specimen":true', b'"specimen":"true"'), 1))
    return [run("export", labels=("ENTRY_INVALID@5", "ENTRY_INVALID@7", "ENTRY_INVALID@9", "ENTRY_INVALID@11"))]


@vector
def versions(folder: Path) -> list[Run]:
    """`true` is not 1, and text is no version; a number that is not 1 is a later format's."""
    for name, version in (("later", b"2"), ("flag", b"true"), ("text", b'"1"')):
        made = sound_export(folder).rename(folder / name)
        entries = forge.edited(forge.lines(made), 11, b'"v":1}', b'"v":%b}' % version)
        forge.resign(made, forge.rechained(entries, 11))
    return [
        run("later", exit_status=0),
        run("flag", labels=("ENTRY_INVALID@11",)),
        run("text", labels=("ENTRY_INVALID@11",)),
    ]


@vector
def file_added(folder: Path) -> list[Run]:
    (sound_export(folder) / "remarks.txt").write_text("this log is complete\n")
    return [run("export", labels=("FILE_EXTRA",))]


@vector
def files_missing(folder: Path) -> list[Run]:
    for name in ("entries.jsonl", "checkpoint", "keys.json", "manifest.json"):
        (sound_export(folder) / name).unlink()
        (folder / "export").rename(folder / f"without_{name.replace('.', '_')}")
    return [
        run("without_entries_jsonl", labels=("FILE_MISSING",)),
        run("without_checkpoint", labels=("FILE_MISSING",)),
        run("without_keys_json", labels=("FILE_MISSING",)),
        run("without_manifest_json", exit_status=2),
    ]


@vector
def keys_exchanged(folder: Path) -> list[Run]:
    """keys.json and checkpoint are another signer's; entry 0 still names the first."""
    made = sound_export(folder)
    other_key = checkpoint.vkey(logs.ORIGIN, logs.OTHER_KEY)
    (made / "keys.json").write_text((made / "keys.json").read_text().replace(logs.VKEY, other_key))
    forge.resign(made, forge.lines(made), logs.OTHER_KEY)
    return [run("export", labels=("KEYS_MISMATCH",))]


@vector
def receipt_altered(folder: Path) -> list[Run]:
    whole = sound_receipt(folder).read_bytes()
    changes = {
        "entry": (b'\\"pages\\":2', b'\\"pages\\":3'),
        "wording": (b"38,256.47", b"38,256.48"),
        "place": (b'"seq":3', b'"seq":4'),
        "origin": (b'"origin":"letters', b'"origin":"letterz'),
        "spaces": (b'"seq":3', b'"seq": 3'),
        "extra": (b'"seq":3', b'"seq":3,"since":"2026"'),
        "size": (b"test\\n12\\n", b"test\\n13\\n"),
    }
    for name, (old, new) in changes.items():
        assert whole.count(old) == 1, name
        (folder / f"{name}.json").write_bytes(whole.replace(old, new))
    return [
        run("receipt.json", exit_status=0),
        run("entry.json", labels=("INCLUSION_INVALID@3",)),
        run("wording.json", labels=("DISCLOSURE_MISMATCH",)),
        run("place.json", labels=("RECEIPT_INVALID", "INCLUSION_INVALID@4")),
        run("origin.json", labels=("ORIGIN_MISMATCH",)),
        run("spaces.json", labels=("NON_CANONICAL",)),
        run("extra.json", labels=("RECEIPT_INVALID",)),
        run("size.json", labels=("CHECKPOINT_SIGNATURE_INVALID",)),
    ]


@vector
def agreements(folder: Path) -> list[Run]:
    """An agreement opened, executed, performed, paid on; and one altered, and one with an amount for a day."""
    with logs.with_story(logs.database()) as connection:
        for payload in logs.agreed():
            log.append(connection, payload)
        export(connection, logs.note_of(connection), folder / "export")
    for name in ("altered", "amount"):
        shutil.copytree(folder / "export", folder / name)
    forge.change(folder / "altered", lambda e: forge.edited(e, 14, b'"to":"performing"', b'"to":"terminated"'))
    lines = forge.edited(forge.lines(folder / "amount"), 15, b'"next_due":"2027-01-31"', b'"next_due":"3255.00"')
    forge.resign(folder / "amount", forge.rechained(lines, 15))
    return [
        run("export", "--deep", "--key", logs.VKEY, exit_status=0),
        run("altered", labels=("CONTENT_ALTERED@14",)),
        run("amount", labels=("ENTRY_INVALID@15",)),
    ]


def make(folder: Path) -> None:
    """Write the vectors that are not there yet."""
    for name, maker in VECTORS.items():
        if (folder / name).exists():
            continue
        with tempfile.TemporaryDirectory() as scratch:
            runs = maker(Path(scratch))
            expected = {"shows": (maker.__doc__ or name.replace("_", " ")).strip(), "runs": runs}
            (Path(scratch) / "expected.json").write_text(json.dumps(expected, ensure_ascii=False, indent=2) + "\n")
            shutil.copytree(scratch, folder / name)


if __name__ == "__main__":
    make(Path(sys.argv[1]) if len(sys.argv) > 1 else FOLDER)
