"""Checks on promises to pay and instalment agreements: may it be made, with whom, for how long, was it explained."""

from collections.abc import Iterable, Iterator
from datetime import timedelta
from decimal import Decimal

from app import schedule
from app.clauses import fees
from app.gate.identity import birth
from app.gate.letter_checks import misstated_obligors
from app.gate.question import Facts, Fault, Question
from app.months import after_months
from app.schedule import plan_of
from app.skeleton import strip

MONTHS_OF_YEAR = 12


def signers_are_obligors(question: Question, given: Facts) -> Iterator[Fault]:
    """Whoever signs is bound by this account in one of `roles`, and known by an identity number if a person.

    An agreement is signed by the holder of the card at least: what the plan says of it is theirs to promise.
    """
    yield from misstated_obligors(question)
    facts = question.facts
    roles = {obligor["party"]: obligor["role"] for obligor in facts["account"]["obligors"]}
    for at, signer in _signers(facts):
        if roles.get(signer) not in given["roles"]:
            yield Fault(at)
        index, party = next((n, one) for n, one in enumerate(facts["parties"]) if one["id"] == signer)
        if party["kind"] == "natural_person" and not party["identity"]:
            yield Fault(f"parties.{index}.identity")
    if "signers" in facts and facts["account"]["holder"] not in [signer["party"] for signer in facts["signers"]]:
        yield Fault("signers")


def signers_are_of_age(question: Question, given: Facts) -> Iterator[Fault]:
    """No person signs who was born less than `years` before the day of the paper."""
    for at, signer in _signers(question.facts):
        party = next(one for one in question.facts["parties"] if one["id"] == signer)
        born = birth(party["identity"]["number"]) if party["identity"] else party["born_on"]
        if born and after_months(born, MONTHS_OF_YEAR * given["years"]) > question.on:
            yield Fault(at)


def asker_is_the_bank(question: Question, given: Facts) -> Iterator[Fault]:
    """Who asks is an organisation of these `kinds`: others neither make agreements for the bank nor take promises."""
    if question.asker not in given["kinds"]:
        yield Fault("issuer")


def facts_are_told_plainly(question: Question, given: Facts) -> Iterator[Fault]:
    """What is told of the hardship tells facts, and makes no terms: none of `words` stands in it."""
    hardship = question.facts["hardship"]
    told = [("hardship.description", hardship["description"])]
    told += [(f"hardship.evidence.{index}.name", one["name"]) for index, one in enumerate(hardship["evidence"])]
    unsaid = [strip(word).text for word in given["words"]]
    for at, text in told:
        plain = strip(text).text
        if any(word in plain for word in unsaid):
            yield Fault(at)


def instalments_can_be_borne(question: Question, given: Facts) -> Iterator[Fault]:  # noqa: ARG001 -- as above
    """No instalment is more than the cardholder can pay in a month, by their own word."""
    rows = schedule.rows(plan_of(question.facts["plan"]))
    if max(row.amount for row in rows) > question.facts["hardship"]["affordable"]:
        yield Fault("hardship.affordable")


def only_principal_bears_interest(question: Question, given: Facts) -> Iterator[Fault]:
    """Of a plan with a rate no more bears interest than the debt's parts `bearing`: no damages, fees or interest."""
    plan = question.facts["plan"]
    free = plan["interest_free"] or Decimal()
    for debt in question.facts["account"]["debts"]:
        if plan["annual_percent"] and plan["total"] - free > sum(debt[part] for part in given["bearing"]):
            yield Fault("plan.interest_free")


def rate_is_no_higher_than_agreed(question: Question, given: Facts) -> Iterator[Fault]:  # noqa: ARG001 -- as above
    """The plan's rate is at most that of the card contract."""
    if question.facts["plan"]["annual_percent"] > question.facts["account"]["rates"]["annual_percent"]:
        yield Fault("plan.annual_percent")


def first_payment_leaves_time(question: Question, given: Facts) -> Iterator[Fault]:
    """Nothing is to be paid before `days` have gone by since the day of the paper."""
    first = question.on + timedelta(days=given["days"])
    if "promise" in question.facts and question.facts["promise"]["rows"][0]["due_on"] < first:
        yield Fault("promise.rows.0.due_on")
    if "plan" in question.facts and question.facts["plan"]["first_due_on"] < first:
        yield Fault("plan.first_due_on")


