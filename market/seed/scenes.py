"""The sets that shops of the county have put together, each from what the shop really sells."""

from collections.abc import Sequence

from sqlalchemy import select

from market.catalog.models import Listing, ListingState, Product
from market.scenes.county_set import make_county_set, zone_listings
from market.scenes.edit_set import SetDraft, make_set
from market.scenes.models import SceneSet
from market.scenes.rules import Scene
from market.seed.world import World
from market.shops.models import Shop

_OFF_PERCENT = 3
_SETS: tuple[tuple[Scene, str, tuple[str, ...]], ...] = (
    (Scene.kitchen, "新灶房一套", ("range_hood", "gas_cooker", "rice_cooker", "fridge", "water_purifier")),
    (Scene.bath, "洗浴一套", ("water_heater", "solar_water_heater", "washer")),
    (Scene.air, "冬暖夏凉一套", ("ac", "heat_pump", "clean_stove")),
    (Scene.sleep, "歇息一套", ("ac", "tv")),
    (Scene.security, "看家一套", ("smart_home", "phone", "tv")),
)


def put_sets_together(world: World) -> None:
    """Each shop has every set of which it sells two kinds or more, once."""
    shops = select(Shop).where(Shop.county_code == world.plan.code).order_by(Shop.licence_number)
    for shop in world.session.scalars(shops).all():
        for scene, name, kinds in _SETS:
            found = _of_kinds(world, shop, kinds)
            if len(found) > 1 and not _is_there(world, shop, name):
                fen = sum(listing.price_fen for listing in found) * _OFF_PERCENT // 100 // 100 * 100
                draft = SetDraft(scene, name, fen, {listing.id: 1 for listing in found})
                make_set(world.session, shop.id, draft, world.now)
    _put_one_together_over_shops(world)


def _put_one_together_over_shops(world: World) -> None:
    """The county's own set: the first two things of different shops in the green zone."""
    code = world.plan.code
    if world.session.scalar(select(SceneSet.id).where(SceneSet.county_code == code)):
        return
    by_shop = {it.shop_id: it for it in reversed(zone_listings(world.session, code))}
    first = list(by_shop.values())[:2]
    if len({it.product_id for it in first}) == 2:
        draft = SetDraft(Scene.kitchen, "县里配的绿色新家", 0, {it.id: 1 for it in first})
        make_county_set(world.session, code, draft, world.now)


def _of_kinds(world: World, shop: Shop, kinds: Sequence[str]) -> list[Listing]:
    """The first listing of each of the kinds that the shop has on sale, in their order."""
    rows = world.session.execute(
        select(Product.category_code, Listing)
        .join(Product, Product.id == Listing.product_id)
        .where(
            Listing.shop_id == shop.id,
            Listing.state == ListingState.active,
            Product.category_code.in_(kinds),
        )
        .order_by(Listing.id.desc())
    )
    first = dict(rows.all())
    return [first[kind] for kind in kinds if kind in first]


def _is_there(world: World, shop: Shop, name: str) -> bool:
    made = select(SceneSet.id).where(SceneSet.shop_id == shop.id, SceneSet.name == name)
    return world.session.scalar(made) is not None
