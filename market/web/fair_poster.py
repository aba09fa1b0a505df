"""A fair on paper, as PDF: where it stands and when, with a code for each stop."""

import io
from collections.abc import Callable

from flask_babel import gettext
from markupsafe import escape
from reportlab.graphics.barcode.qr import QrCodeWidget
from reportlab.graphics.shapes import Drawing
from reportlab.lib import colors
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.platypus import Flowable, Paragraph, SimpleDocTemplate, Spacer, Table, TableStyle

from market.fairs.models import Fair, FairStop
from market.web.fair_text import KINDS
from market.web.text import local_day, local_hour

_FONT = "STSong-Light"  # one of the fonts that every PDF reader brings for Chinese
pdfmetrics.registerFont(UnicodeCIDFont(_FONT))
_TITLE = ParagraphStyle("title", fontName=_FONT, fontSize=34, leading=44, wordWrap="CJK")
_LINE = ParagraphStyle("line", fontName=_FONT, fontSize=15, leading=21, wordWrap="CJK")
_SMALL = ParagraphStyle("small", fontName=_FONT, fontSize=11, leading=16, wordWrap="CJK")
_QR_MM = 32.0


def poster(fair: Fair, phone: str, link: Callable[[FairStop], str], *, compress: bool = True) -> bytes:
    """One A4 page or more; `link` is the address that a stop's code leads to."""
    rows = [[_where(stop), _code(link(stop))] for stop in fair.stops]
    table = Table(rows, colWidths=(130 * mm, 44 * mm), repeatRows=0)
    table.setStyle(
        TableStyle(
            [("LINEBELOW", (0, 0), (-1, -1), 0.5, colors.grey), ("VALIGN", (0, 0), (-1, -1), "MIDDLE")]
        )
    )
    call = gettext("扫码看有什么、当场下单、送到家")
    parts: list[Flowable] = [
        Paragraph(str(escape(fair.title)), _TITLE),
        Paragraph(f"{KINDS[fair.kind]} · {escape(call)}", _LINE),
        Spacer(1, 6 * mm),
        table,
        Spacer(1, 6 * mm),
        Paragraph(str(escape(gettext("不会扫码打电话：%(phone)s", phone=phone))), _LINE),
        Paragraph(str(escape(gettext("到场扫码只数人数，不记是谁"))), _SMALL),
    ]
    out = io.BytesIO()
    margin = 18 * mm
    SimpleDocTemplate(
        out, pagesize=A4, title=fair.title, leftMargin=margin, rightMargin=margin, topMargin=margin,
        bottomMargin=margin, pageCompression=int(compress),
    ).build(parts)  # fmt: skip
    return out.getvalue()


def _where(stop: FairStop) -> list[Flowable]:
    when = f"{local_day(stop.starts_at)} {local_hour(stop.starts_at)}–{local_hour(stop.ends_at)}"
    return [
        Paragraph(str(escape(when)), _LINE),
        Paragraph(str(escape(f"{stop.region.name} {stop.venue}")), _LINE),
    ]


def _code(link: str) -> Drawing:
    side = _QR_MM * mm
    widget = QrCodeWidget(link, barWidth=side, barHeight=side, barLevel="M")
    drawing = Drawing(side, side)
    drawing.add(widget)
    return drawing
