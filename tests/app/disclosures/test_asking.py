"""A process that has read a hostile file may say anything: only an answer to what was asked is taken for one."""

import json
from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from app.disclosures.asking import Answer, BadAnswer, Found, Hearing, Question, Sought
from app.disclosures.reasons import FAULTS, MISSING
from app.errors import StepFailed
from tests.wiring import catalogue_here

QUESTION = Question(
    ("/a.pdf", "/b.pdf"),
    (Sought("balance", ("甲", "乙"), "", 9, "any"), Sought("stamp", (), "stamp", 0, "last")),
    {"debt": None},
    {"stamp": b"\x89PNG"},
)
DIGEST = "0" * 64
LEXICON = catalogue_here().packs["cn"].lexicon
SOUND: dict[str, Any] = {
    "things": [[1, [[1, 0.5, 1, 2, 3]]], "picture missing"],
    "against": ["amounts"],
    "prints": [[DIGEST], [DIGEST, DIGEST]],
}


def read(**changed: Any) -> Answer:
    return Answer.read(json.dumps(SOUND | changed).encode(), QUESTION)


def things(first: Any) -> Any:
    return [first, "picture missing"]


def test_an_answer_is_read_as_it_was_written() -> None:
    answer = read()

    assert answer.things == (Found(1, ((1, 0.5, 1.0, 2.0, 3.0),)), "picture missing")
    assert answer.against == ("amounts",)
    assert Answer.read(answer.written(), QUESTION) == answer


def test_a_question_arrives_as_it_was_asked() -> None:
    assert Question.read(QUESTION.written()) == QUESTION


@pytest.mark.parametrize(
    "written",
    [
        b"",
        b"\xff",
        b"null",
        b"[]",
        b"{}",
        b"[" * 100_000,
        b"1" * 10_000,
        b'{"things": NaN, "against": [], "prints": []}',
        b'{"failed": "Wang Wu owes 38,256.47"}',
        b'{"failed": null}',
        b'{"failed": ["x"]}',
        json.dumps(SOUND | {"text": "Wang Wu"}).encode(),
        json.dumps({"things": [], "against": [], "prints": []}).encode(),
    ],
)
def test_what_is_no_answer_is_refused_without_a_word_of_it(written: bytes) -> None:
    with pytest.raises(BadAnswer) as refusal:
        Answer.read(written, QUESTION)

    assert "Wang" not in str(refusal.value)


@pytest.mark.parametrize(
    "changed",
    [
        {"things": [SOUND["things"][0]]},
        {"things": {}},
        {"things": things("王五")},
        {"things": things(None)},
        {"things": things([2, [[1, 0, 0, 1, 1]]])},
        {"things": things([-1, [[1, 0, 0, 1, 1]]])},
        {"things": things([True, [[1, 0, 0, 1, 1]]])},
        {"things": things(["甲", [[1, 0, 0, 1, 1]]])},
        {"things": things([0, []])},
        {"things": things([0, [[0, 0, 0, 1, 1]]])},
        {"things": things([0, [[4, 0, 0, 1, 1]]])},
        {"things": things([0, [[1.0, 0, 0, 1, 1]]])},
        {"things": things([0, [[1, 0, 0, 1]]])},
        {"things": things([0, [[1, 0, 0, 1, "1"]]])},
        {"things": things([0, [[1, 0, 0, 1, True]]])},
        {"things": things([0, [[1, 0, 0, 1, 10**400]]])},
        {"against": ["王五"]},
        {"against": "amounts"},
        {"against": [["amounts"]]},
        {"prints": [[DIGEST]]},
        {"prints": [[], []]},
        {"prints": [[DIGEST], ["王五"]]},
        {"prints": [[DIGEST], [7]]},
        {"prints": [[DIGEST], [DIGEST + "\n"]]},
    ],
)
def test_an_answer_to_something_else_is_refused(changed: dict[str, Any]) -> None:
    with pytest.raises(BadAnswer):
        read(**changed)


@pytest.mark.parametrize("fault", sorted(FAULTS))
def test_a_file_that_cannot_be_looked_at_is_our_fault(fault: str) -> None:
    with pytest.raises(StepFailed) as failure:
        Answer.read(json.dumps({"failed": fault}).encode(), QUESTION)

    assert (failure.value.step, failure.value.status, failure.value.detail) == ("verify", 500, fault)


def test_forbidden_language_is_told_by_a_line_that_was_asked_about_and_no_other() -> None:
    hearing = Hearing(LEXICON.lines, "dunning_letter", date(2026, 11, 23), LEXICON.categories)
    asked = replace(QUESTION, hearing=hearing)
    told = json.dumps(SOUND | {"against": ["forbidden.F-B.insult"]}).encode()

    assert Answer.read(told, asked).against == ("forbidden.F-B.insult",)
    assert asked.against["forbidden.F-B.insult"] == "forbidden wording"
    assert Question.read(asked.written()) == asked
    for question, answer in ((QUESTION, told), (asked, told.replace(b"F-B.insult", b"F-B.WangWu"))):
        with pytest.raises(BadAnswer):
            Answer.read(answer, question)


def test_every_reason_is_read() -> None:
    for reason in MISSING:
        assert read(things=things(reason)).things[0] == reason
