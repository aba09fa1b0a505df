"""The transfer manifest and the wipe certificate as PDFs, Chinese without a font file of our own."""

import io
from collections.abc import Sequence
from dataclasses import dataclass

from flask_babel import gettext as _
from reportlab.lib import colors
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.platypus import Flowable, Paragraph, SimpleDocTemplate, Spacer, Table, TableStyle

from market.catalog.models import Category
from market.recycling.custody_models import Device, Handover, HandoverLine
from market.web.text import local_name, local_time

_FONT = "STSong-Light"  # one of the fonts that every PDF reader brings for Chinese
_HEAD = ParagraphStyle("head", fontName=_FONT, fontSize=16, leading=24, alignment=1)
_TEXT = ParagraphStyle("text", fontName=_FONT, fontSize=10.5, leading=16)
_GRID = (
    ("FONTNAME", (0, 0), (-1, -1), _FONT),
    ("FONTSIZE", (0, 0), (-1, -1), 10),
    ("GRID", (0, 0), (-1, -1), 0.4, colors.grey),
)


@dataclass(frozen=True, slots=True)
class Manifest:
    """A hand-over with the names of both ends and what it lists."""

    handover: Handover
    giver: str
    taker: str
    lines: list[tuple[HandoverLine, Device, Category]]

    @property
    def grams(self) -> int:
        """What was weighed of it, together."""
        return sum(line.weight_grams or 0 for line, _, _ in self.lines)


def manifest_pdf(manifest: Manifest) -> bytes:
    """Every device with its code, category and grams, and who signed for it when."""
    found = manifest.handover
    rows = [[_("序号"), _("编号"), _("品类"), _("克")]]
    rows += [
        [str(place), device.code, str(local_name(category)), str(line.weight_grams or "—")]
        for place, (line, device, category) in enumerate(manifest.lines, 1)
    ]
    rows.append([_("合计"), _("%(count)s 件", count=len(manifest.lines)), "", str(manifest.grams)])
    signed = [
        (_("移出方"), manifest.giver, local_time(found.offered_at), _short(found.offered_by_id)),
        (
            _("接收方"),
            manifest.taker,
            local_time(found.taken_at or found.valid_until),
            _short(found.taken_by_id),
        ),
    ]
    return _pdf(
        _("废弃电器电子产品转移联单 %(number)s", number=found.number),
        [
            Table(rows, [18 * mm, 60 * mm, 60 * mm, 35 * mm], style=TableStyle(_GRID), repeatRows=1),
            Spacer(1, 8 * mm),
            *(
                Paragraph(
                    _("%(end)s：%(name)s　签收 %(time)s　工号 %(who)s", end=end, name=name, time=at, who=who),
                    _TEXT,
                )
                for end, name, at, who in signed
            ),
        ],
    )


def certificate_pdf(code: str, facts: Sequence[tuple[str, str]]) -> bytes:
    """The proof that a device's data is gone."""
    rows = [[name, Paragraph(value, _TEXT)] for name, value in facts]
    return _pdf(
        _("数据擦除凭证 %(code)s", code=code),
        [Table(rows, [40 * mm, 130 * mm], style=TableStyle(_GRID))],
    )


def _short(account_id: object) -> str:
    """A member of staff by the end of the account's number: the sheet names no person."""
    return str(account_id)[-8:]


def _pdf(title: str, parts: Sequence[Flowable]) -> bytes:
    if _FONT not in pdfmetrics.getRegisteredFontNames():
        pdfmetrics.registerFont(UnicodeCIDFont(_FONT))
    out = io.BytesIO()
    sheet = SimpleDocTemplate(out, pagesize=A4, title=title, margin=18 * mm)
    sheet.build([Paragraph(title, _HEAD), Spacer(1, 6 * mm), *parts])
    return out.getvalue()
