"""What a recall means for orders: nothing that is called back leaves a shop, and what is under way stops."""

import uuid
from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from market.catalog.models import Listing, ListingState, Product
from market.catalog.recalled import Recalled, is_partial, warning_for
from market.inventory.freeze import sold_to
from market.kernel.errors import Refused
from market.orders.models import Cart, CartLine, Fulfillment, Order, OrderLine, ShopOrder

RECALLED = "recalled"  # why a shop order was undone
STOPPABLE = (
    Fulfillment.placed,
    Fulfillment.confirmed,
    Fulfillment.handed_over,
    Fulfillment.at_hub,
    Fulfillment.scheduled,
    Fulfillment.undelivered,
    Fulfillment.at_station,
)


def none_frozen(session: Session, shop_order: ShopOrder) -> None:
    """Raises Refused(``order.recalled``, title=…) where a line's listing is called back."""
    for line in shop_order.lines:
        state = select(Listing.state).where(Listing.id == line.listing_id)
        if session.scalar(state) is ListingState.recalled:
            raise Refused("order.recalled", title=line.snapshot["title"])


def pieces_told_apart(session: Session, shop_order: ShopOrder) -> None:
    """Raises Refused(``order.serials_needed``) where a piece of a product that is called back in part has no
    number: it could be one of those."""
    for line in shop_order.lines:
        if not is_partial(session, uuid.UUID(line.snapshot["product_id"])):
            continue
        if len(sold_to(session, line.reference)) < line.quantity:
            raise Refused("order.serials_needed", field="serials", title=line.snapshot["title"])


def recalled_goods(session: Session, references: Collection[str]) -> dict[str, Recalled]:
    """By shop order (``shop_order:ID``), what is called back of its products, where something is."""
    ids = [uuid.UUID(it.removeprefix("shop_order:")) for it in references if it.startswith("shop_order:")]
    products: dict[str, set[uuid.UUID]] = {}
    for line in session.scalars(select(OrderLine).where(OrderLine.shop_order_id.in_(ids))):
        key = f"shop_order:{line.shop_order_id}"
        products.setdefault(key, set()).add(uuid.UUID(line.snapshot["product_id"]))
    if warning_for(session, set().union(*products.values())) is None:
        return {}
    found = {key: warning_for(session, product_ids) for key, product_ids in products.items()}
    return {key: told for key, told in found.items() if told is not None}


def empty_carts(session: Session, listing_ids: Collection[uuid.UUID], now: datetime) -> list[uuid.UUID]:
    """Take the listings out of every cart, which says so. Whose carts they were, where they have an account.

    Carts are locked in the order of their ids, and before any stock, as at checkout.
    """
    titles = {
        row[0]: row[1]
        for row in session.execute(
            select(Listing.id, Product.name_zh)
            .join(Product, Product.id == Listing.product_id)
            .where(Listing.id.in_(list(listing_ids)))
        )
    }
    held = select(CartLine.cart_id).where(CartLine.listing_id.in_(list(listing_ids)))
    carts = session.scalars(select(Cart).where(Cart.id.in_(held)).order_by(Cart.id).with_for_update()).all()
    for cart in carts:
        gone = [titles[line.listing_id] for line in cart.lines if line.listing_id in titles]
        taken = CartLine.cart_id == cart.id, CartLine.listing_id.in_(list(titles))
        session.execute(delete(CartLine).where(*taken))
        told = sorted({*cart.recalled_titles, *gone})
        session.execute(update(Cart).where(Cart.id == cart.id).values(recalled_titles=told, updated_at=now))
        session.expire(cart)
    return [cart.account_id for cart in carts if cart.account_id]


def lines_of_product(
    session: Session, product_id: uuid.UUID, states: Sequence[Fulfillment]
) -> list[tuple[OrderLine, ShopOrder, Order]]:
    """Every line of the product whose shop order is in `states`, the oldest first."""
    rows = session.execute(
        select(OrderLine, ShopOrder, Order)
        .join(ShopOrder, ShopOrder.id == OrderLine.shop_order_id)
        .join(Order, Order.id == ShopOrder.order_id)
        .join(Listing, Listing.id == OrderLine.listing_id)
        .where(Listing.product_id == product_id, ShopOrder.state.in_(states))
        .order_by(OrderLine.id)
    )
    return [(line, part, order) for line, part, order in rows]
