"""Whatever is done to a log: what the verifier finds many lines at a time, it finds line by line as well."""

from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from audit import log, verify
from audit.verify import Judge, Mould, Report, Walk
from tests.audit import forge, logs

COUNT = 130  # numbers of one, two and three digits


class SlowWalk(Walk):
    """Looks at one line after the other."""

    def take(self, lines: list[bytes]) -> bool:  # noqa: ARG002 -- it takes none
        return False


class SlowJudge(Judge):
    """Looks at every value of every entry."""

    def _shaped(self, leaf: bytes) -> None:  # noqa: ARG002 -- it looks at none
        return None


@pytest.fixture(scope="module")
def lines() -> list[bytes]:
    """Intents with what became of them, many alike, and one entry of each kind."""
    with logs.database() as connection:
        logs.with_story(connection)
        for step in range(200, 200 + COUNT, 2):
            seq = log.append(connection, logs.intended(step, f"letter {step}")).seq
            log.append(connection, logs.issued(step + 1, f"letter {step}", seq))
        return [row.leaf for row in log.read(connection)]


@pytest.fixture(autouse=True)
def small_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(verify, "BLOCK", 5000)


@st.composite
def changes(draw: st.DrawFn) -> list[tuple[Any, ...]]:
    """Some bytes put in the place of others, lines moved, doubled or taken away."""
    at = st.integers(0, 10**6)
    put = st.sampled_from(
        [b"", b"}", b"{", b"\n", b'"', b",", b"0", b"f", b"G", b"\x00", b"\xff", b"log.", b"\xc2\x85"]
    )
    small = st.tuples(st.just("bytes"), at, at, st.integers(0, 3), put)
    whole = st.tuples(st.sampled_from(["swap", "double", "drop", "join", "long"]), at)
    return draw(st.lists(st.one_of(small, whole), max_size=3))


def changed(lines: list[bytes], wanted: list[tuple[Any, ...]]) -> list[bytes]:
    made = list(lines)
    for what, which, *rest in wanted:
        line = which % (len(made) - 1)
        if what == "bytes":
            place, gone, put = rest
            place %= len(made[line]) + 1
            made[line] = made[line][:place] + put + made[line][place + gone :]
        elif what == "swap":
            made[line : line + 2] = made[line : line + 2][::-1]
        elif what == "double":
            made.insert(line, made[line])
        elif what == "drop":
            del made[line]
        elif what == "join":
            made[line : line + 2] = [made[line] + made[line + 1]]
        else:
            made[line] = made[line][:-1] + b" " * (verify.ENTRY_LIMIT - len(made[line]) + which % 4) + b"}"
    return made


def walked(kind: type[Walk], path: Path, sizes: set[int]) -> tuple[Any, ...]:
    report = Report("export", path)
    report.step("chain of entries")
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(verify, "Walk", kind)
        walk = verify._walk(path, logs.ORIGIN, sizes, report)
    found = (walk.count, walk.roots, walk.broken, walk.claimed, walk.gaps, walk.key_entries, walk.seq, walk.previous)
    return (*found, report.findings, report.counts)


def judged(kind: type[Judge], before: list[bytes], lines: list[bytes]) -> tuple[Any, ...]:
    """What is found in `lines` by a judge who has seen others before."""
    judge = kind()
    for place, leaf in enumerate(before):
        judge.look(leaf, place, _report())
    judge.last_ts, judge.open = "", {}
    report = _report()
    for place, leaf in enumerate(lines):
        judge.look(leaf, place, report)
    return report.findings, report.counts, judge.notices(), judge.last_ts, judge.open


def _report() -> Report:
    report = Report("export", Path())
    report.step("form of every entry")
    return report


