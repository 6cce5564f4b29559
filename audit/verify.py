#!/usr/bin/env python3
"""Verify an export of the log, or a receipt (独立核验程序). One file, Python 3.9 or later, nothing to install.

    python3 verify.py EXPORT                     a folder: entries.jsonl, checkpoint, keys.json, manifest.json
    python3 verify.py RECEIPT --pdf FILE         a receipt and a file that came with it, PDF or text (may be repeated)

    --key VKEY          the log's key, as you had it from elsewhere
    --checkpoint FILE   a checkpoint that you kept earlier (may be repeated)
    --deep, --quick     look into every entry, or at bytes and hashes only (small logs are looked into by themselves)
    --json              the report for machines

Exit status: 0 sound, 1 broken, 2 unreadable. Written from FORMAT.md; it shares no code with the service that writes.
It only reads. Sound means: what is here is what was signed. Whether the signer tells one story to all, only an outside
key or checkpoint can show; without either it says "no outside reference".
"""

from __future__ import annotations

import argparse
import base64
import datetime
import functools
import hashlib
import hmac
import itertools
import json
import re
import struct
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple

ENTRY_LIMIT = 65535  # bytes of an entry
FILE_LIMIT = 16 * 1024 * 1024  # bytes of any other file that is read whole
NOTE_LIMIT = 1000000
BRACKETS_LIMIT = 200000  # of a file that is read whole, before it is parsed: values take far more memory than bytes
COMMAS_LIMIT = 1000000
KEY_ENTRIES_LIMIT = 1000  # entries that name keys
BROKEN_LIMIT = 10000  # broken links that are told apart from altered contents
MOULDS_LIMIT = 2000  # entries that others are compared with
OPEN_LIMIT = 1000000  # intents that wait for their outcome at one time
DEEP_BY_ITSELF = 64 * 1024 * 1024  # bytes of entries.jsonl up to which every entry is looked into unasked
SHOWN = 20  # findings of one kind that are listed; the rest is counted
LINE_LIMIT = 2000  # characters of a line in the report
BLOCK = 1 << 18  # bytes of a file that are read at a time: with what is made of them they fit into a processor's cache

VERDICTS = {
    "FILE_MISSING": ("a file is missing", "文件缺失"),
    "FILE_EXTRA": ("a file lies here that does not belong to the export", "存在多余文件"),
    "FILE_ALTERED": ("a file is not the one in the manifest", "文件与清单不符"),
    "MANIFEST_INVALID": ("the manifest is not as the format says", "清单不合格式"),
    "KEYS_MISMATCH": ("keys.json does not list the keys that the entries name", "密钥清单与记录不符"),
    "CHECKPOINT_INVALID": ("the checkpoint cannot be read", "检查点无法读取"),
    "CHECKPOINT_SIGNATURE_INVALID": ("the checkpoint's signature does not verify", "检查点签名无效"),
    "ORIGIN_MISMATCH": ("this belongs to another log", "不属于同一日志"),
    "NON_CANONICAL": ("bytes are not in canonical form", "记录字节不规范"),
    "SEQ_GAP": ("the entry with this number is not in its place", "记录序号不连续"),
    "LINK_BROKEN": ("this entry does not link to the one before it", "记录链接断裂"),
    "CONTENT_ALTERED": ("this entry is not the one that was chained and signed", "记录内容被改动"),
    "ENTRY_INVALID": ("this entry has not the form of its action", "记录不合规定格式"),
    "TRUNCATED": ("fewer entries than were signed", "记录被截断"),
    "UNCOVERED": ("more entries than were signed", "存在未签名的记录"),
    "ROOT_MISMATCH": ("the entries do not have the signed root", "与签名的根摘要不符"),
    "ROLLED_BACK": ("the log is shorter than a checkpoint held outside", "日志短于外部检查点"),
    "FORKED": ("the log has another history than a checkpoint held outside", "日志与外部检查点分叉"),
    "KEY_MISMATCH": ("the signer is not the holder of the outside key", "签名者并非外部密钥持有者"),
    "RECEIPT_INVALID": ("the receipt is not as the format says", "回执不合格式"),
    "INCLUSION_INVALID": ("the entry is not proven to be in the signed tree", "不能证明记录在签名的日志内"),
    "DISCLOSURE_MISMATCH": ("the wording is not the one recorded", "必载事项文字与记录不符"),
    "PDF_MISMATCH": ("this file is not one that was recorded", "文件并非所记录的文件"),
}


class Unreadable(Exception):
    """There is nothing here that can be judged: exit status 2."""


class Finding(NamedTuple):
    verdict: str
    seq: int | None
    detail: str

    def label(self) -> str:
        return self.verdict if self.seq is None else f"{self.verdict}@{self.seq}"


class Report:
    """Steps in order and what each found. An auditor wants all problems, so steps go on after one."""

    def __init__(self, kind: str, target: Path) -> None:
        self.kind, self.target = kind, target
        self.facts: dict[str, Any] = {}
        self.steps: list[dict[str, Any]] = []
        self.findings: list[Finding] = []
        self.counts: dict[str, int] = {}
        self.notices: list[str] = []
        self.outside: list[str] = []
        self.left_out: list[tuple[str, str]] = []  # what a reader of the result might think was looked at

    def step(self, title: str) -> None:
        self.steps.append({"number": len(self.steps) + 1, "title": title, "sound": True})

    def find(self, verdict: str, detail: str = "", seq: int | None = None) -> None:
        self.steps[-1]["sound"] = False
        self.counts[verdict] = self.counts.get(verdict, 0) + 1
        if self.counts[verdict] <= SHOWN:
            self.findings.append(Finding(verdict, seq, detail))

    @property
    def status(self) -> int:
        return 1 if self.findings else 0


# ---------------------------------------------------------------------------------------------------------------------
# An export


class Options(NamedTuple):
    key: str | None = None
    checkpoints: Sequence[str] = ()
    pdfs: Sequence[str] = ()
    deep: bool | None = None


def verify_export(folder: Path, options: Options) -> Report:
    """Verify an export folder. Raises `Unreadable` only if it cannot even be told to be one."""
    report = Report("export", folder)
    outside_key, outside_notes = _outside(options)

    report.step("files against the manifest")
    manifest = _read_manifest(folder, report)
    if not _files_fit(folder, manifest, report):
        return report

    report.step("checkpoint and its signature")
    keys = _read_keys(folder, report)
    note = _read_note(folder / "checkpoint", report)
    if note is None:
        return report
    _signed_by_log(note, [key["vkey"] for key in keys if _may_sign(key, note.size)], report)
    if (manifest["origin"], manifest["size"]) != (note.origin, note.size):
        report.find("MANIFEST_INVALID", "origin or size is not the checkpoint's")
    report.facts.update(origin=note.origin, size=note.size, root=_base64(note.root))
    report.facts["log_vkey"] = [key["vkey"] for key in keys]

    report.step("chain of entries")
    path = folder / "entries.jsonl"
    walk = _walk(path, note.origin, {note.size, *(held.size for _, held in outside_notes)}, report)
    _name_broken_links(path, walk, note, report)

    report.step("tree against the signed root")
    _tree_fits(walk, note, report)

    report.step("first entry and keys of the log")
    _keys_fit(walk, note, keys, report)

    if _is_deep(options, path):
        report.step("form of every entry")
        _look_into_entries(path, report)
    else:
        report.left_out.append(FORM_LEFT_OUT)

    report.step("outside reference")
    _held_by_outside_key(note, outside_key, report)
    for name, held in outside_notes:
        _agrees_with(name, held, walk, note, [key["vkey"] for key in keys if _may_sign(key, held.size)], report)
    return report


def _read_manifest(folder: Path, report: Report) -> dict[str, Any]:
    if (folder / "manifest.json").is_symlink():
        raise Unreadable("manifest.json is a link: an export holds its files itself")
    try:
        data = _read(folder / "manifest.json", FILE_LIMIT)
        manifest = _loads(data[:-1])
    except (OSError, ValueError) as error:
        raise Unreadable("no readable manifest.json: this is not an export") from error
    if data[-1:] != b"\n" or not _fits(_MANIFEST, manifest):
        raise Unreadable("manifest.json is not one of export/v1")
    names = [file["name"] for file in manifest["files"]]
    if names != sorted(set(names)) or not {"checkpoint", "entries.jsonl", "keys.json"} <= set(names):
        report.find("MANIFEST_INVALID", "files are missing from it, or not in order")
    if others := sorted(set(names) - {"checkpoint", "entries.jsonl", "keys.json"}):
        report.notices.append("not examined, a later format's: " + ", ".join(others))
    return manifest  # type: ignore[no-any-return]  # its form was just compared


