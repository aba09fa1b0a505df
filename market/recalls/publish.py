"""Publish a recall: from the commit of this transaction on, nothing of it can be sold."""

import uuid
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from market.catalog import recall as zone_recall
from market.catalog.models import Listing
from market.catalog.recalled import open_scope
from market.catalog.zone import locked_product
from market.credit.models import SubjectKind
from market.credit.record_event import record_event
from market.inventory.freeze import freeze
from market.inventory.queries import stock
from market.kernel.errors import NotFound, Refused
from market.kernel.outbox import emit
from market.notices.notify import notify
from market.orders.recalled import empty_carts
from market.recalls import deadlines, steps, units
from market.recalls.duties import open_duty
from market.recalls.events import RecallPublished
from market.recalls.models import Recall, ShelfCheck
from market.recalls.states import BEFORE, RECALL_STATES, DutyKind, RecallState
from market.shops.models import ShopStaff


@dataclass(frozen=True, slots=True)
class Preview:
    """What publishing would hit. `in_shops` counts pieces by their numbers, `on_hand` all that are there."""

    listings: int
    on_hand: int
    in_shops: int
    sold: int
    without_number: int
    buyers: int
    orders_stopped: int


def preview(session: Session, county_code: str, recall_id: uuid.UUID) -> Preview:
    """What publishing the recall now would hit. Raises NotFound where it is another county's."""
    recall = session.get(Recall, recall_id)
    if recall is None or recall.county_code != county_code:
        raise NotFound
    listing_ids = session.scalars(select(Listing.id).where(Listing.product_id == recall.product_id)).all()
    sold = units.delivered(session, recall.product_id, recall.scope)
    return Preview(
        listings=len(listing_ids),
        on_hand=sum(row.on_hand for row in stock(session, listing_ids).values()),
        in_shops=len(units.in_shops(session, recall.product_id, recall.scope)),
        sold=len(sold),
        without_number=sum(piece.serial is None for piece in sold),
        buyers=len({piece.account_id for piece in sold}),
        orders_stopped=len(units.under_way(session, recall.product_id, recall.scope)),
    )


def publish(
    session: Session, county_code: str, recall_id: uuid.UUID, by_id: uuid.UUID, now: datetime
) -> Recall:
    """Stop sale, empty carts, leave the zone, ask the shops to look; the rest follows by the outbox at once.

    Locked in this order, which is everybody's: listings, product, carts, stock. A checkout that came before
    is seen by what follows; one that comes later waits for the stock and is refused. The second time nothing
    happens. Raises NotFound where it is another county's; Refused(``recalls.own_recall``) for whoever
    confirmed it, ``state.illegal_move`` before it is confirmed.
    """
    recall = steps.lock_recall(session, county_code, recall_id)
    if recall.state not in BEFORE and recall.state is not RecallState.dismissed:
        return recall
    if recall.confirmed_by == by_id:
        raise Refused("recalls.own_recall")
    RECALL_STATES.step(recall.state, RecallState.listing_frozen)
    recall.published_by, recall.published_at = by_id, now
    steps.move(session, recall, RecallState.listing_frozen, by_id, "", now)
    listing_ids = _stop_sale(session, recall, by_id, now)
    pieces = units.in_shops(session, recall.product_id, recall.scope)
    pieces += units.delivered(session, recall.product_id, recall.scope)
    units.write_down(session, recall, pieces, now)
    _ask_shops(session, recall, listing_ids, now)
    open_duty(session, recall, DutyKind.progress, deadlines.progress_due(now, 1), now)
    emit(session, RecallPublished(recall.id), now, dedupe_key=f"{RecallPublished.kind}:{recall.id}")
    return recall


def empty_all_carts(session: Session, recall: Recall, listing_ids: list[uuid.UUID], now: datetime) -> None:
    """Take its listings out of every cart, and tell those who have an account."""
    for account_id in empty_carts(session, listing_ids, now):
        params = {"title": recall.product.name_zh}
        key = f"recall.cart:{recall.id}:{account_id}"
        notify(session, account_id, "recall.cart", params, now, recall.reference, key)


def _stop_sale(session: Session, recall: Recall, by_id: uuid.UUID, now: datetime) -> list[uuid.UUID]:
    of_product = select(Listing.id).where(Listing.product_id == recall.product_id)
    session.execute(of_product.order_by(Listing.id).with_for_update(key_share=True))
    locked_product(session, recall.product_id)
    listing_ids = open_scope(session, recall.reference, recall.product_id, recall.scope, now)
    zone_recall.leave_zone(session, recall.product_id, recall.hazard, by_id, now)
    empty_all_carts(session, recall, listing_ids, now)
    freeze(session, listing_ids)
    return listing_ids


def _ask_shops(session: Session, recall: Recall, listing_ids: list[uuid.UUID], now: datetime) -> None:
    listings = select(Listing).where(Listing.id.in_(listing_ids)).order_by(Listing.shop_id)
    due_at = deadlines.shelf_due(now)
    for listing in session.scalars(listings):
        check = {"recall_id": recall.id, "listing_id": listing.id, "shop_id": listing.shop_id}
        session.add(ShelfCheck(**check, due_at=due_at))
        record_event(session, SubjectKind.shop, listing.shop_id, "recall_opened", recall.reference, now)
        staff = select(ShopStaff.account_id).where(ShopStaff.shop_id == listing.shop_id)
        params = {"code": recall.code, "title": recall.product.name_zh, "until": due_at.isoformat()}
        for account_id in session.scalars(staff.order_by(ShopStaff.account_id)):
            key = f"recall.shop:{recall.id}:{account_id}"
            notify(session, account_id, "recall.shop", params, now, recall.reference, key)
    session.flush()
