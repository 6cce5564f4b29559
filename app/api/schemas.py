"""The shapes of what we answer, for the OpenAPI document and for nothing else: answers are built as plain data."""

from marshmallow import Schema, fields, validate

from app.facts.fields import Identifier
from app.facts.numbers import CardNumber


class FieldError(Schema):
    path = fields.String(required=True, metadata={"description": "Path of the field, such as account.debts.0.total"})
    message = fields.String(required=True)


class FindingSchema(Schema):
    rule = fields.String(required=True, metadata={"description": "Id of the rule, such as R01"})
    severity = fields.String(required=True)
    source = fields.String(required=True, metadata={"description": "Legal source (依据)"})
    message = fields.String(required=True)
    message_en = fields.String(required=True)
    at = fields.String(required=True, metadata={"description": "Path of the fact in question"})


class Problem(Schema):
    """RFC 9457 problem document."""

    type = fields.String(required=True)
    title = fields.String(required=True)
    status = fields.Integer(required=True)
    code = fields.String(required=True, metadata={"description": "Stable; see the table of codes in the README"})
    detail = fields.String()
    request_id = fields.String(required=True)
    errors = fields.List(fields.Nested(FieldError))
    findings = fields.List(fields.Nested(FindingSchema))
    disclosures = fields.List(fields.String())
    document = fields.String()
    step = fields.String()
    approval = fields.String(metadata={"description": "With `refused`: the approval that was decided"})
    state = fields.String(metadata={"description": "With `approval.closed`: what became of the approval"})
    reason = fields.String(metadata={"description": "With `approval.void`: what has changed"})


class BoxSchema(Schema):
    """A rectangle in PDF points, origin at the lower left of the page; pages count from 1."""

    page = fields.Integer(required=True)
    left = fields.Float(required=True)
    bottom = fields.Float(required=True)
    right = fields.Float(required=True)
    top = fields.Float(required=True)


class DisclosureProof(Schema):
    """Where a required disclosure (必载事项) was found, visible, on the finished pages."""

    id = fields.String(required=True)
    source = fields.String(required=True)
    page = fields.Integer(required=True)
    boxes = fields.List(fields.Nested(BoxSchema), required=True)


class FileSchema(Schema):
    name = fields.String(required=True)
    sha256 = fields.String(required=True)
    size = fields.Integer(required=True)
    pages = fields.Integer(required=True)
    url = fields.String(required=True)


class RulesSchema(Schema):
    """Under which rules the document was allowed to exist."""

    pack = fields.String(required=True)
    version = fields.String(required=True)
    digest = fields.String(required=True)
    passed = fields.List(fields.String(), required=True)


class AuditSchema(Schema):
    """Where the log says so: entry number, entry hash, and a signed checkpoint that covers it."""

    seq = fields.Integer(required=True)
    entry_hash = fields.String(required=True)
    checkpoint = fields.String(required=True)


class DocumentSchema(Schema):
    """A document and what is known of it."""

    id = fields.UUID(required=True)
    type = fields.String(required=True)
    status = fields.String(
        required=True, metadata={"description": "running, awaiting_approval, issued, refused, failed or aborted"}
    )
    number = fields.String(required=True)
    on = fields.Date(required=True, metadata={"description": "The legal day, in Beijing"})
    created_at = fields.AwareDateTime(required=True)
    files = fields.List(fields.Nested(FileSchema))
    disclosures = fields.List(fields.Nested(DisclosureProof))
    rules = fields.Nested(RulesSchema)
    audit = fields.Nested(AuditSchema)
    receipt_url = fields.String()
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
    status = fields.String(required=True)
    number = fields.String(required=True)
    on = fields.Date(required=True)
    created_at = fields.AwareDateTime(required=True)


class DocumentPage(Schema):
    documents = fields.List(fields.Nested(DocumentSummary), required=True)
    next = fields.String(allow_none=True, metadata={"description": "Send as `before` for the next page"})


