"""A run on paper, as PDF: what to load in which order, where to stop, and a label for each thing."""

import io
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from typing import Any

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
from reportlab.platypus import Flowable, PageBreak, Paragraph, SimpleDocTemplate, Spacer, Table, TableStyle

from market.delivery.loads import of_jobs
from market.delivery.models import Job, JobKind, Run, Stop
from market.kernel.money import format_yuan
from market.people.rules import mask_phone
from market.web.delivery_text import SKILLS, is_old_appliance
from market.web.text import hours_of, local_day, local_hour

_FONT = "STSong-Light"  # one of the fonts that every PDF reader brings for Chinese
pdfmetrics.registerFont(UnicodeCIDFont(_FONT))
_HEADING = ParagraphStyle("heading", fontName=_FONT, fontSize=15, leading=21, wordWrap="CJK")
_TRIP = ParagraphStyle("trip", fontName=_FONT, fontSize=12, leading=18, spaceBefore=6, wordWrap="CJK")
_CELL = ParagraphStyle("cell", fontName=_FONT, fontSize=9.5, leading=13, wordWrap="CJK")
_LABEL = ParagraphStyle("label", fontName=_FONT, fontSize=12, leading=17, wordWrap="CJK")
_PLACE = ParagraphStyle("place", fontName=_FONT, fontSize=20, leading=26, wordWrap="CJK")
_LABELS_A_PAGE, _LABEL_MM = 8, (93.0, 66.0)


def loading_list(run: Run, *, compress: bool = True) -> bytes:
    """What to load, trip by trip, the last stop first: what is delivered first stands at the door."""
    parts: list[Flowable] = [
        _heading(gettext("装车单"), run),
        _text(gettext("先装的是最后送的，照次序往外排")),
    ]
    for number, stops in _trips(run):
        backwards = [(stop, job) for stop in reversed(stops) for job in stop.jobs if _goes_out(job)]
        load = of_jobs(job for _, job in backwards)
        parts += [Paragraph(_trip_line(number, load.grams, load.cm3), _TRIP), _loading_table(backwards)]
    return _built(parts, _title(gettext("装车单"), run), compress)


def stop_sheet(run: Run, *, by_roads: bool = False, compress: bool = True) -> bytes:
    """Where to go, in order, with what to do there and a place to sign; numbers are masked.

    Times `by_roads` come from an OpenStreetMap extract, whose licence (ODbL 1.0 §4.3) wants it named.
    """
    parts: list[Flowable] = [_heading(gettext("送货单"), run)]
    for number, stops in _trips(run):
        parts += [Paragraph(str(gettext("第 %(n)s 趟", n=number)), _TRIP), _stop_table(stops, run)]
    due_fen = sum(stop.cash_due_fen for stop in run.stops)
    parts.append(_text(gettext("合计应收现金 %(yuan)s 元", yuan=format_yuan(due_fen))))
    if by_roads:
        parts.append(_text("© OpenStreetMap contributors, ODbL, openstreetmap.org/copyright"))
    return _built(parts, _title(gettext("送货单"), run), compress)


def labels(run: Run, *, compress: bool = True) -> bytes:
    """A label for each thing that goes out, in the order of loading. Its QR code is the job's id."""
    things = [
        (stop, job, title, piece, count)
        for _, stops in _trips(run)
        for stop in reversed(stops)
        for job in stop.jobs
        if _goes_out(job)
        for title, count in job.items
        for piece in range(1, count + 1)
    ]
    cells = [_label(run, *thing) for thing in things]
    parts: list[Flowable] = []
    for start in range(0, len(cells), _LABELS_A_PAGE):
        if start:
            parts.append(PageBreak())
        parts.append(_label_page(cells[start : start + _LABELS_A_PAGE]))
    return _built(
        parts or [_text(gettext("这个车次没有要送出去的货"))], _title(gettext("标签"), run), compress
    )


def _trips(run: Run) -> Iterator[tuple[int, list[Stop]]]:
    stops = (stop for stop in run.stops if stop.jobs)
    return ((number, list(its)) for number, its in groupby(stops, key=lambda stop: stop.trip))


def _goes_out(job: Job) -> bool:
    return job.kind is JobKind.deliver


def _trip_line(number: int, grams: int, cm3: int) -> str:
    said = {"n": number, "kg": f"{grams / 1000:g}", "l": f"{cm3 / 1000:g}"}
    return str(gettext("第 %(n)s 趟：共 %(kg)s 公斤，%(l)s 升", **said))


def _loading_table(rows: Sequence[tuple[Stop, Job]]) -> Table:
    head = (gettext("站"), gettext("货"), gettext("订单"), gettext("公斤"), gettext("升"), gettext("已装"))
    body = [
        (stop.sequence, _items(job), job.order_number, f"{job.weight_grams / 1000:g}",
         f"{job.volume_cm3 / 1000:g}", "□")
        for stop, job in rows
    ]  # fmt: skip
    return _table(head, body, (12, 80, 40, 18, 18, 16))


def _stop_table(stops: Sequence[Stop], run: Run) -> Table:
    head = (gettext("站"), gettext("到达"), gettext("地址和收货人"), gettext("做什么"), gettext("现金（元）"),
            gettext("签收"))  # fmt: skip
    body = [row for stop in stops for row in (*_rest_row(run, stop), _stop_row(stop))]
    if stops[-1].id == run.stops[-1].id and not run.break_before:
        body += _rest_row(run, None)
    return _table(head, body, (10, 15, 60, 58, 21, 22))


