"""An agreement begins in the transaction that records its document, and is kept encrypted under its account's key."""

import dataclasses
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from app.agreeing import planned, terms_of
from app.agreement import DIGITAL, INSTALMENT, PROMISE, SCAN, Move, Payment
from app.artifacts import Attempt, Order
from app.errors import IllegalAgreement, InvalidRequest, NotFound, Refused, StepFailed
from app.registry import Agreements, Deliveries, Registry, Returned, agreed
from app.store.documents import Documents
from app.store.models import AgreementRow
from tests import agreements as samples
from tests.agreements import plan, today
from tests.app.registry.letters import ACTOR, entries, issued, now
from tests.app.store import made
from tests.wiring import catalogue_here

ISSUERS = {"demo_bank"}
ENDS = {"dunning_letter"}


@pytest.fixture
def service(registry: Registry, documents: Documents) -> Agreements:
    return Agreements(registry, documents)


def card() -> str:
    return str(made.order().plain["account"]["card_number"])


def order(registry: Registry, kind: str = INSTALMENT) -> Order:
    account_id = registry.account_id("demo_bank", card())
    return samples.order(catalogue_here(), account_id, kind, ACTOR, today() + timedelta(days=10))


def begun(documents: Documents, service: Agreements, folder: Path, kind: str = INSTALMENT) -> AgreementRow:
    """One that was issued and waits for its signatures."""
    asking = order(service.registry, kind)
    attempt = documents.begin(asking, now())
    assert isinstance(attempt, Attempt)
    opened(documents, service, attempt, folder)
    [row] = service.page(ISSUERS, "issued", None, 9)
    return row


def opened(documents: Documents, service: Agreements, attempt: Attempt, folder: Path, then: str = "") -> None:
    terms = terms_of(attempt.order.type.name, attempt.order.facts)
    assert terms

    def last_look(session: object) -> dict[str, object]:
        service.open(session, attempt, terms, now(), cardholder_signs=True, period_over=False)  # type: ignore[arg-type]  # a session
        if then:
            raise Refused([])
        return {}

    documents.seal(attempt, made.signed(attempt, folder), now(), last_look)


def spoken(service: Agreements, ref: str = "AG-1", ends: set[str] = ENDS) -> AgreementRow:
    """One made by word of mouth."""
    first = today() + timedelta(days=10)
    told = samples.told(card(), first, ref=ref, agreed_at=(now() - timedelta(hours=1)).isoformat())
    drawn_up = samples.loaded(INSTALMENT, {"plan": plan(first)})["plan"]
    return service.tell(told, planned(drawn_up, told["default"]), ends, ACTOR, now()).row


def scan(means: str = SCAN, sha256: str = "cd" * 32) -> Returned:
    return Returned(means, today(), sha256, 2, received_by="E1")


def test_it_begins_with_its_document_or_not_at_all(
    documents: Documents, registry: Registry, service: Agreements, tmp_path: Path
) -> None:
    attempt = documents.begin(order(registry), now())
    assert isinstance(attempt, Attempt)
    with pytest.raises(Refused):
        opened(documents, service, attempt, tmp_path, then="refused")

    assert service.page(ISSUERS, None, None, 9) == []
    assert entries(documents, "agreement.opened") == []
    opened(documents, service, attempt, tmp_path)
    [row] = service.page(ISSUERS, None, None, 9)
    [entry] = entries(documents, "agreement.opened")
    assert (row.document_id, row.state) == (attempt.document_id, "issued")
    assert (entry["agreement"], entry["document"], entry["for_account"]) == (
        row.id,
        attempt.document_id,
        row.account_id,
    )


def test_a_document_about_no_account_agrees_to_nothing(
    documents: Documents, registry: Registry, service: Agreements, tmp_path: Path
) -> None:
    attempt = documents.begin(dataclasses.replace(order(registry), subject=None), now())
    assert isinstance(attempt, Attempt)

    with pytest.raises(StepFailed):
        opened(documents, service, attempt, tmp_path)


@pytest.mark.parametrize("kind", [INSTALMENT, PROMISE])
def test_what_was_agreed_is_in_no_column(documents: Documents, service: Agreements, tmp_path: Path, kind: str) -> None:
    row = begun(documents, service, tmp_path, kind)
    said, payments = service.said(row)

    assert agreed.terms_of(said).total == Decimal("300.00")
    assert payments == []
    columns = repr({name: value for name, value in vars(row).items() if not name.startswith("_")})
    assert "100.00" not in columns
    with pytest.raises(StepFailed):  # under another account's key it is noise
        agreed.read(row, documents.case_keys.ensure("another"))


