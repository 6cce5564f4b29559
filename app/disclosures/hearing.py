"""What hears forbidden language (禁用语): the lexicon's lines in force, for pages and for texts alike."""

from collections.abc import Callable, Sequence
from functools import lru_cache

from app.disclosures.asking import Hearing
from app.lexicon import Clause, Forbidden, Hit, Lexicon

Hear = Callable[[str, Sequence[Clause]], Sequence[Hit]]  # the pack's lexicon, asked about this type on this day


def hearing_for(asked: Hearing) -> Hear:
    """What hears for this type on this day."""
    lexicon = _lexicon(asked.lines)
    return lambda text, clauses: lexicon.find(text, asked.type, asked.on, asked.categories, clauses)


@lru_cache(maxsize=8)  # one for each pack
def _lexicon(lines: tuple[Forbidden, ...]) -> Lexicon:
    return Lexicon(lines)
