"""Blanks are filled strictly, from masked data, and known before anything is filled."""

from datetime import date
from typing import Any

import pytest

from app import facts
from app.blanks import WordingError, asked, build, compiled, fill, known, offered
from app.errors import ConfigurationError, StepFailed
from tests.templates import letters

REMINDER = "payment_reminder"


def paths(value: Any, at: str = "") -> set[str]:
    if isinstance(value, dict):
        return set().union(*(paths(inner, f"{at}.{key}" if at else key) for key, inner in value.items()))
    if isinstance(value, list):
        return set().union(*(paths(inner, f"{at}[]") for inner in value))
    return {at}


def shape(name: str = letters.DUNNING) -> dict[str, Any]:
    schema = facts.request_schema(name, letters.kind(name).facts)
    return offered(facts.shape(schema), letters.issuer().record, letters.kind(name).masking)


def test_what_is_built_is_what_was_offered() -> None:
    assert all(known(path, shape()) for path in paths(letters.approved(letters.longest).blanks))
    reminder = letters.approved(name=REMINDER).blanks
    assert all(known(path, shape(REMINDER)) for path in paths(reminder))
    assert {"card", "statements", "addressee", "document", "issuer"} >= reminder.keys() - {"account"}


def test_neither_the_number_of_a_short_message_nor_its_hour_reaches_a_template() -> None:
    said = repr(letters.approved(name=REMINDER).blanks)
    body = letters.sample(name=REMINDER)

    for secret in (body["sms"]["number"], body["sms"]["scheduled_at"], "02:00", body["card"]["card_number"]):
        assert secret not in said


def test_a_statement_is_told_with_its_currency_and_where_it_is_paid() -> None:
    [statement] = letters.approved(name=REMINDER).blanks["statements"]

    assert (statement["currency_name"], statement["unit"]) == ("人民币", "元")
    assert statement["repayment"]["currency"] == "CNY"


def test_the_holder_of_a_card_is_addressed_as_one() -> None:
    assert letters.approved(name=REMINDER).blanks["addressee"]["role_name"] == "持卡人"


def test_masked_facts_reach_no_template() -> None:
    said = repr(letters.approved(letters.longest).blanks)
    body = letters.sample(letters.longest)

    for secret in (
        body["parties"][0]["identity"]["number"],
        body["parties"][0]["phone"],
        body["account"]["card_number"],
        body["delivery"]["recipient"]["line"],
        body["requested_by"]["employee_no"],
        body["client_ref"],
    ):
        assert secret not in said


def test_the_card_shows_its_last_four_digits() -> None:
    assert letters.approved().blanks["account"]["tail"] == "0005"


def test_an_unknown_mask_is_refused() -> None:
    with pytest.raises(ConfigurationError, match="card_number"):
        build({}, {}, {"card_number": "9998000000000005"}, {"card_number": "blur"}, letters.DAY)


def test_days_overdue_count_from_the_due_day_to_the_legal_day() -> None:
    def due(body: dict[str, Any]) -> None:
        body["account"]["debts"][0] |= {"billed_on": "2026-09-10", "oldest_unpaid_due_on": "2026-09-30"}

    assert letters.approved(due).blanks["account"]["debts"][0]["days_overdue"] == 54


@pytest.mark.parametrize(("sex", "salutation"), [("male", "先生"), ("female", "女士"), (None, "先生/女士")])
def test_a_person_is_addressed_by_what_is_known(sex: str | None, salutation: str) -> None:
    party = {"id": "p1", "kind": "natural_person", "name": "赵示范", "sex": sex}

    made = build({}, {}, {"parties": [party], "addressee": "p1"}, {}, letters.DAY)

    assert made["addressee"]["salutation"] == salutation


def test_an_organisation_has_no_salutation() -> None:
    party = {"id": "p1", "kind": "agency", "name": "示范服务有限公司"}

    assert build({}, {}, {"parties": [party], "addressee": "p1"}, {}, letters.DAY)["addressee"]["salutation"] == ""


def test_a_guarantor_is_addressed_as_such_about_the_holder_s_account() -> None:
    blanks = letters.approved(letters.longest).blanks

    assert blanks["addressee"]["role_name"] == "担保人"
    assert blanks["addressee"]["liability"]["document"] == "个人最高额连带责任保证合同"
    assert blanks["account"]["holder"]["name"].startswith("持卡示范人")


