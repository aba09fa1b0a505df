"""The stock of one listing: pieces in, counts put right, and the history of both."""

import uuid

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_login import current_user
from werkzeug.wrappers import Response

from market.catalog.models import Listing
from market.inventory import queries
from market.inventory.count import count_stock
from market.inventory.receive import adjust, receive
from market.inventory.serials import add_serials
from market.kernel import clock
from market.kernel.db import db
from market.kernel.errors import Refused
from market.kernel.ids import parse_id
from market.web.once import once
from market.web.refusals import show
from market.web.shop import bp
from market.web.shop.forms import AdjustForm, CountForm, ReceiveForm
from market.web.shop.item import own
from market.web.shop.listings import Page

_PAGE = 50


@bp.get("/listings/<uuid:listing_id>/stock")
def stock(listing_id: uuid.UUID) -> str:
    """How many there are, and why."""
    return _page(own(listing_id))


@bp.post("/listings/<uuid:listing_id>/stock/receive")
@once("shop.receive")
def receive_stock(listing_id: uuid.UUID) -> Page:
    """Pieces came in."""
    listing, form = own(listing_id), ReceiveForm()
    if form.validate_on_submit():
        try:
            receive(
                db.session(),
                listing.id,
                form.quantity.data or 0,
                form.reason.data,
                clock.now(),
                current_user.id,
            )
            add_serials(db.session(), listing, form.numbers, clock.now(), form.batch.data)
        except Refused as refused:
            show(form, refused)
        else:
            return _done(listing_id, _("已入库 %(n)s 件", n=form.quantity.data))
    return _page(listing, receive_form=form), 422


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
    return _page(listing, adjust_form=form), 422


@bp.post("/listings/<uuid:listing_id>/stock/count")
@once("shop.count_stock")
def count(listing_id: uuid.UUID) -> Page:
    """Somebody counted them all."""
    listing, form = own(listing_id), CountForm()
    if form.validate_on_submit():
        try:
            difference = count_stock(
                db.session(), listing.id, form.counted.data, form.reason.data, clock.now(), current_user.id
            )
        except Refused as refused:
            show(form, refused)
        else:
            return _done(
                listing_id,
                _("已按盘点更正 %(n)s 件", n=f"{difference:+d}") if difference else _("和账上一样，不用更正"),
            )
    return _page(listing, count_form=form), 422


def _done(listing_id: uuid.UUID, text: str) -> Response:
    flash(text)
    return redirect(url_for(".stock", listing_id=listing_id), 303)


def _page(
    listing: Listing,
    receive_form: ReceiveForm | None = None,
    adjust_form: AdjustForm | None = None,
    count_form: CountForm | None = None,
) -> str:
    session = db.session()
    after = parse_id(request.args.get("after", ""))
    ledger = queries.stock_ledger(session, listing.id, after=after, limit=_PAGE + 1)
    return render_template(
        "shop/stock.html",
        listing=listing,
        stock=queries.stock(session, [listing.id]).get(listing.id),
        ledger=ledger[:_PAGE],
        next_url=url_for(".stock", listing_id=listing.id, after=ledger[_PAGE - 1].movement.id)
        if len(ledger) > _PAGE
        else None,
        receive_form=receive_form or ReceiveForm(formdata=None),
        adjust_form=adjust_form or AdjustForm(formdata=None),
        count_form=count_form or CountForm(formdata=None),
    )
