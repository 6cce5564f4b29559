"""cases.yaml: scenarios beside the law. Facts in, verdict out; each rule has at least one that passes and one that not.

- case: 收件人是持卡人的配偶
  rule: R01
  document: dunning_letter
  change: {addressee: p2, parties.1: {...}}    # applied to the type's sample.json
  verdict: refuses                             # or passes, reviews, warns
  at: [addressee]                              # the facts that the finding names
  on: 2026-03-05                               # the legal day; any day will do when it is left out
  hour: 12                                     # of that day, in Beijing, when it is asked
  known:                                       # what the service knows; an account with a fresh baseline otherwise
    letters: [{on: today-3}]                   # to the addressee at that address, unless `to` or `at` say `other`
    events: [{kind: collection, channel: call, on: today, hour: 9, outcome: reached}]
    objections: [{state: received, received_on: today-2, due_on: today+13, grounds: [amount_wrong]}]
    agreements: [{state: performing, next_on: today+3}]  # executed 30 days ago, the last instalment in 300, if not said
    baseline: null                             # nobody told us anything; or `fed: today-9`
    blocked: [contact]                         # the address is blocked; or `number`, the telephone
    authorisations: [{left: 0}]                # of the stamp; good for the document but for what is said; [] is none
  issuer: {suit_policy: {...}}                 # what the issuer's record says beside
  asker: agency                                # the kind of organisation that asks; a bank otherwise
  paper: {drop: 尊敬的}                         # for what the finished paper proves: how it was tampered with
"""

import copy
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta, timezone
from typing import Any

from app.agreement import INSTALMENT
from app.catalogue import BLOCK, REVIEW, WARN
from app.errors import ConfigurationError
from app.registry.known import Agreement, Authorisation, Event, Known, Letter, Objection

VERDICTS = {"passes": "", "refuses": BLOCK, "reviews": REVIEW, "warns": WARN}
KEYS = {"case", "rule", "document", "change", "verdict"}
MORE = {"at", "on", "hour", "known", "issuer", "asker", "paper"}
BEIJING = timezone(timedelta(hours=8))


@dataclass(frozen=True)
class Scenario:
    case: str
    rule: str
    document: str
    change: Mapping[str, Any]
    severity: str  # of the finding, "" when there is none
    at: tuple[str, ...] = ()
    on: date | None = None
    hour: int = 12
    known: Mapping[str, Any] = field(default_factory=dict)
    issuer: Mapping[str, Any] = field(default_factory=dict)
    asker: str = "bank"
    paper: Mapping[str, Any] | None = None  # the case is about the finished paper, which was tampered with like this

    @property
    def passes(self) -> bool:
        return not self.severity


def scenarios(given: list[dict[str, Any]]) -> list[Scenario]:
    """From the file's list; `ConfigurationError` names what is missing, unknown or no verdict."""
    return [_scenario(line) for line in given]


def _scenario(line: dict[str, Any]) -> Scenario:
    if not KEYS <= line.keys() <= KEYS | MORE or line["verdict"] not in VERDICTS:
        raise ConfigurationError(f"cases.yaml: {line.get('case')!r}: a key or the verdict is missing or unknown")
    return Scenario(
        case=line["case"],
        rule=line["rule"],
        document=line["document"],
        change=_together(line["change"]),
        severity=VERDICTS[line["verdict"]],
        at=tuple(line.get("at", ())),
        on=line.get("on"),
        hour=line.get("hour", 12),
        known=line.get("known") or {},
        issuer=line.get("issuer") or {},
        asker=line.get("asker", "bank"),
        paper=line.get("paper"),
    )


def _together(change: Mapping[str, Any] | list[Mapping[str, Any]]) -> dict[str, Any]:
    """Several changes, one after the other: [*to_a_guarantor, {...}]."""
    parts = change if isinstance(change, list) else [change]
    return {path: value for part in parts for path, value in part.items()}


