"""What sets must always keep: lines of their own shop only, and so many of them."""

from collections.abc import Iterator

from sqlalchemy import and_, case, func, or_, select
from sqlalchemy.orm import Session

from market.catalog.models import Listing
from market.scenes.models import SceneLine, SceneSet
from market.scenes.rules import LEAST_LINES, MOST_LINES
from market.shops.models import Shop


def breaks(session: Session) -> Iterator[str]:
    """Sentences, one for each set that is not what a set is."""
    foreign_county = and_(SceneSet.shop_id.is_(None), Shop.county_code != SceneSet.county_code)
    strangers = func.count(case((or_(Listing.shop_id != SceneSet.shop_id, foreign_county), 1)))
    rows = session.execute(
        select(SceneSet.id, func.count(SceneLine.listing_id), strangers)
        .outerjoin(SceneLine, SceneLine.set_id == SceneSet.id)
        .outerjoin(Listing, Listing.id == SceneLine.listing_id)
        .outerjoin(Shop, Shop.id == Listing.shop_id)
        .group_by(SceneSet.id)
        .order_by(SceneSet.id)
    )
    for set_id, lines, foreign in rows:
        if not LEAST_LINES <= lines <= MOST_LINES:
            yield f"scene set {set_id} has {lines} lines"
        if foreign:
            yield f"scene set {set_id} has {foreign} lines of other shops"
