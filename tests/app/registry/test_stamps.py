"""Use of the stamp: counted down with the document, by one letter at a time, and refused when nobody agreed to it."""

import json
import threading
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from app.artifacts import Attempt
from app.errors import Refused
from app.registry import Registry, Stamps, Terms
from app.store.api_keys import OPERATOR
from app.store.documents import Documents
from tests.app.registry.letters import begun, entries, now, today
from tests.app.store import made
from tests.wiring import catalogue_here

STAMP = "cd" * 32
TEMPLATE = catalogue_here().types["dunning_letter"].sha256
APPROVERS = ("E10086", "E10010")


def terms(**changes: Any) -> Terms:
    good: dict[str, Any] = {
        "issuer": "demo_bank",
        "stamp_sha256": STAMP,
        "types": ("dunning_letter",),
        "template_sha256": None,
        "since": today(),
        "until": today(),
        "maximum": 3,
        "approvers": APPROVERS,
    }
    return Terms(**good | changes)


def seal(documents: Documents, attempt: Attempt, folder: Path) -> None:
    """As the wiring does: the stamp is used in the transaction that records the document."""
    registry, at = Registry(documents.database, documents.case_keys), now()
    documents.seal(
        attempt,
        made.signed(attempt, folder),
        at,
        lambda session: registry.use_stamp(session, attempt.document_id, STAMP, TEMPLATE, at),
    )


def test_each_use_is_counted_and_stands_in_the_document_s_entry_and_in_the_register(
    documents: Documents, stamps: Stamps, tmp_path: Path
) -> None:
    authorisation = stamps.authorise(terms(), OPERATOR, now())
    attempts = [begun(documents) for _ in range(3)]
    for attempt in attempts:
        seal(documents, attempt, tmp_path)

    wanted = [{"authorisation": authorisation, "use": number} for number in (1, 2, 3)]
    assert [said["stamp_use"] for said in entries(documents, "issued")] == wanted
    assert [(use.use, use.document, use.number, use.on) for use in stamps.uses("demo_bank")] == [
        (number, attempt.document_id, attempt.number, today()) for number, attempt in enumerate(attempts, 1)
    ]
    assert stamps.uses("other_bank") == []
    assert [row.used for row in stamps.listed("demo_bank")] == [3]


@pytest.mark.parametrize(
    "changes",
    [
        {"issuer": "other_bank"},
        {"types": ("payment_reminder",)},
        {"template_sha256": "ef" * 32},
        {"since": today() - timedelta(days=9), "until": today() - timedelta(days=1)},
        {"since": today() + timedelta(days=1), "until": today() + timedelta(days=9)},
    ],
)
def test_an_authorisation_for_something_else_is_none(
    documents: Documents, stamps: Stamps, tmp_path: Path, changes: dict[str, Any]
) -> None:
    stamps.authorise(terms(**changes), OPERATOR, now())
    attempt = begun(documents)

    with pytest.raises(Refused) as refused:
        seal(documents, attempt, tmp_path)

    assert [finding.rule for finding in refused.value.findings] == ["stamp.unauthorised"]
    assert documents.find(attempt.document_id, None).status == "running"
    assert (stamps.uses(), [row.used for row in stamps.listed()]) == ([], [0])


def test_a_revoked_authorisation_is_none(documents: Documents, stamps: Stamps, tmp_path: Path) -> None:
    authorisation = stamps.authorise(terms(), OPERATOR, now())
    seal(documents, begun(documents), tmp_path)

    assert stamps.revoke(authorisation, OPERATOR, now())
    with pytest.raises(Refused):
        seal(documents, begun(documents), tmp_path)

    assert not stamps.revoke(authorisation, OPERATOR, now())
    assert not stamps.revoke("nothing", OPERATOR, now())
    [said] = entries(documents, "stamp.revoked")
    assert (said["authorisation"], said["used"]) == (authorisation, 1)


def test_the_narrowest_authorisation_is_used_up_first(documents: Documents, stamps: Stamps, tmp_path: Path) -> None:
    long = stamps.authorise(terms(until=today() + timedelta(days=9)), OPERATOR, now())
    short = stamps.authorise(terms(maximum=1), OPERATOR, now())
    named = terms(until=today() + timedelta(days=99), template_sha256=TEMPLATE, maximum=1)
    exact = stamps.authorise(named, OPERATOR, now())

    for _ in range(3):
        seal(documents, begun(documents), tmp_path)

    assert [said["stamp_use"]["authorisation"] for said in entries(documents, "issued")] == [exact, short, long]


def test_the_last_use_goes_to_exactly_one_of_two_letters(documents: Documents, stamps: Stamps, tmp_path: Path) -> None:
    stamps.authorise(terms(maximum=1), OPERATOR, now())
    attempts = [begun(documents) for _ in range(2)]
    together, outcomes = threading.Barrier(2), []

    def work(attempt: Attempt) -> None:
        together.wait()
        try:
            seal(documents, attempt, tmp_path)
            outcomes.append("issued")
        except Refused:
            outcomes.append("refused")

    threads = [threading.Thread(target=work, args=(attempt,)) for attempt in attempts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(outcomes) == ["issued", "refused"]
    assert ([use.use for use in stamps.uses()], [row.used for row in stamps.listed()]) == ([1], [1])


def test_a_crash_after_the_use_gives_it_back(
    documents: Documents, stamps: Stamps, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stamps.authorise(terms(maximum=1), OPERATOR, now())
    attempt = begun(documents)
    with monkeypatch.context() as patched:
        patched.setattr("app.store.documents._file_row", lambda *_: 1 // 0)
        with pytest.raises(ZeroDivisionError):
            seal(documents, attempt, tmp_path)
    assert (stamps.uses(), [row.used for row in stamps.listed()]) == ([], [0])

    seal(documents, attempt, tmp_path)

    assert [use.use for use in stamps.uses()] == [1]


def test_who_agreed_is_kept_as_keyed_tokens_alone(documents: Documents, stamps: Stamps) -> None:
    stamps.authorise(terms(template_sha256=TEMPLATE), OPERATOR, now())

    [said], [row] = entries(documents, "stamp.authorised"), stamps.listed()
    written = json.dumps(said) + json.dumps(row.approvers)
    assert [number for number in APPROVERS if number in written] == []
    assert said["approvers"] == row.approvers
    assert len(set(row.approvers)) == 2
    assert (said["types"], said["maximum"], said["template_sha256"]) == (["dunning_letter"], 3, TEMPLATE)


@pytest.mark.parametrize(
    "changes",
    [
        {"approvers": ("E10086",)},
        {"approvers": ("E10086", "E10086")},
        {"types": ()},
        {"maximum": 0},
        {"until": today() - timedelta(days=1)},
    ],
)
def test_terms_that_nobody_can_agree_to_are_none(changes: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"approvers|without"):
        terms(**changes)


def test_a_document_without_account_is_asked_for_its_stamp_too(
    documents: Documents, stamps: Stamps, registry: Registry
) -> None:
    stamps.authorise(terms(), OPERATOR, now())

    with documents.database.read() as session:
        assert [one.left for one in registry.known(session, None, "demo_bank").authorisations] == [3]
