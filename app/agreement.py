"""Which way an agreement may go (还款承诺书、个性化分期还款协议、口头协议), and whether the cardholder performs it.

One table of moves, as for objections. Collection stops while an agreement is executed or performed (article 70 of the
Measures on credit cards); a promise to pay is the debtor's word alone and never stops it. The rest is arithmetic on
days and amounts: payments go to the instalments in their order, and one that is paid in part is not paid.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from app.months import after_months

PROMISE, INSTALMENT, ORAL = TYPES = ("promise_to_pay", "instalment_agreement", "oral")
NAMES = {PROMISE: "还款承诺书", INSTALMENT: "个性化分期还款协议", ORAL: "口头分期还款协议"}
SIGNED_BY = {PROMISE: "promisor", INSTALMENT: "signers"}  # where a request says who has to sign beside the issuer

ISSUED, EXECUTED, PERFORMING, COMPLETED, DEFAULTED = "issued", "executed", "performing", "completed", "defaulted"
TERMINATED, KEPT, BROKEN, LAPSED = "terminated", "kept", "broken", "lapsed"
STATES = {
    ISSUED: "已出具，待签署",
    EXECUTED: "已签署",
    PERFORMING: "履行中",
    COMPLETED: "已履行完毕",
    DEFAULTED: "已违约",
    TERMINATED: "已终止",
    KEPT: "承诺已兑现",
    BROKEN: "承诺未兑现",
    LAPSED: "未签署，已失效",
}
STOPPING = (EXECUTED, PERFORMING)  # of an agreement: 持卡人履行的, 发卡银行及其发卡业务服务机构应当停止催收

PAID, SETTLED_EARLY, CURED, COPY = "paid_in_full", "settled_early", "cured", "copy_delivered"
DIGITAL, SCAN = "signed_digitally", "signed_on_paper"
REASONS = {
    DIGITAL: "已经电子签名",
    SCAN: "已在纸上签字",
    "not_returned": "没有交回签署的文本",
    "declined": "对方不愿签署",
    COPY: "协议文本已交付持卡人",
    PAID: "已全部清偿",
    SETTLED_EARLY: "已提前清偿全部本金和届时到期的费用",
    "trigger_met": "已达到约定的违约条件",
    CURED: "已补足逾期各期",
    "agreed_end": "双方协商一致终止",
    "replaced": "双方另行达成协议",
    "ended_after_default": "违约后终止",
    "promise_not_kept": "没有按承诺还款",
}

_UNSIGNED = ("not_returned", "declined")
_DEFAULT = ("trigger_met",)
_FULFILLED = (PAID, SETTLED_EARLY)
PROVEN = ("agreed_end", "replaced")  # what both sides signed about the end is told with its digest
# From -> to -> the reasons that it may have.
_OF_AN_AGREEMENT: dict[str, Mapping[str, tuple[str, ...]]] = {
    ISSUED: {EXECUTED: (DIGITAL, SCAN), LAPSED: _UNSIGNED},
    EXECUTED: {PERFORMING: (COPY,), COMPLETED: _FULFILLED, TERMINATED: PROVEN},
    PERFORMING: {COMPLETED: _FULFILLED, DEFAULTED: _DEFAULT, TERMINATED: PROVEN},
    DEFAULTED: {PERFORMING: (CURED,), COMPLETED: _FULFILLED, TERMINATED: ("ended_after_default", *PROVEN)},
}
# There is no paper to hand over, so that it may be in default before anybody has said that it is performed.
_BY_WORD_OF_MOUTH = _OF_AN_AGREEMENT | {EXECUTED: {**_OF_AN_AGREEMENT[EXECUTED], DEFAULTED: _DEFAULT}}
_OF_A_PROMISE: Mapping[str, Mapping[str, tuple[str, ...]]] = {
    ISSUED: {EXECUTED: (DIGITAL, SCAN), LAPSED: _UNSIGNED},
    EXECUTED: {KEPT: (PAID,), BROKEN: ("promise_not_kept",)},
}
MOVES = {PROMISE: _OF_A_PROMISE, INSTALMENT: _OF_AN_AGREEMENT, ORAL: _BY_WORD_OF_MOUTH}
PAYABLE = {PROMISE: (EXECUTED, BROKEN), INSTALMENT: (*STOPPING, DEFAULTED), ORAL: (*STOPPING, DEFAULTED)}

# That somebody did not keep to what was agreed, or is not held to it any more, the bank's own people say.
OFFICERS = ("compliance", "counsel")
MAY: Mapping[str, tuple[str, ...]] = {
    PERFORMING: ("upstream", *OFFICERS),
    LAPSED: ("upstream", *OFFICERS),
    DEFAULTED: OFFICERS,
    TERMINATED: OFFICERS,
    BROKEN: OFFICERS,
}  # what is not here follows from a signature or a payment, and nobody says it


@dataclass(frozen=True)
class Move:
    """One step of an agreement. `text` leads to a person and is kept encrypted; `on` is the day, today if not told.

    `proof_sha256` is the digest of what both sides signed about the end (`PROVEN`).
    """

    to: str
    reason: str
    text: str
    on: date | None = None
    copy_delivered_on: date | None = None
    proof_sha256: str | None = None


@dataclass(frozen=True)
class Due:
    """One instalment: `charge` is what of its amount is no principal, and is not owed before its day."""

    on: date
    amount: Decimal
    charge: Decimal = Decimal()


@dataclass(frozen=True)
class Payment:
    on: date
    amount: Decimal


@dataclass(frozen=True)
class Terms:
    """What was agreed: `dues` in order of their days; it is in default when `missed` of them are unpaid so long."""

    currency: str
    dues: tuple[Due, ...]
    missed: int = 1
    grace_days: int = 0

    @property
    def total(self) -> Decimal:
        return sum((due.amount for due in self.dues), Decimal())


@dataclass(frozen=True)
class Standing:
    """How far the payments go. `next_on` is the day of the oldest instalment that is not paid, None when all are.

    `left` counts every charge, also those that nobody owes any more who has paid off early.

    `defaults_on` is the first day on which the agreed trigger is met if nothing more is paid.
    """

    left: Decimal
    next_on: date | None
    defaults_on: date | None
    paid_on: date | None


@dataclass(frozen=True)
class Limitation:
    """诉讼时效, as far as this agreement shows: `began` are the days on which the period began anew, with the cause.

    `runs_from` is the day after which it is counted, `ends_on` the last day on which a suit is in time.
    """

    began: tuple[tuple[date, str], ...]
    deferred: bool  # it is counted from the last instalment's day, which the agreement has set
    runs_from: date
    ends_on: date


def fault(kind: str, state: str, move: Move) -> tuple[str, str] | None:
    """The field at fault and why, when this move is not one of the table's."""
    onward = MOVES[kind].get(state, {})
    if move.to not in onward:
        return "to", f"{NAMES[kind]}{STATES[state]}，不能改为{STATES[move.to]}"
    if move.reason not in onward[move.to]:
        return "reason", f"{NAMES[kind]}{STATES[state]}，不能以此理由改为{STATES[move.to]}"
    return None


