"""Make templates/documents/dunning_letter/letter.docx for the first time, part by part.

    .venv/bin/python -m tests.templates.make_letter

This is how the file came to be. From then on the docx is the source: lawyers edit it in Word, the text twin beside it
shows what they changed, and running this again would throw their work away. It stays here, and runnable, because it
is the plainest description of the file: few styles, two fonts, three pictures, no theme and nothing from outside.

Lengths are twentieths of a point (Word's own unit), pictures in EMU.
"""

import io
import zipfile
from pathlib import Path
from xml.sax.saxutils import escape

from PIL import Image, ImageDraw, ImageFont

TARGET = Path(__file__).parents[2] / "templates/documents/dunning_letter/letter.docx"

SERIF, SANS = "Noto Serif CJK SC", "Noto Sans CJK SC"
INK, GREY, RED, HAIR = "000000", "595959", "B3161D", "8C8C8C"
WIDTH = 9070  # between the margins
_MM = 36000  # EMU
_FONT_FILE = "/usr/share/fonts/opentype/noto/NotoSerifCJK-Bold.ttc"
_SIMPLIFIED = 2

_NAMESPACES = " ".join(
    f'xmlns:{prefix}="http://schemas.openxmlformats.org/{rest}"'
    for prefix, rest in {
        "w": "wordprocessingml/2006/main",
        "r": "officeDocument/2006/relationships",
        "wp": "drawingml/2006/wordprocessingDrawing",
        "a": "drawingml/2006/main",
        "pic": "drawingml/2006/picture",
    }.items()
)
_HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'


# Runs, paragraphs, tables


def run(text: str, *, font: str = "", size: float = 0, bold: bool = False, colour: str = "", spacing: int = 0) -> str:
    said = ""
    if font:
        said += f'<w:rFonts w:ascii="{font}" w:hAnsi="{font}" w:eastAsia="{font}" w:cs="{font}"/>'
    said += "<w:b/>" if bold else ""
    said += f'<w:color w:val="{colour}"/>' if colour else ""
    said += f'<w:spacing w:val="{spacing}"/>' if spacing else ""
    said += f'<w:sz w:val="{round(size * 2)}"/><w:szCs w:val="{round(size * 2)}"/>' if size else ""
    pieces = (f'<w:t xml:space="preserve">{escape(piece)}</w:t>' if piece else "" for piece in text.split("\t"))
    return f"<w:r>{f'<w:rPr>{said}</w:rPr>' if said else ''}{'<w:tab/>'.join(pieces)}</w:r>"


def label(text: str) -> str:
    return run(text, font=SANS, bold=True)


def field(instruction: str, shown: str) -> str:
    return f'<w:fldSimple w:instr=" {instruction} ">{run(shown)}</w:fldSimple>'


def p(style: str, *runs: str, extra: str = "") -> str:
    content = "".join(one if one.startswith("<") else run(one) for one in runs)
    return f'<w:p><w:pPr><w:pStyle w:val="{style}"/>{extra}</w:pPr>{content}</w:p>'


def tag(text: str) -> str:
    """A paragraph that only steers: it is gone once the letter is filled."""
    return p("Body", run(f"{{%p {text} %}}"))


def cell(width: int, content: str, *, span: int = 1, top: int = 0, fill: str = "") -> str:
    said = f'<w:tcW w:w="{width}" w:type="dxa"/>' + (f'<w:gridSpan w:val="{span}"/>' if span > 1 else "")
    if top:
        said += f'<w:tcBorders><w:top w:val="single" w:sz="{top}" w:space="0" w:color="{INK}"/></w:tcBorders>'
    said += f'<w:shd w:val="clear" w:color="auto" w:fill="{fill}"/>' if fill else ""
    return f'<w:tc><w:tcPr>{said}<w:vAlign w:val="center"/></w:tcPr>{content}</w:tc>'


def row(*cells: str, height: int = 0, header: bool = False) -> str:
    said = "<w:cantSplit/>" + (f'<w:trHeight w:val="{height}" w:hRule="atLeast"/>' if height else "")
    said += "<w:tblHeader/>" if header else ""
    return f"<w:tr><w:trPr>{said}</w:trPr>{''.join(cells)}</w:tr>"


