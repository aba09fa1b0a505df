"""Reviews as everybody may read them: with edit, answer, photos and tombstone, in an order that is named."""

import uuid
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from fractions import Fraction
from functools import cache
from typing import Any

from sqlalchemy import ColumnElement, Integer, Select, and_, bindparam, func, select
from sqlalchemy.dialects.postgresql import aggregate_order_by, distinct_on
from sqlalchemy.orm import Session

from market.credit.history import FULL_WEIGHT, REVIEW, Happened
from market.credit.models import Review
from market.credit.review_models import (
    LIVE,
    MaskState,
    ReviewAnswer,
    ReviewEdit,
    ReviewMask,
    ReviewPhoto,
    ReviewVote,
    ReviewWeighing,
)
from market.credit.rules import FEW, review_figures
from market.credit.statistics import wilson_lower
from market.kernel.errors import NotFound
from market.shops.models import Shop

PAGE = 20
LATEST_WEIGHING = (
    select(ReviewWeighing.id)
    .where(ReviewWeighing.review_id == Review.id)
    .order_by(ReviewWeighing.weighed_at.desc(), ReviewWeighing.id.desc())
    .limit(1)
    .correlate(Review)
    .scalar_subquery()
)
# How many found it helpful, and how many said so or not.
_VOTES = tuple(
    select(count).where(ReviewVote.review_id == Review.id).correlate(Review).scalar_subquery()
    for count in (func.count().filter(ReviewVote.is_helpful), func.count(ReviewVote.account_id))
)


class Order(StrEnum):
    """The orders in which reviews are shown; there is no other."""

    newest = "newest"
    helpful = "helpful"
    lowest = "lowest"


@dataclass(frozen=True, slots=True)
class Shown:
    """A review with all that was added to it."""

    review: Review
    edit: ReviewEdit | None
    answer: ReviewAnswer | None
    photo_ids: Sequence[uuid.UUID]
    mask: ReviewMask | None
    weighing: ReviewWeighing | None
    helpful: int
    votes: int

    @property
    def stars(self) -> int:
        """As they stand now; a mask covers words, never stars."""
        return self.edit.stars if self.edit else self.review.stars

    @property
    def is_masked(self) -> bool:
        return self.mask is not None and self.mask.state is MaskState.masked

    @property
    def text(self) -> str:
        """The words as they stand now; empty where they are covered."""
        if self.is_masked:
            return ""
        return self.edit.text if self.edit else self.review.text

    @property
    def first_text(self) -> str | None:
        """What she wrote first, where she changed it and it is not covered."""
        return self.review.text if self.edit and not self.is_masked else None

    @property
    def photos(self) -> Sequence[uuid.UUID]:
        """Those that may be seen."""
        return () if self.is_masked else self.photo_ids

    @property
    def weight_milli(self) -> int:
        """What it counts in the averages, in thousandths."""
        return self.weighing.weight_milli if self.weighing else FULL_WEIGHT

    @property
    def signals(self) -> list[dict[str, Any]]:
        """Why it counts less."""
        return list(self.weighing.signals) if self.weighing else []


@dataclass(frozen=True, slots=True)
class Figures:
    """A shop's or listing's reviews in figures. `counts` are pieces by stars, five first."""

    counts: dict[int, int]
    mean_milli: int
    n_effective_centi: int

    @property
    def count(self) -> int:
        return sum(self.counts.values())

    @property
    def few(self) -> bool:
        """Whether to say 评价较少."""
        return self.n_effective_centi < FEW * 100


def of_shop(shop_id: uuid.UUID) -> ColumnElement[bool]:
    """The reviews of a shop."""
    return Review.shop_id == shop_id


def of_listing(listing_id: uuid.UUID) -> ColumnElement[bool]:
    """The reviews of a listing."""
    return Review.listing_id == listing_id


def of_county(county_code: str) -> ColumnElement[bool]:
    """The reviews about a county's shops."""
    return Review.shop_id.in_(select(Shop.id).where(Shop.county_code == county_code))


def listed(
    session: Session, which: ColumnElement[bool], order: Order, page: int = 1, size: int = PAGE
) -> list[Shown]:
    """One page (from 1) of the reviews, and one more review where another page follows."""
    return shown(session, _ids_on(_outlines(session, which), order, page, size))


