"""Make templates/documents/payment_reminder/letter.docx for the first time, part by part.

    .venv/bin/python -m tests.templates.make_reminder

As with the dunning letter (make_letter.py): from then on the docx is the source, and lawyers edit it in Word. It has
the same head, foot and check box, and no stamp: the law asks for a stamp on a dunning letter, which this is not.
"""

from pathlib import Path

from tests.templates.paper import (
    HAIR,
    border,
    cell,
    label,
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

TARGET = Path(__file__).parents[2] / "templates/documents/payment_reminder/letter.docx"

_SUM = "{{ statement.currency_name }}{{ statement.%s | amount(statement.currency) }}{{ statement.unit }}"
_ROWS = {
    "账单日": "{{ statement.billed_on | day }}",
    "本期应还款额": _SUM % "statement_balance",
    "最低还款额": _SUM % "minimum_payment",
    "到期还款日": "{{ statement.due_on | day }}",
}


def opening() -> str:
    return (
        p("Title", run("{{ document.title }}", spacing=80))
        + p("Number", "{{ document.number }}")
        + p("Salutation", "尊敬的{{ addressee.name }}{{ addressee.salutation }}：")
        + p("Body", "感谢您使用我行信用卡。本期账单的到期还款日将至，现将还款事项提醒如下。")
        + tag("for statement in statements")
        + p(
            "Body",
            "您尾号{{ card.tail }}的信用卡（{{ card.product }}）{{ statement.currency_name }}账单本期应还款额为",
            run(_SUM % "statement_balance", bold=True),
            f"，最低还款额为{_SUM % 'minimum_payment'}，到期还款日为",
            run("{{ statement.due_on | day }}", bold=True),
            "。",
        )
        + tag("endfor")
    )


def due() -> str:
    """One table for each currency; what counts most, the sum and the day, in bold."""
    left, right = 3400, 5670
    lines = [border("top", 8), border("bottom", 8), border("insideH", 2, HAIR)]
    rows = []
    for name, said in _ROWS.items():
        plain = name in ("账单日", "最低还款额")
        extra = "" if name != "到期还款日" else '<w:keepNext w:val="0"/>'
        words = [one if plain else label(one) for one in (name, said)]
        rows.append(row(cell(left, p("Cell", words[0], extra=extra)), cell(right, p("Amount", words[1], extra=extra))))
    return (
        p("Heading", "一、本期账单")
        + tag("for statement in statements")
        + p("Caption", "{{ statement.currency_name }}账单（信用卡尾号{{ card.tail }}）")
        + table([left, right], *rows, borders="".join(lines))
        + tag("endfor")
    )


def channels() -> str:
    query, repay, ask = "issuer.channels.query", "issuer.channels.repay", "issuer.channels.object"
    into = (
        "{% for statement in statements %}{{ statement.currency_name }}账单的收款银行为{{ statement.repayment.bank }}，"
        "{{ statement.repayment.note }}。{% endfor %}"
    )
    lines = {
        "还款": f"{{{{ {repay}.text }}}}，网址{{{{ {repay}.url }}}}；转账还款的，收款户名为"
        f"{{{{ {repay}.account_name }}}}，{{{{ {repay}.account_number_note }}}}。{into}"
        "请仅通过本提醒载明的途径还款，请勿向任何个人账户转账。",
        "查询账单": f"{{{{ {query}.text }}}}，电话{{{{ {query}.phone }}}}，网址{{{{ {query}.url }}}}。",
        "查询还款状态": f"还款是否入账，可以登录{{{{ {query}.url }}}}或者致电{{{{ {query}.phone }}}}查询。",
        "账单疑问": f"对本期账单有疑问的，请致电{{{{ {ask}.phone }}}}，或者发送电子邮件至{{{{ {ask}.email }}}}，"
        "我行将及时核实并答复您。",
    }
    return p("Heading", "二、还款和查询途径") + "".join(
        p("Channel", label(f"{name}："), run(f"\t{text}")) for name, text in lines.items()
    )


def notices() -> str:
    return (
        p("Heading", "三、其他告知事项")
        + p(
            "Body",
            "您与我行订立的《{{ card.contract.title }}》{{ card.contract.clause }}约定了还款义务，请您不迟于到期还款日"
            "还款。已约定自动还款的，请确保约定的还款账户届时余额充足。",
        )
        + p(
            "Body",
            run("如您已还款，请忽略本提醒。", bold=True),
            "还款与本提醒寄送可能交错，由此带来的不便敬请谅解。",
        )
        + p(
            "Body",
            "发卡银行联系方式：{{ issuer.legal_name }}{{ issuer.department }}（统一社会信用代码{{ issuer.uscc }}），"
            "地址{{ issuer.address }}，邮政编码{{ issuer.postcode }}，客服热线{{ issuer.hotline }}，"
            "网址{{ issuer.website }}。",
            extra='<w:keepNext/><w:jc w:val="left"/>',
        )
    )


def closing() -> str:
    return p("Closing", "{{ issuer.legal_name }}{{ issuer.department }}", extra='<w:spacing w:before="240"/>') + p(
        "Closing", "{{ document.on | day }}", extra='<w:spacing w:after="320"/>'
    )


def body() -> str:
    return opening() + due() + channels() + notices() + closing() + strip("本提醒")


def write(target: Path) -> None:
    write_package(package(body(), check_code=placeholder("二维码")), target)


if __name__ == "__main__":
    write(TARGET)
