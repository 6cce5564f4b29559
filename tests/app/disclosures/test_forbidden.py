"""What no document may say is heard on the finished pages, also over a page break, and permitted only in its clause."""

from collections.abc import Sequence
from datetime import date
from typing import Any

import numpy as np
import pytest

from app.disclosures.find import Finder, Occurrence
from app.disclosures.forbidden import spoken
from app.disclosures.reader import Sheet
from app.lexicon import Clause, Hit
from app.text import fold
from tests.wiring import catalogue_here

ON = date(2026, 11, 23)
LEXICON = catalogue_here().packs["cn"].lexicon
RIGHT = "您有权就暴力、胁迫、恐吓、辱骂等行为投诉。"


def hear(text: str, clauses: Sequence[Clause]) -> Sequence[Hit]:
    return LEXICON.find(text, "dunning_letter", ON, LEXICON.categories - {"F-N"}, clauses)


def sheet(*lines: str) -> Sheet:
    """A page with these lines, from top to bottom."""
    text = "\r\n".join(lines)
    boxes, row = np.zeros((len(text), 4)), 0
    for index, character in enumerate(text):
        boxes[index] = (70, 700 - 20 * row, 80, 712 - 20 * row)
        row += character == "\n"
    points, light = np.full(len(text), 10.5), np.zeros(len(text))
    one: dict[str, Any] = {"points": points, "squares": points**2, "light": light, "origins": boxes[:, :2]}
    piece = np.array([-1 if character in "\r\n" else 0 for character in text])
    upright = np.ones(len(text), dtype=np.bool_)
    return Sheet(
        595, 842, (0, 0), text, boxes, piece, upright=upright, artifact=~upright, fonts=("",), pictures=(), **one
    )


def proven(sheets: Sequence[Sheet], id_: str, *clauses: str) -> list[tuple[str, Occurrence]]:
    finder = Finder(sheets)
    return [(id_, one) for clause in clauses for one in finder.occurrences([fold(clause).text])]


def test_lawful_pages_say_nothing() -> None:
    assert spoken([sheet("催收函", "请您核对欠款明细。")], [], hear) == {}


@pytest.mark.parametrize("line", ["您就是老赖", "您 就 是 老 賴", "您就是老。赖"])
def test_a_phrase_is_heard_and_named_without_being_quoted(line: str) -> None:
    assert spoken([sheet("催收函", line)], [], hear) == {"forbidden.F-B.insult": "forbidden wording"}


def test_a_phrase_broken_over_lines_is_heard() -> None:
    assert "forbidden.F-B.insult" in spoken([sheet("您就是老", "赖")], [], hear)


def test_a_phrase_broken_over_pages_is_heard_through_the_furniture() -> None:
    pages = [sheet("正文", "您就是老"), sheet("赖，请还款")]

    assert "forbidden.F-B.insult" in spoken(pages, [], hear)


def test_the_rights_sentence_passes_inside_the_clause_that_permits_it_and_nowhere_else() -> None:
    pages = [sheet("三、您的权利", RIGHT[:12], RIGHT[12:])]

    assert spoken(pages, proven(pages, "cn.letter.D05", RIGHT), hear) == {}
    assert "forbidden.F-A.conduct" in spoken(pages, proven(pages, "cn.letter.D06", RIGHT), hear)
    assert "forbidden.F-A.conduct" in spoken(pages, [], hear)
    again = [sheet(RIGHT, "我们会使用暴力。")]
    assert "forbidden.F-A.conduct" in spoken(again, proven(again, "cn.letter.D05", RIGHT), hear)


def test_a_clause_over_a_page_break_permits_what_it_says_on_both_sides() -> None:
    pages = [sheet("三、您的权利", RIGHT[:7]), sheet(RIGHT[7:], "四、您的义务")]
    clauses = proven(pages, "cn.letter.D05", RIGHT)

    assert clauses
    assert spoken(pages, clauses, hear) == {}


def test_a_clause_on_another_page_permits_nothing_on_this_one() -> None:
    pages = [sheet("我们会使用暴力。"), sheet(RIGHT)]

    assert "forbidden.F-A.conduct" in spoken(pages, proven(pages, "cn.letter.D05", RIGHT), hear)


def test_a_word_put_into_the_midst_of_a_clause_parts_it() -> None:
    pages = [sheet("您有权投诉胁老赖迫。")]
    spots = [(0, index) for index, character in enumerate(pages[0].text) if character not in "老赖"]

    assert "forbidden.F-B.insult" in spoken(pages, [("cn.letter.D05", Occurrence("", tuple(spots)))], hear)
