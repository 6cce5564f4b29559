"""What our papers have in common as Word files: runs, tables, pictures, head and foot, styles, the package.

Lengths are twentieths of a point (Word's own unit), pictures in EMU.
"""

import io
import zipfile
from collections.abc import Iterable, Sequence
from pathlib import Path
from xml.sax.saxutils import escape

from PIL import Image, ImageDraw, ImageFont

SERIF, SANS = "Noto Serif CJK SC", "Noto Sans CJK SC"
INK, GREY, RED, HAIR = "000000", "595959", "B3161D", "8C8C8C"
WIDTH = 9070  # between the margins
_MM = 36000  # EMU
_FONT_FILE = "/usr/share/fonts/opentype/noto/NotoSerifCJK-Bold.ttc"
_SIMPLIFIED = 2

_NAMESPACES = " ".join(
    f'xmlns:{prefix}="http://schemas.openxmlformats.org/{rest}"'
    for prefix, rest in {
        "w": "wordprocessingml/2006/main",
        "r": "officeDocument/2006/relationships",
        "wp": "drawingml/2006/wordprocessingDrawing",
        "a": "drawingml/2006/main",
        "pic": "drawingml/2006/picture",
    }.items()
)
_HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'


# Runs, paragraphs, tables


def run(text: str, *, font: str = "", size: float = 0, bold: bool = False, colour: str = "", spacing: int = 0) -> str:
    said = ""
    if font:
        said += f'<w:rFonts w:ascii="{font}" w:hAnsi="{font}" w:eastAsia="{font}" w:cs="{font}"/>'
    said += "<w:b/>" if bold else ""
    said += f'<w:color w:val="{colour}"/>' if colour else ""
    said += f'<w:spacing w:val="{spacing}"/>' if spacing else ""
    said += f'<w:sz w:val="{round(size * 2)}"/><w:szCs w:val="{round(size * 2)}"/>' if size else ""
    pieces = (f'<w:t xml:space="preserve">{escape(piece)}</w:t>' if piece else "" for piece in text.split("\t"))
    return f"<w:r>{f'<w:rPr>{said}</w:rPr>' if said else ''}{'<w:tab/>'.join(pieces)}</w:r>"


def label(text: str) -> str:
    return run(text, font=SANS, bold=True)


def field(instruction: str, shown: str) -> str:
    return f'<w:fldSimple w:instr=" {instruction} ">{run(shown)}</w:fldSimple>'


def p(style: str, *runs: str, extra: str = "") -> str:
    content = "".join(one if one.startswith("<") else run(one) for one in runs)
    return f'<w:p><w:pPr><w:pStyle w:val="{style}"/>{extra}</w:pPr>{content}</w:p>'


def tag(text: str) -> str:
    """A paragraph that only steers: it is gone once the letter is filled."""
    return p("Body", run(f"{{%p {text} %}}"))


def numbered(heading: str, items: Iterable[str | Sequence[str]]) -> str:
    """A heading with numbered items, each a text or the runs of one."""
    each = ((run(one),) if isinstance(one, str) else one for one in items)
    return p("Heading", heading) + "".join(p("Item", run(f"{number}.\t"), *runs) for number, runs in enumerate(each, 1))


def cell(width: int, content: str, *, span: int = 1, top: int = 0, fill: str = "") -> str:
    said = f'<w:tcW w:w="{width}" w:type="dxa"/>' + (f'<w:gridSpan w:val="{span}"/>' if span > 1 else "")
    if top:
        said += f'<w:tcBorders><w:top w:val="single" w:sz="{top}" w:space="0" w:color="{INK}"/></w:tcBorders>'
    said += f'<w:shd w:val="clear" w:color="auto" w:fill="{fill}"/>' if fill else ""
    return f'<w:tc><w:tcPr>{said}<w:vAlign w:val="center"/></w:tcPr>{content}</w:tc>'


