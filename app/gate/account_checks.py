"""Checks on what is known of the account: is it known at all, is it disputed, is it paid, was enough said already."""

from collections.abc import Iterator
from datetime import timedelta

from app.gate.letter_checks import CARDHOLDER, oldest_bill
from app.gate.limitation import saves_limitation
from app.gate.question import Facts, Fault, Question
from app.registry import tally
from app.wording import beijing_day

PAYOFF = "payoff"
NEXT_DUE = "next_due_on"
OVER = ("defaulted", "ended")  # of an agreement that somebody else keeps


def account_is_known(question: Question, given: Facts) -> Iterator[Fault]:
    """The account has a baseline that reaches back to the oldest bill, and its feed is not older than `days`."""
    known = question.known
    if known.baseline_on is None or known.baseline_on > oldest_bill(question.facts):
        yield Fault("registry.baseline")
    elif known.fed_at is None or question.at - known.fed_at > timedelta(days=given["days"]):
        yield Fault("registry.feed")


def collection_has_not_ended(question: Question, given: Facts) -> Iterator[Fault]:
    """Nothing told ends collection: `ends` maps the kind of event to the roles that may still be addressed.

    A card that was paid off may be used again: a payoff ends what was billed by then and nothing later.
    """
    role = addressee_role(question)
    owed = question.facts["account"]["debts"] if "account" in question.facts else question.facts["statements"]
    first = min(one["billed_on"] for one in owed)
    for event in question.known.events:
        if event.kind == PAYOFF and event.on < first:
            continue
        if event.kind in given["ends"] and role not in given["ends"][event.kind]:
            yield Fault(f"registry.events.{event.kind}")


def no_open_objection(question: Question, given: Facts) -> Iterator[Fault]:
    """No objection waits for its answer, but for those that another rule hands to a human (`unless`)."""
    open_ones = [one for one in question.known.objections if one.open]
    if "repeats" in given["unless"] and open_ones and all(one.repeats for one in open_ones):
        open_ones = []
    if "saves_limitation" in given["unless"] and saves_limitation(question, given):
        open_ones = []
    if open_ones:
        yield Fault("registry.objections")
    elif said(question, "open_objection") and not any(one.open for one in question.known.objections):
        yield Fault("history.open_objection")


def objection_needs_a_human(question: Question, given: Facts) -> Iterator[Fault]:
    """An objection is open, and `when` is the reason why it may not be enough to stop the letter."""
    open_ones = [one for one in question.known.objections if one.open]
    if not open_ones:
        return
    if given["when"] == "repeats" and all(one.repeats for one in open_ones):
        yield from (Fault(f"registry.objections.{one.id}") for one in open_ones)
    if given["when"] == "saves_limitation" and saves_limitation(question, given):
        yield from (Fault(f"registry.objections.{one.id}") for one in open_ones)


def objection_is_being_answered(question: Question, given: Facts) -> Iterator[Fault]:
    """The objection that the reply answers is one of this account, in one of `states`, and has no other reply.

    One that was decided, and whose reply never reached anybody, is answered again, with the same decision.
    """
    said = question.facts["objection"]
    found = next((one for one in question.known.objections if one.id == said["id"]), None)
    if found is None or found.reply or not (found.state in given["states"] or found.unanswered):
        yield Fault("objection.id")
    elif found.unanswered and found.state != said["decision"]:
        yield Fault("objection.decision")
    elif found.received_on != said["received_on"]:
        yield Fault("objection.received_on")


def answered_in_time(question: Question, given: Facts) -> Iterator[Fault]:  # noqa: ARG001 -- `days` made the due day
    """The reply goes out no later than on the day by which the objection is to be answered."""
    said = question.facts["objection"]
    if any(one.id == said["id"] and one.due_on < question.on for one in question.known.objections):
        yield Fault("objection.id")