def _files_fit(folder: Path, manifest: dict[str, Any], report: Report) -> bool:
    """Compare names, kinds, sizes and digests; False if what the next steps read is not there."""
    present = {found.name: found.is_file() and not found.is_symlink() for found in folder.iterdir()}
    listed = {file["name"]: file for file in manifest["files"]}
    for name in sorted(set(present) - set(listed) - {"manifest.json"}):
        report.find("FILE_EXTRA", ascii(name))
    for name, file in listed.items():
        if not present.get(name):
            report.find("FILE_MISSING", name)
        elif _digest(folder / name) != (file["size"], file["sha256"]):
            report.find("FILE_ALTERED", name)
    return all(present.get(name) for name in ("checkpoint", "entries.jsonl", "keys.json"))


def _read_keys(folder: Path, report: Report) -> list[dict[str, Any]]:
    try:
        data = _read(folder / "keys.json", FILE_LIMIT)
        keys = _loads(data[:-1])
    except ValueError:
        keys, data = None, b""
    if data[-1:] != b"\n" or not _fits(_KEYS, keys):
        report.find("KEYS_MISMATCH", "keys.json cannot be read")
        return []
    report.facts["keys_origin"] = keys["origin"]
    return list(keys["keys"])


def _may_sign(key: dict[str, Any], size: int) -> bool:
    return bool(key["from_size"] <= size and (key["until_size"] is None or size <= key["until_size"]))


def _read_note(path: Path, report: Report) -> Note | None:
    try:
        return _parse_note(_read(path, NOTE_LIMIT))
    except ValueError as error:
        report.find("CHECKPOINT_INVALID", str(error))
        return None


def _signed_by_log(note: Note, vkeys: Sequence[str], report: Report) -> None:
    try:
        unknown = _check_signatures(note, vkeys)
    except ValueError as error:
        report.find("CHECKPOINT_SIGNATURE_INVALID", str(error))
    else:
        if unknown:
            report.notices.append(f"not examined: {unknown} further signature(s) on the checkpoint")


class Walk:
    """One pass over the entries: where it stands, and what it found. No JSON is read here."""

    def __init__(self, origin: str, sizes: Iterable[int]) -> None:
        self.count = 0
        self.seq = 0  # the number that the next entry must have
        self.previous = hashlib.sha256(origin.encode()).digest()
        self.tree = Tree()
        self.wanted = sorted(sizes, reverse=True)  # sizes whose roots are still to come
        self.roots: dict[int, bytes] = {}
        self.broken: list[int] = []  # entries whose _prev is not the hash of the entry before
        self.claimed: dict[int, bytes] = {}  # position -> the hash that its successor says it had
        self.gaps = False
        self.key_entries: list[tuple[int, bytes]] = []

    def take(self, lines: list[bytes]) -> bool:
        """Follow the chain over whole lines, given without their ends, if `look` has nothing to say of any of them.

        Each begins with the link, the number and an action that names no key, and ends as an entry does; no root is
        wanted in between. Otherwise nothing is changed: they are to be looked at one by one.
        """
        sha256, after = hashlib.sha256, self.seq + len(lines)
        if (self.wanted and self.wanted[-1] < self.count + len(lines)) or len(str(self.seq)) != len(str(after - 1)):
            return False
        hashes = [sha256(b"\x00" + line).digest() for line in lines]
        links = zip([self.previous, *hashes], range(self.seq, after))  # noqa: B905 -- nothing follows the last yet
        heads = "".join([f'{{"_prev":"{link.hex()}","_seq":{seq},"action":"' for link, seq in links]).encode()
        end = len(heads) // len(lines)
        if (
            b"".join([line[:end] for line in lines]) != heads
            or b"log." in {line[end : end + 4] for line in lines}
            or {line[-1] for line in lines} != {ord("}")}
            or max(map(len, lines)) > ENTRY_LIMIT
        ):
            return False
        self.tree.extend(hashes)
        self.previous, self.seq, self.count = hashes[-1], after, self.count + len(lines)
        return True

    def look(self, line: bytes, report: Report) -> None:
        """One line as it stands in the file: compare its beginning with what must stand there, or say what is wrong."""
        self.mark()
        head = b'{"_prev":"%b","_seq":%d,"' % (self.previous.hex().encode(), self.seq)
        if not line.startswith(head) or line[-2:] != b"}\n":
            self.seq = _diagnose(line, self.seq, self, report)
        if line.startswith(b'action":"', len(head)):  # where it stands in every entry so far
            names_key = line.startswith(b"log.", len(head) + 9)
        else:
            names_key = b'"action":"log.' in line
        if names_key:
            self.keep(self.seq, line[:-1])
        self.previous = hashlib.sha256(b"\x00" + (line[:-1] if line[-1] == 10 else line)).digest()
        self.tree.add(self.previous)
        self.seq, self.count = self.seq + 1, self.count + 1

    def mark(self) -> None:
        """Keep the root if it is wanted at this size."""
        if self.wanted and self.wanted[-1] == self.count:
            self.roots[self.wanted.pop()] = self.tree.root()

    def keep(self, seq: int, leaf: bytes) -> None:
        """Set an entry aside that may name a key."""
        if any(b'"action":"%b"' % action in leaf for action in (b"log.created", b"log.key_added", b"log.key_retired")):
            self.key_entries.append((seq, leaf))
        if len(self.key_entries) > KEY_ENTRIES_LIMIT:
            raise Unreadable(f"more than {KEY_ENTRIES_LIMIT} entries name keys: this verifier does not hold so many")


_HEAD = re.compile(rb'\{"_prev":"([0-9a-f]{64})","_seq":(0|[1-9][0-9]{0,15}),"')


def _walk(path: Path, origin: str, sizes: set[int], report: Report) -> Walk:
    """Follow the chain and grow the tree, many lines at once where they are in order."""
    walk = Walk(origin, sizes)
    with path.open("rb", buffering=0) as stream:
        for lines, end in _runs(stream):
            walk.mark()
            if not end or not walk.take(lines):
                for line in _pieces(lines, end):
                    walk.look(line, report)
    walk.mark()
    return walk


def _diagnose(line: bytes, seq: int, walk: Walk, report: Report) -> int:
    """Say why a line is not the entry that must come here; the number to count on from."""
    head = _HEAD.match(line)
    if head is None or line[-2:] != b"}\n":
        report.find("NON_CANONICAL", "not the line of an entry", seq)
        return seq
    found = int(head[2])
    if found != seq:
        walk.gaps = True
        report.find("SEQ_GAP", f"entry {found} stands here", seq)
        return found
    if len(walk.broken) == BROKEN_LIMIT:
        walk.gaps = True  # too many to tell altered contents from altered links
        report.find("LINK_BROKEN", "its _prev is not the hash of what stands before it", seq)
        return seq
    walk.broken.append(seq)
    walk.claimed[walk.count - 1] = bytes.fromhex(head[1].decode())
    return seq


def _name_broken_links(path: Path, walk: Walk, note: Note, report: Report) -> None:
    """Tell an altered entry from an altered link.

    If the tree has the signed root once each doubtful entry is given the hash that its successor recorded, then the
    links are the signed ones and the entries' contents are not. The root proves it; nothing is guessed.
    """
    if walk.broken and walk.broken[0] > 0 and not walk.gaps and walk.count == note.size:
        tree = Tree()
        with path.open("rb") as stream:
            for position, line in enumerate(iter(functools.partial(stream.readline, ENTRY_LIMIT + 1), b"")):
                whole = line[:-1] if line[-1:] == b"\n" else line
                tree.add(walk.claimed.get(position) or hashlib.sha256(b"\x00" + whole).digest())
        if tree.root() == note.root:
            walk.roots[note.size] = note.root
            for seq in walk.broken:
                report.find("CONTENT_ALTERED", f"entry {seq} records another hash of it", seq - 1)
            return
    for seq in walk.broken:
        report.find("LINK_BROKEN", "its _prev is not the hash of what stands before it", seq)


def _tree_fits(walk: Walk, note: Note, report: Report) -> None:
    if walk.count < note.size:
        report.find("TRUNCATED", f"{note.size} entries were signed, {walk.count} are here")
    elif walk.count > note.size:
        report.find("UNCOVERED", f"{note.size} entries were signed, {walk.count} are here", note.size)
    if walk.count >= note.size and walk.roots.get(note.size) != note.root:
        report.find("ROOT_MISMATCH", f"at {note.size} entries")


