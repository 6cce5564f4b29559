"""Make templates/documents/objection_reply/letter.docx for the first time, part by part.

    .venv/bin/python -m tests.templates.make_reply

As with the dunning letter (make_letter.py): from then on the docx is the source, and lawyers edit it in Word. Head,
foot, stamp and check box are the same; no way to pay stands on it, for it asks for nothing.
"""

from pathlib import Path

from tests.templates.paper import behind, label, p, package, placeholder, run, strip, tag
from tests.templates.paper import write as write_package

TARGET = Path(__file__).parents[2] / "templates/documents/objection_reply/letter.docx"

_NEW = "objection.corrected"


def opening() -> str:
    return (
        p("Title", run("{{ document.title }}", spacing=80))
        + p("Number", "{{ document.number }}")
        + p("Salutation", "尊敬的{{ addressee.name }}{{ addressee.salutation }}：")
        + p(
            "Body",
            "您于{{ objection.received_on | day }}就尾号{{ card.tail }}的信用卡（{{ card.product }}）账户提出的异议"
            "（登记编号{{ objection.reference }}），我行已经处理完毕，现答复如下。",
        )
    )


def verified() -> str:
    return (
        p("Heading", "一、核实情况")
        + p("Body", "我行收到您的异议后，对上述账户作出了备注，并进行了核实。")
        + tag("for finding in objection.findings")
        + p("Body", "{{ finding.text }}")
        + tag("endfor")
    )


def decided() -> str:
    result = (
        '经核实，您提出的异议{% if objection.decision == "upheld" %}成立'
        '{% elif objection.decision == "partly_upheld" %}部分成立{% else %}不成立{% endif %}。'
    )
    money = f"{{{{ {_NEW}.currency_name }}}}{{{{ {_NEW}.total | amount({_NEW}.currency) }}}}{{{{ {_NEW}.unit }}}}"
    return (
        p("Heading", "二、处理结果")
        + p("Body", run(result, bold=True))
        + tag(f"if {_NEW}")
        + p(
            "Body",
            f"根据上述处理结果，截至{{{{ {_NEW}.as_of | day }}}}，上述账户的欠款余额更正为",
            run(money, bold=True),
            f"（大写：{{{{ {_NEW}.total | capitals({_NEW}.currency) }}}}）。",
        )
        + tag("else")
        + p("Body", "上述账户的欠款余额不因本次处理结果而调整。")
        + tag("endif")
        + p("Body", "本函仅答复您的异议，不要求您付款。")
    )


def onward() -> str:
    lines = {
        "再次提出异议": "您有新的事实或者证据的，可以再次提出异议，{{ issuer.channels.object.text }}，"
        "电话{{ issuer.channels.object.phone }}，电子邮箱{{ issuer.channels.object.email }}，"
        "地址{{ issuer.channels.object.address }}。",
        "投诉": "您对本答复或者我行的处理过程不满意的，可以拨打我行投诉电话{{ issuer.grievance.phone }}，"
        "也可以向金融监管部门反映（银行保险消费者投诉维权热线{{ issuer.grievance.regulator_phone }}）。",
        "调解和诉讼": "您可以申请金融纠纷调解，也可以依法向人民法院提起诉讼。",
    }
    return p("Heading", "三、您可以采取的途径") + "".join(
        p("Channel", label(f"{name}："), run(f"\t{text}")) for name, text in lines.items()
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
        + p("Body", "特此函复。", extra="<w:keepNext/>")
        + p("Closing", "{{ issuer.legal_name }}", extra='<w:spacing w:before="320"/>')
        + p("Closing", "（业务公章）", behind("stamp", 11, "rId2", 40, across, down))
        + p("Closing", "{{ document.on | day }}", extra='<w:spacing w:after="780"/>')
    )


def body() -> str:
    return opening() + verified() + decided() + onward() + closing() + strip("本函")


def write(target: Path) -> None:
    write_package(package(body(), check_code=placeholder("二维码"), stamp=placeholder("印章")), target)


if __name__ == "__main__":
    write(TARGET)
