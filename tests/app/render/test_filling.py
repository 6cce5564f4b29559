"""A template is filled whole or not at all."""

import dataclasses
import io
import zipfile
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from app.artifacts import Approved
from app.blanks import compiled
from app.catalogue import DocumentType
from app.errors import StepFailed
from app.render import check_code_picture, filling, render, word
from tests.templates import letters

BODY = "word/document.xml"


def filled(
    tmp_path: Path, letter: Approved, kind: DocumentType | None = None, pictures: dict[str, bytes] | None = None
) -> dict[str, bytes]:
    made = render(letter, kind or letters.kind(), pictures or letters.pictures(letter), tmp_path)
    return word.unpack(made.parts[0].file.path.read_bytes())


def with_blank(letter: Approved, **changes: Any) -> Approved:
    return dataclasses.replace(letter, blanks={**letter.blanks, **changes})


def spoiled(tmp_path: Path, change: Callable[[str], str], entry: str = BODY) -> DocumentType:
    entries = letters.template()
    changed = change(entries[entry].decode())
    assert changed != entries[entry].decode()
    return letters.kind_from({**entries, entry: changed.encode()}, tmp_path)


@pytest.mark.parametrize("name", ["A&B <有限公司>", "𠮷田", "欧阳·买买提", "O'Neill & “Söhne”", "<w:t>", "&amp;"])
def test_an_awkward_name_comes_out_whole(tmp_path: Path, name: str) -> None:
    letter = letters.approved()
    addressee = {**letter.blanks["addressee"], "name": name}

    text = word.text(word.parse(filled(tmp_path, with_blank(letter, addressee=addressee))[BODY]))

    assert f"尊敬的{name}先生：" in text
    assert "特此函告。" in text


def test_the_same_facts_give_the_same_bytes(tmp_path: Path) -> None:
    letter = letters.approved()

    first = render(letter, letters.kind(), letters.pictures(letter), tmp_path).parts[0]
    again = render(letter, letters.kind(), letters.pictures(letter), tmp_path).parts[0]

    assert first.name == "letter"
    assert first.file.sha256 == again.file.sha256


def test_threads_do_not_mix_letters(tmp_path: Path) -> None:
    def one(number: int) -> bool:
        letter = letters.approved(letters.named(f"赵示范{chr(0x4E00 + number)}"))
        folder = tmp_path / str(number)
        folder.mkdir()
        return f"赵示范{chr(0x4E00 + number)}先生".encode() in filled(folder, letter)[BODY]

    with ThreadPoolExecutor(8) as threads:
        assert all(threads.map(one, range(24)))


def test_a_missing_value_stops_the_letter(tmp_path: Path) -> None:
    letter = letters.approved()
    record = {key: value for key, value in letters.issuer().record.items() if key != "hotline"}

    with pytest.raises(StepFailed, match="a blank cannot be filled: UndefinedError"):
        filled(tmp_path, with_blank(letter, issuer=record))


@pytest.mark.parametrize("value", [None, True, [], {}])
def test_what_has_no_text_of_its_own_is_not_printed(tmp_path: Path, value: Any) -> None:
    letter = letters.approved()

    with pytest.raises(StepFailed, match="a blank cannot be filled"):
        filled(tmp_path, with_blank(letter, issuer={**letters.issuer().record, "hotline": value}))


@pytest.mark.parametrize(
    "value",
    [
        "张\x0b伟",
        "张\x00伟",
        "张\u202e伟",
        "张\ufffe伟",
        "张\ud800伟",
        "张\n伟",
        "张{{ 7 }}伟",
        "张{%伟",
        1.5,
        object(),
    ],
)
def test_unsafe_values_are_refused_and_not_repeated(tmp_path: Path, value: Any) -> None:
    letter = letters.approved()

    with pytest.raises(StepFailed) as failure:
        filled(tmp_path, with_blank(letter, addressee={**letter.blanks["addressee"], "name": value}))

    assert failure.value.step == "render"
    assert "伟" not in failure.value.detail


def test_a_template_that_changed_since_start_up_is_refused(tmp_path: Path) -> None:
    kind = spoiled(tmp_path, lambda xml: xml.replace("特此函告", "特此警告"))
    part = dataclasses.replace(kind.parts[0], sha256=letters.kind().parts[0].sha256)

    with pytest.raises(StepFailed, match="not the one that was loaded"):
        filled(tmp_path, letters.approved(), dataclasses.replace(kind, parts=(part,)))


def test_a_template_that_is_gone_is_a_failed_step(tmp_path: Path) -> None:
    part = dataclasses.replace(letters.kind().parts[0], path=tmp_path / "gone.docx")

    with pytest.raises(StepFailed, match="cannot be read"):
        filled(tmp_path, letters.approved(), dataclasses.replace(letters.kind(), parts=(part,)))


