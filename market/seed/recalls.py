"""Two recalls for the demo: one of a run of serial numbers that is over, and news of a danger."""

from sqlalchemy import select

from market.catalog.edit_listing import set_state
from market.catalog.models import Listing, ListingState, Product
from market.catalog.recall_rule import Scope, ScopeKind
from market.kernel.seal import Seal
from market.people.models import Account
from market.recalls import close, declare, publish, shelf
from market.recalls.follow_up import tell_buyers
from market.recalls.models import Recall
from market.recalls.states import Remedy
from market.seed.world import World
from market.shops.models import Shop

_PEOPLE = 2  # one confirms, another publishes


def recall_some(world: World) -> None:
    """Once, in a county that has the people for it."""
    county, session = world.plan.code, world.session
    if world.plan.operators <= _PEOPLE or session.scalar(select(Recall.id).limit(1)):
        return
    first, second = (world.account("operator", number) for number in (1, 2))
    over, heard = _products(world)
    run = Scope(ScopeKind.serials, first="SN26A0001", last="SN26A0200")
    recall = declare.declare(session, county, over.id, _about(over, run), first.id, world.now)
    declare.investigate(session, county, recall.id, "抽检 5 台", first.id, world.now)
    declare.confirm(session, county, recall.id, "2 台漏电", first.id, world.now)
    publish.publish(session, county, recall.id, second.id, world.now)
    tell_buyers(session, recall.id, _no_seal, world.now)
    _shops_look(world, recall, first)
    close.close(session, county, recall.id, "这一段序列号没有卖到本县", first.id, world.now)
    declare.declare(session, county, heard.id, _about(heard, Scope(ScopeKind.model)), first.id, world.now)


def _products(world: World) -> tuple[Product, Product]:
    """Two models that the county's shops sell, the lightest first."""
    found = (
        select(Product)
        .join(Listing, Listing.product_id == Product.id)
        .join(Shop, Shop.id == Listing.shop_id)
        .where(Shop.county_code == world.plan.code, Listing.state == ListingState.active)
        .order_by(Product.net_weight_grams, Product.model)
        .limit(2)
    )
    over, heard = world.session.scalars(found).unique().all()
    return over, heard


def _about(product: Product, scope: Scope) -> declare.Declaration:
    return declare.Declaration(
        scope=scope,
        maker=f"{product.brand}公司",
        hazard="电源适配器过热，可能漏电",
        advice="请马上拔掉插头，不要再用",
        remedies=tuple(Remedy),
        source="县市场监管局转来的缺陷通报",
    )


def _shops_look(world: World, recall: Recall, operator: Account) -> None:
    for listing in world.session.scalars(select(Listing).where(Listing.product_id == recall.product_id)):
        shelf.answer_shelf(world.session, listing.shop_id, recall.id, 0, operator.id, world.now)
        world.session.refresh(listing)
        set_state(world.session, listing.shop_id, listing.id, ListingState.active, world.now)


def _no_seal() -> Seal:
    raise AssertionError("nobody has bought anything yet")
