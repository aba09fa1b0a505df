"""Reads of sets: what a visitor of the county may buy together, and what a shop sees of its own."""

import uuid
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import Select, and_, or_, select
from sqlalchemy.orm import Session, joinedload, selectinload

from market.catalog.evidence import ZoneMembership
from market.catalog.models import Listing, ListingState, Product
from market.inventory.queries import left
from market.scenes.models import SceneLine, SceneSet, SetState
from market.scenes.rules import Missing, Scene, Terms
from market.shops.models import Shop, ShopState

PAGE = 24


@dataclass(frozen=True, slots=True)
class Part:
    """A line of a set, and why it cannot be bought now (None: it can)."""

    listing: Listing
    pieces: int
    missing: Missing | None


@dataclass(frozen=True, slots=True)
class Offered:
    """A set with its parts as they stand."""

    scene_set: SceneSet
    parts: list[Part]

    @property
    def is_whole(self) -> bool:
        """Whether it can be bought."""
        return self.scene_set.state is SetState.shown and not any(part.missing for part in self.parts)


def sets_in_county(
    session: Session,
    county_code: str,
    scene: Scene | None = None,
    after: uuid.UUID | None = None,
    limit: int = PAGE,
) -> list[Offered]:
    """The sets that the county and its open shops show, the newest first, behind the set `after`."""
    of_shops = and_(Shop.county_code == county_code, Shop.state == ShopState.open)
    found = (
        select(SceneSet)
        .outerjoin(SceneSet.shop)
        .where(or_(of_shops, SceneSet.county_code == county_code), SceneSet.state == SetState.shown)
        .limit(limit)
    )
    if scene:
        found = found.where(SceneSet.scene == scene)
    return _offered(session, found.where(SceneSet.id < after) if after else found)


def sets_of_county(session: Session, county_code: str) -> list[Offered]:
    """All the county's own sets, the newest first."""
    return _offered(session, select(SceneSet).where(SceneSet.county_code == county_code))


def sets_of_shop(session: Session, shop_id: uuid.UUID) -> list[Offered]:
    """All the shop's sets, the newest first."""
    return _offered(session, select(SceneSet).where(SceneSet.shop_id == shop_id))


def offered_set(session: Session, set_id: uuid.UUID) -> Offered | None:
    """One set that is shown, whole or not."""
    found = select(SceneSet).where(SceneSet.id == set_id, SceneSet.state == SetState.shown)
    return next(iter(_offered(session, found)), None)


def set_of_shop(session: Session, shop_id: uuid.UUID, set_id: uuid.UUID) -> SceneSet | None:
    """One set of the shop's own, in any state."""
    return session.scalar(select(SceneSet).where(SceneSet.id == set_id, SceneSet.shop_id == shop_id))


def terms_of(session: Session, set_ids: Sequence[uuid.UUID]) -> list[Terms]:
    """The terms of those of the sets that are shown, in the order of `set_ids`."""
    rows = session.scalars(select(SceneSet).where(SceneSet.id.in_(set_ids), SceneSet.state == SetState.shown))
    found = {row.id: row.terms for row in rows}
    return [found[set_id] for set_id in set_ids if set_id in found]


def _offered(session: Session, found: Select[SceneSet]) -> list[Offered]:
    listing = selectinload(SceneSet.lines).joinedload(SceneLine.listing)
    product = listing.joinedload(Listing.product)
    sets = session.scalars(
        found.options(
            joinedload(SceneSet.shop),
            listing.joinedload(Listing.shop),
            product.joinedload(Product.category),
            product.selectinload(Product.labels),
        ).order_by(SceneSet.id.desc())
    ).all()
    pieces = left(session, {line.listing_id for it in sets for line in it.lines})
    fallen = _out_of_zone(session, [it for it in sets if it.county_code])
    return [Offered(it, list(_parts(it.lines, pieces, fallen if it.county_code else set()))) for it in sets]


def _out_of_zone(session: Session, sets: Sequence[SceneSet]) -> set[uuid.UUID]:
    """The products of county sets that have left the green zone since."""
    products = {line.listing.product_id for it in sets for line in it.lines}
    if not products:
        return set()
    stays = select(ZoneMembership.product_id).where(
        ZoneMembership.product_id.in_(products), ZoneMembership.until.is_(None)
    )
    return products - set(session.scalars(stays))


def _parts(
    lines: Iterable[SceneLine], left_of: Mapping[uuid.UUID, int], fallen: set[uuid.UUID]
) -> Iterator[Part]:
    for line in lines:
        missing = None
        if line.listing.state is ListingState.recalled:
            missing = Missing.recalled
        elif not line.listing.is_for_sale or line.listing.product_id in fallen:
            missing = Missing.gone
        elif left_of.get(line.listing_id, 0) < line.pieces:
            missing = Missing.short
        yield Part(line.listing, line.pieces, missing)