def _keys_fit(walk: Walk, note: Note, keys: list[dict[str, Any]], report: Report) -> None:
    """The first entry must create this log; the entries that name keys must give exactly keys.json."""
    named: list[dict[str, Any]] = []
    for seq, line in walk.key_entries:
        try:
            entry = _loads(line, entry=True)
        except ValueError:
            continue  # damaged: some other step has said so
        if (entry.get("action") == "log.created") != (seq == 0):
            report.find("ENTRY_INVALID", "only entry 0 creates the log", seq)
        elif seq == 0 and entry.get("origin") != note.origin:
            report.find("ORIGIN_MISMATCH", "entry 0 creates another log than the checkpoint is of")
        elif entry.get("action") in ("log.created", "log.key_added", "log.key_retired"):
            _name_key(named, entry, note.origin, report)
    if not walk.key_entries or walk.key_entries[0][0] != 0:
        report.find("ENTRY_INVALID", "entry 0 does not create the log", 0)
    if named != keys or report.facts.pop("keys_origin", None) != note.origin:
        report.find("KEYS_MISMATCH")


def _name_key(named: list[dict[str, Any]], entry: dict[str, Any], origin: str, report: Report) -> None:
    """Add or retire a key. Only a key in force may do that: else a database's owner could bring in their own."""
    action, vkey, seq = entry["action"], entry.get("log_vkey"), entry["_seq"]
    signer, known = entry.get("endorsed_by"), [key for key in named if key["vkey"] == vkey]
    try:
        if action != "log.created":
            if signer not in [key["vkey"] for key in named if _may_sign(key, seq)]:
                raise ValueError("not endorsed by a key in force")
            message = f"audit/v1 {action}\n{origin}\n{vkey}\n".encode()
            if not ed25519_verify(_parse_vkey(str(signer))[2], message, _unbase64(str(entry.get("endorsement")))):
                raise ValueError("the endorsement does not verify")
        if _parse_vkey(str(vkey))[0] != origin:
            raise ValueError("a key of another log")
        if action == "log.key_retired" and [key["until_size"] for key in known] != [None]:
            raise ValueError("a key that is not in force cannot be retired")
        if action != "log.key_retired" and known:
            raise ValueError("a key is named once")
    except ValueError as error:
        report.find("ENTRY_INVALID", str(error), seq)
        return
    if known:
        known[0]["until_size"] = seq
    else:
        named.append({"vkey": vkey, "from_size": seq + 1, "until_size": None})


def _is_deep(options: Options, path: Path) -> bool:
    return path.stat().st_size <= DEEP_BY_ITSELF if options.deep is None else options.deep


def _look_into_entries(path: Path, report: Report) -> None:
    """Canonical bytes, fields, times in order, and for each intent at most one outcome."""
    judge, place = Judge(), 0
    with path.open("rb", buffering=0) as stream:
        for lines, end in _runs(stream):
            whole = end and max(map(len, lines)) <= ENTRY_LIMIT
            for leaf in lines if whole else [line[:-1] for line in _pieces(lines, end)]:
                judge.look(leaf, place, report)
                place += 1
    report.notices.extend(judge.notices())


# ---------------------------------------------------------------------------------------------------------------------
# A receipt


def verify_receipt(path: Path, options: Options) -> Report:
    """Verify a receipt, and the files that are said to belong to it."""
    report = Report("receipt", path)
    outside_key, outside_notes = _outside(options)

    report.step("form of the receipt")
    receipt = _read_receipt(path, report)
    if receipt is None:
        return report

    report.step("checkpoint and its signature")
    try:
        note = _parse_note(receipt["checkpoint"].encode())
    except ValueError as error:
        report.find("CHECKPOINT_INVALID", str(error))
        return report
    _signed_by_log(note, [receipt["log_vkey"]], report)
    if receipt["origin"] != note.origin:
        report.find("ORIGIN_MISMATCH", "the receipt names another log than its checkpoint")
    report.facts.update(origin=note.origin, size=note.size, root=_base64(note.root), log_vkey=receipt["log_vkey"])

    report.step("entry in the signed tree")
    leaf = receipt["entry"].encode()
    _is_included(receipt, leaf, note, report)
    proven = not report.findings  # what is not proven to be in a signed log is not repeated here

    report.step("form of the entry")
    judge = Judge(alone=True)
    entry = judge.read(leaf, receipt["seq"], report)
    report.notices.extend(judge.notices())
    if entry is None:
        return report
    if proven:
        named = ("action", "ts", "document", "type", "number")
        report.facts.update({name: entry[name] for name in named if name in entry})
    else:
        report.notices.append("what the entry says is not shown: it is not proven to be in a signed log")

    report.step("wording of the disclosures")
    _disclosures_fit(receipt, entry, report)

    report.step("files")
    files = entry.get("files", [])
    _pdfs_fit(files if _fits(_FILES, files, or_more=True) else [], options.pdfs, proven, report)

    report.step("outside reference")
    _held_by_outside_key(note, outside_key, report)
    walk = Walk(note.origin, ())
    walk.count, walk.roots = note.size, {note.size: note.root}
    for name, held in outside_notes:
        _agrees_with(name, held, walk, note, [receipt["log_vkey"]], report)
    return report


def _read_receipt(path: Path, report: Report) -> dict[str, Any] | None:
    try:
        data = _read(path, FILE_LIMIT)
        _is_small_enough(data)
        loose = json.loads(data.decode(), parse_int=str, parse_float=str)  # any number, however long
    except (OSError, ValueError, RecursionError) as error:
        raise Unreadable("this is not a receipt: it cannot be read as JSON") from error
    if not isinstance(loose, dict) or loose.get("format") != "receipt/v1":
        raise Unreadable("this is not a receipt of the format receipt/v1")
    try:
        receipt = _loads(data[:-1])
    except ValueError as error:
        report.find("NON_CANONICAL", str(error))
        return None
    if data[-1:] != b"\n":
        report.find("NON_CANONICAL", "no newline at the end")
        return None
    later = sorted(set(receipt) & {"anchors", "consistency", "witnesses"})
    if later:
        report.notices.append("not examined, a later format's: " + ", ".join(later))
    if not _fits(_RECEIPT, {name: value for name, value in receipt.items() if name not in later}):
        report.find("RECEIPT_INVALID", "a member is missing, unknown, or of another type")
        return None
    return receipt  # type: ignore[no-any-return]  # its form was just compared


def _is_included(receipt: dict[str, Any], leaf: bytes, note: Note, report: Report) -> None:
    head = _HEAD.match(leaf)
    if head is None or int(head[2]) != receipt["seq"]:
        report.find("RECEIPT_INVALID", "seq is not the entry's own")
    if len(receipt["inclusion"]) > 64:
        report.find("INCLUSION_INVALID", "longer than any proof")
        return
    try:
        path = [_unbase64(sibling) for sibling in receipt["inclusion"]]
    except ValueError as error:
        report.find("INCLUSION_INVALID", str(error))
        return
    if any(len(sibling) != 32 for sibling in path):
        report.find("INCLUSION_INVALID", "a hash of another length")
        return
    root = _root_by_path(hashlib.sha256(b"\x00" + leaf).digest(), receipt["seq"], note.size, path)
    if root != note.root:
        report.find("INCLUSION_INVALID", "entry or proof is not of this checkpoint", receipt["seq"])


def _root_by_path(node: bytes, index: int, size: int, path: Sequence[bytes]) -> bytes | None:
    """The root to which an audit path leads (RFC 9162 2.1.3.2), or None if it has not the right length."""
    last = size - 1
    if not 0 <= index <= last:
        return None
    for sibling in path:
        if last == 0:
            return None
        if index % 2 == 1 or index == last:
            node = _node(sibling, node)
            while index % 2 == 0 and index != 0:
                index, last = index // 2, last // 2
        else:
            node = _node(node, sibling)
        index, last = index // 2, last // 2
    return node if last == 0 else None


