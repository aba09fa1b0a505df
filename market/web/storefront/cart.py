"""The cart: lines by shop, how many of each, and what it comes to."""

import uuid
from collections import defaultdict

from flask import redirect, render_template, url_for
from werkzeug.wrappers import Response

from market.kernel import clock
from market.kernel.db import db
from market.kernel.errors import Refused
from market.orders import cart as carts
from market.orders.cart import CartEntry
from market.orders.quote import Options, price_entries
from market.web.county_choice import visitor_county
from market.web.guards import signed_in_id
from market.web.kept import kept
from market.web.once import once
from market.web.refusals import show
from market.web.storefront import bp, draft
from market.web.storefront.basket import owner, owner_to_fill
from market.web.storefront.forms import PutForm, QuantityForm
from market.web.storefront.paid_out import county_and_offers
from market.web.storefront.product import product_page
from market.web.subsidy_text import why


@bp.get("/cart")
@kept
def cart() -> str:
    """What the visitor is about to buy."""
    return cart_page()


@bp.post("/cart")
@once("cart.put")
def put_in_cart() -> tuple[str, int] | Response:
    """Put a listing into the cart, from its page."""
    form = PutForm()
    if form.validate_on_submit():
        try:
            carts.put(db.session(), owner_to_fill(), form.listing_id.data, form.quantity.data, clock.now())
            return redirect(url_for("storefront.cart"), 303)
        except Refused as refused:
            show(form, refused)
    return product_page(form.listing_id.data, form), 422


@bp.post("/cart/<uuid:listing_id>")
def change_quantity(listing_id: uuid.UUID) -> tuple[str, int] | Response:
    """Have another number of a listing in the cart; none takes it out."""
    form = QuantityForm()
    if form.validate_on_submit():
        try:
            carts.set_quantity(db.session(), owner_to_fill(), listing_id, form.quantity.data, clock.now())
            db.session.commit()
            return redirect(url_for("storefront.cart"), 303)
        except Refused as refused:
            db.session.rollback()
            show(form, refused)
    return cart_page(listing_id, form), 422


def cart_page(wrong_id: uuid.UUID | None = None, wrong: QuantityForm | None = None) -> str:
    """The page; `wrong` is the form that was refused, shown at the line of `wrong_id`."""
    session, whose = db.session(), owner()
    entries, recalled = carts.look(session, whose) if whose else ([], ())
    buyable = [entry for entry in entries if entry.is_for_sale]
    account_id, on_offer = signed_in_id(), None
    if account_id is None and buyable:
        _here, on_offer = county_and_offers()
    options = Options(visitor_county().code, account_id, trade_in=draft.load().answers())
    priced = price_entries(session, buyable, options, clock.now(), on_offer) if buyable else None
    return render_template(
        "storefront/cart.html",
        recalled=recalled,
        shops=by_shop(buyable),
        gone=[entry for entry in entries if not entry.is_for_sale],
        priced=priced,
        decisions={line.item.line: line.decision for line in priced.lines} if priced else {},
        why=why,
        wrong_id=wrong_id,
        wrong=wrong,
    )


def by_shop(entries: list[CartEntry]) -> dict[str, list[CartEntry]]:
    """The lines under the name of their shop."""
    shops: dict[str, list[CartEntry]] = defaultdict(list)
    for entry in entries:
        shops[entry.listing.shop.name].append(entry)
    return dict(shops)