def row(*cells: str, height: int = 0, header: bool = False) -> str:
    said = "<w:cantSplit/>" + (f'<w:trHeight w:val="{height}" w:hRule="atLeast"/>' if height else "")
    said += "<w:tblHeader/>" if header else ""
    return f"<w:tr><w:trPr>{said}</w:trPr>{''.join(cells)}</w:tr>"


def table(columns: list[int], *rows: str, borders: str, margin: int = 0, sides: int = 100) -> str:
    grid = "".join(f'<w:gridCol w:w="{width}"/>' for width in columns)
    widths = {"top": margin, "left": sides, "bottom": margin, "right": sides}
    margins = "".join(f'<w:{side} w:w="{width}" w:type="dxa"/>' for side, width in widths.items())
    return (
        f'<w:tbl><w:tblPr><w:tblW w:w="{sum(columns)}" w:type="dxa"/><w:jc w:val="center"/>'
        f'<w:tblBorders>{borders}</w:tblBorders><w:tblLayout w:type="fixed"/><w:tblCellMar>{margins}</w:tblCellMar>'
        f"</w:tblPr><w:tblGrid>{grid}</w:tblGrid>{''.join(rows)}</w:tbl>"
    )


def border(side: str, size: int, colour: str = INK) -> str:
    return f'<w:{side} w:val="single" w:sz="{size}" w:space="0" w:color="{colour}"/>'


# Pictures


def _graphic(name: str, number: int, relation: str, side: int) -> str:
    return (
        '<a:graphic><a:graphicData uri="http://schemas.openxmlformats.org/drawingml/2006/picture"><pic:pic>'
        f'<pic:nvPicPr><pic:cNvPr id="{number}" name="{name}" descr="{name}"/><pic:cNvPicPr/></pic:nvPicPr>'
        f'<pic:blipFill><a:blip r:embed="{relation}"/><a:stretch><a:fillRect/></a:stretch></pic:blipFill>'
        f'<pic:spPr><a:xfrm><a:off x="0" y="0"/><a:ext cx="{side}" cy="{side}"/></a:xfrm>'
        '<a:prstGeom prst="rect"><a:avLst/></a:prstGeom></pic:spPr></pic:pic></a:graphicData></a:graphic>'
    )


def inline(name: str, number: int, relation: str, millimetres: float) -> str:
    side = round(millimetres * _MM)
    return (
        f'<w:r><w:drawing><wp:inline distT="0" distB="0" distL="0" distR="0"><wp:extent cx="{side}" cy="{side}"/>'
        f'<wp:docPr id="{number}" name="{name}" descr="{name}"/>{_graphic(name, number, relation, side)}'
        "</wp:inline></w:drawing></w:r>"
    )


def behind(name: str, number: int, relation: str, millimetres: float, across: str, down: str) -> str:
    """A picture behind the text; `across` and `down` are the inner parts of wp:positionH and wp:positionV."""
    side = round(millimetres * _MM)
    return (
        '<w:r><w:drawing><wp:anchor distT="0" distB="0" distL="0" distR="0" simplePos="0" relativeHeight="1" '
        'behindDoc="1" locked="0" layoutInCell="1" allowOverlap="1"><wp:simplePos x="0" y="0"/>'
        f"<wp:positionH {across}</wp:positionH><wp:positionV {down}</wp:positionV>"
        f'<wp:extent cx="{side}" cy="{side}"/><wp:effectExtent l="0" t="0" r="0" b="0"/><wp:wrapNone/>'
        f'<wp:docPr id="{number}" name="{name}" descr="{name}"/>{_graphic(name, number, relation, side)}'
        "</wp:anchor></w:drawing></w:r>"
    )


def placeholder(text: str) -> bytes:
    """What stands in the template until the letter is filled; never seen on paper."""
    image = Image.new("RGB", (300, 300), (235, 235, 235))
    font = ImageFont.truetype(_FONT_FILE, 60, index=_SIMPLIFIED)
    ImageDraw.Draw(image).text((150, 150), text, font=font, fill=(120, 120, 120), anchor="mm")
    return _png(image)