def table(columns: list[int], *rows: str, borders: str, margin: int = 0) -> str:
    grid = "".join(f'<w:gridCol w:w="{width}"/>' for width in columns)
    widths = {"top": margin, "left": 100, "bottom": margin, "right": 100}
    sides = "".join(f'<w:{side} w:w="{width}" w:type="dxa"/>' for side, width in widths.items())
    return (
        f'<w:tbl><w:tblPr><w:tblW w:w="{sum(columns)}" w:type="dxa"/><w:jc w:val="center"/>'
        f'<w:tblBorders>{borders}</w:tblBorders><w:tblLayout w:type="fixed"/><w:tblCellMar>{sides}</w:tblCellMar>'
        f"</w:tblPr><w:tblGrid>{grid}</w:tblGrid>{''.join(rows)}</w:tbl>"
    )


def border(side: str, size: int, colour: str = INK) -> str:
    return f'<w:{side} w:val="single" w:sz="{size}" w:space="0" w:color="{colour}"/>'


# Pictures


def _graphic(name: str, number: int, relation: str, side: int) -> str:
    return (
        '<a:graphic><a:graphicData uri="http://schemas.openxmlformats.org/drawingml/2006/picture"><pic:pic>'
        f'<pic:nvPicPr><pic:cNvPr id="{number}" name="{name}" descr="{name}"/><pic:cNvPicPr/></pic:nvPicPr>'
        f'<pic:blipFill><a:blip r:embed="{relation}"/><a:stretch><a:fillRect/></a:stretch></pic:blipFill>'
        f'<pic:spPr><a:xfrm><a:off x="0" y="0"/><a:ext cx="{side}" cy="{side}"/></a:xfrm>'
        '<a:prstGeom prst="rect"><a:avLst/></a:prstGeom></pic:spPr></pic:pic></a:graphicData></a:graphic>'
    )


def inline(name: str, number: int, relation: str, millimetres: float) -> str:
    side = round(millimetres * _MM)
    return (
        f'<w:r><w:drawing><wp:inline distT="0" distB="0" distL="0" distR="0"><wp:extent cx="{side}" cy="{side}"/>'
        f'<wp:docPr id="{number}" name="{name}" descr="{name}"/>{_graphic(name, number, relation, side)}'
        "</wp:inline></w:drawing></w:r>"
    )


def behind(name: str, number: int, relation: str, millimetres: float, across: str, down: str) -> str:
    """A picture behind the text; `across` and `down` are the inner parts of wp:positionH and wp:positionV."""
    side = round(millimetres * _MM)
    return (
        '<w:r><w:drawing><wp:anchor distT="0" distB="0" distL="0" distR="0" simplePos="0" relativeHeight="1" '
        'behindDoc="1" locked="0" layoutInCell="1" allowOverlap="1"><wp:simplePos x="0" y="0"/>'
        f"<wp:positionH {across}</wp:positionH><wp:positionV {down}</wp:positionV>"
        f'<wp:extent cx="{side}" cy="{side}"/><wp:effectExtent l="0" t="0" r="0" b="0"/><wp:wrapNone/>'
        f'<wp:docPr id="{number}" name="{name}" descr="{name}"/>{_graphic(name, number, relation, side)}'
        "</wp:anchor></w:drawing></w:r>"
    )


def placeholder(text: str) -> bytes:
    """What stands in the template until the letter is filled; never seen on paper."""
    image = Image.new("RGB", (300, 300), (235, 235, 235))
    font = ImageFont.truetype(_FONT_FILE, 60, index=_SIMPLIFIED)
    ImageDraw.Draw(image).text((150, 150), text, font=font, fill=(120, 120, 120), anchor="mm")
    return _png(image)


def watermark() -> bytes:
    """样本, pale enough that small type on it reads as if on white paper."""
    image = Image.new("L", (1200, 1200), 0)
    font = ImageFont.truetype(_FONT_FILE, 470, index=_SIMPLIFIED)
    ImageDraw.Draw(image).text((600, 600), "样本", font=font, fill=255, anchor="mm")
    ink = image.rotate(45, Image.Resampling.BICUBIC).resize((600, 600), Image.Resampling.BOX)
    made = Image.new("RGB", (600, 600), "white")  # opaque: nothing lies behind it, and transparency is slow to draw
    made.paste((252, 237, 237), mask=ink)
    return _png(made)


