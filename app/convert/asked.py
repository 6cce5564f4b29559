"""Which fonts a docx asks for: only the pinned families (字体).

The finished PDF cannot tell. When a font is absent LibreOffice takes another without a word, for Chinese most likely
another face of Noto CJK; and all faces of a Noto CJK collection bear one name in a PDF, the Japanese one. So a docx
that asks for 宋体 would come out with another regional form of its characters and pass. It is refused here: what is
asked for is one of `FAMILIES`, those are installed (app/fonts.py), and so nothing is replaced.

Fonts of styles that no text uses are not looked at, nor those of bullets: a foreign one shows by name in the PDF.
"""

import re
import zipfile
from collections.abc import Iterator
from pathlib import PurePosixPath

from lxml import etree

_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_FONTS, _SYMBOL, _STYLE = f"{_W}rFonts", f"{_W}sym", f"{_W}style"
_SCRIPTS = ("ascii", "hAnsi", "eastAsia")  # those of our texts; `cs` is for Arabic and the like
_TEXTS = re.compile(r"(document|header\d*|footer\d*|footnotes|endnotes)\.xml")
_REFERENCES = tuple(f"{_W}{kind}Style" for kind in ("p", "r", "tbl"))
_PARSER = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False)


def foreign_fonts(archive: zipfile.ZipFile, families: tuple[str, ...]) -> set[str]:
    """Names of fonts asked for that are not among `families`; "theme" for a font left to the document's theme."""
    styles = etree.fromstring(archive.read("word/styles.xml"), _PARSER)
    texts = [etree.fromstring(archive.read(name), _PARSER) for name in _members(archive)]
    asked = _defaults(styles)
    for element in [*_used_styles(styles, texts), *texts]:
        for fonts in element.iter(_FONTS):
            asked.update(_asked_by(fonts))
        asked.update(symbol.get(f"{_W}font", "") for symbol in element.iter(_SYMBOL))
    return asked - set(families)


def _members(archive: zipfile.ZipFile) -> list[str]:
    return [name for name in archive.namelist() if _TEXTS.fullmatch(PurePosixPath(name).name)]


def _defaults(styles: etree._Element) -> set[str]:
    """What text is set in where nothing else is said: the default paragraph style over the document's defaults."""
    effective = dict.fromkeys(_SCRIPTS, "theme")
    for element in [*styles.iter(f"{_W}docDefaults"), *filter(_is_default_paragraph, styles.iter(_STYLE))]:
        for fonts in element.iter(_FONTS):
            effective.update({script: name for script in _SCRIPTS if (name := fonts.get(f"{_W}{script}"))})
    return set(effective.values())


def _is_default_paragraph(style: etree._Element) -> bool:
    return style.get(f"{_W}type") == "paragraph" and style.get(f"{_W}default") in {"1", "true", "on"}


def _used_styles(styles: etree._Element, texts: list[etree._Element]) -> Iterator[etree._Element]:
    """The styles that the texts name, and those that these are based on."""
    known = {style.get(f"{_W}styleId"): style for style in styles.iter(_STYLE)}
    open_names = [reference.get(f"{_W}val") for text in texts for reference in text.iter(*_REFERENCES)]
    while open_names:
        if (style := known.pop(open_names.pop(), None)) is not None:
            yield style
            open_names += [base.get(f"{_W}val") for base in style.iter(f"{_W}basedOn")]


def _asked_by(fonts: etree._Element) -> Iterator[str]:
    for script in _SCRIPTS:
        if fonts.get(f"{_W}{script}Theme") is not None:
            yield "theme"
        elif (name := fonts.get(f"{_W}{script}")) is not None:
            yield name
