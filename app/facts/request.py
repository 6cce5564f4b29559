"""A request: the envelope that every document type has, and the facts that this type asks for by name.

Promises that every party spoken of is one of the parties of the request, and that all faults are named at once.
"""

from collections.abc import Callable, Iterator, Mapping
from types import MappingProxyType
from typing import Any, cast

from marshmallow import Schema, ValidationError, fields, validates_schema

from app.errors import ConfigurationError, InvalidRequest
from app.facts.account import Account
from app.facts.amounts import places
from app.facts.card import Card
from app.facts.circumstances import CreditReporting, History, Limitation, LitigationReview
from app.facts.delivery import Delivery, Mailing
from app.facts.fact import NOWHERE, Fact
from app.facts.fields import Choice, Day, Identifier, Many, One, Reference
from app.facts.hardship import Hardship, Negotiation
from app.facts.names import Note, Title
from app.facts.objection import Answer
from app.facts.parties import Party
from app.facts.plan import RepaymentPlan
from app.facts.promise import Promise
from app.facts.sms import Sms
from app.facts.statement import Statement
from app.facts.terms import AgreedAddress, Explanation, Signer, Terms
from app.wording import PLACES

Path = tuple[str | int, ...]
TIERS = ("L1", "L2", "L3", "L4", "L5")

FACTS: Mapping[str, Callable[[], fields.Field[Any]]] = MappingProxyType(
    {
        "parties": lambda: Many(Party, 20, "当事人", unique="id"),
        "addressee": lambda: Reference("收件人的当事人编号", "p1"),
        "account": lambda: One(Account, "账户"),
        "card": lambda: One(Card, "信用卡"),
        "statements": lambda: Many(Statement, 5, "本期账单，每个币种一项", unique="currency"),
        "delivery": lambda: One(Delivery, "送达"),
        "objection": lambda: One(Answer, "对异议的答复"),
        "tier": lambda: Choice(TIERS, "调用方所认为的阶段，须与逾期天数相符", "L2", optional=True),
        "agency": lambda: Reference("代为寄发的受托机构的当事人编号", "p9", optional=True),
        "respond_by": lambda: Day("请收件人答复或者还款的期限", "2026-12-07", optional=True),
        "litigation_review": lambda: One(LitigationReview, "诉讼复核记录", optional=True),
        "credit_reporting": lambda: One(CreditReporting, "不良信息报送情况", optional=True),
        "limitation": lambda: One(Limitation, "诉讼时效情况", optional=True),
        "history": lambda: One(History, "近期催收情况", optional=True),
        "note": lambda: Note(200, "附言，印在函末其他告知事项之后", "您在十一月提交的还款证明已经收到，正在核对。"),
        "mailing": lambda: One(Mailing, "寄送"),
        "sms": lambda: One(Sms, "短信发送"),
        "promisor": lambda: Reference("承诺人的当事人编号", "p1"),
        "promise": lambda: One(Promise, "还款承诺"),
        "signers": lambda: Many(Signer, 4, "除发卡银行以外的签字人", unique="party"),
        "hardship": lambda: One(Hardship, "特殊情况"),
        "negotiation": lambda: One(Negotiation, "协商经过"),
        "plan": lambda: One(RepaymentPlan, "还款计划"),
        "terms": lambda: One(Terms, "协议条款"),
        "explanation": lambda: One(Explanation, "重要条款的说明", optional=True),
        "service_address": lambda: One(AgreedAddress, "约定的送达地址"),
    }
)


class RequestedBy(Fact):
    """经办人: the person who asked, kept in the log as a keyed token only."""

    shown = NOWHERE
    employee_no = Identifier("工号", "E10086")
    unit = Title(60, "部门", "信用卡中心资产保全部")


