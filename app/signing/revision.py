"""One revision more and nothing hidden in how it is stored (修订版核查).

Promises that the earlier revisions are the same, that each object of the last one is given once, lies by itself in that
revision's own bytes, and is either known by its number and generation or new in both. Where two readers could find two
different objects under one number, there is a no: an object in an earlier revision's bytes, one listed twice, an old
number in a new generation, an object in a stream of objects (it could be there twice; our files have none), a table of
two kinds, a freed object.
"""

from dataclasses import dataclass
from typing import Any, NoReturn

from pyhanko.pdf_utils.generic import StreamObject
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.pdf_utils.xref import parse_xref_stream, parse_xref_table, read_object_header

from app.signing.answers import CHANGED, NotExecuted
from app.signing.objects import Number, number, table


@dataclass(frozen=True)
class Revision:
    """What the last revision says anew of objects that were there, and what it adds, without its own table."""

    known: frozenset[Number]  # all that was there before
    again: frozenset[Number]
    added: frozenset[Number]


def no() -> NoReturn:
    raise NotExecuted(CHANGED)


def one_more(before: PdfFileReader, after: PdfFileReader, size: int) -> Revision:
    """The last revision of `after`, which is otherwise `before`; that file is so many bytes long."""
    last = int(before.xrefs.total_revisions)
    if after.xrefs.total_revisions != last + 1 or after.encrypted or after.xrefs.hybrid_xrefs_present:
        no()
    if any(_place(before, revision) != _place(after, revision) for revision in range(last)):
        no()
    data = after.xrefs.get_xref_data(last)
    offsets = [offset for _, offset in data.standard_xrefs.values()]
    if data.freed or data.xrefs_in_objstm or min([*offsets, _place(after, last)[0]]) < size:
        no()
    _each_once(after, last)
    known = frozenset(number(at) for earlier in range(last) for at in before.xrefs.explicit_refs_in_revision(earlier))
    given = {number(at) for at in after.xrefs.explicit_refs_in_revision(last)}
    own = table(after, last)
    if {each for each, _ in known} & {each for each, _ in (given - known) | own}:
        no()
    return Revision(known, known & given, frozenset(given - known - own))


def _place(reader: PdfFileReader, revision: int) -> tuple[int, int]:
    """Where the table of a revision begins and ends."""
    section = reader.xrefs.get_xref_container_info(revision)
    return section.start_location, section.end_location


def _each_once(reader: PdfFileReader, revision: int) -> None:
    """Of two rows for one object, some readers take the first and some the last."""
    section = reader.xrefs.get_xref_container_info(revision)
    stream: Any = reader.stream
    stream.seek(section.start_location)
    if section.stream_ref is not None:
        read_object_header(stream, strict=True)  # type: ignore[no-untyped-call]  # pyHanko's, which publishes no type
        rows = parse_xref_stream(StreamObject.read_from_stream(stream, section.stream_ref))
    else:
        rows = parse_xref_table(stream, strict=True)
    numbers = [row.idnum for row in rows]
    if len(set(numbers)) != len(numbers):
        no()