class DisclosuresSchema(Schema):
    disclosures = fields.List(fields.Nested(DisclosureProof), required=True)


class PageQuery(Schema):
    before = fields.UUID(metadata={"description": "Id of the last document seen"})
    limit = fields.Integer(load_default=50, validate=validate.Range(1, 200))


class EntrySchema(Schema):
    seq = fields.Integer(required=True)
    entry_hash = fields.String(required=True)
    entry = fields.String(required=True, metadata={"description": "The exact hashed bytes, as text"})


class EntriesPage(Schema):
    entries = fields.List(fields.Nested(EntrySchema), required=True)
    next = fields.Integer(allow_none=True)


class EntriesQuery(Schema):
    start = fields.Integer(load_default=0, validate=validate.Range(0, 2**63 - 1))
    limit = fields.Integer(load_default=100, validate=validate.Range(1, 1000))


class CheckpointSchema(Schema):
    checkpoint = fields.String(required=True, metadata={"description": "Signed note (C2SP) over size and root"})
    vkey = fields.String(required=True, metadata={"description": "The key that verifies it; keep it elsewhere"})


class IdempotencyHeader(Schema):
    idempotency_key = fields.String(
        data_key="Idempotency-Key",
        validate=validate.Length(1, 200),
        metadata={"description": "The same key gives the same document, never a second one."},
    )


class RecordedEvent(Schema):
    id = fields.UUID(required=True)
    ref = fields.String(required=True)
    account_id = fields.UUID(required=True)
    seq = fields.Integer(required=True, metadata={"description": "Number of its entry in the log"})
    fresh = fields.Boolean(required=True, metadata={"description": "false when it had been told before"})


class RecordedEvents(Schema):
    events = fields.List(fields.Nested(RecordedEvent), required=True)


class AccountQuery(Schema):
    issuer = Identifier("发卡银行在登记簿中的编号", "demo_bank")
    card_number = CardNumber("卡号", "9998000000000005")


class AccountFound(Schema):
    account = fields.UUID(required=True)


class LetterSchema(Schema):
    document = fields.UUID(required=True)
    type = fields.String(required=True)
    tier = fields.String(required=True)
    on = fields.Date(required=True)
    addressee = fields.String(required=True, metadata={"description": "Opaque token of the person"})
    contact = fields.String(required=True, metadata={"description": "Opaque token of the address"})
    issued = fields.Boolean(required=True, metadata={"description": "false while it is under way"})
    delivery = fields.String(required=True)


class EventSchema(Schema):
    id = fields.UUID(required=True)
    kind = fields.String(required=True)
    at = fields.AwareDateTime(required=True)
    on = fields.Date(required=True)
    channel = fields.String(required=True)
    role = fields.String(required=True)
    party = fields.String(required=True, metadata={"description": "Opaque token of the person"})
    contact = fields.String(required=True, metadata={"description": "Opaque token of the number or address"})
    reserved = fields.Boolean(required=True)
    outcome = fields.String(required=True)
    next_on = fields.Date(allow_none=True)


class KnownObjection(Schema):
    id = fields.UUID(required=True)
    state = fields.String(required=True)
    received_on = fields.Date(required=True)
    due_on = fields.Date(required=True)
    grounds = fields.List(fields.String(), required=True)
    repeats = fields.Boolean(required=True)
    open = fields.Boolean(required=True)


class KnownAccount(Schema):
    """What is known of an account (账户档案). Nothing here names a person."""

    id = fields.UUID(required=True)
    issuer = fields.String(required=True)
    baseline_on = fields.Date(allow_none=True, required=True)
    fed_at = fields.AwareDateTime(allow_none=True, required=True)
    letters = fields.List(fields.Nested(LetterSchema), required=True)
    events = fields.List(fields.Nested(EventSchema), required=True)
    objections = fields.List(fields.Nested(KnownObjection), required=True)
    blocked_contacts = fields.Integer(required=True)
