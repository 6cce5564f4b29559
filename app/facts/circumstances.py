"""Circumstances (情况说明): what else bears on whether a letter may go out, as far as the caller knows it.

The service keeps a registry of its own; where the two differ, the gate takes what speaks against the letter.
"""

from typing import Any

from marshmallow import ValidationError

from app.facts.events import CHANNELS, INTERRUPTIONS, OUTCOMES
from app.facts.fact import Fact, rule
from app.facts.fields import Choice, Day, Digest, Flag, Identifier, Instant, Many

FILING_PLANNED = "filing_planned"
REVIEW_DECISIONS = ("may_litigate", FILING_PLANNED)


class LitigationReview(Fact):
    """诉讼复核记录: who reviewed, when, and what was decided. A planned filing has a window of days."""

    reviewed_by = Identifier("复核人工号", "E20001")
    reviewed_on = Day("复核日期", "2026-11-20")
    decision = Choice(
        REVIEW_DECISIONS, "结论：may_litigate 可以通过诉讼等方式主张权利，filing_planned 已批准起诉", "may_litigate"
    )
    window_from = Day("计划起诉期间的首日", "2026-12-15", optional=True)
    window_until = Day("计划起诉期间的末日", "2027-01-15", optional=True)

    @rule("decision")
    def a_planned_filing_has_its_window(self, data: dict[str, Any]) -> None:
        names = ("window_from", "window_until")
        if data["decision"] == FILING_PLANNED:
            wrong = {name: ["已批准起诉的须填写此项"] for name in names if data.get(name, "") is None}
        else:
            wrong = {name: ["未批准起诉的没有此项"] for name in names if data.get(name) is not None}
        if wrong:
            raise ValidationError(wrong)

    @rule("window_from", "window_until")
    def the_window_has_a_beginning_and_an_end(self, data: dict[str, Any]) -> None:
        if data["window_until"] < data["window_from"]:
            raise ValidationError("末日早于首日", "window_until")


class CreditReporting(Fact):
    """不良信息报送: the day of the prior notice, and the day of the report if it was made."""

    notice_on = Day("事先告知日", "2026-10-20", optional=True)
    reported_on = Day("报送日", "2026-11-05", optional=True)


class Interruption(Fact):
    """时效中断事由, with its proof by digest."""

    means = Choice(INTERRUPTIONS, "事由", "part_payment")
    on = Day("发生日", "2026-09-12")
    proof_sha256 = Digest("证明文件的 SHA-256", "0" * 64)


class Limitation(Fact):
    """诉讼时效."""

    starts_on = Day("起算日，默认为最早未足额还款的到期还款日的次日", "2026-10-10", optional=True)
    interruptions = Many(Interruption, 100, "中断事由", unique="proof_sha256", optional=True)


class Contact(Fact):
    """近期的一次联系."""

    ref = Identifier("编号", "C-000001")
    at = Instant("时间", "2026-11-23T10:00:00+08:00")
    channel = Choice(CHANNELS, "方式", "call")
    outcome = Choice(OUTCOMES, "结果", "unreached")


class SentLetter(Fact):
    """近期的一封催收函."""

    ref = Identifier("编号", "L-000001")
    on = Day("出具日", "2026-10-23")


class History(Fact):
    """近期催收情况, as the caller's own system has it."""

    open_objection = Flag("是否有未答复的异议", example=False)
    performing_agreement = Flag("是否有正在履行的分期还款协议", example=False)
    letters = Many(SentLetter, 50, "本期账单内已寄出的催收函", unique="ref", optional=True)
    contacts = Many(Contact, 100, "当日对收件人的联系", unique="ref", optional=True)
