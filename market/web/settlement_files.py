"""A settlement sheet as a file to keep."""

from flask import Response

from market.settlements.models import SettlementSheet
from market.web.settlement_sheet import as_pdf, as_xlsx

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


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
