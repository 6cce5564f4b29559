"""Read the finished document back and prove that what the law requires is there and visible (必载事项核验).

`verify` is the step; `same_pages` proves after signing that the pages are still the ones verified. Both ask a `Reader`:
PDFium and all that looks at what it draws run in a process that can be killed (process.py, child.py), never in the
service's own. In the service run only `verifying`, `require`, `keeping`, `process` and what they speak: `asking`,
`framing`, `reasons`.

Who else reads finished PDFs, and why in the service: app/convert/output.py (pypdf) before this step, and app/signing
(pyHanko) after it. Both are Python without a line of C that reads the file, so that a broken file ends in an exception
and never in a crash; both walk the file's objects and draw nothing. pypdf bounds what it inflates, and hands on only
files of a closed profile, made by our own converter from templates of the bank's; pyHanko sees none that this
step has not read and accepted. What they could still take is time, on one thread of one worker, and memory of the
order of the file.
"""

from app.disclosures.asking import Hearing
from app.disclosures.keeping import Reader
from app.disclosures.process import Limits
from app.disclosures.verifying import Reading, same_pages, verify

__all__ = ["Hearing", "Limits", "Reader", "Reading", "same_pages", "verify"]
