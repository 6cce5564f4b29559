"""Draw the demo bank's stamp (印章图样), templates/issuers/demo_bank/stamp.png. It says 样章: it is a specimen.

    .venv/bin/python -m tests.templates.make_stamp

Drawn four times too large with the pinned fonts and scaled down, on a transparent ground. The PNG that is committed is
the one that counts; a real bank puts its own registered picture into its own folder of the issuer register.
"""

import math
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

NAME = "示范银行股份有限公司"
PURPOSE = "业务专用章"
SPECIMEN = "样章"
SIZE = 600
TARGET = Path(__file__).parents[2] / "templates/issuers/demo_bank/stamp.png"

_SCALE = 4
_RED = (200, 22, 29, 235)
_FONT = "/usr/share/fonts/opentype/noto/NotoSerifCJK-Bold.ttc"
_SIMPLIFIED = 2  # the face in the collection: JP, KR, SC, TC, HK
_ARC = math.radians(238)  # how far round the name goes


def draw() -> Image.Image:
    side = SIZE * _SCALE
    image = Image.new("RGBA", (side, side), (*_RED[:3], 0))
    pen = ImageDraw.Draw(image)
    pen.ellipse(_around(side, 0.475), outline=_RED, width=round(side * 0.021))
    _star(pen, side / 2, side * 0.47, side * 0.125)
    _ring(image, NAME, side)
    for text, size, height in ((PURPOSE, 0.084, 0.715), (SPECIMEN, 0.07, 0.82)):
        pen.text((side / 2, side * height), text, font=_font(side * size), fill=_RED, anchor="mm")
    ink = image.getchannel("A").resize((SIZE, SIZE), Image.Resampling.BOX)
    made = Image.new("RGB", (SIZE, SIZE), _RED[:3])  # one colour and sixteen steps of ink: a small file
    made.putalpha(ink.point([round(level / 17) * 17 for level in range(256)]))
    return made


def _font(size: float) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(_FONT, round(size), index=_SIMPLIFIED)


def _around(side: float, radius: float) -> tuple[float, float, float, float]:
    return (side * (0.5 - radius), side * (0.5 - radius), side * (0.5 + radius), side * (0.5 + radius))


def _star(pen: ImageDraw.ImageDraw, x: float, y: float, radius: float) -> None:
    points = []
    for corner in range(10):
        reach = radius if corner % 2 == 0 else radius * 0.382
        angle = math.pi * corner / 5 - math.pi / 2
        points.append((x + reach * math.cos(angle), y + reach * math.sin(angle)))
    pen.polygon(points, fill=_RED)


def _ring(image: Image.Image, text: str, side: int) -> None:
    """The name along the rim, every character standing on the circle, the middle of the name on top."""
    box = round(side * 0.13)
    for index, character in enumerate(text):
        angle = _ARC * (index / (len(text) - 1) - 0.5)
        glyph = Image.new("RGBA", (box, box), (*_RED[:3], 0))
        pen = ImageDraw.Draw(glyph)
        pen.text((box / 2, box / 2), character, font=_font(side * 0.1), fill=_RED, anchor="mm")
        turned = glyph.rotate(-math.degrees(angle), Image.Resampling.BICUBIC, expand=True)
        x = side * (0.5 + 0.375 * math.sin(angle)) - turned.width / 2
        y = side * (0.5 - 0.375 * math.cos(angle)) - turned.height / 2
        image.alpha_composite(turned, (round(x), round(y)))


if __name__ == "__main__":
    draw().save(TARGET, optimize=True)
