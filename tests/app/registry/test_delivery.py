"""A letter's way: every legal move is recorded with its entry, every other one is refused and leaves nothing."""

import json
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from app.delivery import MOVES, NONE, RETURNED, SAYS, STATES, WITHDRAWN, Move
from app.errors import IllegalMove, InvalidRequest, NotFound, StepFailed
from app.registry import Deliveries, Registry, ToldMove
from app.store.documents import Documents
from app.store.models import BlockedContactRow, DeliveryRow, DocumentRow
from audit import log
from tests.app.registry import letters
from tests.app.registry.letters import ACTOR, LETTERS, STRANGER, entries, issued, now, today
from tests.app.store import made

TRACKING = "XA00000000044"
TO_REACH: dict[str, Sequence[str]] = {
    NONE: (),
    "printed": ("printed",),
    "posted": ("printed", "posted"),
    "delivered": ("posted", "delivered"),
    "returned": ("posted", "returned"),
    "withdrawn": ("withdrawn",),
}
REASONS = {"returned": RETURNED, "withdrawn": WITHDRAWN}
EVERY = [(state, to, reason) for state in MOVES for to in STATES for reason in REASONS.get(to, {"": ""})]
LEGAL = [
    (state, to, reason)
    for state, to, reason in EVERY
    if to in MOVES[state] and (not MOVES[state][to] or reason in MOVES[state][to])
]
ILLEGAL = [move for move in EVERY if move not in LEGAL]


def move(to: str, reason: str = "", **changes: Any) -> Move:
    said = {"tracking_number": TRACKING, "signer_role": "addressee", "receipt_sha256": "ab" * 32, "reason": reason}
    said["reason"] = reason or next(iter(REASONS.get(to, {"": ""})))
    return Move(**{"to": to, "on": today(), **{name: said[name] for name in SAYS[to]}, **changes})


def at_state(documents: Documents, deliveries: Deliveries, folder: Path, state: str) -> DocumentRow:
    row = issued(documents, folder)
    for step in TO_REACH[state]:
        deliveries.move(ACTOR, row.id, move(step, "not_me" if step == "returned" else ""), now())
    return row


def size(documents: Documents) -> int:
    with documents.database.read() as session:
        return log.head(session.connection()).size


def test_the_table_names_every_state_and_only_reasons_that_there_are() -> None:
    assert set(MOVES) == {NONE, *STATES}
    assert set(SAYS) == set(STATES)
    for onward in MOVES.values():
        assert all(bool(reasons) == ("reason" in SAYS[to]) for to, reasons in onward.items())
        assert all(reasons <= {*RETURNED, *WITHDRAWN} for reasons in onward.values())
    assert (len(LEGAL), len(ILLEGAL)) == (3 + 2 * 6 + 8 + 3, len(EVERY) - 26)


@pytest.mark.parametrize(("state", "to", "reason"), LEGAL)
def test_a_legal_move_is_recorded_with_its_entry(
    documents: Documents, deliveries: Deliveries, tmp_path: Path, state: str, to: str, reason: str
) -> None:
    row = at_state(documents, deliveries, tmp_path, state)

    deliveries.move(ACTOR, row.id, move(to, reason), now())

    told, said = deliveries.of(row), entries(documents, "delivery.moved")[-1]
    assert (told["state"], told["moved_on"]) == (to, today())
    assert (said["document"], said["case"], said["from"], said["to"]) == (row.id, row.case_id, state, to)
    assert said.get("reason", "") == reason
    assert told["moves"][-1] == {key: said[key] for key in ("from", "to", "on", "reason") if key in said} | {
        "seq": size(documents) - 1
    }


def test_every_illegal_move_is_refused_by_a_code_of_its_own_and_leaves_nothing(
    documents: Documents, deliveries: Deliveries, tmp_path: Path
) -> None:
    rows = {state: at_state(documents, deliveries, tmp_path, state) for state in MOVES}
    before = size(documents)

    for state, to, reason in ILLEGAL:
        with pytest.raises(IllegalMove) as refused:
            deliveries.move(ACTOR, rows[state].id, move(to, reason), now())
        assert (refused.value.status, refused.value.code) == (409, "delivery.illegal_move")
        assert len(refused.value.messages) == 1, (state, to, reason)

    assert size(documents) == before
    assert {state: deliveries.of(row)["state"] for state, row in rows.items()} == {state: state for state in MOVES}


def test_a_document_that_was_not_issued_goes_nowhere(documents: Documents, deliveries: Deliveries) -> None:
    attempt = letters.begun(documents)

    with pytest.raises(IllegalMove) as refused:
        deliveries.move(ACTOR, attempt.document_id, move("printed"), now())

    assert refused.value.messages.keys() == {"document"}


