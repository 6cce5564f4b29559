"""The pinned fonts are here, are the pinned ones, and say what they cannot print."""

import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from fontTools.ttLib import TTFont

from app import fonts
from app.errors import ConfigurationError


@pytest.fixture
def forgetful() -> Iterator[None]:
    """What fonts remembers between calls is forgotten before and after."""
    for remembered in (fonts._installed, fonts._digests, fonts._printable):
        remembered.cache_clear()
    yield
    for remembered in (fonts._installed, fonts._digests, fonts._printable):
        remembered.cache_clear()


def listing(monkeypatch: pytest.MonkeyPatch, said: str) -> None:
    def fc_list(command: list[str], **_: object) -> subprocess.CompletedProcess[str]:
        return subprocess.CompletedProcess(command, 0, stdout=said, stderr="")

    monkeypatch.setattr(subprocess, "run", fc_list)


def test_every_pinned_font_is_installed() -> None:
    assert fonts.missing() == []


@pytest.mark.parametrize(
    "text",
    [
        "A&B <有限公司>",
        "𠮷田",
        "欧阳·买买提",
        "㐂久",
        "Söhne",
        "〔2026〕第0001号",
        "人民币壹贰叁肆伍陆柒捌玖拾佰仟万亿元角分整",
        "①②③，。：；（）《》“”—…　",
    ],
)
def test_what_letters_are_written_with_can_be_printed(text: str) -> None:
    assert fonts.lacking(text) == set()


def test_a_character_that_would_print_as_a_box_is_named() -> None:
    assert fonts.lacking("王𪚥小𪚥ไทย") == {"𪚥", "ไ", "ท", "ย"}


def test_control_characters_cannot_be_printed() -> None:
    assert fonts.lacking("\x00\x07\n\u200b") == {"\x00", "\x07", "\n", "\u200b"}


def test_a_character_must_be_in_serif_and_in_sans() -> None:
    held = [set(_cmap(face)) for face in fonts.FACES]
    in_some = set[int]().union(*held) - held[0].intersection(*held)

    assert in_some, "otherwise this test proves nothing"
    assert fonts.lacking("".join(map(chr, in_some))) == set(map(chr, in_some))


def test_regular_and_bold_hold_the_same_characters() -> None:
    serif, serif_bold, sans, sans_bold = (set(_cmap(face)) for face in fonts.FACES)

    assert (serif, sans) == (serif_bold, sans_bold)


def test_the_face_read_is_the_simplified_chinese_one() -> None:
    for face in fonts.FACES:
        path, index = fonts._installed()[face.postscript]
        with TTFont(path, fontNumber=index, lazy=True) as font:
            assert path.name == face.file
            assert font["name"].getDebugName(6) == face.postscript
            assert font["name"].getDebugName(1) == face.family


def test_asking_again_is_fast() -> None:
    fonts.lacking("一")
    started = time.perf_counter()
    for _ in range(1000):
        fonts.lacking("欧阳·买买提虚构路7号3幢2单元501室")

    assert time.perf_counter() - started < 1


def test_the_names_allowed_in_a_pdf_are_those_of_the_pinned_fonts() -> None:
    assert fonts.postscript_names() == {
        "NotoSerifCJKsc-Regular",
        "NotoSerifCJKsc-Bold",
        "NotoSansCJKsc-Regular",
        "NotoSansCJKsc-Bold",
    }
    assert fonts.FAMILIES == ("Noto Serif CJK SC", "Noto Sans CJK SC")


@pytest.mark.usefixtures("forgetful")
def test_missing_fonts_are_named_and_nothing_can_be_asked_of_them(monkeypatch: pytest.MonkeyPatch) -> None:
    here = fonts._installed()["NotoSansCJKsc-Bold"]
    fonts._installed.cache_clear()
    listing(monkeypatch, f"NotoSansCJKsc-Bold|{here[1]}|{here[0]}\nDejaVuSans|0|/elsewhere.ttf\n")

    assert fonts.missing() == ["NotoSerifCJKsc-Regular", "NotoSerifCJKsc-Bold", "NotoSansCJKsc-Regular"]
    with pytest.raises(ConfigurationError, match="NotoSerifCJKsc-Regular"):
        fonts.lacking("一")
    with pytest.raises(ConfigurationError, match="NotoSerifCJKsc-Regular"):
        fonts.digest()


@pytest.mark.usefixtures("forgetful")
def test_a_font_in_another_version_is_named_and_changes_the_digest(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    other = tmp_path / "NotoSansCJK-Bold.ttc"
    other.write_bytes(b"another version")
    before, installed = fonts.digest(), dict(fonts._installed())
    fonts._digests.cache_clear()
    fonts._installed.cache_clear()
    installed["NotoSansCJKsc-Bold"] = (other, 2)
    listing(monkeypatch, "".join(f"{name}|{index}|{path}\n" for name, (path, index) in installed.items()))

    assert "NotoSansCJKsc-Bold" in fonts.unpinned()
    assert fonts.digest() != before
    with pytest.raises(ConfigurationError, match=r"NotoSansCJK-Bold\.ttc cannot be read"):
        fonts.lacking("一")


@pytest.mark.usefixtures("forgetful")
def test_without_fontconfig_the_service_does_not_start(monkeypatch: pytest.MonkeyPatch) -> None:
    def no_program(*_: object, **__: object) -> None:
        raise FileNotFoundError

    monkeypatch.setattr(subprocess, "run", no_program)

    with pytest.raises(ConfigurationError, match="fontconfig"):
        fonts.missing()


def _cmap(face: fonts.Face) -> list[int]:
    path, index = fonts._installed()[face.postscript]
    with TTFont(path, fontNumber=index, lazy=True) as font:
        return list(font.getBestCmap())
