"""The letters look as they did when a person last looked at them."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image, ImageDraw

from app.catalogue import PDF
from app.config import ROOT, from_environment
from app.convert import Pool
from app.doctor import toolchain
from app.render import twin
from tests.golden.compare import picture_difference, show_difference, text_difference
from tests.golden.letters import GOLDEN, LETTERS, Letter, pages, printed
from tests.wiring import catalogue_here


@pytest.fixture(scope="module")
def pool(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pool]:
    settings = from_environment()
    home = tmp_path_factory.mktemp("office")
    with Pool(1, settings.deadline, settings.uno_python, settings.soffice, home) as opened:
        yield opened


@pytest.mark.office
@pytest.mark.parametrize("letter", LETTERS, ids=lambda letter: f"{letter.type}-{letter.name}")
def test_a_letter_has_the_text_and_the_pages_of_its_golden(letter: Letter, pool: Pool, tmp_path: Path) -> None:
    folder = letter.folder
    wanted = [Image.open(path) for path in sorted(folder.glob("page-*.png"))]

    parts = printed(letter, pool, tmp_path)
    texts, found = pages(parts.pop(letter.paper))

    for name, path in parts.items():
        assert (folder / f"{name}.txt").read_bytes() == path.read_bytes()
    assert text_difference((folder / "text.txt").read_text("utf-8"), "\f".join(texts)) == ""
    assert len(found) == len(wanted)
    recorded = json.loads((GOLDEN / "toolchain.json").read_text("utf-8"))
    if recorded != toolchain():
        pytest.skip(f"text is the same; pictures were made with {recorded}, here is {toolchain()}")
    for number, (one, other) in enumerate(zip(wanted, found, strict=True), start=1):
        box = picture_difference(one, other)
        if box:
            shown = ROOT / "build" / "golden" / f"{letter.name}-{number}.png"
            show_difference(one, other, box, shown)
            pytest.fail(f"page {number} differs in {box}: look at {shown}")


def test_the_text_twin_of_every_template_is_up_to_date() -> None:
    for kind in catalogue_here().types.values():
        for part in (part for part in kind.parts if part.kind == PDF):
            assert text_difference(part.path.with_suffix(".txt").read_text("utf-8"), twin(part.path)) == "", part.path


def test_the_text_ruler_notices_one_changed_character() -> None:
    assert text_difference("甲\n乙 1,234.56 元", "甲\n乙 1,234.56 元") == ""
    assert text_difference("甲\n乙 1,234.56 元", "甲\n乙 1,234.57 元").startswith("line 2")
    assert text_difference("甲\n乙", "甲") == "wanted 2 lines, found 1"


def test_the_picture_ruler_notices_one_changed_pixel_and_says_where(tmp_path: Path) -> None:
    page, changed = (Image.new("RGB", (200, 300), "white") for _ in range(2))
    ImageDraw.Draw(changed).point((120, 50), fill=(254, 255, 255))

    assert picture_difference(page, page.copy()) is None
    assert picture_difference(page, changed) == (120, 50, 121, 51)
    assert picture_difference(page, Image.new("RGB", (200, 301), "white")) is not None
    show_difference(page, changed, (120, 50, 121, 51), tmp_path / "shown.png")
    assert (tmp_path / "shown.png").exists()