def promise_is_short(question: Question, given: Facts) -> Iterator[Fault]:
    """A promise has `rows` payments at the most, within `months`: what is longer is to be an instalment agreement."""
    rows = question.facts["promise"]["rows"]
    if len(rows) > given["rows"]:
        yield Fault(f"promise.rows.{given['rows']}")
    elif rows[-1]["due_on"] > after_months(question.on, given["months"]):
        yield Fault(f"promise.rows.{len(rows) - 1}.due_on")


def no_more_is_promised(question: Question, given: Facts) -> Iterator[Fault]:  # noqa: ARG001 -- every check has the same shape
    """What is promised is owed: in that currency, and no more of it."""
    promise = question.facts["promise"]
    owed = [debt["total"] for debt in question.facts["account"]["debts"] if debt["currency"] == promise["currency"]]
    if not owed:
        yield Fault("promise.currency")
    elif sum((row["amount"] for row in promise["rows"]), Decimal()) > owed[0]:
        yield Fault("promise.rows")


def hardship_is_recorded(question: Question, given: Facts) -> Iterator[Fault]:
    """The balance is beyond what can be paid in a month, the cardholder is willing, and it was negotiated of late.

    So many `days` ago at the most, and not after the day of the paper.
    """
    owed = sum((debt["total"] for debt in question.facts["account"]["debts"]), Decimal())
    if question.facts["hardship"]["affordable"] >= owed:
        yield Fault("hardship.affordable")
    negotiation = question.facts["negotiation"]
    if not negotiation["willing"]:
        yield Fault("negotiation.willing")
    if not timedelta() <= question.on - negotiation["held_on"] <= timedelta(days=given["days"]):
        yield Fault("negotiation.held_on")


def recording_is_kept(question: Question, given: Facts) -> Iterator[Fault]:  # noqa: ARG001 -- as above
    """The recording, which the facts ask for where it was spoken, is kept until all is paid."""
    recording = question.facts["negotiation"]["recording"]
    if recording and not recording["kept_until_paid_off"]:
        yield Fault("negotiation.recording.kept_until_paid_off")


def term_is_lawful(question: Question, given: Facts) -> Iterator[Fault]:
    """All is paid within `years` of the day of the paper, in no more than `months` instalments.

    No more of them can be missed than there are.
    """
    plan = question.facts["plan"]
    last = schedule.rows(plan_of(plan))[-1].due_on
    if plan["count"] > given["months"]:
        yield Fault("plan.count")
    if question.facts["terms"]["default"]["missed"] > plan["count"]:
        yield Fault("terms.default.missed")
    if last > after_months(question.on, MONTHS_OF_YEAR * given["years"]):
        yield Fault(f"plan.rows.{plan['count'] - 1}.due_on" if plan["rows"] else "plan.first_due_on")


def plan_is_of_the_debt(question: Question, given: Facts) -> Iterator[Fault]:  # noqa: ARG001 -- as above
    """The plan pays what is owed less what is waived, in its currency; no day bears interest twice."""
    plan, debts = question.facts["plan"], question.facts["account"]["debts"]
    for index, debt in enumerate(debts):
        if debt["currency"] != plan["currency"]:
            yield Fault(f"account.debts.{index}.currency")
        elif debt["total"] - question.facts["terms"]["waived"] != plan["total"]:
            yield Fault("plan.total")
        elif plan["starts_on"] < debt["as_of"]:
            yield Fault("plan.starts_on")


def all_in_rate_is_within(question: Question, given: Facts) -> Iterator[Fault]:
    """Interest and fees together cost no more than `percent` a year, by the internal rate of return."""
    plan = plan_of(question.facts["plan"])
    rows = schedule.rows(plan)
    beside = fees(question.facts["terms"], schedule.times(plan, rows))
    if schedule.internal_percent(plan, rows, beside) > given["percent"]:
        yield Fault("terms" if beside else "plan.annual_percent")


def heavy_terms_are_explained(question: Question, given: Facts) -> Iterator[Fault]:  # noqa: ARG001 -- as above
    """That heavy terms were explained, after they were negotiated and not in days to come, more than a tick proves."""
    explanation = question.facts["explanation"]
    if explanation is None:
        yield Fault("explanation")
    elif not question.facts["negotiation"]["held_on"] <= explanation["explained_on"] <= question.on:
        yield Fault("explanation.explained_on")


def _signers(facts: Facts) -> Iterable[tuple[str, str]]:
    """Each signer's party with the path of where it is named."""
    if "promisor" in facts:
        return [("promisor", facts["promisor"])]
    return [(f"signers.{index}.party", signer["party"]) for index, signer in enumerate(facts["signers"])]
