"""Names, titles and clauses (名称、文件名称、条款): text of the caller that the letter prints among its own words.

Whoever writes a name must not be able to write a sentence, an account number or an address to go to: a name that
says 「请转账至6217…」 would speak in the bank's voice. Promises that what is let in has the form of a name, and that
names as they really are pass: 欧阳·买买提, 𠮷田, A&B <有限公司>, 示范＆样例（集团）股份有限公司, Sample Co., Ltd.
That the words themselves are decent is not promised here.
"""

import re
import unicodedata
from collections.abc import Iterator, Mapping
from types import MappingProxyType

from marshmallow import ValidationError

from app.facts.fields import says
from app.facts.text import Text, points, usable

_SENTENCE = frozenset("。｡！!？?；;：:，…⋯\uff0e")  # marks of sentences, however wide
_WORD = rf"[^\s@{''.join(sorted(_SENTENCE))}]+"
_LATIN = re.compile(r"(?<![A-Za-z0-9])\.|(?<![A-Za-z.]),|,(?! )")  # a stop or comma where no Latin word is
_ADDRESS = re.compile(r"(?i)https?|www|[@\uff20]|[a-z0-9-]{2}\.[a-z]{2}|\.(?:cn|com|net|org|cc|top|xyz|vip|info)\b")
_BRACKETS = {"（": "）", "(": ")", "<": ">", "〈": "〉", "〔": "〕", "“": "”"}
_EVERYWHERE = " \u3000-·・&＆'’.（）()<>"
_DIGIT = "0"


class Name(Text):
    """The name of a person or an organisation (姓名、名称)."""

    allowed = _EVERYWHERE + ","
    sentences = False
    brackets: Mapping[str, str] = _BRACKETS
    run, joined = 5, 9  # digits in a row; digits with only spaces and marks between them: a date has eight
    form = rf"{_WORD}(?:[^\S\r\n]+{_WORD})*"
    proof = "不得含句子标点、网址、电子邮箱和长串数字；括号和引号须成对；" + Text.proof
    default_error_messages = says(
        sentence="不得含句子标点",
        digits="不得含连续{run}位以上的数字",
        address="不得含网址或者电子邮箱",
        symbols="含不可用于此项的符号：{points}",
        brackets="括号或者引号不成对",
    )

    def _faults(self, text: str) -> Iterator[ValidationError]:
        yield from super()._faults(text)
        if not self.sentences and (_SENTENCE & set(text) or _LATIN.search(text)):
            yield self.make_error("sentence")
        if _has_digits(text, self.run, self.joined):
            yield self.make_error("digits", run=self.run)
        if _ADDRESS.search(text):
            yield self.make_error("address")
        if symbols := {one for one in text if usable(one) and not self._belongs(one)} - (
            set() if self.sentences else _SENTENCE
        ):
            yield self.make_error("symbols", points=points(symbols))
        if not _paired(text, self.brackets):
            yield self.make_error("brackets")

    def _belongs(self, character: str) -> bool:
        """Letters of any script, digits, and the few marks that real names have."""
        category = unicodedata.category(character)
        return category[0] == "L" or category in {"Nd", "Nl"} or character in self.allowed


class Note(Name):
    """A note (附言) in whole sentences, printed as its own paragraph. It brings no numbers and no addresses of its own:
    those of the bank stand in the letter. It may be left out."""

    allowed = _EVERYWHERE + ",，。；：！？、《》〈〉〔〕“”;:!?+/%"
    sentences = True
    form = Text.form
    proof = "可以写完整的句子；不得含网址、电子邮箱和长串数字；括号和引号须成对；" + Text.proof
    brackets: Mapping[str, str] = MappingProxyType({**_BRACKETS, "《": "》"})

    def __init__(self, most: int, description: str, example: str) -> None:
        super().__init__(most, description, example, optional=True)


class Paragraph(Note):
    """A paragraph of a document's own text, such as what was found out. It has the form of a note and must be there."""

    def __init__(self, most: int, description: str, example: str) -> None:
        Name.__init__(self, most, description, example)


class Title(Name):
    """The title of a contract or a paper, without 书名号; a product; a department."""

    allowed = _EVERYWHERE + "、〈〉〔〕“”+/"


class Place(Name):
    """A part of a postal address. A room may have six digits (120501室); a telephone number has seven at least."""

    allowed = _EVERYWHERE + ",、#/"
    run, joined = 7, 11


class Clause(Title):
    """Which clause: 第五条, 第十二条第三款第（二）项, 第三章第5.2条、第八条."""

    _number = r"(?:[0-9]{1,4}(?:\.[0-9]{1,3}){0,3}|[〇零一二三四五六七八九十百]{1,7})"
    _one = rf"第(?:{_number}|（{_number}）|\({_number}\))(?:部分|章|节|条|款|项|目)(?:之[一二三四五六七八九十]{{1,2}})?"
    form = rf"(?:{_one})+(?:[、和及至](?:{_one})+)*"
    proof = ""
    default_error_messages = says(clause="应为条款序号，例如“第十二条第三款”")

    def _faults(self, text: str) -> Iterator[ValidationError]:
        yield from super()._faults(text)
        if not re.fullmatch(self.form, text):
            yield self.make_error("clause")


def _has_digits(text: str, run: int, joined: int) -> bool:
    """Digits of every script count, 零〇一二三 and 壹贰叁 among them, so that a number cannot be spelled out either."""
    plain = "".join(_DIGIT if unicodedata.numeric(one, -1) in range(10) else one for one in text)
    return bool(re.search(rf"0{{{run}}}|0(?:\W*0){{{joined - 1}}}", plain))


def _paired(text: str, brackets: Mapping[str, str]) -> bool:
    expected: list[str] = []
    for character in text:
        if character in brackets:
            expected.append(brackets[character])
        elif character in brackets.values() and (not expected or expected.pop() != character):
            return False
    return not expected
