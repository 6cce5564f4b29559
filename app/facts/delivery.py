"""Delivery (送达): how the letter goes out, whose address it is, and what a printing house puts on the envelope."""

from app.facts.fact import OUTSIDE, Fact
from app.facts.fields import Choice, Flag, One, Postcode, Reference
from app.facts.names import Name, Place


class Recipient(Fact):
    """收件信息: whoever carries the letter reads it too."""

    shown = OUTSIDE
    name = Name(80, "信封上的收件人姓名", "欧阳·买买提")
    province = Place(30, "省、自治区、直辖市", "示范省")
    city = Place(30, "市", "示范市")
    district = Place(30, "区、县", "样例区")
    line = Place(120, "街道、门牌", "虚构路7号3幢2单元501室")
    postcode = Postcode("邮政编码", "999000")


class Delivery(Fact):
    """送达: registered, so that the post says when it was handed over."""

    method = Choice(["registered_mail"], "方式：registered_mail 挂号信", "registered_mail")
    owner = Reference("地址属于哪位当事人", "p1")
    address_kind = Choice(
        ["billing", "home", "work", "other"],
        "地址种类：billing 账单地址，home 住宅，work 工作单位，other 其他",
        "billing",
    )
    reserved = Flag("是否为该当事人本人预留", example=True)
    recipient = One(Recipient, "收件信息")


class Mailing(Delivery):
    """寄送: a paper from whose arrival nothing follows may go by ordinary mail."""

    method = Choice(
        ["ordinary_mail", "registered_mail"], "方式：ordinary_mail 平信，registered_mail 挂号信", "ordinary_mail"
    )
