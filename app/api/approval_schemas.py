"""The shapes of what is answered about approvals, for the OpenAPI document."""

from marshmallow import Schema, fields, validate

from app.api.schemas import FindingSchema
from app.store.approvals import STATES


class ApprovalsQuery(Schema):
    state = fields.String(validate=validate.OneOf(STATES))
    before = fields.UUID(metadata={"description": "Id of the last approval seen"})
    limit = fields.Integer(load_default=50, validate=validate.Range(1, 200))


class ApprovalSummary(Schema):
    """A document that a human decides on. Nothing personal."""

    id = fields.UUID(required=True)
    state = fields.String(required=True, validate=validate.OneOf(STATES))
    document = fields.UUID(required=True)
    type = fields.String(required=True)
    tier = fields.String(required=True, metadata={"description": "Stage of dunning, or empty"})
    number = fields.String(required=True)
    on = fields.Date(
        required=True, metadata={"description": "The legal day so far; that of the decision, unless named"}
    )
    issuer = fields.String(required=True)
    organisation = fields.UUID(required=True, metadata={"description": "The organisation that asked"})
    asked_by = fields.UUID(required=True, metadata={"description": "The key that asked"})
    asked_at = fields.AwareDateTime(required=True)
    expires_at = fields.AwareDateTime(required=True)
    findings = fields.List(fields.Nested(FindingSchema), required=True)
    url = fields.String(required=True)


class ApprovalPage(Schema):
    approvals = fields.List(fields.Nested(ApprovalSummary), required=True)
    next = fields.String(allow_none=True, metadata={"description": "Send as `before` for the next page"})


class PackSchema(Schema):
    id = fields.String(required=True)
    version = fields.String(required=True)
    sha256 = fields.String(required=True)


class PinsSchema(Schema):
    """Digests of what was asked for; when one changes, the approval is void."""

    request_mac = fields.String(required=True)
    template_sha256 = fields.String(required=True)
    pack = fields.Nested(PackSchema, required=True)


class SaidReason(Schema):
    code = fields.String(required=True)
    text = fields.String(required=True)


class SaidSchema(Schema):
    decision = fields.String(required=True, validate=validate.OneOf(("grant", "decline")))
    reason = fields.Nested(SaidReason, required=True)


class DecidedSchema(Schema):
    """What became of it: nobody decides that an approval expires."""

    by = fields.UUID(required=True, allow_none=True, metadata={"description": "The key that decided"})
    role = fields.String(required=True)
    at = fields.AwareDateTime(required=True)
    reason = fields.String(required=True, metadata={"description": "Code of the reason, or what has changed"})
    said = fields.Nested(SaidSchema, required=True, allow_none=True)


class ApprovalSchema(ApprovalSummary):
    """All that is needed to decide."""

    pins = fields.Nested(PinsSchema, required=True)
    facts = fields.Dict(metadata={"description": "The request as it was sent, while the approval waits. Personal data"})
    decided = fields.Nested(DecidedSchema)
