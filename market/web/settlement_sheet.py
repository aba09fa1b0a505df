"""A settlement sheet in words, as a spreadsheet and as a PDF: the same rows and sums in all three."""

import io
from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal

from flask_babel import gettext, lazy_gettext
from openpyxl import Workbook
from openpyxl.styles import Font
from reportlab.lib import colors
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.platypus import Paragraph, SimpleDocTemplate, Spacer, Table, TableStyle

from market.kernel.money import format_yuan
from market.settlements.models import ItemKind, SettlementItem, SettlementSheet, SheetState
from market.web.refunds import KINDS as REFUND_KINDS

STATES = {
    SheetState.drawn_up: (lazy_gettext("等第一人核对"), "wait"),
    SheetState.checked: (lazy_gettext("等第二人批准"), "wait"),
    SheetState.payable: (lazy_gettext("已批准，等银行付款"), "good"),
    SheetState.paid: (lazy_gettext("已付款"), "good"),
}
Column = tuple[object, Callable[[SettlementItem], int]]
# What a row says of an item, in fen, in the order of the columns.
_AMOUNTS: tuple[Column, ...] = (
    (lazy_gettext("买家付的钱"), lambda item: item.money_fen),
    (lazy_gettext("国家补贴"), lambda item: item.subsidy_fen),
    (lazy_gettext("积分"), lambda item: item.points_fen),
    (lazy_gettext("旧家电折价"), lambda item: item.trade_in_fen),
    (lazy_gettext("货款"), lambda item: item.goods_fen),
    (lazy_gettext("平台服务费"), lambda item: -item.commission_fen),
    (lazy_gettext("店里应得"), lambda item: item.net_fen),
)
_CARRIAGE: Column = (lazy_gettext("配送分摊"), lambda item: -item.carriage_fen)
_KINDS = {
    ItemKind.sale: lazy_gettext("销售"),
    ItemKind.clawback: lazy_gettext("退回财政的补贴"),
    ItemKind.disallowed: lazy_gettext("财政不付的补贴"),
    ItemKind.carriage: lazy_gettext("配送分摊"),
    ItemKind.recall: lazy_gettext("召回：生产者付还的钱"),
    ItemKind.deposit: lazy_gettext("拼单买家没付尾款的定金"),
    ItemKind.penalty: lazy_gettext("拼单没交货，另赔买家的一倍定金"),
}
_FONT = "STSong-Light"  # one of the fonts that every PDF reader brings for Chinese


def title(sheet: SettlementSheet) -> str:
    """What stands on top of the sheet."""
    last = sheet.week + timedelta(days=6)
    text: str = gettext(
        "%(shop)s 结算单 %(number)s（%(first)s 至 %(last)s）",
        shop=sheet.shop_name,
        number=sheet.number,
        first=sheet.week.isoformat(),
        last=last.isoformat(),
    )
    return text


def what(item: SettlementItem) -> str:
    """What an item is."""
    if item.kind in _KINDS:
        return str(_KINDS[item.kind])
    return str(REFUND_KINDS.get(item.reason, item.reason))  # type: ignore[call-overload]  # its value is its key


def delivery_note(sheet: SettlementSheet) -> str:
    """Whose the delivery fee is: the county's, whose truck it is. What a batch cost above it is a line."""
    fen = sum(item.delivery_fee_fen for item in sheet.items)
    fee = gettext("买家另付送货费 %(yuan)s 元，归县里的共配，不进店铺的账。", yuan=format_yuan(fen))
    if not has_carriage(sheet):
        return str(fee)
    share = gettext("配送分摊是店里在那一批共配成本里的份额，已减去那一批货的买家付的送货费。")
    return f"{fee}{share}"


def amounts(sheet: SettlementSheet) -> tuple[Column, ...]:
    """The columns of the sheet, with one for carriage where there is any: older sheets stay as they are."""
    if not has_carriage(sheet):
        return _AMOUNTS
    return (*_AMOUNTS[:-1], _CARRIAGE, _AMOUNTS[-1])


def has_carriage(sheet: SettlementSheet) -> bool:
    """Whether a batch's cost is on the sheet."""
    return any(item.kind is ItemKind.carriage for item in sheet.items)