def test_the_unit_of_money_follows_its_currency() -> None:
    debts = letters.approved(letters.longest).blanks["account"]["debts"]

    assert [(debt["currency_name"], debt["unit"]) for debt in debts] == [("人民币", "元"), ("美元", "")]


def test_a_currency_that_the_issuer_does_not_take_cannot_be_printed() -> None:
    record = {**letters.issuer().record, "repayment_accounts": []}
    plain = letters.sample(letters.longest)

    made = build({}, record, plain, {}, date(2026, 11, 23))

    with pytest.raises(StepFailed):
        fill("{{ account.debts[0].repayment.bank }}", made)


def test_names_are_built_in_their_composed_form() -> None:
    party = {"id": "p1", "kind": "natural_person", "name": "Zoe\u0308"}

    assert build({}, {}, {"parties": [party], "addressee": "p1"}, {}, letters.DAY)["addressee"]["name"] == "Zo\u00eb"


@pytest.mark.parametrize(
    "clause", ["{{ nobody }}", "{{ a.b.c }}", "{{ none }}", "{{ yes }}", "{{ a }}", "{{ 'x' | day }}"]
)
def test_a_clause_is_filled_whole_or_not_at_all(clause: str) -> None:
    with pytest.raises(StepFailed) as failure:
        fill(clause, {"a": {"b": {}}, "none": None, "yes": True})

    assert failure.value.step == "verify"


def test_markup_escapes_and_plain_text_does_not() -> None:
    assert compiled("{{ name }}", markup=True).render(name="A&B <甲>") == "A&amp;B &lt;甲&gt;"
    assert fill("{{ name }}", {"name": "A&B <甲>"}) == "A&B <甲>"


@pytest.mark.parametrize("clause", ["{{ x.__class__.__mro__ }}", "{{ x.append(1) }}", "{{ cycler }}", "{{ range(9) }}"])
def test_a_clause_reaches_nothing_but_its_data(clause: str) -> None:
    with pytest.raises(StepFailed):
        fill(clause, {"x": [1]})


@pytest.mark.parametrize(
    ("wording", "found"),
    [
        ("{{ issuer.hotline }}", {"issuer.hotline"}),
        ("{{ a.b | amount(a.c) }}", {"a.b", "a.c"}),
        ('{{ a["b"] }}', {"a.b"}),
        ("{% for debt in account.debts %}{{ debt.total }}{% endfor %}", {"account.debts[]", "account.debts[].total"}),
        ("{% for a in x %}{% for b in a.y %}{{ b.z }}{% endfor %}{% endfor %}{{ a }}",
            {"x[]", "x[].y[]", "x[].y[].z", "a"}),
        ("{% for a in x %}{% if not loop.last %}{{ a }}{% endif %}{% endfor %}", {"x[]"}),
        ("{% if a.b and c == 'd' %}{{ e }}{% else %}{{ f }}{% endif %}", {"a.b", "c", "e", "f"}),
        ("{{ (a | capitals(b)).replace('整', '正') }}", {"a", "b"}),
        ("nothing", set()),
    ],
)  # fmt: skip
def test_wording_tells_which_blanks_it_asks_for(wording: str, found: set[str]) -> None:
    assert asked(wording) == found


def test_variables_that_are_bound_outside_are_resolved() -> None:
    assert asked("{{ debt.total }}", {"debt": "account.debts[]"}) == {"account.debts[].total"}


@pytest.mark.parametrize(
    "wording",
    ["{% if a %}", "{{ a | blur }}", "{% set a = 1 %}", "{{ f(a) }}", "{{ a[b] }}", "{{ a[0] }}", "{{ a + b }}",
     "{% include 'x' %}", "{% macro m() %}{% endmacro %}", "{% for a, b in c %}{% endfor %}", "{{ a is defined }}"],
)  # fmt: skip
def test_wording_beyond_the_few_expressions_is_refused(wording: str) -> None:
    with pytest.raises(WordingError):
        asked(wording)


@pytest.mark.parametrize(
    ("path", "there"),
    [("a.b", True), ("a.c", False), ("d[].e", True), ("d.e", False), ("a[]", False), ("d[]", True), ("a.b.c", False)],
)
def test_a_path_is_known_by_its_shape(path: str, there: bool) -> None:
    assert known(path, {"a": {"b": None}, "d": [{"e": None}]}) is there
