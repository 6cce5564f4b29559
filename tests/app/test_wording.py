"""How letters write amounts and days, held against the vectors and against a second method."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app import wording

VECTORS = {
    "1409.50": "人民币壹仟肆佰零玖元伍角整",
    "6007.14": "人民币陆仟零柒元壹角肆分",
    "1680.32": "人民币壹仟陆佰捌拾元叁角贰分",
    "107000.53": "人民币壹拾万柒仟元伍角叁分",
    "16409.02": "人民币壹万陆仟肆佰零玖元零贰分",
    "325.04": "人民币叁佰贰拾伍元零肆分",
    "38256.47": "人民币叁万捌仟贰佰伍拾陆元肆角柒分",
    "100000": "人民币壹拾万元整",
    "100001000": "人民币壹亿零壹仟元整",
    "0.05": "人民币伍分",
    "0.50": "人民币伍角整",
    "0.00": "人民币零元整",
    "100010000.00": "人民币壹亿零壹万元整",
    "110000000.00": "人民币壹亿壹仟万元整",
    "1000000007.00": "人民币壹拾亿零柒元整",
    "9999999999.99": "人民币玖拾玖亿玖仟玖佰玖拾玖万玖仟玖佰玖拾玖元玖角玖分",
}
VARIANTS = {
    "1409.50": {"人民币壹仟肆佰零玖元伍角", "人民币壹仟肆佰零玖元伍角正"},
    "1680.32": {"人民币壹仟陆佰捌拾元零叁角贰分"},
    "107000.53": {
        "人民币壹拾万柒仟元零伍角叁分",
        "人民币壹拾万零柒仟元伍角叁分",
        "人民币壹拾万零柒仟元零伍角叁分",
    },
    "100000": {"人民币壹拾万元正"},
    "16409.02": set(),
    "38256.47": set(),
}
amounts = st.integers(1, 999_999_999_999).map(lambda cents: Decimal(cents).scaleb(-2))


def second_method(value: Decimal) -> str:
    """Spell every place of the number with its unit, then rub out what is not said, rule by rule."""
    digits = f"{int(value.scaleb(2)):014d}"
    units = "仟佰拾亿仟佰拾万仟佰拾元角分"
    said = "".join("零壹贰叁肆伍陆柒捌玖"[int(digit)] + unit for digit, unit in zip(digits, units, strict=True))
    for before, after in (("零仟", "零"), ("零佰", "零"), ("零拾", "零"), ("零角零分", "整"), ("零分", "整")):
        said = said.replace(before, after)
    said = said.replace("零角", "零")
    for unit in "亿万元":
        while f"零零{unit}" in said:
            said = said.replace(f"零零{unit}", f"零{unit}")
    # A group of nothing but zeros leaves one 零 behind; a group that merely ends in zero leaves none.
    whole, _, rest = said.partition("元")
    groups = [group + unit for group, unit in zip(_split(whole), ("亿", "万", ""), strict=True)]
    spoken = ""
    for group, four in zip(groups, (digits[0:4], digits[4:8], digits[8:12]), strict=True):
        spoken += "零" if four == "0000" else group.replace("零亿", "亿").replace("零万", "万")
    while "零零" in spoken:
        spoken = spoken.replace("零零", "零")
    spoken = spoken.strip("零")
    if not spoken:
        return "人民币" + rest.lstrip("零")
    return "人民币" + spoken + "元" + rest


def _split(whole: str) -> tuple[str, str, str]:
    high, _, rest = whole.partition("亿")
    middle, _, low = rest.partition("万")
    return high, middle, low


@pytest.mark.parametrize(("value", "written"), VECTORS.items())
def test_capitals_are_written_as_in_the_vectors(value: str, written: str) -> None:
    assert wording.capitals(value) == written


@pytest.mark.parametrize(("value", "others"), VARIANTS.items())
def test_exactly_the_variants_of_the_rule_are_accepted(value: str, others: set[str]) -> None:
    assert wording.capitals_variants(value) == others | {wording.capitals(value)}


@given(amounts)
def test_capitals_agree_with_a_second_method(value: Decimal) -> None:
    assert wording.capitals(value) == second_method(value)


@given(st.integers(0, 2**14 - 1), st.integers(1, 9))
def test_capitals_agree_with_a_second_method_wherever_the_zeros_lie(mask: int, digit: int) -> None:
    value = Decimal("".join(str(digit) if mask >> place & 1 else "0" for place in range(14))).scaleb(-2)
    if value:
        assert wording.capitals(value) == second_method(value)


@given(amounts)
def test_capitals_read_back_as_the_amount_in_every_variant(value: Decimal) -> None:
    for variant in wording.capitals_variants(value):
        assert wording.read_capitals(variant) == value


@given(amounts, amounts)
def test_two_amounts_never_share_a_variant(one: Decimal, other: Decimal) -> None:
    if one != other:
        assert not wording.capitals_variants(one) & wording.capitals_variants(other)


@given(st.sampled_from(sorted(wording.PLACES)), st.integers(0, 99_999_999))
def test_foreign_amounts_carry_their_currency_and_read_back(currency: str, whole: int) -> None:
    written = wording.capitals(str(whole), currency)

    assert written.startswith(wording.currency_name(currency))
    assert wording.read_capitals(written) == whole


def test_no_currency_name_begins_another() -> None:
    names = [wording.currency_name(code) for code in wording.PLACES]

    assert [(a, b) for a in names for b in names if a != b and b.startswith(a)] == []


@pytest.mark.parametrize(
    "text",
    [
        "",
        "壹佰元整",
        "人民币",
        "人民币 壹佰元整",
        "人民币100元整",
        "人民币一百元整",
        "人民币壹佰元",
        "人民币伍分整",
        "人民币拾元整",
        "人民币零壹佰元整",
        "人民币壹亿壹仟元整零",
        "人民币壹佰圆整",
        "人民币壹仟肆佰零零玖元整",
        "人民币陆仟柒元壹角肆分",
        "日元伍佰元伍角整",
    ],
)
def test_what_is_not_an_accepted_capital_form_is_not_read(text: str) -> None:
    with pytest.raises(ValueError, match="not an amount in capitals"):
        wording.read_capitals(text)


@pytest.mark.parametrize(
    "value", [1.5, 100, True, None, "1,000.00", "-1", "+1", "1e3", "01.00", ".5", "1.", "１.00", "NaN"]
)
def test_only_decimals_and_canonical_strings_are_amounts(value: object) -> None:
    for write in (wording.amount, wording.capitals, wording.canonical, wording.percent):
        with pytest.raises(ValueError, match="an amount must be a Decimal or a canonical string"):
            write(value)  # type: ignore[arg-type]  # the wrong type is the point


@pytest.mark.parametrize("value", [Decimal("-0.01"), Decimal("NaN"), Decimal("Infinity")])
def test_decimals_that_are_no_amounts_are_refused(value: Decimal) -> None:
    with pytest.raises(ValueError, match="an amount must be"):
        wording.amount(value)


@pytest.mark.parametrize(("value", "currency"), [("0.005", "CNY"), ("1.5", "JPY"), (Decimal("0.001"), "USD")])
def test_an_amount_is_never_rounded(value: str | Decimal, currency: str) -> None:
    with pytest.raises(ValueError, match="more places than its currency"):
        wording.amount(value, currency)


@pytest.mark.parametrize("value", ["1000000000000", "99999999999999999999", "1" + "0" * 40])
def test_an_amount_too_large_for_capitals_is_refused(value: str) -> None:
    with pytest.raises(ValueError, match="too large"):
        wording.capitals(value)


def test_the_largest_amount_in_capitals_is_just_under_the_limit() -> None:
    assert wording.read_capitals(wording.capitals("999999999999.99")) == Decimal("999999999999.99")


def test_an_unknown_currency_is_refused() -> None:
    with pytest.raises(ValueError, match="the currency is not known"):
        wording.amount("1.00", "XXX")


@pytest.mark.parametrize(
    ("value", "currency", "written"),
    [("38256.47", "CNY", "38,256.47"), ("0", "CNY", "0.00"), ("1234567", "JPY", "1,234,567"), ("5.1", "USD", "5.10")],
)
def test_amounts_have_thousands_marks_and_the_places_of_their_currency(value: str, currency: str, written: str) -> None:
    assert wording.amount(value, currency) == written
    assert wording.canonical(value, currency) == written.replace(",", "")


@pytest.mark.parametrize("value", ["2026-11-03", date(2026, 11, 3)])
def test_days_are_not_padded(value: str | date) -> None:
    assert wording.day(value) == "2026年11月3日"


@pytest.mark.parametrize(
    "value", ["20261103", "2026-W45-2", "2026-11-31", "\uff12026-11-03", "", datetime(2026, 11, 3, tzinfo=UTC)]
)
def test_what_is_not_a_plain_day_is_refused(value: str | date) -> None:
    with pytest.raises(ValueError):  # noqa: PT011  # the calendar's own message, in the fourth case
        wording.day(value)


def test_percents_are_written_as_given() -> None:
    assert [wording.percent(value) for value in ("18.25", "0.05", Decimal("15"))] == ["18.25%", "0.05%", "15%"]


def test_only_the_last_four_digits_of_a_card_are_shown() -> None:
    assert wording.tail("9998000000000005") == "0005"


@pytest.mark.parametrize("card", ["", "1234", "999800000000000X"])
def test_what_is_no_card_number_has_no_tail(card: str) -> None:
    with pytest.raises(ValueError, match="a card number"):
        wording.tail(card)


@pytest.mark.parametrize(
    ("at", "on"),
    [
        (datetime(2026, 11, 22, 15, 59, 59, tzinfo=UTC), date(2026, 11, 22)),
        (datetime(2026, 11, 22, 16, 0, 0, tzinfo=UTC), date(2026, 11, 23)),
    ],
)
def test_the_legal_day_turns_at_midnight_in_beijing(at: datetime, on: date) -> None:
    assert wording.beijing_day(at) == on


def test_an_instant_without_a_zone_has_no_legal_day() -> None:
    with pytest.raises(ValueError, match="time zone"):
        wording.beijing_day(datetime(2026, 11, 22))  # the missing zone is the point


def test_messages_do_not_repeat_the_value() -> None:
    for write, value in (
        (wording.amount, "13800138000x"),
        (wording.day, "13800138000"),
        (wording.tail, "13800138000x"),
    ):
        with pytest.raises(ValueError) as refusal:  # noqa: PT011  # its text is checked below
            write(value)
        assert "13800138000" not in str(refusal.value)


def test_the_clocks_in_beijing_are_eight_hours_ahead() -> None:
    assert wording.beijing_time(datetime(2026, 11, 23, 15, 59, tzinfo=UTC)).strftime("%d %H:%M") == "23 23:59"
    with pytest.raises(ValueError, match="time zone"):
        wording.beijing_time(datetime(2026, 11, 23, 15, 59))
