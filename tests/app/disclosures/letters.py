"""Small letters for reading back, each with one thing done to it: Word files by python-docx, then tricks on the PDF.

The sound letter has all that verification looks at: a header and footer, wording with a rare character, amounts in
digits and capitals, channels, a check code, a stamp behind the closing lines.
"""

import io
import itertools
import random
import re
import subprocess
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any

import segno
from docx import Document
from docx.enum.table import WD_ROW_HEIGHT_RULE
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml import parse_xml
from docx.oxml.ns import qn
from docx.shared import Mm, Pt, RGBColor
from PIL import Image, ImageDraw, ImageFont
from pypdf import PdfWriter
from pypdf.generic import (
    ArrayObject,
    ContentStream,
    DecodedStreamObject,
    DictionaryObject,
    NameObject,
    TextStringObject,
)

from app.artifacts import Approved, Assembled, Converted, File, Part, Rendered
from app.catalogue import PDF, TEXT, Disclosure, Requirement, Source

FONT = "Noto Serif CJK SC"
FONT_FILE = "/usr/share/fonts/opentype/noto/NotoSerifCJK-Bold.ttc"
NAME = "𠮷田·欧阳"
HOTLINE = "400-000-0001"
FIRST = "您有权在收到本函之日起对欠款金额、计息方式提出异议，并提交相应证据材料"

BLANKS: Mapping[str, Any] = {
    "document": {"number": "示范催函〔2026〕000001号", "check_code": "ABCD-EFGH-IJKL-MNOP"},
    "issuer": {"legal_name": "示范银行股份有限公司", "hotline": HOTLINE, "uscc": "919900001000012345"},
    "addressee": {"name": NAME, "salutation": "先生"},
    "agency": None,
    "account": {
        "tail": "1234",
        "debts": [{"currency": "CNY", "principal": "30000.00", "interest": "8256.47", "total": "38256.47"}],
        "rates": {"annual_percent": "18.25"},
    },
}

WORDING: Mapping[str, str] = {
    "name": f"尊敬的{NAME}先生：",
    "balance": "截至2026年11月20日，您名下尾号1234的信用卡账户欠款余额为人民币38,256.47元"
    "（大写：人民币叁万捌仟贰佰伍拾陆元肆角柒分），其中本金30,000.00元、利息8,256.47元。",
    "rate": "年化利率18.25%。",
    "rights": f"{FIRST}。",
    "channel": f"客服电话：{HOTLINE}。",
    "closing": "示范银行股份有限公司",
    "day": "2026年11月23日",
}


def disclosure(id_: str, *require: Requirement) -> Disclosure:
    source = Source("商业银行信用卡业务监督管理办法", "第六十九条", "high")
    return Disclosure(id_, "D", id_, ("dunning_letter",), source, date(2011, 1, 13), None, require)


BALANCE = (
    "欠款余额为人民币{{ debt.total | amount(debt.currency) }}元（大写：{{ debt.total | capitals(debt.currency) }}），"
    "其中本金{{ debt.principal | amount(debt.currency) }}元、利息{{ debt.interest | amount(debt.currency) }}元"
)
REQUIRED: Sequence[Disclosure] = (
    disclosure("name", Requirement(texts=("尊敬的{{ addressee.name }}{{ addressee.salutation }}",))),
    disclosure("balance", Requirement(texts=(BALANCE,), each=("debt", "account.debts"))),
    disclosure("rate", Requirement(texts=("年化利率{{ account.rates.annual_percent | percent }}",))),
    disclosure("rights", Requirement(texts=(FIRST,))),
    disclosure("channel", Requirement(texts=("客服电话：{{ issuer.hotline }}",))),
    disclosure("agency", Requirement(texts=("受托机构：{{ agency.name }}",), when="agency")),
    disclosure("number", Requirement(texts=("{{ document.number }}",), pages="every", points=8)),
    disclosure(
        "stamp",
        Requirement(texts=("{{ issuer.legal_name }}",), pages="last"),
        Requirement(picture="stamp", pages="last"),
    ),
    disclosure("check", Requirement(texts=("{{ document.check_code }}",)), Requirement(picture="check_code")),
)


# --- pictures


def code_png(text: str = "https://letters.demo-bank.example/check?c=ABCDEFGHIJKLMNOP") -> bytes:
    made = io.BytesIO()
    segno.make_qr(text, error="m").save(made, kind="png", scale=8, border=4)
    return made.getvalue()