def watermark() -> bytes:
    """样本, pale enough that small type on it reads as if on white paper."""
    image = Image.new("L", (1200, 1200), 0)
    font = ImageFont.truetype(_FONT_FILE, 470, index=_SIMPLIFIED)
    ImageDraw.Draw(image).text((600, 600), "样本", font=font, fill=255, anchor="mm")
    ink = image.rotate(45, Image.Resampling.BICUBIC).resize((600, 600), Image.Resampling.BOX)
    made = Image.new("RGB", (600, 600), "white")  # opaque: nothing lies behind it, and transparency is slow to draw
    made.paste((252, 237, 237), mask=ink)
    return _png(made)


def _png(image: Image.Image) -> bytes:
    stream = io.BytesIO()
    image.save(stream, "PNG", optimize=True)
    return stream.getvalue()


# Head, foot and the box at the end


def letterhead() -> str:
    line = f'<w:pBdr>{border("bottom", 8)}</w:pBdr><w:tabs><w:tab w:val="right" w:pos="{WIDTH}"/></w:tabs>'
    return specimen(21) + p(
        "Letterhead",
        run("{{ issuer.legal_name }}", font=SANS, size=15, bold=True, spacing=20),
        run("\t{{ issuer.department }}", font=SANS, size=10),
        extra=f'{line}<w:spacing w:before="60" w:line="380"/>',
    )


def running_head() -> str:
    line = f'<w:pBdr>{border("bottom", 4, HAIR)}</w:pBdr><w:tabs><w:tab w:val="right" w:pos="{WIDTH}"/></w:tabs>'
    return specimen(22) + p(
        "Letterhead", run("{{ issuer.legal_name }}\t{{ document.title }}　{{ document.number }}", size=9), extra=line
    )


def specimen(number: int) -> str:
    page = 'relativeFrom="page"><wp:align>center</wp:align>'
    return (
        tag("if document.specimen")
        + p("Specimen", "样本 SPECIMEN 仅供演示，不具法律效力", behind("watermark", number, "rId1", 150, page, page))
        + tag("endif")
    )


def footer() -> str:
    return p("Footer", "第 ", field("PAGE", "x"), " 页　共 ", field("PAGEREF letter_end", "y"), " 页")


def strip(name: str) -> str:
    """The box at the end: how the holder checks that the paper is genuine; `name` is what it calls itself."""
    picture, text = 1830, 7240
    frame = "".join(border(side, 4, HAIR) for side in ("top", "left", "bottom", "right"))
    exact = '<w:spacing w:before="0" w:after="0" w:line="240" w:lineRule="auto"/>'
    code = p("Cell", inline("check_code", 12, "rId1", 26), extra=f'{exact}<w:jc w:val="center"/>')
    words = (
        p("Cell", label(f"{name}核验"))
        + p("Cell", "核验码：", run("{{ document.check_code }}", font=SANS, size=12, bold=True, spacing=10))
        + p("Cell", "核验网址：{{ document.check_address }}")
        + p("Cell", f"{name}编号：{{{{ document.number }}}}")
        + p("Cell", f"扫描左侧二维码，或者在核验网址输入核验码，可以核对{name}真伪。", extra='<w:keepNext w:val="0"/>')
    )
    end = '<w:bookmarkStart w:id="1" w:name="letter_end"/><w:bookmarkEnd w:id="1"/>'
    last = '<w:spacing w:before="0" w:after="0" w:line="2" w:lineRule="exact"/>'
    return table([picture, text], row(cell(picture, code), cell(text, words)), borders=frame, margin=80) + p(
        "Body", end, extra=last
    )


def section(pictures: int) -> str:
    """The paper's edges, and which header and footer is which; their relationships follow those of the pictures."""
    kinds = (("header", "first"), ("header", "default"), ("footer", "first"), ("footer", "default"))
    parts = [(part, kind, pictures + number) for number, (part, kind) in enumerate(kinds, 1)]
    return (
        "<w:sectPr>"
        + "".join(f'<w:{part}Reference w:type="{kind}" r:id="rId{number}"/>' for part, kind, number in parts)
        + '<w:pgSz w:w="11906" w:h="16838"/><w:pgMar w:top="1474" w:right="1418" w:bottom="1134" w:left="1418" '
        'w:header="624" w:footer="567" w:gutter="0"/>'
        "<w:titlePg/></w:sectPr>"
    )


