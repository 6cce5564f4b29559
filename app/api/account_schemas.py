"""The shapes of what is told and answered about accounts, for the OpenAPI document."""

from marshmallow import Schema, fields, validate

from app.api.schemas import FindingSchema
from app.facts.debt import GRACE_DAYS, MOST_GRACE
from app.facts.fields import Day, Identifier
from app.facts.numbers import CardNumber
from app.stage import HORIZON, VERDICTS


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
    reply = fields.String(required=True, metadata={"description": "The document that answers it, or empty"})
    open = fields.Boolean(required=True)


class KnownAgreement(Schema):
    id = fields.UUID(required=True)
    type = fields.String(required=True)
    state = fields.String(required=True)
    executed_on = fields.Date(required=True, allow_none=True)
    next_on = fields.Date(required=True, allow_none=True)
    last_due_on = fields.Date(required=True)
    defaulted_on = fields.Date(required=True, allow_none=True)
    paid = fields.List(fields.Date(), required=True, metadata={"description": "Days of payments"})
    stops_collection = fields.Boolean(required=True)


class KnownAccount(Schema):
    """What is known of an account (账户档案). Nothing here names a person."""

    id = fields.UUID(required=True)
    issuer = fields.String(required=True)
    baseline_on = fields.Date(allow_none=True, required=True)
    fed_at = fields.AwareDateTime(allow_none=True, required=True)
    letters = fields.List(fields.Nested(LetterSchema), required=True)
    events = fields.List(fields.Nested(EventSchema), required=True)
    objections = fields.List(fields.Nested(KnownObjection), required=True)
    agreements = fields.List(fields.Nested(KnownAgreement), required=True)
    blocked_contacts = fields.Integer(required=True)


def _day(description: str, example: str) -> Day:
    """A day in a query, where there is no null: it is there or it is not."""
    field = Day(description, example)
    field.required = False
    return field


class StageQuery(Schema):
    """What the registry is not told of an account."""

    oldest_unpaid_due_on = _day("最早未足额还款的到期还款日", "2026-10-09")
    billed_on = _day("最早未足额还款账单的账单日", "2026-09-19")
    grace_days = fields.Integer(
        load_default=GRACE_DAYS, validate=validate.Range(0, MOST_GRACE), metadata={"description": "宽限期（容时）天数"}
    )


class ObstacleSchema(FindingSchema):
    changes_on = fields.Date(
        required=True,
        allow_none=True,
        metadata={
            "description": "The first day on which this rule forbids nothing, if nothing new is told; null: waiting"
            f" does not help within {HORIZON} days, or the finding forbids nothing today"
        },
    )


class OutlookSchema(Schema):
    type = fields.String(required=True)
    tier = fields.String(required=True, metadata={"description": "Stage of dunning today, or empty"})
    verdict = fields.String(
        required=True,
        validate=validate.OneOf(VERDICTS),
        metadata={"description": "unknown: nothing that could be asked forbids it, but not all could be asked"},
    )
    findings = fields.List(fields.Nested(ObstacleSchema), required=True)
    possible_on = fields.Date(
        required=True,
        allow_none=True,
        metadata={"description": "The first day on which nothing forbids it, if nothing new is told"},
    )
    unasked = fields.List(
        fields.String(), required=True, metadata={"description": "Rules that look at a day that was not told"}
    )


class StageSchema(Schema):
    """What may be issued on the account today (账户阶段). It binds nobody; a request is asked anew."""

    account = fields.UUID(required=True)
    on = fields.Date(required=True, metadata={"description": "The day, in Beijing"})
    documents = fields.List(fields.Nested(OutlookSchema), required=True)
