"""A settlement sheet as a page and as a file to keep, the same at the shop's and the county's door."""

from flask import Response, render_template

from market.settlements.models import SettlementSheet
from market.web.settlement_sheet import STATES, amounts, as_pdf, as_xlsx, delivery_note, sums, title, what

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def sheet_page(sheet: SettlementSheet, template: str) -> str:
    """The sheet row by row, in the door's `template`."""
    return render_template(
        template,
        sheet=sheet,
        title=title(sheet),
        amounts=amounts(sheet),
        sums=sums(sheet),
        what=what,
        note=delivery_note(sheet),
        states=STATES,
    )


def sheet_file(sheet: SettlementSheet, kind: str) -> Response:
    """The sheet as ``pdf`` or ``xlsx``."""
    content, mimetype = (as_pdf(sheet), "application/pdf") if kind == "pdf" else (as_xlsx(sheet), XLSX)
    name = f"settlement-{sheet.county_code}-{sheet.number}.{kind}"
    return Response(
        content,
        mimetype=mimetype,
        headers={
            "Content-Disposition": f'attachment; filename="{name}"',
            "Cache-Control": "private, no-store",
        },
    )