# Styles

_EXACT = '<w:spacing w:before="{before}" w:after="{after}" w:line="{line}" w:lineRule="exact"/>'


def _style(name: str, paragraph: str, *, font: str = "", size: float = 0, bold: bool = False, colour: str = "") -> str:
    letters = run("x", font=font, size=size, bold=bold, colour=colour)
    said = letters[letters.find("<w:rPr>") : letters.find("</w:rPr>") + 8] if "<w:rPr>" in letters else ""
    return (
        f'<w:style w:type="paragraph" w:customStyle="1" w:styleId="{name}"><w:name w:val="{name}"/>'
        f'<w:basedOn w:val="Normal"/><w:qFormat/><w:pPr>{paragraph}</w:pPr>{said}</w:style>'
    )


def _spacing(before: int, after: int, line: int) -> str:
    return _EXACT.format(before=before, after=after, line=line)


def styles() -> str:
    fonts = f'<w:rFonts w:ascii="{SERIF}" w:hAnsi="{SERIF}" w:eastAsia="{SERIF}" w:cs="{SERIF}"/>'
    language = '<w:lang w:val="en-GB" w:eastAsia="zh-CN" w:bidi="ar-SA"/>'
    made = [
        f'<w:docDefaults><w:rPrDefault><w:rPr>{fonts}<w:kern w:val="0"/><w:sz w:val="21"/><w:szCs w:val="21"/>'
        f"{language}</w:rPr></w:rPrDefault><w:pPrDefault><w:pPr/></w:pPrDefault></w:docDefaults>",
        '<w:style w:type="paragraph" w:default="1" w:styleId="Normal"><w:name w:val="Normal"/><w:qFormat/>'
        f'<w:pPr>{_spacing(0, 0, 300)}<w:jc w:val="both"/></w:pPr></w:style>',
        _style("Title", f'<w:keepNext/>{_spacing(180, 80, 540)}<w:jc w:val="center"/>', font=SANS, size=22, bold=True),
        _style("Number", f'<w:keepNext/>{_spacing(0, 160, 300)}<w:jc w:val="center"/>', font=SANS, size=10),
        _style("Salutation", f'<w:keepNext/>{_spacing(0, 60, 300)}<w:jc w:val="left"/>', bold=True, size=11),
        _style("Body", f'<w:keepLines/>{_spacing(0, 40, 300)}<w:ind w:firstLineChars="200" w:firstLine="420"/>'),
        _style("Heading", f"<w:keepNext/><w:keepLines/>{_spacing(140, 50, 320)}", font=SANS, size=11.5, bold=True),
        _style("Caption", f'<w:keepNext/>{_spacing(90, 50, 280)}<w:jc w:val="left"/>', font=SANS, size=10),
        _style("Note", f'<w:keepLines/>{_spacing(60, 0, 260)}<w:jc w:val="left"/>', size=9.5, colour=GREY),
        _style("Item", f'<w:keepLines/>{_spacing(0, 16, 300)}<w:ind w:left="780" w:hanging="360"/>'),
        _style(
            "Channel",
            f'<w:keepLines/>{_spacing(0, 24, 300)}<w:ind w:left="1995" w:hanging="1575"/><w:jc w:val="left"/>',
        ),
        _style("Cell", f'<w:keepNext/>{_spacing(22, 22, 262)}<w:jc w:val="left"/>', font=SANS, size=10),
        _style("Amount", f'<w:keepNext/>{_spacing(22, 22, 262)}<w:jc w:val="right"/>', font=SANS, size=10),
        _style(
            "Closing",
            f'<w:keepNext/><w:keepLines/>{_spacing(0, 40, 340)}<w:ind w:left="4536"/><w:jc w:val="center"/>',
            size=11,
        ),
        _style("Letterhead", f'{_spacing(0, 0, 340)}<w:jc w:val="left"/>', colour=INK),
        _style("Specimen", f'{_spacing(0, 40, 260)}<w:jc w:val="center"/>', font=SANS, size=10, bold=True, colour=RED),
        _style("Footer", f'{_spacing(0, 0, 260)}<w:jc w:val="center"/>', size=9, colour=GREY),
    ]
    return f"{_HEAD}<w:styles {_NAMESPACES}>{''.join(made)}</w:styles>"