def test_signing_withdraws_letters_that_are_not_posted_and_a_promise_withdraws_none(
    documents: Documents, service: Agreements, deliveries: Deliveries, tmp_path: Path
) -> None:
    letter = issued(documents, tmp_path)
    promise = begun(documents, service, tmp_path, PROMISE)
    service.execute(promise.id, scan(), b"", ENDS, "compliance", ISSUERS, ACTOR, now())
    assert deliveries.of(letter)["state"] == "none"

    agreement = begun(documents, service, tmp_path)
    service.execute(agreement.id, scan(sha256="ef" * 32), b"", ENDS, "compliance", ISSUERS, ACTOR, now())

    assert deliveries.of(letter)["state"] == "withdrawn"
    [moved] = entries(documents, "delivery.moved")
    assert (moved["document"], moved["reason"]) == (letter.id, "agreement")


def test_word_of_mouth_withdraws_letters_too_and_only_of_the_types_that_it_ends(
    documents: Documents, service: Agreements, deliveries: Deliveries, tmp_path: Path
) -> None:
    letter = issued(documents, tmp_path)
    first = spoken(service, ends=set())
    assert deliveries.of(letter)["state"] == "none"

    ended = Move("terminated", "replaced", "x", proof_sha256="ef" * 32)
    service.move(first.id, ended, ENDS, "compliance", ISSUERS, ACTOR, now())
    spoken(service, "AG-2")

    assert deliveries.of(letter)["state"] == "withdrawn"


def test_an_agreement_beside_one_that_binds_leaves_no_row_and_no_entry(
    documents: Documents, service: Agreements
) -> None:
    spoken(service)

    with pytest.raises(IllegalAgreement):
        spoken(service, "AG-2")
    assert len(service.page(ISSUERS, None, None, 9)) == len(entries(documents, "agreement.opened")) == 1


def test_what_is_known_of_the_account_names_its_agreements_with_the_days_of_payments(
    documents: Documents, service: Agreements, registry: Registry
) -> None:
    row = spoken(service)
    for ref in ("PM-1", "PM-2"):
        payment = Payment(today(), Decimal("10.00"))
        service.pay(row.id, ref, payment, "upstream", ISSUERS, ACTOR, now())
    with documents.database.read() as session:
        [known] = registry.known_of(session, row.account_id, "demo_bank").agreements

    assert (known.id, known.state, known.stops_collection) == (row.id, "executed", True)
    assert known.interruptions == (today(), today(), today())
    assert known.next_on == today() + timedelta(days=10)


def test_the_same_return_changes_nothing_and_another_is_refused(
    documents: Documents, service: Agreements, tmp_path: Path
) -> None:
    row = begun(documents, service, tmp_path)

    def back(returned: Returned) -> AgreementRow:
        return service.execute(row.id, returned, b"", ENDS, "compliance", ISSUERS, ACTOR, now())

    first, again = back(scan()), back(scan())
    assert (first.state, first.moves) == ("executed", again.moves)
    for other in (scan(sha256="ef" * 32), scan(DIGITAL)):
        with pytest.raises(IllegalAgreement):
            back(other)
    assert len(entries(documents, "agreement.executed")) == 1


def test_a_return_before_the_document_or_to_come_is_refused(
    documents: Documents, service: Agreements, tmp_path: Path
) -> None:
    row = begun(documents, service, tmp_path)
    for day in (-1, 1):
        returned = dataclasses.replace(scan(), on=today() + timedelta(days=day))
        with pytest.raises(InvalidRequest):
            service.execute(row.id, returned, b"", ENDS, "compliance", ISSUERS, ACTOR, now())

    assert service.find(row.id, ISSUERS).state == "issued"


def test_another_issuer_s_agreement_is_not_found(service: Agreements) -> None:
    row, nobody = spoken(service), set[str]()
    move = Move("terminated", "agreed_end", "x", proof_sha256="ef" * 32)

    with pytest.raises(NotFound):
        service.find(row.id, nobody)
    with pytest.raises(NotFound):
        service.move(row.id, move, ENDS, "compliance", nobody, ACTOR, now())
    with pytest.raises(NotFound):
        service.pay(row.id, "PM-1", Payment(today(), Decimal("1.00")), "upstream", nobody, ACTOR, now())
    with pytest.raises(NotFound):
        service.execute(row.id, scan(), b"", ENDS, "compliance", nobody, ACTOR, now())
    assert service.page(nobody, None, None, 9) == []


def test_a_payment_s_entry_says_the_next_day_and_no_amount(documents: Documents, service: Agreements) -> None:
    row = spoken(service)
    service.pay(row.id, "PM-1", Payment(today(), Decimal("123.45")), "upstream", ISSUERS, ACTOR, now())
    [entry] = entries(documents, "agreement.paid")

    assert entry["next_due"] == (today() + timedelta(days=40)).isoformat()
    assert "123.45" not in repr(entry)
