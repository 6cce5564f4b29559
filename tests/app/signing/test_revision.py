"""Where two readers could find two different objects under one number, a further signature does not count."""

import re
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from pyhanko.pdf_utils import generic, writer
from pyhanko.pdf_utils.reader import PdfFileReader

from app.signing import UnsafeSpecimenSigner
from app.signing.answers import CHANGED, UNREADABLE, Executed, NotExecuted
from app.signing.revision import Revision, one_more
from tests.app.signing.made import tiny_pdf
from tests.app.signing.returned import answer, issued, signed, signed_anew
from tests.app.signing.test_additions import object_in

pdf: Any = generic
pdf_writer: Any = writer


@pytest.fixture
def agreement(letter: Path, specimen_signer: UnsafeSpecimenSigner, tmp_path: Path) -> Path:
    return issued(letter, specimen_signer, tmp_path)


def with_rows(content: bytes, more: bytes, front: bool = False) -> bytes:
    """The signed file with more rows in its last table, signed anew."""
    end = content.rindex(b"trailer\n") if not front else content.rindex(b"xref\n0 ") + 5
    grown = content[:end] + more + content[end:]
    found = re.findall(rb"/ByteRange \[0 (\d+) (\d+) (\d+)\]", grown)[-1]
    first, second, rest = (int(each) for each in found)
    return signed_anew(grown, (0, first, second, rest + len(more)))


def test_the_ruler_itself_is_sound(agreement: Path) -> None:
    assert isinstance(answer(agreement, with_rows(signed(agreement.read_bytes()), b"")), Executed)


def test_an_object_that_lies_among_the_bytes_of_an_earlier_revision_is_refused(agreement: Path) -> None:
    """The table of the last revision points into ours: the signature covers it, and shows something else."""
    content = agreement.read_bytes()
    returned = signed(content)
    table = returned.rindex(b"xref\n0 ")
    row = returned.index(b"\n4 1\n", table) + 5
    inside = b"%010d" % content.index(b"4 0 obj")
    moved = signed_anew(returned[:row] + inside + returned[row + 10 :])

    assert len(moved) == len(returned)
    assert answer(agreement, moved) == CHANGED


@pytest.mark.parametrize("front", [True, False])
def test_an_object_that_is_listed_twice_is_refused(front: bool, agreement: Path) -> None:
    """Once as it was, and once as somebody wants it to be: some readers take the first, some the last."""
    content = signed(agreement.read_bytes(), "Signer1", lambda revision: object_in(revision, 3))
    twice = b"3 1\n%010d 00000 n \n" % (content.rindex(b"\n3 0 obj") + 1)

    assert answer(agreement, with_rows(content, twice, front)) == CHANGED


def test_a_freed_object_is_refused(agreement: Path) -> None:
    content = signed(agreement.read_bytes())

    assert answer(agreement, with_rows(content, b"5 1\n0000000000 00001 f \n")) == CHANGED


def test_an_old_number_in_a_new_generation_is_refused(agreement: Path) -> None:
    content = signed(agreement.read_bytes())
    other = with_rows(content, b"5 1\n%010d 00001 n \n" % (content.rindex(b"\n4 0 obj") + 1))

    assert answer(agreement, other) in {CHANGED, UNREADABLE}


def streamed(specimen_signer: UnsafeSpecimenSigner, folder: Path) -> Path:
    """An agreement whose tables are objects."""
    made = pdf_writer.PdfFileWriter(stream_xrefs=True)
    content = made.add_object(pdf.StreamObject(stream_data=b""))
    made.insert_page(pdf_writer.PageObject(contents=content, media_box=(0, 0, 100, 100)))
    with (folder / "letter.pdf").open("wb") as stream:
        made.write(stream)
    return issued(folder / "letter.pdf", specimen_signer, folder)


def test_a_table_may_be_an_object(specimen_signer: UnsafeSpecimenSigner, tmp_path: Path) -> None:
    agreement = streamed(specimen_signer, tmp_path)

    found = answer(agreement, signed(signed(agreement.read_bytes(), "Signer2"), "Signer1"))

    assert isinstance(found, Executed)
    assert found.unsigned == ()


def test_objects_in_a_stream_of_objects_are_refused(specimen_signer: UnsafeSpecimenSigner, tmp_path: Path) -> None:
    def metadata(revision: Any) -> None:
        into = revision.prepare_object_stream()
        extension = revision.add_object(pdf.DictionaryObject(), obj_stream=into)
        revision.root[pdf.pdf_name("/Extensions")] = extension
        revision.update_root()

    agreement = streamed(specimen_signer, tmp_path)

    returned = signed(agreement.read_bytes(), "Signer1", metadata)

    assert answer(agreement, returned) == CHANGED
    with pytest.raises(NotExecuted, match=CHANGED):
        more(agreement, returned)


def more(agreement: Path, content: bytes) -> Revision:
    """What the revision behind the issued file brings, whether signed or not."""
    before = agreement.read_bytes()
    return one_more(PdfFileReader(BytesIO(before)), PdfFileReader(BytesIO(content)), len(before))


def table(prev: int, at: int, rows: bytes = b"0 1\n0000000000 65535 f \n") -> bytes:
    """A table of its own, by hand, at this place in the file."""
    trailer = b"<</Size 12/Root 1 0 R/Info 4 0 R/ID[<01><01>]/Prev %d>>" % prev
    return b"xref\n%strailer\n%s\nstartxref\n%d\n%%%%EOF\n" % (rows, trailer, at)


def last_table(content: bytes) -> int:
    return int(content.split(b"startxref\n")[-1].split()[0])


def test_a_revision_by_hand_is_read(agreement: Path) -> None:
    content = agreement.read_bytes()

    found = more(agreement, content + table(last_table(content), len(content)))

    assert (found.again, found.added) == (frozenset(), frozenset())
    assert (3, 0) in found.known


def test_a_revision_in_the_place_of_ours_is_refused(agreement: Path) -> None:
    """Two new tables, the first of which leads past ours to the pages: as many revisions as there should be."""
    content = agreement.read_bytes()
    past = content + table(tiny_pdf().rindex(b"xref\n0 "), len(content))

    with pytest.raises(NotExecuted, match=CHANGED):
        more(agreement, past + table(len(content), len(past)))


def test_two_revisions_are_not_one(agreement: Path) -> None:
    content = agreement.read_bytes()
    one = content + table(last_table(content), len(content))

    for other in (content, one + table(len(content), len(one))):
        with pytest.raises(NotExecuted, match=CHANGED):
            more(agreement, other)


def test_a_table_in_the_place_of_an_old_object_is_refused(agreement: Path) -> None:
    content = agreement.read_bytes()

    def with_table_as(own: int) -> bytes:
        keys = b"/Type/XRef/W[1 4 2]/Index[0 1]/Size 21/Root 1 0 R/Info 4 0 R/ID[<01><01>]/Length 7/Prev %d"
        head = b"%d 0 obj\n<<%s>>\nstream\n" % (own, keys % last_table(content))
        end = b"\nendstream\nendobj\nstartxref\n%d\n%%%%EOF\n" % len(content)
        return content + head + b"\0\0\0\0\0\xff\xff" + end

    assert more(agreement, with_table_as(20)).added == frozenset()
    with pytest.raises(NotExecuted, match=CHANGED):
        more(agreement, with_table_as(5))