def _png(image: Image.Image) -> bytes:
    stream = io.BytesIO()
    image.save(stream, "PNG", optimize=True)
    return stream.getvalue()


# The letter

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


def letterhead() -> str:
    line = f'<w:pBdr>{border("bottom", 8)}</w:pBdr><w:tabs><w:tab w:val="right" w:pos="{WIDTH}"/></w:tabs>'
    return specimen(21) + p(
        "Letterhead",
        run("{{ issuer.legal_name }}", font=SANS, size=15, bold=True, spacing=20),
        run("\t{{ issuer.department }}", font=SANS, size=10),
        extra=f'{line}<w:spacing w:before="60" w:line="380"/>',
    )


def running_head() -> str:
    line = f'<w:pBdr>{border("bottom", 4, HAIR)}</w:pBdr><w:tabs><w:tab w:val="right" w:pos="{WIDTH}"/></w:tabs>'
    return specimen(22) + p(
        "Letterhead", run("{{ issuer.legal_name }}\t{{ document.title }}　{{ document.number }}", size=9), extra=line
    )


def specimen(number: int) -> str:
    page = 'relativeFrom="page"><wp:align>center</wp:align>'
    return (
        tag("if document.specimen")
        + p("Specimen", "样本 SPECIMEN 仅供演示，不具法律效力", behind("watermark", number, "rId1", 150, page, page))
        + tag("endif")
    )


def footer() -> str:
    return p("Footer", "第 ", field("PAGE", "x"), " 页　共 ", field("PAGEREF letter_end", "y"), " 页")


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
            "{% if respond_by %}请您在{{ respond_by | day }}前还款或者答复我行。{% endif %}",
        )
    )


def rights_and_duties() -> str:
    rights = (
        "您有权查询、核对账户状态、交易明细和欠款构成，并要求我行说明息费的计收标准和计算方法。",
        "您对欠款或者本次催收有异议的，有权提出异议并提交相关证据。",
        "您确有还款困难且仍有还款意愿的，有权申请与我行平等协商个性化分期还款协议"
        "（《商业银行信用卡业务监督管理办法》第七十条）。",
        "您有权依法查阅、复制您的个人信息；发现个人信息不准确或者不完整的，有权请求更正、补充。",
        "您认为我行报送的信用信息有错误、遗漏的，有权提出异议并要求更正。",
        "您有权就本次催收和我行的服务进行投诉。",
    )
    duties = (
        "您应当按照合同约定按时、足额还款。",
        "您的通讯地址、联系电话等联系方式变更的，应当及时通知我行。",
        "您提出异议或者申请协商的，应当提供真实、完整的情况和材料。",
    )
    return _numbered("三、您的权利", rights) + _numbered("四、您的义务", duties)


def _numbered(heading: str, items: tuple[str, ...]) -> str:
    lines = (p("Item", run(f"{number}.\t{text}")) for number, text in enumerate(items, 1))
    return p("Heading", heading) + "".join(lines)


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
        + p("Closing", "（业务公章）", behind("stamp", 11, "rId1", 40, across, down))
        + p("Closing", "{{ document.on | day }}", extra='<w:spacing w:after="780"/>')
    )


def strip() -> str:
    """The box at the end: how the holder checks that the letter is genuine."""
    picture, text = 1830, 7240
    frame = "".join(border(side, 4, HAIR) for side in ("top", "left", "bottom", "right"))
    exact = '<w:spacing w:before="0" w:after="0" w:line="240" w:lineRule="auto"/>'
    code = p("Cell", inline("check_code", 12, "rId2", 26), extra=f'{exact}<w:jc w:val="center"/>')
    words = (
        p("Cell", label("本函核验"))
        + p("Cell", "核验码：", run("{{ document.check_code }}", font=SANS, size=12, bold=True, spacing=10))
        + p("Cell", "核验网址：{{ document.check_address }}")
        + p("Cell", "本函编号：{{ document.number }}")
        + p("Cell", "扫描左侧二维码，或者在核验网址输入核验码，可以核对本函真伪。", extra='<w:keepNext w:val="0"/>')
    )
    end = '<w:bookmarkStart w:id="1" w:name="letter_end"/><w:bookmarkEnd w:id="1"/>'
    last = '<w:spacing w:before="0" w:after="0" w:line="20" w:lineRule="exact"/>'
    return table([picture, text], row(cell(picture, code), cell(text, words)), borders=frame, margin=80) + p(
        "Body", end, extra=last
    )


