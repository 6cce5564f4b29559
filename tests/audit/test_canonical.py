"""Canonical bytes: one value, one sequence of bytes; everything else is refused."""

import json
from typing import Any

import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from audit import canonical, entry, verify
from audit.errors import NotCanonical

KEYS = st.from_regex(r"[a-z][a-z0-9_.-]{0,12}", fullmatch=True)
TEXT = st.text(st.characters(exclude_categories=("Cs", "Cc"), include_characters="\n\t"))
NUMBERS = st.integers(-(2**53) + 1, 2**53 - 1)
VALUES = st.recursive(
    st.none() | st.booleans() | NUMBERS | TEXT,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(KEYS, inner, max_size=4),
    max_leaves=12,
)
OBJECTS = st.dictionaries(KEYS, VALUES, min_size=1, max_size=6)
PREV = b"\x07" * 32


def depth(value: Any) -> int:
    inner = list(value.values()) if isinstance(value, dict) else value if isinstance(value, list) else []
    return (1 if isinstance(value, (dict, list)) else 0) + max(map(depth, inner), default=0)


@given(OBJECTS.filter(lambda value: depth(value) <= 8))
def test_within_the_profile_the_bytes_are_those_of_rfc_8785(value: dict[str, Any]) -> None:
    data = canonical.dumps(value, canonical.ENTRY_LIMIT)

    assert data == rfc8785.dumps(value)
    assert canonical.loads(data, canonical.ENTRY_LIMIT) == value


@given(OBJECTS.filter(lambda value: depth(value) <= 8), st.integers(0, 2**53 - 1))
def test_a_whole_entry_is_canonical_json_too(value: dict[str, Any], seq: int) -> None:
    leaf = entry.leaf_bytes(seq, PREV, value)

    assert leaf == rfc8785.dumps({**value, "_prev": PREV.hex(), "_seq": seq})
    assert entry.parse(leaf) == entry.Entry(seq, PREV, value)


@given(st.binary(max_size=60) | st.text(max_size=60).map(lambda text: text.encode("utf-8", "surrogatepass")))
def test_bytes_are_read_by_both_readers_or_by_none(data: bytes) -> None:
    assert read_by_writer(data) == read_by_verifier(data)


@given(OBJECTS, st.data())
def test_damaged_bytes_are_read_by_both_readers_or_by_none(value: dict[str, Any], draw: st.DataObject) -> None:
    data = bytearray(json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode())
    data[draw.draw(st.integers(0, len(data) - 1))] = draw.draw(st.integers(0, 255))

    assert read_by_writer(bytes(data)) == read_by_verifier(bytes(data))


def read_by_writer(data: bytes) -> Any:
    try:
        return ("read", canonical.loads(data, canonical.FILE_LIMIT))
    except NotCanonical:
        return "refused"


def read_by_verifier(data: bytes) -> Any:
    try:
        return ("read", verify._loads(data))
    except ValueError:
        return "refused"


@pytest.mark.parametrize(
    "value",
    [
        pytest.param(1.5, id="a float"),
        pytest.param(1.0, id="a whole float"),
        pytest.param(float("nan"), id="not a number"),
        pytest.param(2**53, id="2^53, which doubles confuse with its neighbour"),
        pytest.param(-(2**53), id="minus 2^53"),
        pytest.param(b"bytes", id="bytes"),
        pytest.param((1, 2), id="a tuple"),
        pytest.param({"Key": 1}, id="a key with a capital"),
        pytest.param({"_seq": 1}, id="a key that begins with the reserved mark"),
        pytest.param({"": 1}, id="an empty key"),
        pytest.param({"钥": 1}, id="a key outside ASCII"),
        pytest.param({1: 1}, id="a key that is a number"),
        pytest.param("\x00", id="a zero character"),
        pytest.param("\r", id="a carriage return"),
        pytest.param("\x1b[2J", id="a terminal's escape"),
        pytest.param("\x7f", id="delete"),
        pytest.param("\x85", id="a control character of the second block"),
        pytest.param("\ud800", id="a lone surrogate"),
        pytest.param([[[[[[[[1]]]]]]]], id="nine deep with the object around it"),
    ],
)
def test_a_value_outside_the_profile_is_refused(value: object) -> None:
    with pytest.raises(NotCanonical):
        canonical.dumps({"value": value}, canonical.ENTRY_LIMIT)


