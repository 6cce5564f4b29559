"""Make templates/documents/instalment_agreement/agreement.docx for the first time, part by part.

    .venv/bin/python -m tests.templates.make_agreement

As with the dunning letter (make_letter.py): from then on the docx is the source, and lawyers edit it in Word. Terms
that weigh on the cardholder stand in bold, which is proven on the page.
"""

from pathlib import Path

from tests.templates.make_letter import balance
from tests.templates.paper import (
    HAIR,
    SANS,
    behind,
    border,
    cell,
    label,
    numbered,
    p,
    package,
    placeholder,
    row,
    run,
    strip,
    table,
    tag,
)
from tests.templates.paper import write as write_package

TARGET = Path(__file__).parents[2] / "templates/documents/instalment_agreement/agreement.docx"
PLAN = {
    "期次": (600, "Cell", "{{ row.number }}"),
    "还款日": (1830, "Cell", "{{ row.due_on | day }}"),
    "还款金额": (1690, "Amount", "{{ row.amount | amount(plan.currency) }}"),
    "其中欠款": (1690, "Amount", "{{ row.principal | amount(plan.currency) }}"),
    "其中利息": (1570, "Amount", "{{ row.charge | amount(plan.currency) }}"),
    "剩余欠款": (1690, "Amount", "{{ row.balance_after | amount(plan.currency) }}"),
}
LINE = 8 * "\uff3f"
AFTER_TABLE = '<w:spacing w:before="80"/>'
SMALL = 9  # points: amounts below ten thousand millions fit into a column
NOT_KEPT = '<w:keepNext w:val="0"/>'


def _in_words(money: str) -> str:
    return f"{{{{ plan.currency_name }}}}{{{{ {money} | amount(plan.currency) }}}}{{{{ plan.unit }}}}"


def small(text: str) -> str:
    return run(text, font=SANS, size=SMALL, bold=True)


def _heavy(text: str) -> str:
    return run(text, bold=True)


def parties() -> str:
    second = (
        "乙方（{{ signer.role_name }}）：{{ signer.name }}{% if signer.identity_tail %}，居民身份证号码末四位"
        "{{ signer.identity_tail }}{% endif %}{% if signer.liability %}，依据{{ signer.liability.signed_on | day }}的"
        "《{{ signer.liability.document }}》承担责任{% endif %}。"
    )
    return (
        p("Title", run("{{ document.title }}", spacing=60))
        + p("Number", "{{ document.number }}")
        + p(
            "Body",
            "甲方（发卡银行）：{{ issuer.legal_name }}{{ issuer.department }}（统一社会信用代码{{ issuer.uscc }}），"
            "地址{{ issuer.address }}，邮政编码{{ issuer.postcode }}，客服热线{{ issuer.hotline }}，"
            "网址{{ issuer.website }}。",
            extra='<w:jc w:val="left"/>',
        )
        + tag("for signer in signers")
        + p("Body", second)
        + tag("endfor")
        + p(
            "Body",
            "持卡人{{ account.holder.name }}尾号{{ account.tail }}的信用卡（{{ account.product }}）账户欠款超出其还款"
            "能力，且持卡人仍有还款意愿。双方依据《商业银行信用卡业务监督管理办法》第七十条，经平等协商，自愿订立本协议。",
        )
    )


def circumstances() -> str:
    return (
        p("Heading", "一、特殊情况和协商经过")
        + p("Body", "持卡人的特殊情况为{{ hardship.cause_name }}。{{ hardship.description }}")
        + p(
            "Body",
            "持卡人提交的证明材料为{% for one in hardship.evidence %}《{{ one.name }}》{% endfor %}，"
            f"其每月可用于还款的金额为{_in_words('hardship.affordable')}。",
        )
        + p(
            "Body",
            "本次分期由{{ negotiation.asked_by_name }}，双方于{{ negotiation.held_on | day }}"
            "{{ negotiation.means_name }}协商一致。协商记录由甲方留存；有录音录像的，由甲方至少保存至欠款结清之日。",
        )
    )