def moment(on: date, hour: int) -> datetime:
    """That hour of that day in Beijing."""
    return datetime.combine(on, time(hour), BEIJING)


def known(said: Mapping[str, Any], on: date, document: str = "dunning_letter", stamp: str = "") -> Known:
    """What the service knows in a scenario; days are given as days, `at_day` has been over them.

    An authorisation is for the scenario's own `document` and the issuer's own `stamp` unless it names others.
    """
    baseline = on - timedelta(days=365) if "baseline" not in said else said["baseline"] and _day(said["baseline"])
    fed = _day(said.get("fed", on))
    authorised = {
        "stamp": stamp,
        "types": [document],
        "since": on - timedelta(days=30),
        "until": on + timedelta(days=30),
    }
    return Known(
        baseline_on=baseline,
        fed_at=moment(fed, 0) if baseline else None,
        addressee="addressee",
        contact="contact",
        number="number",
        letters=tuple(_letter(one, index) for index, one in enumerate(said.get("letters", ()))),
        events=tuple(_event(one, index) for index, one in enumerate(said.get("events", ()))),
        objections=tuple(_objection(one, index) for index, one in enumerate(said.get("objections", ()))),
        agreements=tuple(_agreement(one, on, index) for index, one in enumerate(said.get("agreements", ()))),
        blocked=frozenset(said.get("blocked", ())),
        authorisations=tuple(_authorisation(authorised | one) for one in said.get("authorisations", [{}])),
    )


def _letter(said: Mapping[str, Any], index: int) -> Letter:
    return Letter(
        document=str(index),
        type=said.get("type", "dunning_letter"),
        tier=said.get("tier", ""),
        on=_day(said["on"]),
        addressee=said.get("to", "addressee"),
        contact=said.get("at", "contact"),
        issued=said.get("issued", True),
        delivery=said.get("delivery", ""),
    )


def _event(said: Mapping[str, Any], index: int) -> Event:
    on = _day(said["on"])
    return Event(
        id=str(index),
        kind=said["kind"],
        at=moment(on, said.get("hour", 12)),
        on=on,
        channel=said.get("channel", ""),
        role=said.get("role", "cardholder"),
        party=said.get("to", "addressee"),
        contact=said.get("at", "contact"),
        reserved=said.get("reserved", True),
        outcome=said.get("outcome", ""),
        next_on=_day(said["next_on"]) if "next_on" in said else None,
    )


def _objection(said: Mapping[str, Any], index: int) -> Objection:
    return Objection(
        id=said.get("id", str(index)),
        state=said["state"],
        received_on=_day(said["received_on"]),
        due_on=_day(said["due_on"]),
        grounds=tuple(said.get("grounds", ("amount_wrong",))),
        repeats=said.get("repeats", False),
        reply=said.get("reply", ""),
        lost=said.get("lost", False),
    )


def _agreement(said: Mapping[str, Any], on: date, index: int) -> Agreement:
    def day(name: str, otherwise: date | None = None) -> date | None:
        return _day(said[name]) if said.get(name) else None if name in said else otherwise

    return Agreement(
        id=str(index),
        type=said.get("type", INSTALMENT),
        state=said["state"],
        executed_on=day("executed_on", on - timedelta(days=30)),
        next_on=day("next_on"),
        last_due_on=_day(said.get("last_due_on", on + timedelta(days=300))),
        defaulted_on=day("defaulted_on"),
        terminated_on=day("terminated_on"),
        paid=tuple(_day(one) for one in said.get("paid", ())),
        cardholder_signs=said.get("cardholder_signs", True),
    )


def _authorisation(said: Mapping[str, Any]) -> Authorisation:
    return Authorisation(
        id="1",
        stamp_sha256=said["stamp"],
        types=tuple(said["types"]),
        template_sha256=said.get("template_sha256", ""),
        since=_day(said["since"]),
        until=_day(said["until"]),
        left=said.get("left", 100),
    )


def _day(said: date | str) -> date:
    return said if isinstance(said, date) else date.fromisoformat(said)


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
