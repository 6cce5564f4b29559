"""Baseline (基线): what was known of the accounts before this service, one JSON object a line.

The first line has the control totals, so that a file that was cut off or doubled is found before anything is taken:

    {"format": "baseline/v1", "issuer": "demo_bank", "as_of": "2026-11-23T00:00:00+08:00", "accounts": 2, "events": 1}
    {"card_number": "9998000000000005", "known_since": "2019-03-18", "events": [{"ref": ..., "kind": ..., ...}]}
"""

from typing import Any

from marshmallow import ValidationError

from app.facts.events import AccountEvent
from app.facts.fact import Fact, rule
from app.facts.fields import Choice, Day, Identifier, Instant, Many, Whole
from app.facts.numbers import CardNumber

MOST = 200_000  # of a file: it is taken in one transaction; larger books come in several files


class Totals(Fact):
    """控制总数."""

    format = Choice(["baseline/v1"], "格式", "baseline/v1")
    issuer = Identifier("发卡银行在登记簿中的编号", "demo_bank")
    as_of = Instant("截至时间", "2026-11-23T00:00:00+08:00")
    accounts = Whole(1, MOST, "账户数", 2)
    events = Whole(0, MOST, "事件数", 1)


class AccountBaseline(Fact):
    """一个账户的基线: `events` are those since `known_since`, without exception."""

    card_number = CardNumber("卡号", "9998000000000005")
    known_since = Day("自此日起的情况全部在内", "2019-03-18")
    events = Many(AccountEvent, 5000, "事件", unique="ref", optional=True)

    @rule("card_number", "events")
    def events_are_of_this_account(self, data: dict[str, Any]) -> None:
        others = {
            index: {"card_number": ["不是本账户的卡号"]}
            for index, event in enumerate(data["events"])
            if isinstance(event, dict) and event.get("card_number", data["card_number"]) != data["card_number"]
        }
        if others:
            raise ValidationError({"events": others})
