"""Checks (检查项): one function per kind of question; numbers and dates come from the rule.

A check looks at the facts on a legal day and yields a `Fault` for each place where the answer is no. It never
quotes a value, only the path of the fact, because findings are shown and logged.
"""

from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from decimal import Decimal

from stdnum import luhn
from stdnum.cn import uscc

from app.gate import account_checks, agreement_checks, identity, letter_checks, limitation, reminder_checks
from app.gate.question import Check, Facts, Fault, Question


def addressee_is_obligor(question: Question, given: Facts) -> Iterator[Fault]:
    """Is the addressee bound by this very account, in a role that may be dunned?"""
    yield from letter_checks.misstated_obligors(question)
    account = question.facts["account"]
    roles = {obligor["party"]: obligor["role"] for obligor in account["obligors"]}
    if roles.get(question.facts["addressee"]) not in given["roles"]:
        yield Fault("addressee")


def delivered_to_own_reserved_address(question: Question, given: Facts) -> Iterator[Fault]:
    """Does the letter go to the addressee, at an address of an allowed kind that they reserved themselves?"""
    delivery = question.facts["delivery"]
    if delivery["owner"] != question.facts["addressee"]:
        yield Fault("delivery.owner")
    if not delivery["reserved"]:
        yield Fault("delivery.reserved")
    if delivery["address_kind"] not in given["kinds"]:
        yield Fault("delivery.address_kind")
    if delivery["recipient"]["name"] != _party(question.facts, question.facts["addressee"])["name"]:
        yield Fault("delivery.recipient.name")


def is_overdue(question: Question, given: Facts) -> Iterator[Fault]:  # noqa: ARG001 -- every check has the same shape
    """Is each debt past its due day and its grace days on the legal day?"""
    for index, debt in enumerate(question.facts["account"]["debts"]):
        if question.on <= debt["oldest_unpaid_due_on"] + timedelta(days=debt["grace_days"]):
            yield Fault(f"account.debts.{index}.oldest_unpaid_due_on")


def figures_hold(question: Question, given: Facts) -> Iterator[Fault]:
    """Do the parts add up to a debt, as of a day that is neither to come nor stale?"""
    for index, debt in enumerate(question.facts["account"]["debts"]):
        at = f"account.debts.{index}"
        if debt["total"] <= 0 or sum((debt[part] for part in given["components"]), Decimal()) != debt["total"]:
            yield Fault(f"{at}.total")
        if not timedelta() <= question.on - debt["as_of"] <= timedelta(days=given["days"]):
            yield Fault(f"{at}.as_of")


def identifiers_hold(question: Question, given: Facts) -> Iterator[Fault]:  # noqa: ARG001 -- every check has the same shape
    """Do numbers pass their checksums, and does an identity number agree with the stated sex and birth?"""
    for name in ("account", "card"):
        if name in question.facts and not luhn.is_valid(question.facts[name]["card_number"]):
            yield Fault(f"{name}.card_number")
    for index, party in enumerate(question.facts["parties"]):
        if party.get("uscc") and not uscc.is_valid(party["uscc"]):
            yield Fault(f"parties.{index}.uscc")
        if party.get("born_on") and party["born_on"] > question.on:
            yield Fault(f"parties.{index}.born_on")
        if party.get("identity"):
            for field in _contradicted(party, question.on):
                yield Fault(f"parties.{index}.{field}")


def nothing_forbidden_is_said(question: Question, given: Facts) -> Iterator[Fault]:
    """Does no free text say what a document of this type may not say, and no envelope what nobody else may read?"""
    outside = {*given["categories"], *given["outside"]}
    if strangers := outside - question.lexicon.categories:
        raise LookupError(f"no such categories: {sorted(strangers)}")
    for passage, hits in question.heard:
        categories = outside if passage.shown == "outside" else given["categories"]
        yield from (Fault(passage.at, hit) for hit in hits if hit.line.category in categories)


def stamp_is_authorised(question: Question, given: Facts) -> Iterator[Fault]:  # noqa: ARG001 -- every check has the same shape
    """Did the issuer agree that this very stamp may stand on this type and template on the legal day, once more?"""
    asked = (question.stamp_sha256, question.type, question.template_sha256, question.on)
    if not any(one.good_for(*asked) for one in question.known.authorisations):
        yield Fault("issuer")


def _contradicted(party: Facts, on: date) -> Iterator[str]:
    number = party["identity"]["number"]
    born = identity.birth(number)
    if born is None or born > on:
        yield "identity.number"
        return
    if party.get("born_on") and party["born_on"] != born:
        yield "born_on"
    if party.get("sex") and (party["sex"] == "male") != (int(number[16]) % 2 == 1):
        yield "sex"


def _party(facts: Facts, party_id: str) -> Facts:
    return next(party for party in facts["parties"] if party["id"] == party_id)


# What a rule's message may name beside its own parameters, by its check; what no fault tells is said to be untold.
NAMES: Mapping[str, tuple[str, ...]] = dict.fromkeys(
    (account_checks.no_performing_agreement.__name__, account_checks.no_second_agreement.__name__),
    (account_checks.NEXT_DUE,),
)
CHECKS: Mapping[str, Check] = {
    check.__name__: check
    for check in (
        addressee_is_obligor,
        delivered_to_own_reserved_address,
        is_overdue,
        figures_hold,
        identifiers_hold,
        letter_checks.agency_is_registered,
        letter_checks.charges_are_lawful,
        letter_checks.guarantee_is_live,
        letter_checks.litigation_is_reviewed,
        letter_checks.notice_before_report,
        letter_checks.suit_policy_is_met,
        letter_checks.tier_fits,
        letter_checks.time_to_respond,
        limitation.within_limitation,
        reminder_checks.addressee_is_cardholder,
        reminder_checks.falls_due_soon,
        reminder_checks.sent_to_own_reserved_number,
        reminder_checks.sent_within_hours,
        account_checks.account_is_known,
        account_checks.attempts_within_limit,
        account_checks.calls_within_limit,
        account_checks.collection_has_not_ended,
        account_checks.contact_is_not_blocked,
        account_checks.letters_within_limit,
        account_checks.no_open_objection,
        account_checks.no_performing_agreement,
        account_checks.no_second_agreement,
        account_checks.objection_needs_a_human,
        account_checks.objection_is_being_answered,
        account_checks.answered_in_time,
        agreement_checks.all_in_rate_is_within,
        agreement_checks.asker_is_the_bank,
        agreement_checks.facts_are_told_plainly,
        agreement_checks.first_payment_leaves_time,
        agreement_checks.instalments_can_be_borne,
        agreement_checks.only_principal_bears_interest,
        agreement_checks.rate_is_no_higher_than_agreed,
        agreement_checks.signers_are_of_age,
        agreement_checks.hardship_is_recorded,
        agreement_checks.heavy_terms_are_explained,
        agreement_checks.no_more_is_promised,
        agreement_checks.plan_is_of_the_debt,
        agreement_checks.promise_is_short,
        agreement_checks.recording_is_kept,
        agreement_checks.signers_are_obligors,
        agreement_checks.term_is_lawful,
        nothing_forbidden_is_said,
        stamp_is_authorised,
    )
}
