"""What the truck tells a shop order: scheduled, on its way, delivered, not delivered."""

import uuid
from datetime import datetime

from sqlalchemy.orm import Session

from market.cash.collect import record_collection
from market.credit.models import SubjectKind
from market.credit.record_event import record_event
from market.delivery.queries import pickup_code_of, proof_of
from market.kernel.clock import local_date
from market.kernel.outbox import emit
from market.ledger.rules import courier_cash
from market.notices.notify import notify
from market.orders import book, pay, prove, queries, steps
from market.orders.events import ShopOrderDelivered
from market.orders.models import Fulfillment, Order, PaymentMethod, ShopOrder
from market.places.models import Station
from market.points.earn import earn
from market.points.rules import Earning, points_for
from market.subsidies import claim

_FINAL = frozenset({Fulfillment.delivered, Fulfillment.refused})


def job_scheduled(session: Session, reference: str, now: datetime) -> None:
    """The job is on a released run."""
    _follow(session, reference, Fulfillment.scheduled, now)


def job_departed(session: Session, reference: str, now: datetime) -> None:
    """The courier has left the hub with it."""
    _follow(session, reference, Fulfillment.out_for_delivery, now)


def job_failed(session: Session, reference: str, reason: str, now: datetime) -> None:
    """It could not be delivered today; the goods go back to the hub and wait for the next batch."""
    shop_order = _follow(session, reference, Fulfillment.undelivered, now)
    if shop_order is not None:
        shop_order.reason = reason


def job_kept(session: Session, reference: str, keep_until: datetime, now: datetime) -> None:
    """The goods wait at a station: tell the buyer where, until when, and her code."""
    if _follow(session, reference, Fulfillment.at_station, now) is not None:
        _tell_kept(session, reference, "order.at_station", keep_until, now)


def job_still_kept(session: Session, reference: str, keep_until: datetime, now: datetime) -> None:
    """Nobody has fetched them yet: a friendly word."""
    found = queries.by_reference(session, reference)
    if found is not None and found.state is Fulfillment.at_station:
        _tell_kept(session, reference, "order.still_at_station", keep_until, now)


def job_done(
    session: Session,
    reference: str,
    courier_id: uuid.UUID,
    done_at: datetime,
    now: datetime,
    carried_at: datetime | None = None,
) -> None:
    """The buyer has the goods: book cash and revenue, keep the claim's evidence, let points be earned.

    Her time to send them back runs from `done_at`. Where they waited for her at a station, the courier was
    there at `carried_at`.

    Harmless the second time, and for references of other rooms.
    """
    known = queries.by_reference(session, reference)
    if known is None:
        return
    # The order before its parts, as whoever undoes one locks them.
    order = pay.lock(session, known.order_id)
    shop_order = queries.by_reference(session, reference, lock=True)
    if shop_order is None or shop_order.is_over:
        return
    catch_up(session, shop_order, Fulfillment.delivered, now)
    steps.advance(session, shop_order, Fulfillment.delivered, now)
    if order.payment_method is PaymentMethod.cash:
        pay.mark_cash_collected(session, shop_order, courier_cash(courier_id), now)
        cash_fen = shop_order.payable_fen
        record_collection(session, reference, courier_id, order.county_code, cash_fen, done_at, now)
    book.earn(session, shop_order, now)
    proof = proof_of(session, reference)
    for line in sorted(shop_order.lines, key=lambda line: line.listing_id):
        found = prove.of_delivery(session, line, proof, done_at)
        claim.deliver(session, line.reference, found, now)
    _earn_points(session, order, shop_order, done_at, now)
    kind = "delivered_late" if local_date(carried_at or done_at) > order.promised_on else "delivered_on_time"
    record_event(session, SubjectKind.courier, courier_id, kind, shop_order.reference, now)
    steps.close_if_over(order, now)
    emit(session, ShopOrderDelivered(shop_order.id), now, dedupe_key=f"delivered:{shop_order.id}")
    _tell_delivered(session, order, shop_order, now)


def _follow(session: Session, reference: str, to: Fulfillment, now: datetime) -> ShopOrder | None:
    """Advance where the table allows it; news that comes late or twice changes nothing."""
    shop_order = queries.by_reference(session, reference, lock=True)
    if shop_order is None:
        return None
    catch_up(session, shop_order, to, now)
    if to not in steps.moves(shop_order):
        return None
    steps.advance(session, shop_order, to, now)
    return shop_order


def catch_up(session: Session, shop_order: ShopOrder, to: Fulfillment, now: datetime) -> None:
    """News of a truck may overtake each other: what `to` implies has happened too.

    After a failure only what is final is believed so: other news may be the failed trip's own, come late.
    """
    if shop_order.state is Fulfillment.undelivered and to not in _FINAL:
        return
    for implied in (Fulfillment.scheduled, Fulfillment.out_for_delivery):
        # Goods are refused at a door, so they were on the road; only a recall stops them before.
        if implied is to or (to is not Fulfillment.refused and to in steps.moves(shop_order)):
            return
        if implied in steps.moves(shop_order):
            steps.advance(session, shop_order, implied, now)


def _earn_points(
    session: Session, order: Order, shop_order: ShopOrder, done_at: datetime, now: datetime
) -> None:
    points = points_for(Earning(line.paid_fen, line.snapshot.get("grade")) for line in shop_order.lines)
    earn(session, order.account_id, points, shop_order.reference, done_at, now)


def _tell_kept(session: Session, reference: str, kind: str, keep_until: datetime, now: datetime) -> None:
    shop_order = queries.by_reference(session, reference)
    if shop_order is None:
        return
    order = shop_order.order
    station = session.get_one(Station, order.station_id)
    params = {
        "number": shop_order.number,
        "shop": shop_order.shop_name,
        "station": station.name,
        "phone": station.phone,
        "code": pickup_code_of(session, reference),
        "until": keep_until.isoformat(),
    }
    key = f"{kind}:{shop_order.id}:{local_date(now)}"
    notify(session, order.account_id, kind, params, now, reference=f"order:{order.id}", dedupe_key=key)


def _tell_delivered(session: Session, order: Order, shop_order: ShopOrder, now: datetime) -> None:
    notify(
        session,
        order.account_id,
        "order.delivered",
        {"number": shop_order.number, "shop": shop_order.shop_name},
        now,
        reference=f"order:{order.id}",
        dedupe_key=f"order.delivered:{shop_order.id}",
    )
