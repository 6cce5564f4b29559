"""A house in which some findings ask for a human, with officers of two banks, a clock, and no LibreOffice needed."""

import hashlib
import json
import shutil
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import yaml
from werkzeug.test import TestResponse

from app import pipeline, wording
from app.application import create_app
from app.artifacts import (
    Approved,
    Assembled,
    Box,
    Converted,
    File,
    Part,
    Proof,
    Rendered,
    Signed,
    Verified,
)
from app.config import ROOT
from app.gate.cases import changed
from app.house import House
from app.store.models import ApprovalRow, DocumentRow
from audit import entry, log
from tests.app.api.conftest import LETTERS, Service, opened, told

RULES = ("R01", "R03", "R05", "R10", "R38")  # those that look at nothing but the request
NONE: Mapping[str, str] = {}
PROOF = Proof("cn.letter.D01", "来源", "张三先生", (Box(1, 50, 700, 150, 712),))
UNRESERVED = {"delivery.reserved": False}  # R03 has something to say
WRONG_SEX = {  # and R38
    "parties.0.identity": {"type": "resident_id", "number": "99000019491231078X"},
    "parties.0.sex": "male",
    "parties.0.born_on": "1949-12-31",
}
TEXT = "已向营业网点核实，收件人确认该地址为其现住址"
GRANT = {"decision": "grant", "reason": {"code": "facts_verified", "text": TEXT}}
DECLINE = {"decision": "decline", "reason": {"code": "facts_doubtful", "text": "地址来源说明不足，退回核实"}}


@dataclass
class Clock:
    """Time that a test may move forward; it never goes back, as the log would notice."""

    ahead: timedelta = timedelta()

    def now(self) -> datetime:
        return pipeline.utc_now() + self.ahead

    def today(self) -> date:
        return wording.beijing_day(self.now())


@dataclass(frozen=True)
class Desk:
    """Upstream asks, officers decide. `officer` is of the bank, `clerk` of the agency that asks for it."""

    service: Service
    clock: Clock

    @property
    def house(self) -> House:
        return self.service.house

    def ask(self, change: dict[str, Any] | None = None, key: str = "", path: str = LETTERS) -> TestResponse:
        body = changed(self.service.sample(), UNRESERVED if change is None else change)
        headers = {"Idempotency_Key": key} if key else {}
        return self.service.post(body, role="agency", path=path, **headers)

    def asked(self, key: str = "") -> dict[str, Any]:
        answer = self.ask(key=key)
        assert answer.status_code == 202, answer.text
        shown: dict[str, Any] = told(answer)
        return shown

    def decide(self, approval: str, said: Any = GRANT, role: str = "officer") -> TestResponse:
        return self.service.post(said, role=role, path=f"/v1/approvals/{approval}/decision")

    def row(self, document: str) -> DocumentRow:
        return self.house.documents.find(document, None)

    def alter(self, approval: str, **columns: Any) -> None:
        with self.house.database.write() as session:
            row = session.get_one(ApprovalRow, approval)
            for name, value in columns.items():
                setattr(row, name, value)

    def entries(self, document: str) -> list[dict[str, Any]]:
        """What the log says of a document, in order."""
        with self.house.database.read() as session:
            leaves = [row.leaf for row in log.read(session.connection(), 0, 100_000)]
        payloads = [entry.parse(leaf).payload for leaf in leaves if document.encode() in leaf]
        return [dict(payload) for payload in payloads]

    def actions(self, document: str) -> list[str]:
        return [said["action"] for said in self.entries(document)]

    def under(self, **sources: Any) -> "Desk":
        """The same house after a restart, with other types, packs or issuers in its catalogue."""
        house = replace(self.house, catalogue=replace(self.house.catalogue, **sources))
        return Desk(replace(self.service, house=house, http=create_app(house).test_client()), self.clock)


def templates(home: Path, *reviews: str) -> Path:
    """The product's templates under five old rules, some of which ask for a human instead of refusing."""
    made = shutil.copytree(ROOT / "templates", home)
    path = made / "jurisdictions" / "cn" / "pack.yaml"
    pack = yaml.safe_load(path.read_text("utf-8"))
    pack["rules"] = [rule for rule in pack["rules"] if rule["id"] in RULES]
    for rule in pack["rules"]:
        if rule["id"] in reviews:
            rule["severity"] = "review"
    path.write_text(yaml.safe_dump(pack, allow_unicode=True), "utf-8")
    return made


def desks(home: Path, *reviews: str, real: bool = False, settings: Mapping[str, str] = NONE) -> Iterator[Desk]:
    """An opened house; unless `real`, what LibreOffice would make is a few bytes."""
    home.mkdir(exist_ok=True)
    changes = {"templates": str(templates(home / "templates", *reviews)), "approval_days": "30", **settings}
    for service in opened(home / "home", **(changes if real else changes | {"soffice": "/bin/false"})):
        at, make = pipeline.utc_now(), service.house.keys.make
        service.keys["agency"] = make("示范催收服务公司", "agency", "upstream", ["demo_bank"], at)[1]
        service.keys["clerk"] = make("示范催收服务公司", "agency", "compliance", ["demo_bank"], at)[1]
        service.keys["officer"] = service.keys["compliance"]
        service.keys["elsewhere"] = make("他行合规部", "bank", "compliance", [], at)[1]
        clock = Clock()
        steps = replace(service.house.steps, now=clock.now)
        house = replace(service.house, steps=steps if real else without_office(steps))
        yield Desk(replace(service, house=house, http=create_app(house).test_client()), clock)


def without_office(steps: pipeline.Steps) -> pipeline.Steps:
    def convert(rendered: Rendered, folder: Path) -> Converted:
        path = folder / "letter.pdf"
        path.write_bytes(b"%PDF-1.7\n% " + rendered.approved.document_id.encode() + b"\n%%EOF\n")
        return Converted(rendered, (Part("letter", File.at(path)),), "LibreOffice")

    def render(approved: Approved, _: Path) -> Rendered:
        return Rendered(approved, ())

    def verify(assembled: Assembled) -> Verified:
        return Verified(assembled, (PROOF,), {"letter": 2})

    def sign(verified: Verified, _: Path, __: datetime) -> Signed:
        return Signed(verified, verified.assembled.parts, hashlib.sha256(b"certificate").hexdigest(), "B-B")

    return replace(steps, render=render, convert=convert, verify=verify, sign=sign)


def body_of(answer: TestResponse) -> str:
    return json.dumps(told(answer), ensure_ascii=False)
