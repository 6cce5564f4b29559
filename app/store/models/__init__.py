"""The tables. No column holds personal data in the clear: facts and files are encrypted, references are keyed tokens.

`documents.py` has organisations, keys and documents, `registry.py` what the service remembers of an account, and
`case_keys.py` the keys, which live in a database of their own.
"""

from app.store.models.base import Base
from app.store.models.case_keys import CaseKeyRow, KeyBase
from app.store.models.documents import (
    ApiKey,
    CaseRow,
    DocumentRow,
    FileRow,
    IdempotencyRow,
    NumberSequence,
    Organisation,
    OrganisationIssuer,
)
from app.store.models.registry import (
    AccountRow,
    AgreementPaymentRow,
    AgreementRow,
    ApprovalRow,
    BlockedContactRow,
    DeliveryRow,
    EventRow,
    ObjectionRow,
    StampAuthorisationRow,
    StampUseRow,
)

__all__ = [
    "AccountRow",
    "AgreementPaymentRow",
    "AgreementRow",
    "ApiKey",
    "ApprovalRow",
    "Base",
    "BlockedContactRow",
    "CaseKeyRow",
    "CaseRow",
    "DeliveryRow",
    "DocumentRow",
    "EventRow",
    "FileRow",
    "IdempotencyRow",
    "KeyBase",
    "NumberSequence",
    "ObjectionRow",
    "Organisation",
    "OrganisationIssuer",
    "StampAuthorisationRow",
    "StampUseRow",
]
