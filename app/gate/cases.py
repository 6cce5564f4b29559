"""cases.yaml: scenarios beside the law. Facts in, verdict out; each rule has at least one that passes and one refused.

- case: 收件人是持卡人的配偶
  rule: R01
  document: dunning_letter
  change: {addressee: p2, parties.1: {...}}    # applied to the type's sample.json
  verdict: refuses                             # or passes
  at: [addressee]                              # the facts that the refusal names
"""

import copy
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from app.errors import ConfigurationError

VERDICTS = {"passes": True, "refuses": False}
KEYS = {"case", "rule", "document", "change", "verdict"}


@dataclass(frozen=True)
class Scenario:
    case: str
    rule: str
    document: str
    change: Mapping[str, Any]
    passes: bool
    at: tuple[str, ...] = ()
    on: date | None = None  # the legal day; any day will do when it is left out


def scenarios(given: list[dict[str, Any]]) -> list[Scenario]:
    """From the file's list; `ConfigurationError` names what is missing, unknown or no verdict."""
    return [_scenario(line) for line in given]


def _scenario(line: dict[str, Any]) -> Scenario:
    if not KEYS <= line.keys() <= KEYS | {"at", "on"} or line["verdict"] not in VERDICTS:
        raise ConfigurationError(f"cases.yaml: {line.get('case')!r}: a key or the verdict is missing or unknown")
    return Scenario(
        case=line["case"],
        rule=line["rule"],
        document=line["document"],
        change=line["change"],
        passes=VERDICTS[line["verdict"]],
        at=tuple(line.get("at", ())),
        on=line.get("on"),
    )


def changed(request: Mapping[str, Any], change: Mapping[str, Any]) -> dict[str, Any]:
    """A copy of the request with each dotted path set; one index past a list's end adds to it, null removes a key."""
    made = copy.deepcopy(dict(request))
    for path, value in change.items():
        *parents, last = path.split(".")
        place: Any = made
        for step in parents:
            place = place[int(step)] if isinstance(place, list) else place[step]
        if isinstance(place, list):
            place[int(last) : int(last) + 1] = [value]
        elif value is None:
            place.pop(last, None)
        else:
            place[last] = value
    return made
