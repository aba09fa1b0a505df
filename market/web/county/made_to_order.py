"""Listings that shops say are made to order: agree, or say why they are not."""

import uuid

from flask import flash, g, redirect, render_template, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response
from wtforms import StringField
from wtforms.validators import Length

from market.catalog.made_to_order import decide_made_to_order, made_to_order_in
from market.kernel import clock
from market.kernel.db import db
from market.web.county import bp
from market.web.once import once
from market.web.refusals import attempt
from market.web.told_apart import told_apart

Page = str | tuple[str, int] | Response


class ReasonForm(FlaskForm):
    """Why it is not."""

    reason = StringField(
        lazy_gettext("为什么不算"), [Length(max=200)], render_kw={"maxlength": 200, "autocomplete": "off"}
    )


@bp.get("/made-to-order")
def made_to_order() -> str:
    """Those that wait, and those that were approved."""
    return _page({})


@bp.post("/made-to-order/<uuid:listing_id>/approve")
@once("county.approve_made_to_order")
def approve_made_to_order(listing_id: uuid.UUID) -> Response:
    """It is."""
    decide_made_to_order(db.session(), g.county_code, listing_id, True, "", clock.now())
    flash(_("已核定为定作"))
    return redirect(url_for("county.made_to_order"), 303)


@bp.post("/made-to-order/<uuid:listing_id>/reject")
@once("county.reject_made_to_order")
def reject_made_to_order(listing_id: uuid.UUID) -> Page:
    """It is not."""
    form = ReasonForm()

    def act() -> None:
        reason = form.reason.data or ""
        decide_made_to_order(db.session(), g.county_code, listing_id, False, reason, clock.now())

    if attempt(form, act):
        flash(_("已退回给店铺"))
        return redirect(url_for("county.made_to_order"), 303)
    return _page({listing_id: form}), 422


def _page(tried: dict[uuid.UUID, ReasonForm]) -> str:
    return render_template(
        "county/made_to_order.html",
        listings=made_to_order_in(db.session(), g.county_code),
        form_of=lambda owner: told_apart(tried.get(owner) or ReasonForm(formdata=None), owner),
    )
