"""The stock of one listing: pieces in, counts put right, and the history of both."""

import uuid

from flask import flash, redirect, render_template, url_for
from flask_babel import gettext as _
from flask_login import current_user
from werkzeug.wrappers import Response

from market.catalog.models import Listing
from market.inventory import queries
from market.inventory.receive import adjust, receive
from market.inventory.serials import add_serials
from market.kernel import clock
from market.kernel.db import db
from market.kernel.errors import Refused
from market.web.once import once
from market.web.refusals import show
from market.web.shop import bp
from market.web.shop.forms import AdjustForm, ReceiveForm
from market.web.shop.item import own
from market.web.shop.listings import Page


@bp.get("/listings/<uuid:listing_id>/stock")
def stock(listing_id: uuid.UUID) -> str:
    """How many there are, and why."""
    return _page(own(listing_id), ReceiveForm(), AdjustForm(formdata=None))


@bp.post("/listings/<uuid:listing_id>/stock/receive")
@once("shop.receive")
def receive_stock(listing_id: uuid.UUID) -> Page:
    """Pieces came in."""
    listing, form = own(listing_id), ReceiveForm()
    if form.validate_on_submit():
        try:
            receive(
                db.session(), listing.id, form.quantity.data, form.reason.data, clock.now(), current_user.id
            )
            add_serials(db.session(), listing, form.numbers, clock.now(), form.batch.data)
        except Refused as refused:
            show(form, refused)
        else:
            return _done(listing_id, _("已入库 %(n)s 件", n=form.quantity.data))
    return _page(listing, form, AdjustForm(formdata=None)), 422


@bp.post("/listings/<uuid:listing_id>/stock/adjust")
@once("shop.adjust")
def adjust_stock(listing_id: uuid.UUID) -> Page:
    """A count found more or fewer."""
    listing, form = own(listing_id), AdjustForm()
    if form.validate_on_submit():
        try:
            adjust(
                db.session(), listing.id, form.quantity.data, form.reason.data, clock.now(), current_user.id
            )
        except Refused as refused:
            show(form, refused)
        else:
            return _done(listing_id, _("库存已更正"))
    return _page(listing, ReceiveForm(formdata=None), form), 422


def _done(listing_id: uuid.UUID, text: str) -> Response:
    flash(text)
    return redirect(url_for(".stock", listing_id=listing_id), 303)


def _page(listing: Listing, receive_form: ReceiveForm, adjust_form: AdjustForm) -> str:
    session = db.session()
    return render_template(
        "shop/stock.html",
        listing=listing,
        stock=queries.stock(session, [listing.id]).get(listing.id),
        movements=queries.movements(session, listing.id),
        receive_form=receive_form,
        adjust_form=adjust_form,
    )
