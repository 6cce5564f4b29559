"""Find pictures that nobody asked for (外来图片): a second code, a word or a digit as a picture, another bank's logo.

What may stand on a page is the registered stamp, this letter's own code, and a pale mark that recurs at the same place
on every page (样本). Everything else is foreign, whatever it shows.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from app.disclosures.drawing import View, Wanted
from app.disclosures.opening import Place
from app.disclosures.reader import Picture
from app.disclosures.surroundings import PALE

SAME_PLACE = 0.5  # points

Where = tuple[int, int]  # file, and page of the file


@dataclass(frozen=True)
class Mark:
    """A picture that is neither the stamp nor the code."""

    where: Where
    place: Place
    pale: bool


def lightness(wanted: Wanted, drawn: View) -> Iterator[tuple[Picture, bool]]:
    """The pictures of a page, and whether each is pale."""
    for picture, clean in zip(wanted.pictures, drawn.clean, strict=True):
        yield picture, bool(clean.mean(axis=2).min() >= 255 - PALE)
    for picture, darkest in zip(wanted.marks, drawn.darkest, strict=True):
        yield picture, darkest >= 255 - PALE


def marks(where: Where, pictures: Iterable[tuple[Picture, bool]], known: Sequence[Picture]) -> Iterator[Mark]:
    """The pictures of a page that are not among the known ones."""
    for picture, pale in pictures:
        if picture not in known:
            yield Mark(where, picture.place, pale)


def any_of(found: Sequence[Mark], pages: Sequence[Where]) -> bool:
    """Whether any of them is more than a pale mark that stands on every page of its file."""
    return any(not mark.pale or not _recurs(mark, found, pages) for mark in found)


def _recurs(mark: Mark, found: Sequence[Mark], pages: Sequence[Where]) -> bool:
    alike = {other.where for other in found if _same_place(mark.place, other.place)}
    return all(page in alike for page in pages if page[0] == mark.where[0])


def _same_place(one: Place, other: Place) -> bool:
    return all(abs(a - b) <= SAME_PLACE for a, b in zip(one, other, strict=True))