def test_the_limits_themselves_are_allowed() -> None:
    deep: Any = 1
    for _ in range(7):
        deep = [deep]

    assert canonical.dumps({"a": deep, "b": 2**53 - 1, "c": "\n\t"}, 100).startswith(b'{"a":[[[[[[[1]]]]]]]')


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(b'{"a":1,"a":2}', id="a key twice"),
        pytest.param(b'{"b":1,"a":2}', id="keys out of order"),
        pytest.param(b'{"a": 1}', id="a space"),
        pytest.param(b'{"a":1}\n', id="a newline at the end"),
        pytest.param(b'{"a":1.0}', id="a float"),
        pytest.param(b'{"a":1e2}', id="an exponent"),
        pytest.param(b'{"a":-0}', id="minus zero"),
        pytest.param(b'{"a":NaN}', id="NaN"),
        pytest.param(b'{"a":Infinity}', id="Infinity"),
        pytest.param(b'{"a":"\\u0041"}', id="an escape that is not needed"),
        pytest.param(b'{"a":"\\/"}', id="an escaped slash"),
        pytest.param(b'{"a":"\\ud800"}', id="an escaped lone surrogate"),
        pytest.param(b'\xef\xbb\xbf{"a":1}', id="a byte order mark"),
        pytest.param(b'{"a":"\xff"}', id="not UTF-8"),
        pytest.param(b'{"a":' + b"[" * 100_000, id="a very deep beginning"),
        pytest.param(b'{"a":' + b"9" * 10_000 + b"}", id="a very long number"),
        pytest.param(b"", id="nothing"),
    ],
)
def test_bytes_that_are_not_canonical_are_refused_by_both_readers(data: bytes) -> None:
    assert read_by_writer(data) == read_by_verifier(data) == "refused"


def test_an_entry_of_the_greatest_length_is_written_and_one_byte_more_is_not() -> None:
    room = canonical.ENTRY_LIMIT - len(entry.leaf_bytes(1, PREV, {"a": ""}))

    assert len(entry.leaf_bytes(1, PREV, {"a": "x" * room})) == 65_535
    with pytest.raises(NotCanonical, match="65535"):
        entry.leaf_bytes(1, PREV, {"a": "x" * (room + 1)})


@pytest.mark.parametrize("payload", [{}, {"_prev": "x"}, {"a": 1.0}])
def test_an_entry_without_a_proper_payload_is_refused(payload: dict[str, Any]) -> None:
    with pytest.raises(NotCanonical):
        entry.leaf_bytes(1, PREV, payload)


@pytest.mark.parametrize(
    "leaf",
    [
        b'{"_seq":1,"_prev":"' + b"0" * 64 + b'","a":1}',
        b'{"_prev":"' + b"0" * 64 + b'","_seq":01,"a":1}',
        b'{"_prev":"' + b"A" * 64 + b'","_seq":1,"a":1}',
        b'{"_prev":"' + b"0" * 64 + b'","_seq":1,}',
        b'{"_prev":"' + b"0" * 64 + b'","_seq":1}',
        b'{"_prev":"' + b"0" * 64 + b'","_seq":1,"b":1,"a":1}',
    ],
)
def test_an_entry_that_nobody_wrote_is_not_read(leaf: bytes) -> None:
    with pytest.raises(NotCanonical):
        entry.parse(leaf)
    with pytest.raises(ValueError, match=r"."):
        verify._loads(leaf, entry=True)
