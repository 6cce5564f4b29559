"""The issuer register (发卡银行登记簿): one folder an issuer, `issuer.yaml` and the picture of its registered stamp.

A caller names an issuer and cannot invent its hotline, so what the register says is held to the same fields as a
request. The service does not start on a record that is incomplete; the error names file and field.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import yaml
from marshmallow import ValidationError

from app.catalogue import Issuer
from app.errors import ConfigurationError
from app.facts.amounts import Money
from app.facts.fact import Fact, rule
from app.facts.fields import Address, Choice, Email, Identifier, Many, One, Pattern, Postcode, Whole, says
from app.facts.numbers import ServicePhone, Uscc
from app.facts.text import Text
from app.wording import PLACES

_PNG = b"\x89PNG\r\n\x1a\n"


class FileName(Pattern):
    """A PNG beside the record; no path leads out of the folder."""

    pattern = r"[A-Za-z0-9_-]{1,64}\.png"
    default_error_messages = says(invalid="应为同一文件夹内的 .png 文件名")


class Query(Fact):
    """查询途径."""

    text = Text(120, "说明", "登录手机银行查询")
    phone = ServicePhone("电话", "400-000-0001")
    url = Address("网址", "https://card.demo-bank.example/account")


class Repay(Fact):
    """还款途径."""

    text = Text(120, "说明", "通过手机银行还款")
    account_name = Text(120, "收款户名", "示范银行股份有限公司")
    account_number_note = Text(120, "收款账号说明", "收款账号为持卡人本人的信用卡卡号")
    url = Address("网址", "https://card.demo-bank.example/repay")


class Objection(Fact):
    """提出异议的途径."""

    text = Text(120, "说明", "以电话、电子邮件或者书面方式提出")
    phone = ServicePhone("电话", "400-000-0002")
    email = Email("电子邮箱", "objection@demo-bank.example")
    address = Text(120, "地址", "示范省示范市样例区虚构路100号")


class Evidence(Fact):
    """提交证据的途径."""

    text = Text(120, "说明", "随异议一并提交或者另行提交")
    email = Email("电子邮箱", "evidence@demo-bank.example")
    address = Text(120, "地址", "示范省示范市样例区虚构路100号")


class Channels(Fact):
    """四种途径."""

    query = One(Query, "查询账户状态")
    repay = One(Repay, "还款")
    object = One(Objection, "提出异议")
    evidence = One(Evidence, "提交证据")


class Grievance(Fact):
    """投诉. Not called complaint, which is the paper that begins a suit (起诉)."""

    phone = ServicePhone("投诉电话", "400-000-0003")
    regulator_phone = ServicePhone("监管热线", "12378")


class RepaymentAccount(Fact):
    """还款账户."""

    currency = Choice(PLACES, "币种", "CNY")
    account_name = Text(120, "户名", "示范银行股份有限公司")
    bank = Text(120, "开户行", "示范银行股份有限公司信用卡中心")
    note = Text(120, "说明", "以人民币还款")


class Stamp(Fact):
    """业务专用章: the registered picture and the authority to use it."""

    file = FileName("图样文件", "stamp.png")
    name = Text(40, "印章名称", "业务专用章")
    authorisation = Text(60, "用印授权编号", "示范印授〔2026〕1号")


class Agency(Fact):
    """受托催收机构, as the issuer publishes it."""

    name = Text(120, "全称", "示范信用管理有限公司")
    uscc = Uscc("统一社会信用代码", "91990000MA0AAAA050")


class SuitPolicy(Fact):
    """起诉门槛: what the issuer itself wants to see before it plans a suit. No law asks for any of it."""

    least_total = Money("人民币欠款合计不低于", "10000.00")
    collections = Whole(1, 100, "本次逾期以来经确认收悉的催收次数不少于", 2)
    months_unpaid = Whole(1, 60, "未还款的月数不少于", 6)


class IssuerRecord(Fact):
    """发卡银行登记."""

    id = Identifier("编号，与文件夹同名", "demo_bank")
    legal_name = Text(120, "全称", "示范银行股份有限公司")
    uscc = Uscc("统一社会信用代码", "91990000MA0DEM0BX3")
    department = Text(60, "部门", "信用卡中心")
    address = Text(120, "地址", "示范省示范市样例区虚构路100号")
    postcode = Postcode("邮政编码", "999000")
    hotline = ServicePhone("客服热线", "400-000-0001")
    website = Address("网站", "https://www.demo-bank.example")
    number_prefix = Text(20, "机关代字，其后接文种", "示范")
    channels = One(Channels, "途径")
    grievance = One(Grievance, "投诉")
    agencies = Many(Agency, 200, "受托催收机构名单", unique="uscc", optional=True)
    suit_policy = One(SuitPolicy, "起诉门槛（本行政策，非法定要求），不填则没有", optional=True)
    check_address = Address("核验地址", "https://letters.demo-bank.example/check")
    repayment_accounts = Many(RepaymentAccount, 20, "还款账户", unique="currency")
    stamp = One(Stamp, "印章")

    @rule("channels", "repayment_accounts")
    def payee_is_one(self, data: dict[str, Any]) -> None:
        """The letter names the payee once for all accounts, so no account may have another."""
        payee = (data["channels"].get("repay") or {}).get("account_name")
        others = {
            index: {"account_name": ["与还款途径的收款户名不一致"]}
            for index, account in enumerate(data["repayment_accounts"])
            if payee and isinstance(account, Mapping) and account.get("account_name", payee) != payee
        }
        if others:
            raise ValidationError({"repayment_accounts": others})


def read_issuer(folder: Path) -> Issuer:
    """The issuer whose folder this is, or `ConfigurationError` naming file and field."""
    path = folder / "issuer.yaml"
    said = _read(path)
    try:
        record = IssuerRecord().load(said)
    except ValidationError as error:
        faults = "; ".join(f"{at}: {message}" for at, message in _flat(error.messages_dict))
        raise ConfigurationError(f"{path}: {faults}") from error
    if record["id"] != folder.name:
        raise ConfigurationError(f"{path}: id: the folder is named {folder.name}")
    stamp = _read_stamp(folder / record["stamp"]["file"], path)
    return Issuer(record["id"], IssuerRecord().dump(record), stamp)


def unpayable(facts: Mapping[str, Any], issuer: Issuer) -> dict[str, Any]:
    """Messages, nested as Marshmallow's, for what is to be paid in a currency without a registered account."""
    payable = {account["currency"] for account in issuer.record["repayment_accounts"]}
    debts = _strange_currencies(facts.get("account", {}).get("debts", []), payable)
    statements = _strange_currencies(facts.get("statements", []), payable)
    return ({"account": {"debts": debts}} if debts else {}) | ({"statements": statements} if statements else {})


