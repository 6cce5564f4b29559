"""kill -9 of the whole service under load, sixty times on each database: nothing is lost, doubled, or locked for ever.

gunicorn with the arguments of `make serve`, several workers and threads, real sockets, real files. LibreOffice stands
on another machine, as with Gotenberg, and survives: a stand-in that speaks Gotenberg's API and converts for real. (What
becomes of a killed service's own LibreOffice is in tests/app/convert.) Half of the kills come at a random instant
after the start, the other half when a document has come to a certain place (places.py). The clock of the service is
put ahead at every other start, as if it had been down for longer than a lease.
"""

import io
import json
import threading
import time
import zipfile
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any

import pytest

from app.config import Settings
from app.convert import Pool
from app.first_start import initialise
from app.house import House, open_house
from app.pipeline import utc_now
from app.serve import first_keys
from app.store import recovery
from app.templates import read_sample
from app.wording import beijing_day
from audit import verify
from tests import accounts
from tests.app.api.conftest import on_postgres
from tests.app.convert.stand_in import converting, listening
from tests.app.faults.killing import Client, Machine, machine
from tests.app.faults.places import PLACES
from tests.samples.make import seeded
from tests.wiring import catalogue_here, settings_here

pytestmark = [pytest.mark.slow, pytest.mark.office]

KILLS = 60
LETTERS_OF_A_CLIENT = 2000  # more than it can ask for
CLIENTS = 3
LONGEST = 2.0  # seconds after a start
DEADLINE = 10  # seconds for a conversion
LEASE = 2 * DEADLINE + 60 + 1  # seconds; thirty of them are less than recovery.OLD, or young files would count as old
OUTCOMES = {"issued", "refused", "failed", "aborted"}


@dataclass(frozen=True)
class Aftermath:
    """The service once more, after all kills, when every client has been served."""

    machine: Machine
    keys: dict[str, str]
    clients: list[Client]
    passed: Counter[str]
    house: House  # another look at the same store
    entries: list[dict[str, Any]]

    def get(self, path: str, role: str = "upstream") -> bytes:
        status, content = self.machine.ask("GET", path, self.keys[role])
        assert status == 200, content
        return content


