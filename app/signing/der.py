"""The one encoding that DER allows (X.690, 10 and 11), for what is put together from encoded elements."""

from collections.abc import Iterable, Iterator

from asn1crypto import parser

_UNIVERSAL, _CONTEXT = 0, 2
_CONSTRUCTED = 1
_SEQUENCE, _SET = 16, 17


def sequence(*elements: bytes) -> bytes:
    return _emit(_UNIVERSAL, _SEQUENCE, b"".join(elements))


def set_of(elements: Iterable[bytes]) -> bytes:
    """In the order of their bytes."""
    return _emit(_UNIVERSAL, _SET, b"".join(sorted(elements)))


def implicit_set(tag: int, elements: Iterable[bytes]) -> bytes:
    """A set that bears a context's tag in the place of its own."""
    return _emit(_CONTEXT, tag, b"".join(sorted(elements)))


def explicit(tag: int, element: bytes) -> bytes:
    return _emit(_CONTEXT, tag, element)


def shortest(element: bytes) -> bytes:
    """The same element with every tag and length in its shortest form. `ValueError` for what is no element."""
    kind, method, tag, _, contents, _ = parser.parse(element, strict=True)
    if method == _CONSTRUCTED:
        contents = b"".join(map(shortest, _elements(contents)))
    return bytes(parser.emit(kind, method, tag, contents))


def _elements(contents: bytes) -> Iterator[bytes]:
    while contents:
        length = parser.peek(contents)
        yield contents[:length]
        contents = contents[length:]


def _emit(kind: int, tag: int, contents: bytes) -> bytes:
    return bytes(parser.emit(kind, _CONSTRUCTED, tag, contents))
