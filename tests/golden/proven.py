"""The README's picture: the pages of a letter with every proven disclosure framed and named."""

from collections.abc import Sequence
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

from app.artifacts import Assembled, Converted, File, Part, Proof, Rendered
from app.catalogue import in_force
from tests import reading
from tests.golden.letters import DPI, Letter, approved
from tests.templates import letters

FRAME = (0, 92, 175)
SCALE = DPI / 72


def proofs(letter: Letter, pdf: Path) -> tuple[Proof, ...]:
    """What the disclosures engine finds on a frozen letter."""
    frozen = approved(letter)
    part = (Part("letter", File.at(pdf)),)
    assembled = Assembled(Converted(Rendered(frozen, ()), part, ""), part)
    lines = letters.catalogue().packs["cn"].disclosures
    required = [line for line in lines if frozen.type in line.applies_to and in_force(line, frozen.on)]
    return reading.verify(assembled, required, letters.pictures(frozen)).proofs


def framed(pictures: Sequence[Image.Image], found: Sequence[Proof]) -> Image.Image:
    """The pages side by side; each proof's boxes framed, its item (D1 …) at the margin of its first line."""
    label = ImageFont.load_default(10)
    sheet = Image.new("RGB", (sum(picture.width for picture in pictures), pictures[0].height), "white")
    lefts = [sum(picture.width for picture in pictures[:index]) for index in range(len(pictures))]
    for picture, left in zip(pictures, lefts, strict=True):
        sheet.paste(picture, (left, 0))
    draw = ImageDraw.Draw(sheet)
    for proof in found:
        for box in proof.boxes:
            left, height = lefts[box.page - 1], pictures[box.page - 1].height
            corners = [left + box.left * SCALE - 2, height - box.top * SCALE - 2]
            corners += [left + box.right * SCALE + 2, height - box.bottom * SCALE + 2]
            draw.rectangle(corners, outline=FRAME)
        first = proof.boxes[0]
        place = (lefts[first.page - 1] + 10, pictures[first.page - 1].height - first.top * SCALE - 2)
        draw.text(place, proof.id.removeprefix("cn.letter."), fill=FRAME, font=label)
    return sheet
