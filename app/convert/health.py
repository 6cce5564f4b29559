"""The proof that a LibreOffice converts (健康证明): a tiny document of our own, all the way.

A process that runs, answers and accepts connections may still be unable to convert. So what counts is a PDF, looked
at as every other: it also shows that LibreOffice finds the pinned fonts.
"""

import time
import zipfile
from pathlib import Path

from app import fonts
from app.convert.office import Office, OfficeFailed
from app.convert.output import accept
from app.errors import StepFailed

WITHIN = 5.0  # seconds for a process that has converted before; measured 0.07, the very first 0.17

_W = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
_FAMILY = fonts.FAMILIES[0]
_RUN = f'<w:rPr><w:rFonts w:ascii="{_FAMILY}" w:hAnsi="{_FAMILY}" w:eastAsia="{_FAMILY}"/></w:rPr><w:t>函正</w:t>'
_TYPES = "http://schemas.openxmlformats.org/package/2006/content-types"
_RELATIONS = "http://schemas.openxmlformats.org/package/2006/relationships"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument"
_MAIN = "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"
_MEMBERS = {
    "[Content_Types].xml": f'<Types xmlns="{_TYPES}"><Default Extension="rels" '
    'ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    f'<Override PartName="/word/document.xml" ContentType="{_MAIN}"/></Types>',
    "_rels/.rels": f'<Relationships xmlns="{_RELATIONS}">'
    f'<Relationship Id="r1" Type="{_OFFICE}" Target="word/document.xml"/></Relationships>',
    "word/document.xml": f"<w:document {_W}><w:body><w:p><w:r>{_RUN}</w:r></w:p></w:body></w:document>",
}


def prove(office: Office, until: float) -> None:
    """Raise `OfficeFailed` unless it makes our document into a PDF that is as it must be, in time."""
    source, target = office.folder / "tmp" / "proof.docx", office.folder / "tmp" / "proof.pdf"
    try:
        _write(source)
        office.convert([(source, target)], until)
        accept(target, fonts.postscript_names())
    except (OSError, StepFailed) as error:
        raise OfficeFailed(f"the built-in document did not come out: {error}") from error
    finally:
        target.unlink(missing_ok=True)


def soon() -> float:
    return time.monotonic() + WITHIN


def _write(path: Path) -> None:
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in _MEMBERS.items():
            archive.writestr(name, content)
