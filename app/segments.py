"""How many short messages a text is (短信条数): what a phone company sends and charges for.

Promises to cut a text as 3GPP TS 23.040 and TS 23.038 have it. A text in the GSM 7 bit default alphabet (23.038,
6.2.1) has 160 septets in one message, or 153 in each of several, since the header that joins them takes seven (23.040,
9.2.3.24.1); a character of the extension table (6.2.1.1) takes two. Any other text, and so every Chinese one, is
UCS-2: 70 units of 16 bits in one message, or 67 in each of several. In practice that is UTF-16: a character beyond
U+FFFF takes two units. No character is ever cut in two.
Refuses a text that is empty, or needs more than the 255 messages that a header can count.
"""

from collections.abc import Iterator
from dataclasses import dataclass

MOST = 255
_DEFAULT = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
_EXTENSION = frozenset("\f^{}\\[~]|€")


@dataclass(frozen=True)
class _Coding:
    alone: int  # units in one message
    joined: int  # units in each of several


_GSM, _UCS2 = _Coding(160, 153), _Coding(70, 67)


def count(text: str) -> int:
    """How many messages the text is."""
    return len(cut(text))


def cut(text: str) -> tuple[str, ...]:
    """The text of each message, in order."""
    if not text:
        raise ValueError("an empty text is no message")
    gsm = all(character in _DEFAULT or character in _EXTENSION for character in text)
    coding = _GSM if gsm else _UCS2
    if sum(_units(character, gsm=gsm) for character in text) <= coding.alone:
        return (text,)
    messages = tuple(_packed(text, coding.joined, gsm=gsm))
    if len(messages) > MOST:
        raise ValueError("the text needs more messages than can be joined")
    return messages


def _units(character: str, *, gsm: bool) -> int:
    return 2 if (character in _EXTENSION if gsm else ord(character) > 0xFFFF) else 1


def _packed(text: str, most: int, *, gsm: bool) -> Iterator[str]:
    start = used = 0
    for index, character in enumerate(text):
        units = _units(character, gsm=gsm)
        if used + units > most:
            yield text[start:index]
            start, used = index, 0
        used += units
    yield text[start:]
