"""The demo's groups, fairs and county set are made once, of what its shops really sell."""

from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from market import audit
from market.catalog.models import Listing
from market.fairs.models import Fair, FairGoods, FairKind
from market.groups.models import GroupOrder
from market.groups.states import GroupState
from market.scenes.models import SceneSet
from market.seed.fairs import plan_fairs
from market.seed.groups import open_groups
from market.seed.plans import PLANS
from market.seed.scenes import put_sets_together
from market.seed.world import World
from tests.builders.catalog import a_listing, a_verified_label
from tests.builders.places import a_region
from tests.builders.shops import a_shop


def test_groups_fairs_and_a_set_are_there_once(session: Session, now: datetime) -> None:
    world = World(session, PLANS["demo"][0], 1, 1, now, lambda *_: None)
    for code in ("610924103204", "610924103201", "610924100201"):
        a_region(session, code)
    for shop, category in (
        (a_shop(session, now), "washer"),
        (a_shop(session, now, name="山泉家电"), "fridge"),
    ):
        a_listing(session, shop, now, category=category)
    a_verified_label(session, a_listing(session, a_shop(session, now, name="临河家电"), now), now)
    washers = select(Listing).where(Listing.product.has(category_code="washer")).order_by(Listing.id).limit(1)
    a_verified_label(session, session.scalars(washers).one(), now)
    for _ in range(2):
        put_sets_together(world)
        open_groups(world)
        plan_fairs(world)
    states = session.scalars(select(GroupOrder.state).order_by(GroupOrder.id)).all()
    assert states == [GroupState.missed, GroupState.open, GroupState.canceled]
    fairs = session.scalars(select(Fair).order_by(Fair.ends_at)).all()
    assert [(fair.kind, len(fair.stops)) for fair in fairs] == [(FairKind.van, 3), (FairKind.fair, 1)]
    assert session.scalar(select(func.count()).select_from(FairGoods)) == 4
    county_sets = session.scalars(select(SceneSet).where(SceneSet.county_code == "610924")).all()
    assert [len(found.lines) for found in county_sets] == [2]
    assert audit.run(session, now) == []
