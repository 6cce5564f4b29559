"""A text part is kept and recorded like a file with pages: it has none, and is so many short messages."""

import dataclasses
from pathlib import Path

from app.artifacts import Attempt, File, Part, Signed
from app.catalogue import TEXT
from app.pipeline import utc_now
from app.store.documents import Documents
from audit import entry, log
from tests.app.store import made

SMS = "【示范银行】还款提醒".encode()


def with_text(signed: Signed, folder: Path) -> Signed:
    (folder / "sms.txt").write_bytes(SMS)
    parts = (*signed.parts, Part("sms", File.at(folder / "sms.txt"), TEXT))
    verified = dataclasses.replace(signed.verified, pages={"letter": 2, "sms": 0}, segments={"sms": 1})
    return dataclasses.replace(signed, verified=verified, parts=parts)


def test_a_text_part_is_recorded_and_handed_out(documents: Documents, tmp_path: Path) -> None:
    attempt = documents.begin(made.order(), utc_now())
    assert isinstance(attempt, Attempt)

    sealed = documents.seal(attempt, with_text(made.signed(attempt, tmp_path), tmp_path), utc_now())

    row = documents.find(attempt.document_id, None)
    with documents.database.read() as session:
        [found] = log.read(session.connection(), sealed.seq, 1)
    files = entry.parse(found.leaf).payload["files"]
    assert [(file["name"], file["pages"], file.get("segments")) for file in files] == [
        ("letter.pdf", 2, None),
        ("sms.txt", 0, 1),
    ]
    assert documents.read_file(row, "sms.txt") == SMS
    assert {file.name: file.pages for file in row.files} == {"letter.pdf": 2, "sms.txt": 0}
