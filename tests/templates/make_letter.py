"""Make templates/documents/dunning_letter/letter.docx for the first time, part by part.

    .venv/bin/python -m tests.templates.make_letter

This is how the file came to be. From then on the docx is the source: lawyers edit it in Word, the text twin beside it
shows what they changed, and running this again would throw their work away. It stays here, and runnable, because it
is the plainest description of the file: few styles, two fonts, three pictures, no theme and nothing from outside.
"""

from pathlib import Path

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

TARGET = Path(__file__).parents[2] / "templates/documents/dunning_letter/letter.docx"
COMPONENTS = {
    "principal": "透支本金",
    "interest": "利息",
    "penalty_interest": "罚息",
    "compound_interest": "复利",
    "liquidated_damages": "违约金",
    "fees": "费用",
    "unbilled_instalment_principal": "未出账单的分期本金",
}
_SUM = "{{ debt.currency_name }}{{ debt.%s | amount(debt.currency) }}{{ debt.unit }}"


def balance() -> str:
    left, right = 3400, 5670
    lines = [border("top", 8), border("bottom", 8), border("insideH", 2, HAIR)]
    head = row(
        cell(left, p("Cell", label("项目")), fill="F2F2F2"),
        cell(right, p("Amount", label("金额（{{ debt.currency_name }}{{ debt.unit }}）")), fill="F2F2F2"),
        header=True,
    )
    parts = [
        row(
            cell(left, p("Cell", name)),
            cell(right, p("Amount", f"{{{{ debt.{component} | amount(debt.currency) }}}}")),
        )
        for component, name in COMPONENTS.items()
    ]
    total = row(
        cell(left, p("Cell", label("欠款余额合计（小写）")), top=6),
        cell(right, p("Amount", label("{{ debt.total | amount(debt.currency) }}")), top=6),
    )
    last = '<w:keepNext w:val="0"/>'
    words = row(
        cell(left, p("Cell", label("欠款余额合计（大写）"), extra=last)),
        cell(right, p("Amount", label("{{ debt.total | capitals(debt.currency) }}"), extra=last)),
    )
    caption = p("Caption", "{{ debt.currency_name }}欠款明细（截至{{ debt.as_of | day }}）")
    return (
        tag("for debt in account.debts")
        + caption
        + table([left, right], head, *parts, total, words, borders="".join(lines))
        + tag("endfor")
    )


def opening() -> str:
    return (
        p("Title", run("{{ document.title }}", spacing=80))
        + p("Number", "{{ document.number }}")
        + p("Salutation", "尊敬的{{ addressee.name }}{{ addressee.salutation }}：")
        + tag("for debt in account.debts")
        + p(
            "Body",
            "截至{{ debt.as_of | day }}，持卡人{{ account.holder.name }}尾号{{ account.tail }}的信用卡"
            "（{{ account.product }}）账户欠款余额为",
            run(_SUM % "total", bold=True),
            "（大写：{{ debt.total | capitals(debt.currency) }}）。",
        )
        + tag("endfor")
        + bond()
        + agency()
        + p("Body", "现将欠款明细、催收事由和依据、您的权利和义务以及办理途径函告如下，请您核对。")
    )


def bond() -> str:
    """Why someone who is not the cardholder gets this letter; what binds them differs by role."""
    you, paper = "您是上述账户的{{ addressee.role_name }}，本函依据", "《{{ addressee.liability.document }}》向您发出，"
    on = "{{ addressee.liability.signed_on | day }}"
    return (
        tag('if addressee.role == "guarantor"')
        + p("Body", f"{you}您于{on}签署的{paper}您在该文件约定的范围内承担担保责任。")
        + tag('elif addressee.role == "legal_successor"')
        + p("Body", f"{you}{on}的{paper}您在依法承受的范围内承担清偿责任。")
        + tag("elif addressee.liability")
        + p("Body", f"{you}您于{on}签署的{paper}您按照该文件的约定承担还款责任。")
        + tag("endif")
    )


