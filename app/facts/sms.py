"""Short message (短信): to which number, whose it is, and when it shall go out.

Who sends it needs the number; the text does not, and document.yaml masks all of this fact.
"""

from app.facts.fact import Fact
from app.facts.fields import Flag, Instant, Pattern, Reference, says


class Mobile(Pattern):
    """A mobile number of the mainland, eleven digits."""

    pattern = r"1[3-9][0-9]{9}"
    default_error_messages = says(invalid="应为 11 位手机号码")


class Sms(Fact):
    """短信发送."""

    number = Mobile("接收短信的手机号码", "13800000000")
    owner = Reference("号码属于哪位当事人", "p1")
    reserved = Flag("是否为该当事人本人预留", example=True)
    scheduled_at = Instant("计划发送时间，须带时区", "2026-11-23T10:00:00+08:00")