# The package

_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml"


def relationships(*targets: tuple[str, str]) -> str:
    lines = (
        f'<Relationship Id="rId{number}" Type="{kind}" Target="{target}"/>'
        for number, (kind, target) in enumerate(targets, 1)
    )
    return f'{_HEAD}<Relationships xmlns="{_PACKAGE}/relationships">{"".join(lines)}</Relationships>'


def content_types() -> str:
    kinds = {"document": "document.main", "styles": "styles", "settings": "settings"}
    kinds |= {"header1": "header", "header2": "header", "footer1": "footer", "footer2": "footer"}
    lines = "".join(
        f'<Override PartName="/word/{name}.xml" ContentType="{_WORD}.{kind}+xml"/>' for name, kind in kinds.items()
    )
    return (
        f'{_HEAD}<Types xmlns="{_PACKAGE}/content-types"><Default Extension="png" ContentType="image/png"/>'
        '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        f'<Default Extension="xml" ContentType="application/xml"/>{lines}</Types>'
    )


def settings() -> str:
    compatibility = (
        '<w:compatSetting w:name="compatibilityMode" w:uri="http://schemas.microsoft.com/office/word" w:val="15"/>'
    )
    return (
        f'{_HEAD}<w:settings {_NAMESPACES}><w:zoom w:percent="100"/><w:defaultTabStop w:val="420"/>'
        '<w:characterSpacingControl w:val="compressPunctuation"/>'
        f"<w:compat>{compatibility}</w:compat></w:settings>"
    )


def package(body: str, **media: bytes) -> dict[str, str | bytes]:
    """All members of the file: this body, our headers, footers and styles, and a placeholder for each picture.

    The pictures of the body have the relationships rId1, rId2 and so on, in their order; the check code is the first.
    """

    def part(element: str, content: str) -> str:
        return f"{_HEAD}<w:{element} {_NAMESPACES}>{content}</w:{element}>"

    image = f"{_OFFICE}/image"
    mark = relationships((image, "media/watermark.png"))
    others = ("header1", "header2", "footer1", "footer2", "styles", "settings")
    targets = [(image, f"media/{name}.png") for name in media]
    targets += [(f"{_OFFICE}/{name.rstrip('12')}", f"{name}.xml") for name in others]
    return {
        "[Content_Types].xml": content_types(),
        "_rels/.rels": relationships((f"{_OFFICE}/officeDocument", "word/document.xml")),
        "word/document.xml": part("document", f"<w:body>{body}{section(len(media))}</w:body>"),
        "word/_rels/document.xml.rels": relationships(*targets),
        "word/header1.xml": part("hdr", letterhead()),
        "word/_rels/header1.xml.rels": mark,
        "word/header2.xml": part("hdr", running_head()),
        "word/_rels/header2.xml.rels": mark,
        "word/footer1.xml": part("ftr", footer()),
        "word/footer2.xml": part("ftr", footer()),
        "word/styles.xml": styles(),
        "word/settings.xml": settings(),
        **{f"word/media/{name}.png": picture for name, picture in media.items()},
        "word/media/watermark.png": watermark(),
    }


def write(entries: dict[str, str | bytes], target: Path) -> None:
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in entries.items():
            archive.writestr(zipfile.ZipInfo(name, (2026, 11, 23, 0, 0, 0)), content, zipfile.ZIP_DEFLATED)