def _disclosures_fit(receipt: dict[str, Any], entry: dict[str, Any], report: Report) -> None:
    recorded = entry.get("disclosures", [])
    if not _fits(_DISCLOSURES, recorded, or_more=True):  # only possible in an action that is not known here
        report.notices.append("not examined: disclosures of an unknown form")
        return
    shown = receipt["disclosures"]
    try:
        key = _unbase64(receipt["disclosure_key"])
    except ValueError:
        key = b"?"
    if len(key) != (32 if recorded else 0):
        report.find("DISCLOSURE_MISMATCH", "the key has not the length it must have")
    if [found["id"] for found in recorded] != [found["id"] for found in shown]:
        report.find("DISCLOSURE_MISMATCH", "other disclosures than the entry's")
        return
    for there, here in zip(recorded, shown):  # noqa: B905 -- equally long, and Python 3.9 has no strict
        message = here["id"].encode() + b"\x00" + here["text"].encode()
        if not hmac.compare_digest(hmac.new(key, message, hashlib.sha256).hexdigest(), there["mac"]):
            report.find("DISCLOSURE_MISMATCH", here["id"])


def _pdfs_fit(files: list[dict[str, Any]], pdfs: Sequence[str], proven: bool, report: Report) -> None:
    recorded = {(file["size"], file["sha256"]): file["name"] for file in files}
    if proven:
        report.facts["files"] = [f"{file['name']}  sha256 {file['sha256']}  {file['size']} bytes" for file in files]
    seen = set()
    for pdf in pdfs:
        try:
            digest = _digest(Path(pdf))
        except (OSError, ValueError) as error:
            raise Unreadable(f"cannot read {pdf!a}: {error}") from error
        if digest not in recorded:
            report.find("PDF_MISMATCH", f"{pdf!a}  sha256 {digest[1]}")
        seen.add(digest)
    for digest in recorded:
        if proven and digest not in seen:
            report.notices.append(f"not presented: {recorded[digest]}; expected sha256 {digest[1]}")
            if NOT_PRESENTED not in report.left_out:
                report.left_out.append(NOT_PRESENTED)


# ---------------------------------------------------------------------------------------------------------------------
# What comes from outside


def _outside(options: Options) -> tuple[str | None, list[tuple[str, Note]]]:
    """The outside key and checkpoints; unreadable ones end the matter, since the user gave them."""
    try:
        if options.key is not None:
            _parse_vkey(options.key)
        return options.key, [(ascii(path), _parse_note(_read(Path(path), NOTE_LIMIT))) for path in options.checkpoints]
    except (OSError, ValueError) as error:
        raise Unreadable(f"the outside key or checkpoint cannot be read: {error}") from error


def _held_by_outside_key(note: Note, vkey: str | None, report: Report) -> None:
    if vkey is None:
        return
    try:
        _check_signatures(note, [vkey])
    except ValueError:
        report.find("KEY_MISMATCH", "the checkpoint is not signed by the key you gave")
    else:
        report.outside.append("key")


def _agrees_with(name: str, held: Note, walk: Walk, note: Note, vkeys: Sequence[str], report: Report) -> None:
    """Compare with a checkpoint that was kept elsewhere."""
    if held.origin != note.origin:
        report.find("ORIGIN_MISMATCH", f"{name} is a checkpoint of another log")
        return
    if report.kind == "receipt" and held.size not in walk.roots:
        # Nor its signature: a receipt names one key, and an earlier checkpoint may bear an earlier one.
        report.notices.append(
            f"{name} was NOT COMPARED: it covers {held.size} entries, the receipt's checkpoint {note.size}. "
            "Compare it with an export."
        )
        if NOT_COMPARED not in report.left_out:
            report.left_out.append(NOT_COMPARED)
        return
    try:
        _check_signatures(held, vkeys)
    except ValueError as error:
        report.find("CHECKPOINT_SIGNATURE_INVALID", f"{name}: {error}")
        return
    if held.size in walk.roots:
        if walk.roots[held.size] != held.root:
            report.find("FORKED", f"{name}: another root at {held.size} entries")
        else:
            report.outside.append(f"checkpoint of {held.size} entries")
    else:
        report.find("ROLLED_BACK", f"{name} covers {held.size} entries: an older export, or a log cut back")


# ---------------------------------------------------------------------------------------------------------------------
# The tree


def _node(left: bytes, right: bytes) -> bytes:
    return hashlib.sha256(b"\x01" + left + right).digest()


class Tree:
    """The RFC 6962 root of a growing list of leaf hashes, folded 4096 leaves at a time."""

    WIDTH = 4096

    def __init__(self) -> None:
        self.blocks: list[bytes] = []
        self.pending: list[bytes] = []

    def add(self, leaf: bytes) -> None:
        self.extend([leaf])

    def extend(self, leaves: list[bytes]) -> None:
        self.pending += leaves
        while len(self.pending) >= self.WIDTH:
            self.blocks.append(_fold(self.pending[: self.WIDTH]))
            self.pending = self.pending[self.WIDTH :]

    def root(self) -> bytes:
        if not self.blocks and not self.pending:
            return hashlib.sha256(b"").digest()
        return _fold(self.blocks + ([_fold(self.pending)] if self.pending else []))


def _fold(row: list[bytes]) -> bytes:
    """Hash pairs level by level; a node left over at the end moves up as it is."""
    sha256 = hashlib.sha256
    while len(row) > 1:
        pairs = zip(row[::2], row[1::2])  # noqa: B905 -- the last of an odd number has no partner
        above = [sha256(b"\x01" + left + right).digest() for left, right in pairs]
        row = above + row[-1:] if len(row) % 2 else above
    return row[0]


# ---------------------------------------------------------------------------------------------------------------------
# Checkpoints: C2SP signed notes


class Note(NamedTuple):
    origin: str
    size: int
    root: bytes
    body: bytes
    signatures: list[tuple[str, bytes]]  # (key name, key id and signature)


_ORIGIN = re.compile(r"[a-z0-9][a-z0-9.:-]*(/[A-Za-z0-9._-]+)*")
_SIGNATURE = re.compile(r"— ([^+\s]+) ([A-Za-z0-9+/]+={0,2})")
_VKEY = re.compile(r"([^+\s]{1,200})\+([0-9a-f]{8})\+([A-Za-z0-9+/]{44})")


def _parse_note(data: bytes) -> Note:
    """A note with exactly origin, size and root, or ValueError."""
    if len(data) > NOTE_LIMIT or data.count(b"\n") > 3 + 1 + 64:
        raise ValueError("longer than any note")
    body, blank, tail = data.decode().rpartition("\n\n")
    lines = body.split("\n")
    if not blank or len(lines) != 3 or not tail.endswith("\n"):
        raise ValueError("not a signed note of three lines")
    origin, size, root = lines
    if not _ORIGIN.fullmatch(origin) or not re.fullmatch("0|[1-9][0-9]{0,15}", size) or len(_unbase64(root)) != 32:
        raise ValueError("not an origin, a size and a root")
    signatures = []
    for line in tail[:-1].split("\n"):
        match = _SIGNATURE.fullmatch(line)
        blob = _unbase64(match[2]) if match else b""
        if match is None or len(blob) < 5:
            raise ValueError("a signature line cannot be read")
        signatures.append((match[1], blob))
    if len(signatures) > 64 or len({(name, blob[:4]) for name, blob in signatures}) != len(signatures):
        raise ValueError("too many signatures, or two by one key")
    return Note(origin, int(size), _unbase64(root), (body + "\n").encode(), signatures)


def _parse_vkey(text: str) -> tuple[str, bytes, bytes]:
    """Name, key id and public key of a verifier key, or ValueError."""
    match = _VKEY.fullmatch(text)
    blob = _unbase64(match[3]) if match else b""
    if match is None or blob[:1] != b"\x01":
        raise ValueError("not a verifier key for Ed25519")
    key_id = hashlib.sha256(match[1].encode() + b"\n" + blob).digest()[:4]
    if key_id.hex() != match[2]:
        raise ValueError("the verifier key's id does not fit its name and key")
    return match[1], key_id, blob[1:]


def _check_signatures(note: Note, vkeys: Sequence[str]) -> int:
    """ValueError unless one of the keys signed and none signed wrongly; how many signatures are by other keys."""
    keys = {(name, key_id): public for name, key_id, public in map(_parse_vkey, vkeys) if name == note.origin}
    known = 0
    for name, blob in note.signatures:
        public = keys.get((name, blob[:4]))
        if public is not None:
            if not ed25519_verify(public, note.body, blob[4:]):
                raise ValueError("a signature does not verify")
            known += 1
    if not known:
        raise ValueError("not signed by a key of this log")
    return len(note.signatures) - known


# ---------------------------------------------------------------------------------------------------------------------
# Entries: canonical JSON and the fields of each action

_KEY = re.compile(r"[a-z][a-z0-9_.-]*")
_UNFIT = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]")
_UUID = "[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"


