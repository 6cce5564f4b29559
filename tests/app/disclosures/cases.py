"""The letters of these tests, each named by the one condition it shows."""

import random
from collections.abc import Mapping, Sequence
from dataclasses import replace

from tests.app.disclosures.letters import NAME, SOUND, STAMP, Floating, Letter, code_png, mark_png, plain_png, stamp_png

ACCEPTED: Mapping[str, Letter] = {
    "sound": SOUND,
    "over_a_pale_mark": replace(SOUND, floats=(Floating(mark_png(), 20, 20, 170, 170, behind=True), STAMP)),
    "under_a_translucent_stamp": replace(SOUND, floats=(replace(STAMP, png=stamp_png(alpha=170), behind=False),)),
    "in_body_grey": SOUND.styled("rights", "colour", "595959"),
    "in_red": SOUND.styled("rights", "colour", "C00000"),
}

OTHER_STAMPS: Mapping[str, Mapping[str, bytes]] = {"under_a_translucent_stamp": {"stamp": stamp_png(alpha=170)}}

STRANGER = {"contacts": "a contact that nobody gave"}
FOREIGN = {"pictures": "a picture that nobody asked for"}

# name -> letter, and what must be said about which disclosure
REFUSED: Mapping[str, tuple[Letter, Mapping[str, str]]] = {
    "text_dropped": (SOUND.but(rights=""), {"rights": "not found"}),
    "text_shortened": (SOUND.but(rights=SOUND.wording["rights"].replace("计息方式", "")), {"rights": "not found"}),
    "digit_of_amount_changed": (
        SOUND.but(balance=SOUND.wording["balance"].replace("38,256.47", "38,256.41")),
        {"balance": "not found", "amounts": "contradicting amount"},
    ),
    "capitals_changed": (
        SOUND.but(balance=SOUND.wording["balance"].replace("伍拾陆元", "伍拾柒元")),
        {"balance": "not found", "amounts": "contradicting amount"},
    ),
    "another_amount_below": (
        SOUND.but(day="如于今日还款，仅需支付39,000.00元。"),
        {"amounts": "contradicting amount"},
    ),
    "contact_changed": (SOUND.but(channel="客服电话：400-000-0002。"), {"channel": "not found", **STRANGER}),
    "contact_carried_on": (SOUND.but(channel="客服电话：400-000-00011。"), {"channel": "not found", **STRANGER}),
    "rate_raised": (SOUND.but(rate="年化利率18.251%。"), {"rate": "not found"}),
    "name_changed": (SOUND.but(name=f"尊敬的{NAME[1:]}先生："), {"name": "not found"}),
    "white": (SOUND.styled("rights", "colour", "FFFFFF"), {"rights": "not visible: too pale"}),
    "nearly_white": (SOUND.styled("rights", "colour", "F0F0F0"), {"rights": "not visible: too pale"}),
    "pale_grey": (SOUND.styled("rights", "colour", "DDDDDD"), {"rights": "not visible: too pale"}),
    "yellow": (SOUND.styled("rights", "colour", "FFFF00"), {"rights": "not visible: too pale"}),
    "one_point": (SOUND.styled("rights", "size", 1), {"rights": "not visible: too small"}),
    "eight_points": (SOUND.styled("rights", "size", 8), {"rights": "not visible: too small"}),
    "hidden_in_word": (SOUND.styled("rights", "hidden", True), {"rights": "not found"}),
    "beside_the_page": (SOUND.styled("rights", "indent", 620), {"rights": "not found"}),
    "cropped_by_its_frame": (SOUND.styled("rights", "row", 9), {"rights": "not visible: clipped"}),
    "under_a_picture": (
        replace(SOUND, floats=(STAMP, Floating(plain_png(), 25, 67, 170, 5, behind=False))),
        {"rights": "not visible: covered"},
    ),
    "under_an_opaque_stamp": (
        replace(SOUND, floats=(replace(STAMP, behind=False),)),
        {"stamp": "not visible: covered"},
    ),
    "no_stamp": (replace(SOUND, floats=()), {"stamp": "picture missing"}),
    "another_stamp": (
        replace(SOUND, floats=(replace(STAMP, png=stamp_png("模范银行业务专用章")),)),
        {"stamp": "picture missing", **FOREIGN},
    ),
    "blank_stamp": (
        replace(SOUND, floats=(replace(STAMP, png=plain_png((255, 255, 255, 0))),)),
        {"stamp": "picture missing"},
    ),
    "tiny_stamp": (
        replace(SOUND, floats=(replace(STAMP, width=12, height=12),)),
        {"stamp": "not legible: other ink in its line, picture missing", **FOREIGN},
    ),
    "stamp_under_a_picture": (
        replace(SOUND, floats=(STAMP, Floating(plain_png(), 40, 98, 30, 8, behind=True))),
        {"stamp": "picture missing", **FOREIGN},
    ),
    "no_code": (replace(SOUND, code=None), {"check": "picture missing"}),
    "code_of_another_letter": (
        replace(SOUND, code=code_png("https://letters.demo-bank.example/check?c=ABCDEFGHIJKLMNOQ")),
        {"check": "picture missing", **FOREIGN},
    ),
    "tiny_code": (replace(SOUND, code_mm=8), {"check": "picture missing", **FOREIGN}),
    "number_not_in_the_header": (replace(SOUND, header=False), {"number": "not found"}),
    "card_number_in_full": (
        SOUND.but(day="卡号9998001234567890124。"),
        {"identifiers": "a number as long as a card's or a person's"},
    ),
    "card_number_in_groups": (
        SOUND.but(day="卡号9998 0012 3456 7890 128。"),
        {"identifiers": "a number as long as a card's or a person's"},
    ),
}

# Wording of seven lines moves over the end of the page.
BROKEN: Mapping[str, Letter] = {
    f"broken_over_pages_{kind}_{before}": replace(
        SOUND.but(rights="".join(SOUND.wording[key] for key in ("balance", "balance", "rights"))),
        before=before,
        floats=(),
        other_first_header=kind == "other_first_header",
    )
    for kind in ("same_header", "other_first_header")
    for before in range(16, 22)
}

LETTERS: Mapping[str, Letter] = {**ACCEPTED, **{name: letter for name, (letter, _) in REFUSED.items()}, **BROKEN}

_COMMON = "查询账户状态还款提出异议相关证据的途径发卡银行联系方式持卡人权利和义务逾期信用卡人民币元，、；（）"
_EXTRA = [
    "2026年11月23日",
    "38,256.47元",
    "400-000-0001",
    "18.25%",
    "Demo Bank",
    "𠮷",
    "ABCD-EFGH",
    "《办法》",
    "·",
    "—",
]


def _sentence(chance: random.Random) -> str:
    pieces = [chance.choice(_EXTRA) if chance.random() < 0.2 else chance.choice(_COMMON) for _ in range(60)]
    return "始" + "".join(pieces) + "终"


def _columns(seed: int) -> Sequence[Sequence[str]]:
    chance = random.Random(seed)  # noqa: S311 - sentences, not secrets
    return [[_sentence(chance) for _ in range(3)] for _ in range(4)]


COLUMNS: Mapping[int, Sequence[Sequence[str]]] = {seed: _columns(seed) for seed in range(9)}