@pytest.fixture(scope="module", params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def aftermath(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, office: Pool
) -> Iterator[Aftermath]:
    databases = on_postgres(request.getfixturevalue("cluster")) if request.param == "postgres" else {}
    folder = tmp_path_factory.mktemp("killed")
    with listening() as server:
        server.answer = converting(office, folder)
        changes = {"converter": "gotenberg", "gotenberg_url": server.url, "deadline": str(DEADLINE), **databases}
        settings = settings_here(folder / "home", **changes)
        initialise(settings)
        keys = dict(first_keys(settings))
        with machine(settings, **changes) as running:
            clients = made_clients(running, keys["upstream"], settings)
            passed = killed(running, clients, seeded(1109))
            yield from looked_at(running, keys, clients, passed, settings)


def made_clients(running: Machine, key: str, settings: Settings) -> list[Client]:
    cards = accounts.in_advance(settings, CLIENTS * LETTERS_OF_A_CLIENT)
    sample = read_sample(catalogue_here().types["dunning_letter"], beijing_day(utc_now()))
    own = [cards[number::CLIENTS] for number in range(CLIENTS)]
    return [Client(f"client-{number}", running, key, sample, own[number]) for number in range(CLIENTS)]


def killed(running: Machine, clients: list[Client], random: Random) -> Counter[str]:
    """Start, load, kill, sixty times; the places where at least one document was when the last kill came."""
    places = [place for place in PLACES for _ in range(KILLS // 2 // len(PLACES))]
    holds = [*places, *[""] * (KILLS - len(places))]
    random.shuffle(holds)
    passed: Counter[str] = Counter()
    for number, hold in enumerate(holds):
        running.ahead += LEASE * (number % 2)
        running.start(hold)
        stopping = threading.Event()
        threads = [threading.Thread(target=client.work, args=(stopping,)) for client in clients]
        for thread in threads:
            thread.start()
        if hold:
            until = time.monotonic() + 30
            while hold not in running.passed.read_text().splitlines():
                assert time.monotonic() < until, hold
                time.sleep(0.01)
        else:
            time.sleep(random.uniform(0, LONGEST))
        stopping.set()
        seen = running.kill()
        for thread in threads:
            thread.join()
        passed[hold or (seen[-1] if seen else "before anything")] += 1
    return passed


def looked_at(
    running: Machine, keys: dict[str, str], clients: list[Client], passed: Counter[str], settings: Settings
) -> Iterator[Aftermath]:
    """Past the last lease: everybody sends what still has no letter, once."""
    running.ahead += LEASE
    running.start()
    for client in clients:
        for key in list(client.waiting):
            assert client.send(key, threading.Event()) == 201
    house = open_house(settings)
    try:
        exported = running.ask("GET", "/v1/audit/export", keys["admin"])[1]
        with zipfile.ZipFile(io.BytesIO(exported)) as archive:
            archive.extractall(settings.home / "export")
        lines = (settings.home / "export" / "entries.jsonl").read_text("utf-8").splitlines()
        yield Aftermath(running, keys, clients, passed, house, [json.loads(line) for line in lines])
    finally:
        house.close()
        running.stop()
    assert list((settings.home / "work").glob("[0-9]*-*")) == []


def test_documents_were_everywhere_when_it_was_killed(aftermath: Aftermath) -> None:
    assert aftermath.passed.total() == KILLS
    assert PLACES.keys() <= aftermath.passed.keys()
    assert sum(entry["action"] == "intended" for entry in aftermath.entries) > KILLS / 2
    assert sum(entry["action"] == "aborted" for entry in aftermath.entries) > KILLS / 6


def test_no_client_was_told_anything_but_to_come_again(aftermath: Aftermath) -> None:
    told = set.union(*(client.statuses for client in aftermath.clients))

    assert 201 in told
    assert told <= {201, 409, 503}


def test_every_key_has_its_letter_and_never_had_another(aftermath: Aftermath) -> None:
    for client in aftermath.clients:
        for key in list(client.letters):
            assert client.post(key) == 201
        assert client.changed == []
        assert client.waiting == []


def test_there_is_one_issued_document_for_each_key_and_no_other(aftermath: Aftermath) -> None:
    issued = [entry["document"] for entry in aftermath.entries if entry["action"] == "issued"]
    known = [document for client in aftermath.clients for document in client.letters.values()]

    assert sorted(issued) == sorted(known)


def test_every_intent_has_exactly_one_outcome(aftermath: Aftermath) -> None:
    intents = [entry["_seq"] for entry in aftermath.entries if entry["action"] == "intended"]
    ends = Counter(entry["intent_seq"] for entry in aftermath.entries if entry["action"] in OUTCOMES)

    assert ends == Counter(intents)


def test_rows_and_entries_say_the_same(aftermath: Aftermath) -> None:
    rows = aftermath.house.documents.page(None, None, 10_000)
    ended = {entry["document"]: entry for entry in aftermath.entries if entry["action"] in OUTCOMES}

    assert {row.id: row.status for row in rows} == {document: entry["action"] for document, entry in ended.items()}
    assert {row.id: row.outcome_seq for row in rows} == {document: entry["_seq"] for document, entry in ended.items()}
    assert len({row.number for row in rows}) == len(rows)


def test_every_issued_document_has_the_files_that_its_entry_names(aftermath: Aftermath) -> None:
    for entry in aftermath.entries:
        if entry["action"] == "issued":
            row = aftermath.house.documents.find(entry["document"], None)
            assert [(file.name, file.sha256) for file in row.files] == [
                (file["name"], file["sha256"]) for file in entry["files"]
            ]
            for file in row.files:
                assert len(aftermath.house.documents.read_file(row, file.name)) == file.size


def test_the_log_verifies_alone(aftermath: Aftermath) -> None:
    report = verify.verify(
        aftermath.machine.settings.home / "export", verify.Options(key=aftermath.house.vkey, deep=True)
    )

    assert report.findings == []


def test_every_receipt_verifies(aftermath: Aftermath, tmp_path: Path) -> None:
    for client in aftermath.clients:
        for document in client.letters.values():
            (tmp_path / "receipt.json").write_bytes(aftermath.get(f"/v1/documents/{document}/receipt"))
            (tmp_path / "letter.pdf").write_bytes(aftermath.get(f"/v1/documents/{document}/files/letter.pdf"))
            options = verify.Options(key=aftermath.house.vkey, pdfs=[str(tmp_path / "letter.pdf")])
            assert verify.verify(tmp_path / "receipt.json", options).findings == []


def test_what_the_kills_left_is_put_out_of_the_way_and_no_file_of_a_letter_with_it(aftermath: Aftermath) -> None:
    folder = aftermath.house.settings.blobs
    parts = list(folder.glob("*.part"))

    swept = recovery.look_through(aftermath.house.documents, utc_now() + 2 * recovery.OLD)

    assert (swept.missing, swept.removed) == ((), len(parts))
    assert swept.set_aside > 0  # some kills came between the files and their row
    issued = sum(entry["action"] == "issued" for entry in aftermath.entries)
    assert sum(len(group) for _, group in aftermath.house.documents.blobs.groups()) == 2 * issued  # letter and record
    assert recovery.look_through(aftermath.house.documents, utc_now() + 2 * recovery.OLD) == recovery.Swept()