def section() -> str:
    parts = (("header", "first", 3), ("header", "default", 4), ("footer", "first", 5), ("footer", "default", 6))
    return (
        "<w:sectPr>"
        + "".join(f'<w:{part}Reference w:type="{kind}" r:id="rId{number}"/>' for part, kind, number in parts)
        + '<w:pgSz w:w="11906" w:h="16838"/><w:pgMar w:top="1474" w:right="1418" w:bottom="1134" w:left="1418" '
        'w:header="624" w:footer="567" w:gutter="0"/>'
        "<w:titlePg/></w:sectPr>"
    )


def body() -> str:
    return (
        opening() + owed() + reason() + rights_and_duties() + channels() + notices() + closing() + strip() + section()
    )


# Styles

_EXACT = '<w:spacing w:before="{before}" w:after="{after}" w:line="{line}" w:lineRule="exact"/>'


def _style(name: str, paragraph: str, *, font: str = "", size: float = 0, bold: bool = False, colour: str = "") -> str:
    letters = run("x", font=font, size=size, bold=bold, colour=colour)
    said = letters[letters.find("<w:rPr>") : letters.find("</w:rPr>") + 8] if "<w:rPr>" in letters else ""
    return (
        f'<w:style w:type="paragraph" w:customStyle="1" w:styleId="{name}"><w:name w:val="{name}"/>'
        f'<w:basedOn w:val="Normal"/><w:qFormat/><w:pPr>{paragraph}</w:pPr>{said}</w:style>'
    )


def _spacing(before: int, after: int, line: int) -> str:
    return _EXACT.format(before=before, after=after, line=line)


def styles() -> str:
    fonts = f'<w:rFonts w:ascii="{SERIF}" w:hAnsi="{SERIF}" w:eastAsia="{SERIF}" w:cs="{SERIF}"/>'
    language = '<w:lang w:val="en-GB" w:eastAsia="zh-CN" w:bidi="ar-SA"/>'
    made = [
        f'<w:docDefaults><w:rPrDefault><w:rPr>{fonts}<w:kern w:val="0"/><w:sz w:val="21"/><w:szCs w:val="21"/>'
        f"{language}</w:rPr></w:rPrDefault><w:pPrDefault><w:pPr/></w:pPrDefault></w:docDefaults>",
        '<w:style w:type="paragraph" w:default="1" w:styleId="Normal"><w:name w:val="Normal"/><w:qFormat/>'
        f'<w:pPr>{_spacing(0, 0, 300)}<w:jc w:val="both"/></w:pPr></w:style>',
        _style("Title", f'<w:keepNext/>{_spacing(180, 80, 540)}<w:jc w:val="center"/>', font=SANS, size=22, bold=True),
        _style("Number", f'<w:keepNext/>{_spacing(0, 160, 300)}<w:jc w:val="center"/>', font=SANS, size=10),
        _style("Salutation", f'<w:keepNext/>{_spacing(0, 60, 300)}<w:jc w:val="left"/>', bold=True, size=11),
        _style("Body", f'<w:keepLines/>{_spacing(0, 40, 300)}<w:ind w:firstLineChars="200" w:firstLine="420"/>'),
        _style("Heading", f"<w:keepNext/><w:keepLines/>{_spacing(140, 50, 320)}", font=SANS, size=11.5, bold=True),
        _style("Caption", f'<w:keepNext/>{_spacing(90, 50, 280)}<w:jc w:val="left"/>', font=SANS, size=10),
        _style("Note", f'<w:keepLines/>{_spacing(60, 0, 260)}<w:jc w:val="left"/>', size=9.5, colour=GREY),
        _style("Item", f'<w:keepLines/>{_spacing(0, 16, 300)}<w:ind w:left="780" w:hanging="360"/>'),
        _style(
            "Channel",
            f'<w:keepLines/>{_spacing(0, 24, 300)}<w:ind w:left="1995" w:hanging="1575"/><w:jc w:val="left"/>',
        ),
        _style("Cell", f'<w:keepNext/>{_spacing(22, 22, 262)}<w:jc w:val="left"/>', font=SANS, size=10),
        _style("Amount", f'<w:keepNext/>{_spacing(22, 22, 262)}<w:jc w:val="right"/>', font=SANS, size=10),
        _style(
            "Closing",
            f'<w:keepNext/><w:keepLines/>{_spacing(0, 40, 340)}<w:ind w:left="4536"/><w:jc w:val="center"/>',
            size=11,
        ),
        _style("Letterhead", f'{_spacing(0, 0, 340)}<w:jc w:val="left"/>', colour=INK),
        _style("Specimen", f'{_spacing(0, 40, 260)}<w:jc w:val="center"/>', font=SANS, size=10, bold=True, colour=RED),
        _style("Footer", f'{_spacing(0, 0, 260)}<w:jc w:val="center"/>', size=9, colour=GREY),
    ]
    return f"{_HEAD}<w:styles {_NAMESPACES}>{''.join(made)}</w:styles>"


