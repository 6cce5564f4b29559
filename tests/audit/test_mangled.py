"""Whatever lies in the folder, the verifier judges it or says that it cannot: it never breaks off."""

import json
import os
import random
import time
import tracemalloc
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection

from audit import verify
from audit.receipt import build
from audit.verify import Options, Unreadable, verify_export, verify_receipt
from tests.audit import forge, logs, make_vectors

pytestmark = pytest.mark.slow

JUNK: list[Any] = [None, True, -1, 2**53, 10**400, "", "x", "\x00", "é", [], [1], {}, {"a": 1}, [[[[[[[[[1]]]]]]]]]]


def status(target: Path, **options: Any) -> int:
    try:
        return verify.verify(target, Options(**options)).status
    except Unreadable:
        return 2


def canonical(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode() + b"\n"


def places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [path, *(place for key, item in inner for place in places(item, (*path, key)))]


def with_junk(value: Any, place: tuple[Any, ...], junk: Any) -> Any:
    if not place:
        return junk
    changed = value.copy()
    changed[place[0]] = with_junk(value[place[0]], place[1:], junk)
    return changed


def without(value: Any, place: tuple[Any, ...]) -> Any:
    changed = value.copy()
    if len(place) == 1:
        del changed[place[0]]
    else:
        changed[place[0]] = without(value[place[0]], place[1:])
    return changed


def test_junk_in_each_place_of_a_receipt_is_found(story: Connection, tmp_path: Path) -> None:
    whole = json.loads(build(story, 3, logs.note_of(story), logs.DISCLOSURE_KEY, logs.TEXTS))
    path = tmp_path / "receipt.json"
    for place in places(whole):
        for junk in JUNK:
            path.write_bytes(canonical(with_junk(whole, place, junk)))
            assert status(path) in (1, 2), (place, junk)
        if place:
            path.write_bytes(canonical(without(whole, place)))
            assert status(path) in (1, 2), place


@pytest.mark.parametrize("name", ["keys.json", "manifest.json"])
def test_junk_in_each_place_of_the_files_of_an_export_is_found(exported: Path, name: str) -> None:
    whole = json.loads((exported / name).read_bytes())
    for place in places(whole):
        for junk in (junk for junk in JUNK if with_junk(whole, place, junk) != whole):
            (exported / name).write_bytes(canonical(with_junk(whole, place, junk)))
            assert status(exported, deep=False) in (1, 2), (place, junk)


def test_junk_in_each_place_of_a_signed_entry_never_breaks_the_verifier_off(exported: Path) -> None:
    """Here the key holder signs nonsense. Some of it fits the forms; none of it may be a traceback."""
    lines = forge.lines(exported)
    whole = json.loads(lines[3])
    del whole["_prev"], whole["_seq"]
    results = set()
    for place in places(whole)[1:]:
        for junk in JUNK[:: 1 if len(place) == 1 else 4]:
            payload = canonical(with_junk(whole, place, junk))[1:-1]
            entries = forge.rechained([*lines[:3], lines[3][: lines[3].index(b'"action"')] + payload, *lines[4:]], 3)
            forge.resign(exported, entries)
            results.add(status(exported))
    assert results == {0, 1}


def test_random_bytes_are_unreadable_or_broken(exported: Path, tmp_path: Path) -> None:
    chance = random.Random(7)  # noqa: S311 -- the same bytes in each run, no secret
    for name in ("manifest.json", "keys.json", "checkpoint", "entries.jsonl"):
        whole = (exported / name).read_bytes()
        for length in (0, 1, 2, 100, 70_000, 200_000):
            for data in (chance.randbytes(length), b"\n" * length, b"[" * length, b'{"' * length):
                (exported / name).write_bytes(data)
                assert status(exported) in (1, 2), (name, length)
                (tmp_path / "receipt").write_bytes(data)
                assert status(tmp_path / "receipt") == 2
        (exported / name).write_bytes(whole)


def test_a_checkpoint_that_cannot_be_read_ends_the_matter_with_its_name(exported: Path) -> None:
    (exported / "checkpoint").write_bytes(b"\xff\xfe")
    report = verify_export(exported, Options())

    assert [found.label() for found in report.findings] == ["FILE_ALTERED", "CHECKPOINT_INVALID"]


def test_a_manifest_of_another_size_is_named(exported: Path) -> None:
    manifest = json.loads((exported / "manifest.json").read_bytes())
    (exported / "manifest.json").write_bytes(canonical({**manifest, "size": 11}))
    report = verify_export(exported, Options())

    assert [found.label() for found in report.findings] == ["MANIFEST_INVALID"]


@pytest.mark.parametrize("name", ["../outside", "/etc/passwd", "a/b", "..", ""])
def test_a_manifest_does_not_lead_out_of_the_folder(exported: Path, name: str) -> None:
    manifest = json.loads((exported / "manifest.json").read_bytes())
    manifest["files"].insert(0, {"name": name, "sha256": "0" * 64, "size": 1})
    (exported / "manifest.json").write_bytes(canonical(manifest))

    assert status(exported) == 2


def test_links_and_folders_are_not_files_of_an_export(exported: Path, tmp_path: Path) -> None:
    (exported / "keys.json").rename(tmp_path / "keys.json")
    (exported / "keys.json").symlink_to(tmp_path / "keys.json")
    assert [found.label() for found in verify_export(exported, Options()).findings] == ["FILE_MISSING"]

    (exported / "keys.json").unlink()
    (exported / "keys.json").mkdir()
    assert [found.label() for found in verify_export(exported, Options()).findings] == ["FILE_MISSING"]


def test_an_overlong_line_is_not_an_entry(exported: Path) -> None:
    lines = forge.lines(exported)
    long = lines[11].replace(b'"type":"dunning_letter"', b'"type":"' + b"x" * 66_000 + b'"')
    forge.resign(exported, forge.rechained([*lines[:11], long], 11))
    report = verify_export(exported, Options(deep=False))

    assert report.findings[0].label() == "NON_CANONICAL@11"


def test_many_findings_of_a_kind_are_counted_and_not_all_listed(exported: Path) -> None:
    lines = forge.lines(exported)
    forge.rewrite(exported, [lines[11]] * 100)
    report = verify_export(exported, Options(deep=False))

    assert len([found for found in report.findings if found.verdict == "SEQ_GAP"]) == verify.SHOWN
    assert report.counts["SEQ_GAP"] == 100
    assert "SEQ_GAP: 80 more" in verify.as_text(report)


@pytest.mark.parametrize("kind", ["pipe", "/dev/zero", "folder"])
def test_what_is_no_regular_file_is_not_waited_for(exported: Path, tmp_path: Path, kind: str) -> None:
    other = Path("/dev/zero")
    if kind == "pipe":
        os.mkfifo(other := tmp_path / "pipe")
    elif kind == "folder":
        (other := tmp_path / "folder").mkdir()
    receipt = str(make_vectors.FOLDER / "sound" / "receipt.json")

    assert kind == "folder" or verify.main([str(other)]) == 2
    assert verify.main([receipt, "--pdf", str(other)]) == 2
    assert verify.main([receipt, "--checkpoint", str(other)]) == 2
    assert verify.main([str(exported), "--checkpoint", str(other)]) == 2
    for name in ("manifest.json", "checkpoint", "entries.jsonl", "keys.json"):
        (exported / name).rename(tmp_path / "aside")
        (exported / name).symlink_to(other)
        assert status(exported) in (1, 2)
        (exported / name).unlink()
        (tmp_path / "aside").rename(exported / name)
    assert status(exported) == 0


def test_a_manifest_behind_a_link_is_not_read(exported: Path, tmp_path: Path) -> None:
    (exported / "manifest.json").rename(tmp_path / "manifest.json")
    (exported / "manifest.json").symlink_to(tmp_path / "manifest.json")
    with pytest.raises(Unreadable, match="a link"):
        verify_export(exported, Options())


def test_a_link_beside_the_files_of_an_export_is_named(exported: Path) -> None:
    (exported / "remarks").symlink_to("/etc/passwd")
    assert [found.label() for found in verify_export(exported, Options()).findings] == ["FILE_EXTRA"]


BOMBS = {
    "brackets": b'{"a":' + b"[" * 300_000,
    "objects": b'{"format":"receipt/v1","a":[' + b"{}," * 250_000 + b"{}]}\n",
    "texts": b'{"format":"receipt/v1","a":[' + b'"ab",' * 1_100_000 + b'""]}\n',
    "digits": b'{"format":"receipt/v1","seq":' + b"9" * 10_000_000 + b"}\n",
    "length": b'{"format":"receipt/v1","a":"' + b"a" * 17_000_000 + b'"}\n',
}


@pytest.mark.parametrize("bomb", BOMBS.values(), ids=BOMBS)
def test_a_small_file_does_not_become_a_large_one_in_memory(exported: Path, tmp_path: Path, bomb: bytes) -> None:
    (tmp_path / "receipt").write_bytes(bomb)
    tracemalloc.start()
    started = time.monotonic()
    for name in ("receipt", "keys.json", "manifest.json", "checkpoint"):
        target = tmp_path / "receipt" if name == "receipt" else exported
        whole = b"" if target != exported else (exported / name).read_bytes()
        if whole:
            (exported / name).write_bytes(bomb)
        assert status(target) in (1, 2)
        if whole:
            (exported / name).write_bytes(whole)
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert most < 100 * 1024 * 1024
    assert time.monotonic() - started < 20


def test_a_receipt_with_an_endless_proof_or_note_is_broken(story: Connection, tmp_path: Path) -> None:
    whole = json.loads(build(story, 2, logs.note_of(story)))
    path = tmp_path / "receipt"
    path.write_bytes(canonical({**whole, "inclusion": ["A" * 43 + "="] * 65}))
    assert [found.label() for found in verify_receipt(path, Options()).findings] == ["INCLUSION_INVALID"]
    path.write_bytes(canonical({**whole, "checkpoint": whole["checkpoint"] + "x\n" * 70}))
    assert [found.label() for found in verify_receipt(path, Options()).findings] == ["CHECKPOINT_INVALID"]


def test_what_a_log_piles_up_is_limited(exported: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    lines = forge.lines(exported)
    monkeypatch.setattr(verify, "BROKEN_LIMIT", 5)
    forge.rewrite(exported, [forge.PREV.sub(b'{"_prev":"' + b"0" * 64 + b'"', line) for line in lines])
    report = verify_export(exported, Options(deep=False))
    assert report.counts == {"LINK_BROKEN": 12, "ROOT_MISMATCH": 1}

    forge.rewrite(exported, lines)
    monkeypatch.setattr(verify, "OPEN_LIMIT", 0)
    with pytest.raises(Unreadable, match="intents without outcome"):
        verify_export(exported, Options())
    monkeypatch.setattr(verify, "KEY_ENTRIES_LIMIT", 0)
    with pytest.raises(Unreadable, match="entries name keys"):
        verify_export(exported, Options(deep=False))


def test_a_result_says_what_was_not_looked_at(exported: Path) -> None:
    quick, deep = (verify_export(exported, Options(deep=deep)) for deep in (False, True))

    assert verify.as_text(deep).endswith("RESULT: OK / 完好\n")
    assert verify.as_text(quick).endswith(
        "RESULT: OK / 完好; the form of each entry NOT EXAMINED (give --deep) / 未核验各条记录的格式（--deep）\n"
    )
