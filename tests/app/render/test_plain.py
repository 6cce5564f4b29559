"""A text template is filled whole or not at all, and its faults are named before the start."""

import dataclasses
import hashlib
from pathlib import Path
from typing import Any

import pytest

from app import facts
from app.artifacts import Approved
from app.blanks import offered
from app.catalogue import TEXT, DocumentType
from app.errors import StepFailed
from app.render import lint, render
from tests.templates import letters

REMINDER = "payment_reminder"


def kind_with(text: str | bytes, folder: Path) -> DocumentType:
    """The reminder's type with this text as its only part."""
    content = text.encode() if isinstance(text, str) else text
    path = folder / "template.txt"
    path.write_bytes(content)
    part = dataclasses.replace(letters.kind(REMINDER).parts[1], path=path, sha256=hashlib.sha256(content).hexdigest())
    return dataclasses.replace(letters.kind(REMINDER), parts=(part,))


def filled(text: str, tmp_path: Path, letter: Approved | None = None) -> bytes:
    letter = letter or letters.approved(name=REMINDER)
    [part] = render(letter, kind_with(text, tmp_path), {}, tmp_path).parts
    assert (part.name, part.kind, part.released_as) == ("sms", TEXT, "sms.txt")
    return part.file.path.read_bytes()


def named(name: str) -> Approved:
    letter = letters.approved(name=REMINDER)
    blanks: dict[str, Any] = {**letter.blanks, "addressee": {**letter.blanks["addressee"], "name": name}}
    return dataclasses.replace(letter, blanks=blanks)


def suggestions(text: str | bytes, tmp_path: Path) -> list[str]:
    schema = facts.request_schema(REMINDER, letters.kind(REMINDER).facts)
    shape = offered(facts.shape(schema), letters.issuer().record, letters.kind(REMINDER).masking)
    return [str(problem) for problem in lint(kind_with(text, tmp_path), shape, ())]


def test_the_line_end_of_an_editor_is_not_sent(tmp_path: Path) -> None:
    assert filled("尾号{{ card.tail }}\n", tmp_path) == "尾号0013".encode()


@pytest.mark.parametrize("name", ["A&B <有限公司>", "𠮷田", "O'Neill & “Söhne”", "&amp;"])
def test_an_awkward_name_is_sent_as_it_is(tmp_path: Path, name: str) -> None:
    assert filled("{{ addressee.name }}：您好", tmp_path, named(name)) == f"{name}：您好".encode()


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("{{ card.number }}", "a blank cannot be filled: UndefinedError"),
        ("{{ addressee.liability }}", "a blank cannot be filled: TemplateError"),
        ("{{ card.tail | amount }} {{ card.product | amount }}", "a blank cannot be filled: ValueError"),
        ("{% if document.specimen %}{% else %}甲{% endif %}", "begins or ends with nothing"),
        ("甲{{ '{' }}{{ '{' }}", "a tag was left over"),
        ("{% if document.specimen %}甲", "unclosed|end of template|endif"),
    ],
)
def test_a_text_that_cannot_be_filled_whole_is_refused(tmp_path: Path, text: str, why: str) -> None:
    with pytest.raises(StepFailed, match=why) as refusal:
        filled(text, tmp_path)

    assert (refusal.value.step, refusal.value.status) == ("render", 500)


@pytest.mark.parametrize("name", ["赵\u200b示范", "赵\n示范", "{{ issuer.hotline }}"])
def test_a_value_that_would_print_as_something_else_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(StepFailed, match="a value carries"):
        filled("{{ addressee.name }}", tmp_path, named(name))


def test_a_template_that_changed_since_the_start_is_refused(tmp_path: Path) -> None:
    kind = kind_with("还款提醒", tmp_path)
    kind.parts[0].path.write_text("还钱")

    with pytest.raises(StepFailed, match="not the one that was loaded"):
        render(letters.approved(name=REMINDER), kind, {}, tmp_path)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{{ card.tale }}", "there is no blank card.tale; perhaps card.tail"),
        ("{{ sms.number }}", "there is no blank sms.number"),
        ("{{ card.card_number }}", "there is no blank card.card_number"),
        ("{{ delivery.recipient.line }}", "there is no blank delivery.recipient.line"),
        ("{{ card.tail | tail }}", "No filter named 'tail'"),
        ("{% if document.specimen %}样本", "endif"),
        ("{{ card.tail", "a tag is not closed"),
        ("{{ card[“tail”] }}", "straight quotes"),
        ("{%p if document.specimen %}甲{%p endif %}", "only {{ }} and {% %}"),
        ("{{ card.tail -}} 甲", "only {{ }} and {% %}"),
        ("甲\u200b乙", "cannot be seen"),
        ("甲\t乙", "cannot be seen"),
        (" 甲", "begins or ends with nothing"),
        ("", "begins or ends with nothing"),
        (b"\xef\xbb\xbf\xe7\x94\xb2", "cannot be seen"),
        ("甲".encode("gb18030"), "not UTF-8"),
    ],
)
def test_a_fault_of_a_text_template_is_named(tmp_path: Path, text: str | bytes, said: str) -> None:
    assert any(said in suggestion for suggestion in suggestions(text, tmp_path)), suggestions(text, tmp_path)


def test_our_own_text_has_no_fault(tmp_path: Path) -> None:
    assert suggestions(letters.kind(REMINDER).parts[1].path.read_bytes(), tmp_path) == []
