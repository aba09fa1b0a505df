"""What follows a published recall: orders under way are stopped, and buyers are told by what reaches them."""

import uuid
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from market.catalog.models import Listing
from market.catalog.recalled import scopes_of
from market.kernel.clock import local_date
from market.notices.calls import ask_to_call
from market.notices.notify import notify
from market.orders.models import ShopOrder
from market.orders.stop_recalled import stop_recalled
from market.recalls import steps, units
from market.recalls.elders import OpenSeal, why_call
from market.recalls.instead import note_stopped
from market.recalls.models import Recall, RecallUnit
from market.recalls.publish import empty_all_carts
from market.recalls.states import PUBLISHED, RecallState, UnitState


def stop_orders(session: Session, recall_id: uuid.UUID, now: datetime) -> None:
    """Stop what has not been delivered, and empty the carts that were filled while sale was being stopped.

    The recall is locked before orders, and these one after the other in the order of their ids. Safe at any
    time, any number of times.
    """
    recall = session.get_one(Recall, recall_id, with_for_update=True, populate_existing=True)
    if recall.state not in PUBLISHED or recall.state is RecallState.closed:
        return
    of_product = select(Listing.id).where(Listing.product_id == recall.product_id)
    empty_all_carts(session, recall, list(session.scalars(of_product)), now)
    found = units.under_way(session, recall.product_id, recall.scope)
    for part in sorted(found, key=lambda part: (part.order_id, part.id)):
        if stop_recalled(session, part.id, now):
            note_stopped(session, recall, part, now)


def tell_buyers(session: Session, recall_id: uuid.UUID, seal: OpenSeal, now: datetime) -> None:
    """Tell everybody who has a piece, and put on the call list whom a text would not reach. Each once."""
    recall = session.get_one(Recall, recall_id, with_for_update=True, populate_existing=True)
    if recall.state not in PUBLISHED:
        return
    waiting = select(RecallUnit).where(
        RecallUnit.recall_id == recall.id,
        RecallUnit.state == UnitState.listed,
        RecallUnit.account_id.is_not(None),
    )
    for unit in session.scalars(waiting.order_by(RecallUnit.id).with_for_update()).all():
        _tell(session, recall, unit, seal, now)
    if recall.state is RecallState.listing_frozen:
        steps.move(session, recall, RecallState.notice_sent, None, "", now)


def include_delivered(session: Session, shop_order_id: uuid.UUID, seal: OpenSeal, now: datetime) -> None:
    """A courier had it on the truck when it was called back: its buyer is told like the others. Once."""
    part = session.get_one(ShopOrder, shop_order_id)
    products = sorted({uuid.UUID(line.snapshot["product_id"]) for line in part.lines})
    for product_id in products:
        for scope in scopes_of(session, product_id):
            recall_id = uuid.UUID(scope.reference.removeprefix("recall:"))
            recall = session.get_one(Recall, recall_id, with_for_update=True, populate_existing=True)
            lines = {line.id for line in part.lines}
            hit = units.delivered(session, product_id, recall.scope)
            mine = [piece for piece in hit if piece.order_line_id in lines]
            units.write_down(session, recall, mine, now)
            units.give_to_buyers(session, recall, mine, now)
            tell_buyers(session, recall_id, seal, now)


def _tell(session: Session, recall: Recall, unit: RecallUnit, seal: OpenSeal, now: datetime) -> None:
    if unit.account_id is None:
        return
    params = {"title": recall.product.name_zh, "hazard": recall.hazard, "advice": recall.advice}
    key = f"recall.buyer:{recall.id}:{unit.account_id}"
    notify(session, unit.account_id, "recall.buyer", params, now, f"recall_unit:{unit.id}", key)
    if reason := why_call(session, unit.account_id, seal, local_date(now)):
        ask_to_call(session, unit.account_id, recall.reference, reason, now)
    steps.move_unit(unit, UnitState.told, now)
    session.flush()
