"""What sets must always keep: lines of their own shop only, and so many of them."""

from collections.abc import Iterator

from sqlalchemy import case, func, select
from sqlalchemy.orm import Session

from market.catalog.models import Listing
from market.scenes.models import SceneLine, SceneSet
from market.scenes.rules import LEAST_LINES, MOST_LINES


def breaks(session: Session) -> Iterator[str]:
    """Sentences, one for each set that is not what a set is."""
    strangers = func.count(case((Listing.shop_id != SceneSet.shop_id, 1)))
    rows = session.execute(
        select(SceneSet.id, func.count(SceneLine.listing_id), strangers)
        .outerjoin(SceneLine, SceneLine.set_id == SceneSet.id)
        .outerjoin(Listing, Listing.id == SceneLine.listing_id)
        .group_by(SceneSet.id)
        .order_by(SceneSet.id)
    )
    for set_id, lines, foreign in rows:
        if not LEAST_LINES <= lines <= MOST_LINES:
            yield f"scene set {set_id} has {lines} lines"
        if foreign:
            yield f"scene set {set_id} has {foreign} lines of other shops"
