"""DER's one encoding: what asn1crypto writes is left as it is, and whatever was written at more length becomes it."""

import pytest
from asn1crypto import core, parser
from hypothesis import given
from hypothesis import strategies as st

from app.signing import der

LEAVES = st.one_of(
    st.integers(-(2**70), 2**70).map(lambda number: core.Integer(number).dump()),
    st.binary(max_size=300).map(lambda content: core.OctetString(content).dump()),
    st.text(max_size=40).map(lambda text: core.UTF8String(text).dump()),
)


def together(elements: st.SearchStrategy[bytes]) -> st.SearchStrategy[bytes]:
    several = st.lists(elements, max_size=5)
    return st.one_of(
        several.map(lambda some: der.sequence(*some)),
        several.map(der.set_of),
        several.map(lambda some: der.implicit_set(0, some)),
        elements.map(lambda one: der.explicit(1, one)),
    )


ELEMENTS = st.recursive(LEAVES, together, max_leaves=12)


def lengthened(element: bytes) -> bytes:
    """The same, with four bytes more in every length than it needs."""
    _, method, _, header, contents, _ = parser.parse(element, strict=True)
    if method == 1:
        rest, contents = contents, b""
        while rest:
            size = parser.peek(rest)
            contents, rest = contents + lengthened(rest[:size]), rest[size:]
    length = len(contents).to_bytes(8, "big")
    return bytes(header[:1] + bytes([0x80 | len(length)]) + length + contents)


@given(ELEMENTS)
def test_the_shortest_form_is_what_was_written_shortest(element: bytes) -> None:
    assert der.shortest(element) == element
    assert der.shortest(lengthened(element)) == element


@given(st.lists(LEAVES, max_size=6))
def test_a_set_has_one_order(elements: list[bytes]) -> None:
    assert der.set_of(elements) == der.set_of(reversed(elements))
    assert der.set_of(elements)[1:] == der.implicit_set(0, elements)[1:]


@given(st.lists(st.integers(0, 2**40), max_size=6))
def test_a_sequence_reads_back(numbers: list[int]) -> None:
    written = der.sequence(*(core.Integer(number).dump() for number in numbers))

    assert [one.native for one in core.SequenceOf.load(written, spec=core.Integer)] == numbers


@pytest.mark.parametrize("element", [b"", b"\x30", b"\x30\x05\x02", b"\x30\x03\x02\x05\x01", b"\x05\x00\x05\x00"])
def test_what_is_no_single_element_is_refused(element: bytes) -> None:
    with pytest.raises(ValueError, match=r"\w"):
        der.shortest(element)