class Request(Fact):
    """信封: who asks, under which number, for which issuer, and on which legal day."""

    class Meta:
        description = (
            "提到的当事人编号均须为本请求中某位当事人的编号；当事人的编号不得重复。发卡银行须在登记簿中，"
            "且能够收取所填币种。文书日期仅在使用样本密钥时可以为当日以外的日期。"
        )

    client_ref = Identifier("调用方的业务编号", "CASE-2026-000123")
    run_id = Identifier("批次编号", "RUN-2026-11-23", optional=True)
    requested_by = One(RequestedBy, "经办人")
    issuer = Identifier("发卡银行在登记簿中的编号", "demo_bank")
    on = Day("文书日期，默认为北京时间当日", "2026-11-23", optional=True)

    @validates_schema(pass_original=True, skip_on_field_errors=False)
    def references_resolve(self, _: dict[str, Any], original: Any, **__: Any) -> None:
        """Looks at what was sent: a party with a faulty field, or without an id, makes nobody else's faulty."""
        parties = original.get("parties") if isinstance(original, Mapping) else None
        if "parties" not in self.fields or not isinstance(parties, list):
            return
        ids = [party.get("id") for party in parties if isinstance(party, Mapping)]
        if None in ids:
            return
        if unknown := [path for path, said in _references(self, original, ()) if said not in ids]:
            raise ValidationError(_nested(unknown, "当事人中没有此编号"))

    @validates_schema(skip_on_field_errors=False)
    def amounts_beside_a_plan_have_its_places(self, data: dict[str, Any], **_: Any) -> None:
        currency = str((data.get("plan") or {}).get("currency")) if "plan" in self.fields else ""
        if currency in PLACES and (wrong := _of_other_places(data, PLACES[currency])):
            raise ValidationError(wrong)


def _of_other_places(data: Mapping[str, Any], needed: int) -> dict[str, Any]:
    """Amounts of terms and hardship that are not in the plan's currency, for they have no other."""
    message = [f"币种与还款计划相同，金额须有 {needed} 位小数" if needed else "币种与还款计划相同，金额没有小数"]
    terms, hardship = data.get("terms") or {}, data.get("hardship") or {}
    wrong: dict[str, Any] = {}
    if (waived := terms.get("waived")) is not None and places(waived) != needed:
        wrong.setdefault("terms", {})["waived"] = message
    for name in ("annual_fee", "other_fees"):
        amount = (terms.get(name) or {}).get("amount")
        if amount is not None and places(amount) != needed:
            wrong.setdefault("terms", {})[name] = {"amount": message}
    if (affordable := hardship.get("affordable")) is not None and places(affordable) != needed:
        wrong["hardship"] = {"affordable": message}
    return wrong


def request_schema(name: str, facts: Mapping[str, str]) -> type[Schema]:
    """The schema of a document type's request: the envelope, and each field with the fact it is."""
    if unknown := sorted(set(facts.values()) - FACTS.keys()):
        raise ConfigurationError(f"{name}: no such facts: {', '.join(unknown)}")
    if twice := sorted(facts.keys() & Request._declared_fields.keys()):
        raise ConfigurationError(f"{name}: the envelope has these fields already: {', '.join(twice)}")
    made = {field: FACTS[fact]() for field, fact in facts.items()}
    return Request.from_dict(made, name="".join(word.capitalize() for word in name.split("_")) + "Request")


def validate(schema: type[Schema], body: Mapping[str, Any]) -> dict[str, Any]:
    """Read a request, or raise `InvalidRequest` with every fault by its path."""
    try:
        return cast(dict[str, Any], schema().load(body))
    except ValidationError as error:
        messages = error.messages_dict
    raise InvalidRequest(messages)  # outside the handler: Marshmallow's error carries the whole request with it


def plain(schema: type[Schema], facts: Mapping[str, Any]) -> dict[str, Any]:
    """The facts as they would travel: every declared field, None where nothing was said."""
    return cast(dict[str, Any], schema().dump(facts))


def shape(schema: type[Schema] | Schema) -> dict[str, Any]:
    """Names of fields as they nest: None for a value, a dict for a fact, a list of one dict for a list of facts."""
    made = schema() if isinstance(schema, type) else schema
    return {name: _shape(field) for name, field in made.fields.items()}


def _shape(field: Any) -> Any:
    if isinstance(field, One):
        return shape(field.schema)
    return [shape(field.element.schema)] if isinstance(field, Many) else None


def _references(schema: Schema, said: Any, path: Path) -> Iterator[tuple[Path, str]]:
    """Every party spoken of, with its path."""
    for name, field in schema.fields.items() if isinstance(said, Mapping) else ():
        value, at = said.get(name), (*path, name)
        if isinstance(field, Reference) and isinstance(value, str):
            yield at, value
        elif isinstance(field, One):
            yield from _references(field.schema, value, at)
        elif isinstance(field, Many) and isinstance(value, list):
            for index, element in enumerate(value):
                yield from _references(field.element.schema, element, (*at, index))


def _nested(paths: list[Path], message: str) -> dict[str | int, Any]:
    """The same message at each path, in the shape that Marshmallow gives."""
    errors: dict[str | int, Any] = {}
    for *above, last in paths:
        node = errors
        for step in above:
            node = node.setdefault(step, {})
        node[last] = [message]
    return errors
