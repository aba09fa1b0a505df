"""Reads of sets: what a visitor of the county may buy together, and what a shop sees of its own."""

import uuid
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Integer, Select, and_, bindparam, or_, select
from sqlalchemy.orm import Session

from market.catalog.evidence import ZoneMembership
from market.catalog.models import Listing, ListingState, Product
from market.catalog.queries import WITH_LISTING, labels_of, with_listing
from market.inventory.queries import left_of
from market.kernel.together import Together, hang
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


def _read(which: Select[SceneSet]) -> Together:
    """The sets of `which` with their lines, listings and labels, what is left, and what is in the zone."""
    newest = which.order_by(SceneSet.id.desc()).limit(bindparam("most", type_=Integer))
    ids = select(newest.with_only_columns(SceneSet.id).subquery().c.id)
    products = select(Listing.product_id).join(SceneLine, SceneLine.listing_id == Listing.id)
    of_lines = products.where(SceneLine.set_id.in_(ids))
    listings = select(SceneLine.listing_id).where(SceneLine.set_id.in_(ids))
    return Together(
        select(SceneSet, Shop)
        .outerjoin(Shop, Shop.id == SceneSet.shop_id)
        .where(SceneSet.id.in_(ids))
        .order_by(SceneSet.id.desc()),
        with_listing(select(SceneLine, *WITH_LISTING).join(Listing, Listing.id == SceneLine.listing_id))
        .where(SceneLine.set_id.in_(ids))
        .order_by(SceneLine.position),
        labels_of(of_lines),
        left_of(listings),
        select(ZoneMembership.product_id).where(
            ZoneMembership.product_id.in_(of_lines), ZoneMembership.until.is_(None)
        ),
    )


_IN_COUNTY = (
    select(SceneSet)
    .outerjoin(SceneSet.shop)
    .where(
        or_(
            and_(Shop.county_code == bindparam("county_code"), Shop.state == ShopState.open),
            SceneSet.county_code == bindparam("county_code"),
        ),
        SceneSet.state == SetState.shown,
        SceneSet.id < bindparam("after"),
        SceneSet.scene.in_(bindparam("scenes", expanding=True)),
    )
)
_SHOWN = _read(_IN_COUNTY)
_OF_COUNTY = _read(select(SceneSet).where(SceneSet.county_code == bindparam("county_code")))
_OF_SHOP = _read(select(SceneSet).where(SceneSet.shop_id == bindparam("shop_id")))
_ONE = _read(select(SceneSet).where(SceneSet.id == bindparam("set_id"), SceneSet.state == SetState.shown))
_MOST, _LAST_ID = 10_000, uuid.UUID(int=2**128 - 1)


def sets_in_county(
    session: Session,
    county_code: str,
    scene: Scene | None = None,
    after: uuid.UUID | None = None,
    limit: int = PAGE,
) -> list[Offered]:
    """The sets that the county and its open shops show, the newest first, behind the set `after`."""
    scenes = [scene] if scene else list(Scene)
    values = {"county_code": county_code, "scenes": scenes, "after": after or _LAST_ID}
    return _offered(session, _SHOWN, most=limit, **values)


def sets_of_county(session: Session, county_code: str) -> list[Offered]:
    """All the county's own sets, the newest first."""
    return _offered(session, _OF_COUNTY, county_code=county_code)


def sets_of_shop(session: Session, shop_id: uuid.UUID) -> list[Offered]:
    """All the shop's sets, the newest first."""
    return _offered(session, _OF_SHOP, shop_id=shop_id)


def offered_set(session: Session, set_id: uuid.UUID) -> Offered | None:
    """One set that is shown, whole or not."""
    return next(iter(_offered(session, _ONE, set_id=set_id)), None)


def set_of_shop(session: Session, shop_id: uuid.UUID, set_id: uuid.UUID) -> SceneSet | None:
    """One set of the shop's own, in any state."""
    return session.scalar(select(SceneSet).where(SceneSet.id == set_id, SceneSet.shop_id == shop_id))


def shown_sets(set_ids: Select[uuid.UUID]) -> Select[*tuple[Any, ...]]:
    """Those of the sets that are shown, line by line, for `kernel.together`: see `terms_of`."""
    return (
        select(SceneSet.id, SceneSet.promotion_fen, SceneLine.listing_id, SceneLine.pieces)
        .join(SceneLine, SceneLine.set_id == SceneSet.id)
        .where(SceneSet.id.in_(set_ids), SceneSet.state == SetState.shown)
        .order_by(SceneLine.position)
    )


def terms_of(rows: Iterable[tuple[Any, ...]], set_ids: Sequence[uuid.UUID]) -> list[Terms]:
    """The terms of the sets that `shown_sets` found, in the order of `set_ids`."""
    found: dict[uuid.UUID, tuple[int, dict[uuid.UUID, int]]] = {}
    for set_id, promotion_fen, listing_id, pieces in rows:
        found.setdefault(set_id, (promotion_fen, {}))[1][listing_id] = pieces
    return [Terms(*found[set_id]) for set_id in set_ids if set_id in found]


def _offered(session: Session, which: Together, most: int = _MOST, **values: Any) -> list[Offered]:
    sets, lines, labels, left, stays = which.read(session, most=most, **values)
    hang(SceneSet.lines, [row[0] for row in sets], [row[0] for row in lines])
    hang(Product.labels, {row[3] for row in lines}, labels)
    pieces = dict(left)
    fallen = {row[3].id for row in lines} - set(stays)
    return [
        Offered(it, list(_parts(it.lines, pieces, fallen if it.county_code else set()))) for it, _shop in sets
    ]


def _parts(
    lines: Iterable[SceneLine], left: Mapping[uuid.UUID, int], fallen: set[uuid.UUID]
) -> Iterator[Part]:
    for line in lines:
        missing = None
        if line.listing.state is ListingState.recalled:
            missing = Missing.recalled
        elif not line.listing.is_for_sale or line.listing.product_id in fallen:
            missing = Missing.gone
        elif left.get(line.listing_id, 0) < line.pieces:
            missing = Missing.short
        yield Part(line.listing, line.pieces, missing)
