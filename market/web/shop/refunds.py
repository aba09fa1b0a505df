"""The shop asks for its buyer's money back: goods that came back, a lower price, goodwill."""

import uuid

from flask import abort, flash, g, redirect, render_template, url_for
from flask_babel import gettext as _

from market.kernel.db import db
from market.orders.models import Fulfillment, ShopOrder
from market.orders.queries import shop_order_of
from market.web.once import once
from market.web.refunds import RefundForm, ask
from market.web.second_factor import ProofForm, guess_limit, has_factor
from market.web.shop import bp
from market.web.shop.listings import Page
from market.web.shop.proof import proof_above_fen, proven


class ShopRefundForm(ProofForm, RefundForm):
    """The shop's own; a large one takes the owner's second factor."""


@bp.get("/orders/<uuid:shop_order_id>/refund")
def refund_form(shop_order_id: uuid.UUID) -> Page:
    """What to ask for."""
    found = _own(shop_order_id)
    return _page(found, ShopRefundForm(formdata=None, kind="returned").of(found))


@bp.post("/orders/<uuid:shop_order_id>/refund")
@guess_limit
@once("shop.refund")
def ask_refund(shop_order_id: uuid.UUID) -> Page:
    """Ask; the county approves."""
    found = _own(shop_order_id)
    form = ShopRefundForm()
    form.of(found)
    if _asked(form, found):
        flash(_("已交给县里批准"))
        return redirect(url_for("shop.order", shop_order_id=found.id), 303)
    return _page(found, form), 422


def _asked(form: ShopRefundForm, found: ShopOrder) -> bool:
    """Ask for it; what takes a second factor is asked for only with one."""
    with db.session.begin_nested() as attempt:
        asked = ask(form, found)
        if asked and proven(form, "ask_refund", asked.amount_fen):
            return True
        attempt.rollback()
    return False


def _own(shop_order_id: uuid.UUID) -> ShopOrder:
    found = shop_order_of(db.session(), g.shop.id, shop_order_id)
    return found if found and found.state is Fulfillment.delivered else abort(404)


def _page(found: ShopOrder, form: RefundForm) -> str:
    return render_template(
        "shop/refund.html",
        order=found,
        form=form,
        back=url_for("shop.order", shop_order_id=found.id),
        has_factor=has_factor(),
        proof_above_fen=proof_above_fen(),
    )