def owed() -> str:
    total = f"{_in_words('plan.total')}（大写：{{{{ plan.total | capitals(plan.currency) }}}}）。"
    return (
        p("Heading", "二、欠款余额、结构和币种")
        + tag("for debt in account.debts")
        + p(
            "Body",
            "截至{{ debt.as_of | day }}，上述账户欠款余额为",
            run("{{ debt.currency_name }}{{ debt.total | amount(debt.currency) }}{{ debt.unit }}", bold=True),
            "（大写：{{ debt.total | capitals(debt.currency) }}），币种为{{ debt.currency_name }}，构成如下。",
        )
        + tag("endfor")
        + balance()
        + tag("if terms.waives")
        + p("Body", f"甲方减免{_in_words('terms.waived')}，减免后由乙方分期偿还的总额为{total}", extra=AFTER_TABLE)
        + tag("else")
        + p("Body", f"上述欠款没有减免，由乙方分期偿还的总额为{total}", extra=AFTER_TABLE)
        + tag("endif")
    )


def plan() -> str:
    widths = [width for width, _, _ in PLAN.values()]
    lines = [border("top", 8), border("bottom", 8), border("insideH", 2, HAIR)]
    head = row(
        *(
            cell(width, p(style, label(name), extra=NOT_KEPT), fill="F2F2F2")
            for name, (width, style, _) in PLAN.items()
        ),
        header=True,
    )
    each = row(*(cell(width, p(style, text, extra=NOT_KEPT)) for width, style, text in PLAN.values()))
    begin, end = (
        row(cell(sum(widths), p("Cell", run(f"{{%tr {text} %}}"), extra=NOT_KEPT), span=len(PLAN)))
        for text in ("for row in plan.rows", "endfor")
    )
    sums = ("", "", "plan.amount", "plan.total", "plan.charge", "")
    total = row(
        *(
            cell(width, p(style, small(text), extra=NOT_KEPT), top=6)
            for (width, style, _), text in zip(
                PLAN.values(),
                ("合计", *(f"{{{{ {money} | amount(plan.currency) }}}}" if money else "" for money in sums[1:])),
                strict=True,
            )
        )
    )
    return (
        p("Heading", "三、还款周期、方式、币种、日期和每期还款金额")
        + p(
            "Body",
            "还款方式为{{ plan.method_name }}，还款周期为{% if plan.monthly %}每月一期{% else %}按下表约定"
            "的日期{% endif %}，币种为{{ plan.currency_name }}，共{{ plan.count }}期，"
            "首期还款日为{{ plan.first_due_on | day }}，末期还款日为{{ plan.last_due_on | day }}。"
            "各期的还款日和还款金额如下（单位：{{ plan.currency_name }}{{ plan.unit }}）。",
        )
        + table(widths, head, begin, each, end, total, borders="".join(lines), sides=60)
        + p(
            "Body",
            "乙方通过甲方的以下途径还款：{{ issuer.channels.repay.text }}，网址{{ issuer.channels.repay.url }}；"
            "转账还款的，收款户名为{{ issuer.channels.repay.account_name }}，"
            "{{ issuer.channels.repay.account_number_note }}，收款银行为{{ plan.repayment.bank }}，"
            "{{ plan.repayment.note }}。请勿向任何个人账户转账。",
            extra=AFTER_TABLE,
        )
    )


