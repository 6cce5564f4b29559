"""Each act that leaves something behind on the way of a document goes wrong once, in three manners.

It fails and did not happen; it is said to fail and did happen; there is no room. After each: the caller is told,
nothing half-made can be had, every key has one letter after the same request was sent again, and the log verifies.

`WAY` is all that is written on that way, from the caller's key to the checkpoint. A write that is added to the product
and not here makes a test red. One letter is converted and proven for real; its PDF and its proofs stand for the others,
because how pages are made and read is not what is tested here. All else is the product, to its signature and its HTTP.
"""

import hashlib
import itertools
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from app import pipeline
from app.application import create_app
from app.artifacts import Assembled, Converted, Rendered, Verified
from app.convert import Pool
from app.convert.checked import Jobs, checked
from audit import keeper, verify
from tests.app.api.conftest import Service, on_postgres, opened, problem, told
from tests.app.faults.disk import DONE, FAULTS, Disk, watching

pytestmark = [pytest.mark.slow, pytest.mark.office]

WAY = (
    "commit database 1", "commit database 2", "open duly.db.lock 1", "open keys 1", "insert keys case_key 1",
    "commit keys 1", "close keys 1", "insert database case_file 1", "insert database document 1",
    "update database number_sequence 1", "insert database entry 1", "update database head 1",
    "update database document 1", "insert database idempotency 1", "commit database 3", "close duly.db.lock 1",
    "mkdir work 1", "commit database 4", "open work/letter.docx 1", "write work/letter.docx 1",
    "close work/letter.docx 1", "rename work/letter.pdf 1", "open work/letter.signed.pdf 1",
    "write work/letter.signed.pdf 1", "close work/letter.signed.pdf 1", "open work/letter.signed.pdf 2",
    "write work/letter.signed.pdf 2", "close work/letter.signed.pdf 2", "commit keys 2", "mkdir blobs 1",
    "open blobs 1", "write blobs 1", "fsync blobs 1", "close blobs 1", "mkdir blobs 2", "replace blobs 1",
    "fsync blobs 2", "fsync blobs 3", "mkdir blobs 3", "open blobs 2", "write blobs 2", "fsync blobs 4",
    "close blobs 2", "mkdir blobs 4", "replace blobs 2", "fsync blobs 5", "fsync blobs 6", "open duly.db.lock 2",
    "update database document 2", "update database document 3", "update database stamp_authorisation 1",
    "insert database stamp_use 1", "insert database document_file 1", "insert database entry 2",
    "update database head 2", "update database document 4", "commit database 5", "close duly.db.lock 2",
    "commit database 6", "mkdir checkpoints 1", "open checkpoints 1", "write checkpoints 1", "fsync checkpoints 1",
    "close checkpoints 1", "link checkpoints 1", "unlink checkpoints 1", "fsync checkpoints 2",
    "fsync checkpoints 3", "commit database 7", "commit database 8",
)  # fmt: skip
LOCKS = {act for act in WAY if act.split()[1] == "duly.db.lock"} | {"open keys 1", "close keys 1"}  # SQLite's
INTENDED, SEALED = WAY.index("commit database 3"), WAY.index("commit database 5")
HARMLESS = {
    *itertools.product([f"close {lock}" for lock in ("keys 1", "duly.db.lock 1", "duly.db.lock 2")], FAULTS),
    *itertools.product(["open work/letter.docx 1"], FAULTS),  # zipfile tries another mode
    *itertools.product(["mkdir blobs 1", "mkdir blobs 3"], FAULTS),  # it is there
    ("mkdir checkpoints 1", DONE),
}  # what is none of the caller's business
EITHER = set(itertools.product(["mkdir blobs 2", "mkdir blobs 4"], FAULTS))  # one of 256 folders may be there already
NOW = pipeline.utc_now


def happens(act: str, fault: str) -> bool:
    """A statement that was done and said to fail is undone with its transaction, like one that failed."""
    return fault != DONE or act.split()[0] not in {"insert", "update"}


@dataclass
class Broken:
    """A service whose disk can be made to fail, and whose clock can be put ahead."""

    service: Service
    engines: dict[str, Any]
    ahead: timedelta = timedelta()

    def now(self) -> datetime:
        return NOW() + self.ahead

    def disk(self, act: str = "", fault: str = "") -> Disk:
        return Disk(self.service.house.settings.home, self.engines, act, fault)

    @property
    def on_postgres(self) -> bool:
        return self.service.house.database.engine.dialect.name == "postgresql"

    def issued(self) -> set[str]:
        """The ids of all issued documents."""
        rows = self.service.house.documents.page(None, None, 10_000)
        return {row.id for row in rows if row.status == "issued"}


