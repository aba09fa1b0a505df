"""Her money, or another one: what the buyer of a stopped sale says on her order's page.

As in any exchange for another model (`market.aftersales`), what was stopped is paid back, and what she wants
instead is a purchase of its own at today's price: so points, the subsidy's pot and quota, and stock follow by
the same use cases as ever.
"""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from market.catalog.models import Listing, ListingState, Product
from market.inventory.queries import left
from market.kernel.errors import NotFound, Refused
from market.orders.cart import Owner, find, put, set_quantity
from market.orders.models import Order, OrderLine, ShopOrder
from market.recalls.models import Recall
from market.recalls.stopped_models import StoppedSale
from market.recalls.stopped_rules import (
    STOPPED_STATES,
    Instead,
    OnShelf,
    Stopped,
    StoppedState,
    choices,
    may_choose,
)
from market.shops.models import Shop


@dataclass(frozen=True, slots=True)
class Part:
    """One part of one order, as a page names it."""

    order_id: uuid.UUID
    id: uuid.UUID


def note_stopped(session: Session, recall: Recall, part: ShopOrder, now: datetime) -> None:
    """The recall has stopped `part`: its buyer may want another one. Twice is once."""
    line = next(it for it in part.lines if it.snapshot["product_id"] == str(recall.product_id))
    values = {"shop_order_id": part.id, "recall_id": recall.id, "line_id": line.id, "stopped_at": now}
    session.execute(insert(StoppedSale).values(**values, state=StoppedState.money).on_conflict_do_nothing())


def offers(session: Session, sale: StoppedSale, now: datetime) -> list[Instead]:
    """What she may have instead now; nothing once her time to choose is over."""
    if not may_choose(sale.stopped_at, now):
        return []
    line = session.get_one(OrderLine, sale.line_id)
    shelf = _shelf(session, line)
    pieces = left(session, [listing.id for listing in shelf])
    return choices(
        Stopped(
            uuid.UUID(line.snapshot["product_id"]),
            line.shop_order.shop_id,
            line.quantity,
            (line.list_fen - line.shop_promotion_fen) // line.quantity,
        ),
        [
            OnShelf(it.id, it.product_id, it.shop_id, it.price_fen, pieces.get(it.id, 0))
            for it in shelf
            if it.is_for_sale
        ],
    )


def choose_instead(
    session: Session, account_id: uuid.UUID, part: Part, listing_id: uuid.UUID, now: datetime
) -> StoppedSale:
    """Put another one into her cart, and whatever else of the stopped part is still for sale.

    The same choice again changes nothing. Raises NotFound where it is not hers; Refused
    (``recalls.instead``) for what is not, or no longer, to be had instead.
    """
    sale, line = _own(session, account_id, part)
    if sale.listing_id == listing_id:
        return sale
    if listing_id not in {one.listing_id for one in offers(session, sale, now)}:
        raise Refused("recalls.instead")
    _take_out(session, account_id, sale, line, now)
    STOPPED_STATES.move(sale, StoppedState.replacement)
    first_choice, sale.listing_id, sale.chosen_at = sale.listing_id is None, listing_id, now
    put(session, Owner(account_id=account_id), listing_id, line.quantity, now)
    if first_choice:
        _put_others(session, account_id, line, now)
    session.flush()
    return sale


def choose_money(session: Session, account_id: uuid.UUID, part: Part, now: datetime) -> StoppedSale:
    """No other one after all: it is out of her cart again. Raises NotFound where it is not hers."""
    sale, line = _own(session, account_id, part)
    if sale.state is StoppedState.replacement:
        _take_out(session, account_id, sale, line, now)
        STOPPED_STATES.move(sale, StoppedState.money)
        sale.listing_id = sale.chosen_at = None
        session.flush()
    return sale


def _own(session: Session, account_id: uuid.UUID, part: Part) -> tuple[StoppedSale, OrderLine]:
    """Her stopped sale, locked, and the line that is called back. Raises NotFound."""
    hers = select(StoppedSale).join(ShopOrder, ShopOrder.id == StoppedSale.shop_order_id).join(Order)
    of_part = Order.id == part.order_id, ShopOrder.id == part.id, Order.account_id == account_id
    sale = session.scalars(hers.where(*of_part).with_for_update(of=StoppedSale)).one_or_none()
    if sale is None:
        raise NotFound
    return sale, session.get_one(OrderLine, sale.line_id)


def _shelf(session: Session, line: OrderLine) -> Sequence[Listing]:
    county = select(Shop.county_code).where(Shop.id == line.shop_order.shop_id).scalar_subquery()
    return session.scalars(
        select(Listing)
        .join(Product, Product.id == Listing.product_id)
        .join(Shop, Shop.id == Listing.shop_id)
        .where(Shop.county_code == county, Listing.state == ListingState.active)
        .where(Product.category_code == line.snapshot["category_code"])
        .order_by(Listing.id)
    ).all()


def _put_others(session: Session, account_id: uuid.UUID, line: OrderLine, now: datetime) -> None:
    for other in line.shop_order.lines:
        listing = session.get_one(Listing, other.listing_id)
        if other.id != line.id and listing.is_for_sale:
            put(session, Owner(account_id=account_id), listing.id, other.quantity, now)


def _take_out(
    session: Session, account_id: uuid.UUID, sale: StoppedSale, line: OrderLine, now: datetime
) -> None:
    """What she chose before leaves her cart, where it still is in it; what she had of it besides stays."""
    owner = Owner(account_id=account_id)
    cart = find(session, owner)
    there = {line.listing_id: line.quantity for line in cart.lines} if cart else {}
    if sale.listing_id is not None and sale.listing_id in there:
        rest = max(0, there[sale.listing_id] - line.quantity)
        set_quantity(session, owner, sale.listing_id, rest, now)
