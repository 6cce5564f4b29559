"""What the verifier takes at a glance, it would take value by value as well; and it does take ordinary entries so."""

import random
import re
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection

from audit import log, verify
from audit.verify import Judge, Report
from tests.audit import logs


class Slow(Judge):
    """Looks at every value of every entry."""

    def _shaped(self, leaf: bytes) -> None:  # noqa: ARG002 -- it looks at none
        return None


def leaves(connection: Connection) -> list[bytes]:
    return [row.leaf for row in log.read(connection)]


def looked(judge: Judge, lines: list[bytes]) -> tuple[list[verify.Finding], list[str]]:
    report = Report("export", Path())
    report.step("form of every entry")
    for place, leaf in enumerate(lines):
        judge.look(leaf, place, report)
    return report.findings, judge.notices()


def sound_value_by_value(leaf: bytes) -> bool:
    report = Report("export", Path())
    report.step("form of every entry")
    judge = Slow(alone=True)
    judge.look(leaf, 0, report)
    return not report.findings and not judge.notices()


def test_every_entry_of_a_log_is_known_at_a_glance(story: Connection) -> None:
    log.append(story, logs.intended(1, "a clamped time"))

    assert [leaf for leaf in leaves(story) if Judge()._shaped(leaf) is None] == []
    assert looked(Judge(), leaves(story)) == looked(Slow(), leaves(story))


@pytest.mark.parametrize("seq", [0, 1, 3, 4, 5, 7, 9])
def test_no_changed_byte_is_taken_at_a_glance_that_would_not_be_taken_else(story: Connection, seq: int) -> None:
    leaf, chance, taken = leaves(story)[seq], random.Random(seq), 0  # noqa: S311 -- the same bytes in each run
    for at in range(len(leaf)):
        for byte in (leaf[at] ^ 1, leaf[at] ^ 0x20, leaf[at] ^ 0x80, *chance.choices(b'"\\,:{}[]0e-', k=1)):
            changed = leaf[:at] + bytes([byte]) + leaf[at + 1 :]
            if Judge()._shaped(changed) is not None:
                taken += 1
                assert sound_value_by_value(changed), changed
    assert taken


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b'"pages":2', b'"pages":02'),
        (b'"pages":2', b'"pages":2.0'),
        (b'"pages":2', b'"pages":-2'),
        (b'"pages":2', b'"pages":' + b"9" * 16),
        (b'"pages":2', b'"pages": 2'),
        (b'"on":"2026-11-23"', b'"on":"2026-02-30"'),
        (b'"on":"2026-11-23"', b'"on":"0000-11-23"'),
        (b'T20:15', b'T24:15'),
        (b'"v":1}', b'"v":1,"v":1}'),
        (b'"v":1}', b'"v":true}'),
        (b'"v":1}', b'"v":1} '),
        (b'"v":1}', b'"v":1}\n'),
        (b'"type":"dunning_letter"', b'"type":"dunning\x7fletter"'),
        (b'"type":"dunning_letter"', b'"type":"dunning\xc2\x85letter"'),
        (b'"type":"dunning_letter"', b'"type":"dunning\\u0000letter"'),
        (b'"type":"dunning_letter"', b'"type":"dunning\\/letter"'),
        (b'"type":"dunning_letter"', b'"type":"dunning\xed\xa0\x80letter"'),
        (b'"type":"dunning_letter"', b'"type":"' + b"x" * 1001 + b'"'),
        (b'"type":"dunning_letter"', b'"added":1,"type":"dunning_letter"'),
        (b'"rules":["R01",', b'"rules":["R01",,'),
        (b'"rules":["R01",', b'"rules":["R01",["R02"],'),
        (b'"case":', b'"kase":'),
        (b'"_seq":3', b'"_seq":03'),
    ],
)  # fmt: skip
def test_what_is_out_of_the_ordinary_is_not_taken_at_a_glance(story: Connection, old: bytes, new: bytes) -> None:
    leaf = leaves(story)[3]
    assert leaf.count(old) == 1
    assert Judge()._shaped(leaf.replace(old, new)) is None


def test_days_that_only_a_calendar_knows_are_left_to_it(story: Connection) -> None:
    leaf, first = leaves(story)[3], date(2023, 12, 25)
    for days in range(800):
        day = (first + timedelta(days)).isoformat()
        changed = leaf.replace(b'"on":"2026-11-23"', f'"on":"{day}"'.encode())
        assert sound_value_by_value(changed)
        assert (Judge()._shaped(changed) is not None) == (int(day[-2:]) <= 28)


def test_intents_and_outcomes_belong_together_however_they_were_looked_at(story: Connection) -> None:
    lines = leaves(story)
    escaped = [re.sub(rb'"type":"[a-z_]+"', rb'"type":"a\\n"', line) if n % 2 else line for n, line in enumerate(lines)]
    mixed: list[Any] = [Judge()._shaped(line) is None for line in escaped]

    assert True in mixed
    assert False in mixed
    assert looked(Judge(), escaped) == looked(Slow(), escaped)
    twice = [*lines, lines[3], lines[5]]
    assert looked(Judge(), twice) == looked(Slow(), twice)
    assert len(looked(Judge(), twice)[0]) == 3  # two outcomes too many, and a time that runs backwards
