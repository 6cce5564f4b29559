"""Make templates/documents/promise_to_pay/promise.docx for the first time, part by part.

    .venv/bin/python -m tests.templates.make_promise

As with the dunning letter (make_letter.py): from then on the docx is the source, and lawyers edit it in Word. It bears
no stamp, for the bank promises nothing in it; what is left open is for the hand of whoever signs.
"""

from pathlib import Path

from tests.templates.make_letter import balance
from tests.templates.paper import (
    HAIR,
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

TARGET = Path(__file__).parents[2] / "templates/documents/promise_to_pay/promise.docx"
WIDTHS = [1400, 4270, 3400]
BOX, LINE = "□", 8 * "\uff3f"
AFTER_TABLE = '<w:spacing w:before="80"/>'
_MONEY = "{{ promise.currency_name }}{{ promise.total | amount(promise.currency) }}{{ promise.unit }}"


def opening() -> str:
    who = (
        "承诺人{{ promisor.name }}（{{ promisor.role_name }}{% if promisor.identity_tail %}，居民身份证号码末四位"
        "{{ promisor.identity_tail }}{% endif %}）就持卡人{{ account.holder.name }}尾号{{ account.tail }}的信用卡"
        "（{{ account.product }}）账户的欠款，自愿作出以下还款承诺。"
    )
    return (
        p("Title", run("{{ document.title }}", spacing=80))
        + p("Number", "{{ document.number }}")
        + p("Salutation", "致：{{ issuer.legal_name }}{{ issuer.department }}")
        + p("Body", who)
        + tag("if promisor.liability")
        + p(
            "Body",
            "承诺人依据{{ promisor.liability.signed_on | day }}的《{{ promisor.liability.document }}》对上述欠款"
            "承担责任。",
        )
        + tag("endif")
        + p(
            "Body",
            "本承诺书是承诺人一方的还款承诺，不是《商业银行信用卡业务监督管理办法》第七十条规定的个性化分期还款协议。",
        )
    )


def owed() -> str:
    return (
        p("Heading", "一、欠款")
        + tag("for debt in account.debts")
        + p(
            "Body",
            "截至{{ debt.as_of | day }}，上述账户欠款余额为",
            run("{{ debt.currency_name }}{{ debt.total | amount(debt.currency) }}{{ debt.unit }}", bold=True),
            "（大写：{{ debt.total | capitals(debt.currency) }}）。",
        )
        + tag("endfor")
        + balance()
        + p("Body", f"承诺人对上列金额：{BOX}无异议　{BOX}有异议，异议内容：{LINE}{LINE}", extra=AFTER_TABLE)
    )


def promised() -> str:
    lines = [border("top", 8), border("bottom", 8), border("insideH", 2, HAIR)]
    head = row(
        *(
            cell(width, p(style, label(name)), fill="F2F2F2")
            for width, style, name in zip(
                WIDTHS, ("Cell", "Cell", "Amount"), ("序号", "承诺还款日", "还款金额"), strict=True
            )
        ),
        header=True,
    )
    each = row(
        cell(WIDTHS[0], p("Cell", "{{ row.number }}")),
        cell(WIDTHS[1], p("Cell", "{{ row.due_on | day }}")),
        cell(WIDTHS[2], p("Amount", "{{ row.amount | amount(promise.currency) }}")),
    )
    steer = [row(cell(sum(WIDTHS), p("Cell", run(f"{{%tr {text} %}}")), span=3)) for text in _LOOP]
    return (
        p("Heading", "二、还款承诺")
        + p(
            "Body",
            "承诺人承诺按照下表的日期和金额还款，共{{ promise.count }}笔，合计",
            run(_MONEY, bold=True),
            "（大写：{{ promise.total | capitals(promise.currency) }}）。",
        )
        + table(WIDTHS, head, steer[0], each, steer[1], borders="".join(lines))
    )


_LOOP = ("for row in promise.rows", "endfor")


def repaying() -> str:
    repay = "issuer.channels.repay"
    return p("Heading", "三、还款途径") + p(
        "Body",
        f"承诺人只通过发卡银行的以下途径还款：{{{{ {repay}.text }}}}，网址{{{{ {repay}.url }}}}；转账还款的，收款户名为"
        f"{{{{ {repay}.account_name }}}}，{{{{ {repay}.account_number_note }}}}，收款银行为"
        "{{ promise.repayment.bank }}，{{ promise.repayment.note }}。承诺人不向任何个人账户转账。",
    )


def declared() -> str:
    return numbered(
        "四、承诺人的声明",
        (
            "本承诺由承诺人自愿作出，没有受到欺诈、胁迫，承诺人已经阅读并理解本承诺书的内容。",
            "承诺人依法享有的权利不因本承诺书而减少，包括对欠款提出异议并提交证据、在确有还款困难时申请协商"
            "个性化分期还款协议、就催收行为和服务进行投诉的权利，以及法律规定的抗辩。",
            "承诺人已经收到本承诺书一份。",
        ),
    )


def reached() -> str:
    at = "service_address"
    lines = {
        "提出异议": "{{ issuer.channels.object.text }}，电话{{ issuer.channels.object.phone }}，电子邮箱"
        "{{ issuer.channels.object.email }}，地址{{ issuer.channels.object.address }}。",
        "投诉": "发卡银行投诉电话{{ issuer.grievance.phone }}；对处理结果不满意的，可以向金融监管部门反映"
        "（银行保险消费者投诉维权热线{{ issuer.grievance.regulator_phone }}），也可以申请金融纠纷调解。",
        "联系银行": "{{ issuer.legal_name }}{{ issuer.department }}（统一社会信用代码{{ issuer.uscc }}），地址"
        "{{ issuer.address }}，邮政编码{{ issuer.postcode }}，客服热线{{ issuer.hotline }}，网址{{ issuer.website }}。",
    }
    return (
        p("Heading", "五、送达地址")
        + p(
            "Body",
            "承诺人确认，与上述欠款有关的通知和诉讼文书可以送达至以下地址："
            f"{{{{ {at}.province }}}}{{{{ {at}.city }}}}{{{{ {at}.district }}}}{{{{ {at}.line }}}}（邮政编码"
            f"{{{{ {at}.postcode }}}}），电话{{{{ {at}.phone }}}}"
            f"{{% if {at}.email %}}，电子邮箱{{{{ {at}.email }}}}{{% endif %}}。"
            "地址变更的，承诺人应当及时书面通知发卡银行。",
            extra='<w:jc w:val="left"/>',
        )
        + p("Heading", "六、异议、投诉和联系方式")
        + "".join(p("Channel", label(f"{name}："), run(f"\t{text}")) for name, text in lines.items())
    )


def closing() -> str:
    kept = "<w:keepNext/>"
    return (
        p("Body", f"承诺人（签名）：{LINE}{LINE}", extra=f'{kept}<w:spacing w:before="240" w:line="420"/>')
        + p("Body", "签署日期：　　　　年　　月　　日", extra=f'{kept}<w:spacing w:line="420"/>')
        + p("Body", f"签署地点：{LINE}{LINE}", extra=f'{kept}<w:spacing w:line="420"/>')
        + p(
            "Body",
            f"签署方式：{BOX}当面签署　{BOX}邮寄签署　{BOX}电子签名",
            extra=f'{kept}<w:spacing w:after="160" w:line="420"/>',
        )
        + p("Body", "本承诺书文本出具日期：{{ document.on | day }}", extra=f'{kept}<w:spacing w:after="160"/>')
    )


def body() -> str:
    return opening() + owed() + promised() + repaying() + declared() + reached() + closing() + strip("本承诺书")


def write(target: Path) -> None:
    write_package(package(body(), check_code=placeholder("二维码")), target)


if __name__ == "__main__":
    write(TARGET)
