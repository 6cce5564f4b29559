"""A type's own sample as the procedure hands it to render, with the changes a test wants. Unnamed, a dunning letter."""

import dataclasses
import hashlib
import json
from collections.abc import Callable, Mapping
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

from app import facts
from app.artifacts import Approved
from app.asking import tier_of
from app.catalogue import DocumentType, Issuer
from app.catalogue.load import Catalogue, load
from app.render import check_code_picture
from app.render.word import pack, unpack
from app.wiring import filled_from

TEMPLATES = Path(__file__).parents[2] / "templates"
DAY = date(2026, 11, 23)
DUNNING = "dunning_letter"
Change = Callable[[dict[str, Any]], None]


@cache
def catalogue() -> Catalogue:
    return load(TEMPLATES, TEMPLATES / "issuers", facts.read_issuer)


def kind(name: str = DUNNING) -> DocumentType:
    return catalogue().types[name]


def issuer() -> Issuer:
    return catalogue().issuers["demo_bank"]


def sample(change: Change | None = None, name: str = DUNNING) -> dict[str, Any]:
    body: dict[str, Any] = facts.at_day(json.loads((kind(name).folder / "sample.json").read_text("utf-8")), DAY)
    if change:
        change(body)
    return body


def approved(change: Change | None = None, *, specimen: bool = True, name: str = DUNNING) -> Approved:
    """As the gate would approve the sample after `change`; the request is really validated."""
    own = kind(name)
    schema = facts.request_schema(name, own.facts)
    loaded = facts.validate(schema, sample(change, name))
    number = f"示范{own.number_word}〔2026〕1号"
    plain = facts.plain(schema, loaded)
    blanks = filled_from(
        own, tier_of(own, loaded, DAY), issuer(), plain, number, DAY, "7K3M-9QXD-2HTV-WB4E", specimen=specimen
    )
    return Approved(
        document_id="0", type=name, issuer="demo_bank", number=number, on=DAY,
        specimen=specimen, facts=loaded, blanks=blanks, rules=(),
    )  # fmt: skip


def pictures(letter: Approved) -> dict[str, bytes]:
    return {"stamp": issuer().stamp, "check_code": check_code_picture(letter.blanks["document"])}


def template(name: str = DUNNING) -> dict[str, bytes]:
    """The entries of the type's Word template."""
    return unpack(kind(name).parts[0].path.read_bytes())


def kind_from(entries: Mapping[str, bytes], folder: Path, name: str = DUNNING) -> DocumentType:
    """The type with another template, as the catalogue would have loaded it."""
    path = folder / "template.docx"
    pack(entries, path)
    first, *others = kind(name).parts
    part = dataclasses.replace(first, path=path, sha256=hashlib.sha256(path.read_bytes()).hexdigest())
    return dataclasses.replace(kind(name), parts=(part, *others))


def named(name: str) -> Change:
    """The same letter to somebody of that name."""

    def change(body: dict[str, Any]) -> None:
        body["parties"][0]["name"] = body["delivery"]["recipient"]["name"] = name

    return change


def to(role: str) -> Change:
    """The same letter to somebody who is not the cardholder."""

    def change(body: dict[str, Any]) -> None:
        body["parties"].append({"id": "p2", "kind": "natural_person", "name": "持卡示范人"})
        body["account"]["holder"] = "p2"
        liability = {"document": "样例文书", "signed_on": "2024-05-06"}
        body["account"]["obligors"] = [
            {"party": "p1", "role": role, "liability": liability},
            {"party": "p2", "role": "cardholder"},
        ]

    return change


def longest(body: dict[str, Any]) -> None:
    """A guarantor, long names and two currencies."""
    named("欧阳·买买提·" * 9 + "示范")(body)
    body["parties"].append({"id": "p2", "kind": "natural_person", "name": "持卡示范人" * 8, "sex": "female"})
    body["account"]["holder"] = "p2"
    body["account"]["product"] = "示范银行联名信用卡白金卡" * 5
    liability = {"document": "个人最高额连带责任保证合同", "signed_on": "2024-05-06"}
    body["account"]["obligors"] = [
        {"party": "p1", "role": "guarantor", "liability": liability},
        {"party": "p2", "role": "cardholder"},
    ]
    debt = body["account"]["debts"][0]
    body["account"]["debts"].append({**debt, "currency": "USD"})
    del debt["last_payment"]
