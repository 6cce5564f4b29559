"""What is looked at before and after every conversion, whoever converts (转换前后的检查)."""

from collections.abc import Callable
from pathlib import Path

from app import fonts
from app.artifacts import Converted, File, Part, Rendered
from app.convert.intake import refuse_unsafe
from app.convert.output import accept

Jobs = list[tuple[Path, Path]]  # from docx to PDF


def checked(rendered: Rendered, folder: Path, convert: Callable[[Jobs], str]) -> Converted:
    """Hand the parts to `convert`, which gives the program's name and version, between intake and output."""
    for part in rendered.parts:
        refuse_unsafe(part.file.path, fonts.FAMILIES)
    jobs = [(part.file.path.resolve(), folder.resolve() / f"{part.name}.pdf.part") for part in rendered.parts]
    version = convert(jobs)
    pinned = fonts.postscript_names()
    for _, unproven in jobs:
        accept(unproven, pinned)
    parts = (Part(part.name, _keep(path)) for part, (_, path) in zip(rendered.parts, jobs, strict=True))
    return Converted(rendered, tuple(parts), version)


def _keep(unproven: Path) -> File:
    """Give the PDF its name only now, so that nothing unproven is ever found under it."""
    return File.at(unproven.rename(unproven.with_suffix("")))
