"""What a cart costs, here and now: catalog, delivery, subsidy, points and trade-in put together."""

import uuid
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime

from sqlalchemy.orm import Session

from market.catalog.rules import best_grade
from market.delivery.rules import fee
from market.kernel.clock import local_date
from market.kernel.errors import Refused
from market.kernel.money import allocate
from market.orders.cart import CartEntry
from market.orders.models import Place
from market.orders.pricing import CartItem, Priced, price
from market.points import queries as points_queries
from market.points.rules import spendable
from market.recycling.trade_in import quote_trade_in
from market.subsidies import queries as subsidies
from market.subsidies.rules import Buyer, Decision, Item, Offer, quote


@dataclass(frozen=True, slots=True)
class TradeInAnswers:
    """What the buyer says of the old appliance that she hands in."""

    category_code: str
    age_years: int
    works: bool
    complete: bool


@dataclass(frozen=True, slots=True)
class Options:
    """What changes the price of a cart besides its lines."""

    county_code: str
    account_id: uuid.UUID | None = None
    place: Place = Place.door
    points: int = 0
    trade_in: TradeInAnswers | None = None


def price_for_anybody(entry: CartEntry, on_offer: Sequence[Offer], county_code: str, now: datetime) -> Priced:
    """One listing's price for a visitor who has used no subsidy yet, delivery to the door included."""
    anybody = Buyer(county_code=county_code)
    return price(
        [cart_item(entry, local_date(now))],
        lambda items: quote(items, anybody, on_offer, now),
        delivery_fees_fen=delivery_fees([entry], Place.door),
    )


def price_entries(
    session: Session,
    entries: Sequence[CartEntry],
    options: Options,
    now: datetime,
    on_offer: Sequence[Offer] | None = None,
) -> Priced:
    """The price of `entries` under `options` at `now`. Nothing is reserved.

    More points than may be spent are cut to what may. `on_offer` is what the county pays out of, where that
    has been read; for a visitor nothing else is asked.
    """
    goods_fen = sum(entry.price_fen for entry in entries)
    credit_fen = _trade_in_credit(session, options.trade_in, now)

    def decide(items: Sequence[Item]) -> list[Decision]:
        handed_in = options.trade_in.category_code if options.trade_in else None
        if on_offer is not None and options.account_id is None:
            return quote(items, Buyer(trade_in=handed_in, county_code=options.county_code), on_offer, now)
        return subsidies.quote(session, items, options.county_code, options.account_id, now, handed_in)

    return price(
        [cart_item(entry, local_date(now)) for entry in entries],
        decide,
        points_fen=_points(session, options, goods_fen, now),
        trade_in_fen=credit_fen,
        delivery_fees_fen=delivery_fees(entries, options.place),
    )


def cart_item(entry: CartEntry, today: date) -> CartItem:
    """The pure view of a cart line."""
    listing = entry.listing
    return CartItem(
        line=str(listing.id),
        shop=str(listing.shop_id),
        quantity=entry.quantity,
        unit_list_fen=listing.list_price_fen,
        unit_price_fen=listing.price_fen,
        subsidy_category=listing.product.category.subsidy_category,
        grade=best_grade(listing.product.labels, today),
        set_off_fen=entry.set_off_fen,
    )


def delivery_fees(entries: Sequence[CartEntry], place: Place) -> dict[str, int]:
    """One fee for the whole order, shared over its shops by weight."""
    grams: dict[str, int] = defaultdict(int)
    volume_cm3 = 0
    for entry in entries:
        product = entry.listing.product
        grams[str(entry.listing.shop_id)] += product.packed_weight_grams * entry.quantity
        volume_cm3 += product.packed_volume_cm3 * entry.quantity
    if not grams:
        return {}
    total = fee(place.value, sum(grams.values()), volume_cm3)
    return dict(zip(grams, allocate(total, list(grams.values())), strict=True))


def _points(session: Session, options: Options, goods_fen: int, now: datetime) -> int:
    if not options.account_id or options.points <= 0:
        return 0
    available = points_queries.balance(session, options.account_id, now).available
    return min(options.points, spendable(available, goods_fen))


def _trade_in_credit(session: Session, answers: TradeInAnswers | None, now: datetime) -> int:
    """The quote in fen; nothing for a kind that is no longer taken."""
    if answers is None:
        return 0
    try:
        return quote_trade_in(session, **asdict(answers), now=now).credit_fen
    except Refused:
        return 0