def figures(session: Session, which: ColumnElement[bool], now: datetime) -> Figures:
    """Counts by stars, and the decayed Bayesian mean of what each review counts."""
    return _figures(_outlines(session, which), now)


def outlines_of(which: ColumnElement[bool]) -> Select[*tuple[Any, ...]]:
    """What sorts and counts the reviews, the newest first, for `kernel.together`: see `page_of`."""
    return (
        select(
            Review.id,
            Review.created_at,
            func.coalesce(ReviewEdit.stars, Review.stars).label("stars_now"),
            ReviewWeighing.weight_milli,
            *(votes.label(f"votes_{n}") for n, votes in enumerate(_VOTES)),
        )
        .select_from(Review)
        .outerjoin(ReviewEdit, ReviewEdit.review_id == Review.id)
        .outerjoin(ReviewWeighing, ReviewWeighing.id == LATEST_WEIGHING)
        .where(which)
        .order_by(Review.created_at.desc(), Review.id.desc())
    )


def page_of(
    session: Session,
    rows: Iterable[Sequence[Any]],
    order: Order,
    now: datetime,
    page: int = 1,
    size: int = PAGE,
) -> tuple[list[Shown], Figures]:
    """Of the reviews that `outlines_of` found one page, as `listed`, and the figures of all."""
    outlines = [_Outline(*row) for row in rows]
    return shown(session, _ids_on(outlines, order, page, size)), _figures(outlines, now)


def newest_of_listing(
    session: Session, listing_id: uuid.UUID, now: datetime, size: int
) -> tuple[list[Shown], Figures]:
    """A listing's newest `size` reviews and the figures of them all, in one statement."""
    rows = session.execute(_newest_of_listing(), {"listing_id": listing_id, "size": size}).all()
    outlines = [
        _Outline(uuid.UUID(id_), datetime.fromisoformat(at), stars, weight, 0, 0)
        for id_, at, stars, weight in (rows[0][-1] if rows else ())
    ]
    return [_as_shown(*row[:-1]) for row in rows], _figures(outlines, now)


@cache
def _newest_of_listing() -> Select[Any]:
    which = Review.listing_id == bindparam("listing_id")
    stars = func.coalesce(ReviewEdit.stars, Review.stars)
    outline = func.jsonb_build_array(Review.id, Review.created_at, stars, ReviewWeighing.weight_milli)
    every = (
        select(func.jsonb_agg(outline))
        .select_from(Review)
        .outerjoin(ReviewEdit, ReviewEdit.review_id == Review.id)
        .outerjoin(ReviewWeighing, ReviewWeighing.id == LATEST_WEIGHING)
        .where(which)
        .correlate(None)
        .scalar_subquery()
    )
    newest = _shown().add_columns(every).where(which)
    return newest.order_by(Review.created_at.desc(), Review.id.desc()).limit(bindparam("size", type_=Integer))


def one(session: Session, review_id: uuid.UUID) -> Shown:
    """A review. Raises NotFound."""
    found = shown(session, [review_id])
    if not found:
        raise NotFound
    return found[0]


def of_reference(session: Session, reference: str) -> Shown | None:
    """The review of an order line; None where she wrote none."""
    row = session.execute(_shown().where(Review.reference == reference)).one_or_none()
    return _as_shown(*row) if row else None


def photo(session: Session, photo_id: uuid.UUID, *, masked_too: bool = False) -> bytes | None:
    """A review's photo as JPEG; None where there is none, or where it is covered."""
    found = session.get(ReviewPhoto, photo_id)
    if found is None or (not masked_too and one(session, found.review_id).is_masked):
        return None
    return found.jpeg


def shown(session: Session, review_ids: Sequence[uuid.UUID]) -> list[Shown]:
    """These reviews in this order, with what was added to them, in one statement."""
    if not review_ids:
        return []
    rows = session.execute(_shown().where(Review.id.in_(review_ids)))
    found = {row[0].id: _as_shown(*row) for row in rows}
    return [found[it] for it in review_ids if it in found]


