"""What is looked at before and after every conversion, whoever converts (转换前后的检查)."""

from collections.abc import Callable
from pathlib import Path

from app import fonts
from app.artifacts import Converted, File, Part, Rendered
from app.catalogue import PDF
from app.convert.intake import refuse_unsafe
from app.convert.output import accept

Jobs = list[tuple[Path, Path]]  # from docx to PDF


def checked(rendered: Rendered, folder: Path, convert: Callable[[Jobs], str]) -> Converted:
    """Hand the Word parts to `convert`, which gives the program's name and version, between intake and output.

    A text part is what it will be already, and goes along untouched.
    """
    word = [part for part in rendered.parts if part.kind == PDF]
    for part in word:
        refuse_unsafe(part.file.path, fonts.FAMILIES)
    jobs = [(part.file.path.resolve(), folder.resolve() / f"{part.name}.pdf.part") for part in word]
    version = convert(jobs)
    pinned = fonts.postscript_names()
    for _, unproven in jobs:
        accept(unproven, pinned)
    made = {part.name: Part(part.name, _keep(path)) for part, (_, path) in zip(word, jobs, strict=True)}
    return Converted(rendered, tuple(made.get(part.name, part) for part in rendered.parts), version)


def _keep(unproven: Path) -> File:
    """Give the PDF its name only now, so that nothing unproven is ever found under it."""
    return File.at(unproven.rename(unproven.with_suffix("")))
