"""Whatever lies in the folder, the verifier judges it or says that it cannot: it never breaks off."""

import json
import random
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection

from audit import verify
from audit.receipt import build
from audit.verify import Options, Unreadable, verify_export, verify_receipt
from tests.audit import forge, logs

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


def test_a_receipt_that_is_a_pipe_or_a_device_is_not_waited_for(tmp_path: Path) -> None:
    with pytest.raises(Unreadable):
        verify_receipt(Path("/dev/zero"), Options())
