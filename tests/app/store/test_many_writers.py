"""Many processes write to one log at once: one unbroken chain, and every intent with one outcome.

How fairly they take turns is a matter of time, and measured in bench/appends.py.
"""

import multiprocessing
import subprocess
import sys
import time
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from app.artifacts import Attempt
from app.config import ROOT
from app.errors import StepFailed
from app.store import schema
from app.store.blobs import Blobs
from app.store.case_keys import CaseKeys
from app.store.database import Database, open_database
from app.store.documents import Documents
from app.store.journal import Journal
from audit import export, log
from audit.keeper import Keeper
from tests.app.store import made
from tests.app.store.conftest import MASTER
from tests.app.store.test_database import url_of
from tests.audit.logs import KEY, digest

NOW = datetime(2026, 11, 25, 4, 0, tzinfo=UTC)
WORKERS, EACH = 16, 6
SPAWN = multiprocessing.get_context("spawn")


def documents_at(url: str, folder: Path) -> Documents:
    keys = CaseKeys(open_database(f"sqlite:///{folder / 'case-keys.db'}"), MASTER)
    journal = Journal("node-1", "0.1.0")
    return Documents(open_database(url), Blobs(folder / "blobs"), keys, journal, digest("fonts"), made.LEASE)


def work(url: str, folder: Path, worker: int) -> None:
    """Begin, and then seal or fail, letters of cases that other workers have, too; each on a host of its own name."""
    documents = replace(documents_at(url, folder), journal=Journal(f"node-{worker}", "0.1.0"))
    keeper = Keeper(folder / "checkpoints", KEY, made.ORIGIN)
    (folder / f"ready-{worker}").touch()
    while len(list(folder.glob("ready-*"))) < WORKERS:
        time.sleep(0.01)
    for step in range(EACH):
        attempt = documents.begin(made.order(f"{worker}-{step}", reference=f"case-{step}"), NOW)
        assert isinstance(attempt, Attempt)
        if step % 3 == 2:
            documents.fail(attempt, StepFailed("convert", "for the test"), NOW)
            continue
        sealed = documents.seal(attempt, made.signed(attempt, folder), NOW)
        with documents.database.read() as session:
            keeper.cover(session.connection(), sealed.seq)


@pytest.mark.slow
def test_sixteen_workers_leave_one_unbroken_chain(database: Database, tmp_path: Path) -> None:
    schema.migrate(database)
    documents = documents_at(url_of(database), tmp_path)
    documents.case_keys.initialise()
    made.begin_log(documents, NOW)
    keeper = Keeper(tmp_path / "checkpoints", KEY, made.ORIGIN)
    with database.read() as session:
        keeper.begin(session.connection())

    workers = [SPAWN.Process(target=work, args=(url_of(database), tmp_path, number)) for number in range(WORKERS)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()

    assert [worker.exitcode for worker in workers] == [0] * WORKERS
    with database.read() as session:
        head = log.head(session.connection())
        note = keeper.cover(session.connection(), head.size - 1)
        export.export(session.connection(), note, tmp_path / "export")
    assert head.size == 1 + 2 * WORKERS * EACH
    numbers = {row.number for row in documents.page(None, None, 1000)}
    assert len(numbers) == WORKERS * EACH
    verifier = [sys.executable, "-I", str(ROOT / "audit" / "verify.py"), "--deep", str(tmp_path / "export")]
    ran = subprocess.run(verifier, capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stdout