def _loads(data: bytes, entry: bool = False) -> Any:
    """The value of canonical bytes, or ValueError. An entry also has `_prev` and `_seq`."""
    if entry and (len(data) > ENTRY_LIMIT or not _HEAD.match(data)):
        raise ValueError("not an entry")
    _is_small_enough(data)
    try:
        value = json.loads(
            data.decode(), object_pairs_hook=_unique, parse_int=_integer, parse_float=_float, parse_constant=_float
        )
    except RecursionError as error:
        raise ValueError("nested too deep") from error
    inner = value
    if entry:
        if not isinstance(value, dict) or len(value) < 3:
            raise ValueError("not an entry")
        inner = {key: value[key] for key in value if key not in ("_prev", "_seq")}
    _in_profile(inner, 1)
    if json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode() != data:
        raise ValueError("not the canonical bytes of this value")
    return value


def _is_small_enough(data: bytes) -> None:
    if data.count(b"[") + data.count(b"{") > BRACKETS_LIMIT or data.count(b",") > COMMAS_LIMIT:
        raise ValueError("more values than any file of these formats has")


def _in_profile(value: Any, depth: int) -> None:
    if isinstance(value, str):
        if _UNFIT.search(value):
            raise ValueError("a control character or a lone surrogate")
    elif isinstance(value, int):  # bool is one of them
        if abs(value) > 2**53 - 1:
            raise ValueError("an integer above 2^53 - 1")
    elif isinstance(value, (list, dict)):
        if depth > 8:
            raise ValueError("nested too deep")
        if isinstance(value, dict) and not all(_KEY.fullmatch(key) for key in value):
            raise ValueError("a key that is not a plain name")
        for item in value.values() if isinstance(value, dict) else value:
            _in_profile(item, depth + 1)


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    if len({key for key, _ in pairs}) != len(pairs):
        raise ValueError("a key occurs twice")
    return dict(pairs)


def _integer(text: str) -> int:
    if len(text) > 17:  # before it is counted out: that takes time
        raise ValueError("an integer above 2^53 - 1")
    return int(text)


def _float(_text: str) -> Any:
    raise ValueError("a number that is not an integer")


class Check:
    """The form of a single value. `shape` matches canonical bytes, decoded, that surely have it: see `_shape_of`."""

    def __init__(self, fits: Callable[[Any], bool], shape: str) -> None:
        self.fits, self.shape = fits, shape

    def __call__(self, value: Any) -> bool:
        return self.fits(value)


def _matching(pattern: str, shape: str | None = None) -> Check:
    compiled = re.compile(pattern)
    fits = lambda value: isinstance(value, str) and compiled.fullmatch(value) is not None  # noqa: E731 -- one of many checks, each a line
    return Check(fits, f'"(?:{pattern if shape is None else shape})"')


_whole = Check(lambda value: type(value) is int and value >= 0, "(?:0|[1-9][0-9]{0,14})")
_flag = Check(lambda value: type(value) is bool, "(?:true|false)")


def _time(form: str) -> Callable[[Any], bool]:
    def fits(value: Any) -> bool:
        try:
            return isinstance(value, str) and datetime.datetime.strptime(value, form) is not None
        except ValueError:
            return False

    return fits


def _both(one: Check, other: Callable[[Any], bool], shape: str) -> Check:
    return Check(lambda value: one(value) and other(value), f'"{shape}"')


_PLAIN = r'[^"\\\x00-\x1f\x7f-\x9f]'  # a character that stands in canonical bytes as it is
_DAY = "[1-9][0-9]{3}-(?:0[1-9]|1[0-2])-(?:0[1-9]|1[0-9]|2[0-8])"
_text = _matching(r"(?s).{0,1000}", _PLAIN + "{0,1000}")
_uuid = _matching(_UUID)
_hex = _matching("[0-9a-f]{64}")
_day = _both(_matching("[0-9]{4}-[0-9]{2}-[0-9]{2}"), _time("%Y-%m-%d"), _DAY)
_instant = _both(
    _matching(r"[0-9]{4}(-[0-9]{2}){2}T([0-9]{2}:){2}[0-9]{2}\.[0-9]{6}Z"),
    _time("%Y-%m-%dT%H:%M:%S.%fZ"),
    _DAY + r"T(?:[01][0-9]|2[0-3])(?::[0-5][0-9]){2}\.[0-9]{6}Z",
)
_pack = {"id": _text, "version": _text, "sha256": _hex}
_outcome = {"document": _uuid, "case": _uuid, "intent_seq": _whole}
_FILES = [{"name": _text, "sha256": _hex, "size": _whole, "pages": _whole, "segments?": _whole}]
_FINDINGS = [{"rule": _text, "severity": _text, "source": _text}]
_DISCLOSURES = [{"id": _text, "source": _text, "page": _whole, "mac": _hex}]
_key_entry = {"key": _uuid, "role": _text, "key_org": _text}

# A name with `?` may be absent. Labels are only known to be text: their patterns may widen, these forms never change.
_COMMON: dict[str, Any] = {
    "v": Check(lambda value: type(value) is int and value == 1, "1"),
    "id": _uuid,
    "ts": _instant,
    "ts_clamped?": Check(lambda value: value is True, "true"),
    "clock": {"source": _text, "synchronised": _matching("yes|no|unknown")},
    "actor": _text,
    "actor_kind": _matching("key|system|operator"),
    "org": _text,
    "req": _text,
    "host": _text,
    "app_version": _text,
    "action": _text,
}
_ACTIONS: dict[str, dict[str, Any]] = {
    "log.created": {
        "origin": _text,
        "format": _matching("audit/v1"),
        "hash": _matching("sha256"),
        "log_vkey": _text,
        "policy_sha256": _hex,
    },
    "log.key_added": {"log_vkey": _text, "endorsed_by": _text, "endorsement": _text},
    "log.key_retired": {"log_vkey": _text, "endorsed_by": _text, "endorsement": _text},
    "intended": {
        "document": _uuid,
        "case": _uuid,
        "type": _text,
        "number": _text,
        "on": _day,
        "on_given": _flag,
        "specimen": _flag,
        "requested_by": _hex,
        "run?": _hex,
        "request_mac": _hex,
        "template_sha256": _hex,
        "issuer_sha256?": _hex,
        "for_account?": _uuid,
        "tier?": _text,
        "pack": _pack,
    },
    "refused": {**_outcome, "findings": _FINDINGS, "approval?": _uuid, "pack": _pack},
    "failed": {**_outcome, "step": _text, "missing?": [_text]},
    "aborted": {**_outcome, "reason": _text},
    "issued": {
        **_outcome,
        "type": _text,
        "number": _text,
        "on": _day,
        "facts_mac": _hex,
        "check_sha256": _hex,
        "files": _FILES,
        "disclosures": _DISCLOSURES,
        "rules": [_text],
        "pack": _pack,
        "template_sha256": _hex,
        "issuer_sha256?": _hex,
        "converter": _text,
        "fonts_sha256": _hex,
        "signature": {"level": _text, "certificate_sha256": _hex, "specimen": _flag},
        "for_account?": _uuid,
        "tier?": _text,
        "warnings?": _FINDINGS,
        "approval?": _uuid,
        "stamp_use?": {"authorisation": _uuid, "use": _whole},
    },
    "registry.imported": {
        "file_sha256": _hex,
        "counted": {"accounts": _whole, "events": _whole},
        "origin": _text,
        "as_of": _instant,
    },
    "event.recorded": {
        "event": _uuid,
        "for_account": _uuid,
        "kind": _text,
        "on": _day,
        "channel?": _text,
        "outcome?": _text,
        "document?": _uuid,
        "detail_mac": _hex,
    },
    "objection.received": {
        "objection": _uuid,
        "for_account": _uuid,
        "channel": _text,
        "grounds": [_text],
        "due": _day,
        "repeats": _flag,
        "detail_mac": _hex,
    },
    "objection.moved": {
        "objection": _uuid,
        "for_account": _uuid,
        "from": _text,
        "to": _text,
        "role": _text,
        "reason?": _text,
        "reply?": _uuid,
        "detail_mac?": _hex,
    },
    "agreement.opened": {
        "agreement": _uuid,
        "for_account": _uuid,
        "type": _text,
        "document?": _uuid,
        "state": _text,
        "on": _day,
        "last_due": _day,
        "recording_sha256?": _hex,
        "detail_mac": _hex,
    },
    "agreement.executed": {
        "agreement": _uuid,
        "for_account": _uuid,
        "document": _uuid,
        "means": _text,
        "on": _day,
        "role": _text,
        "executed?": {"sha256": _hex, "size": _whole, "pages": _whole},
        "scan?": {"sha256": _hex, "pages": _whole},
        "certificates?": [_hex],
        "amount_disputed?": _flag,
        "objection?": _uuid,
        "detail_mac": _hex,
    },
    "agreement.moved": {
        "agreement": _uuid,
        "for_account": _uuid,
        "from": _text,
        "to": _text,
        "on": _day,
        "role": _text,
        "reason": _text,
        "copy_delivered?": _day,
        "proof_sha256?": _hex,
        "detail_mac?": _hex,
    },
    "agreement.paid": {
        "agreement": _uuid,
        "for_account": _uuid,
        "payment": _uuid,
        "on": _day,
        "next_due?": _day,
        "detail_mac": _hex,
    },
    "approval.asked": {
        "approval": _uuid,
        "document": _uuid,
        "case": _uuid,
        "findings": _FINDINGS,
        "expires": _instant,
        "request_mac": _hex,
        "template_sha256": _hex,
        "pack": _pack,
    },
    "approval.decided": {
        "approval": _uuid,
        "document": _uuid,
        "case": _uuid,
        "decision": _matching("granted|declined|expired|void"),
        "role": _text,
        "reason": _text,
        "reason_mac?": _hex,
    },
    "delivery.moved": {
        "document": _uuid,
        "case": _uuid,
        "from": _text,
        "to": _text,
        "on": _day,
        "reason?": _text,
        "detail_mac?": _hex,
    },
    "stamp.authorised": {
        "authorisation": _uuid,
        "stamp_sha256?": _hex,
        "issuer": _text,
        "types": [_text],
        "template_sha256?": _hex,
        "since": _day,
        "until": _day,
        "maximum": _whole,
        "approvers": [_hex],
    },
    "stamp.revoked": {"authorisation": _uuid, "used": _whole},
    "key.created": _key_entry,
    "key.revoked": _key_entry,
}
_OUTCOMES = ("issued", "refused", "failed", "aborted")
_FILE_NAME = _matching(r"[a-z0-9][a-z0-9._-]{0,99}")
_SIZE_OR_NONE: Callable[[Any], bool] = lambda value: value is None or _whole(value)  # noqa: E731 -- one of many checks, each a line -- a form like the others
_MANIFEST = {
    "format": _matching("export/v1"),
    "origin": _text,
    "size": _whole,
    "files": [{"name": _FILE_NAME, "sha256": _hex, "size": _whole}],
}
_KEYS = {
    "format": _matching("keys/v1"),
    "origin": _text,
    "keys": [{"vkey": _matching(_VKEY.pattern), "from_size": _whole, "until_size": _SIZE_OR_NONE}],
}
_ANY_TEXT = _matching("(?s).*")
_RECEIPT = {
    "format": _matching("receipt/v1"),
    "origin": _text,
    "log_vkey": _text,
    "entry": _ANY_TEXT,
    "seq": _whole,
    "inclusion": [_text],
    "checkpoint": _ANY_TEXT,
    "disclosure_key": _text,
    "disclosures": [{"id": _text, "text": _ANY_TEXT}],
}