def stamp_png(words: str = "示范银行业务专用章", *, alpha: int = 255) -> bytes:
    """A round red stamp on nothing: ring, star, words."""
    size, red = 600, (200, 16, 46, alpha)
    picture = Image.new("RGBA", (size, size), (255, 255, 255, 0))
    draw = ImageDraw.Draw(picture)
    draw.ellipse((8, 8, size - 8, size - 8), outline=red, width=18)
    draw.regular_polygon((size / 2, size / 2, 70), 3, fill=red)
    font = ImageFont.truetype(FONT_FILE, 56)
    draw.text((size / 2, 130), words[:5], font=font, fill=red, anchor="mm")
    draw.text((size / 2, 470), words[5:], font=font, fill=red, anchor="mm")
    return _png(picture)


def plain_png(colour: tuple[int, int, int, int] = (255, 255, 255, 255)) -> bytes:
    return _png(Image.new("RGBA", (60, 60), colour))


def mark_png() -> bytes:
    """The pale 样本 mark."""
    picture = Image.new("RGBA", (800, 800), (255, 255, 255, 0))
    font = ImageFont.truetype(FONT_FILE, 300)
    ImageDraw.Draw(picture).text((400, 400), "样本", font=font, fill=(225, 225, 225, 255), anchor="mm")
    return _png(picture.rotate(30))


def _png(picture: Image.Image) -> bytes:
    made = io.BytesIO()
    picture.save(made, "PNG")
    return made.getvalue()


PICTURES: Mapping[str, bytes] = {"stamp": stamp_png(), "check_code": code_png()}


# --- Word files


@dataclass(frozen=True)
class Floating:
    """A picture at a place of the page (millimetres from its upper left corner), over or behind the text."""

    png: bytes
    left: float
    top: float
    width: float
    height: float
    behind: bool


STAMP = Floating(PICTURES["stamp"], 40, 82, 30, 30, behind=True)  # behind the closing lines


@dataclass(frozen=True)
class Letter:
    """What may be done to a letter. `style` changes the type of one paragraph: colour, size, indent in points."""

    wording: Mapping[str, str]
    style: Mapping[str, tuple[str, Any]]
    floats: Sequence[Floating] = (STAMP,)
    code: bytes | None = PICTURES["check_code"]
    code_mm: float = 25
    before: int = 0  # lines of filling before the letter
    header: bool = True
    other_first_header: bool = False

    def but(self, **wording: str) -> "Letter":
        return replace(self, wording={**self.wording, **wording})

    def styled(self, key: str, what: str, value: Any) -> "Letter":
        return replace(self, style={key: (what, value)})


SOUND = Letter(WORDING, {})


def write(letter: Letter, path: Path) -> None:
    document = _document()
    section = document.sections[0]
    _furnish(section, letter)
    for number in range(letter.before):
        document.add_paragraph(f"第{number}行，为使后文落在换页之处而设。")
    for key, text in letter.wording.items():
        _paragraph(document, key, text, letter)
    for _ in range(2):
        document.add_paragraph()  # the stamp needs the room
    document.add_paragraph(f"核验码：{BLANKS['document']['check_code']}")
    if letter.code:
        beside = document.add_paragraph()
        beside.alignment = WD_ALIGN_PARAGRAPH.RIGHT
        beside.add_run().add_picture(io.BytesIO(letter.code), width=Mm(letter.code_mm))
    for floating in letter.floats:
        _float(document.paragraphs[letter.before], floating)
    document.save(str(path))


def write_columns(columns: Sequence[Sequence[str]], path: Path, seed: int) -> None:
    """Sentences in a table with columns of various narrow widths."""
    document = _document()
    table = document.add_table(rows=len(columns), cols=len(columns[0]))
    table.autofit = False
    chance = random.Random(seed)  # noqa: S311 - layout, not secrets
    for row, texts in zip(table.rows, columns, strict=True):
        # A row broken over pages tears the cells beside one another apart: no template of ours allows it.
        row._tr.get_or_add_trPr().append(parse_xml(f"<w:cantSplit {_W}/>"))
        for cell, text in zip(row.cells, texts, strict=True):
            cell.text = text
    for column in table.columns:
        width = Mm(chance.choice([22, 31, 38, 47]))
        for cell in column.cells:
            cell.width = width
    document.save(str(path))


def _document() -> Any:
    document = Document()
    style = document.styles["Normal"]
    style.font.name, style.font.size = FONT, Pt(10.5)
    style.element.rPr.rFonts.set(qn("w:eastAsia"), FONT)
    section = document.sections[0]
    section.page_width, section.page_height = Mm(210), Mm(297)
    return document


