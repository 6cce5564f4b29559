"""The shapes of what we answer, for the OpenAPI document and for nothing else: answers are built as plain data."""

from marshmallow import Schema, fields, validate

from app.delivery import NONE, STATES

_SHA256 = {"description": "SHA-256, hexadecimal", "pattern": "^[0-9a-f]{64}$"}
_PAGE = {"minimum": 1, "description": "Pages count from 1"}
_STATUS = validate.OneOf(["running", "awaiting_approval", "issued", "refused", "failed", "aborted"])
BYTES = {"type": "string", "format": "binary"}
DOWNLOADED = {"Content-Disposition": {"$ref": "#/components/headers/ContentDisposition"}}
FILE_HEADERS = DOWNLOADED | {
    "Repr-Digest": {"$ref": "#/components/headers/ReprDigest"},
    "ETag": {"$ref": "#/components/headers/ETag"},
}
FILE_NAME = {
    "in": "path",
    "name": "name",
    "description": "Name of the file, as the document's `files` give it",
    "schema": {"type": "string", "pattern": "^[A-Za-z0-9_-]{1,60}\\.[a-z]{1,8}$", "examples": ["letter.pdf"]},
}
_NUMBER = {"description": "The document's number (文号)", "examples": ["示范催函〔2026〕1号"]}


class FieldError(Schema):
    path = fields.String(required=True, metadata={"description": "Path of the field, such as account.debts.0.total"})
    message = fields.String(required=True)


class FindingSchema(Schema):
    rule = fields.String(required=True, metadata={"description": "Id of the rule, such as R01"})
    severity = fields.String(required=True, validate=validate.OneOf(["block", "review", "warn"]))
    source = fields.String(required=True, metadata={"description": "Legal source (依据)"})
    message = fields.String(required=True)
    message_en = fields.String(required=True)
    at = fields.String(required=True, metadata={"description": "Path of the fact in question"})
    phrase = fields.String(metadata={"description": "Line of the lexicon, for forbidden language; else empty"})
    category = fields.String(metadata={"description": "Its category, such as F-B; else empty"})
    start = fields.Integer(allow_none=True, metadata={"description": "Where it begins in the fact's text (NFC)"})
    end = fields.Integer(allow_none=True, metadata={"description": "Behind its last character"})


class Problem(Schema):
    """RFC 9457 problem document, as far as all codes share it; `answers.py` says what each code adds."""

    type = fields.String(required=True, metadata={"format": "uri"})
    title = fields.String(required=True)
    status = fields.Integer(required=True)
    code = fields.String(required=True)
    detail = fields.String(metadata={"description": "What happened this time, in English; never what was sent"})
    request_id = fields.String(required=True, metadata={"description": "The same as in `X-Request-Id`"})


class BoxSchema(Schema):
    """A rectangle in PDF points, origin at the lower left of the page; pages count from 1."""

    page = fields.Integer(required=True, metadata=_PAGE)
    left = fields.Float(required=True)
    bottom = fields.Float(required=True)
    right = fields.Float(required=True)
    top = fields.Float(required=True)


class DisclosureProof(Schema):
    """Where a required disclosure (必载事项) was found, visible, on the finished pages; or that a text says it."""

    id = fields.String(required=True)
    source = fields.String(required=True)
    page = fields.Integer(
        required=True, metadata={"minimum": 0, "description": "From 1; 0, and no boxes, for what is said in a text"}
    )
    boxes = fields.List(fields.Nested(BoxSchema), required=True)


class FileSchema(Schema):
    name = fields.String(required=True)
    sha256 = fields.String(required=True, metadata=_SHA256)
    size = fields.Integer(required=True, metadata={"minimum": 1, "description": "Bytes"})
    pages = fields.Integer(required=True, metadata={"minimum": 0, "description": "0 for a text"})
    segments = fields.Integer(metadata={"minimum": 1, "description": "Of a text: how many short messages it is"})
    url = fields.String(required=True, metadata={"format": "uri-reference"})