def _misfits(form: Any, value: Any, path: str) -> Iterator[tuple[str, bool]]:
    """Each place where a value has not its form; the flag says that the place is only unknown, not wrong."""
    if isinstance(form, dict):
        if not isinstance(value, dict):
            yield path, False
            return
        known = {name.rstrip("?"): inner for name, inner in form.items()}
        yield from ((f"{path}.{name}", True) for name in value if name not in known)
        yield from ((f"{path}.{name}", False) for name in form if name[-1] != "?" and name not in value)
        for name in value:
            if name in known:
                yield from _misfits(known[name], value[name], f"{path}.{name}")
    elif isinstance(form, list):
        if not isinstance(value, list):
            yield path, False
            return
        for index, item in enumerate(value):
            yield from _misfits(form[0], item, f"{path}[{index}]")
    elif not form(value):
        yield path, False


def _fits(form: Any, value: Any, or_more: bool = False) -> bool:
    """Whether a value has its form; with `or_more`, fields that are not known do not matter."""
    return all(or_more and only_unknown for _, only_unknown in _misfits(form, value, ""))


def _shape_of(form: Any) -> str:
    """A pattern of the canonical bytes, decoded, of values that surely have this form.

    What it matches is canonical and has the form: members in order, nothing between them, no escapes. What it does not
    match may still be good (a thirtieth of a month, a later field, an escaped sign): it is looked at value by value.
    """
    if isinstance(form, dict):
        return r"\{" + _members(form) + r"\}"
    if isinstance(form, list):
        item = _shape_of(form[0])
        return rf"\[(?:{item}(?:,{item})*)?\]"
    return str(form.shape)


def _members(form: dict[str, Any]) -> str:
    """The members in order; the first of each form may not be absent, so that a comma precedes every other."""
    shapes: list[str] = []
    for name, inner in sorted(form.items(), key=lambda member: member[0].rstrip("?")):
        value = _shape_of(inner)
        value = _group(name, value) if _NEEDED.get(name) is inner else f"(?:{value})"
        shape = f'{"," if shapes else ""}"{re.escape(name.rstrip("?"))}":{value}'
        shapes.append(f"(?:{shape})?" if name[-1] == "?" else shape)
    return "".join(shapes)


def _group(name: str, shape: str) -> str:
    """The pattern of a value with a group of that name; the quotes of a string stay outside of it."""
    return f'"(?P<{name}>{shape[1:-1]})"' if shape[0] == '"' else f"(?P<{name}>{shape})"


# What Judge._follows needs to know of an entry.
_NEEDED: dict[str, Any] = {
    "_seq": _whole,
    "ts": _instant,
    "document": _uuid,
    "case": _uuid,
    "intent_seq": _whole,
}
_FORMS = {action: {**_COMMON, **fields} for action, fields in _ACTIONS.items()}
_SHAPES = {
    action.encode(): re.compile(
        r'\{"_prev":"[0-9a-f]{64}","_seq":(?P<_seq>0|[1-9][0-9]{0,14}),'
        + _members({**form, "action": _matching(re.escape(action))})
        + r"\}"
    )
    for action, form in _FORMS.items()
}
_ACTION_AT = re.compile(rb'\{"_prev":"[0-9a-f]{64}","_seq":[0-9]{1,15},"action":"([a-z._]{1,20})"')


class Piece(NamedTuple):
    """A part of an entry's bytes: a value that may be another one in the next entry, or what stands between two."""

    data: bytes
    check: Check | None = None
    name: str = ""


def _cut(form: Any, value: Any, name: str = "") -> Iterator[Piece]:
    """The canonical bytes of a value of this form, in pieces."""
    if isinstance(form, dict):
        forms = {known.rstrip("?"): inner for known, inner in form.items()}
        for place, member in enumerate(sorted(value)):
            yield Piece(b'%b"%b":' % (b"," if place else b"{", member.encode()))
            yield from _cut(forms[member], value[member], member)
        yield Piece(b"}")
    elif isinstance(form, list):
        for place, item in enumerate(value):
            yield Piece(b"," if place else b"[")
            yield from _cut(form[0], item)
        yield Piece(b"]" if value else b"[]")
    elif form is _hex:
        yield from (Piece(b'"'), Piece(value.encode(), _hex), Piece(b'"'))
    else:
        varies = form in (_uuid, _whole, _instant) or name in ("number", "req")
        yield Piece(json.dumps(value, ensure_ascii=False).encode(), form if varies else None, name)


class Mould:
    """One entry that was taken at a glance, to take others by that have the same lengths throughout (模子).

    Cut at the same places, the other has that shape as well if what stands between the values are bytes that stood
    there before, and each value fits the pattern that the shape has for it. Hexadecimal digits, most of an entry, are
    looked at all together; newlines keep the other values apart, for no pattern takes one.
    """

    def __init__(self, action: str, pieces: Sequence[Piece]) -> None:
        self.action = action
        self.known: set[tuple[bytes, ...]] = set()
        parts = [(kind, sum(len(piece.data) for piece in run)) for kind, run in itertools.groupby(pieces, _kind)]
        self.cuts = ["".join(f"{size}{'s' if kind == mine else 'x'}" for kind, size in parts) for mine in range(3)]
        self._between, self._hex, self._values = (struct.Struct(cut).unpack for cut in self.cuts)
        values = [(piece.name, piece.check) for piece in pieces if piece.check not in (None, _hex)]
        shapes = (_group(name, of.shape) if _NEEDED.get(name) is of else of.shape for name, of in values)
        self._patterns = re.compile("\n".join(shapes))

    def like(self, other: Mould) -> bool:
        return (self.action, self.cuts, self._patterns) == (other.action, other.cuts, other._patterns)

    def learn(self, leaf: bytes) -> None:
        """Take what stands between the values of this entry for good."""
        self.known.add(self._between(leaf))

    def take(self, leaf: bytes) -> re.Match[str] | None:
        """What is needed of an entry of the same length, or None if it does not fit."""
        if self._between(leaf) not in self.known or b"".join(self._hex(leaf)).translate(None, b"0123456789abcdef"):
            return None
        try:
            return self._patterns.fullmatch(b"\n".join(self._values(leaf)).decode())
        except UnicodeDecodeError:
            return None


