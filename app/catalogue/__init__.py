"""What templates/ says, as plain data: document types, rules, disclosures, issuers. `load.py` reads the folders.

Every line of law is dated and sourced: `since` is the first day it is in force, `until` the last (or open).
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

from app.law import Source, in_force
from app.lexicon import Lexicon

# What leaves the house as a part of a document: pages, or words alone.
PDF, TEXT = "pdf", "text"
# What a rule does to the document when it has something to say.
BLOCK, REVIEW, WARN = "block", "review", "warn"

STAMP = "stamp"  # the picture of the issuer's stamp, as templates and disclosures name it
__all__ = [
    "Disclosure", "DocumentType", "Issuer", "Pack", "Requirement", "Rule", "Source", "TemplatePart", "Tier", "in_force",
]  # fmt: skip


@dataclass(frozen=True)
class TemplatePart:
    """One part of a document type: `kind` is what leaves the house, `pdf` (from a .docx) or `text` (from a .txt)."""

    name: str
    kind: str
    path: Path
    sha256: str


@dataclass(frozen=True)
class Tier:
    """A stage of dunning (催收阶段) by days overdue, both ends included.

    `wording` is printed and proven line by line; `forbids` names categories of the lexicon that this stage may not use.
    """

    id: str
    first: int
    last: int
    title: str
    title_en: str
    wording: tuple[str, ...]
    forbids: tuple[str, ...]


@dataclass(frozen=True)
class DocumentType:
    """A folder under templates/documents/ (文书种类)."""

    name: str
    title: str
    title_en: str
    version: str
    jurisdiction: str
    number_word: str  # 文种 in the document's number, such as 催函; no two types share it
    sha256: str  # of the folder's files: what an entry names as the template
    facts: Mapping[str, str]  # field of the request -> name of the fact in app/facts
    masking: Mapping[str, str]  # what must not reach the template: see app/blanks.py
    parts: tuple[TemplatePart, ...]
    folder: Path
    tiers: tuple[Tier, ...] = ()
    countersigned_by: str = ""  # field of the request that names who signs after us: one party, or a list of them
    closed: bool = False  # nothing stands on its pages but what the law's lines require

    def tier(self, days_overdue: int) -> Tier | None:
        """The stage that so many days overdue lead to; None when there is none."""
        return next((tier for tier in self.tiers if tier.first <= days_overdue <= tier.last), None)

    def countersigners(self, facts: Mapping[str, Any]) -> int:
        """How many sign after us: one party that is named, each of a list, nobody where nobody is to."""
        named = facts.get(self.countersigned_by) or ()
        return 1 if isinstance(named, str) else len(named)


@dataclass(frozen=True)
class Requirement:
    """One thing to be seen on the finished pages, or to be read in the text part that `part` names.

    `texts` are alternatives, to be filled from the blanks; one must be found. `picture` names a picture instead.
    `each` fills once per element: {"debt": "account.debts"}. `when` is a path into the blanks; false leaves it out.
    `points` is the least size of type. `pages` is "any", "every" or "last". `conspicuous` wording stands out from the
    document's ordinary text, in heavier strokes or underlined (民法典 496). A `row` is a table's, all on one line.
    """

    texts: tuple[str, ...] = ()
    picture: str = ""
    each: tuple[str, str] | None = None
    when: str = ""
    points: float = 9.0
    pages: str = "any"
    part: str = ""  # of kind text; it has no pages, pictures, sizes or weights of type
    conspicuous: bool = False
    row: bool = False


@dataclass(frozen=True)
class Disclosure:
    """Wording that the law requires on the page (必载事项)."""

    id: str
    item: str
    title: str
    applies_to: tuple[str, ...]
    source: Source
    since: date
    until: date | None
    require: tuple[Requirement, ...]


@dataclass(frozen=True)
class Rule:
    """A gate's rule (合规规则): `use` names a check in app/gate/checks.py, `given` are its parameters.

    `place` is the file and line where it is written, for whoever has to mend it.
    """

    id: str
    title: str
    applies_to: tuple[str, ...]
    severity: str
    use: str
    given: Mapping[str, Any]
    source: Source
    since: date
    until: date | None
    proven_by: str
    message: str
    message_en: str
    place: str = field(default="", compare=False)


@dataclass(frozen=True)
class Pack:
    """One jurisdiction's rules, disclosures and forbidden language, with the digest of all its files."""

    jurisdiction: str
    version: str
    signed_off_by: str | None
    digest: str
    rules: tuple[Rule, ...]
    disclosures: tuple[Disclosure, ...]
    lexicon: Lexicon

    def rules_for(self, document_type: str, on: date) -> list[Rule]:
        """The rules about this type in force on the legal day."""
        return [rule for rule in self.rules if document_type in rule.applies_to and in_force(rule, on)]

    def disclosures_for(self, document_type: str, on: date) -> list[Disclosure]:
        """The disclosures that this type must show on the legal day."""
        return [line for line in self.disclosures if document_type in line.applies_to and in_force(line, on)]

    def stamped(self, document_type: str, on: date) -> bool:
        """Whether this type shows the issuer's stamp on the legal day: a disclosure asks for its picture."""
        required = (need for line in self.disclosures_for(document_type, on) for need in line.require)
        return any(need.picture == STAMP for need in required)

    @property
    def review(self) -> str:
        return f"律师审核：{self.signed_off_by}" if self.signed_off_by else "未经律师审核"


@dataclass(frozen=True)
class Issuer:
    """A registered issuer (发卡银行): a caller names it and cannot invent its hotline."""

    id: str
    record: Mapping[str, Any]  # plain data, as templates are filled from it
    stamp: bytes  # PNG of the registered stamp (印章图样)
    sha256: str = ""  # of the folder's files, as an entry names them

    @property
    def stamp_sha256(self) -> str:
        """Of the picture, as an authorisation names it."""
        return hashlib.sha256(self.stamp).hexdigest()
