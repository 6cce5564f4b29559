"""Nothing on the finished pages may say what no document may say (禁用语); whoever put it there, now it is our fault.

Each page is heard whole, then the document without its furniture, so that a phrase broken over two pages is one. What a
proven clause of the law says itself is permitted within that clause, and not one character beyond it.
"""

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence

from app.disclosures.find import Occurrence, Spot
from app.disclosures.furniture import bodies
from app.disclosures.hearing import Hear
from app.disclosures.reader import Sheet
from app.disclosures.reasons import FORBIDDEN, SAID
from app.lexicon import Clause
from app.skeleton import strip

Proven = tuple[str, Occurrence]  # id of the disclosure, and where its wording stands


def spoken(sheets: Sequence[Sheet], proven: Iterable[Proven], hear: Hear) -> dict[str, str]:
    """What is wrong, by the id under which it is reported. Never quotes the page."""
    clauses = list(proven)
    found: dict[str, str] = {}
    for text, spots in _readings(sheets):
        if said := hear(text, ()):  # only then is it worth knowing where the clauses are that permit it
            permitting = {id_ for hit in said for id_ in hit.line.allowed_in}
            hits = hear(text, list(_within(text, spots, (one for one in clauses if one[0] in permitting))))
            found |= {f"{FORBIDDEN}{hit.line.id}": SAID for hit in hits}
    return found


def _readings(sheets: Sequence[Sheet]) -> Iterator[tuple[str, Sequence[Spot]]]:
    """Text, and which character of which page each of its characters is."""
    for number, sheet in enumerate(sheets):
        yield sheet.text, [(number, index) for index in range(len(sheet.text))]
    if len(sheets) > 1:
        lines = [(page, range(line.start, line.stop)) for page, body in enumerate(bodies(sheets)) for line in body]
        spots = [(page, index) for page, line in lines for index in line]
        yield "".join(sheets[page].text[index] for page, index in spots), spots


def _within(text: str, spots: Sequence[Spot], clauses: Iterable[Proven]) -> Iterator[Clause]:
    """Where the clauses stand in this reading; other words in the midst of one part it."""
    place = {spot: index for index, spot in enumerate(spots)}
    words = sorted(set(strip(text).origin))  # the characters that are more than space and marks
    for id_, occurrence in clauses:
        own = sorted(place[spot] for spot in occurrence.spots if spot in place)
        if not own:
            continue
        start = own[0]
        for here, following in zip(own, [*own[1:], None], strict=True):
            if following is None or bisect_left(words, here + 1) < bisect_left(words, following):
                yield id_, start, here + 1
                start = following or 0
