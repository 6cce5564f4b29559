"""Every route says who may call it, and every error code that can leave is explained."""

from pathlib import Path

import pytest
from flask import Flask

from app.api import problems
from app.api.guard import PUBLIC
from app.application import create_app
from app.config import ROOT
from app.first_start import initialise
from app.house import open_house
from app.store.api_keys import ROLES
from tests.wiring import settings_here

OPEN = {"livez", "readyz", "openapi"}
PAGES = "/docs"  # static files of the installed package


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Flask:
    home: Path = tmp_path_factory.mktemp("routes")
    settings = settings_here(home, soffice="/bin/false")
    initialise(settings)
    house = open_house(settings)
    house.close()
    return create_app(house)


def test_every_route_says_which_roles_may_call_it(app: Flask) -> None:
    for rule in app.url_map.iter_rules():
        if rule.rule.startswith(PAGES):
            continue
        allowed = getattr(app.view_functions[rule.endpoint], "allowed_roles", None)
        assert allowed, rule.rule
        assert set(allowed) <= {*ROLES, PUBLIC}, rule.rule
        assert (allowed == (PUBLIC,)) == (rule.endpoint in OPEN), rule.rule


@pytest.mark.parametrize("document", ["README.md", "docs/README.zh-CN.md"])
def test_every_error_code_is_explained(document: str) -> None:
    text = (ROOT / document).read_text("utf-8")

    assert [code for code in problems.CODES if f"`{code}`" not in text] == []


def test_every_code_of_the_error_family_is_known_to_the_problem_documents() -> None:
    source = (ROOT / "app" / "errors.py").read_text("utf-8")
    codes = {line.split('"')[1] for line in source.splitlines() if line.strip().startswith('code = "')}

    assert codes - {"document.error"} <= problems.CODES.keys()
