"""What a docx may consist of, as a package: known members of bounded size, plain XML, small pictures (文件包).

Closed: a member that is not on the list is refused, and with it macros, objects, controls, imported chunks, embedded
fonts (which would draw other characters under a pinned name) and whatever a later Word thinks of. Two readers may not
see two files: no name twice, nothing encrypted, no size that is not true.
"""

import io
import re
import zipfile
from collections.abc import Iterator

from lxml import etree
from PIL import Image

from app.errors import StepFailed

LARGEST = 64 << 20  # bytes unpacked; the letter has a few hundred thousand
LARGEST_XML = 16 << 20
MOST_ENTRIES = 1000
MOST_RATIO = 200  # unpacked to packed, where more than a MB is unpacked
MOST_DEPTH = 64  # elements in elements; the letter has 15
MOST_PIXELS = 40_000_000  # of one picture: an A4 page at 600 dpi has 35 million

_TEXT = r"(document|header\d*|footer\d*|footnotes|endnotes|numbering)\.xml"
_MEMBERS = re.compile(
    rf"\[Content_Types\]\.xml|_rels/\.rels|docProps/(core|app|custom)\.xml|docProps/thumbnail\.jpeg"
    rf"|word/({_TEXT}|(styles|stylesWithEffects|settings|webSettings|fontTable|theme/theme\d+)\.xml)"
    rf"|word/_rels/{_TEXT}\.rels|word/media/[\w-]+\.(png|jpe?g)"
    rf"|customXml/(_rels/)?item(Props)?\d+\.xml(\.rels)?",
    re.ASCII,
)
_PICTURE = re.compile(r".*\.(png|jpe?g)")
_TOO_DEEP = etree.XPath(f"boolean({'/*' * (MOST_DEPTH + 1)})")
_PARSER = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False)


def members(archive: zipfile.ZipFile) -> Iterator[tuple[str, etree._Element]]:
    """The XML members by name, parsed; all members have been looked at before the first is given."""
    _check_sizes(archive)
    names = archive.namelist()
    if len(set(names)) < len(names):
        raise refused("the docx has two members of one name")
    for name in names:
        if not _MEMBERS.fullmatch(name):
            raise refused(f"the docx holds {name}")
    for name in names:
        content = archive.read(name)  # checks the sum; refuses what is encrypted
        if _PICTURE.fullmatch(name):
            _check_picture(name, content)
        else:
            yield name, _parsed(name, content)


def _check_sizes(archive: zipfile.ZipFile) -> None:
    """By what the directory says: nothing is unpacked for it, and `read` unpacks no more than that."""
    sizes = archive.infolist()
    unpacked, packed = sum(member.file_size for member in sizes), sum(member.compress_size for member in sizes)
    if len(sizes) > MOST_ENTRIES or unpacked > LARGEST:
        raise refused("the docx unpacks to more than a letter can be")
    if any(member.file_size > LARGEST_XML for member in sizes if not _PICTURE.fullmatch(member.filename)):
        raise refused("the docx has more text than a letter can have")
    if unpacked > max(1 << 20, MOST_RATIO * packed):
        raise refused("the docx is packed too tightly to be a letter")


def _check_picture(name: str, content: bytes) -> None:
    """LibreOffice goes by the content, not by the name: only what the name says, and no more than can be drawn."""
    try:
        with Image.open(io.BytesIO(content), formats=("PNG", "JPEG")) as picture:
            if picture.width * picture.height > MOST_PIXELS:
                raise refused(f"{name} has too many pixels")
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError) as error:
        raise refused(f"{name} is not a picture that is drawn") from error


def _parsed(name: str, content: bytes) -> etree._Element:
    root = etree.fromstring(content, _PARSER)
    if root.getroottree().docinfo.doctype:
        raise refused(f"{name} declares a document type")
    if _TOO_DEEP(root):
        raise refused(f"{name} is nested too deeply")
    return root


def refused(why: str) -> StepFailed:
    return StepFailed("convert", why, status=500)
