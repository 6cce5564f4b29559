"""templates/ as the service reads it: the catalogue proven to fit together, its samples and its cases."""

import json
from datetime import date
from typing import Any

from marshmallow import Schema

from app import facts, gate, pipeline, wording
from app.catalogue import DocumentType
from app.catalogue.load import Catalogue, load, read_yaml
from app.config import Settings
from app.errors import ConfigurationError, InvalidRequest
from app.facts.issuer import read_issuer
from app.facts.sample import at_day
from app.gate.cases import Scenario, scenarios


def load_catalogue(settings: Settings) -> Catalogue:
    """templates/ as data, proven to fit together: rules to checks, blanks to facts."""
    try:
        return _fitting(load(settings.templates, settings.issuers, read_issuer))
    except ConfigurationError as error:
        name = "DULY_ISSUERS" if str(error).startswith(str(settings.issuers)) else "DULY_TEMPLATES"
        raise ConfigurationError(f"{name}: {error}") from error


def _fitting(catalogue: Catalogue) -> Catalogue:
    today = wording.beijing_day(pipeline.utc_now())
    samples = {kind.name: _asked(kind, today) for kind in catalogue.types.values()}
    for pack in catalogue.packs.values():
        gate.fits(pack.rules, samples)
    return catalogue


def _asked(kind: DocumentType, on: date) -> gate.Question:
    """The type's own sample as a question to the gate."""
    try:
        asked = facts.validate(request_schema(kind), read_sample(kind, on))
        return gate.Question(asked, on, pipeline.utc_now(), type=kind.name, template_sha256=kind.sha256)
    except (InvalidRequest, OSError, ValueError) as error:
        raise ConfigurationError(f"{kind.folder / 'sample.json'}: not a valid request") from error


def request_schema(kind: DocumentType) -> type[Schema]:
    return facts.request_schema(kind.name, kind.facts)


def read_sample(kind: DocumentType, today: date) -> Any:
    """The type's sample.json with its days, given as offsets, counted from `today`."""
    return at_day(json.loads((kind.folder / "sample.json").read_text("utf-8")), today)


def read_cases(settings: Settings, jurisdiction: str) -> list[Scenario]:
    """The scenarios beside the law."""
    path = settings.templates / "jurisdictions" / jurisdiction / "cases.yaml"
    return scenarios(read_yaml(path)["cases"])
