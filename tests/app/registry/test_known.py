"""What is known of an account while several letters are asked for at once."""

from pathlib import Path

from app.artifacts import Attempt
from app.registry import Registry
from app.store.documents import Documents
from tests.app.registry.letters import begun, issued


def seen_by(documents: Documents, registry: Registry, attempt: Attempt) -> list[str]:
    with documents.database.read() as session:
        known = registry.known(session, attempt.order.subject, "demo_bank", attempt.document_id)
    return [one.document for one in known.letters]


def test_of_two_attempts_at_once_the_second_finds_the_first_and_not_each_the_other(
    documents: Documents, registry: Registry
) -> None:
    first, second = begun(documents), begun(documents)

    assert seen_by(documents, registry, first) == []
    assert seen_by(documents, registry, second) == [first.document_id]


def test_a_letter_that_was_issued_is_found_whenever_it_began(
    documents: Documents, registry: Registry, tmp_path: Path
) -> None:
    first = begun(documents)
    later = issued(documents, tmp_path)

    assert seen_by(documents, registry, first) == [later.id]


def test_whoever_only_asks_sees_all_of_them(documents: Documents, registry: Registry) -> None:
    attempts = [begun(documents), begun(documents)]
    account = documents.find(attempts[0].document_id, None).account_id

    with documents.database.read() as session:
        known = registry.known_of(session, str(account), "demo_bank")

    assert [one.document for one in known.letters] == [one.document_id for one in attempts]