def agency() -> str:
    """Who sends the letter for the bank, and that nobody but the bank is paid."""
    return (
        tag("if agency")
        + p(
            "Body",
            "本函由我行委托的{{ agency.name }}（统一社会信用代码{{ agency.uscc }}）代为寄发，您可以登录"
            "{{ issuer.website }}或者致电{{ issuer.hotline }}核实。",
        )
        + tag("endif")
    )


def owed() -> str:
    return (
        p("Heading", "一、欠款明细")
        + balance()
        + p("Note", "上列金额计算至所载截止日；此后依合同约定产生的息费以还款当日查询结果为准。")
    )


def reason() -> str:
    return (
        p("Heading", "二、催收事由和依据")
        + tag("for debt in account.debts")
        + p(
            "Body",
            "上述{{ debt.currency_name }}欠款的账单日为{{ debt.billed_on | day }}，最早未足额还款的到期还款日为"
            "{{ debt.oldest_unpaid_due_on | day }}（宽限期{{ debt.grace_days }}天），"
            f"最低还款额为{_SUM % 'minimum_payment'}，截至本函出具之日已逾期{{{{ debt.days_overdue }}}}天。"
            "{% if debt.last_payment %}最近一次还款为{{ debt.last_payment.paid_on | day }}，还款金额"
            "{{ debt.currency_name }}{{ debt.last_payment.amount | amount(debt.currency) }}{{ debt.unit }}。"
            "{% endif %}",
        )
        + tag("endfor")
        + p(
            "Body",
            "本函依据《商业银行信用卡业务监督管理办法》第六十九条以及持卡人与我行订立的"
            "《{{ account.contract.title }}》{{ account.contract.clause }}发出。"
            "{% for line in document.wording %}{{ line }}{% endfor %}"
            "{% if respond_by %}请您最迟于{{ respond_by | day }}还款或者答复我行。{% endif %}",
        )
    )


def rights_and_duties() -> str:
    rights = (
        "您有权查询、核对账户状态、交易明细和欠款构成，并要求我行说明息费的计收标准和计算方法。",
        "您对欠款或者本次催收有异议的，有权提出异议并提交相关证据。",
        "{% if addressee.liability %}持卡人{% else %}您{% endif %}确有还款困难且仍有还款意愿的，"
        "有权申请与我行平等协商个性化分期还款协议"
        "（《商业银行信用卡业务监督管理办法》第七十条）。",
        "您有权依法查阅、复制您的个人信息；发现个人信息不准确或者不完整的，有权请求更正、补充。",
        "您认为我行报送的信用信息有错误、遗漏的，有权提出异议并要求更正。",
        "您有权就本次催收和我行的服务进行投诉。",
    )
    duties = (
        '您应当{% if addressee.role == "guarantor" %}在约定的范围内承担担保责任'
        '{% elif addressee.role == "legal_successor" %}在依法承受的范围内承担清偿责任'
        "{% elif addressee.liability %}按照所签署文件的约定承担还款责任"
        "{% else %}按照合同约定按时、足额还款{% endif %}。",
        "您的通讯地址、联系电话等联系方式变更的，应当及时通知我行。",
        "您提出异议或者申请协商的，应当提供真实、完整的情况和材料。",
    )
    return numbered("三、您的权利", rights) + numbered("四、您的义务", duties)