def stops_collection(kind: str, state: str) -> bool:
    """Whether no dunning letter may go out on the account."""
    return kind != PROMISE and state in STOPPING


def fulfilled(kind: str) -> str:
    """The state of one that was paid in full."""
    return KEPT if kind == PROMISE else COMPLETED


def allocated(dues: Sequence[Due], paid: Decimal) -> tuple[Decimal, ...]:
    """How much of each instalment is paid, the oldest first."""
    parts: list[Decimal] = []
    for due in dues:
        parts.append(min(due.amount, paid))
        paid -= parts[-1]
    return tuple(parts)


def payoff(terms: Terms, payments: Sequence[Payment], on: date) -> Decimal:
    """What settles it if it is paid on that day: all principal, and the charges of the instalments due by then."""
    return Decimal() if _settled(terms, payments) else _owed(terms, on) - _sum(payments)


def standing(terms: Terms, payments: Sequence[Payment]) -> Standing:
    """Where performance stands after these payments, whatever the order in which they were told.

    Whoever has paid off by the day of a payment owes no later charge, and no instalment is unpaid any more.

    With fewer instalments left than the trigger wants missed, the last one decides: nothing more falls due that could
    be missed, and collection would have stopped for ever.
    """
    paid = _sum(payments)
    parts = allocated(terms.dues, paid)
    unpaid = [due.on for due, part in zip(terms.dues, parts, strict=True) if part < due.amount]
    unpaid = [] if _settled(terms, payments) else unpaid
    missed = unpaid[: terms.missed]
    return Standing(
        left=terms.total - paid,
        next_on=unpaid[0] if unpaid else None,
        defaults_on=missed[-1] + timedelta(days=terms.grace_days + 1) if missed else None,
        paid_on=max((one.on for one in payments), default=None),
    )


def _settled(terms: Terms, payments: Sequence[Payment]) -> bool:
    """Whether on the day of some payment nothing of what was owed by then was left."""
    days = {one.on for one in payments}
    return any(_owed(terms, day) <= _sum([one for one in payments if one.on <= day]) for day in days)


def _owed(terms: Terms, on: date) -> Decimal:
    return terms.total - sum((due.charge for due in terms.dues if due.on > on), Decimal())


def _sum(payments: Sequence[Payment]) -> Decimal:
    return sum((one.amount for one in payments), Decimal())


def payment_fault(
    terms: Terms, payments: Sequence[Payment], payment: Payment, agreed_on: date, today: date
) -> tuple[str, str] | None:
    """The field at fault and why, when the payment cannot be one on this agreement."""
    if payment.on < agreed_on:
        return "paid_on", "早于约定之日"
    if payment.on > today:
        return "paid_on", "晚于当日"
    if payment.amount <= 0:
        return "amount", "应大于零"
    if payment.amount > standing(terms, payments).left:
        return "amount", "超过尚未偿还的金额"
    return None


def limitation(
    kind: str, state: str, executed_on: date | None, paid: Sequence[date], last_due_on: date, years: int
) -> Limitation | None:
    """How long the claim can be sued for by this agreement alone; None for one that nobody signed, or all is paid of.

    The consent to perform and each payment interrupt the period (民法典 195; 诉讼时效规定 14). While instalments of one
    debt are performed it is counted from the last one's day (民法典 189).
    """
    if executed_on is None or state in (COMPLETED, KEPT):
        return None
    began = tuple(sorted([(executed_on, "agreed"), *((day, "paid") for day in {*paid})]))
    latest, _ = began[-1]
    deferred = stops_collection(kind, state) and last_due_on > latest
    runs_from = last_due_on if deferred else latest
    return Limitation(began, deferred, runs_from, after_months(runs_from, 12 * years))
