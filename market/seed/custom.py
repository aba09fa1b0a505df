"""A shop that says that one of its range hoods is made to order: for the county to look at."""

from sqlalchemy import select

from market.catalog.made_to_order import ask_made_to_order
from market.catalog.models import Listing, ListingState, MadeToOrder, Product
from market.seed.world import World
from market.shops.models import Shop

_WORDS = "按买家家里的灶台量尺寸，烟管照墙洞改"


def ask_for_one(world: World) -> None:
    """Once a county."""
    hoods = (
        select(Listing)
        .join(Product, Product.id == Listing.product_id)
        .join(Shop, Shop.id == Listing.shop_id)
        .where(
            Shop.county_code == world.plan.code,
            Product.category_code == "range_hood",
            Listing.state == ListingState.active,
        )
        .order_by(Listing.id)
        .limit(1)
    )
    found = world.session.scalars(hoods).first()
    if found is not None and found.made_to_order is MadeToOrder.no:
        ask_made_to_order(world.session, found.shop_id, found.id, _WORDS, world.now)
