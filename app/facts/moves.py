"""A move of a letter on its way (投递), as JSON or as a row of a file tells it.

Promises that it says what a move to its state must say, and nothing else; whether the letter may move so is for the
registry.
"""

from typing import Any

from marshmallow import ValidationError

from app.delivery import RETURNED, SAYS, SIGNERS, STATES, WITHDRAWN
from app.facts.fact import Fact, rule
from app.facts.fields import Choice, Day, Digest, Pattern, says


class TrackingNumber(Pattern):
    pattern = r"[A-Z0-9]{6,40}"
    default_error_messages = says(invalid="应为 6 至 40 位大写字母和数字")


class DocumentId(Pattern):
    pattern = r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"
    default_error_messages = says(invalid="不是文书 id")


def _listed(words: dict[str, str]) -> str:
    return "，".join(f"{word} {meaning}" for word, meaning in words.items())


class DeliveryMove(Fact):
    """投递进度: what a move to `to` must say, and no more."""

    to = Choice(STATES, f"到哪一步：{_listed(STATES)}", "posted")
    on = Day("发生之日（北京时间），不早于文书日期和上一步，也不晚于当日", "2026-11-24")
    reason = Choice(
        {**RETURNED, **WITHDRAWN},
        f"退回原因：{_listed(RETURNED)}；撤回原因：{_listed(WITHDRAWN)}",
        "moved",
        optional=True,
    )
    tracking_number = TrackingNumber("交寄时的邮件号，加密保存", "XA00000000044", optional=True)
    signer_role = Choice(SIGNERS, f"签收人：{_listed(SIGNERS)}；同事不得代收", "addressee", optional=True)
    receipt_sha256 = Digest("签收回执文件的 SHA-256", "ab" * 32, optional=True)

    @rule("to")
    def says_what_belongs_to_it(self, data: dict[str, Any]) -> None:
        """A field that is itself faulty is absent from `data` and said to be so already."""
        wanted, errors = SAYS[data["to"]], {}
        for name in ("reason", "tracking_number", "signer_role", "receipt_sha256"):
            if name in wanted and name in data and data[name] is None:
                errors[name] = ["缺少此项"]
            elif name not in wanted and data.get(name) is not None:
                errors[name] = ["此步不填此项"]
        reasons = {"returned": RETURNED, "withdrawn": WITHDRAWN}.get(data["to"])
        if reasons and data.get("reason") is not None and data["reason"] not in reasons:
            errors["reason"] = ["不是此步的原因"]
        if errors:
            raise ValidationError(errors)


class DeliveryRow(DeliveryMove):
    """The same as a row of a file, which names its document."""

    document = DocumentId("文书 id", "0197f1d8-2f00-7000-8000-000000000001")
