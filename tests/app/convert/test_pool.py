"""LibreOffice for real: what comes out, what it may not do, and who may share it."""

import os
import signal
import threading
import time
import zipfile
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from docx.document import Document
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls
from pypdf import PdfReader

from app.artifacts import File, Part, Rendered
from app.catalogue import TEXT
from app.convert import Pool, office
from app.convert.office import Office, Program
from app.convert.sweep import sockets
from app.errors import StepFailed
from tests.app.convert.conftest import PYTHON, SOFFICE, members, rendered, soffice_of, text, wait_for, word

pytestmark = pytest.mark.office

FONTS = "".join(f' w:{script}="Noto Serif CJK SC"' for script in ("ascii", "hAnsi", "eastAsia"))
DEFAULTS = f"<w:styles {nsdecls('w')}><w:docDefaults><w:rFonts{FONTS}/></w:docDefaults></w:styles>"
# Two ways in which Word files have pictures, here with one that lies elsewhere.
OLD_PICTURE = f"""<w:r {nsdecls("w", "r")} xmlns:v="urn:schemas-microsoft-com:vml">
<w:pict><v:shape style="width:9pt;height:9pt"><v:imagedata r:id="RELATION"/></v:shape></w:pict></w:r>"""
PICTURE = f"""<w:r {nsdecls("w", "wp", "a", "pic", "r")}>
<w:drawing><wp:inline><wp:extent cx="99999" cy="99999"/><wp:docPr id="1" name="p"/>
<a:graphic><a:graphicData uri="http://schemas.openxmlformats.org/drawingml/2006/picture"><pic:pic>
<pic:nvPicPr><pic:cNvPr id="1" name="p"/><pic:cNvPicPr/></pic:nvPicPr>
<pic:blipFill><a:blip r:link="RELATION"/></pic:blipFill>
<pic:spPr><a:xfrm><a:off x="0" y="0"/><a:ext cx="99999" cy="99999"/></a:xfrm><a:prstGeom prst="rect"/></pic:spPr>
</pic:pic></a:graphicData></a:graphic></wp:inline></w:drawing></w:r>"""


# What comes out


def test_a_letter_comes_out_whole_as_pdfa(pool: Pool, tmp_path: Path) -> None:
    converted = pool.convert(rendered(tmp_path, letter=word("致 欧阳·买买提、𠮷田：欠款 38,256.47 元")), tmp_path)

    (part,) = converted.parts
    assert (part.name, part.file.path) == ("letter", tmp_path / "letter.pdf")
    assert text(part.file.path) == "致欧阳·买买提、𠮷田：欠款38,256.47元"
    metadata = PdfReader(part.file.path).metadata
    xmp = PdfReader(part.file.path).xmp_metadata
    assert metadata is not None
    assert xmp is not None
    assert b"<pdfaid:part>2</pdfaid:part>" in xmp.stream.get_data()
    assert converted.converter == pool.version
    assert converted.converter.startswith("LibreOffice ")


def test_a_text_goes_along_untouched(pool: Pool, tmp_path: Path) -> None:
    (tmp_path / "sms.txt").write_text("【示范银行】还款提醒")
    sms = Part("sms", File.at(tmp_path / "sms.txt"), TEXT)
    given = rendered(tmp_path, letter=word("甲"))

    converted = pool.convert(Rendered(given.approved, (sms, *given.parts)), tmp_path)

    assert converted.parts[0] == sms
    assert (converted.parts[1].name, text(converted.parts[1].file.path)) == ("letter", "甲")


def test_all_parts_of_a_document_are_converted_by_name_and_in_order(pool: Pool, tmp_path: Path) -> None:
    converted = pool.convert(rendered(tmp_path, first=word("甲"), second=word("乙"), third=word("丙")), tmp_path)

    assert [(part.name, text(part.file.path)) for part in converted.parts] == [
        ("first", "甲"),
        ("second", "乙"),
        ("third", "丙"),
    ]
    assert sorted(path.name for path in tmp_path.iterdir() if path.suffix != ".docx") == [
        "first.pdf",
        "second.pdf",
        "third.pdf",
    ]