def sums(sheet: SettlementSheet) -> list[int]:
    """The last row: each column added up, in fen."""
    return [sum(amount(item) for item in sheet.items) for _, amount in amounts(sheet)]


def as_xlsx(sheet: SettlementSheet) -> bytes:
    """The sheet as a workbook: numbers in yuan, exact to the fen; the sums are formulas, and figures."""
    book = Workbook()
    page = book.active
    assert page is not None  # noqa: S101 - a new workbook has its first page
    page.title = f"{sheet.week.isoformat()}"
    columns = amounts(sheet)
    page.append([title(sheet)])
    page.append([gettext("订单"), gettext("事项"), *(str(name) for name, _ in columns)])
    for item in sheet.items:
        page.append([item.number, what(item), *(_yuan(amount(item)) for _, amount in columns)])
    first, last = 3, 2 + len(sheet.items)
    letters = [chr(ord("C") + column) for column in range(len(columns))]
    page.append([gettext("合计（公式）"), "", *(f"=SUM({it}{first}:{it}{last})" for it in letters)])
    page.append([gettext("合计"), "", *(_yuan(fen) for fen in sums(sheet))])
    page.append([delivery_note(sheet)])
    for row in page.iter_rows(min_row=first, max_row=last + 2, min_col=3):
        for cell in row:
            cell.number_format = "#,##0.00"
    for row_number in (1, 2, last + 1, last + 2):
        for cell in page[row_number]:
            cell.font = Font(bold=True)
    page.column_dimensions["A"].width = 22
    for letter in ["B", *letters]:
        page.column_dimensions[letter].width = 14
    # The moment of the sheet, not of the download: the same sheet is the same file.
    moment = sheet.drawn_up_at.replace(tzinfo=None)
    book.properties.created = book.properties.modified = moment
    made = io.BytesIO()
    book.save(made)
    return made.getvalue()


def as_pdf(sheet: SettlementSheet, *, compress: bool = True) -> bytes:
    """The sheet on A4, across; the same sheet gives the same bytes."""
    pdfmetrics.registerFont(UnicodeCIDFont(_FONT))
    made = io.BytesIO()
    document = SimpleDocTemplate(
        made,
        pagesize=(A4[1], A4[0]),
        leftMargin=12 * mm,
        rightMargin=12 * mm,
        topMargin=14 * mm,
        bottomMargin=14 * mm,
        title=title(sheet),
        invariant=1,
        pageCompression=int(compress),
    )
    style = ParagraphStyle("sheet", fontName=_FONT, fontSize=10, leading=15)
    rows = [
        [gettext("订单"), gettext("事项"), *(str(name) for name, _ in amounts(sheet))],
        *(
            [item.number, what(item), *(format_yuan(amount(item)) for _, amount in amounts(sheet))]
            for item in sheet.items
        ),
        [gettext("合计"), "", *(format_yuan(fen) for fen in sums(sheet))],
    ]
    table = Table(rows, repeatRows=1)
    table.setStyle(
        TableStyle(
            [
                ("FONT", (0, 0), (-1, -1), _FONT, 9),
                ("ALIGN", (2, 0), (-1, -1), "RIGHT"),
                ("LINEBELOW", (0, 0), (-1, 0), 0.8, colors.black),
                ("LINEABOVE", (0, -1), (-1, -1), 0.8, colors.black),
                ("ROWBACKGROUNDS", (0, 1), (-1, -2), (colors.white, colors.whitesmoke)),
            ]
        )
    )
    heading = ParagraphStyle("heading", fontName=_FONT, fontSize=15, leading=22)
    document.build(
        [
            Paragraph(title(sheet), heading),
            Spacer(0, 4 * mm),
            table,
            Spacer(0, 4 * mm),
            Paragraph(delivery_note(sheet), style),
            Paragraph(gettext("核对：＿＿＿＿＿＿　　批准：＿＿＿＿＿＿"), style),
        ]
    )
    return made.getvalue()


def _yuan(fen: int) -> Decimal:
    return Decimal(fen) / 100