def _kind(piece: Piece) -> int:
    """What stands between values, hexadecimal digits, another value."""
    return 0 if piece.check is None else 1 if piece.check is _hex else 2


class Judge:
    """Looks into entries, one after the other in the order of the log."""

    def __init__(self, alone: bool = False) -> None:
        self.alone = alone  # one entry of a receipt: nothing is known of those before it
        self.last_ts = ""
        self.open: dict[int, tuple[Any, Any]] = {}  # intent -> its document and case
        self.unknown: set[str] = set()
        self.moulds: dict[int, list[Mould]] = {}  # by the length of an entry
        self.learnt = 0

    def look(self, leaf: bytes, place: int, report: Report) -> None:
        """Judge the next entry of a log, at a glance if that is enough."""
        shaped = self._shaped(leaf)
        if shaped is not None:
            self._follows(*shaped, report)
        else:
            self.read(leaf, place, report)

    def read(self, leaf: bytes, place: int, report: Report) -> dict[str, Any] | None:
        """The entry, or None if it cannot be read as what it says it is. Findings go by the entry's own number."""
        try:
            entry: dict[str, Any] = _loads(leaf, entry=True)
        except ValueError as error:
            report.find("NON_CANONICAL", str(error), place)
            return None
        seq = entry["_seq"]
        if entry.get("v") != 1 and type(entry.get("v")) is int:
            self._note(f"entries of version {entry['v']}")
            return entry
        if not self._has_form(entry, seq, report):
            return None
        if not self.alone:
            self._follows(entry["action"], entry, report)
        return entry

    def _shaped(self, leaf: bytes) -> tuple[str, re.Match[str]] | None:
        """Action, and what is needed, of an entry that has the canonical bytes and the form of it, at a glance."""
        for mould in self.moulds.get(len(leaf), ()):
            found = mould.take(leaf)
            if found is not None:
                return mould.action, found
        at = _ACTION_AT.match(leaf)
        shape = _SHAPES.get(at[1]) if at and len(leaf) <= ENTRY_LIMIT else None
        try:
            found = shape.fullmatch(leaf.decode()) if shape else None
        except UnicodeDecodeError:
            return None
        if at is None or found is None:
            return None
        action = at[1].decode()
        self._learn(action, leaf)
        return action, found

    def _learn(self, action: str, leaf: bytes) -> None:
        """Make a mould of an entry that has the shape of its action; of a log that varies much, of so many only."""
        if self.learnt == MOULDS_LIMIT:
            return
        self.learnt += 1
        new = Mould(action, tuple(_cut({"_prev": _hex, "_seq": _whole, **_FORMS[action]}, json.loads(leaf))))
        moulds = self.moulds.setdefault(len(leaf), [])
        for mould in moulds:
            if mould.like(new):
                mould.learn(leaf)
                return
        if len(moulds) < 4:
            new.learn(leaf)
            moulds.append(new)

    def _has_form(self, entry: dict[str, Any], seq: int, report: Report) -> bool:
        action = entry.get("action")
        fields = _ACTIONS.get(action) if isinstance(action, str) else None
        form = {**_COMMON, **(fields or {})}
        payload = {name: value for name, value in entry.items() if name not in ("_prev", "_seq")}
        wrong = []
        for place, only_unknown in _misfits(form, payload, "entry"):
            if not only_unknown:
                wrong.append(place)
            elif fields is not None:
                self._note(f"field {place} of {action}")
        if wrong:
            report.find("ENTRY_INVALID", ", ".join(wrong[:5]), seq)
        elif fields is None:
            self._note(f"action {action}")
        return not wrong

    def _follows(self, action: str, entry: Any, report: Report) -> None:
        """Time, and intents with their outcomes. The entry is one that was read, or what a shape has found in one."""
        if entry["ts"] < self.last_ts:
            report.find("ENTRY_INVALID", "its time is before that of the entry before", int(entry["_seq"]))
        self.last_ts = entry["ts"]
        if action == "intended":
            if len(self.open) == OPEN_LIMIT:
                raise Unreadable(f"more than {OPEN_LIMIT} intents without outcome: this verifier does not hold so many")
            self.open[int(entry["_seq"])] = (entry["document"], entry["case"])
        elif action in _OUTCOMES:
            intent = self.open.pop(int(entry["intent_seq"]), None)
            if intent != (entry["document"], entry["case"]):
                report.find("ENTRY_INVALID", "no open intent of this document", int(entry["_seq"]))

    def _note(self, what: str) -> None:
        if len(self.unknown) < 10 * SHOWN:
            self.unknown.add(what[:200])

    def notices(self) -> list[str]:
        found = [f"not known to this verifier, and not examined: {name}" for name in sorted(self.unknown)[:SHOWN]]
        if self.open:
            found.append(f"{len(self.open)} intent(s) without outcome: under way at the time, or broken off")
        return found


# ---------------------------------------------------------------------------------------------------------------------
# Ed25519 (RFC 8032), strict: S below the group order, points in canonical form on the curve, no key of small order