def test_a_reference_to_the_last_page_is_counted_anew(pool: Pool, tmp_path: Path) -> None:
    document = word("共")
    field = f'<w:fldSimple {nsdecls("w")} w:instr=" PAGEREF end "><w:r><w:t>9</w:t></w:r></w:fldSimple>'
    document.paragraphs[0]._p.append(parse_xml(field))
    for _ in range(2):
        document.add_paragraph().paragraph_format.page_break_before = True
    mark = document.add_paragraph("完")._p
    mark.append(parse_xml(f'<w:bookmarkStart {nsdecls("w")} w:id="1" w:name="end"/>'))
    mark.append(parse_xml(f'<w:bookmarkEnd {nsdecls("w")} w:id="1"/>'))

    converted = pool.convert(rendered(tmp_path, letter=document), tmp_path)

    assert text(converted.parts[0].file.path) == "共3完"


def test_content_controls_do_not_become_form_fields(pool: Pool, tmp_path: Path) -> None:
    document = word("合计")
    amount = "<w:sdtContent><w:r><w:t>100.00</w:t></w:r></w:sdtContent>"
    control = f"<w:sdt {nsdecls('w')}><w:sdtPr><w:text/></w:sdtPr>{amount}</w:sdt>"
    document.paragraphs[0]._p.append(parse_xml(control))

    converted = pool.convert(rendered(tmp_path, letter=document), tmp_path)

    assert text(converted.parts[0].file.path) == "合计100.00"  # and output.py refused nothing


def test_a_character_that_only_another_font_holds_is_refused_and_nothing_is_left(pool: Pool, tmp_path: Path) -> None:
    with pytest.raises(StepFailed, match="uses the font DejaVu") as refusal:
        pool.convert(rendered(tmp_path, letter=word("ⵣ")), tmp_path)

    assert refusal.value.status == 500
    assert not (tmp_path / "letter.pdf").exists()


def test_a_docx_that_libreoffice_cannot_load_is_refused_and_the_pool_goes_on(pool: Pool, tmp_path: Path) -> None:
    letter = rendered(tmp_path, letter=word("甲"))
    whole = (tmp_path / "letter.docx").read_bytes()
    with zipfile.ZipFile(tmp_path / "letter.docx", "w") as archive:
        archive.writestr("word/styles.xml", DEFAULTS)  # and neither text nor types

    with pytest.raises(StepFailed, match="LibreOffice said") as failure:
        pool.convert(letter, tmp_path)

    assert failure.value.status == 500  # two said so
    (tmp_path / "letter.docx").write_bytes(whole)
    assert pool.convert(letter, tmp_path).parts


# What it may not do