def charges() -> str:
    widths = [1800, 1200, 6070]
    lines = [border("top", 8), border("bottom", 8), border("insideH", 2, HAIR)]

    def line(name: str, yes: str, said: str) -> str:
        return row(*(cell(width, p("Cell", text)) for width, text in zip(widths, (name, yes, said), strict=True)))

    def switch(condition: str, yes: str, no: str) -> str:
        return f"{{% if {condition} %}}{yes}{{% else %}}{no}{{% endif %}}"

    head = row(
        *(
            cell(width, p("Cell", label(name)), fill="F2F2F2")
            for width, name in zip(widths, ("项目", "是否计收", "标准"), strict=True)
        ),
        header=True,
    )
    annual, other = "terms.annual_fee", "terms.other_fees"
    apart = "另行计入信用卡账单，不在第三条各期还款金额之内"
    rows = (
        line(
            "年费",
            switch(f"{annual}.charged", "是", "否"),
            switch(f"{annual}.charged", f"每年{_in_words(f'{annual}.amount')}，{apart}", "还款期间不计收年费"),
        ),
        line(
            "利息",
            switch("plan.bears_interest", "是", "否"),
            switch(
                "plan.bears_interest",
                "年化利率{{ plan.annual_percent | percent }}（单利），自{{ plan.starts_on | day }}起对剩余欠款计收"
                f"{{% if plan.partly_free %}}，其中{_in_words('plan.interest_free')}不计收利息{{% endif %}}",
                "还款期间不计收利息",
            ),
        ),
        line(
            "其他费用",
            switch(f"{other}.charged", "是", "否"),
            switch(
                f"{other}.charged",
                f"{{{{ {other}.name }}}}{_in_words(f'{other}.amount')}，一次{apart}",
                "还款期间不计收其他费用",
            ),
        ),
    )
    computed = (
        "利息的计算：{% if plan.monthly %}首期自计息起始日起满一个月的，以及其余各期，按年化利率的十二分之一计算；"
        "首期不是一个月的，按实际天数计算，一年按365天{% else %}各期按实际天数计算，一年按365天{% endif %}。"
        "{% if plan.partly_free %}不计收利息的部分{% if plan.monthly %}平均分入各期{% else %}最后偿还{% endif %}。"
        "{% endif %}"
    )
    return (
        p("Heading", "四、还款期间年费、利息和其他费用的计收")
        + table(widths, head, *rows, borders="".join(lines))
        + tag("if plan.bears_interest")
        + p("Body", computed, extra=AFTER_TABLE)
        + tag("endif")
        + p(
            "Body",
            _heavy(
                "本协议的年化利率（单利）为{{ plan.annual_percent | percent }}；连同上列费用，"
                "年化内部收益率（复利）为{{ plan.internal_percent | percent }}。"
            ),
            extra=AFTER_TABLE,
        )
    )


def covenant() -> str:
    return p("Heading", "五、不申领信用卡的承诺") + p(
        "Body", _heavy("持卡人承诺，在本协议项下的款项全部结清之前，不向任何银行申领信用卡。")
    )


def rights_and_duties() -> str:
    return numbered(
        "六、双方的权利和义务",
        (
            "自双方签署本协议之日起，甲方及其委托的机构停止对上述欠款的催收；乙方没有履行本协议的除外。",
            "甲方应当及时为还款入账，并应乙方的要求说明还款情况和剩余欠款。",
            "乙方应当按照本协议约定的日期和金额足额还款。",
            "乙方的通讯地址、联系电话等联系方式变更的，应当及时通知甲方。",
            "订立本协议不影响乙方依法提出异议、进行投诉，以及查阅、复制、更正、补充其个人信息的权利。",
        ),
    )


def breach() -> str:
    return (
        p("Heading", "七、违约责任")
        + p(
            "Body",
            _heavy(
                "持卡人同时有{{ terms.default.missed }}期没有足额还款，且每期均已超过还款日"
                "{{ terms.default.grace_days }}天的，或者末期没有足额还款，且已超过还款日"
                "{{ terms.default.grace_days }}天的，构成违约。"
            ),
        )
        + p(
            "Body",
            _heavy(
                "持卡人违约的，甲方有权书面通知乙方，要求剩余欠款提前到期，并恢复对欠款的催收；提前到期的，尚未发生的利息"
                "不再计收，自通知到达之日起，剩余欠款中的本金按照《{{ account.contract.title }}》约定的年化利率"
                "{{ account.rates.annual_percent | percent }}（单利）计收利息，其余部分不计收利息。"
                "{% if terms.waives %}甲方已经减免的金额不因此恢复。{% endif %}"
            ),
        )
        + p("Body", "甲方违反本协议的，乙方有权要求甲方继续履行、采取补救措施或者赔偿损失。")
    )


