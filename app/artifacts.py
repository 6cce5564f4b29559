"""What each step hands to the next: the order of the procedure, held by types.

    Order -> Attempt -> Approved (or Awaiting) -> Rendered -> Converted -> Assembled -> Verified -> Signed -> Sealed

Each artifact keeps the one before it, so that the last knows the whole way. Files are paths with digest and size,
not megabytes in memory; they lie in the working folder of one attempt, which is deleted afterwards.
A step accepts only what the step before it made: `seal(converted)` does not type-check.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

from app.catalogue import PDF, TEXT, DocumentType, Issuer, Pack
from app.errors import Finding


@dataclass(frozen=True)
class File:
    """A file as it was when this was made. `sha256` is lower-case hexadecimal."""

    path: Path
    sha256: str
    size: int

    @classmethod
    def at(cls, path: Path) -> "File":
        with path.open("rb") as stream:
            digest = hashlib.file_digest(stream, "sha256").hexdigest()
        return cls(path, digest, path.stat().st_size)


@dataclass(frozen=True)
class Part:
    """One part (组成件) of a document: `name` is from document.yaml and free of personal data.

    `kind` is what it is when it leaves the house, `pdf` or `text`.
    """

    name: str
    file: File
    kind: str = PDF

    @property
    def released_as(self) -> str:
        """The file's name for whoever gets it, and in the log."""
        return f"{self.name}{_ENDINGS[self.kind]}"


_ENDINGS = {PDF: ".pdf", TEXT: ".txt"}


@dataclass(frozen=True)
class Box:
    """A rectangle on a page in PDF points, origin at the lower left. Pages count from 1."""

    page: int
    left: float
    bottom: float
    right: float
    top: float


@dataclass(frozen=True)
class Proof:
    """A required disclosure (必载事项) as found: visible on the finished pages, or word for word in a text part.

    A text has no pages, so what is proven in one has no boxes and stands on page 0.
    `text` is the proven wording after folding (app/text.py). It is personal data: it goes into the receipt and,
    keyed, into the log, never in the clear into a log.
    """

    id: str
    source: str
    text: str
    boxes: tuple[Box, ...]

    @property
    def page(self) -> int:
        return self.boxes[0].page if self.boxes else 0


@dataclass(frozen=True)
class Actor:
    """Who acts, as the log knows them: opaque names only. `kind` is key | system | operator."""

    id: str  # "key:<uuid>", "system" or "operator"
    kind: str
    organisation: str  # its id, "" for the system itself
    request_id: str


@dataclass(frozen=True)
class Subject:
    """Of which account, to whom and where: an id of ours and keyed tokens. `tier` is the stage of dunning, or "".

    `contact` is the address, `number` the telephone that a text part goes to, "" when there is none.
    """

    account_id: str
    addressee: str
    contact: str
    tier: str
    number: str = ""


@dataclass(frozen=True)
class Order:
    """A readable request (校验 has passed): what is asked for, by whom, for which legal day."""

    type: DocumentType
    pack: Pack
    issuer: Issuer
    facts: Mapping[str, Any]  # as loaded: dates, decimals
    plain: Mapping[str, Any]  # the same as plain JSON data
    on: date
    on_given: bool  # the caller named a legal day, which only the specimen key allows
    specimen: bool
    asker: str  # the kind of organisation that asks: bank | agency | law_firm
    actor: Actor
    idempotency_key: str | None
    body: bytes  # exactly as sent; only its keyed digest is kept
    subject: Subject | None = None


@dataclass(frozen=True)
class Granted:
    """A human's yes to these findings and to no others: each by its rule and what it is about."""

    approval_id: str
    findings: frozenset[tuple[str, str]]


@dataclass(frozen=True)
class Attempt:
    """The order is written down (`intended`): it has an id, a number, a check code, and will have one outcome."""

    order: Order
    document_id: str
    case_id: str
    number: str
    check_code: str  # 80 random bits, as printed
    intent_seq: int
    granted: Granted | None = None


@dataclass(frozen=True)
class Earlier:
    """The idempotency key stands for a document that already has its outcome."""

    document_id: str


@dataclass(frozen=True)
class Awaiting:
    """The gate wants a human to decide: no rule forbids the document, and these want a reason why it may exist."""

    findings: tuple[Finding, ...]


@dataclass(frozen=True)
class Approved:
    """The gate's yes. `blanks` is the plain data that templates and required wording are filled from.

    `pictures` are the PNGs that go with it, by name: drawn once, for the template and for the proof.
    """

    document_id: str
    type: str
    issuer: str
    number: str
    on: date  # the legal day, in Beijing
    specimen: bool
    facts: Mapping[str, Any]
    blanks: Mapping[str, Any]
    rules: tuple[str, ...]  # ids of the rules that passed
    warnings: tuple[Finding, ...] = ()  # what was said and did not stop the document
    signature_fields: tuple[str, ...] = ()  # left empty in each PDF for those who sign after us, in their order
    pictures: Mapping[str, bytes] = field(default_factory=dict)


@dataclass(frozen=True)
class Rendered:
    approved: Approved
    parts: tuple[Part, ...]  # .docx, .txt


@dataclass(frozen=True)
class Converted:
    rendered: Rendered
    parts: tuple[Part, ...]  # .pdf, PDF/A-2b requested; a text as it was filled
    converter: str  # name and version, as the program itself says


@dataclass(frozen=True)
class Assembled:
    """What the recipient will hold, before it is signed. A letter is its one converted part."""

    converted: Converted
    parts: tuple[Part, ...]


@dataclass(frozen=True)
class Verified:
    assembled: Assembled
    proofs: tuple[Proof, ...]
    pages: Mapping[str, int]  # part name -> number of pages, 0 for a text
    prints: Mapping[str, tuple[str, ...]] = field(default_factory=dict)  # part name -> digest of each page as it prints
    segments: Mapping[str, int] = field(default_factory=dict)  # name of a text part -> number of short messages


@dataclass(frozen=True)
class Signed:
    verified: Verified
    parts: tuple[Part, ...]
    certificate_sha256: str
    level: str  # "B-B"


@dataclass(frozen=True)
class Sealed:
    """Recorded in the log (存证): the entry exists, the bytes are durable. Not yet released."""

    signed: Signed
    seq: int
    entry_hash: str
