"""What a designer of templates may do, and every common character in every face: none of it is refused.

Each check of the pages can be wrong in two ways. That it says no is shown beside it; that it says yes to what is
sound is shown here, through the real converter, and by a hundred random letters (tests/app/api/test_issue.py).
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml import parse_xml
from docx.oxml.ns import qn
from docx.shared import Pt, RGBColor

from app.catalogue import Requirement
from app.disclosures import drawing, ink
from app.disclosures.opening import opened
from app.disclosures.reader import read
from app.errors import DisclosureMissing
from app.fonts import FAMILIES
from tests.app.disclosures import letters
from tests.reading import verify

pytestmark = pytest.mark.office

W = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
STYLED: Mapping[str, str] = {
    "underlined": '<w:u {} w:val="single"/>',
    "spaced": '<w:spacing {} w:val="80"/>',
    "framed": '<w:bdr {} w:val="single" w:sz="4" w:space="0" w:color="auto"/>',
    "highlighted": '<w:highlight {} w:val="yellow"/>',
    "dotted": '<w:em {} w:val="dot"/>',
    "struck through": "<w:strike {}/>",
    "struck twice": "<w:dstrike {}/>",
}
CELLS = [
    ["项目标题", "金额标题", "备注标题"],
    ["透支部分", "三万余", "无"],
    ["较长的文字需要在窄单元格内换行显示出来", "其余", "另有备注内容"],
]
JUSTIFIED = "两端对齐的段落：" + "持卡人的权利和义务，Rights and obligations，" * 8
TIGHT = "行距与字号相同的段落文字" * 12


@pytest.fixture(scope="module")
def designed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("designed")
    document = letters._document()
    for name, style in STYLED.items():
        run = document.add_paragraph().add_run(f"文字 {name} 完。")
        run._r.get_or_add_rPr().append(parse_xml(style.format(W)))
    table = document.add_table(rows=3, cols=3)
    table.style = "Table Grid"
    for number, (row, texts) in enumerate(zip(table.rows, CELLS, strict=True)):
        for cell, text in zip(row.cells, texts, strict=True):
            run = cell.paragraphs[0].add_run(text)
            if number == 0:
                shade = f'<w:shd {W} w:val="clear" w:color="auto" w:fill="1F3864"/>'
                cell._tc.get_or_add_tcPr().append(parse_xml(shade))
                run.font.color.rgb = RGBColor(255, 255, 255)
    document.add_paragraph(JUSTIFIED).alignment = WD_ALIGN_PARAGRAPH.JUSTIFY
    document.add_paragraph(TIGHT).paragraph_format.line_spacing = Pt(10.5)
    document.add_paragraph("项目符号的条目", style="List Bullet")
    return _converted(document, folder)


def _converted(document: Any, folder: Path) -> Path:
    document.save(str(folder / "designed.docx"))
    letters.convert([folder / "designed.docx"], folder)
    return folder / "designed.pdf"


def _missing(path: Path, text: str) -> Mapping[str, str]:
    try:
        verify(letters.assembled(path), [letters.disclosure("text", Requirement(texts=(text,)))], {})
    except DisclosureMissing as refusal:
        return refusal.missing
    return {}


@pytest.mark.parametrize(
    "text",
    [f"文字 {name} 完。" for name in STYLED if "struck" not in name]
    + [text for row in CELLS for text in row]
    + ["透支部分三万余", JUSTIFIED, TIGHT, "项目符号的条目"],
)
def test_sound_typography_is_proven(designed: Path, text: str) -> None:
    assert _missing(designed, text) == {}


@pytest.mark.parametrize("name", ["struck through", "struck twice"])
def test_wording_that_the_converter_strikes_through_is_refused(designed: Path, name: str) -> None:
    # Two lines leave so little of some characters that they count as covered.
    assert _missing(designed, f"文字 {name} 完。")["text"] in {
        "not legible: other ink in its line",
        "not visible: covered",
    }


@pytest.mark.slow
@pytest.mark.parametrize("family", FAMILIES)
@pytest.mark.parametrize("bold", [False, True])
def test_every_common_character_is_seen(family: str, bold: bool, tmp_path: Path) -> None:
    level_one = bytes(byte for high in range(0xB0, 0xD8) for low in range(0xA1, 0xFF) for byte in (high, low))
    common = level_one.decode("gb2312", "ignore") + "".join(map(chr, range(0x21, 0x7F)))
    common += "，。、；：？！（）《》“”‘’—·〔〕￥零壹贰叁肆伍陆柒捌玖拾佰仟万亿元角分整"
    document = letters._document()
    style = document.styles["Normal"]
    style.font.name, style.font.bold = family, bold
    style.element.rPr.rFonts.set(qn("w:eastAsia"), family)
    for points in (9, 10.5, 12):
        document.add_paragraph().add_run(common).font.size = Pt(points)
    path = _converted(document, tmp_path)

    seen = 0
    with opened(path) as leaves:
        for leaf in leaves:
            sheet = read(leaf)
            inked = [at for at, text in enumerate(sheet.text) if sheet.piece[at] >= 0 and not text.isspace()]
            wanted = np.array(inked, dtype=np.int64)
            turns = ink.turns(sheet, wanted)
            wrong = ink.unseen(sheet, drawing.view(leaf, drawing.Wanted(turns)), turns, wanted)
            assert {sheet.text[at]: why for at, why in wrong.items()} == {}
            seen += len(wanted)
    assert seen > 3 * 3755