def no_performing_agreement(question: Question, given: Facts) -> Iterator[Fault]:
    """No agreement binds us: none of ours, and the last that was told of one is not that it is performed.

    After a default, or an end for whatever reason, collection goes on from `days_after_default` days later.
    """
    over_since = question.on - timedelta(days=given["days_after_default"])
    stopping = [
        one.next_on
        for one in question.known.agreements
        if one.stops_collection or any(day and day > over_since for day in (one.defaulted_on, one.terminated_on))
    ]
    told = [event for event in question.known.events if event.kind == "agreement"]
    if told and (told[-1].outcome == "performing" or (told[-1].outcome in OVER and told[-1].on > over_since)):
        stopping.append(told[-1].next_on)
    next_due_on = min((day for day in stopping if day), default=None)
    if stopping:
        yield Fault("registry.agreement", named={NEXT_DUE: next_due_on})
    elif said(question, "performing_agreement"):
        yield Fault("history.performing_agreement", named={NEXT_DUE: None})


def no_second_agreement(question: Question, given: Facts) -> Iterator[Fault]:
    """As `no_performing_agreement`, of a paper that is no collection: told of one, it is not withdrawn for it."""
    yield from no_performing_agreement(question, given)


def contact_is_not_blocked(question: Question, given: Facts) -> Iterator[Fault]:  # noqa: ARG001 -- every check has the same shape
    """Neither the address nor the telephone number was returned or disowned."""
    if question.known.contact in question.known.blocked:
        yield Fault("delivery.recipient")
    if question.known.number in question.known.blocked:
        yield Fault("sms.number")


def letters_within_limit(question: Question, given: Facts) -> Iterator[Fault]:
    """Letters of `types` in the statement cycle, this one included, are no more than `per_account` and `per_party`.

    With several debts it is the cycle that began first. Letters may be known twice, as ours and as told by others, so
    that the largest number counts and not their sum.
    """
    billing_days = {debt["billed_on"].day for debt in question.facts["account"]["debts"]}
    since = min(tally.cycle_start(question.on, day) for day in billing_days)
    ours = tally.letters_since(question.known, given["types"], since, question.on)
    others = tally.letters_told(question.known, since, question.on)
    told = [one["on"] for one in listed(question, "letters") if since <= one["on"] <= question.on]
    if 1 + max(len(ours), len(others), len(told)) > given["per_account"]:
        yield Fault("registry.letters")
    elif 1 + sum(one.addressee == question.known.addressee for one in ours) > given["per_party"]:
        yield Fault("addressee")


def calls_within_limit(question: Question, given: Facts) -> Iterator[Fault]:
    """Calls that reached the addressee today are no more than `effective`: beyond it, nothing more is said today."""
    calls = tally.calls_on(question.known, question.on)
    told = [one for one in _calls_told(question) if one["outcome"] in tally.EFFECTIVE]
    reached = tally.effective(calls, question.known.addressee, addressee_role(question))
    if max(reached, len(told)) > given["effective"]:
        yield Fault("registry.calls")


def attempts_within_limit(question: Question, given: Facts) -> Iterator[Fault]:
    """Attempts today to any one contact point are no more than `attempts`."""
    calls = tally.calls_on(question.known, question.on)
    if max(tally.most_attempts(calls), len(_calls_told(question))) > given["attempts"]:
        yield Fault("registry.calls")


def addressee_role(question: Question) -> str:
    """The role of whom the paper speaks to: its addressee, whoever promises, or the holder, who makes an agreement.

    On a card without debts everybody but its holder is nobody.
    """
    facts = question.facts
    if "account" not in facts:
        return CARDHOLDER if facts["addressee"] == facts["card"]["holder"] else ""
    spoken_to = facts.get("addressee") or facts.get("promisor") or facts["account"]["holder"]
    roles = {one["party"]: one["role"] for one in facts["account"]["obligors"]}
    return str(roles.get(spoken_to, ""))


def said(question: Question, name: str) -> bool:
    """What the caller itself says in the history."""
    return bool((question.facts.get("history") or {}).get(name))


def listed(question: Question, name: str) -> list[Facts]:
    return list((question.facts.get("history") or {}).get(name) or ())


def _calls_told(question: Question) -> list[Facts]:
    today = [one for one in listed(question, "contacts") if beijing_day(one["at"]) == question.on]
    return [one for one in today if one["channel"] in tally.CALLS]