def _strange_currencies(owed: Sequence[Mapping[str, Any]], payable: Collection[str]) -> dict[int, Any]:
    return {
        index: {"currency": ["发卡银行未登记该币种的还款账户"]}
        for index, one in enumerate(owed)
        if one["currency"] not in payable
    }


def _read(path: Path) -> Any:
    try:
        text = path.read_text("utf-8")
        if any(isinstance(token, yaml.AliasToken) for token in yaml.scan(text, yaml.SafeLoader)):
            raise ConfigurationError(f"{path}: a record says everything where it stands, without YAML aliases")
        if twice := sorted(_given_twice(yaml.compose(text, yaml.SafeLoader))):
            raise ConfigurationError(f"{path}: given twice: {', '.join(twice)}")
        return yaml.safe_load(text)
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise ConfigurationError(f"{path}: {error}") from error


def _given_twice(node: Any, at: str = "") -> Iterator[str]:
    """Keys that stand twice in one mapping: YAML would silently keep the second."""
    if isinstance(node, yaml.SequenceNode):
        for index, element in enumerate(node.value):
            yield from _given_twice(element, f"{at}.{index}")
    elif isinstance(node, yaml.MappingNode):
        keys = [key.value for key, _ in node.value]
        yield from {f"{at}.{key}".lstrip(".") for key in keys if keys.count(key) > 1}
        for key, value in node.value:
            yield from _given_twice(value, f"{at}.{key.value}")


def _read_stamp(picture: Path, path: Path) -> bytes:
    try:
        stamp = picture.read_bytes()
    except OSError as error:
        raise ConfigurationError(f"{path}: stamp.file: {picture.name} cannot be read") from error
    if not stamp.startswith(_PNG):
        raise ConfigurationError(f"{path}: stamp.file: {picture.name} is not a PNG")
    return stamp


def _flat(messages: Mapping[Any, Any], at: str = "") -> Iterator[tuple[str, str]]:
    for name, found in messages.items():
        here = f"{at}.{name}".lstrip(".")
        if isinstance(found, Mapping):
            yield from _flat(found, here)
        else:
            yield here, "、".join(found)