_P = 2**255 - 19
_L = 2**252 + 27742317777372353535851937790883648493
_D = -121665 * pow(121666, _P - 2, _P) % _P
_ROOT = pow(2, (_P - 1) // 4, _P)  # a square root of -1
Point = tuple[int, int, int, int]  # X, Y, Z, T with x = X/Z, y = Y/Z, xy = T/Z
_NEUTRAL: Point = (0, 1, 1, 0)


def ed25519_verify(public: bytes, message: bytes, signature: bytes) -> bool:
    """Whether the signature is by this key over this message; False for anything malformed."""
    if len(public) != 32 or len(signature) != 64:
        return False
    key = _point(public)
    s = int.from_bytes(signature[32:], "little")
    if key is None or s >= _L or _encoded(_double(_double(_double(key)))) == _encoded(_NEUTRAL):
        return False
    k = int.from_bytes(hashlib.sha512(signature[:32] + public + message).digest(), "little") % _L
    # S*B - k*A must be R. Comparing encodings also refuses an R that is not canonical.
    return _encoded(_two_products(s, _BASE, k, _negative(key))) == signature[:32]


def _point(data: bytes) -> Point | None:
    """Decode a point (RFC 8032 5.1.3); None if it is not canonical or not on the curve."""
    number = int.from_bytes(data, "little")
    sign, y = number >> 255, number & (2**255 - 1)
    if y >= _P:
        return None
    square = (y * y - 1) * pow(_D * y * y + 1, _P - 2, _P) % _P
    x = pow(square, (_P + 3) // 8, _P)
    if x * x % _P != square:
        x = x * _ROOT % _P
    if x * x % _P != square or (x == 0 and sign):
        return None
    if x % 2 != sign:
        x = _P - x
    return x, y, 1, x * y % _P


def _encoded(point: Point) -> bytes:
    x, y, z, _ = point
    inverse = pow(z, _P - 2, _P)
    return (y * inverse % _P | (x * inverse % _P & 1) << 255).to_bytes(32, "little")


def _add(one: Point, other: Point) -> Point:
    a = (one[1] - one[0]) * (other[1] - other[0]) % _P
    b = (one[1] + one[0]) * (other[1] + other[0]) % _P
    c = 2 * one[3] * other[3] * _D % _P
    d = 2 * one[2] * other[2] % _P
    e, f, g, h = b - a, d - c, d + c, b + a
    return e * f % _P, g * h % _P, f * g % _P, e * h % _P


def _double(point: Point) -> Point:
    a, b = point[0] * point[0] % _P, point[1] * point[1] % _P
    h = a + b
    e = h - (point[0] + point[1]) * (point[0] + point[1]) % _P
    g = a - b
    f = 2 * point[2] * point[2] + g
    return e * f % _P, g * h % _P, f * g % _P, e * h % _P


def _negative(point: Point) -> Point:
    return _P - point[0], point[1], point[2], _P - point[3]


def _two_products(m: int, one: Point, n: int, other: Point) -> Point:
    """m*one + n*other in one run of doublings. Nothing here is secret, so it need not take constant time."""
    choice = (None, one, other, _add(one, other))
    result = _NEUTRAL
    for bit in reversed(range(max(m.bit_length(), n.bit_length()))):
        result = _double(result)
        chosen = choice[(m >> bit & 1) | (n >> bit & 1) << 1]
        if chosen is not None:
            result = _add(result, chosen)
    return result


_BASE_Y = 4 * pow(5, _P - 2, _P) % _P
_BASE: Point = _point(_BASE_Y.to_bytes(32, "little")) or _NEUTRAL

# ---------------------------------------------------------------------------------------------------------------------
# Bytes


def _read(path: Path, limit: int) -> bytes:
    if not path.is_file():  # a pipe or a device would keep us waiting
        raise ValueError("not a regular file")
    with path.open("rb") as stream:
        data = stream.read(limit + 1)
    if len(data) > limit:
        raise ValueError(f"longer than {limit} bytes")
    return data


def _runs(stream: BinaryIO) -> Iterator[tuple[list[bytes], bytes]]:
    """The lines of a file, many at a time and without their ends; the second says what ends each, nothing or b"\\n".

    Nothing ends the last line of a file that breaks off, and what is cut off from a line longer than any entry.
    """
    rest = b""
    while data := stream.read(BLOCK):
        find, lines, start = data.find, [], 0
        while (end := find(b"\n", start)) >= 0:  # `split` looks at each byte by itself
            lines.append(data[start:end])
            start = end + 1
        if lines:
            lines[0] = rest + lines[0]
            yield lines, b"\n"
            rest = b""
        rest += data[start:]
        while len(rest) > ENTRY_LIMIT:
            yield [rest[: ENTRY_LIMIT + 1]], b""
            rest = rest[ENTRY_LIMIT + 1 :]
    if rest:
        yield [rest], b""


def _pieces(lines: list[bytes], end: bytes) -> Iterator[bytes]:
    """Each line with its end; one that is longer than an entry in pieces."""
    for line in lines:
        whole = line + end
        yield from (whole[at : at + ENTRY_LIMIT + 1] for at in range(0, len(whole), ENTRY_LIMIT + 1))


def _digest(path: Path) -> tuple[int, str]:
    if not path.is_file():
        raise ValueError("not a regular file")
    size, digest, buffer = 0, hashlib.sha256(), memoryview(bytearray(BLOCK))
    with path.open("rb", buffering=0) as stream:
        while count := stream.readinto(buffer):
            size += count
            digest.update(buffer[:count])
    return size, digest.hexdigest()


def _base64(data: bytes) -> str:
    return base64.b64encode(data).decode()


def _unbase64(text: str) -> bytes:
    """Base64 in its one canonical form, or ValueError."""
    data = base64.b64decode(text.encode(), validate=True)
    if _base64(data) != text:
        raise ValueError("base64 that is not canonical")
    return data


# ---------------------------------------------------------------------------------------------------------------------
# The report

NO_OUTSIDE = (
    "no outside reference: everything here fits together, but who made all of it anew with a key of their own would "
    "not be noticed. Give --key or --checkpoint from another source."
)
NO_OUTSIDE_ZH = (
    "无外部参照：以上内容彼此一致，但整体重造者无从识别；请另以外部取得的密钥（--key）或检查点（--checkpoint）核对。"
)
FORM_LEFT_OUT = ("the form of each entry NOT EXAMINED (give --deep)", "未核验各条记录的格式（--deep）")
NOT_PRESENTED = ("a file NOT PRESENTED (give --pdf)", "有文件未出示（--pdf）")
NOT_COMPARED = ("an outside checkpoint NOT COMPARED", "外部检查点未比对")


def as_text(report: Report) -> str:
    """The report for people."""
    lines = [f"{report.kind} {str(report.target)!a}"]
    for name, value in report.facts.items():
        lines += [f"  {name}: {item}" for item in (value if isinstance(value, list) else [value])]
    for step in report.steps:
        outcome = "ok" if step["sound"] else "BROKEN"
        if step["title"] == "outside reference" and step["sound"]:
            compared = [*report.outside, *(["NOT COMPARED"] if NOT_COMPARED in report.left_out else [])]
            outcome = ", ".join(compared) or "none"
        if step["title"] == "files" and step["sound"] and NOT_PRESENTED in report.left_out:
            outcome = "NOT PRESENTED"
        lines.append(f"{step['number']:2}. {step['title']:32} {outcome}")
    for finding in report.findings:
        english, chinese = VERDICTS[finding.verdict]
        lines.append(f"  {finding.label()}  {english} / {chinese}" + (f" ({finding.detail})" if finding.detail else ""))
    for verdict, count in report.counts.items():
        if count > SHOWN:
            lines.append(f"  {verdict}: {count - SHOWN} more")
    lines += [f"  note: {notice}" for notice in report.notices]
    if not report.outside:
        lines += [f"  {NO_OUTSIDE}", f"  {NO_OUTSIDE_ZH}"]
    lines.append(_result(report))
    return "".join(_shown(line) + "\n" for line in lines)


def _result(report: Report) -> str:
    """The last line: nothing that was not looked at hides behind an OK."""
    result = "RESULT: BROKEN / 已损坏" if report.findings else "RESULT: OK / 完好"
    return result + "".join(f"; {english} / {chinese}" for english, chinese in report.left_out)


def _shown(text: str) -> str:
    """A line as it may stand on a terminal: what steers one, turns its writing round or shows nothing is spelt out."""
    line = "".join(sign if sign.isprintable() else ascii(sign)[1:-1] for sign in text[:LINE_LIMIT])
    return line if len(text) <= LINE_LIMIT else line + " [...]"


def as_json(report: Report) -> str:
    """The report for machines."""
    findings = [
        {"verdict": found.verdict, "seq": found.seq, "detail": found.detail, "label": found.label()}
        for found in report.findings
    ]
    content = {
        "result": "BROKEN" if findings else "OK",
        "exit": report.status,
        "kind": report.kind,
        "facts": report.facts,
        "steps": report.steps,
        "findings": findings,
        "counts": report.counts,
        "notices": report.notices,
        "outside_reference": report.outside or "no outside reference",
        "left_out": [english for english, _ in report.left_out],
    }
    return json.dumps(content, indent=2) + "\n"  # in ASCII, whatever the input holds


def verify(target: Path, options: Options) -> Report:
    """A folder is an export, a file is a receipt."""
    if target.is_dir():
        return verify_export(target, options)
    return verify_receipt(target, options)


def main(arguments: Sequence[str]) -> int:
    """Verify, print, and return the exit status."""
    parser = argparse.ArgumentParser(
        prog="verify.py", description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("target", metavar="EXPORT | RECEIPT")
    parser.add_argument("--pdf", action="append", default=[], metavar="FILE")
    parser.add_argument("--key", metavar="VKEY")
    parser.add_argument("--checkpoint", action="append", default=[], metavar="FILE")
    parser.add_argument("--json", action="store_true")
    depth = parser.add_mutually_exclusive_group()
    depth.add_argument("--deep", dest="deep", action="store_true", default=None)
    depth.add_argument("--quick", dest="deep", action="store_false")
    given = parser.parse_args(arguments)
    if given.pdf and Path(given.target).is_dir():
        parser.error("--pdf goes with a receipt")
    try:
        report = verify(Path(given.target), Options(given.key, given.checkpoint, given.pdf, given.deep))
    except (Unreadable, OSError, ValueError) as error:
        _print(
            json.dumps({"result": "UNREADABLE", "exit": 2, "detail": str(error)}) + "\n"
            if given.json
            else _shown(f"RESULT: UNREADABLE / 无法读取: {error}") + "\n"
        )
        return 2
    _print(as_json(report) if given.json else as_text(report))
    return report.status


def _print(text: str) -> None:
    """Chinese text must not stop a terminal that cannot show it. What cannot be told is no result: exit 2."""
    if sys.stdout is None:
        sys.exit(2)
    encoding = getattr(sys.stdout, "encoding", None) or "utf-8"
    try:
        sys.stdout.write(text.encode(encoding, "backslashreplace").decode(encoding))
        sys.stdout.flush()
    except OSError:
        sys.exit(2)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
