"""Facts (事实要素): what a caller asserts, one module a fact. Only this room and `api` know Marshmallow.

schema = request_schema("dunning_letter", {"parties": "parties", "addressee": "addressee", ...})
facts = validate(schema, body)       # dates, Decimals, NFC text; or InvalidRequest with every fault by its path
travelling = plain(schema, facts)    # as on the wire: strings, whole numbers, true and false, null
"""

from app.facts.agreement import (
    SAMPLE_AGREEMENT,
    SAMPLE_AGREEMENT_MOVE,
    AgreementMove,
    AgreementTold,
    ExecutedScan,
    PaymentTold,
)
from app.facts.baseline import AccountBaseline, Totals
from app.facts.decision import SAMPLE_DECISION, Decision
from app.facts.events import Events
from app.facts.issuer import read_issuer, unpayable
from app.facts.moves import DeliveryMove, DeliveryRow
from app.facts.objection import SAMPLE_MOVE, ObjectionMove, ObjectionTold
from app.facts.passages import passages
from app.facts.plan import SAMPLE_PLAN, RepaymentPlan
from app.facts.request import FACTS, plain, request_schema, shape, validate
from app.facts.sample import at_day

__all__ = [
    "FACTS",
    "SAMPLE_AGREEMENT",
    "SAMPLE_AGREEMENT_MOVE",
    "SAMPLE_DECISION",
    "SAMPLE_MOVE",
    "SAMPLE_PLAN",
    "AccountBaseline",
    "AgreementMove",
    "AgreementTold",
    "Decision",
    "DeliveryMove",
    "DeliveryRow",
    "Events",
    "ExecutedScan",
    "ObjectionMove",
    "ObjectionTold",
    "PaymentTold",
    "RepaymentPlan",
    "Totals",
    "at_day",
    "passages",
    "plain",
    "read_issuer",
    "request_schema",
    "shape",
    "unpayable",
    "validate",
]
