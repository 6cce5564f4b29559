"""Objections (异议): what is told of one, what an officer says when it moves on, and what a reply says of it.

Promises the form alone. Whether the account has the document that is disputed, whether the objection may move so, and
whether a reply answers one that is open, is for the registry and the gate.
"""

from typing import Any

from marshmallow import ValidationError

from app.facts.amounts import Money, places
from app.facts.fact import Fact, rule
from app.facts.fields import Choice, Choices, Day, Flag, Identifier, Instant, Many, One
from app.facts.moves import DocumentId
from app.facts.names import Paragraph
from app.facts.numbers import CardNumber
from app.facts.text import Text, Words
from app.objection import CHANNELS, DECIDED, GROUNDS, MOVES, REASONS, REJECTED, STATES
from app.wording import PLACES

_ID = "0197f1d8-2f00-7000-8000-000000000001"


def _listed(words: Any) -> str:
    return "，".join(f"{word} {meaning}" for word, meaning in words.items())


class DisputedAmount(Fact):
    """有争议的金额."""

    currency = Choice(PLACES, "币种（ISO 4217）", "CNY")
    amount = Money("金额", "1198.09")

    @rule("currency", "amount")
    def places_are_the_currency_s(self, data: dict[str, Any]) -> None:
        _require_places(data["currency"], {"amount": data["amount"]})


class ObjectionTold(Fact):
    """异议: what the cardholder said, as it reached the bank."""

    ref = Identifier("上报系统的异议编号，不得重复使用", "OB-2026-000001")
    issuer = Identifier("发卡银行在登记簿中的编号", "demo_bank")
    card_number = CardNumber("卡号", "9998000000000005")
    channel = Choice(CHANNELS, f"渠道：{_listed(CHANNELS)}", "phone")
    outside_ref = Text(80, "外部编号，例如金融监管部门的转办编号；加密保存", "转办〔2026〕0001", optional=True)
    grounds = Choices(GROUNDS, f"事由，一项或者多项：{_listed(GROUNDS)}", ["amount_wrong"])
    statement = Words(5000, "持卡人的陈述，可以分段；加密保存", "账单中的利息与我收到的还款短信不符。")
    disputed = One(DisputedAmount, "有争议的金额", optional=True)
    document = DocumentId("有争议的文书，须为该账户已出具的文书", _ID, optional=True)
    received_at = Instant("收到的时间，不晚于当前时间", "2026-11-23T10:00:00+08:00")
    new_facts = Flag("是否提出新的事实或者证据", example=False)
    due_on = Day("答复期限；不填的按本行政策计算，填写的不得更晚", "2026-12-08", optional=True)


class ObjectionMove(Fact):
    """异议处理: to which state, why, and in whose words."""

    to = Choice(
        [to for onward in MOVES.values() for to in onward],
        f"改为：{_listed({to: STATES[to] for onward in MOVES.values() for to in onward})}",
        "annotated",
    )
    reason = Choice(
        dict.fromkeys(code for codes in REASONS.values() for code in codes),
        "理由类别。" + "；".join(f"{STATES[to]}：{_listed(codes)}" for to, codes in REASONS.items()),
        "account_annotated",
    )
    text = Words(2000, "说明；加密保存", "已在账户作出备注，暂停发出催收函。")
    reply = DocumentId("答复函的文书 id；应当书面答复的须填写", _ID, optional=True)

    @rule("to", "reason")
    def the_reason_is_one_for_this_move(self, data: dict[str, Any]) -> None:
        if data["reason"] not in REASONS[data["to"]]:
            raise ValidationError({"reason": ["不是此步的理由"]})

    @rule("to", "reply")
    def only_a_decision_has_a_reply(self, data: dict[str, Any]) -> None:
        if data["to"] not in DECIDED:
            raise ValidationError({"reply": ["此步不填此项"]})


class Corrected(Fact):
    """更正后的欠款余额."""

    currency = Choice(PLACES, "币种（ISO 4217）", "CNY")
    total = Money("更正后的欠款余额", "37058.38")
    as_of = Day("余额的截止日", "2026-11-22")

    @rule("currency", "total")
    def places_are_the_currency_s(self, data: dict[str, Any]) -> None:
        _require_places(data["currency"], {"total": data["total"]})


class AnsweredFinding(Fact):
    """核实情况的一段."""

    text = Paragraph(400, "核实情况，一段一项，印在函上", "我行调取了该账户的交易明细和还款记录。")


class Answer(Fact):
    """对异议的答复: which one, what was verified, what was decided."""

    class Meta:
        description = "异议不成立的，不填更正后的欠款余额。"

    id = DocumentId("异议的登记 id，须为该账户核实中的异议", _ID)
    received_on = Day("收到异议之日（北京时间），须与登记一致", "2026-11-11")
    decision = Choice(DECIDED, f"处理结果：{_listed({to: STATES[to] for to in DECIDED})}", "partly_upheld")
    findings = Many(AnsweredFinding, 10, "核实情况", unique="text")
    corrected = One(Corrected, "更正后的欠款余额", optional=True)

    @rule("decision", "corrected")
    def nothing_is_corrected_without_cause(self, data: dict[str, Any]) -> None:
        if data["decision"] == REJECTED:
            raise ValidationError({"corrected": ["异议不成立的不填此项"]})


def _require_places(currency: str, amounts: dict[str, Any]) -> None:
    needed = PLACES[currency]
    message = f"该币种的金额须有 {needed} 位小数" if needed else "该币种的金额没有小数"
    if wrong := {name: [message] for name, value in amounts.items() if places(value) != needed}:
        raise ValidationError(wrong)


SAMPLE_MOVE = {"to": "annotated", "reason": "account_annotated", "text": "已在账户作出备注，暂停发出催收函。"}
