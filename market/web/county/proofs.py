"""Certificates to look at and to take back."""

import uuid

from flask import abort, flash, g, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_login import current_user
from werkzeug.wrappers import Response

from market.catalog.certificates import decide
from market.catalog.queries import certificates_in_county
from market.catalog.zone_rule import CertificateState
from market.kernel import clock
from market.kernel.db import db
from market.web.county import bp
from market.web.label_text import CERTIFICATE_STATES, SCHEMES
from market.web.once import once

_MOVES = {
    "verify": CertificateState.valid,
    "reject": CertificateState.rejected,
    "suspend": CertificateState.suspended,
    "reinstate": CertificateState.valid,
    "withdraw": CertificateState.withdrawn,
}


@bp.get("/certificates")
def certificates() -> str:
    """Those to look at beside their photos, and those that stand or are suspended."""
    session, county = db.session(), g.county_code
    standing = [CertificateState.valid, CertificateState.suspended]
    return render_template(
        "county/certificates.html",
        waiting=certificates_in_county(session, county, [CertificateState.declared]),
        standing=certificates_in_county(session, county, standing),
        schemes=SCHEMES,
        states=CERTIFICATE_STATES,
        today=clock.local_date(clock.now()),
    )


@bp.post("/certificates/<uuid:certificate_id>/<move>")
@once("county.decide_certificate")
def decide_certificate(certificate_id: uuid.UUID, move: str) -> Response:
    """The operator's decision; all but a good one need a reason."""
    to = _MOVES.get(move) or abort(404)
    reason, now = request.form.get("reason", ""), clock.now()
    decide(db.session(), g.county_code, certificate_id, to, reason, current_user.id, now)
    flash(_("已登记"))
    return redirect(url_for("county.certificates"), 303)