class RulesSchema(Schema):
    """Under which rules the document was allowed to exist."""

    pack = fields.String(required=True)
    version = fields.String(required=True)
    digest = fields.String(required=True, metadata=_SHA256)
    passed = fields.List(fields.String(), required=True)


class AuditSchema(Schema):
    """Where the log says so: entry number, entry hash, and a signed checkpoint that covers it."""

    seq = fields.Integer(required=True, metadata={"minimum": 0, "format": "int64"})
    entry_hash = fields.String(required=True, metadata=_SHA256)
    checkpoint = fields.String(required=True)


class DocumentSchema(Schema):
    """A document and what is known of it."""

    id = fields.UUID(required=True)
    type = fields.String(required=True)
    status = fields.String(required=True, validate=_STATUS)
    number = fields.String(required=True, metadata=_NUMBER)
    on = fields.Date(required=True, metadata={"description": "The legal day, in Beijing"})
    created_at = fields.AwareDateTime(required=True)
    files = fields.List(fields.Nested(FileSchema))
    disclosures = fields.List(fields.Nested(DisclosureProof))
    rules = fields.Nested(RulesSchema)
    audit = fields.Nested(AuditSchema)
    receipt_url = fields.String(metadata={"format": "uri-reference"})
    agreement = fields.UUID(metadata={"description": "The agreement that an issued promise or agreement began"})
    findings = fields.List(fields.Nested(FindingSchema))
    approval = fields.UUID(metadata={"description": "The approval that the document waits for or was decided by"})
    expires_at = fields.AwareDateTime(metadata={"description": "When that approval expires"})


class RehearsalQuery(Schema):
    dry_run = fields.Boolean(
        load_default=False,
        truthy={"true"},
        falsy={"false"},
        metadata={"description": "Only ask what the gate would say: no document, no entry, no number"},
    )


class RehearsalSchema(Schema):
    """What the gate would say now (试审). It binds nobody: what is told of the account meanwhile counts."""

    verdict = fields.String(required=True, validate=validate.OneOf(("passes", "refused", "needs_approval")))
    findings = fields.List(fields.Nested(FindingSchema), required=True)
    rules = fields.Nested(RulesSchema, required=True)
    tier = fields.String(required=True, metadata={"description": "Stage of dunning, or empty"})


class DocumentSummary(Schema):
    id = fields.UUID(required=True)
    type = fields.String(required=True)
    status = fields.String(required=True, validate=_STATUS)
    number = fields.String(required=True, metadata=_NUMBER)
    on = fields.Date(required=True)
    created_at = fields.AwareDateTime(required=True)


class DocumentPage(Schema):
    documents = fields.List(fields.Nested(DocumentSummary), required=True)
    next = fields.UUID(
        required=True,
        allow_none=True,
        metadata={"description": "Send as `before` for the next page; null when there is none"},
    )


class DisclosuresSchema(Schema):
    disclosures = fields.List(fields.Nested(DisclosureProof), required=True)


class PageQuery(Schema):
    before = fields.UUID(metadata={"description": "Id of the last document seen"})
    limit = fields.Integer(
        load_default=50, validate=validate.Range(1, 200), metadata={"description": "So many documents at most"}
    )


class DeliveryStep(Schema):
    from_ = fields.String(required=True, data_key="from", attribute="from")
    to = fields.String(required=True, validate=validate.OneOf([*STATES]))
    on = fields.String(required=True, metadata={"description": "The day, in Beijing", "format": "date"})
    reason = fields.String(metadata={"description": "Why it came back or was withdrawn"})
    seq = fields.Integer(required=True, metadata={"description": "Its entry in the log"})


class DeliverySummary(Schema):
    """A letter on its way (投递), without what leads to a person."""

    document = fields.UUID(required=True)
    type = fields.String(required=True)
    number = fields.String(required=True)
    state = fields.String(required=True, validate=validate.OneOf([NONE, *STATES]))
    moved_on = fields.Date(metadata={"description": "The day of the last move"})
    moves = fields.List(fields.Nested(DeliveryStep), required=True)


