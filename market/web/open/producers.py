"""Producer responsibility: every brand's sold and recovered, as a page, a table and data."""

import csv
import io

from flask import Response, jsonify, render_template
from flask_babel import lazy_gettext as _

from market.insights import producers
from market.kernel.db import db
from market.web.collection_text import kind_names
from market.web.open import bp
from market.web.open.county import county_or_404

COLUMNS = (
    _("年份"), _("品牌"), _("品类"), _("本市场卖出（件）"), _("收回（件）"),
    _("其中旧货（件）"), _("其中拆解（件）"), _("收回（克）"), _("回收率（%）"),
)  # fmt: skip
Row = dict[str, int | str | float | None]


@bp.get("/<county_code>/producers")
def producer_report(county_code: str) -> str:
    """What was sold and recovered, and what is not known."""
    county = county_or_404(county_code)
    rows = _rows(county.code)
    unknown = sum(int(row["recovered"] or 0) for row in rows if row["brand"] is None)
    return render_template("open/producers.html", county=county, rows=rows, unknown=unknown)


@bp.get("/<county_code>/producers.json")
def producer_data(county_code: str) -> Response:
    """The same rows; null is what is not known."""
    county = county_or_404(county_code)
    return jsonify({"county_code": county.code, "rows": _rows(county.code)})


@bp.get("/<county_code>/producers.csv")
def producer_table(county_code: str) -> Response:
    """The same rows for a spreadsheet; empty is what is not known."""
    county = county_or_404(county_code)
    out = io.StringIO()
    table = csv.writer(out)
    table.writerow([str(name) for name in COLUMNS])
    names = (
        "year",
        "brand",
        "category",
        "sold",
        "recovered",
        "resold",
        "dismantled",
        "recovered_grams",
        "rate_percent",
    )
    table.writerows([row[name] for name in names] for row in _rows(county.code))
    headers = {"Content-Disposition": f'attachment; filename="producers-{county.code}.csv"'}
    return Response("\ufeff" + out.getvalue(), mimetype="text/csv", headers=headers)


def _rows(county_code: str) -> list[Row]:
    session = db.session()
    kinds = kind_names(session)
    return [
        {
            "year": key.year,
            "brand": key.brand,
            "category_code": key.category_code,
            "category": kinds.get(key.category_code, key.category_code),
            "sold": it.sold,
            "recovered": it.recovered,
            "resold": it.resold,
            "dismantled": it.dismantled,
            "recovered_grams": it.recovered_grams,
            "rate_percent": None if (bp_ := producers.rate_bp(key, it)) is None else bp_ / 100,
        }
        for key, it in producers.report(session, county_code)
    ]