def test_text_that_the_markup_loses_is_noticed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The second method is what finds it: here the markup is prepared without one of its sentences."""
    prepared = word.steering_markup
    monkeypatch.setattr(word, "steering_markup", lambda root: prepared(root).replace("特此函告。", ""))
    kind = spoiled(tmp_path, lambda xml: xml.replace("特此函告", "此致。特此函告"))  # bytes that no cache has seen

    with pytest.raises(StepFailed, match="text was lost or changed"):
        filled(tmp_path, letters.approved(), kind)


def test_a_value_that_escaping_would_miss_is_noticed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without autoescape a name in angle brackets becomes markup: the parts no longer parse, or say less."""
    monkeypatch.setattr(filling, "compiled", lambda wording, **_: compiled(wording))
    kind = spoiled(tmp_path, lambda xml: xml.replace("特此函告", "专此。特此函告"))
    letter = letters.approved()
    addressee = {**letter.blanks["addressee"], "name": "A&B <有限公司>"}

    with pytest.raises(StepFailed, match="not well-formed"):
        filled(tmp_path, with_blank(letter, addressee=addressee), kind)


def test_a_template_that_does_not_compile_is_a_failed_step(tmp_path: Path) -> None:
    kind = spoiled(tmp_path, lambda xml: xml.replace("{%p endif %}", ""))

    with pytest.raises(StepFailed):
        filled(tmp_path, letters.approved(), kind)


def test_every_part_is_filled(tmp_path: Path) -> None:
    for name, content in filled(tmp_path, letters.approved()).items():
        assert b"{{" not in content or name.endswith(".png")
        assert b"{%" not in content or name.endswith(".png")


def test_a_text_box_is_filled_too(tmp_path: Path) -> None:
    box = (
        '<w:r><w:pict><v:shape xmlns:v="urn:schemas-microsoft-com:vml"><v:textbox><w:txbxContent><w:p><w:r>'
        "<w:t>箱内{{ addressee.name }}</w:t></w:r></w:p></w:txbxContent></v:textbox></v:shape></w:pict></w:r>"
    )
    kind = spoiled(tmp_path, lambda xml: xml.replace("特此函告。</w:t></w:r>", f"特此函告。</w:t></w:r>{box}"))

    assert "箱内赵示范" in word.text(word.parse(filled(tmp_path, letters.approved(), kind)[BODY]))


def test_the_placeholders_give_way_to_the_pictures(tmp_path: Path) -> None:
    letter = letters.approved()
    pictures = letters.pictures(letter)

    entries = filled(tmp_path, letter)

    assert entries["word/media/stamp.png"] == pictures["stamp"]
    assert entries["word/media/check_code.png"] == pictures["check_code"]


@pytest.mark.parametrize("pictures", [{"check_code": b"\x89PNG\r\n\x1a\n"}, {"stamp": b"GIF89a", "check_code": b""}])
def test_a_picture_that_is_missing_or_no_png_stops_the_letter(tmp_path: Path, pictures: dict[str, bytes]) -> None:
    with pytest.raises(StepFailed, match="missing or no PNG"):
        filled(tmp_path, letters.approved(), pictures=pictures)


def test_the_check_code_picture_is_square_with_its_quiet_zone() -> None:
    picture = Image.open(io.BytesIO(check_code_picture(letters.approved().blanks["document"]))).convert("L")

    assert picture.width == picture.height
    assert picture.crop((0, 0, picture.width, 40)).getextrema() == (255, 255)
    assert picture.getpixel((40, 40)) == 0


def test_another_code_gives_another_picture() -> None:
    document = letters.approved().blanks["document"]

    assert check_code_picture(document) != check_code_picture({**document, "check_code": "7K3M-9QXD-2HTV-WB4F"})


def test_a_file_that_is_no_package_is_refused() -> None:
    with pytest.raises(word.NotWord):
        word.unpack(b"PK no")


def test_two_entries_of_one_name_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "twice.docx"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("word/document.xml", "<a/>")
        with pytest.warns(UserWarning, match="Duplicate"):
            archive.writestr("word/document.xml", "<b/>")

    with pytest.raises(word.NotWord, match="same name"):
        word.unpack(path.read_bytes())


def test_a_package_that_unpacks_too_large_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "bomb.docx"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("word/document.xml", b"0" * (21 << 20))

    with pytest.raises(word.NotWord, match="too large"):
        word.unpack(path.read_bytes())


def test_entities_and_broken_xml_are_not_mended() -> None:
    for content in ("<a><b></a>", '<!DOCTYPE a [<!ENTITY x "' + "y" * 10 + '">]><a>&z;</a>'):
        with pytest.raises(word.NotWord):
            word.parse(content)