@settings(max_examples=100, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(changes(), st.sets(st.integers(0, COUNT + 15), max_size=3), st.booleans())
def test_the_chain_is_followed_as_line_by_line(
    lines: list[bytes], tmp_path: Path, wanted: list[tuple[Any, ...]], sizes: set[int], ends: bool
) -> None:
    path = tmp_path / "entries.jsonl"
    path.write_bytes(b"\n".join(changed(lines, wanted)) + (b"\n" if ends else b""))

    assert walked(Walk, path, sizes | {len(lines)}) == walked(SlowWalk, path, sizes | {len(lines)})


def test_a_sound_log_is_followed_many_lines_at_a_time(
    lines: list[bytes], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    looked: list[bytes] = []
    look = Walk.look

    def counted(walk: Walk, line: bytes, report: Report) -> None:
        looked.append(line)
        look(walk, line, report)

    monkeypatch.setattr(Walk, "look", counted)
    path = tmp_path / "entries.jsonl"
    path.write_bytes(b"\n".join(lines) + b"\n")
    found = walked(Walk, path, {len(lines)})

    assert found[0] == len(lines)
    assert not found[-2]
    assert len(looked) < len(lines) / 2  # those with keys, of numbers that grow a digit, and the last


@settings(max_examples=100, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(changes())
def test_entries_are_judged_as_value_by_value(lines: list[bytes], wanted: list[tuple[Any, ...]]) -> None:
    made = changed(lines, wanted)

    assert judged(Judge, lines, made) == judged(SlowJudge, [], made)


def test_no_changed_byte_is_taken_by_a_mould_that_would_not_be_taken_else(lines: list[bytes]) -> None:
    judge, taken = Judge(), 0
    for place, leaf in enumerate(lines):
        judge.look(leaf, place, _report())
    for leaf in lines[-2:]:
        [mould] = judge.moulds[len(leaf)]
        for at in range(len(leaf)):
            for byte in {leaf[at] ^ 1, leaf[at] ^ 0x20, leaf[at] ^ 0x80, *b'"\\,:{}[]0ef-\n\x00'} - {leaf[at]}:
                twisted = leaf[:at] + bytes([byte]) + leaf[at + 1 :]
                if mould.take(twisted) is not None:
                    taken += 1
                    assert found_alone(twisted) == [], twisted
    assert taken > 1000


def found_alone(leaf: bytes) -> list[verify.Finding]:
    report = _report()
    SlowJudge(alone=True).look(leaf, 0, report)
    return report.findings


@pytest.mark.parametrize("between", [b",", b"\n", b"\x00", b'"'])
def test_two_values_that_only_together_have_the_right_form_are_not_taken(lines: list[bytes], between: bytes) -> None:
    judge = Judge()
    for place, leaf in enumerate(lines):
        judge.look(leaf, place, _report())
    leaf = lines[-1]
    [mould] = judge.moulds[len(leaf)]
    number, req = (leaf[leaf.index(b'"%b":"' % name) + len(name) + 3 :] for name in (b"number", b"req"))
    number, req = number[: number.index(b'"', 1) + 1], req[: req.index(b'"', 1) + 1]
    one = b'"a"' + between + b'"' + b"b" * (len(number) - 5)
    twisted = leaf.replace(number, one).replace(req, b"c" * (len(req) - 1) + b'"')

    assert (len(twisted), twisted[-20:]) == (len(leaf), leaf[-20:])
    assert mould.take(leaf) is not None
    assert mould.take(twisted) is None


def test_a_line_that_is_no_object_is_not_taken_however_well_it_is_linked(lines: list[bytes], tmp_path: Path) -> None:
    path, at = tmp_path / "entries.jsonl", len(lines) - 20
    path.write_bytes(b"\n".join(forge.rechained([*lines[:at], lines[at][:-1] + b"]", *lines[at + 1 :]])) + b"\n")
    found = walked(Walk, path, {len(lines)})

    assert found == walked(SlowWalk, path, {len(lines)})
    assert [(one.verdict, one.seq) for one in found[-2]] == [("NON_CANONICAL", at)]


def test_a_log_that_varies_much_has_so_many_moulds_and_no_more(
    lines: list[bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(verify, "MOULDS_LIMIT", 3)
    judge = Judge()
    for place, leaf in enumerate(lines):
        judge.look(leaf, place, _report())

    assert sum(len(mould.known) for moulds in judge.moulds.values() for mould in moulds) == 3
    assert all(isinstance(mould, Mould) for moulds in judge.moulds.values() for mould in moulds)
    assert judged(Judge, [], lines) == judged(SlowJudge, [], lines)


def test_an_entry_without_what_it_may_leave_out_is_taken_at_a_glance() -> None:
    with logs.database() as connection:
        logs.create(connection)
        told = {"event": logs.uuid_of("event"), "for_account": logs.uuid_of("account"), "kind": "call"}
        more = {"on": "2026-11-23", "detail_mac": logs.digest("detail")}
        log.append(connection, {**logs.common(1), "action": "event.recorded", **told, **more})
        lines = [row.leaf for row in log.read(connection)]

    assert Judge()._shaped(lines[1]) is not None
    assert judged(Judge, lines, lines) == judged(SlowJudge, [], lines)