def _shown() -> Select[Any]:
    """A row for each review, as `_as_shown` takes it."""
    photos = (
        select(func.array_agg(aggregate_order_by(ReviewPhoto.id, ReviewPhoto.position)))
        .where(ReviewPhoto.review_id == Review.id)
        .correlate(Review)
        .scalar_subquery()
    )
    live = and_(ReviewMask.review_id == Review.id, ReviewMask.state.in_(LIVE))
    return (
        select(Review, ReviewEdit, ReviewAnswer, photos, ReviewMask, ReviewWeighing, *_VOTES)
        .outerjoin(ReviewEdit, ReviewEdit.review_id == Review.id)
        .outerjoin(ReviewAnswer, ReviewAnswer.review_id == Review.id)
        .outerjoin(ReviewMask, live)
        .outerjoin(ReviewWeighing, ReviewWeighing.id == LATEST_WEIGHING)
    )


def _as_shown(
    review: Review, edit: ReviewEdit | None, answer: ReviewAnswer | None, photo_ids: Any, *rest: Any
) -> Shown:
    return Shown(review, edit, answer, photo_ids or (), *rest)


def weighings(session: Session, review_ids: Iterable[uuid.UUID]) -> dict[uuid.UUID, ReviewWeighing]:
    """The weighing in force of each review that has one."""
    found = session.scalars(
        select(ReviewWeighing)
        .where(ReviewWeighing.review_id.in_(list(review_ids)))
        .order_by(ReviewWeighing.weighed_at, ReviewWeighing.id)
    )
    return {it.review_id: it for it in found}


def weighed_down(session: Session, which: ColumnElement[bool], limit: int = 100) -> list[Shown]:
    """Reviews that count less than in full, the latest first."""
    latest = (
        select(ReviewWeighing.review_id, ReviewWeighing.weight_milli, ReviewWeighing.weighed_at)
        .ext(distinct_on(ReviewWeighing.review_id))
        .order_by(ReviewWeighing.review_id, ReviewWeighing.weighed_at.desc(), ReviewWeighing.id.desc())
        .subquery()
    )
    ids = session.scalars(
        select(Review.id)
        .join(latest, latest.c.review_id == Review.id)
        .where(which, latest.c.weight_milli < FULL_WEIGHT)
        .order_by(latest.c.weighed_at.desc(), Review.id)
        .limit(limit)
    ).all()
    return shown(session, ids)


def with_mask(session: Session, which: ColumnElement[bool]) -> list[Shown]:
    """Reviews whose words are covered or about to be, those that wait for a decision first."""
    ids = session.scalars(
        select(Review.id)
        .join(ReviewMask, ReviewMask.review_id == Review.id)
        .where(which, ReviewMask.state.in_(LIVE))
        .order_by(ReviewMask.state != MaskState.proposed, ReviewMask.proposed_at.desc(), Review.id)
    ).all()
    return shown(session, ids)


@dataclass(frozen=True, slots=True)
class _Outline:
    """What sorting and averages need of a review."""

    id: uuid.UUID
    created_at: datetime
    stars: int
    weight_milli: int | None
    helpful: int
    votes: int


def _outlines(session: Session, which: ColumnElement[bool]) -> list[_Outline]:
    """The newest first."""
    rows = session.execute(outlines_of(which))
    return [_Outline(*row) for row in rows]


def _ids_on(outlines: Sequence[_Outline], order: Order, page: int, size: int) -> list[uuid.UUID]:
    keys: dict[Order, Callable[[_Outline], Any]] = {
        Order.newest: lambda it: (),
        Order.helpful: lambda it: -_helpful(it.helpful, it.votes),
        Order.lowest: lambda it: it.stars,
    }
    # Sorting is stable: of equals the newest comes first.
    ordered = sorted(outlines, key=keys[order])
    return [it.id for it in ordered[(page - 1) * size : page * size + 1]]


def _figures(outlines: Sequence[_Outline], now: datetime) -> Figures:
    events = [Happened(REVIEW, it.created_at, it.stars, it.weight_milli) for it in outlines]
    mean_milli, n_effective_centi = review_figures(events, now)
    counts = Counter(it.stars for it in outlines)
    return Figures({stars: counts[stars] for stars in (5, 4, 3, 2, 1)}, mean_milli, n_effective_centi)


def _helpful(helpful: int, votes: int) -> Fraction:
    lower = wilson_lower(Fraction(helpful, votes), votes) if votes else None
    return lower or Fraction(0)
