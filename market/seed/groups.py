"""Groups that people may join, one that too few wanted, and one that its shop called off.

None has come about: a deposit is paid at the provider's, and the seed makes up no payment.
"""

from datetime import datetime, time, timedelta

from sqlalchemy import select

from market.catalog.models import Listing, ListingState, Product
from market.groups.close_group import cancel_by_shop, close_group
from market.groups.models import GroupOrder
from market.groups.open_group import GroupDraft, open_group
from market.groups.rules import Option, PriceTier, most_deposit_fen
from market.kernel.clock import at, local_date
from market.seed.world import World
from market.shops.models import Shop, ShopState

_COLOR, _DOOR = Option("颜色", ("奶白", "浅灰", "豆绿")), Option("门", ("左开门", "右开门"))
_GROUPS: tuple[tuple[str, int, tuple[Option, ...]], ...] = (
    ("fridge", 5, (_COLOR, _DOOR)),
    ("washer", 8, (_COLOR,)),
    ("water_heater", 3, ()),
)
_OFF_PERCENT = 4
_AGO, _OPEN, _MAKE = timedelta(days=12), timedelta(days=10), timedelta(days=20)


def open_groups(world: World) -> None:
    """One for each of a few kinds, once a county; the last is called off, and one was missed before."""
    if _are_there(world):
        return
    missed = _open(world, "washer", 20, (), world.now - _AGO, world.now)
    if missed:
        close_group(world.session, missed.id, world.now)
    opened = [
        group
        for kind in _GROUPS
        if (group := _open(world, *kind, world.now, at(local_date(world.now + _OPEN), time(20))))
    ]
    if len(opened) > 1:
        last = opened[-1]
        cancel_by_shop(world.session, last.shop_id, last.id, "厂里这个月排不上产", world.now)


def _are_there(world: World) -> bool:
    found = select(GroupOrder.id).join(Shop, Shop.id == GroupOrder.shop_id)
    return world.session.scalar(found.where(Shop.county_code == world.plan.code)) is not None


def _open(
    world: World,
    category: str,
    least: int,
    options: tuple[Option, ...],
    opened_at: datetime,
    closes_at: datetime,
) -> GroupOrder | None:
    found = world.session.scalars(
        select(Listing)
        .join(Product, Product.id == Listing.product_id)
        .join(Shop, Shop.id == Listing.shop_id)
        .where(Shop.county_code == world.plan.code, Shop.state == ShopState.open)
        .where(Product.category_code == category, Listing.state == ListingState.active)
        .order_by(Listing.price_fen, Listing.id)
        .limit(1)
    ).first()
    if found is None:
        return None
    price_fen = found.price_fen * (100 - _OFF_PERCENT) // 10_000 * 100
    draft = GroupDraft(
        listing_id=found.id,
        words="厂里按单生产，按您选的做",
        price_fen=price_fen,
        deposit_fen=most_deposit_fen(price_fen) // 2,
        least=least,
        most=least * 4,
        closes_at=closes_at,
        make_by=at(local_date(closes_at) + _MAKE, time()),
        complete_days=7,
        options=options,
        tiers=(PriceTier(least * 2, price_fen * 98 // 10_000 * 100),) if options else (),
    )
    return open_group(world.session, found.shop_id, draft, opened_at)