def channels() -> str:
    query, repay = "issuer.channels.query", "issuer.channels.repay"
    into = (
        "{% for debt in account.debts %}{{ debt.currency_name }}欠款的收款银行为{{ debt.repayment.bank }}，"
        "{{ debt.repayment.note }}。{% endfor %}"
    )
    lines = {
        "查询账户状态": f"{{{{ {query}.text }}}}，电话{{{{ {query}.phone }}}}，网址{{{{ {query}.url }}}}。",
        "还款": f"{{{{ {repay}.text }}}}，网址{{{{ {repay}.url }}}}；转账还款的，收款户名为"
        f"{{{{ {repay}.account_name }}}}，{{{{ {repay}.account_number_note }}}}。{into}"
        "请仅通过本函载明的途径还款，请勿向任何个人账户转账。",
        "查询还款状态": f"还款是否入账，可以登录{{{{ {query}.url }}}}或者致电{{{{ {query}.phone }}}}查询。",
        "提出异议": "{{ issuer.channels.object.text }}，电话{{ issuer.channels.object.phone }}，电子邮箱"
        "{{ issuer.channels.object.email }}，地址{{ issuer.channels.object.address }}。",
        "提交证据": "{{ issuer.channels.evidence.text }}，电子邮箱{{ issuer.channels.evidence.email }}，地址"
        "{{ issuer.channels.evidence.address }}。",
        "异议处理": "我行收到异议后，将对账户作出备注，及时核实、处理并告知您结果。",
        "投诉": "我行投诉电话{{ issuer.grievance.phone }}；对处理结果不满意的，可以向金融监管部门反映"
        "（银行保险消费者投诉维权热线{{ issuer.grievance.regulator_phone }}），也可以申请金融纠纷调解。",
    }
    return p("Heading", "五、查询、还款、异议和投诉途径") + "".join(
        p("Channel", label(f"{name}："), run(f"\t{text}")) for name, text in lines.items()
    )


def notices() -> str:
    return (
        p("Heading", "六、其他告知事项")
        + p(
            "Body",
            run(
                "信用卡透支年化利率为{{ account.rates.annual_percent | percent }}（单利"
                "{% if account.rates.daily_percent %}，日利率{{ account.rates.daily_percent | percent }}{% endif %}，"
                "一年按{{ account.rates.basis_days }}天计算）。",
                font=SANS,
                size=11,
                bold=True,
            ),
        )
        + p(
            "Body",
            "根据《征信业管理条例》，我行依法报送信用卡账户的信用信息，报送个人不良信息前将事先告知信息主体本人。"
            "您认为报送的信息有错误、遗漏的，可以向征信机构或者我行提出异议，受理机构将自收到异议之日起20日内"
            "进行核查和处理，并将结果书面答复您。",
        )
        + p(
            "Body",
            run("如您已还清上述欠款，请忽略本函。", bold=True),
            "还款与本函寄送可能交错，由此带来的不便敬请谅解。",
        )
        + tag("if note")
        + p("Body", "附言：{{ note }}")
        + tag("endif")
    )


def closing() -> str:
    across = 'relativeFrom="rightMargin"><wp:posOffset>-1476000</wp:posOffset>'
    down = 'relativeFrom="paragraph"><wp:posOffset>-536000</wp:posOffset>'
    return (
        p(
            "Body",
            "发卡银行联系方式：{{ issuer.legal_name }}{{ issuer.department }}（统一社会信用代码{{ issuer.uscc }}），"
            "地址{{ issuer.address }}，邮政编码{{ issuer.postcode }}，客服热线{{ issuer.hotline }}，"
            "网址{{ issuer.website }}。",
            extra='<w:keepNext/><w:jc w:val="left"/>',
        )
        + p("Body", "特此函告。", extra="<w:keepNext/>")
        + p("Closing", "{{ issuer.legal_name }}", extra='<w:spacing w:before="320"/>')
        + p("Closing", "（业务公章）", behind("stamp", 11, "rId2", 40, across, down))
        + p("Closing", "{{ document.on | day }}", extra='<w:spacing w:after="780"/>')
    )


def body() -> str:
    return opening() + owed() + reason() + rights_and_duties() + channels() + notices() + closing() + strip("本函")


def write(target: Path) -> None:
    write_package(package(body(), check_code=placeholder("二维码"), stamp=placeholder("印章")), target)


if __name__ == "__main__":
    write(TARGET)