def _furnish(section: Any, letter: Letter) -> None:
    number = BLANKS["document"]["number"]
    if not letter.header:
        return
    section.header.paragraphs[0].text = f"催收函　{number}"
    section.footer.paragraphs[0].text = "请勿向任何个人账户转账　第"
    _page_number(section.footer.paragraphs[0])
    if letter.other_first_header:
        section.different_first_page_header_footer = True
        section.first_page_header.paragraphs[0].text = f"示范银行信用卡中心　{number}"
        section.first_page_footer.paragraphs[0].text = "首页页脚　核对来函请致电我行"


def _page_number(paragraph: Any) -> None:
    paragraph._p.append(parse_xml(f'<w:fldSimple {_W} w:instr="PAGE"><w:r><w:t>1</w:t></w:r></w:fldSimple>'))


def _paragraph(document: Any, key: str, text: str, letter: Letter) -> None:
    what, value = letter.style.get(key, ("", None))
    if what == "row":  # in a table's row of exactly this height, which crops what it holds
        row = document.add_table(rows=1, cols=1).rows[0]
        row.height, row.height_rule = Pt(value), WD_ROW_HEIGHT_RULE.EXACTLY
        row.cells[0].text = text
        return
    paragraph = document.add_paragraph()
    paragraph.paragraph_format.widow_control = False
    run = paragraph.add_run(text)
    if what == "colour":
        run.font.color.rgb = RGBColor.from_string(value)
    if what == "size":
        run.font.size = Pt(value)
    if what == "hidden":
        run.font.hidden = True
    if what == "indent":
        paragraph.paragraph_format.left_indent = Pt(value)
        paragraph.paragraph_format.right_indent = Pt(-value)


_W = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
_HEIGHTS = itertools.count(1)  # later pictures lie above earlier ones
_ANCHOR = """<wp:anchor xmlns:wp="http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing"
 distT="0" distB="0" distL="0" distR="0" simplePos="0" relativeHeight="{height}" behindDoc="{behind}" locked="0"
 layoutInCell="1" allowOverlap="1"><wp:simplePos x="0" y="0"/>
 <wp:positionH relativeFrom="page"><wp:posOffset>{x}</wp:posOffset></wp:positionH>
 <wp:positionV relativeFrom="page"><wp:posOffset>{y}</wp:posOffset></wp:positionV></wp:anchor>"""


def _float(paragraph: Any, floating: Floating) -> None:
    """Turn an inline picture into one that stands where we say."""
    run = paragraph.add_run()
    run.add_picture(io.BytesIO(floating.png), width=Mm(floating.width), height=Mm(floating.height))
    inline = run._r.find(f".//{qn('wp:inline')}")
    place = {"x": Mm(floating.left), "y": Mm(floating.top), "behind": int(floating.behind), "height": next(_HEIGHTS)}
    anchor = parse_xml(_ANCHOR.format(**place))
    children = list(inline)
    anchor.append(children[0])  # extent
    anchor.append(parse_xml(f"<wp:wrapNone {_namespace('wp')}/>"))
    for child in children[1:]:
        anchor.append(child)
    inline.getparent().replace(inline, anchor)


def _namespace(prefix: str) -> str:
    return f'xmlns:{prefix}="http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing"'


def convert(files: Sequence[Path], out: Path) -> None:
    """All at once: one start of LibreOffice costs more than forty letters."""
    profile = f"-env:UserInstallation=file://{out}/profile"
    tagged = 'pdf:writer_pdf_Export:{"UseTaggedPDF":{"type":"boolean","value":"true"}}'  # as ours are
    options = ["--headless", profile, "--convert-to", tagged, "--outdir", str(out)]
    subprocess.run(["soffice", *options, *map(str, files)], check=True, capture_output=True, timeout=300)


# --- tricks on the finished PDF

Rewrite = Callable[[bytes], bytes]


def rewrite(source: Path, target: Path, change: Rewrite, *, page: int = 0) -> Path:
    """Change the drawing commands of one page. Helvetica and ZapfDingbats are offered as /TrickH and /TrickZ."""
    writer = PdfWriter(clone_from=source)
    one = writer.pages[page]
    stream = DecodedStreamObject()
    stream.set_data(change(ContentStream(one["/Contents"].get_object(), writer).get_data()))
    one[NameObject("/Contents")] = writer._add_object(stream)
    fonts: Any = _resources(writer, page).get("/Font").get_object()
    for key, name in (("/TrickH", "/Helvetica"), ("/TrickZ", "/ZapfDingbats")):
        font = {"/Type": "/Font", "/Subtype": "/Type1", "/BaseFont": name}
        fonts[NameObject(key)] = DictionaryObject({NameObject(k): NameObject(v) for k, v in font.items()})
    writer.write(target)
    return target


