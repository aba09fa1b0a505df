"""The mail-in label as PDF: a QR of the order's code, where it goes, who pays, and what is inside."""

import io

from flask_babel import gettext
from markupsafe import escape
from reportlab.graphics.barcode.qr import QrCodeWidget
from reportlab.graphics.shapes import Drawing
from reportlab.lib.pagesizes import A6
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.platypus import Flowable, Paragraph, SimpleDocTemplate

from market.recycling.models import Recycler, RecyclingOrder

_FONT = "STSong-Light"  # one of the fonts that every PDF reader brings for Chinese
pdfmetrics.registerFont(UnicodeCIDFont(_FONT))
_TITLE = ParagraphStyle("title", fontName=_FONT, fontSize=14, leading=19, wordWrap="CJK")
_CODE = ParagraphStyle("code", fontName=_FONT, fontSize=20, leading=26, alignment=1)
_LINE = ParagraphStyle("line", fontName=_FONT, fontSize=10.5, leading=15, wordWrap="CJK")
_QR_MM = 42


def label_pdf(
    order: RecyclingOrder, recycler: Recycler, number: str, freight_paid: bool, *, compress: bool = True
) -> bytes:
    """One A6 page. The same order gives the same bytes."""
    payer = gettext("运费已由县里付") if freight_paid else gettext("运费到付，收件企业付")
    lines = (
        gettext("寄给：%(name)s", name=recycler.name),
        recycler.address,
        recycler.phone,
        gettext("运单号：%(number)s", number=number) if number else "",
        gettext("物品：%(model)s", model=order.model),
        gettext("许可证：%(number)s", number=recycler.licence_number),
        payer,
        gettext("含内置电池的电子产品，电池装在机内。内无散装电池、充电宝。"),
    )
    parts: list[Flowable] = [
        _text(gettext("绿乡回收寄件单"), _TITLE),
        _qr(order.code),
        _text(order.code, _CODE),
        *(_text(line, _LINE) for line in lines if line),
    ]
    return _built(parts, order.code, compress)


def _qr(text: str) -> Drawing:
    side = _QR_MM * mm
    drawing = Drawing(side, side, hAlign="CENTER")
    drawing.add(QrCodeWidget(text, barWidth=side, barHeight=side, barLevel="M"))
    return drawing


def _text(value: object, style: ParagraphStyle) -> Paragraph:
    return Paragraph(str(escape(str(value))), style)


def _built(parts: list[Flowable], title: str, compress: bool) -> bytes:
    made = io.BytesIO()
    margin = 7 * mm
    document = SimpleDocTemplate(
        made, pagesize=A6, leftMargin=margin, rightMargin=margin, topMargin=margin, bottomMargin=margin,
        title=title, invariant=1, pageCompression=int(compress),
    )  # fmt: skip
    document.build(parts)
    return made.getvalue()
