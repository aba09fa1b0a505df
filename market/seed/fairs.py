"""A fair in the county town next week, a van that makes its round, and what two shops bring."""

from datetime import datetime, time, timedelta
from itertools import islice

from sqlalchemy import select

from market.catalog.models import Listing
from market.fairs.models import Fair, FairKind
from market.fairs.plan_fair import FairDraft, plan_fair
from market.fairs.rules import StopDraft
from market.fairs.take_part import bring
from market.inventory.models import Stock
from market.kernel.clock import at, local_date
from market.places.models import Region
from market.seed.county import villages_by_turns
from market.seed.world import World
from market.shops.models import Shop, ShopState

_HOURS = ((time(9), time(11, 30)), (time(13), time(15)), (time(15, 30), time(17, 30)))
_BROUGHT, _KINDS = 2, 3


def plan_fairs(world: World) -> None:
    """Once a county."""
    if world.session.scalar(select(Fair.id).where(Fair.county_code == world.plan.code)):
        return
    villages = list(islice(villages_by_turns(world), len(_HOURS)))
    if len(villages) < len(_HOURS):
        return
    stops = [
        StopDraft(village.code, "村委会门口", _on(world, 5, first), _on(world, 5, last))
        for village, (first, last) in zip(villages, _HOURS, strict=True)
    ]
    town = StopDraft(_town(villages[0]), "文化广场", _on(world, 7, time(9)), _on(world, 7, time(17)))
    van = FairDraft(FairKind.van, "绿色家电下乡流动车", stops)
    fair = FairDraft(FairKind.fair, "冬季绿色家电展销", [town])
    for draft in (van, fair):
        _bring_some(world, plan_fair(world.session, world.plan.code, draft, world.now))


def _on(world: World, days: int, hour: time) -> datetime:
    return at(local_date(world.now) + timedelta(days=days), hour)


def _town(village: Region) -> str:
    return village.code[:9]


def _bring_some(world: World, fair: Fair) -> None:
    shops = select(Shop).where(Shop.county_code == world.plan.code, Shop.state == ShopState.open)
    for shop in world.session.scalars(shops.order_by(Shop.licence_number).limit(2)).all():
        plenty = (
            select(Listing.id)
            .join(Stock, Stock.listing_id == Listing.id)
            .where(Listing.shop_id == shop.id, Listing.state == "active", Stock.frozen.is_(False))
            .where(Stock.on_hand - Stock.reserved - Stock.allocated > 2 * _BROUGHT)
            .order_by(Listing.id)
            .limit(_KINDS)
        )
        for listing_id in world.session.scalars(plenty).all():
            bring(world.session, shop, fair.id, listing_id, _BROUGHT, world.now)
