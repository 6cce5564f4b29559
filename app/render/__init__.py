"""Template + blanks -> Word file, or text (填写模板). The only room that knows docxtpl.

`render` fills an approved document's templates; `lint` says before start-up what is wrong with a template; `twin` is
a template's text for reviewers; `check_code_picture` draws the QR of the check code.

We use docxtpl for its tag language ({{ }}, {% %}, {%p %}, {%tr %}) and not for its rendering, which mends broken XML in
silence, skips some parts, and loads and saves the whole file through python-docx each time. Here every part is compiled
once, filled by our own environment, parsed strictly, and compared in full with its text filled a second way.
"""

from app.render.fault import Problem, lint
from app.render.filling import check_code_picture, render
from app.render.word import twin

__all__ = ["Problem", "check_code_picture", "lint", "render", "twin"]
