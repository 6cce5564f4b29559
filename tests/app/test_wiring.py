"""What the gate's yes hands on besides the facts."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from app.artifacts import Actor, Order
from app.errors import StepFailed
from app.wiring import _signature_fields
from tests.wiring import catalogue_here


def order(countersigned_by: str, **facts: Any) -> Order:
    catalogue = catalogue_here()
    kind = replace(catalogue.types["dunning_letter"], countersigned_by=countersigned_by)
    return Order(
        type=kind,
        pack=catalogue.packs["cn"],
        issuer=catalogue.issuers["demo_bank"],
        facts=facts,
        plain={},
        on=date(2026, 11, 23),
        on_given=False,
        specimen=True,
        asker="bank",
        actor=Actor("key:1", "key", "org", "request"),
        idempotency_key=None,
        body=b"",
    )


def test_a_document_has_a_field_for_each_who_signs_after_us() -> None:
    assert _signature_fields(order("")) == ()
    assert _signature_fields(order("promisor", promisor="p1")) == ("Signer1",)
    assert _signature_fields(order("signers", signers=[{"party": "p2"}, {"party": "p1"}])) == ("Signer1", "Signer2")


@pytest.mark.parametrize("facts", [{}, {"signers": None}, {"signers": []}])
def test_a_document_that_nobody_signs_after_us_is_not_made_when_somebody_must(facts: dict[str, Any]) -> None:
    with pytest.raises(StepFailed) as failure:
        _signature_fields(order("signers", **facts))

    assert (failure.value.step, failure.value.status) == ("approve", 500)
