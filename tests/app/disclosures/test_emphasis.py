"""Wording that must stand out, through the real converter: the ink decides, and not what a font or style is called."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from docx.oxml import parse_xml
from docx.oxml.ns import qn
from docx.shared import Pt

from app.catalogue import Requirement
from app.disclosures import drawing, emphasis, ink, outlines
from app.disclosures.find import Finder
from app.disclosures.lines import stretches
from app.disclosures.opening import opened
from app.disclosures.reader import read
from app.errors import DisclosureMissing
from app.text import fold
from tests.app.disclosures import letters
from tests.reading import verify

pytestmark = pytest.mark.office

SERIF, SANS = "Noto Serif CJK SC", "Noto Sans CJK SC"
PINNED = {SERIF: "NotoSerifCJKsc", SANS: "NotoSansCJKsc"}
BODY = (
    "依据双方签署的信用卡领用合约，您应当在约定的期限以前归还透支款项。逾期期间，我行依约计收利息与违约金，并如实"
    "向金融信用信息基础数据库报送。您对本函所载金额38,256.47元有异议的，可以在收到之日起十五日以内向我行提出。"
)
CLAUSE = (
    "如您未按期足额偿还任何一期款项，我行有权宣布全部欠款提前到期，届时您须一次性偿还人民币38,256.47元"
    "（大写：人民币叁万捌仟贰佰伍拾陆元肆角柒分）；受托机构为Demo Bank Co.，电话400-000-0001。"
)
LONG = "如您未按期足额偿还任何一期款项，我行有权宣布全部欠款提前到期，届时您须一次性偿还。" * 6
SHORT = "提前到期一次还清"
AT = CLAUSE.index("偿还任何")
MIDDLE = (CLAUSE[:AT], CLAUSE[AT], CLAUSE[AT + 1 :])  # one character of it


def w(name: str, value: str = "", **more: str) -> str:
    given = "".join(f' w:{key}="{said}"' for key, said in ({"val": value} if value else {} | more).items())
    given += "".join(f' w:{key}="{said}"' for key, said in more.items() if value)
    return f"<w:{name} {letters._W}{given}/>"


BOLD, PLAIN, UNDERLINE = w("b"), w("b", "0"), w("u", "single")


@dataclass(frozen=True)
class Case:
    """Ordinary text and, between, the clause in runs of text and what is done to their type."""

    runs: Sequence[tuple[str, Sequence[str]]]
    family: str = SERIF
    own: str = ""  # the clause's family, if another
    points: float = 10.5
    body: Sequence[str] = ()  # what is done to the ordinary text
    style: str = ""  # of the clause's paragraph
    before: int = 1  # ordinary paragraphs
    cell: bool = False  # the clause stands in a table

    @property
    def text(self) -> str:
        return "".join(text for text, _ in self.runs)


def whole(*how: str, text: str = CLAUSE, **more: Any) -> Case:
    return Case([(text, how)], **more)


FACES = [(family, points) for family in (SERIF, SANS) for points in (9.5, 10.5, 12.0)]
PASS: Mapping[str, Case] = {
    **{f"bold {family} {points}": whole(BOLD, family=family, points=points) for family, points in FACES},
    **{f"underlined {family} {points}": whole(UNDERLINE, family=family, points=points) for family, points in FACES},
    **{f"short bold {family}": whole(BOLD, text=SHORT, family=family) for family in (SERIF, SANS)},
    "six characters bold": whole(BOLD, text="一次还清欠款"),
    "an amount bold": whole(BOLD, text="38,256.47元"),
    "Latin bold": whole(BOLD, text="Demo Bank Co., Ltd."),
    "bold in red": whole(BOLD, w("color", "FF0000")),
    "bold on yellow": whole(BOLD, w("highlight", "yellow")),
    "bold in white on a dark ground": whole(BOLD, w("color", "FFFFFF"), w("shd", "clear", fill="1F3864")),
    "bold sans within serif": whole(BOLD, own=SANS),
    "bold within underlined text": whole(BOLD, body=[UNDERLINE]),
    "underlined within bold text": whole(UNDERLINE, body=[BOLD]),
    "bold and underlined": whole(BOLD, UNDERLINE),
    "bold wide type": whole(BOLD, w("w", "150")),
    "doubly underlined": whole(w("u", "double")),
    "thickly underlined": whole(w("u", "thick")),
    "bold in two runs": Case([(CLAUSE[:20], [BOLD]), (CLAUSE[20:], [BOLD])]),
    "bold over two pages": whole(BOLD, text=LONG, before=10),
    "underlined over two pages": whole(UNDERLINE, text=LONG, before=10),
    "bold in a table": whole(BOLD, cell=True),
}
REFUSE: Mapping[str, Case] = {
    **{f"regular {family} {points}": whole(family=family, points=points) for family, points in FACES},
    **{
        f"one regular {family} {points}": Case(
            [(MIDDLE[0], [BOLD]), (MIDDLE[1], []), (MIDDLE[2], [BOLD])], family=family, points=points
        )
        for family, points in FACES
    },
    "six characters regular": whole(text="一次还清欠款"),
    "an amount regular": whole(text="38,256.47元"),
    "Latin regular": whole(text="Demo Bank Co., Ltd."),
    "half bold": Case([(CLAUSE[:40], [BOLD]), (CLAUSE[40:], [])]),
    "bold on the first of two pages": Case([(LONG[:120], [BOLD]), (LONG[120:], [])], before=10),
    "underlined on the first of two pages": Case([(LONG[:120], [UNDERLINE]), (LONG[120:], [])], before=10),
    "half underlined": Case([(CLAUSE[:40], [UNDERLINE]), (CLAUSE[40:], [])]),
    "one character not underlined": Case([(MIDDLE[0], [UNDERLINE]), (MIDDLE[1], []), (MIDDLE[2], [UNDERLINE])]),
    "half bold and half underlined": Case([(CLAUSE[:40], [BOLD]), (CLAUSE[40:], [UNDERLINE])]),
    "digits left regular": Case([("还款金额", [BOLD]), ("38,256.47", []), ("元", [BOLD])]),
    "a style called bold": whole(PLAIN, style="Strong Bold"),
    "all bold": whole(BOLD, body=[BOLD]),
    "all underlined": whole(UNDERLINE, body=[UNDERLINE]),
    "bold in grey": whole(BOLD, w("color", "8E8E8E")),
    "black within grey": whole(body=[w("color", "8E8E8E")]),
    "larger": whole(w("sz", "32")),
    "wide type": whole(w("w", "150")),
    "narrow type": whole(w("w", "66"), points=16),
    "sans within serif": whole(own=SANS),
    "serif bold within sans": whole(BOLD, family=SANS, own=SERIF),
    "pale underline": whole(w("u", "single", color="DDDDDD")),
    **{f"underlined by {kind}": whole(w("u", kind)) for kind in ("dotted", "dash", "wave", "dotDash")},
    "framed": whole(w("bdr", "single", sz="4", space="0", color="auto")),
    "shaded": whole(w("shd", "clear", fill="D9D9D9")),
    "in a table": whole(cell=True),
}
NOTHING_AROUND = whole(BOLD, before=0)


def write(case: Case, path: Path) -> None:
    document = letters._document()
    document.styles.add_style("Strong Bold", 1).font.bold = True
    for _ in range(case.before):
        _run(document.add_paragraph(), BODY, case.family, 10.5, case.body)
    paragraph = document.add_paragraph(style=case.style or None)
    if case.cell:
        table = document.add_table(rows=1, cols=1)
        table.style = "Table Grid"
        paragraph = table.rows[0].cells[0].paragraphs[0]
    for text, how in case.runs:
        _run(paragraph, text, case.own or case.family, case.points, how)
    if case.before:
        _run(document.add_paragraph(), BODY, case.family, 10.5, case.body)
    document.save(str(path))


def _run(paragraph: Any, text: str, family: str, points: float, how: Sequence[str]) -> None:
    paragraph.paragraph_format.widow_control = False
    run = paragraph.add_run(text)
    run.font.name, run.font.size = family, Pt(points)
    properties = run._r.get_or_add_rPr()
    properties.rFonts.set(qn("w:eastAsia"), family)
    for each in map(parse_xml, how):
        for old in properties.findall(each.tag):
            properties.remove(old)
        properties.append(each)


@pytest.fixture(scope="module")
def paper(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, Path]:
    folder = tmp_path_factory.mktemp("emphasis")
    cases = {**PASS, **REFUSE, "nothing around": NOTHING_AROUND}
    files = {name: folder / f"{number}.docx" for number, name in enumerate(cases)}
    for name, file in files.items():
        write(cases[name], file)
    letters.convert(list(files.values()), folder)
    return {name: file.with_suffix(".pdf") for name, file in files.items()}


def missing(path: Path, text: str, **required: Any) -> Mapping[str, str]:
    need = Requirement(texts=(text,), **{"conspicuous": True, **required})
    try:
        verify(letters.assembled(path), [letters.disclosure("clause", need)], {})
    except DisclosureMissing as refusal:
        return refusal.missing
    return {}


@pytest.mark.parametrize("name", PASS)
def test_what_stands_out_is_proven(paper: Mapping[str, Path], name: str) -> None:
    assert missing(paper[name], PASS[name].text) == {}


@pytest.mark.parametrize("name", REFUSE)
def test_what_does_not_stand_out_is_refused(paper: Mapping[str, Path], name: str) -> None:
    assert missing(paper[name], REFUSE[name].text, points=9) == {"clause": "not conspicuous"}


@pytest.mark.parametrize("name", REFUSE)
def test_where_it_need_not_stand_out_it_is_proven(paper: Mapping[str, Path], name: str) -> None:
    assert missing(paper[name], REFUSE[name].text, conspicuous=False) == {}


def test_without_ordinary_text_nothing_stands_out(paper: Mapping[str, Path]) -> None:
    assert missing(paper["nothing around"], CLAUSE) == {"clause": "not conspicuous"}


def test_bold_but_smaller_than_required_is_too_small(paper: Mapping[str, Path]) -> None:
    assert missing(paper[f"bold {SERIF} 9.5"], CLAUSE, points=10.5) == {"clause": "not visible: too small"}


@pytest.mark.parametrize("name", ["bold over two pages", "underlined over two pages"])
def test_it_stands_out_on_both_sides_of_a_page_break(paper: Mapping[str, Path], name: str) -> None:
    need = Requirement(texts=(LONG,), conspicuous=True)

    proof = verify(letters.assembled(paper[name]), [letters.disclosure("clause", need)], {}).proofs[0]

    assert {box.page for box in proof.boxes} == {1, 2}


def test_in_another_font_under_our_name_regular_strokes_are_not_bold(paper: Mapping[str, Path], tmp_path: Path) -> None:
    path = letters.renamed(paper[f"regular {SERIF} 10.5"], tmp_path / "a.pdf", "-Regular", "-Bold")

    assert missing(path, CLAUSE) == {"clause": "not conspicuous"}


def test_under_a_regular_name_bold_strokes_are_bold(paper: Mapping[str, Path], tmp_path: Path) -> None:
    path = letters.renamed(paper[f"bold {SERIF} 10.5"], tmp_path / "a.pdf", "-Bold", "-Regular")

    assert missing(path, CLAUSE) == {}


def test_in_a_font_that_is_not_ours_nothing_is_known_to_be_bold(paper: Mapping[str, Path], tmp_path: Path) -> None:
    path = letters.renamed(paper[f"bold {SERIF} 10.5"], tmp_path / "a.pdf", "NotoSerifCJKjp", "SomeSerifCJKjp")

    assert missing(path, CLAUSE) == {"clause": "not conspicuous"}


def test_covered_it_is_covered_and_not_merely_plain(paper: Mapping[str, Path], tmp_path: Path) -> None:
    white = letters.over("1 1 1 rg 0 0 600 800 re f")

    assert missing(letters.rewrite(paper["six characters bold"], tmp_path / "a.pdf", white), "一次还清欠款") == {
        "clause": "not visible: covered"
    }


def test_one_that_stands_out_is_enough(paper: Mapping[str, Path]) -> None:
    bold, regular = paper[f"bold {SERIF} 10.5"], paper[f"regular {SERIF} 10.5"]
    need = letters.disclosure("clause", Requirement(texts=(CLAUSE,), conspicuous=True))

    assert verify(letters.assembled(regular, bold), [need], {}).proofs[0].page == 2


@pytest.mark.parametrize(("family", "points"), FACES)
def test_between_regular_and_bold_lies_a_wide_gap(paper: Mapping[str, Path], family: str, points: float) -> None:
    regular = ways(paper[f"regular {family} {points}"], PINNED[family])
    bold = ways(paper[f"bold {family} {points}"], PINNED[family])

    assert abs(np.median(regular)) < 0.05
    assert abs(np.median(bold) - 1) < 0.05
    assert regular.max() < emphasis.HEAVY - 0.2
    assert bold.min() > emphasis.HEAVY + 0.15


def ways(path: Path, own: str) -> npt.NDArray[np.float64]:
    """How far each word of the clause has come on the way from regular to bold."""
    with opened(path) as (leaf,):
        sheet = read(leaf)
        (clause,) = Finder([sheet]).occurrences([fold(CLAUSE).text])
        parts = stretches(clause, [sheet])
        groups = ink.turns(sheet, np.array([index for _, index in clause.spots]))
        view = drawing.view(leaf, drawing.Wanted(groups))
        kind, _ = emphasis.weigh(sheet, view, groups, {clause: parts}).wording[clause]
    cuts = [[sum(outlines.inked(own, cut, one) for one in word) for word in kind.words] for cut in ("Regular", "Bold")]
    regular, bold = np.array(cuts)
    told = bold >= emphasis.TOLD * regular
    found: npt.NDArray[np.float64] = ((kind.inked - regular) / (bold - regular))[told]
    return found
