"""Say that a listing is made to the buyer's own wish, or take that back."""

import uuid

from flask import flash, g, redirect, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from market.catalog import made_to_order as room
from market.kernel import clock
from market.kernel.db import db
from market.web.once import once
from market.web.refusals import attempt
from market.web.shop import bp
from market.web.shop.forms import MadeToOrderForm
from market.web.shop.item import listing_page, own

Page = str | tuple[str, int] | Response


@bp.post("/listings/<uuid:listing_id>/made-to-order")
@once("shop.made_to_order")
def ask_made_to_order(listing_id: uuid.UUID) -> Page:
    """The county looks at it."""
    found, form = own(listing_id), MadeToOrderForm()

    def act() -> None:
        room.ask_made_to_order(db.session(), g.shop.id, listing_id, form.words.data or "", clock.now())

    if attempt(form, act):
        flash(_("已提交，县里核定以前照普通商品卖"))
        return redirect(url_for(".listing", listing_id=listing_id), 303)
    return listing_page(found, form), 422


@bp.post("/listings/<uuid:listing_id>/made-to-order/take-back")
@once("shop.not_made_to_order")
def take_back_made_to_order(listing_id: uuid.UUID) -> Response:
    """It is made for stock."""
    room.take_back_made_to_order(db.session(), g.shop.id, listing_id, clock.now())
    flash(_("已改回普通商品，买家有七天"))
    return redirect(url_for(".listing", listing_id=listing_id), 303)