class DeliveryState(Schema):
    """Where a released letter is on its way (投递), and what was told of it."""

    document = fields.UUID(required=True)
    state = fields.String(required=True, validate=validate.OneOf([NONE, *STATES]))
    moved_on = fields.Date(metadata={"description": "The day of the last move"})
    moves = fields.List(fields.Nested(DeliveryStep), required=True)
    tracking_number = fields.String()
    signer_role = fields.String()
    receipt_sha256 = fields.String()


class DeliveriesQuery(PageQuery):
    state = fields.String(validate=validate.OneOf([NONE, *STATES]), metadata={"description": "none: not yet printed"})


class DeliveriesPage(Schema):
    deliveries = fields.List(fields.Nested(DeliverySummary), required=True)
    next = fields.String(allow_none=True, metadata={"description": "Send as `before` for the next page"})


class DeliveriesTaken(Schema):
    rows = fields.Integer(required=True)
    moved = fields.Dict(fields.String(), fields.Integer(), required=True, metadata={"description": "Moves by state"})


class EntrySchema(Schema):
    seq = fields.Integer(required=True, metadata={"minimum": 0, "format": "int64"})
    entry_hash = fields.String(required=True, metadata=_SHA256)
    entry = fields.String(required=True, metadata={"description": "The exact hashed bytes, as text"})


class EntriesPage(Schema):
    entries = fields.List(fields.Nested(EntrySchema), required=True)
    next = fields.Integer(
        required=True,
        allow_none=True,
        metadata={"format": "int64", "description": "Send as `start` for the next page; null when there is none"},
    )


class EntriesQuery(Schema):
    start = fields.Integer(
        load_default=0,
        validate=validate.Range(0, 2**63 - 1),
        metadata={"description": "Number of the first entry", "format": "int64"},
    )
    limit = fields.Integer(
        load_default=100, validate=validate.Range(1, 1000), metadata={"description": "So many entries at most"}
    )


class CheckpointSchema(Schema):
    checkpoint = fields.String(required=True, metadata={"description": "Signed note (C2SP) over size and root"})
    vkey = fields.String(required=True, metadata={"description": "The key that verifies it; keep it elsewhere"})


class DisclosedText(Schema):
    id = fields.String(required=True)
    text = fields.String(required=True, metadata={"description": "The wording as it was proven on the finished page"})


class ReceiptSchema(Schema):
    """A receipt (存证回执), as audit/FORMAT.md section 7 says. Personal data."""

    format = fields.String(required=True, validate=validate.OneOf(["receipt/v1"]))
    origin = fields.String(required=True)
    log_vkey = fields.String(required=True)
    entry = fields.String(required=True, metadata={"description": "The exact hashed bytes, as text"})
    seq = fields.Integer(required=True, metadata={"minimum": 0, "format": "int64"})
    inclusion = fields.List(fields.String(), required=True, metadata={"description": "Audit path of RFC 6962, base64"})
    checkpoint = fields.String(required=True)
    disclosure_key = fields.String(required=True, metadata={"description": "32 bytes, base64"})
    disclosures = fields.List(fields.Nested(DisclosedText), required=True)


class LiveSchema(Schema):
    status = fields.String(required=True, validate=validate.OneOf(["live"]))


class ReadyParts(Schema):
    """Which parts could do their work now."""

    database = fields.Boolean(required=True)
    blobs = fields.Boolean(required=True)
    checkpoints = fields.Boolean(required=True)
    work = fields.Boolean(required=True)
    converter = fields.Boolean(required=True)
    reader = fields.Boolean(required=True)
    fonts = fields.Boolean(required=True)


class ReadySchema(Schema):
    status = fields.String(required=True, validate=validate.OneOf(["ready", "not ready"]))
    parts = fields.Nested(ReadyParts, required=True)


class IdempotencyHeader(Schema):
    idempotency_key = fields.String(
        data_key="Idempotency-Key",
        validate=validate.Regexp(r"^[\x21-\x7e]{1,200}\Z"),
        metadata={
            "description": "The same key gives the same document, never a second one. Visible ASCII.",
            "pattern": "^[!-~]{1,200}$",
            "examples": ["case-123"],
        },
    )
