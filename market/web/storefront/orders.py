"""The buyer's orders: the list, one order with its steps, its receipt, and taking it back."""

import uuid
from collections.abc import Mapping, Sequence
from datetime import datetime

from flask import abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext
from flask_login import current_user
from werkzeug.wrappers import Response

from market.delivery.kept import sign_off
from market.delivery.models import Proof
from market.delivery.queries import proof_of
from market.inventory.queries import pieces_known
from market.kernel import clock
from market.kernel.db import db
from market.kernel.errors import Refused
from market.orders import queries
from market.orders.models import Fulfillment, Order, ShopOrder
from market.orders.prove import cash_of
from market.orders.trace import serials_among
from market.orders.undo import cancel_order, is_cancelable
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
from market.web.storefront.order_facts import facts

_PAGE = 20
Left = tuple[Proof, int, list[str]]
ON_ROAD = frozenset({Fulfillment.scheduled, Fulfillment.out_for_delivery})
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
    told, now = facts(db.session(), found), clock.now()
    parts = found.shop_orders
    return render_template(
        "storefront/order.html",
        order=found,
        steps=progress.progress,
        status=progress.status,
        awaits_payment=progress.awaits_payment(found),
        cancelable=found.state == "placed" and is_cancelable(found),
        reviews=told.reviews,
        trade_in_states=TRADE_IN_STATES,
        trade_in=told.trade_in,
        proofs=_left([part for part in parts if part.is_over], told.proofs),
        refunds=told.refunds,
        # What she says to have the goods, while they are on their way or wait for her.
        codes={part.id: told.pickup_code(part.reference) for part in parts if part.state in COMING},
        kept={part.id: told.kept.get(part.reference) for part in parts if _waits(part)},
        windows={part.id: told.window(part.reference, now) for part in parts if part.state in ON_ROAD},
        went_wrong=ENDINGS,
        refund_states=STATES,
        invoices=told.invoices,
        recalled=told.recalled,
        claims=told.claims,
        claim_words=TO_BUYER,
        cases=told.cases,
        case_word=state_word,
        case_pill=pill_kind,
        case_url=page_of,
        placed=placed,
        stopped=offered(told.stopped),
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


def _left(parts: Sequence[ShopOrder], proofs: Mapping[str, Proof]) -> dict[uuid.UUID, Left]:
    """By id what was left with a part, and of its stop's cash and serial numbers those that are its own."""
    proven = [(part, proofs[part.reference]) for part in parts if part.reference in proofs]
    if not proven:
        return {}
    lines = [line.reference for part, _proof in proven for line in part.lines]
    scanned = [serial for _part, proof in proven for serial in proof.serial_numbers]
    pieces = pieces_known(db.session(), lines, scanned)
    return {
        part.id: (
            proof,
            cash_of(part),
            [it for line in part.lines for it in serials_among(pieces, line, proof)],
        )
        for part, proof in proven
    }


def _waits(part: ShopOrder) -> bool:
    return part.state is Fulfillment.at_station


def _moment(text: str | None) -> datetime | None:
    try:
        moment = datetime.fromisoformat(text) if text else None
    except ValueError:
        return None
    return moment if moment and moment.tzinfo else None
