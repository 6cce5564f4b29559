"""Read the finished document back and prove that what the law requires is there and visible (必载事项核验).

`verify` is the step; `page_digests` and `same_pages` prove after signing that the pages are still the ones verified.
"""

from app.disclosures.proving import verify
from app.disclosures.unchanged import page_digests, same_pages

__all__ = ["page_digests", "same_pages", "verify"]
