"""Hardship and negotiation (特殊情况、协商经过): why an instalment agreement may be made at all.

《商业银行信用卡业务监督管理办法》第七十条 asks for special circumstances, a balance beyond what the cardholder can
repay, a cardholder who is still willing, and equal negotiation. Whether that is enough is for the gate.
"""

from typing import Any

from marshmallow import ValidationError

from app.clauses import ASKED_BY, CAUSES, MEANS, SPOKEN, listed
from app.facts.amounts import Money
from app.facts.fact import Fact, rule
from app.facts.fields import Choice, Day, Digest, Flag, Identifier, Many, One
from app.facts.names import Paragraph, Title


class HardshipEvidence(Fact):
    """证明材料: by its name and digest; the file itself stays where it is."""

    name = Title(60, "材料名称，不带书名号", "解除劳动合同证明")
    sha256 = Digest("材料文件的 SHA-256", "0" * 64)


class Hardship(Fact):
    """特殊情况."""

    cause = Choice(CAUSES, f"原因：{listed(CAUSES)}", "unemployment")
    description = Paragraph(400, "特殊情况的说明，印在协议上", "持卡人所在企业停产，自九月起没有工资收入。")
    affordable = Money("每月可用于还款的金额，币种与还款计划相同", "3500.00")
    evidence = Many(HardshipEvidence, 10, "证明材料", unique="sha256")


class Recording(Fact):
    """录音录像."""

    sha256 = Digest("录音录像文件的 SHA-256", "0" * 64)
    kept_until_paid_off = Flag("至少保存至欠款结清之日", example=True)


class Negotiation(Fact):
    """协商经过: by telephone or video there is a recording of it."""

    asked_by = Choice(ASKED_BY, f"由谁提出：{listed(ASKED_BY)}", "cardholder")
    held_on = Day("协商之日", "2026-11-20")
    means = Choice(MEANS, f"方式：{listed(MEANS)}", "counter")
    officer = Identifier("经办人员工号", "E10010")
    willing = Flag("持卡人是否明确表示仍有还款意愿", example=True)
    record_sha256 = Digest("协商记录的 SHA-256", "0" * 64)
    recording = One(Recording, "录音录像，以电话或者视频协商的须填写", optional=True)

    @rule("means")
    def an_oral_one_was_recorded(self, data: dict[str, Any]) -> None:
        if data["means"] in SPOKEN and data.get("recording", "") is None:
            raise ValidationError("以电话或者视频协商的须填写录音录像", "recording")
