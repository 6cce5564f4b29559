"""Rulers for goldens: exact text first, then exact pixels, and a picture of where they differ."""

from pathlib import Path

from PIL import Image, ImageChops, ImageDraw


def text_difference(wanted: str, found: str) -> str:
    """The first line that differs, as `line 3: wanted … found …`; empty when the texts are the same."""
    if wanted == found:
        return ""
    ours, theirs = wanted.split("\n"), found.split("\n")
    for number, (one, other) in enumerate(zip(ours, theirs, strict=False), start=1):
        if one != other:
            return f"line {number}: wanted {one!r}, found {other!r}"
    return f"wanted {len(ours)} lines, found {len(theirs)}"


def picture_difference(wanted: Image.Image, found: Image.Image) -> tuple[int, int, int, int] | None:
    """The box in pixels in which the pictures differ, by one pixel or more; None when they are the same.

    No tolerance: one wrong digit of an amount changed 169 of 935,000 pixels, so any percentage would let it pass.
    """
    if wanted.size != found.size or wanted.mode != found.mode:
        return (0, 0, *(max(pair) for pair in zip(wanted.size, found.size, strict=True)))  # type: ignore[return-value]  # two sizes
    return ImageChops.difference(wanted, found).getbbox()


def show_difference(wanted: Image.Image, found: Image.Image, box: tuple[int, int, int, int], path: Path) -> None:
    """Both pages side by side with the differing box drawn in red, for a person to look at."""
    sheet = Image.new("RGB", (wanted.width + found.width, max(wanted.height, found.height)), "white")
    for picture, left in ((wanted, 0), (found, wanted.width)):
        sheet.paste(picture, (left, 0))
        frame = (left + box[0] - 4, box[1] - 4, left + box[2] + 4, box[3] + 4)
        ImageDraw.Draw(sheet).rectangle(frame, outline="red", width=2)
    path.parent.mkdir(parents=True, exist_ok=True)
    sheet.save(path)
