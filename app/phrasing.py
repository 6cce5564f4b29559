"""Patterns of forbidden language (句式): a small, bounded form of regular expression over the skeleton of a text.

    每天.{0,6}\\d次.{0,4}(?:电话|来电)

Known are characters, `\\d` for a digit, `.` for any character of the same sentence, `[…]` for one of these characters,
`(?:…|…)`, what may not precede `(?<!…)` or follow `(?!…)`, and behind one of them `?`, `{n}` or `{m,n}`. Everything is
bounded, so that no text can make the search slow; and at least two characters must always stand in it together, which
is what the first pass looks for. Characters are folded like the text: 三, ③ and 3 are the same.
"""

import re
from dataclasses import dataclass, replace

from app.skeleton import STOP, strip

WIDEST = 90  # characters that a pattern may reach over, the stops within words among them
LEAST = 2  # characters that must stand together
MOST = 60  # words that are looked for on behalf of one pattern's row of characters
_QUANTIFIER = re.compile(r"\?|\{(\d{1,2})(?:,(\d{1,2}))?\}")
_OPENINGS = ("(?:", "(?<!", "(?!")
_RESERVED = set("\\.[](){}|?*+^$")
_ANY = f"[^{STOP}]"


class PhrasingError(ValueError):
    """The pattern is not one of ours; says why."""


@dataclass(frozen=True)
class Phrasing:
    """`regex` is for `Skeleton.parted()`; one of `keys` stands in every match; `width` bounds what it looks at."""

    regex: "re.Pattern[str]"
    keys: frozenset[str]
    width: int


@dataclass(frozen=True)
class _Piece:
    """A piece of the expression: one of `keys` stands in whatever it matches; `exact` is all that it matches."""

    regex: str
    width: int
    keys: frozenset[str] | None = None
    exact: frozenset[str] | None = None  # None: too many, or not to be told
    counted: bool = False  # it has a count already, here or within


def phrasing(pattern: str) -> Phrasing:
    """The pattern compiled, or `PhrasingError`."""
    reader = _Reader(pattern)
    made = reader.alternatives()
    if reader.at < len(pattern):
        raise PhrasingError("a bracket closes that never opened")
    if made.width > WIDEST:
        raise PhrasingError(f"it reaches over {made.width} characters, {WIDEST} are allowed")
    if _strength(made.keys)[0] < LEAST:
        raise PhrasingError(f"no {LEAST} characters always stand in it together")
    try:
        return Phrasing(re.compile(made.regex), made.keys or frozenset(), made.width)
    except re.error as error:
        raise PhrasingError(str(error)) from error


