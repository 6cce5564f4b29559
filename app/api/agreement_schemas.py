"""The shapes of what is answered about agreements, for the OpenAPI document."""

from marshmallow import Schema, fields, validate

from app.agreement import DIGITAL, REASONS, SCAN, STATES, TYPES

_SHA256 = {"description": "SHA-256, hexadecimal", "pattern": "^[0-9a-f]{64}$"}
_STATE = validate.OneOf([*STATES])
_ENTRY = {"description": "Number of its entry in the log"}


class AgreementsQuery(Schema):
    state = fields.String(validate=_STATE)
    before = fields.UUID(metadata={"description": "Id of the last agreement seen"})
    limit = fields.Integer(
        load_default=50, validate=validate.Range(1, 200), metadata={"description": "So many agreements at most"}
    )


class AgreementStep(Schema):
    from_ = fields.String(required=True, data_key="from", attribute="from", validate=_STATE)
    to = fields.String(required=True, validate=_STATE)
    at = fields.String(required=True, metadata={"format": "date-time", "description": "When it was told"})
    on = fields.String(required=True, metadata={"description": "The day, in Beijing", "format": "date"})
    role = fields.String(required=True, metadata={"description": "Of whoever told it"})
    reason = fields.String(required=True, validate=validate.OneOf([*REASONS]))
    seq = fields.Integer(required=True, metadata=_ENTRY)
    text = fields.String(metadata={"description": "What was said with it; for officers, in the full answer"})
    proof_sha256 = fields.String(
        allow_none=True,
        metadata=_SHA256 | {"description": "Of what both sides signed about the end; for officers, in the full answer"},
    )


class AgreementSummary(Schema):
    """A promise to pay (还款承诺) or an instalment agreement (分期协议), and where it stands. No amounts."""

    id = fields.UUID(required=True)
    account = fields.UUID(required=True)
    issuer = fields.String(required=True)
    organisation = fields.UUID(required=True, metadata={"description": "The organisation that asked for or told it"})
    type = fields.String(required=True, validate=validate.OneOf(TYPES))
    document = fields.UUID(required=True, allow_none=True, metadata={"description": "null when made by word of mouth"})
    state = fields.String(required=True, validate=_STATE)
    stops_collection = fields.Boolean(required=True, metadata={"description": "No dunning letter goes out meanwhile"})
    agreed_on = fields.Date(required=True)
    executed_on = fields.Date(required=True, allow_none=True)
    next_on = fields.Date(
        required=True, allow_none=True, metadata={"description": "Day of the oldest instalment that is not paid"}
    )
    last_due_on = fields.Date(required=True)
    defaults_on = fields.Date(
        required=True,
        allow_none=True,
        metadata={"description": "The first day on which the agreed trigger is met if nothing more is paid"},
    )
    defaulted_on = fields.Date(required=True, allow_none=True)
    paid_on = fields.Date(required=True, allow_none=True, metadata={"description": "Day of the last payment"})
    moves = fields.List(fields.Nested(AgreementStep), required=True)


class AgreementsPage(Schema):
    agreements = fields.List(fields.Nested(AgreementSummary), required=True)
    next = fields.UUID(
        required=True,
        allow_none=True,
        metadata={"description": "Send as `before` for the next page; null when there is none"},
    )


class MadeAgreement(Schema):
    id = fields.UUID(required=True)
    ref = fields.String(required=True)
    account = fields.UUID(required=True)
    state = fields.String(required=True, validate=_STATE)
    next_on = fields.Date(required=True, allow_none=True)
    defaults_on = fields.Date(required=True, allow_none=True)
    seq = fields.Integer(required=True, metadata=_ENTRY)
    fresh = fields.Boolean(required=True, metadata={"description": "false when it had been told before"})


class TakenPayment(Schema):
    id = fields.UUID(required=True)
    ref = fields.String(required=True)
    agreement = fields.UUID(required=True)
    state = fields.String(required=True, validate=_STATE)
    next_on = fields.Date(required=True, allow_none=True)
    defaults_on = fields.Date(required=True, allow_none=True)
    seq = fields.Integer(required=True, metadata=_ENTRY)
    fresh = fields.Boolean(required=True, metadata={"description": "false when it had been told before"})


class AgreementInterruption(Schema):
    on = fields.Date(required=True)
    by = fields.String(required=True, validate=validate.OneOf(["agreed", "paid"]))
    source = fields.String(required=True, metadata={"description": "Legal source (依据)"})


