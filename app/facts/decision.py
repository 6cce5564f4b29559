"""A decision on an approval (审批决定): yes or no, with a reason from a closed list and in words.

The words are the officer's own and are kept encrypted; the log has the code and a keyed digest of all that was said.
"""

from typing import Any

from marshmallow import ValidationError

from app.facts.fact import Fact, rule
from app.facts.fields import Choice, One
from app.facts.text import Text

CODES = {
    "grant": ("facts_verified", "legal_basis_confirmed", "exception_agreed", "other"),
    "decline": ("facts_doubtful", "against_the_rule", "not_needed", "other"),
}


class Reason(Fact):
    """理由."""

    code = Choice(
        tuple(dict.fromkeys(code for codes in CODES.values() for code in codes)),
        "理由类别。准予：facts_verified 事实已核实、legal_basis_confirmed 依据已确认、"
        "exception_agreed 已按内部程序同意例外；"
        "不准予：facts_doubtful 事实存疑、against_the_rule 不符合规则、not_needed 无出具必要；other 其他，见说明",
        "facts_verified",
    )
    text = Text(500, "理由说明；加密保存", "已向营业网点核实，收件人确认该地址为其现住址")


class Decision(Fact):
    """审批决定."""

    decision = Choice(tuple(CODES), "grant 准予 | decline 不准予", "grant")
    reason = One(Reason, "理由")

    @rule("decision", "reason")
    def the_reason_is_one_for_this_decision(self, data: dict[str, Any]) -> None:
        code = data["reason"].get("code")  # absent when it is none of the list
        if code is not None and code not in CODES[data["decision"]]:
            raise ValidationError({"reason": {"code": ["此理由类别不适用于该决定"]}})


SAMPLE_DECISION = {
    "decision": "grant",
    "reason": {"code": "facts_verified", "text": "已向营业网点核实，收件人确认该地址为其现住址"},
}
