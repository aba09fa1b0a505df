"""The buyer's orders: the list, one order with its steps, its receipt, and taking it back."""

import uuid
from datetime import datetime

from flask import abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext
from flask_login import current_user
from werkzeug.wrappers import Response

from market.aftersales.queries import of_lines as of_order_lines
from market.credit.queries import reviewed
from market.delivery.kept import sign_off
from market.delivery.live import expected_at
from market.delivery.queries import cash_of, kept_for, pickup_code_of, proof_of, stop_for
from market.invoices.queries import of_shop_orders
from market.kernel import clock
from market.kernel.db import db
from market.kernel.errors import Refused
from market.orders import queries
from market.orders.models import Fulfillment, Order, ShopOrder
from market.orders.trace import known_serials
from market.orders.undo import cancel_order, is_cancelable
from market.payments.queries import refunds_of_shop_orders
from market.recalls.queries import units_of_lines
from market.recycling.queries import trade_in_of
from market.subsidies.review_queries import of_lines
from market.web.aftersales_text import pill_kind, state_word
from market.web.claims import TO_BUYER
from market.web.delivery_text import ENDINGS
from market.web.guards import signed_in
from market.web.messages import sentence
from market.web.once import once
from market.web.recycling_text import TRADE_IN_STATES
from market.web.refunds import STATES
from market.web.storefront import bp, draft, progress
from market.web.storefront.aftersales import page_of
from market.web.storefront.instead import offered

_PAGE = 20
COMING = frozenset({Fulfillment.scheduled, Fulfillment.out_for_delivery, Fulfillment.at_station})


@bp.get("/orders")
@signed_in
def orders() -> str:
    """Her orders, newest first."""
    before = _moment(request.args.get("before"))
    found = queries.orders_of(db.session(), current_user.id, before, _PAGE + 1)
    more = found[_PAGE - 1].placed_at.isoformat() if len(found) > _PAGE else None
    return render_template(
        "storefront/orders.html", orders=found[:_PAGE], status=progress.status, more=more, paged=before
    )


@bp.get("/orders/<uuid:order_id>")
@signed_in
def order(order_id: uuid.UUID) -> str:
    """One order: what was bought, where each part is, what was paid how."""
    found = own_order(order_id)
    placed = "placed" in request.args
    if placed:
        # Not when she pressed the button: her choices must outlive a commit that failed.
        draft.forget()
    lines = [line.reference for part in found.shop_orders for line in part.lines]
    proofs = {part.id: proof_of(db.session(), part.reference) for part in found.shop_orders if part.is_over}
    return render_template(
        "storefront/order.html",
        order=found,
        steps=progress.progress,
        status=progress.status,
        awaits_payment=progress.awaits_payment(found),
        cancelable=found.state == "placed" and is_cancelable(found),
        reviews=reviewed(db.session(), lines),
        trade_in_states=TRADE_IN_STATES,
        trade_in=trade_in_of(db.session(), f"order:{found.id}"),
        proofs=proofs,
        cash={part.id: cash_of(db.session(), part.reference) for part in found.shop_orders if part.is_over},
        serials={
            part.id: [it for line in part.lines for it in known_serials(db.session(), line, proof)]
            for part in found.shop_orders
            if (proof := proofs.get(part.id))
        },
        refunds=refunds_of_shop_orders(db.session(), [part.id for part in found.shop_orders]),
        codes={part.id: _code(part) for part in found.shop_orders},
        kept={part.id: kept_for(db.session(), part.reference) for part in found.shop_orders if _waits(part)},
        windows={part.id: _window(part) for part in found.shop_orders},
        went_wrong=ENDINGS,
        refund_states=STATES,
        invoices=of_shop_orders(db.session(), [part.id for part in found.shop_orders]),
        recalled=units_of_lines(
            db.session(), current_user.id, [line.id for part in found.shop_orders for line in part.lines]
        ),
        claims=of_lines(db.session(), lines),
        claim_words=TO_BUYER,
        cases=of_order_lines(db.session(), [line.id for part in found.shop_orders for line in part.lines]),
        case_word=state_word,
        case_pill=pill_kind,
        case_url=page_of,
        placed=placed,
        stopped=offered(found.shop_orders),
    )


@bp.get("/orders/<uuid:order_id>/photo/<uuid:part_id>")
@signed_in
def photo(order_id: uuid.UUID, part_id: uuid.UUID) -> Response:
    """The photo that the courier left as proof of one part."""
    part = next((part for part in own_order(order_id).shop_orders if part.id == part_id), None)
    proof = proof_of(db.session(), part.reference) if part else None
    if proof is None or proof.photo is None:
        abort(404)
    return Response(proof.photo, mimetype="image/jpeg")


@bp.get("/orders/<uuid:order_id>/receipt")
@signed_in
def receipt(order_id: uuid.UUID) -> str:
    """The order on one sheet of paper."""
    return render_template("storefront/receipt.html", order=own_order(order_id))


@bp.post("/orders/<uuid:order_id>/cancel")
@signed_in
@once("order.cancel")
def cancel(order_id: uuid.UUID) -> Response:
    """Take the order back while no shop has begun."""
    here = redirect(url_for("storefront.order", order_id=order_id), 303)
    try:
        cancel_order(db.session(), current_user.id, order_id, clock.now())
        flash(gettext("订单已取消，付过的钱、积分和补贴都会退回"))
    except Refused as refused:
        flash(sentence(refused), "bad")
    return here


@bp.post("/orders/<uuid:order_id>/fetched/<uuid:part_id>")
@signed_in
@once("order.fetched")
def fetched(order_id: uuid.UUID, part_id: uuid.UUID) -> Response:
    """She has fetched one part from the station."""
    part = next((part for part in own_order(order_id).shop_orders if part.id == part_id), None) or abort(404)
    sign_off(db.session(), part.reference, clock.now())
    flash(gettext("谢谢，已记下您取到货了"))
    return redirect(url_for("storefront.order", order_id=order_id), 303)


def own_order(order_id: uuid.UUID) -> Order:
    """One of her orders; 404 where it is not hers."""
    return queries.order_of(db.session(), current_user.id, order_id) or abort(404)


def _code(part: ShopOrder) -> str | None:
    """What she says to have the goods, while they are on their way or wait for her."""
    return pickup_code_of(db.session(), part.reference) if part.state in COMING else None


def _window(part: ShopOrder) -> tuple[datetime, datetime] | None:
    """From when until when she had better be at home, while the truck is planned or on its way."""
    if part.state not in (Fulfillment.scheduled, Fulfillment.out_for_delivery):
        return None
    stop = stop_for(db.session(), part.reference)
    return expected_at(stop.run, stop.id, clock.now()) if stop else None


def _waits(part: ShopOrder) -> bool:
    return part.state is Fulfillment.at_station


def _moment(text: str | None) -> datetime | None:
    try:
        moment = datetime.fromisoformat(text) if text else None
    except ValueError:
        return None
    return moment if moment and moment.tzinfo else None