@pytest.fixture(scope="module", params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def broken(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, office: Pool) -> Iterator[Broken]:
    databases = on_postgres(request.getfixturevalue("cluster")) if request.param == "postgres" else {}
    home = tmp_path_factory.mktemp("broken")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(keeper, "PER_FOLDER", 1)  # each checkpoint in a folder of its own, as every ten thousandth is
        for service in opened(home / "home", converter="gotenberg", gotenberg_url="http://127.0.0.1:9", **databases):
            house = service.house
            engines = {"database": house.database.engine, "keys": house.documents.case_keys._database.engine}
            made = Broken(service, engines)
            replaying = Replaying(office, service, home)
            steps = replace(
                house.steps,
                convert=pipeline.bordered("convert", replaying.convert),
                verify=pipeline.bordered("verify", replaying.verify),
                now=made.now,
            )
            made.service = replace(service, house=replace(house, steps=steps))
            made.service = replace(made.service, http=create_app(made.service.house).test_client())
            assert made.service.post(made.service.fresh()).status_code == 201
            yield made


class Replaying:
    """The first letter is converted by LibreOffice and proven; the next ones get its PDF and its proofs."""

    def __init__(self, office: Pool, service: Service, folder: Path) -> None:
        self.office, self.prove, self.kept = office, service.house.steps.verify, folder / "letter.pdf"
        self.proven: Verified | None = None

    def convert(self, rendered: Rendered, folder: Path) -> Converted:
        if not self.kept.exists():
            made = self.office.convert(rendered, folder)
            shutil.copy(made.parts[0].file.path, self.kept)
            return made
        return checked(rendered, folder, self.copied)

    def copied(self, jobs: Jobs) -> str:
        [(_, target)] = jobs
        subprocess.run(
            ["cp", str(self.kept), str(target)], check=True
        )  # another process writes it, as LibreOffice does
        return "LibreOffice"

    def verify(self, assembled: Assembled) -> Verified:
        if self.proven is None:
            self.proven = self.prove(assembled)
        return replace(self.proven, assembled=assembled)


numbers = itertools.count()
REQUESTS: dict[int, Any] = {}


def prepared(broken: Broken) -> int:
    """The number of a request that nobody has sent yet, on an account that is known; made while the disk is sound."""
    number = next(numbers)
    REQUESTS[number] = broken.service.fresh() | {"client_ref": f"case-{number}"}
    return number


def findings(broken: Broken, folder: Path) -> list[verify.Finding]:
    """What the independent verifier says of the whole log."""
    house = broken.service.house
    house.export(folder / "export")
    return verify.verify(folder / "export", verify.Options(key=house.vkey)).findings


def sent(broken: Broken, number: int) -> Any:
    """The same request for the same number: one key, one case."""
    return broken.service.post(REQUESTS[number], Idempotency_Key=f"key-{number}")


def test_all_that_is_written_on_the_way_of_a_document_is_in_this_matrix(broken: Broken) -> None:
    number = prepared(broken)
    with watching(broken.disk()) as disk:
        assert sent(broken, number).status_code == 201

    assert disk.acts == [act for act in WAY if act not in LOCKS or not broken.on_postgres]


@pytest.mark.parametrize(("act", "fault"), [(act, fault) for act in WAY for fault in FAULTS if happens(act, fault)])
def test_whatever_goes_wrong_is_told_and_the_same_request_has_one_letter_in_the_end(
    broken: Broken, act: str, fault: str, tmp_path: Path
) -> None:
    if broken.on_postgres and (act in LOCKS or act.split()[1] not in {"database", "keys"}):
        pytest.skip("the same files on both databases")
    number, before = prepared(broken), broken.issued()
    with watching(broken.disk(act, fault)) as disk:
        answer = sent(broken, number)
    assert disk.broke
    harmless = (act, fault) in HARMLESS or ((act, fault) in EITHER and answer.status_code == 201)
    if harmless:
        assert answer.status_code == 201, answer.text
    else:
        problem(answer, 503, "step.failed")
    sealed = broken.issued() - before
    assert bool(sealed) == (harmless or WAY.index(act) > SEALED or (act, fault) == (WAY[SEALED], DONE))

    letter = sent_again(broken, number, locked=(act, fault) == (WAY[INTENDED], DONE))

    assert broken.issued() - before == {letter["id"]}
    assert sealed <= {letter["id"]}
    content = broken.service.get(letter["files"][0]["url"]).data
    assert hashlib.sha256(content).hexdigest() == letter["files"][0]["sha256"]
    assert findings(broken, tmp_path) == []


def sent_again(broken: Broken, number: int, *, locked: bool) -> Any:
    """The letter; a key whose intent is written, though its caller was told otherwise, is free when the lease ends."""
    if locked:
        problem(sent(broken, number), 409, "idempotency.running")
        broken.ahead += broken.service.house.documents.lease
    answer = sent(broken, number)
    assert answer.status_code == 201, answer.text
    return told(answer)


@pytest.mark.parametrize(
    "act", ["link checkpoints 1", "unlink checkpoints 1", "fsync checkpoints 2", "fsync checkpoints 3"]
)
def test_a_checkpoint_whose_name_may_not_be_on_disk_is_not_handed_out_before_it_is(broken: Broken, act: str) -> None:
    number = prepared(broken)
    with watching(broken.disk(act, DONE)):
        problem(sent(broken, number), 503, "step.failed")

    with watching(broken.disk()) as disk:
        assert sent(broken, number).status_code == 201

    assert [each for each in disk.acts if "checkpoints" in each][-2:] == ["fsync checkpoints 1", "fsync checkpoints 2"]


def test_a_checkpoint_that_is_on_disk_is_handed_out_without_waiting_for_it_again(broken: Broken) -> None:
    number = prepared(broken)
    sent(broken, number)

    with watching(broken.disk()) as disk:
        assert sent(broken, number).status_code == 201

    assert [each for each in disk.acts if "checkpoints" in each] == []
