"""What helps one shop: what sells week by week, what comes back and why, how often it was looked at."""

import uuid
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta

from sqlalchemy import Date, cast, func, or_, select
from sqlalchemy.orm import Session

from market.aftersales.models import ReturnRequest
from market.aftersales.rules import Ground
from market.aftersales.states import ReturnState
from market.catalog.models import Listing
from market.catalog.views import ListingViews
from market.kernel.clock import at, local_date
from market.orders.models import (
    RETURNING,
    UNDONE,
    Order,
    OrderLine,
    PaymentMethod,
    PaymentState,
    ShopOrder,
)

WEEKS = 12
MOST_LISTINGS = 30
REFUSED = "refused"
"""Why goods came back that the buyer did not take at the door."""


@dataclass(slots=True)
class Week:
    """From `monday` on: pieces sold, and what for after the shop's own reductions, in fen."""

    monday: date
    pieces: int = 0
    goods_fen: int = 0


@dataclass(slots=True)
class Item:
    """One listing over all the weeks. `title` is as it was last sold, None where nothing was.

    `back` are pieces that buyers gave back or asked to, by ground, and those refused at the door.
    """

    listing_id: uuid.UUID
    title: str | None = None
    pieces: int = 0
    goods_fen: int = 0
    views: int = 0
    back: dict[str, int] = field(default_factory=dict)

    @property
    def sold_per_mille(self) -> int | None:
        """Pieces sold for every thousand views, rounded down; None where nobody looked."""
        return self.pieces * 1000 // self.views if self.views else None


@dataclass(frozen=True, slots=True)
class Figures:
    """The weeks, oldest first, and the listings, what sells best first."""

    weeks: list[Week]
    items: list[Item]

    @property
    def pieces(self) -> int:
        return sum(week.pieces for week in self.weeks)

    @property
    def goods_fen(self) -> int:
        return sum(week.goods_fen for week in self.weeks)

    @property
    def back(self) -> dict[str, int]:
        """Pieces that came back by reason, the most frequent first."""
        sums: defaultdict[str, int] = defaultdict(int)
        for item in self.items:
            for reason, pieces in item.back.items():
                sums[reason] += pieces
        return dict(sorted(sums.items(), key=lambda it: (-it[1], it[0])))


def first_monday(now: datetime) -> date:
    """Where the weeks begin: this week's Monday in China, and `WEEKS` - 1 before it."""
    today = local_date(now)
    return today - timedelta(days=today.weekday(), weeks=WEEKS - 1)


def figures(session: Session, shop_id: uuid.UUID, now: datetime) -> Figures:
    """The shop's last weeks, by when orders were placed.

    Sold is what is paid, or to be paid in cash, and not undone; what came back later stays sold and is told
    beside it.
    """
    monday = first_monday(now)
    weeks = {day: Week(day) for day in (monday + timedelta(weeks=n) for n in range(WEEKS))}
    items: dict[uuid.UUID, Item] = {}
    for listing_id, title, week, pieces, fen in _sold(session, shop_id, monday):
        item = items.setdefault(listing_id, Item(listing_id))
        item.title, item.pieces, item.goods_fen = title, item.pieces + pieces, item.goods_fen + fen
        if week in weeks:
            weeks[week].pieces += pieces
            weeks[week].goods_fen += fen
    for listing_id, title, reason, pieces in _back(session, shop_id, monday):
        item = items.setdefault(listing_id, Item(listing_id))
        item.title = item.title or title
        item.back[reason] = item.back.get(reason, 0) + pieces
    for listing_id, views in _views(session, shop_id, monday):
        items.setdefault(listing_id, Item(listing_id)).views = views
    return Figures(list(weeks.values()), sorted(items.values(), key=_place))


def _place(item: Item) -> tuple[int, int, uuid.UUID]:
    return (-item.goods_fen, -item.views, item.listing_id)


def _sold(
    session: Session, shop_id: uuid.UUID, monday: date
) -> Iterator[tuple[uuid.UUID, str, date, int, int]]:
    week = cast(func.date_trunc("week", func.timezone("Asia/Shanghai", Order.placed_at)), Date)
    fen = OrderLine.list_fen - OrderLine.shop_promotion_fen - OrderLine.coupon_fen
    rows = session.execute(
        select(
            OrderLine.listing_id,
            func.max(OrderLine.snapshot["title"].astext),
            week,
            func.sum(OrderLine.quantity),
            func.sum(fen),
        )
        .join(ShopOrder, ShopOrder.id == OrderLine.shop_order_id)
        .join(Order, Order.id == ShopOrder.order_id)
        .where(
            ShopOrder.shop_id == shop_id,
            ShopOrder.state.not_in(UNDONE),
            or_(Order.payment_method == PaymentMethod.cash, Order.payment_state == PaymentState.paid),
            Order.placed_at >= at(monday, time()),
        )
        .group_by(OrderLine.listing_id, week)
        .order_by(week)
    )
    for listing_id, title, day, pieces, goods_fen in rows:
        yield listing_id, title, day, int(pieces), int(goods_fen)


def _back(session: Session, shop_id: uuid.UUID, monday: date) -> Iterator[tuple[uuid.UUID, str, str, int]]:
    since, title = at(monday, time()), func.max(OrderLine.snapshot["title"].astext)
    asked = session.execute(
        select(OrderLine.listing_id, title, ReturnRequest.ground, func.sum(ReturnRequest.quantity))
        .join(OrderLine, OrderLine.id == ReturnRequest.order_line_id)
        .where(
            ReturnRequest.shop_id == shop_id,
            ReturnRequest.state != ReturnState.withdrawn,
            ReturnRequest.created_at >= since,
        )
        .group_by(OrderLine.listing_id, ReturnRequest.ground)
    )
    refused = session.execute(
        select(OrderLine.listing_id, title, func.sum(OrderLine.quantity))
        .join(ShopOrder, ShopOrder.id == OrderLine.shop_order_id)
        .join(Order, Order.id == ShopOrder.order_id)
        .where(ShopOrder.shop_id == shop_id, ShopOrder.state.in_(RETURNING), Order.placed_at >= since)
        .group_by(OrderLine.listing_id)
    )
    yield from ((id_, name, Ground(ground).value, int(pieces)) for id_, name, ground, pieces in asked)
    yield from ((id_, name, REFUSED, int(pieces)) for id_, name, pieces in refused)


def _views(session: Session, shop_id: uuid.UUID, monday: date) -> Iterator[tuple[uuid.UUID, int]]:
    rows = session.execute(
        select(ListingViews.listing_id, func.sum(ListingViews.views))
        .join(Listing, Listing.id == ListingViews.listing_id)
        .where(Listing.shop_id == shop_id, ListingViews.day >= monday)
        .group_by(ListingViews.listing_id)
    )
    yield from ((listing_id, int(views)) for listing_id, views in rows)
