"""`make golden`: rebuild the text twins of the templates and the goldens, and lay the pages out for review.

Look at build/golden/contact.png and at the difference in git before committing: a golden is what is right from now on.
"""

import json
import shutil
import tempfile
from pathlib import Path

from PIL import Image

from app.catalogue import PDF
from app.config import from_environment
from app.convert import Pool
from app.doctor import toolchain
from app.render import twin
from tests.golden.letters import GOLDEN, LETTERS, Letter, each_letter, pages
from tests.golden.proven import framed, proofs
from tests.wiring import catalogue_here

CONTACT = Path("build/golden/contact.png")
PROVEN = Path("docs/pictures/letter-proven.png")


def main() -> None:
    for kind in catalogue_here().types.values():
        for part in (part for part in kind.parts if part.kind == PDF):
            part.path.with_suffix(".txt").write_text(twin(part.path), "utf-8")
            print(f"· {part.path.with_suffix('.txt')}")
    shown: list[Image.Image] = []
    settings = from_environment()
    with tempfile.TemporaryDirectory() as scratch:
        home = Path(scratch)
        with Pool(1, settings.deadline, settings.uno_python, settings.soffice, home / "office") as pool:

            def keep(letter: Letter, parts: dict[str, Path]) -> None:
                texts, pictures = pages(parts.pop(letter.paper))
                folder = letter.folder
                shutil.rmtree(folder, ignore_errors=True)
                folder.mkdir(parents=True)
                (folder / "text.txt").write_text("\f".join(texts), "utf-8")
                for name, path in parts.items():
                    shutil.copy(path, folder / f"{name}.txt")
                for number, picture in enumerate(pictures, start=1):
                    picture.save(folder / f"page-{number}.png", optimize=True)
                shown.extend(pictures)
                print(f"· {letter.type} {letter.name}: {len(pictures)} pages")

            each_letter(pool, home / "letters", keep)
        first = LETTERS[0]
        pdf = home / "letters" / first.type / first.name / "letter.pdf"
        framed(pages(pdf)[1], proofs(first, pdf)).save(PROVEN, optimize=True)
        print(f"· {PROVEN}")
    (GOLDEN / "toolchain.json").write_text(json.dumps(toolchain(), indent=2) + "\n", "utf-8")
    print(f"· {_contact_sheet(shown)}")


def _contact_sheet(pictures: list[Image.Image]) -> Path:
    """All pages on one sheet, four in a row, at half size."""
    width, height = (side // 2 for side in pictures[0].size)
    rows = -(-len(pictures) // 4)
    sheet = Image.new("RGB", (4 * (width + 10), rows * (height + 10)), "grey")
    for index, picture in enumerate(pictures):
        place = (index % 4 * (width + 10) + 5, index // 4 * (height + 10) + 5)
        sheet.paste(picture.resize((width, height)), place)
    CONTACT.parent.mkdir(parents=True, exist_ok=True)
    sheet.save(CONTACT)
    return CONTACT


if __name__ == "__main__":
    main()
