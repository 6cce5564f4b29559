"""Read the YAML of templates/ strictly (读取): a key missing, unknown or twice said stops the start, by file, line."""

from collections.abc import Hashable, Mapping
from datetime import date
from pathlib import Path
from typing import Any

import yaml

from app.errors import ConfigurationError
from app.law import Source

CONFIDENCES = {"high", "medium", "low", "policy"}


class Located(dict[Hashable, Any]):
    """A mapping that knows on which line of its file it begins."""

    line = 0


class _StrictLoader(yaml.SafeLoader):
    """YAML in which a key may stand only once (the second of two would silently win), and `on` is a word, not true."""


_StrictLoader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in found if tag != "tag:yaml.org,2002:bool" or first in "tfTF"]
    for first, found in yaml.SafeLoader.yaml_implicit_resolvers.items()
}


def _mapping(loader: _StrictLoader, node: yaml.MappingNode) -> Located:
    made = Located()
    made.line = node.start_mark.line + 1
    for key_node, value_node in node.value:
        key = loader.construct_object(key_node, deep=True)
        if key in made:
            raise yaml.constructor.ConstructorError(None, None, f"key {key!r} stands twice", key_node.start_mark)
        made[key] = loader.construct_object(value_node, deep=True)
    return made


_StrictLoader.add_constructor(yaml.resolver.BaseResolver.DEFAULT_MAPPING_TAG, _mapping)


def read_yaml(path: Path) -> dict[str, Any]:
    """A mapping from a YAML file, or `ConfigurationError` naming the file and line."""
    try:
        found = yaml.load(path.read_text("utf-8"), Loader=_StrictLoader)  # noqa: S506 -- a SafeLoader, made stricter
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise ConfigurationError(f"{path}: {error}") from error
    if not isinstance(found, dict):
        raise ConfigurationError(f"{path}: a mapping was expected")
    return found


def mistaken(path: Path, at: str, given: Any, what: str) -> ConfigurationError:
    """What is wrong, with the file and, where it is known, the line on which `given` begins."""
    place = f"{path}:{given.line}" if isinstance(given, Located) else str(path)
    return ConfigurationError(f"{place}: {at}: {what}")


def take(path: Path, at: str, given: Any, required: str, optional: str = "") -> dict[str, Any]:
    """The mapping `given` with just these keys; what is missing or unknown is named."""
    if not isinstance(given, dict):
        raise mistaken(path, at, given, "a mapping was expected")
    needed, allowed = set(required.split()), set(required.split()) | set(optional.split())
    if missing := needed - given.keys():
        raise mistaken(path, at, given, f"missing {', '.join(sorted(missing))}")
    if unknown := given.keys() - allowed:
        raise mistaken(path, at, given, f"unknown {', '.join(sorted(map(str, unknown)))}")
    return given


def source(path: Path, at: str, given: Any) -> Source:
    """Where a line of law comes from: never without an instrument, and how sure we are of it."""
    said = take(path, f"{at}: source", given, "instrument article confidence", "number")
    if not said["instrument"] or said["confidence"] not in CONFIDENCES:
        raise mistaken(path, at, given, f"a source needs an instrument and a confidence of {sorted(CONFIDENCES)}")
    return Source(said["instrument"], said["article"] or "", said["confidence"], said.get("number") or "")


def days(path: Path, at: str, given: Mapping[Any, Any]) -> tuple[date, date | None]:
    """The first day and the last, or None while it is in force."""
    since, until = given["since"], given["until"]
    if not isinstance(since, date) or not (until is None or isinstance(until, date)):
        raise mistaken(path, at, given, "since and until are days, until may be null")
    return since, until
