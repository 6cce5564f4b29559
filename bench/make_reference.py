"""Fill the dunning letter's template from its sample: how reference.docx was made, once. It is frozen since.

    python -m bench.make_reference OUT.docx

Frozen, because what others are measured against must not change with the template.
"""

import shutil
import sys
import tempfile
from pathlib import Path

from app.render import render
from tests.templates.letters import approved, kind, pictures


def main(target: Path) -> None:
    letter = approved()
    with tempfile.TemporaryDirectory() as folder:
        rendered = render(letter, kind(), pictures(letter), Path(folder))
        shutil.copyfile(rendered.parts[0].file.path, target)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
