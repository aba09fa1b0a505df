"""Labels that shops declared: compare each with the public register, then let it count or not."""

import uuid

from flask import flash, g, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_login import current_user
from werkzeug.wrappers import Response

from market.catalog.queries import labels_to_verify
from market.catalog.verify_label import reject_label, verify_label
from market.kernel import clock
from market.kernel.db import db
from market.web.county import bp
from market.web.once import once


@bp.get("/labels")
def labels() -> str:
    """The labels to look up, the longest waiting first."""
    return render_template("county/labels.html", labels=labels_to_verify(db.session(), g.county_code))


@bp.post("/labels/<uuid:label_id>/verify")
@once("county.verify_label")
def verify(label_id: uuid.UUID) -> Response:
    """The register says the same."""
    verify_label(db.session(), g.county_code, label_id, current_user.id, clock.now())
    flash(_("已核实，这件商品的等级从现在起算数"))
    return redirect(url_for("county.labels"), 303)


@bp.post("/labels/<uuid:label_id>/reject")
@once("county.reject_label")
def reject(label_id: uuid.UUID) -> Response:
    """The register says otherwise; the shop reads why."""
    reason = request.form.get("reason", "")
    reject_label(db.session(), g.county_code, label_id, reason, current_user.id, clock.now())
    flash(_("已退回给店铺"))
    return redirect(url_for("county.labels"), 303)
