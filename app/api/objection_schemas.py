"""The shapes of what is answered about objections, for the OpenAPI document."""

from marshmallow import Schema, fields, validate

from app.objection import CHANNELS, GROUNDS, REASONS, STATES

_REASONS = sorted({code for codes in REASONS.values() for code in codes})


class ObjectionsQuery(Schema):
    state = fields.String(validate=validate.OneOf([*STATES]))
    overdue = fields.Boolean(
        truthy={"true"},
        falsy={"false"},
        metadata={"description": "true: not answered by its due day; false: all others"},
    )
    before = fields.UUID(metadata={"description": "Id of the last objection seen"})
    limit = fields.Integer(
        load_default=50, validate=validate.Range(1, 200), metadata={"description": "So many objections at most"}
    )


class ReceivedObjection(Schema):
    id = fields.UUID(required=True)
    reference = fields.String(required=True, metadata={"description": "What a reply prints of the id"})
    ref = fields.String(required=True)
    account = fields.UUID(required=True)
    due_on = fields.Date(required=True)
    repeats = fields.Boolean(
        required=True, metadata={"description": "The same grounds as one answered before, and nothing new"}
    )
    seq = fields.Integer(required=True, metadata={"description": "Number of its entry in the log"})
    fresh = fields.Boolean(required=True, metadata={"description": "false when it had been told before"})


class ObjectionStep(Schema):
    from_ = fields.String(required=True, data_key="from", attribute="from", validate=validate.OneOf([*STATES]))
    to = fields.String(required=True, validate=validate.OneOf([*STATES]))
    at = fields.String(required=True, metadata={"format": "date-time"})
    on = fields.String(required=True, metadata={"description": "The day, in Beijing", "format": "date"})
    role = fields.String(required=True, metadata={"description": "Of whoever moved it"})
    reason = fields.String(required=True, validate=validate.OneOf(_REASONS))
    seq = fields.Integer(required=True, metadata={"description": "Its entry in the log"})
    text = fields.String(metadata={"description": "What was said with it; for officers, in the full answer"})


class ObjectionSummary(Schema):
    """An objection (异议) and where it stands. Nothing personal."""

    id = fields.UUID(required=True)
    reference = fields.String(required=True)
    account = fields.UUID(required=True)
    issuer = fields.String(required=True)
    organisation = fields.UUID(required=True, metadata={"description": "The organisation that told of it"})
    channel = fields.String(required=True, validate=validate.OneOf([*CHANNELS]))
    grounds = fields.List(fields.String(validate=validate.OneOf([*GROUNDS])), required=True)
    new_facts = fields.Boolean(required=True)
    repeats = fields.Boolean(required=True)
    state = fields.String(required=True, validate=validate.OneOf([*STATES]))
    received_at = fields.AwareDateTime(required=True)
    received_on = fields.Date(required=True)
    due_on = fields.Date(required=True)
    age_days = fields.Integer(required=True, metadata={"description": "Days since it came, until it was answered"})
    overdue = fields.Boolean(required=True)
    document = fields.UUID(required=True, allow_none=True, metadata={"description": "The letter that is disputed"})
    reply = fields.UUID(required=True, allow_none=True, metadata={"description": "The document that answers it"})
    moves = fields.List(fields.Nested(ObjectionStep), required=True)


class ObjectionsPage(Schema):
    objections = fields.List(fields.Nested(ObjectionSummary), required=True)
    next = fields.UUID(
        required=True,
        allow_none=True,
        metadata={"description": "Send as `before` for the next page; null when there is none"},
    )


class DisputedSchema(Schema):
    currency = fields.String(required=True)
    amount = fields.String(required=True)


class ToldSchema(Schema):
    """What the cardholder said. Personal data."""

    ref = fields.String(required=True)
    outside_ref = fields.String(required=True, allow_none=True)
    statement = fields.String(required=True)
    disputed = fields.Nested(DisputedSchema, required=True, allow_none=True)


class ObjectionSchema(ObjectionSummary):
    """All of it; what was said only for officers."""

    told = fields.Nested(ToldSchema)