@pytest.mark.parametrize("days", [-1, 1])
def test_a_day_before_the_document_or_to_come_is_refused(
    documents: Documents, deliveries: Deliveries, tmp_path: Path, days: int
) -> None:
    row = issued(documents, tmp_path)

    with pytest.raises(InvalidRequest) as refused:
        deliveries.move(ACTOR, row.id, move("printed", on=today() + timedelta(days)), now())

    assert refused.value.messages.keys() == {"on"}


def test_a_day_before_the_last_move_is_refused(documents: Documents, deliveries: Deliveries, tmp_path: Path) -> None:
    row = issued(documents, tmp_path)
    later = now() + timedelta(days=3)
    deliveries.move(ACTOR, row.id, move("printed", on=today() + timedelta(days=2)), later)

    with pytest.raises(InvalidRequest):
        deliveries.move(ACTOR, row.id, move("posted", on=today() + timedelta(days=1)), later)


def test_another_organisation_moves_nothing_and_learns_nothing(
    documents: Documents, deliveries: Deliveries, tmp_path: Path
) -> None:
    row = issued(documents, tmp_path)

    with pytest.raises(NotFound):
        deliveries.move(STRANGER, row.id, move("printed"), now())
    with pytest.raises(InvalidRequest) as refused:
        deliveries.take(STRANGER, [ToldMove(2, row.id, move("printed"))], {}, now())

    assert refused.value.messages == {"rows": {2: {"document": ["没有此文书"]}}}
    assert deliveries.page(STRANGER.organisation, None, None, 10) == []


def test_tracking_number_signer_and_receipt_are_kept_and_stand_nowhere_in_the_clear(
    documents: Documents, deliveries: Deliveries, tmp_path: Path
) -> None:
    row = issued(documents, tmp_path)
    for to in ("posted", "delivered"):
        deliveries.move(ACTOR, row.id, move(to), now())

    told = deliveries.of(row)
    assert {name: told[name] for name in ("tracking_number", "signer_role", "receipt_sha256")} == {
        "tracking_number": TRACKING,
        "signer_role": "addressee",
        "receipt_sha256": "ab" * 32,
    }
    with documents.database.read() as session:
        kept = session.get_one(DeliveryRow, row.id)
    written = [json.dumps(entries(documents, "delivery.moved")), json.dumps(kept.moves), repr(kept.sealed)]
    assert [text for text in written if TRACKING in text or "addressee" in text or "ab" * 32 in text] == []
    posted, delivered = entries(documents, "delivery.moved")
    assert posted["detail_mac"] != delivered["detail_mac"]


def test_a_letter_that_comes_back_blocks_its_contact_point(
    documents: Documents, deliveries: Deliveries, registry: Registry, tmp_path: Path
) -> None:
    rows = [issued(documents, tmp_path) for _ in range(2)]
    subject = registry.subject(made.order())
    assert subject is not None
    with documents.database.read() as session:
        assert registry.known(session, subject, "demo_bank").blocked == frozenset()

    told = [ToldMove(2, rows[0].id, move("posted")), ToldMove(3, rows[1].id, move("posted"))]
    back = [ToldMove(4, rows[0].id, move("returned", "moved")), ToldMove(5, rows[1].id, move("returned", "not_me"))]
    deliveries.take(ACTOR, told + back, {}, now())

    with documents.database.read() as session:
        known = registry.known(session, subject, "demo_bank")
        [blocked] = session.query(BlockedContactRow).all()
    assert known.blocked == {subject.contact} == {rows[0].contact}
    assert {letter.delivery for letter in known.letters} == {"returned"}
    assert (blocked.reason, blocked.since) == ("moved", today())


def test_a_file_is_taken_in_its_order_with_one_entry_for_each_row(
    documents: Documents, deliveries: Deliveries, tmp_path: Path
) -> None:
    first, second = issued(documents, tmp_path), issued(documents, tmp_path)
    rows = [
        ToldMove(number, row.id, move(to))
        for number, (row, to) in enumerate(
            [(first, "printed"), (second, "printed"), (first, "posted"), (first, "delivered")], 2
        )
    ]

    counts = deliveries.take(ACTOR, rows, {}, now())

    assert counts == {"printed": 2, "posted": 1, "delivered": 1}
    said = entries(documents, "delivery.moved")
    assert [(one["document"], one["to"]) for one in said] == [(told.document, told.move.to) for told in rows]
    seqs = [step["seq"] for row in (first, second) for step in deliveries.of(row)["moves"]]
    assert sorted(seqs) == list(range(size(documents) - 4, size(documents)))