@pytest.fixture
def server() -> Iterator[tuple[str, list[str]]]:
    """An address on this machine, and what was asked of it."""
    asked: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def handle_one_request(self) -> None:
            asked.append(self.rfile.readline(200).decode(errors="replace"))
            self.close_connection = True

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as listening:
        threading.Thread(target=listening.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{listening.server_port}/picture.png", asked
        listening.shutdown()


def with_outside_picture(address: str) -> Document:
    document = word("催收函")
    kind = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/image"
    relation = document.part.relate_to(address, kind, is_external=True)
    for run in (OLD_PICTURE, PICTURE):
        document.paragraphs[0]._p.append(parse_xml(run.replace("RELATION", relation)))
    return document


def convert_unguarded(folder: Path, document: Document) -> None:
    """Past the gate of intake.py, straight into LibreOffice."""
    document.save(str(folder / "letter.docx"))
    (folder / "pool-1").mkdir()
    opened = Office.launch(Program(PYTHON, SOFFICE), folder / "pool-1")
    try:
        opened.wait_ready(time.monotonic() + 20)
        opened.convert([(folder / "letter.docx", folder / "letter.pdf")], time.monotonic() + 20)
    finally:
        opened.stop()


def test_a_docx_that_names_an_outside_picture_is_refused_and_asks_nobody(
    pool: Pool, tmp_path: Path, server: tuple[str, list[str]]
) -> None:
    address, asked = server

    with pytest.raises(StepFailed, match="points outside"):
        pool.convert(rendered(tmp_path, letter=with_outside_picture(address)), tmp_path)

    assert asked == []


def test_past_that_gate_the_profile_still_asks_nobody(tmp_path: Path, server: tuple[str, list[str]]) -> None:
    address, asked = server

    convert_unguarded(tmp_path, with_outside_picture(address))

    assert asked == []


def test_the_server_would_notice(
    tmp_path: Path, server: tuple[str, list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    address, asked = server
    (tmp_path / "bare.xcu").write_text('<oor:items xmlns:oor="http://openoffice.org/2001/registry"/>')
    monkeypatch.setattr(office, "PROFILE", tmp_path / "bare.xcu")

    convert_unguarded(tmp_path, with_outside_picture(address))

    assert asked != []


def test_its_processes_know_nothing_of_our_settings(
    new_pool: Callable[..., Pool], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DULY_SIGNING_PASSPHRASE", "secret")
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")

    variables = Path(f"/proc/{soffice_of(new_pool())}/environ").read_bytes()

    assert b"PATH=/usr/bin:/bin\0" in variables
    assert b"secret" not in variables
    assert b"proxy" not in variables


# Sharing, opening, closing


def test_threads_share_the_processes_and_wait_for_each_other(pool: Pool, tmp_path: Path) -> None:
    def issue(number: int) -> str:
        folder = tmp_path / str(number)
        folder.mkdir()
        return text(pool.convert(rendered(folder, letter=word(f"第{number}号")), folder).parts[0].file.path)

    with ThreadPoolExecutor(6) as threads:
        assert list(threads.map(issue, range(6))) == [f"第{number}号" for number in range(6)]


def test_closing_leaves_no_process_no_folder_and_no_socket(new_pool: Callable[..., Pool], tmp_path: Path) -> None:
    pool = new_pool(slots=2)
    wait_for(lambda: len(pool._offices) == 2)
    groups = [each.pid for each in pool._offices]
    used = [socket for each in pool._offices for socket in sockets(each.folder)]
    assert [socket.exists() for socket in used] == [True] * 4

    pool.close()

    for group in groups:
        wait_for(lambda: not members(group), 2)  # noqa: B023 - called before the next round
    assert list((tmp_path / "office").iterdir()) == []
    assert [socket.exists() for socket in used] == [False] * 4
    assert not pool.ready()
    with pytest.raises(StepFailed, match="not open"):
        pool.convert(rendered(tmp_path, letter=word("甲")), tmp_path)


def test_closing_ends_a_conversion_under_way(new_pool: Callable[..., Pool], tmp_path: Path) -> None:
    pool = new_pool()
    os.kill(soffice_of(pool), signal.SIGSTOP)
    threading.Timer(0.5, pool.close).start()

    with pytest.raises(StepFailed, match="has ended"):
        pool.convert(rendered(tmp_path, letter=word("甲")), tmp_path)


def test_a_forked_child_can_neither_use_nor_close_the_pool(pool: Pool, tmp_path: Path) -> None:
    letter = rendered(tmp_path, letter=word("甲"))
    if (child := os.fork()) == 0:
        pool.close()
        try:
            pool.convert(letter, tmp_path)
        except StepFailed:
            os._exit(7)
        os._exit(0)

    _, status = os.waitpid(child, 0)

    assert os.waitstatus_to_exitcode(status) == 7
    assert pool.convert(letter, tmp_path).parts