def other() -> str:
    at = "service_address"
    address = (
        "送达地址：持卡人确认，与本协议有关的通知和诉讼文书可以送达至以下地址："
        f"{{{{ {at}.province }}}}{{{{ {at}.city }}}}{{{{ {at}.district }}}}{{{{ {at}.line }}}}（邮政编码"
        f"{{{{ {at}.postcode }}}}），电话{{{{ {at}.phone }}}}"
        f"{{% if {at}.email %}}，电子邮箱{{{{ {at}.email }}}}{{% endif %}}；"
        "地址变更而没有书面通知甲方的，诉讼文书按照上述地址送达的，视为送达。"
    )
    lines = (
        "提前还款：乙方可以提前偿还部分或者全部款项，甲方不因此收取费用，利息计算至实际还款之日。",
        "信用信息：甲方依法如实报送信用信息，报送个人不良信息前将事先告知信息主体本人；乙方认为报送的信息有错误、"
        "遗漏的，有权提出异议。",
        (_heavy(address),),
        "提出异议：{{ issuer.channels.object.text }}，电话{{ issuer.channels.object.phone }}，电子邮箱"
        "{{ issuer.channels.object.email }}，地址{{ issuer.channels.object.address }}。",
        "投诉：甲方投诉电话{{ issuer.grievance.phone }}；对处理结果不满意的，可以向金融监管部门反映（银行保险消费者"
        "投诉维权热线{{ issuer.grievance.regulator_phone }}），也可以申请金融纠纷调解。",
        (_heavy("争议解决：因本协议发生的争议，双方协商解决；协商不成的，由{{ terms.court_name }}管辖。"),),
        "生效和份数：本协议自双方签名、盖章之日起生效，一式两份，甲方和乙方各执一份。",
    )
    return numbered("八、与还款有关的其他事项", lines)


def explained() -> str:
    what = "本协议中加粗的内容，即年化利率、不申领信用卡的承诺、违约责任、送达地址和争议解决"
    return (
        p("Heading", "九、重要条款的说明")
        + tag("if explanation")
        + p(
            "Body",
            f"甲方已于{{{{ explanation.explained_on | day }}}}向乙方说明{what}，说明的方式为"
            "{{ explanation.means_name }}；乙方已经阅读并理解。",
        )
        + tag("else")
        + p("Body", f"乙方签署之前，甲方应当向乙方说明{what}。")
        + tag("endif")
    )


def closing() -> str:
    across = 'relativeFrom="rightMargin"><wp:posOffset>-1476000</wp:posOffset>'
    down = 'relativeFrom="paragraph"><wp:posOffset>-536000</wp:posOffset>'
    return (
        tag("for signer in signers")
        + p(
            "Body",
            f"乙方（{{{{ signer.role_name }}}}）{{{{ signer.name }}}}（签名）：{LINE}",
            extra='<w:keepNext/><w:spacing w:before="120" w:line="420"/>',
        )
        + p("Body", "签署日期：　　　　年　　月　　日", extra='<w:keepNext/><w:spacing w:line="420"/>')
        + tag("endfor")
        + p("Closing", "甲方：{{ issuer.legal_name }}", extra='<w:spacing w:before="320"/>')
        + p("Closing", "（业务公章）", behind("stamp", 11, "rId2", 40, across, down))
        + p("Closing", "{{ document.on | day }}", extra='<w:spacing w:after="780"/>')
    )


def body() -> str:
    return (
        parties()
        + circumstances()
        + owed()
        + plan()
        + charges()
        + covenant()
        + rights_and_duties()
        + breach()
        + other()
        + explained()
        + closing()
        + strip("本协议")
    )


def write(target: Path) -> None:
    write_package(package(body(), check_code=placeholder("二维码"), stamp=placeholder("印章")), target)


if __name__ == "__main__":
    write(TARGET)