# The package

_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml"


def relationships(*targets: tuple[str, str]) -> str:
    lines = (
        f'<Relationship Id="rId{number}" Type="{kind}" Target="{target}"/>'
        for number, (kind, target) in enumerate(targets, 1)
    )
    return f'{_HEAD}<Relationships xmlns="{_PACKAGE}/relationships">{"".join(lines)}</Relationships>'


def content_types() -> str:
    kinds = {"document": "document.main", "styles": "styles", "settings": "settings"}
    kinds |= {"header1": "header", "header2": "header", "footer1": "footer", "footer2": "footer"}
    lines = "".join(
        f'<Override PartName="/word/{name}.xml" ContentType="{_WORD}.{kind}+xml"/>' for name, kind in kinds.items()
    )
    return (
        f'{_HEAD}<Types xmlns="{_PACKAGE}/content-types"><Default Extension="png" ContentType="image/png"/>'
        '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        f'<Default Extension="xml" ContentType="application/xml"/>{lines}</Types>'
    )


def settings() -> str:
    compatibility = (
        '<w:compatSetting w:name="compatibilityMode" w:uri="http://schemas.microsoft.com/office/word" w:val="15"/>'
    )
    return (
        f'{_HEAD}<w:settings {_NAMESPACES}><w:zoom w:percent="100"/><w:defaultTabStop w:val="420"/>'
        '<w:characterSpacingControl w:val="compressPunctuation"/>'
        f"<w:compat>{compatibility}</w:compat></w:settings>"
    )


def package() -> dict[str, str | bytes]:
    def part(element: str, content: str) -> str:
        return f"{_HEAD}<w:{element} {_NAMESPACES}>{content}</w:{element}>"

    image = f"{_OFFICE}/image"
    mark = relationships((image, "media/watermark.png"))
    return {
        "[Content_Types].xml": content_types(),
        "_rels/.rels": relationships((f"{_OFFICE}/officeDocument", "word/document.xml")),
        "word/document.xml": part("document", f"<w:body>{body()}</w:body>"),
        "word/_rels/document.xml.rels": relationships(
            (image, "media/stamp.png"),
            (image, "media/check_code.png"),
            (f"{_OFFICE}/header", "header1.xml"),
            (f"{_OFFICE}/header", "header2.xml"),
            (f"{_OFFICE}/footer", "footer1.xml"),
            (f"{_OFFICE}/footer", "footer2.xml"),
            (f"{_OFFICE}/styles", "styles.xml"),
            (f"{_OFFICE}/settings", "settings.xml"),
        ),
        "word/header1.xml": part("hdr", letterhead()),
        "word/_rels/header1.xml.rels": mark,
        "word/header2.xml": part("hdr", running_head()),
        "word/_rels/header2.xml.rels": mark,
        "word/footer1.xml": part("ftr", footer()),
        "word/footer2.xml": part("ftr", footer()),
        "word/styles.xml": styles(),
        "word/settings.xml": settings(),
        "word/media/stamp.png": placeholder("印章"),
        "word/media/check_code.png": placeholder("二维码"),
        "word/media/watermark.png": watermark(),
    }


def write(target: Path) -> None:
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in package().items():
            archive.writestr(zipfile.ZipInfo(name, (2026, 11, 23, 0, 0, 0)), content, zipfile.ZIP_DEFLATED)


if __name__ == "__main__":
    write(TARGET)
