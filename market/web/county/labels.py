"""Labels that shops declared: compare each with its photo and the register, then let it count or not."""

import uuid
from dataclasses import dataclass

from flask import abort, flash, g, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_login import current_user
from werkzeug.wrappers import Response

from market.catalog.models import LabelRecord
from market.catalog.queries import labels_to_verify, scan_in_county
from market.catalog.rules import Standing, measured_figures, read_metrics, resolve_grade, standing
from market.catalog.verify_label import reject_label, verify_label
from market.kernel import clock
from market.kernel.db import db
from market.web.county import bp
from market.web.label_text import METRICS, VARIANTS
from market.web.once import once


@dataclass(frozen=True, slots=True)
class Check:
    """A label with what its standard makes of its figures."""

    label: LabelRecord
    resolved: int | None
    standing: Standing


@bp.get("/labels")
def labels() -> str:
    """The labels to look up beside their photos, the longest waiting first."""
    found = labels_to_verify(db.session(), g.county_code)
    return render_template(
        "county/labels.html", checks=[_check(label) for label in found], metrics=METRICS, variants=VARIANTS
    )


@bp.get("/scans/<uuid:scan_id>")
def scan(scan_id: uuid.UUID) -> Response:
    """A photo of a label or certificate of what the county's shops sell."""
    found = scan_in_county(db.session(), g.county_code, scan_id) or abort(404)
    return Response(found.jpeg, mimetype="image/jpeg", headers={"Cache-Control": "private, no-store"})


@bp.post("/labels/<uuid:label_id>/verify")
@once("county.verify_label")
def verify(label_id: uuid.UUID) -> Response:
    """The photo and the register say the same."""
    verify_label(db.session(), g.county_code, label_id, current_user.id, clock.now())
    flash(_("已核实，这件商品的等级从现在起算数"))
    return redirect(url_for("county.labels"), 303)


@bp.post("/labels/<uuid:label_id>/reject")
@once("county.reject_label")
def reject(label_id: uuid.UUID) -> Response:
    """They say otherwise; the shops are told why."""
    reason = request.form.get("reason", "")
    reject_label(db.session(), g.county_code, label_id, reason, current_user.id, clock.now())
    flash(_("已退回给店铺"))
    return redirect(url_for("county.labels"), 303)


def _check(label: LabelRecord) -> Check:
    standard = label.standard
    resolved = resolve_grade(read_metrics(standard.metrics), label.variant, measured_figures(label.measured))
    today = clock.local_date(clock.now())
    stands = standing(standard.valid_to, standard.old_stock_until, label.produced_on, today)
    return Check(label, resolved, stands)
