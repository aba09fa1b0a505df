"""What the shop shows the county: certificates of what it lists, and the scans it sent in."""

import uuid

from flask import abort, flash, g, redirect, render_template, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from market.catalog.certificates import CertificateDraft, declare_certificate
from market.catalog.queries import scan_of_shop
from market.catalog.zone_rule import Scheme
from market.kernel import clock
from market.kernel.db import db
from market.kernel.errors import Refused
from market.web.once import once
from market.web.refusals import show
from market.web.shop import bp
from market.web.shop.forms import CertificateForm
from market.web.shop.item import own
from market.web.shop.listings import Page


@bp.get("/listings/<uuid:listing_id>/certificate")
def certificate(listing_id: uuid.UUID) -> str:
    """The form for a certificate."""
    return _page(listing_id, CertificateForm())


@bp.post("/listings/<uuid:listing_id>/certificate")
@once("shop.declare_certificate")
def add_certificate(listing_id: uuid.UUID) -> Page:
    """Declare it; the county looks at it before its badge shows."""
    found, form = own(listing_id), CertificateForm()
    if form.validate_on_submit():
        try:
            scan = form.scan.data.read()
            declare_certificate(db.session(), g.shop.id, found.id, _draft(form), scan, clock.now())
        except Refused as refused:
            show(form, refused)
        else:
            flash(_("已提交，等县里核实"))
            return redirect(url_for(".listing", listing_id=listing_id), 303)
    return _page(listing_id, form), 422


@bp.get("/scans/<uuid:scan_id>")
def scan(scan_id: uuid.UUID) -> Response:
    """A photo of a label or certificate of what the shop lists."""
    found = scan_of_shop(db.session(), g.shop.id, scan_id) or abort(404)
    return Response(found.jpeg, mimetype="image/jpeg", headers={"Cache-Control": "private, no-store"})


def _draft(form: CertificateForm) -> CertificateDraft:
    return CertificateDraft(
        scheme=Scheme(form.scheme.data),
        number=form.number.data,
        holder=form.holder.data,
        model_scope=form.model_scope.data,
        issued_on=form.issued_on.data,
        expires_on=form.expires_on.data,
    )


def _page(listing_id: uuid.UUID, form: CertificateForm) -> str:
    return render_template("shop/certificate.html", listing=own(listing_id), form=form)
