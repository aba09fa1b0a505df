"""Changes of verified fields: look at what was and what shall be, then let it stand or say why not."""

import uuid

from flask import flash, g, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_login import current_user
from werkzeug.wrappers import Response

from market.catalog.review_edit import accept_edit, edits_to_review, reject_edit
from market.kernel import clock
from market.kernel.db import db
from market.web.county import bp
from market.web.edit_text import differences
from market.web.once import once


@bp.get("/edits")
def edits() -> str:
    """What waits, the longest first."""
    found = edits_to_review(db.session(), g.county_code)
    return render_template("county/edits.html", edits=found, differences=differences)


@bp.post("/edits/<uuid:edit_id>/accept", endpoint="accept_edit")
@once("county.accept_edit")
def accept(edit_id: uuid.UUID) -> Response:
    """It stands from now on."""
    accept_edit(db.session(), g.county_code, edit_id, current_user.id, clock.now())
    flash(_("改动已生效，已告诉店铺"))
    return redirect(url_for("county.edits"), 303)


@bp.post("/edits/<uuid:edit_id>/reject", endpoint="reject_edit")
@once("county.reject_edit")
def reject(edit_id: uuid.UUID) -> Response:
    """It does not; the shop is told why."""
    reason = request.form.get("reason", "")
    reject_edit(db.session(), g.county_code, edit_id, reason, current_user.id, clock.now())
    flash(_("已退回给店铺"))
    return redirect(url_for("county.edits"), 303)