def _rest_row(run: Run, before: Stop | None) -> Iterator[tuple[object, ...]]:
    """The break, where it comes before that stop, or after all."""
    if run.break_at and run.break_before == (before.id if before else None):
        minutes = run.vehicle.break_seconds // 60
        yield "", local_hour(run.break_at), gettext("休息 %(n)s 分钟", n=minutes), "", "", ""


def _stop_row(stop: Stop) -> tuple[object, ...]:
    cash = format_yuan(stop.cash_due_fen) if stop.cash_due_fen else ""
    return stop.sequence, local_hour(stop.arrive_at), _whom(stop), "\n".join(_tasks(stop)), cash, ""


def _whom(stop: Stop) -> str:
    job, asked = stop.jobs[0], hours_of(stop.jobs)
    lines = (job.address_text, _masked(job), gettext("约 %(hours)s", hours=asked) if asked else "")
    return "\n".join(filter(None, lines))


def _masked(job: Job) -> str:
    return f"{job.recipient_name[:1]}＊＊ {mask_phone(job.recipient_phone)}"


def _tasks(stop: Stop) -> Iterator[str]:
    for job in stop.jobs:
        said = {"what": _items(job)}
        if is_old_appliance(job):
            yield str(gettext("收走旧家电"))
        else:
            yield str(
                gettext("送：%(what)s", **said) if _goes_out(job) else gettext("取回：%(what)s", **said)
            )
    if any(job.people == 2 for job in stop.jobs):
        yield str(gettext("两人搬"))
    skills = sorted({skill for job in stop.jobs for skill in job.skills})
    if skills:
        yield str(gettext("、")).join(str(SKILLS.get(skill, skill)) for skill in skills)


def _items(job: Job) -> str:
    if is_old_appliance(job):
        return str(gettext("旧家电"))
    return "\n".join(f"{title} × {count}" for title, count in job.items)


def _label(run: Run, stop: Stop, job: Job, title: str, piece: int, count: int) -> Table:
    place = str(gettext("第 %(trip)s 趟 %(stop)s 站", trip=stop.trip, stop=stop.sequence))
    lines = (
        job.address_text, _masked(job), f"{title}  {piece}/{count}", job.order_number,
        f"{run.vehicle.plate}  {local_day(run.batch.day)}",
    )  # fmt: skip
    words = [Paragraph(str(escape(place)), _PLACE), *(_text(line, _LABEL) for line in lines)]
    return Table([[_qr(str(job.id)), words]], colWidths=(31 * mm, (_LABEL_MM[0] - 35) * mm))


def _qr(text: str) -> Drawing:
    size = 29 * mm
    drawing = Drawing(size, size)
    drawing.add(QrCodeWidget(text, barWidth=size, barHeight=size, barLevel="M"))
    return drawing


def _label_page(cells: Sequence[Table]) -> Table:
    rows = [
        [*cells[i : i + 2], *([""] if len(cells[i : i + 2]) == 1 else [])] for i in range(0, len(cells), 2)
    ]
    table = Table(rows, colWidths=[_LABEL_MM[0] * mm] * 2, rowHeights=[_LABEL_MM[1] * mm] * len(rows))
    table.setStyle(
        TableStyle(
            [
                ("GRID", (0, 0), (-1, -1), 0.3, colors.grey),
                ("VALIGN", (0, 0), (-1, -1), "MIDDLE"),
            ]
        )
    )
    return table


def _table(head: Sequence[object], body: Iterable[Sequence[object]], widths_mm: Sequence[float]) -> Table:
    rows = [[_text(cell) for cell in row] for row in (head, *body)]
    table = Table(rows, colWidths=[width * mm for width in widths_mm], repeatRows=1)
    table.setStyle(
        TableStyle(
            [
                ("GRID", (0, 0), (-1, -1), 0.4, colors.grey),
                ("BACKGROUND", (0, 0), (-1, 0), colors.whitesmoke),
                ("VALIGN", (0, 0), (-1, -1), "TOP"),
            ]
        )
    )
    return table


def _text(value: object, style: ParagraphStyle = _CELL) -> Paragraph:
    return Paragraph(str(escape(str(value))).replace("\n", "<br/>"), style)


def _heading(name: Any, run: Run) -> Paragraph:
    return Paragraph(str(escape(_title(name, run))), _HEADING)


def _title(name: Any, run: Run) -> str:
    courier = run.courier.name if run.courier else ""
    wave = gettext("第 %(n)s 批", n=run.batch.wave)
    return " · ".join(
        filter(None, (str(name), run.vehicle.plate, courier, local_day(run.batch.day), str(wave)))
    )


def _built(parts: list[Flowable], title: str, compress: bool) -> bytes:
    """The same run gives the same bytes."""
    made = io.BytesIO()
    document = SimpleDocTemplate(
        made,
        pagesize=A4,
        leftMargin=12 * mm,
        rightMargin=12 * mm,
        topMargin=12 * mm,
        bottomMargin=12 * mm,
        title=title,
        invariant=1,
        pageCompression=int(compress),
    )
    document.build([*parts, Spacer(0, 2 * mm)])
    return made.getvalue()