class ConsentAfterExpiry(Schema):
    """同意履行, after the period had run out: it does not begin anew, but the defence may be waived."""

    on = fields.Date(required=True)
    note = fields.String(required=True, metadata={"description": "What it may mean, in Chinese"})
    source = fields.String(required=True, metadata={"description": "Legal source (依据)"})


class AgreementLimitation(Schema):
    """诉讼时效, as far as this agreement shows. What else interrupts the period is told of the account.

    Of one that was issued although the period had run out, nothing is counted, and `after_expiry` says why.
    """

    began = fields.List(
        fields.Nested(AgreementInterruption), required=True, metadata={"description": "Days on which it began anew"}
    )
    runs_from = fields.Date(
        required=True, allow_none=True, metadata={"description": "The day from which it is counted"}
    )
    runs_from_source = fields.String(required=True, allow_none=True, metadata={"description": "Legal source (依据)"})
    years = fields.Integer(required=True, metadata={"minimum": 1})
    ends_on = fields.Date(
        required=True, allow_none=True, metadata={"description": "The last day on which a suit is in time"}
    )
    ends_on_source = fields.String(required=True, allow_none=True, metadata={"description": "Legal source (依据)"})
    after_expiry = fields.Nested(ConsentAfterExpiry, required=True, allow_none=True)


class DueSchema(Schema):
    on = fields.Date(required=True)
    amount = fields.String(required=True)
    paid = fields.String(required=True, metadata={"description": "How much of it is paid"})


class AgreedTermsSchema(Schema):
    currency = fields.String(required=True)
    total = fields.String(required=True, metadata={"description": "Of all instalments"})
    left = fields.String(required=True, metadata={"description": "What is not paid yet, with every charge"})
    payoff = fields.String(
        required=True, metadata={"description": "What settles it today: all principal, and the charges due by now"}
    )
    missed = fields.Integer(required=True, metadata={"minimum": 1, "description": "So many unpaid are a default"})
    grace_days = fields.Integer(required=True, metadata={"minimum": 0, "description": "So long after their days"})
    dues = fields.List(fields.Nested(DueSchema), required=True)


class AgreementPayment(Schema):
    id = fields.UUID(required=True)
    ref = fields.String(required=True)
    on = fields.Date(required=True)
    amount = fields.String(required=True)
    seq = fields.Integer(required=True, metadata=_ENTRY)


class AddedSignature(Schema):
    field = fields.String(required=True)
    names = fields.List(fields.String(), required=True, metadata={"description": "Whom the certificate names"})
    certificate_sha256 = fields.String(required=True, metadata=_SHA256)
    signed_at = fields.String(
        required=True, metadata={"format": "date-time", "description": "As the signer's clock had it"}
    )


class ExecutionSchema(Schema):
    """How it came back signed. Personal data."""

    means = fields.String(required=True, validate=validate.OneOf([DIGITAL, SCAN]))
    on = fields.String(required=True, metadata={"format": "date"})
    sha256 = fields.String(required=True, metadata=_SHA256)
    pages = fields.Integer(required=True, metadata={"minimum": 1})
    size = fields.Integer(required=True, metadata={"minimum": 0, "description": "Bytes; 0 for a scan, kept elsewhere"})
    signatures = fields.List(fields.Nested(AddedSignature), required=True)
    received_by = fields.String(required=True, metadata={"description": "Employee number, for a scan"})
    amount_disputed = fields.Boolean(
        required=True, allow_none=True, metadata={"description": "Whether 有异议 is ticked; of a promise's scan alone"}
    )
    objection = fields.UUID(
        required=True, allow_none=True, metadata={"description": "The objection that was told of it"}
    )


class HeldRecording(Schema):
    sha256 = fields.String(required=True, metadata=_SHA256)
    kept_until_paid_off = fields.Boolean(required=True)


class ByWordOfMouth(Schema):
    ref = fields.String(required=True)
    agreed_at = fields.String(required=True, metadata={"format": "date-time"})
    recording = fields.Nested(HeldRecording, required=True)


class AgreementSchema(AgreementSummary):
    """All of it; amounts, and what was said, only for officers."""

    limitation = fields.Nested(
        AgreementLimitation,
        required=True,
        allow_none=True,
        metadata={"description": "null unless something is owed and the cardholder is among the signers"},
    )
    terms = fields.Nested(AgreedTermsSchema)
    payments = fields.List(fields.Nested(AgreementPayment))
    executed = fields.Nested(ExecutionSchema, allow_none=True)
    told = fields.Nested(ByWordOfMouth, allow_none=True)
