"""Everything that can go wrong with a document, by whose matter it is.

    DocumentError
    ├─ InvalidRequest      fields cannot be read: the caller mends them
    ├─ UnreadableRequest   the body is not strict JSON
    ├─ Unauthenticated     no key, or not a working one
    ├─ NotFound            there is no such thing, or not for this caller
    ├─ Forbidden           there is, but this key may not
    ├─ RateExceeded        asked too often; the caller waits
    ├─ Conflict            the same idempotency key is still being worked on
    ├─ IllegalMove         a letter cannot go that way from where it is
    ├─ IllegalAnswer       an objection cannot go that way from where it is
    ├─ IllegalAgreement    an agreement cannot go that way from where it is
    ├─ KeyReused           the same idempotency key came with another request
    ├─ ApprovalClosed      somebody else decided before, or the approval has expired
    ├─ ApprovalVoid        what was to be approved is not what was asked for any more
    ├─ Refused             a rule says no (拒绝出具): expected, logged, final
    └─ StepFailed          a tool broke (执行失败); nothing was released, a retry is safe
       └─ DisclosureMissing   our template or converter lost required wording
    ConfigurationError     the service must not start

Steps turn foreign exceptions into these at their own border. Anything else that escapes is a bug.
None of them may carry personal data in its text: they are shown to callers and written to logs.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Finding:
    """One reason why a document may not exist (不合规项), with the rule and the law behind it."""

    rule: str
    severity: str  # block
    source: str
    message: str
    message_en: str
    at: str = ""  # path of the fact in question, "" for the request as a whole
    # Of forbidden language, which is never quoted: the line of the lexicon, its category, and where in the fact's text.
    phrase: str = ""
    category: str = ""
    start: int | None = None
    end: int | None = None


class DocumentError(Exception):
    """An error that a caller is told about. `code` is stable; `status` is its HTTP status."""

    code = "document.error"
    status = 500

    def __init__(self, detail: str = "") -> None:
        super().__init__(detail)
        self.detail = detail


class InvalidRequest(DocumentError):
    """The request cannot be read. `messages` nests by field name and list index, as Marshmallow gives them."""

    code = "request.invalid"
    status = 422

    def __init__(self, messages: Mapping[Any, Any]) -> None:
        super().__init__("the request has invalid fields")
        self.messages = messages


class UnreadableRequest(DocumentError):
    """The body is not strict JSON: malformed, a duplicate key, or a number where money must be a string."""

    code = "request.unreadable"
    status = 400


class NotFound(DocumentError):
    code = "not_found"
    status = 404


class Unauthenticated(DocumentError):
    code = "unauthenticated"
    status = 401


class Forbidden(DocumentError):
    code = "forbidden"
    status = 403


class RateExceeded(DocumentError):
    """Asked too often. `retry_after` is in seconds."""

    code = "rate.exceeded"
    status = 429

    def __init__(self, retry_after: int) -> None:
        super().__init__()
        self.retry_after = retry_after


class Conflict(DocumentError):
    """The same idempotency key is still being worked on; `document_id` tells by which attempt."""

    code = "idempotency.running"
    status = 409

    def __init__(self, document_id: str) -> None:
        super().__init__("an earlier request with this Idempotency-Key is still running")
        self.document_id = document_id


class IllegalMove(DocumentError):
    """A letter cannot go that way from where it is. `messages` names each move at fault, as in `InvalidRequest`."""

    code = "delivery.illegal_move"
    status = 409

    def __init__(self, messages: Mapping[Any, Any]) -> None:
        super().__init__("the letter cannot go that way from where it is")
        self.messages = messages


class IllegalAnswer(DocumentError):
    """An objection cannot go that way from where it is. `messages` names the field at fault, as in `InvalidRequest`."""

    code = "objection.illegal_move"
    status = 409

    def __init__(self, messages: Mapping[Any, Any]) -> None:
        super().__init__("the objection cannot go that way from where it is")
        self.messages = messages


class IllegalAgreement(DocumentError):
    """An agreement cannot go that way from where it is. `messages` names the field, as in `InvalidRequest`."""

    code = "agreement.illegal_move"
    status = 409

    def __init__(self, messages: Mapping[Any, Any]) -> None:
        super().__init__("the agreement cannot go that way from where it is")
        self.messages = messages


class KeyReused(DocumentError):
    """The same idempotency key came with another body."""

    code = "idempotency.reused"
    status = 422


class ApprovalClosed(DocumentError):
    """Nothing is left to decide; `state` says what became of the approval."""

    code = "approval.closed"
    status = 409

    def __init__(self, state: str) -> None:
        super().__init__("the approval does not wait for a decision any more")
        self.state = state


class ApprovalVoid(DocumentError):
    """What was pinned when it was asked for has changed since; `reason` says what. The document is given up."""

    code = "approval.void"
    status = 409

    def __init__(self, reason: str) -> None:
        super().__init__("what was to be approved has changed since; ask for the document again")
        self.reason = reason


class Refused(DocumentError):
    """A rule says no, or a human to whom a rule led. All findings are named at once; `approval` is what was decided."""

    code = "refused"
    status = 422

    def __init__(self, findings: Sequence[Finding], approval: str = "") -> None:
        super().__init__("the document may not be issued")
        self.findings = tuple(findings)
        self.approval = approval


class StepFailed(DocumentError):
    """A tool broke at `step`. `detail` is for our own log and says nothing about a person.

    `retry_after` is in seconds: when a 503 may be worth sending again.
    """

    code = "step.failed"
    status = 503

    def __init__(self, step: str, detail: str, *, status: int = 503, retry_after: int = 5) -> None:
        super().__init__(detail)
        self.step = step
        self.status = status
        self.retry_after = retry_after


class DisclosureMissing(StepFailed):
    """Required wording is not on the finished page, or not to be seen there. Our fault, never the caller's."""

    code = "disclosure.missing"

    def __init__(self, missing: Mapping[str, str]) -> None:
        """`missing` maps the disclosure's id to what is wrong with it."""
        super().__init__("verify", "; ".join(f"{key}: {why}" for key, why in missing.items()), status=500)
        self.missing = dict(missing)


class ConfigurationError(Exception):
    """The service must not start: a setting, a key, a pack or a template is missing or does not fit. One line."""

    def __str__(self) -> str:
        return " ".join(super().__str__().split())  # what a YAML reader says has several