def test_of_a_file_with_one_illegal_row_nothing_is_taken_and_the_row_is_named(
    documents: Documents, deliveries: Deliveries, tmp_path: Path
) -> None:
    row, before = issued(documents, tmp_path), size(documents)
    rows = [
        ToldMove(2, row.id, move("printed")),
        ToldMove(3, row.id, move("delivered")),
        ToldMove(4, row.id, move("printed")),
    ]

    with pytest.raises(IllegalMove) as refused:
        deliveries.take(ACTOR, rows, {}, now())

    assert {number: set(faults) for number, faults in refused.value.messages["rows"].items()} == {3: {"to"}, 4: {"to"}}
    assert size(documents) == before
    assert deliveries.of(row)["state"] == NONE


def test_rows_that_could_not_be_read_are_named_together_with_the_illegal_ones(
    documents: Documents, deliveries: Deliveries, tmp_path: Path
) -> None:
    row = issued(documents, tmp_path)
    rows = [ToldMove(3, row.id, move("delivered")), ToldMove(5, row.id, move("printed", on=today() + timedelta(1)))]

    with pytest.raises(InvalidRequest) as refused:
        deliveries.take(ACTOR, rows, {4: {"on": ["格式不正确"]}}, now())

    named = {number: set(faults) for number, faults in refused.value.messages["rows"].items()}
    assert named == {3: {"to"}, 4: {"on"}, 5: {"on"}}
    assert deliveries.of(row)["state"] == NONE


def test_a_crash_before_the_commit_leaves_neither_state_nor_entry_nor_blocked_contact(
    documents: Documents, deliveries: Deliveries, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    row = at_state(documents, deliveries, tmp_path, "posted")
    before = size(documents)
    written = log.append_run

    def crash(*arguments: Any) -> Any:
        written(*arguments)
        raise StepFailed("store", "for the test")

    monkeypatch.setattr(log, "append_run", crash)
    with pytest.raises(StepFailed):
        deliveries.move(ACTOR, row.id, move("returned", "unknown"), now())
    monkeypatch.undo()

    assert size(documents) == before
    assert deliveries.of(row)["state"] == "posted"
    with documents.database.read() as session:
        assert session.query(BlockedContactRow).all() == []
    deliveries.move(ACTOR, row.id, move("returned", "unknown"), now())


def test_what_is_not_posted_yet_is_withdrawn_and_what_is_stays_where_it_is(
    documents: Documents, deliveries: Deliveries, tmp_path: Path
) -> None:
    rows = {state: at_state(documents, deliveries, tmp_path, state) for state in MOVES}
    running = letters.begun(documents)
    account = rows[NONE].account_id
    assert account

    with documents.database.write() as session:
        withdrawn = deliveries.withdraw_unposted(session, account, LETTERS, "payoff", now(), ACTOR)

    assert set(withdrawn) == {rows[NONE].id, rows["printed"].id}
    assert {state: deliveries.of(row)["state"] for state, row in rows.items()} == {
        **{state: state for state in MOVES},
        NONE: "withdrawn",
        "printed": "withdrawn",
    }
    said = entries(documents, "delivery.moved")[-2:]
    assert {(one["document"], one["reason"], one["actor"]) for one in said} == {
        (document, "payoff", ACTOR.id) for document in withdrawn
    }
    assert documents.find(running.document_id, None).status == "running"
    with documents.database.write() as session:
        assert deliveries.withdraw_unposted(session, account, LETTERS, "payoff", now()) == []
        assert deliveries.withdraw_unposted(session, account, [], "payoff", now()) == []


def test_a_withdrawal_for_no_reason_of_the_table_is_a_fault_of_ours(
    documents: Documents, deliveries: Deliveries, tmp_path: Path
) -> None:
    account = issued(documents, tmp_path).account_id
    assert account

    with pytest.raises(ValueError, match="reason"), documents.database.write() as session:
        deliveries.withdraw_unposted(session, account, LETTERS, "boredom", now())

    assert entries(documents, "delivery.moved") == []


def test_officers_page_through_what_is_issued_by_state(
    documents: Documents, deliveries: Deliveries, tmp_path: Path
) -> None:
    rows = [at_state(documents, deliveries, tmp_path, state) for state in (NONE, "printed", "printed", "posted")]
    letters.begun(documents)
    own = ACTOR.organisation

    def ids(state: str | None, before: str | None = None, limit: int = 10) -> list[str]:
        return [document.id for document, _ in deliveries.page(own, state, before, limit)]

    newest_first = sorted((row.id for row in rows), reverse=True)
    assert ids(None) == newest_first
    assert ids(NONE) == [rows[0].id]
    assert set(ids("printed")) == {rows[1].id, rows[2].id}
    assert ids(None, limit=2) + ids(None, before=newest_first[1]) == newest_first