def _resources(writer: PdfWriter, page: int) -> Any:
    return writer.pages[page]["/Resources"].get_object()


def over(commands: str) -> Rewrite:
    return lambda drawn: b"q\n" + drawn + b"\nQ\n" + commands.encode()


def under(commands: str) -> Rewrite:
    return lambda drawn: commands.encode() + b"\n" + drawn


def renamed(source: Path, target: Path, old: str, new: str) -> Path:
    """Give every font whose name holds `old` another name, in the PDF's own dictionaries: the outlines stay."""
    writer = PdfWriter(clone_from=source)
    for page in range(len(writer.pages)):
        for reference in _resources(writer, page)["/Font"].get_object().values():
            font = reference.get_object()
            for each in (font, *(one.get_object() for one in font.get("/DescendantFonts", ()))):
                each[NameObject("/BaseFont")] = NameObject(each["/BaseFont"].replace(old, new))
    writer.write(target)
    return target


def invisible(drawn: bytes) -> bytes:
    """Text render mode 3: neither filled nor stroked."""
    return re.sub(rb"\bBT\b", b"BT 3 Tr", drawn)


def in_layer(source: Path, target: Path, *, off_on: str) -> Path:
    """Put the first page into an optional layer that is off on `screen` or on `paper`."""
    wrapped = rewrite(source, target, lambda drawn: b"/OC /Trick BDC\n" + drawn + b"\nEMC")
    writer = PdfWriter(clone_from=wrapped)
    layer = DictionaryObject({NameObject("/Type"): NameObject("/OCG"), NameObject("/Name"): TextStringObject("layer")})
    reference = writer._add_object(layer)
    _resources(writer, 0)[NameObject("/Properties")] = DictionaryObject({NameObject("/Trick"): reference})
    settings = DictionaryObject({NameObject("/Order"): ArrayObject([reference])})
    if off_on == "screen":
        settings[NameObject("/OFF")] = ArrayObject([reference])
    else:
        state = DictionaryObject({NameObject("/PrintState"): NameObject("/OFF")})
        layer[NameObject("/Usage")] = DictionaryObject({NameObject("/Print"): state})
        event = {"/Event": NameObject("/Print"), "/OCGs": ArrayObject([reference])}
        event["/Category"] = ArrayObject([NameObject("/Print")])
        when = DictionaryObject({NameObject(key): value for key, value in event.items()})
        settings[NameObject("/AS")] = ArrayObject([when])
    layers = {NameObject("/OCGs"): ArrayObject([reference]), NameObject("/D"): settings}
    writer.root_object[NameObject("/OCProperties")] = DictionaryObject(layers)
    writer.write(target)
    return target


def cropped(source: Path, target: Path, top: float) -> Path:
    """Show only what lies below `top`, in points."""
    writer = PdfWriter(clone_from=source)
    writer.pages[0].cropbox.upper_right = (writer.pages[0].mediabox.right, top)
    writer.write(target)
    return target


def turned(source: Path, target: Path) -> Path:
    writer = PdfWriter(clone_from=source)
    writer.pages[0].rotate(90)
    writer.write(target)
    return target


def by_hand(drawing: str) -> bytes:
    """A PDF of one small page with Helvetica as /F, from nothing but bytes."""
    bodies = [
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 300 200]/Contents 4 0 R/Resources<</Font<</F 5 0 R>>>>>>",
        b"<</Length %d>>stream\n%s\nendstream" % (len(drawing), drawing.encode()),
        b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>",
    ]
    made, offsets = b"%PDF-1.7\n", []
    for number, body in enumerate(bodies, 1):
        offsets.append(len(made))
        made += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    table = b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
    tail = b"xref\n0 6\n0000000000 65535 f \n%strailer<</Size 6/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF"
    return made + tail % (table, len(made))


def assembled(*paths: Path, blanks: Mapping[str, Any] = BLANKS) -> Assembled:
    """As it comes to verification."""
    on = date(2026, 11, 23)
    approved = Approved("d", "dunning_letter", "demo_bank", "n", on, True, {}, blanks, ())
    parts = tuple(Part(path.stem, File.at(path), TEXT if path.suffix == ".txt" else PDF) for path in paths)
    return Assembled(Converted(Rendered(approved, ()), (), "test"), parts)
