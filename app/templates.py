"""templates/ as the service reads it: the catalogue proven to fit together, its samples and its cases."""

import json
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from marshmallow import Schema

from app import asking, facts, gate, pipeline, wording
from app.catalogue import DocumentType
from app.catalogue.load import Catalogue, load
from app.catalogue.reading import read_yaml
from app.config import Settings
from app.errors import ConfigurationError, InvalidRequest
from app.facts.issuer import read_issuer
from app.facts.sample import at_day
from app.gate.cases import Scenario, scenarios
from app.registry.known import NOTHING, Known


def load_catalogue(settings: Settings) -> Catalogue:
    """templates/ as data, proven to fit together: rules to checks, blanks to facts."""
    try:
        return _fitting(load(settings.templates, settings.issuers, read_issuer))
    except ConfigurationError as error:
        name = "DULY_ISSUERS" if str(error).startswith(str(settings.issuers)) else "DULY_TEMPLATES"
        raise ConfigurationError(f"{name}: {error}") from error


def _fitting(catalogue: Catalogue) -> Catalogue:
    now = pipeline.utc_now()
    samples = {kind.name: _asked(kind, catalogue, now) for kind in catalogue.types.values()}
    for pack in catalogue.packs.values():
        gate.fits(pack.rules, samples)
    return catalogue


def _asked(kind: DocumentType, catalogue: Catalogue, now: datetime) -> gate.Question:
    """The type's own sample as a question to the gate."""
    on = wording.beijing_day(now)
    try:
        return question(kind, catalogue, read_sample(kind, on), on, now)
    except (InvalidRequest, OSError, ValueError) as error:
        raise ConfigurationError(f"{kind.folder / 'sample.json'}: not a valid request") from error


def question(
    kind: DocumentType, catalogue: Catalogue, request: Mapping[str, Any], on: date, at: datetime, known: Known = NOTHING
) -> gate.Question:
    """What the gate is asked about a request, which is validated first."""
    said = facts.validate(request_schema(kind), request)
    pack, issuer = catalogue.packs[kind.jurisdiction], catalogue.issuers[said["issuer"]]
    return asking.question(kind, pack, issuer, said, on, at, known)


def request_schema(kind: DocumentType) -> type[Schema]:
    return facts.request_schema(kind.name, kind.facts)


def read_sample(kind: DocumentType, today: date) -> Any:
    """The type's sample.json with its days, given as offsets, counted from `today`."""
    return at_day(json.loads((kind.folder / "sample.json").read_text("utf-8")), today)


def read_cases(settings: Settings, jurisdiction: str) -> list[Scenario]:
    """The scenarios beside the law."""
    path = settings.templates / "jurisdictions" / jurisdiction / "cases.yaml"
    return scenarios(read_yaml(path)["cases"])
