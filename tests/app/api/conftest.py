"""The web application on a house of its own. `deaf` needs no LibreOffice; `service` issues for real.

Every answer that a test gets through `Service.get` and `Service.post` is held to the OpenAPI document.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from app import pipeline, wording
from app.application import create_app
from app.first_start import desk, initialise
from app.house import House, open_house
from app.serve import first_keys
from app.templates import read_sample
from tests import accounts
from tests.app.api.description import Description
from tests.cluster import SERVICE, Cluster
from tests.wiring import settings_here

LETTERS = "/v1/documents/dunning_letter"


@dataclass(frozen=True)
class Service:
    """A running house with a caller for each role, and a stranger from another bank."""

    house: House
    http: FlaskClient
    keys: dict[str, str]
    description: Description

    def get(self, path: str, role: str = "upstream") -> TestResponse:
        return self._as_described(self.http.get(path, headers={"Authorization": f"Bearer {self.keys[role]}"}))

    def post(self, body: Any, role: str = "upstream", path: str = LETTERS, **headers: str) -> TestResponse:
        """Post JSON, or bytes as they are."""
        content = body if isinstance(body, bytes) else json.dumps(body, ensure_ascii=False).encode()
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        answer = self.http.post(
            path,
            data=content,
            headers={"Authorization": f"Bearer {self.keys[role]}", "Content-Type": "application/json"} | named,
        )
        return self._as_described(answer)

    def _as_described(self, answer: TestResponse) -> TestResponse:
        assert self.description.faults(answer) == [], answer.status
        return answer

    def sample(self) -> Any:
        """The letter's sample: always the same account, on which one letter may go out."""
        return read_sample(self.house.catalogue.types["dunning_letter"], self.today())

    def fresh(self) -> Any:
        """The same on an account that no letter went out on yet."""
        body = self.sample()
        [body["account"]["card_number"]] = accounts.known(self.house)
        return body

    def today(self) -> date:
        return wording.beijing_day(pipeline.utc_now())


def opened(home: Path, **changes: str) -> Iterator[Service]:
    settings = settings_here(home, **({"rate_failures": "100000"} | changes))  # wrong keys are tried often here
    initialise(settings)
    keys = dict(first_keys(settings))
    with desk(settings) as office:
        at = pipeline.utc_now()
        keys["stranger"] = office.keys.make("他行", "bank", "upstream", ["demo_bank"], at)[1]
        keys["unbound"] = office.keys.make("示范律所", "law_firm", "upstream", [], at)[1]
    house = open_house(settings)
    try:
        http = create_app(house).test_client()
        yield Service(house, http, keys, Description(http.get("/openapi.json").get_json()))
    finally:
        house.close()


def on_postgres(cluster: Cluster) -> dict[str, str]:
    """Settings for two new databases: documents and log, and the keys of the cases apart."""
    name, keys = cluster.database(), cluster.database()
    return {
        "database_url": cluster.url(name, SERVICE),
        "database_owner_url": cluster.url(name),
        "case_keys": cluster.url(keys),
    }


@pytest.fixture(scope="session", params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def service(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """With LibreOffice, on both databases."""
    databases = on_postgres(request.getfixturevalue("cluster")) if request.param == "postgres" else {}
    yield from opened(tmp_path_factory.mktemp("service"), **databases)


@pytest.fixture(scope="session")
def deaf(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """Without LibreOffice: whatever needs it fails, everything else answers."""
    home = tmp_path_factory.mktemp("deaf")
    yield from opened(home, soffice="/bin/false", deadline="2")


def told(response: TestResponse) -> Any:
    """The JSON of an answer."""
    return response.get_json()


def problem(response: TestResponse, status: int, code: str) -> dict[str, Any]:
    """The problem document, after its outside was looked at."""
    assert response.status_code == status, response.text
    assert response.content_type == "application/problem+json"
    body: dict[str, Any] = told(response)
    assert body["status"] == status
    assert body["code"] == code
    assert body["title"]
    return body