class _Reader:
    """Reads one pattern from left to right."""

    def __init__(self, pattern: str) -> None:
        self.pattern, self.at = pattern, 0

    def alternatives(self) -> _Piece:
        branches = [self._sequence()]
        while self._take("|"):
            branches.append(self._sequence())
        return branches[0] if len(branches) == 1 else _either(branches)

    def _sequence(self) -> _Piece:
        pieces: list[_Piece] = []
        while self.at < len(self.pattern) and self.pattern[self.at] not in "|)":
            word = self._word()
            pieces.append(_word(word) if word else self._counted(self._one()))
        if not pieces:
            raise PhrasingError("an alternative is empty")
        return _in_a_row(pieces)

    def _word(self) -> str:
        """Plain characters up to the next sign; one that is counted stands alone."""
        start = self.at
        while self.at < len(self.pattern) and self.pattern[self.at] not in _RESERVED:
            self.at += 1
        if self.at - start > 1 and _QUANTIFIER.match(self.pattern, self.at):
            self.at -= 1
        elif self.at - start == 1 and _QUANTIFIER.match(self.pattern, self.at):
            self.at = start
            return ""
        return self.pattern[start : self.at]

    def _one(self) -> _Piece:
        if self._take("\\"):
            if not self._take("d"):
                raise PhrasingError("after a backslash there is only d")
            return _Piece("[0-9]", 1)
        if self._take("."):
            return _Piece(_ANY, 1)
        if self._take("["):
            return self._class()
        for opening in _OPENINGS:
            if self._take(opening):
                return self._group(opening)
        character = self.pattern[self.at]
        if character in _RESERVED:
            raise PhrasingError(f"{character!r} at {self.at} is not understood")
        self.at += 1
        return _word(character)

    def _class(self) -> _Piece:
        end = self.pattern.find("]", self.at)
        members = strip(self.pattern[self.at : end]).text if end > 0 else ""
        if not members or set(self.pattern[self.at : end]) & _RESERVED:
            raise PhrasingError("a class lists characters and nothing else")
        self.at = end + 1
        return _Piece(f"[{members}]", 1, frozenset(members), frozenset(members))

    def _group(self, opening: str) -> _Piece:
        inside = self.alternatives()
        if not self._take(")"):
            raise PhrasingError("a bracket is never closed")
        if opening == "(?:":
            return replace(inside, regex=f"(?:{inside.regex})")
        plain = inside.regex.replace(f"{STOP}?", "")  # what stands behind or before is of fixed width
        return _Piece(f"{opening}{plain})", inside.width, counted=True)

    def _counted(self, piece: _Piece) -> _Piece:
        found = _QUANTIFIER.match(self.pattern, self.at)
        if not found:
            return piece
        self.at = found.end()
        if piece.counted and found[0] != "?":
            raise PhrasingError("what is counted already is not counted again")
        least, most = (0, 1) if found[0] == "?" else (int(found[1]), int(found[2] or found[1]))
        return _Piece(piece.regex + found[0], piece.width * most, piece.keys if least else None, None, counted=True)

    def _take(self, sign: str) -> bool:
        if self.pattern.startswith(sign, self.at):
            self.at += len(sign)
            return True
        return False


def _word(word: str) -> _Piece:
    """Characters in a row; a sentence may end between them, for that is no way to hide one."""
    folded = strip(word).text
    if not folded:
        raise PhrasingError(f"{word!r} is nothing but marks, which are not looked at")
    regex = f"{STOP}?".join(folded)
    only = frozenset({folded})
    return _Piece(regex if len(folded) == 1 else f"(?:{regex})", 2 * len(folded) - 1, only, only)


def _either(branches: list[_Piece]) -> _Piece:
    return _Piece(
        f"(?:{'|'.join(branch.regex for branch in branches)})",
        max(branch.width for branch in branches),
        _union([branch.keys for branch in branches]),
        _union([branch.exact for branch in branches]),
        any(branch.counted for branch in branches),
    )


def _in_a_row(pieces: list[_Piece]) -> _Piece:
    """Pieces one after another; 警 and then 方 or 察 make 警方 and 警察, which are better to look for than 警."""
    runs: list[frozenset[str]] = []
    run, whole = frozenset({""}), True
    for piece in pieces:
        if piece.exact and len(run) * len(piece.exact) <= MOST:
            run = frozenset(before + after for before in run for after in piece.exact)
        else:
            runs.append(run)
            run, whole = piece.exact or frozenset({""}), False
    candidates = [*runs, run, *(piece.keys for piece in pieces if piece.keys)]
    best = max(candidates, key=_strength)
    return _Piece(
        "".join(piece.regex for piece in pieces),
        sum(piece.width for piece in pieces),
        best if _strength(best)[0] else None,
        run if whole else None,
        any(piece.counted for piece in pieces),
    )


def _union(sets: list[frozenset[str] | None]) -> frozenset[str] | None:
    known = [one for one in sets if one is not None]
    return frozenset().union(*known) if len(known) == len(sets) else None


def _strength(keys: frozenset[str] | None) -> tuple[int, int]:
    """How well words can be looked for: how short the shortest is, then how few there are."""
    return (min(map(len, keys)), -len(keys)) if keys else (0, 0)
