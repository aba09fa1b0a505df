"""An operator puts a set together over the county's shops, from what is in the green zone."""

import uuid
from datetime import datetime

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from market.catalog.evidence import ZoneMembership
from market.catalog.models import Listing, ListingState
from market.kernel.errors import NotFound, Refused
from market.kernel.ids import new_id
from market.scenes.edit_set import SetDraft, fill, turn
from market.scenes.models import SceneSet, SetState
from market.shops.models import Shop, ShopState


def make_county_set(session: Session, county_code: str, draft: SetDraft, now: datetime) -> SceneSet:
    """A new set of the county's, shown at once; every part costs what its own shop asks.

    Raises Refused: ``scene.lines``, ``scene.pieces``, ``scene.not_zone`` (field lines), ``scene.promotion``
    (field promotion), ``scene.name_taken`` (field name).
    """
    if draft.promotion_fen:
        raise Refused("scene.promotion", field="promotion", most_fen=0)
    made = SceneSet(id=new_id(), county_code=county_code, created_at=now)
    fill(session, made, draft, _prices(session, county_code, draft), now)
    session.add(made)
    session.flush()
    return made


def show_county_set(
    session: Session, county_code: str, set_id: uuid.UUID, to: SetState, now: datetime
) -> SceneSet:
    """Hide it, or show it again. Raises NotFound where it is another county's or a shop's."""
    found = session.scalar(
        select(SceneSet).where(SceneSet.id == set_id, SceneSet.county_code == county_code).with_for_update()
    )
    if found is None:
        raise NotFound
    turn(session, found, to, now)
    return found


def zone_listings(session: Session, county_code: str, limit: int = 500) -> list[Listing]:
    """What may go into a county set: the open shops' active listings in the zone, by model and price."""
    found = _in_zone(county_code).order_by(Listing.product_id, Listing.price_fen, Listing.id).limit(limit)
    return list(session.scalars(found))


def _prices(session: Session, county_code: str, draft: SetDraft) -> dict[uuid.UUID, int]:
    found = session.scalars(_in_zone(county_code).where(Listing.id.in_(list(draft.pieces))))
    return {listing.id: listing.price_fen for listing in found}


def _in_zone(county_code: str) -> Select[Listing]:
    return (
        select(Listing)
        .join(Shop, Shop.id == Listing.shop_id)
        .where(Shop.county_code == county_code, Shop.state == ShopState.open)
        .where(Listing.state == ListingState.active)
        .where(
            Listing.product_id.in_(select(ZoneMembership.product_id).where(ZoneMembership.until.is_(None)))
        )
    )
