"""Every word that can be said of a page (理由): why it is not proven, and why it cannot be read.

All are fixed and none names a person. Whoever hears another word from the reading process has not heard from us.
"""

from typing import NoReturn

from app.errors import StepFailed

# A character is not to be seen.
TOO_SMALL = "too small"
OUTSIDE = "outside the page"
NO_INK = "no ink"
CLIPPED = "clipped"
PALE = "too pale"
COVERED = "covered"
UNPRINTED = "differs between screen and paper"

# Wording is not to be read.
TURNED = "turned or mirrored"
UNEVEN = "not on one line"
SCATTERED = "scattered"
OTHER_INK = "other ink in its line"
OTHER_TYPE = "other type in its line"

# Wording that must stand out does not.
NOT_CONSPICUOUS = "not conspicuous"

# One thing is not there.
NOT_FOUND = "not found"
NOT_EVERYWHERE = "not on every page"
NOT_LAST = "not on the last page"
NO_PICTURE = "picture missing"
NOT_VISIBLE = "not visible: "
NOT_LEGIBLE = "not legible: "
MISSING = frozenset(
    {
        *(NOT_FOUND, NOT_EVERYWHERE, NOT_LAST, NO_PICTURE, NOT_CONSPICUOUS),
        *(NOT_VISIBLE + why for why in (TOO_SMALL, OUTSIDE, NO_INK, CLIPPED, PALE, COVERED, UNPRINTED)),
        *(NOT_LEGIBLE + why for why in (TURNED, UNEVEN, SCATTERED, OTHER_INK, OTHER_TYPE)),
    }
)

# Something speaks against the document as a whole.
AMOUNTS, IDENTIFIERS, CONTACTS, PICTURES = "amounts", "identifiers", "contacts", "pictures"
UNASKED = "unasked"
AGAINST = {
    AMOUNTS: "contradicting amount",
    IDENTIFIERS: "a number as long as a card's or a person's",
    CONTACTS: "a contact that nobody gave",
    PICTURES: "a picture that nobody asked for",
    UNASKED: "wording that nobody required",
}
FORBIDDEN = "forbidden."  # and the id of the lexicon's line
SAID = "forbidden wording"

# It cannot be looked at.
NO_PDF = "the finished file is not a readable PDF"
NO_PAGES = "there is no page to verify"
BAD_PAGE = "a page of the finished file cannot be read"
TURNED_PAGE = "a page is turned: positions on it cannot be told"
NO_TEXT = "a page of the finished file has no readable text layer"
UNDRAWN = "a page could not be drawn"
NO_MEMORY = "the pages need more memory than reading them may take"
NO_EXPECTED = "an expected picture is not a picture"
UNKNOWN_PICTURE = "a requirement names a picture that nobody can recognise"
NO_CODE = "the expected check code is not a code"
BLANK_STAMP = "the registered stamp is blank"
BUG = "the pages could not be judged"
FAULTS = frozenset(
    {
        *(NO_PDF, NO_PAGES, BAD_PAGE, TURNED_PAGE, NO_TEXT, UNDRAWN, NO_MEMORY),
        *(NO_EXPECTED, UNKNOWN_PICTURE, NO_CODE, BLANK_STAMP, BUG),
    }
)


def fail(fault: str, cause: BaseException | None = None) -> NoReturn:
    """One of `FAULTS`: never the caller's."""
    raise StepFailed("verify", fault, status=500) from cause
