"""The shop's orders: confirm, decline with a reason, print the label, hand over to the hub."""

import uuid

from flask import abort, flash, g, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from market.inventory.serials import sell_serials
from market.kernel import clock
from market.kernel.db import db
from market.kernel.errors import Refused
from market.orders.fulfill import confirm_shop_order, hand_over
from market.orders.models import Fulfillment, ShopOrder
from market.orders.queries import shop_order_of, shop_orders
from market.orders.refuse import refused_back_at_shop
from market.orders.undo import decline_shop_order
from market.payments.queries import refunds_of_shop_orders
from market.people.models import ViewerRole, ViewPurpose
from market.web.once import once
from market.web.qr import qr
from market.web.readings import note_reading
from market.web.refunds import STATES
from market.web.refusals import show
from market.web.shop import bp
from market.web.shop.forms import DeclineForm, HandOverForm
from market.web.shop.listings import Page

TABS = {
    "placed": (Fulfillment.placed,),
    "confirmed": (Fulfillment.confirmed,),
    "under_way": (
        Fulfillment.handed_over,
        Fulfillment.at_hub,
        Fulfillment.scheduled,
        Fulfillment.out_for_delivery,
        Fulfillment.at_station,
        Fulfillment.undelivered,
        Fulfillment.refused,
        Fulfillment.returned_to_hub,
    ),
    "ended": (Fulfillment.delivered, Fulfillment.declined, Fulfillment.canceled, Fulfillment.returned),
}


@bp.get("/orders")
def orders() -> str:
    """The shop's orders of one tab, oldest first."""
    tab = request.args.get("tab", "placed")
    found = shop_orders(db.session(), g.shop.id, TABS.get(tab) or abort(404))
    return render_template("shop/orders.html", orders=found, tab=tab)


@bp.get("/orders/<uuid:shop_order_id>")
def order(shop_order_id: uuid.UUID) -> str:
    """One order: what, for where, by when, and what to do now."""
    found = _own(shop_order_id)
    note_reading(found.order.account_id, ViewerRole.shop, ViewPurpose.order, found.order.number)
    return _page(found)


@bp.get("/orders/<uuid:shop_order_id>/label")
def order_label(shop_order_id: uuid.UUID) -> str:
    """The label for the package; its QR code holds the order's number."""
    found = _own(shop_order_id)
    return render_template("shop/order_label.html", order=found, qr=qr(found.number, scale=7))


@bp.post("/orders/<uuid:shop_order_id>/confirm")
@once("shop.confirm")
def confirm(shop_order_id: uuid.UUID) -> Response:
    """The shop will deliver."""
    confirm_shop_order(db.session(), g.shop.id, shop_order_id, clock.now())
    return _done(shop_order_id, _("已接单，请备货并贴上标签"))


@bp.post("/orders/<uuid:shop_order_id>/hand-over")
@once("shop.hand_over")
def hand_over_order(shop_order_id: uuid.UUID) -> Page:
    """The goods go to the hub, with the serial numbers that were scanned."""
    found, form, now = _own(shop_order_id), HandOverForm(), clock.now()
    if form.validate_on_submit():
        references = {line.listing_id: line.reference for line in found.lines}
        try:
            sell_serials(db.session(), references, form.numbers, now)
            hand_over(db.session(), g.shop.id, shop_order_id, now)
        except Refused as refused:
            show(form, refused)
        else:
            return _done(shop_order_id, _("已交给共配中心"))
    return _page(found, hand_over_form=form), 422


@bp.post("/orders/<uuid:shop_order_id>/decline")
@once("shop.decline")
def decline(shop_order_id: uuid.UUID) -> Page:
    """The shop cannot deliver, and says why."""
    found, form = _own(shop_order_id), DeclineForm()
    if form.validate_on_submit():
        try:
            words, code = form.reason.data or "", form.code.data
            decline_shop_order(db.session(), g.shop.id, shop_order_id, words, clock.now(), code)
        except Refused as refused:
            show(form, refused)
        else:
            return _done(shop_order_id, _("已退回，买家的钱和补贴会自动退"))
    return _page(found, decline_form=form), 422


@bp.post("/orders/<uuid:shop_order_id>/back")
@once("shop.back")
def back(shop_order_id: uuid.UUID) -> Response:
    """The refused goods are in the shop again."""
    refused_back_at_shop(db.session(), g.shop.id, shop_order_id, clock.now())
    return _done(shop_order_id, _("已入库，可以再卖"))


def _page(
    found: ShopOrder, *, hand_over_form: HandOverForm | None = None, decline_form: DeclineForm | None = None
) -> str:
    return render_template(
        "shop/order.html",
        order=found,
        refunds=refunds_of_shop_orders(db.session(), [found.id]),
        refund_states=STATES,
        hand_over_form=hand_over_form or HandOverForm(formdata=None),
        decline_form=decline_form or DeclineForm(formdata=None),
    )


def _own(shop_order_id: uuid.UUID) -> ShopOrder:
    return shop_order_of(db.session(), g.shop.id, shop_order_id) or abort(404)


def _done(shop_order_id: uuid.UUID, text: str) -> Response:
    flash(text)
    return redirect(url_for(".order", shop_order_id=shop_order_id), 303)
